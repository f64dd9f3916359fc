"""Reading tasks back: DescribeTaskDetail and DescribeTasks."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Literal

from openvod.actions import Call, action
from openvod.core import jsontext
from openvod.core.answers import json_text
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import iso, milliseconds
from openvod.render.tasks import process_media_by_mps
from openvod.store.tasks import TaskRecord

DEFAULT_LIMIT = 10
LATEST = 2**62
"""Milliseconds; later than any time that a token of ours holds, and fit for any database."""
SORT_FIELDS: Mapping[str, Literal["created", "finished"]] = {
    "CreateTime": "created",
    "FinishTime": "finished",
}


@action("DescribeTaskDetail")
def describe_task_detail(call: Call) -> Json:
    """One task in full; see `Call.task` for how it is found."""
    task = call.task()
    return {
        "TaskType": task.kind,
        "Status": task.status,
        "CreateTime": iso(task.created),
        "BeginProcessTime": iso(task.began),
        "FinishTime": iso(task.finished),
        "ProcessMediaByMPSTask": process_media_by_mps(call.renderer(), task),
    }


@action("DescribeTasks")
def describe_tasks(call: Call) -> Json:
    """Tasks of one application, newest first, a page at a time.

    The scroll token holds where the page ended and a hash of the filter, so that a page is stable while tasks are
    added, and a token is refused with another filter.
    """
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
    except ValueError as error:
        raise ApiError("InvalidParameterValue/scroll-token") from error
    if made_for != _filter_hash(params):
        raise ApiError("InvalidParameterValue/scroll-filter")
    return value, task_id


def _decoded(token: str) -> tuple[int | None, str, str]:
    """What `_scroll_token` put in. A token is not secret, so anything may stand there; raises ValueError."""
    match jsontext.parse(base64.urlsafe_b64decode(token).decode()):
        case [None | int() as value, str() as task_id, str() as made_for] if (
            (value is None or 0 <= value <= LATEST) and task_id.isascii() and task_id.isprintable()
        ):
            return value, task_id, made_for
    raise ValueError("not a scroll token")
