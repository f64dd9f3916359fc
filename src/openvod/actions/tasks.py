"""Reading tasks back: DescribeTaskDetail and DescribeTasks."""

import base64
import binascii
import hashlib
import json
from typing import Any, Literal

from openvod.actions import Call, action
from openvod.core.answers import json_text, with_links
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import iso, milliseconds
from openvod.store.tasks import SubTaskRecord, TaskRecord

DEFAULT_LIMIT = 10


@action("DescribeTaskDetail")
def describe_task_detail(call: Call) -> Json:
    """One task in full.

    The application is found by the task, not by SubAppId: the parameter is optional, and its default would be the
    account's first application. A SubAppId that is given and wrong hides the task.
    """
    task = call.store.tasks.get(call.params["TaskId"])
    if task is None or not _visible(call, task):
        raise ApiError("InvalidParameterValue.TaskId", task_id=call.params["TaskId"])
    return {
        "TaskType": task.kind,
        "Status": task.status,
        "CreateTime": iso(task.created),
        "BeginProcessTime": iso(task.began),
        "FinishTime": iso(task.finished),
        "ProcessMediaByMPSTask": _process_media_by_mps(call, task),
    }


def _visible(call: Call, task: TaskRecord) -> bool:
    owner = call.store.accounts.sub_app(task.sub_app_id)
    if owner is None or owner.account_id != call.account_id:
        return False
    return bool(call.params.get("SubAppId", task.sub_app_id) == task.sub_app_id)


def _process_media_by_mps(call: Call, task: TaskRecord) -> Json:
    """The ProcessMediaByMPS structure; its Status knows no WAITING, so a waiting task reads PROCESSING here."""
    return {
        "TaskId": task.id,
        "Status": "FINISH" if task.status in {"FINISH", "ABORTED"} else "PROCESSING",
        "ErrCode": task.err_code,
        "Message": _message(task.message, call.language) or ("SUCCESS" if task.status == "FINISH" else ""),
        "SubTaskSet": [_sub_task(call, task, row) for row in task.sub_tasks],
    }


def _sub_task(call: Call, task: TaskRecord, row: SubTaskRecord) -> Json:
    def link(file_id: str) -> str:
        return call.link(call.store.library.get(file_id, task.sub_app_id))

    output = with_links(row.output, link)
    return {
        "TaskType": row.type,
        "Status": row.status,
        "ErrCode": row.err_code,
        "Message": _message(row.message, call.language) or ("SUCCESS" if row.status == "SUCCESS" else ""),
        "Input": json_text(row.input),
        "Output": {
            "OutputFiles": with_links(row.files, link),
            "OutputText": "" if output is None else json_text(output),
        },
    }


def _message(message: Json | None, language: str) -> str:
    """A stored fault as text: the text code first, because the structure has no field for it."""
    if not message:
        return ""
    text = message["zh" if language.lower().startswith("zh") else "en"]
    return f"{message['code']}: {text}" if message.get("code") else text


@action("DescribeTasks")
def describe_tasks(call: Call) -> Json:
    """Tasks of one application, newest first, a page at a time.

    The scroll token holds where the page ended and a hash of the filter, so that a page is stable while tasks are
    added, and a token is refused with another filter.
    """
    sub_app = call.sub_app()
    sort = call.params.get("Sort", {})
    field: Literal["created", "finished"] = "finished" if sort.get("Field") == "FinishTime" else "created"
    limit = call.params.get("Limit", DEFAULT_LIMIT)
    rows = call.store.tasks.page(
        sub_app.id,
        status=call.params.get("Status"),
        file_id=call.params.get("FileId"),
        created=_range(call.params, "CreateTime"),
        finished=_range(call.params, "FinishTime"),
        field=field,
        descending=sort.get("Order", "Desc") != "Asc",
        limit=limit + 1,
        after=_after(call.params),
    )
    page = rows[:limit]
    return {
        "TaskSet": [_row(task) for task in page],
        "ScrollToken": _scroll_token(call.params, page[-1], field) if len(rows) > limit else "",
    }


def _row(task: TaskRecord) -> Json:
    return {
        "TaskId": task.id,
        "Status": task.status,
        "FileId": task.file_id,
        "TaskType": task.kind,
        "CreateTime": iso(task.created),
        "BeginProcessTime": iso(task.began),
        "FinishTime": iso(task.finished),
        "SessionId": task.session_id,
        "SessionContext": task.session_context,
    }


def _range(params: Json, field: str) -> tuple[int | None, int | None]:
    given = params.get(field, {})
    ends = []
    for end in ("After", "Before"):
        try:
            ends.append(milliseconds(given[end]) if given.get(end) else None)
        except ValueError as error:
            raise ApiError(
                "InvalidParameterValue/range", field=f"{field}.{end}", expected="an ISO 8601 time"
            ) from error
    return ends[0], ends[1]


def _filter_hash(params: Json) -> str:
    filtered = {name: value for name, value in params.items() if name not in {"ScrollToken", "Limit"}}
    return hashlib.sha256(json.dumps(filtered, sort_keys=True).encode()).hexdigest()[:16]


def _scroll_token(params: Json, last: TaskRecord, field: str) -> str:
    value = last.finished if field == "finished" else last.created
    return base64.urlsafe_b64encode(json_text([value, last.id, _filter_hash(params)]).encode()).decode()


def _after(params: Json) -> tuple[int | None, str] | None:
    token = params.get("ScrollToken")
    if not token:
        return None
    try:
        value, task_id, made_for = _decoded(token)
    except (ValueError, binascii.Error, TypeError) as error:
        raise ApiError(
            "InvalidParameterValue", field="ScrollToken", reason="it was not given by this server"
        ) from error
    if made_for != _filter_hash(params):
        raise ApiError("InvalidParameterValue", field="ScrollToken", reason="it belongs to another filter")
    return value, task_id


def _decoded(token: str) -> tuple[int | None, str, str]:
    decoded: Any = json.loads(base64.urlsafe_b64decode(token))
    value, task_id, made_for = decoded
    if (
        not (value is None or isinstance(value, int))
        or not isinstance(task_id, str)
        or not isinstance(made_for, str)
    ):
        raise TypeError("not a scroll token")
    return value, task_id, made_for
