"""Reading tasks back: DescribeTaskDetail and DescribeTasks."""

from collections.abc import Callable, Mapping
from typing import Literal

from openvod.actions import Call, action
from openvod.core import scroll_tokens
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import iso, milliseconds
from openvod.render import Renderer
from openvod.render.tasks import process_media_by_mps, pull_upload
from openvod.store.tasks import TaskLine, TaskRecord

DEFAULT_LIMIT = 10
SORT_FIELDS: Mapping[str, Literal["created", "finished"]] = {
    "CreateTime": "created",
    "FinishTime": "finished",
}

_DETAILS: Mapping[str, tuple[str, Callable[[Renderer, TaskRecord], Json]]] = {
    "ProcessMediaByMPS": ("ProcessMediaByMPSTask", process_media_by_mps),
    "PullUpload": ("PullUploadTask", pull_upload),
}
"""The field of DescribeTaskDetail that each kind of task fills, and with what."""


@action("DescribeTaskDetail", pace="quick")
def describe_task_detail(call: Call) -> Json:
    """One task in full; see `Call.task` for how it is found."""
    task = call.task()
    kind = _DETAILS.get(task.kind)
    detail = {} if kind is None else {kind[0]: kind[1](call.renderer(), task)}
    return {
        "TaskType": task.kind,
        "Status": task.status,
        "CreateTime": iso(task.created),
        "BeginProcessTime": iso(task.began),
        "FinishTime": iso(task.finished),
        **detail,
    }


@action("DescribeTasks", pace="quick", unless=("Status", "FinishTime", "Sort"))
def describe_tasks(call: Call) -> Json:
    """Tasks of one application, newest first, a page at a time."""
    sub_app = call.sub_app()
    field, descending = _order(call.params)
    limit = call.params.get("Limit", DEFAULT_LIMIT)
    rows = call.store.tasks.page(
        sub_app.id,
        status=call.params.get("Status"),
        file_id=call.params.get("FileId"),
        created=_since(_range(call.params, "CreateTime"), call.remembers_since()),
        finished=_range(call.params, "FinishTime"),
        field=field,
        descending=descending,
        limit=limit + 1,
        after=scroll_tokens.place(call.params),
    )
    page = rows[:limit]
    return {
        "TaskSet": [_row(task) for task in page],
        "ScrollToken": _token(call.params, page[-1], field) if len(rows) > limit else "",
    }


def _row(task: TaskLine) -> Json:
    return {
        "TaskId": task.id,
        "Status": task.status,
        "FileId": task.file_id if task.in_library else "",
        "TaskType": task.kind,
        "CreateTime": iso(task.created),
        "BeginProcessTime": iso(task.began),
        "FinishTime": iso(task.finished),
        "SessionId": task.session_id,
        "SessionContext": task.session_context,
    }


def _range(params: Json, field: str) -> tuple[int | None, int | None]:
    """From (inclusive) and until (exclusive); the spec has checked that they are times."""
    given = params.get(field, {})
    since, until = given.get("After"), given.get("Before")
    return since and milliseconds(since), until and milliseconds(until)


def _since(span: tuple[int | None, int | None], earliest: int) -> tuple[int | None, int | None]:
    return max(span[0] or 0, earliest) or None, span[1]


def _order(params: Json) -> tuple[Literal["created", "finished"], bool]:
    """By which time, and whether the latest comes first."""
    sort = params.get("Sort", {"Field": "CreateTime", "Order": "Desc"})
    if sort["Field"] not in SORT_FIELDS:
        raise ApiError("InvalidParameterValue/range", field="Sort.Field", expected=" / ".join(SORT_FIELDS))
    return SORT_FIELDS[sort["Field"]], sort["Order"] == "Desc"


def _token(params: Json, last: TaskLine, field: str) -> str:
    return scroll_tokens.token(params, last.finished if field == "finished" else last.created, last.id)
