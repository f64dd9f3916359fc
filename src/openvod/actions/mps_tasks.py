"""The MPS API's DescribeTaskDetail and DescribeTasks: the same tasks as the VOD API tells of, over all applications."""

from openvod.actions import Call, action
from openvod.core import scroll_tokens
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import milliseconds
from openvod.render import mps
from openvod.store.account_tasks import TaskLine, Wanted

DEFAULT_LIMIT = 10


@action("DescribeTaskDetail", service="mps")
def describe_task_detail(call: Call) -> Json:
    """One task in full, whichever API it came by; other kinds of task than processing media are unknown here."""
    task = call.task()
    if task.kind != mps.KIND:
        raise ApiError("InvalidParameterValue.TaskId", task_id=task.id)
    return {
        "TaskType": "WorkflowTask",
        "Status": mps.stage(task),
        "CreateTime": mps.moment(task.created),
        "BeginProcessTime": mps.moment(task.began),
        "FinishTime": mps.moment(task.finished),
        "WorkflowTask": mps.workflow_task(call.renderer(), task),
        "TaskNotifyConfig": mps.notify_config(task),
        "TasksPriority": task.priority,
        "SessionId": task.session_id,
        "SessionContext": task.session_context,
        "ExtInfo": task.ext_info,
    }


@action("DescribeTasks", service="mps")
def describe_tasks(call: Call) -> Json:
    """The account's tasks of one status, newest first, a page at a time; StartTime and EndTime are of their creation."""
    since, until = call.params.get("StartTime"), call.params.get("EndTime")
    wanted = Wanted(
        account_id=call.account_id,
        kind=mps.KIND,
        stage=call.params["Status"],
        failed=call.params.get("SubTaskHasFailed"),
        since=max(milliseconds(since) if since else 0, call.remembers_since()),
        until=milliseconds(until) if until else None,
    )
    limit = call.params.get("Limit", DEFAULT_LIMIT)
    after = scroll_tokens.place(call.params)
    place = None if after is None else (after[0] or 0, after[1])
    rows, total = call.store.account_tasks.page(wanted, limit + 1, place)
    page = rows[:limit]
    more = len(rows) > limit
    return {
        "TaskSet": [_row(line) for line in page],
        "ScrollToken": scroll_tokens.token(call.params, page[-1].created, page[-1].id) if more else "",
        "TotalCount": total,
    }


def _row(line: TaskLine) -> Json:
    """A TaskSimpleInfo; the vendor does not say how it calls its kinds of sub-task, so they are called as VOD does."""
    return {
        "TaskId": line.id,
        "TaskType": "WorkflowTask",
        "CreateTime": mps.moment(line.created),
        "BeginProcessTime": mps.moment(line.began),
        "FinishTime": mps.moment(line.finished),
        "SubTaskTypes": list(line.types),
    }
