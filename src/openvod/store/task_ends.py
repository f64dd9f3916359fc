"""How does a task end, apart from its parts? With an event, and with its hold on a deleted file let go."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from openvod.core.models import Json, TaskStatus
from openvod.store import task_sql as sql
from openvod.store.event_rows import NOTIFICATION
from openvod.store.library import release_in

UNFINISHED = ("WAITING", "PROCESSING")
EVENTS = {"PullUpload": "PullComplete"}
"""The events of tasks' ends that are not called after their action."""


class Aborted(NamedTuple):
    """What came of `abort_in`."""

    was: TaskStatus | None
    """The status that the task had; None for an unknown task."""
    unowned: str | None = None
    """The object that nobody needs any more, to be deleted after the commit."""


def ended_in(connection: Connection, task_id: str, task: Row[*tuple[Any, ...]]) -> str | None:
    """Write the event of a task's end; the key of the object that nobody needs any more, if there is one.

    An aborted task has one, too: who waits for events must not wait for ever. `task` has `sub_app_id`,
    `file_id`, `kind` and `notify`.
    """
    if task.notify != "Nobody":
        kind = EVENTS.get(task.kind, f"{task.kind}Complete") if task.notify == "Event" else NOTIFICATION
        _tell_in(connection, task_id, task, kind)
    return release_in(connection, task.file_id)


def part_ended_in(connection: Connection, task_id: str, task: Row[*tuple[Any, ...]]) -> None:
    """Write the notification of a part's end, if the request wants to hear of it; `task` as in `ended_in`."""
    if task.notify == "Change":
        _tell_in(connection, task_id, task, NOTIFICATION)


def _tell_in(connection: Connection, task_id: str, task: Row[*tuple[Any, ...]], kind: str) -> None:
    row = {"sub_app_id": task.sub_app_id, "type": kind, "task_id": task_id}
    connection.execute(sql.ADD_EVENT, {**row, "file_id": task.file_id or None})


def abort_in(
    connection: Connection, task_id: str, message: Json, allowed: Collection[str] = UNFINISHED
) -> Aborted:
    """`Tasks.abort` as a part of the caller's transaction; only in an `allowed` status."""
    task = connection.execute(sql.STANDS, {"task_id": task_id}).one_or_none()
    if task is None or task.status not in allowed:
        return Aborted(None if task is None else task.status)
    why = {name: message[name] for name in ("code", "en", "zh")}
    connection.execute(sql.ABORT, {"of_task": task_id, "why": {**why, "code": ""}})
    connection.execute(sql.ABORT_PARTS, {"of_task": task_id, "number": message["number"], "why": why})
    return Aborted(task.status, ended_in(connection, task_id, task))
