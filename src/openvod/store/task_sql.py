"""Which statements does the life of a task need? Built once, so that each is compiled once."""

from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import BigInteger, Select, bindparam, exists, func, insert, literal, select, tuple_, update

from openvod.store.columns import now_ms
from openvod.store.library import PRESENT
from openvod.store.tables import events, media, sub_tasks, tasks, usage
from openvod.store.task_records import SubTaskRecord, TaskLine, TaskRecord

SESSION_SECONDS = 3 * 86400
"""How long a SessionId stays taken; the vendor documents three days."""

TASK = tuple(tasks.c[name] for name in TaskRecord._fields if name != "sub_tasks")
LINE = tuple(tasks.c[name] for name in TaskLine._fields)
PART = tuple(sub_tasks.c[name] for name in SubTaskRecord._fields)

LAST = 2**62
"""Where tasks without a finishing time stand in an order by it: behind all that have one."""
_FILTERS = {
    "status": tasks.c.status == bindparam("status"),
    "file_id": tasks.c.file_id == bindparam("file_id"),
    "created_since": tasks.c.created >= bindparam("created_since"),
    "created_until": tasks.c.created < bindparam("created_until"),
    "finished_since": tasks.c.finished >= bindparam("finished_since"),
    "finished_until": tasks.c.finished < bindparam("finished_until"),
}


@lru_cache
def page(
    filters: frozenset[str], field: Literal["created", "finished"], descending: bool, goes_on: bool
) -> Select[*tuple[Any, ...]]:
    """A page of an application's tasks: by these of the filters, in this order, after the (`last`, `last_id`) or not."""
    order = tasks.c.created if field == "created" else func.coalesce(tasks.c.finished, LAST)
    place = tuple_(order, tasks.c.id)
    last = tuple_(bindparam("last", type_=BigInteger), bindparam("last_id", type_=tasks.c.id.type))
    wanted = select(*LINE).where(
        tasks.c.sub_app_id == bindparam("of_app"), *(_FILTERS[name] for name in filters)
    )
    if goes_on:
        wanted = wanted.where(place < last if descending else place > last)
    turn = (order.desc(), tasks.c.id.desc()) if descending else (order, tasks.c.id)
    return wanted.order_by(*turn).limit(bindparam("most"))


ADD = insert(tasks)
ADD_PARTS = insert(sub_tasks)
ADD_USAGE = insert(usage)
ADD_EVENT = insert(events)
FILE_LIVES = (
    select(literal(1))
    .where(
        media.c.file_id == bindparam("file_id"),
        media.c.sub_app_id == bindparam("sub_app_id"),
        PRESENT,
        media.c.stripped.is_(None),
    )
    .with_for_update(read=True)
)
SESSION = select(
    exists().where(
        tasks.c.sub_app_id == bindparam("sub_app_id"),
        tasks.c.session_id == bindparam("session_id"),
        tasks.c.kind == bindparam("kind"),
        tasks.c.session_id != "",
        tasks.c.created > now_ms() - SESSION_SECONDS * 1000,
    )
)
GET = select(*TASK).where(tasks.c.id == bindparam("task_id"))
GET_PARTS = select(*PART).where(sub_tasks.c.task_id == bindparam("task_id")).order_by(sub_tasks.c.position)
OWNED = (
    select(tasks.c.id)
    .where(tasks.c.owner == bindparam("executor"), tasks.c.status == "PROCESSING")
    .order_by(tasks.c.began, tasks.c.id)
)
NEXT = (
    select(tasks.c.id)
    .where(tasks.c.status == "WAITING", tasks.c.lane == bindparam("of_lane"))
    .order_by(tasks.c.priority.desc(), tasks.c.created, tasks.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("next")  # a plain subquery might be run more than once, and pick more than the limit
)
CLAIM = (
    update(tasks)
    .where(tasks.c.id.in_(select(NEXT.c.id)))
    .values(status="PROCESSING", owner=bindparam("executor"), began=now_ms(), attempt=1)
    .returning(tasks.c.id, tasks.c.priority, tasks.c.created)
)
TAKE_OVER = (
    update(tasks)
    .where(tasks.c.status == "PROCESSING", tasks.c.owner.in_(bindparam("dead", expanding=True)))
    .values(owner=bindparam("executor"), attempt=tasks.c.attempt + 1)
    .returning(tasks.c.id, tasks.c.began)
)
OWNS = (
    select(tasks.c.sub_app_id, tasks.c.file_id, tasks.c.kind, tasks.c.status, tasks.c.notify)
    .where(tasks.c.id == bindparam("task_id"), tasks.c.owner == bindparam("executor"))
    .with_for_update()
)
THE_PART = (sub_tasks.c.task_id == bindparam("of_task"), sub_tasks.c.position == bindparam("at"))
PART_TYPE = select(sub_tasks.c.type, sub_tasks.c.status).where(*THE_PART)
FINISH_PART = update(sub_tasks).where(*THE_PART).values(finished=now_ms(), progress=1.0)
PROGRESS = (
    update(sub_tasks).where(*THE_PART, sub_tasks.c.status == "PROCESSING").values(progress=bindparam("value"))
)
UNFINISHED = select(
    exists().where(sub_tasks.c.task_id == bindparam("task_id"), sub_tasks.c.status == "PROCESSING")
)
FINISH = update(tasks).where(tasks.c.id == bindparam("of_task")).values(status="FINISH", finished=now_ms())
STANDS = (
    select(tasks.c.sub_app_id, tasks.c.file_id, tasks.c.kind, tasks.c.status, tasks.c.notify)
    .where(tasks.c.id == bindparam("task_id"))
    .with_for_update()
)
ABORT = (
    update(tasks)
    .where(tasks.c.id == bindparam("of_task"))
    .values(status="ABORTED", finished=now_ms(), message=bindparam("why"))
)
ABORT_PARTS = (
    update(sub_tasks)
    .where(sub_tasks.c.task_id == bindparam("of_task"), sub_tasks.c.status == "PROCESSING")
    .values(status="FAIL", finished=now_ms(), err_code=bindparam("number"), message=bindparam("why"))
)
