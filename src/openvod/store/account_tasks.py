"""Which media-processing tasks has an account, over all its applications? For the API that knows no applications."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, exists, func, select, tuple_

from openvod.core.models import TaskStatus
from openvod.core.pulls import PULL
from openvod.store.db import Database
from openvod.store.tables import sub_apps, sub_tasks, tasks

Stage = Literal["WAITING", "PROCESSING", "FINISH"]
STATUSES: dict[Stage, tuple[TaskStatus, ...]] = {
    "WAITING": ("WAITING",),
    "PROCESSING": ("PROCESSING",),
    "FINISH": ("FINISH", "ABORTED"),
}
"""That API has no word of its own for an aborted task: it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which tasks; times are milliseconds since 1970."""

    account_id: int
    kind: str
    stage: Stage
    failed: bool | None = None
    """With or without a failed part; None is both."""
    since: int
    """Created then or later."""
    until: int | None = None
    """Created before."""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in a list."""

    id: str
    created: int
    began: int | None
    finished: int | None
    types: tuple[str, ...]
    """Of its parts."""


_FAILS = exists().where(sub_tasks.c.task_id == tasks.c.id, sub_tasks.c.status == "FAIL")
_FILTERS: dict[str, ColumnElement[bool]] = {
    "until": tasks.c.created < bindparam("until"),
    "failed": _FAILS,
    "unfailed": ~_FAILS,
    "after": tuple_(tasks.c.created, tasks.c.id)
    < tuple_(bindparam("last", type_=BigInteger), bindparam("last_id", type_=tasks.c.id.type)),
}
_LINE = select(tasks.c.id, tasks.c.created, tasks.c.began, tasks.c.finished)
_COUNT = select(func.count()).select_from(tasks)
_TYPES = (
    select(sub_tasks.c.task_id, sub_tasks.c.type)
    .where(sub_tasks.c.task_id.in_(bindparam("ids", expanding=True)), sub_tasks.c.type != PULL)
    .order_by(sub_tasks.c.task_id, sub_tasks.c.position)
)


class AccountTasks:
    """Reads only; see `store.tasks` for what makes and changes tasks."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def page(self, wanted: Wanted, limit: int, after: tuple[int, str] | None) -> tuple[list[TaskLine], int]:
        """Up to `limit` of them, newest first, behind the task of that time and id; and how many there are at all."""
        given: dict[str, Any] = {
            "account_id": wanted.account_id,
            "of_kind": wanted.kind,
            "statuses": STATUSES[wanted.stage],
            "since": wanted.since,
        }
        filters = set()
        if wanted.until is not None:
            filters.add("until")
            given["until"] = wanted.until
        if wanted.failed is not None:
            filters.add("failed" if wanted.failed else "unfailed")
        place = {} if after is None else {"last": after[0], "last_id": after[1]}
        behind = filters if after is None else filters | {"after"}
        with self._db.snapshot() as state:
            found = state.rows(_page(frozenset(behind)), most=limit, **given, **place)
            (total,) = state.row(_matching(_COUNT, frozenset(filters)), **given) or (0,)
            types: dict[str, tuple[str, ...]] = {}
            for task_id, kind in state.rows(_TYPES, ids=[row[0] for row in found]) if found else ():
                types[task_id] = (*types.get(task_id, ()), kind)
        lines = [
            TaskLine(task_id, created, began, finished, types.get(task_id, ()))
            for task_id, created, began, finished in found
        ]
        return lines, int(total)


@lru_cache
def _page(filters: frozenset[str]) -> Select[*tuple[Any, ...]]:
    rows = _matching(_LINE, filters)
    return rows.order_by(tasks.c.created.desc(), tasks.c.id.desc()).limit(bindparam("most"))


@lru_cache
def _matching(statement: Select[*tuple[Any, ...]], filters: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """What a statement says of the tasks that are meant, with these of the filters."""
    theirs = select(sub_apps.c.id).where(sub_apps.c.account_id == bindparam("account_id"))
    return statement.where(
        tasks.c.sub_app_id.in_(theirs),
        tasks.c.kind == bindparam("of_kind"),
        tasks.c.status.in_(bindparam("statuses", expanding=True)),
        tasks.c.created >= bindparam("since"),
        *(_FILTERS[name] for name in sorted(filters)),
    )
