"""Where does each task stand? Task records: accepted once, claimed by one executor, finished in one
transaction.

WAITING -claim-> PROCESSING -finish-> FINISH, and from the first two -abort-> ABORTED; a take-over changes
the owner only. The rows are the queue: there is no second place where a task waits. Every change by an
executor checks in its transaction that the executor still owns the task.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Literal

from sqlalchemy import (
    Connection,
    exists,
)

from openvod.core.models import Json, TaskStatus
from openvod.core.pulls import PULL
from openvod.store import task_sql as sql
from openvod.store.blobs import Blobs
from openvod.store.db import Database, lock_in
from openvod.store.library import Library, MediaRow
from openvod.store.pulled import pulled_in
from openvod.store.quick_writes import changes_in
from openvod.store.tables import executors, tasks
from openvod.store.task_ends import UNFINISHED, abort_in, ended_in, part_ended_in
from openvod.store.task_records import (
    FileGone,
    Lane,
    NewTask,
    PartResult,
    SessionIdTaken,
    SubTaskRecord,
    TaskLine,
    TaskRecord,
)

__all__ = [
    "FileGone",
    "Lane",
    "NewTask",
    "PartResult",
    "SessionIdTaken",
    "SubTaskRecord",
    "TaskLine",
    "TaskRecord",
    "Tasks",
]

Span = tuple[int | None, int | None]
"""From (inclusive) and until (exclusive), in milliseconds since 1970; None is open."""


class Tasks:
    """The task records of all applications."""

    def __init__(self, db: Database, library: Library, blobs: Blobs) -> None:
        self._db = db
        self._library = library
        self._blobs = blobs

    def add(self, new: NewTask) -> None:
        """Store a task; it is durable on return. Raises SessionIdTaken, and FileGone for a file that is not
        there.
        """
        self.add_soon(new).result()

    def add_soon(self, new: NewTask) -> Future[None]:
        """The same without waiting for the disk; see `Database.write_soon`."""
        task, parts = _task_row(new), _part_rows(new)
        asked = {name: task[name] for name in ("sub_app_id", "file_id", "kind", "session_id")}

        def change(connection: Connection) -> None:
            changes = changes_in(connection)
            if new.session_id:
                lock_in(connection, f"session {new.sub_app_id} {new.kind} {new.session_id}")
                if changes.row(sql.SESSION, **asked) == (True,):
                    raise SessionIdTaken(new.session_id)
            if new.file_id and changes.row(sql.FILE_LIVES, **asked) is None:
                raise FileGone(new.file_id)
            changes.add(sql.ADD, [task])
            if parts:
                changes.add(sql.ADD_PARTS, parts)

        return self._db.write_soon(change)

    def get(self, task_id: str) -> TaskRecord | None:
        """A task with its parts, whose-ever it is: the caller checks the application."""
        with self._db.snapshot() as state:
            row = state.row(sql.GET, task_id=task_id)
            if row is None:
                return None
            parts = state.rows(sql.GET_PARTS, task_id=task_id)
        return TaskRecord._make((*row, tuple([SubTaskRecord(*part) for part in parts])))

    def page(  # noqa: PLR0913 - by keyword only; the API has that many filters
        self,
        sub_app_id: int,
        *,
        limit: int,
        status: TaskStatus | None = None,
        file_id: str | None = None,
        created: Span = (None, None),
        finished: Span = (None, None),
        field: Literal["created", "finished"] = "created",
        descending: bool = True,
        after: tuple[int | None, str] | None = None,
    ) -> list[TaskLine]:
        """Tasks of an application in the order of `field` and id.

        `after` is the (value of `field`, id) of the last row of the page before. A task that is not finished
        counts as later than all that are.
        """
        asked = {
            "status": status,
            "file_id": file_id,
            "created_since": created[0],
            "created_until": created[1],
            "finished_since": finished[0],
            "finished_until": finished[1],
        }
        given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
        statement = sql.page(frozenset(given), field, descending, after is not None)
        if after is not None:
            given |= {"last": sql.LAST if after[0] is None else after[0], "last_id": after[1]}
        rows = self._db.rows(statement, of_app=sub_app_id, most=limit, **given)
        return [TaskLine(*row) for row in rows]

    def claim(self, executor: str, limit: int, lane: Lane = "media") -> list[str]:
        """Make up to `limit` waiting tasks of a lane the executor's own: higher priority first, then older. Ids in
        that order.
        """
        wanted = {"executor": executor, "limit": limit, "of_lane": lane}
        rows = self._db.write(lambda connection: connection.execute(sql.CLAIM, wanted).all(), durable=False)
        return [row.id for row in sorted(rows, key=lambda row: (-row.priority, row.created, row.id))]

    def take_over(self, executor: str, dead: Sequence[str]) -> list[str]:
        """Make the running tasks of dead executors the executor's own, and forget the dead. Ids, oldest claim
        first.
        """
        gone = [one for one in dead if one != executor]

        def change(connection: Connection) -> list[Any]:
            rows = list(connection.execute(sql.TAKE_OVER, {"executor": executor, "dead": gone}))
            connection.execute(executors.delete().where(executors.c.id.in_(gone)))
            return rows

        rows = self._db.write(change, durable=False) if gone else []
        return [row.id for row in sorted(rows, key=lambda row: (row.began, row.id))]

    def owned(self, executor: str) -> list[str]:
        """Running tasks of the executor, oldest claim first."""
        with self._db.read() as connection:
            return list(connection.execute(sql.OWNED, {"executor": executor}).scalars())

    def source_of(self, task_id: str) -> MediaRow:
        """The file a task works on, even if it was deleted since. Raises KeyError for an unknown task."""
        return self._library.object_for_task(task_id)

    def progress(self, task_id: str, position: int, value: float, executor: str | None = None) -> None:
        """Note how far a part is, 0 to 1; ignored once it finished, or if `executor` is given and is not the
        owner.
        """
        change = sql.PROGRESS
        if executor is not None:
            change = change.where(exists().where(tasks.c.id == task_id, tasks.c.owner == executor))
        values = {"of_task": task_id, "at": position, "value": value}
        self._db.write(lambda connection: connection.execute(change, values), durable=False)

    def finish_part(self, task_id: str, executor: str, position: int, result: PartResult) -> bool:
        """Store what a part came to, with its new files and its usage, in one transaction.

        True if it is stored, by this or by an earlier call (then nothing is added). False, and nothing is
        written, if the executor does not own the running task any more. Raises KeyError for a part that does
        not exist.
        """
        at = {"of_task": task_id, "at": position}
        values = {
            "status": result.status,
            "err_code": result.err_code,
            "message": result.message,
            "output": result.output,
            "files": result.files,
            "engine": result.engine,
            "warnings": result.warnings,
        }

        def change(connection: Connection) -> bool:
            task = connection.execute(sql.OWNS, {"task_id": task_id, "executor": executor}).one_or_none()
            if task is None or task.status != "PROCESSING":
                return False
            part = connection.execute(sql.PART_TYPE, at).one_or_none()
            if part is None:
                raise KeyError((task_id, position))
            if part.status != "PROCESSING":
                return True
            connection.execute(sql.FINISH_PART.values(**values), at)
            for new in result.media:
                self._library.add_in(connection, new)
            if result.pulled is not None:
                pulled_in(connection, self._library, task_id, task, result.pulled)
            if part.type == PULL:
                return True  # nobody is told of it, and it is no work on media
            part_ended_in(connection, task_id, task)
            if result.status == "SUCCESS":
                row = {
                    "task_id": task_id,
                    "position": position,
                    "sub_app_id": task.sub_app_id,
                    "type": part.type,
                }
                connection.execute(sql.ADD_USAGE, {**row, "media_seconds": result.media_seconds})
            return True

        return self._db.write(change)

    def finish(self, task_id: str, executor: str) -> bool:
        """Close a task whose parts are all finished, with its event, in one transaction; fenced as
        `finish_part`.

        True if it is closed, by this or by an earlier call of the same executor. Raises ValueError while a
        part is unfinished. The object of a source that was deleted meanwhile goes with its last task.
        """

        def change(connection: Connection) -> tuple[bool, str | None]:
            task = connection.execute(sql.OWNS, {"task_id": task_id, "executor": executor}).one_or_none()
            if task is None or task.status != "PROCESSING":
                return task is not None and task.status == "FINISH", None
            if connection.execute(sql.UNFINISHED, {"task_id": task_id}).scalar():
                raise ValueError(f"task {task_id} has unfinished parts")
            connection.execute(sql.FINISH, {"of_task": task_id})
            return True, ended_in(connection, task_id, task)

        closed, unowned = self._db.write(change)
        if unowned is not None:
            self._blobs.delete(unowned)
        return closed

    def abort(self, task_id: str, message: Json, *, running: bool) -> TaskStatus | None:
        """End a waiting task, and if `running` one that is worked on, with its event, in one transaction.

        Its unfinished parts fail with `message` (`{"number", "code", "en", "zh"}`); what is finished stays. The worker
        finds within a second that it owns nothing any more, and ends its media processes. Gives the status that the
        task had: it was ended if that is WAITING, or PROCESSING with `running`. None for an unknown task.
        """
        allowed = UNFINISHED if running else ("WAITING",)
        ended = self._db.write(lambda connection: abort_in(connection, task_id, message, allowed))
        if ended.unowned is not None:
            self._blobs.delete(ended.unowned)
        return ended.was


def _task_row(new: NewTask) -> dict[str, Any]:
    return {
        "id": new.id,
        "sub_app_id": new.sub_app_id,
        "kind": new.kind,
        "file_id": new.file_id,
        "status": "WAITING",
        "priority": new.priority,
        "err_code": 0,
        "session_id": new.session_id,
        "session_context": new.session_context,
        "ext_info": new.ext_info,
        "request": new.request,
        "lane": "pull" if any(part.type == PULL for part in new.sub_tasks[:1]) else "media",
        "notify": new.notify,
        "warnings": new.warnings,
        "attempt": 0,
    }


def _part_rows(new: NewTask) -> list[dict[str, Any]]:
    return [
        {
            "task_id": new.id,
            "position": position,
            "type": part.type,
            "input": part.input,
            "options": part.options,
            "status": "PROCESSING",
            "progress": 0.0,
            "err_code": "0",
            "files": (),
            "engine": "",
            "warnings": (),
        }
        for position, part in enumerate(new.sub_tasks)
    ]
