"""What is an event, as stored, and how does an application hear of it? The records and the statements on them."""

from dataclasses import dataclass, fields
from typing import Literal

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    literal_column,
    select,
    union_all,
    update,
)

from openvod.store.columns import now_ms
from openvod.store.tables import event_configs, events

HELD_SECONDS = 30
"""How long an event that was pulled or is being pushed is nobody else's; the vendor documents it for pulls."""
KEPT_SECONDS = 4 * 86400
"""How long an event waits to be pulled; also how long one that was delivered can still be seen by the operator."""
DEAD_SECONDS = 30 * 86400
"""How long a dead letter is kept."""
PULLED = 16
"""Events in one pull at the most."""
NOTIFICATION = "WorkflowTask"
"""The type of an event that goes to the URL of the request that it tells of, whatever the application's way is."""

Mode = Literal["PUSH", "PULL"]
Switch = Literal["ON", "OFF"]


@dataclass(frozen=True, slots=True)
class EventConfig:
    """How an application hears of its events. Nothing set up means: they wait to be pulled."""

    mode: Mode = "PULL"
    url: str = ""
    """Where events are pushed to; without one they wait."""
    sign_key: str = ""
    upload_switch: Switch = "OFF"
    """Whether NewFileUpload events are made."""
    delete_switch: Switch = "OFF"
    """Whether FileDeleted events are made."""
    persistence_switch: Switch = "OFF"
    """Kept for the asking: this server has no such event."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Times are milliseconds since 1970, by the database's clock."""

    id: int
    sub_app_id: int
    type: str
    """`EventContent.EventType`, e.g. `ProcessMediaByMPSComplete`."""
    task_id: str | None
    file_id: str | None
    created: int
    due: int
    """When it may be given out (again)."""
    handle: str | None
    """Names its last giving out."""
    attempts: int
    """How often it was given out."""
    failure: str | None
    """Why the last push did not come through."""
    delivered: int | None
    dead: int | None
    """When pushing it was given up."""


EVENT = tuple(events.c[field.name] for field in fields(Event))
_CONFIG = tuple(event_configs.c[field.name] for field in fields(EventConfig))

WAITS: ColumnElement[bool] = and_(events.c.delivered.is_(None), events.c.dead.is_(None))
DUE: ColumnElement[bool] = and_(WAITS, events.c.due <= now_ms())
TO_APP: ColumnElement[bool] = and_(DUE, events.c.type != NOTIFICATION)

ADD = insert(events)
CONFIG = select(*_CONFIG).where(event_configs.c.sub_app_id == bindparam("sub_app_id"))
LOCKED_CONFIG = CONFIG.with_for_update()
REMOVE_CONFIG = delete(event_configs).where(event_configs.c.sub_app_id == bindparam("of_app"))
ADD_CONFIG = insert(event_configs)

_FREE = (
    select(events.c.id)
    .where(events.c.sub_app_id == bindparam("of_app"), TO_APP)
    .order_by(events.c.id)
    .limit(PULLED)
    .with_for_update(skip_locked=True)
    .cte("free")  # a plain subquery might be run more than once, and pick more than the limit
)
_GIVEN_OUT = {
    "handle": bindparam("given"),
    "due": now_ms() + HELD_SECONDS * 1000,
    "attempts": events.c.attempts + 1,
}
PULL = update(events).where(events.c.id.in_(select(_FREE.c.id))).values(_GIVEN_OUT).returning(*EVENT)
HELD = (
    select(events.c.id, events.c.handle, events.c.delivered, (events.c.due > now_ms()).label("held"))
    .where(events.c.id.in_(bindparam("ids", expanding=True)), events.c.sub_app_id == bindparam("of_app"))
    .with_for_update()
)
CONFIRM = (
    update(events)
    .where(events.c.id.in_(bindparam("ids", expanding=True)), events.c.delivered.is_(None))
    .values(delivered=now_ms())
)
TO_PULL = select(func.count()).where(events.c.sub_app_id == bindparam("of_app"), TO_APP)
WAITING_FOR = (
    select(events.c.sub_app_id, func.count())
    .where(events.c.sub_app_id.in_(bindparam("apps", expanding=True)), TO_APP)
    .group_by(events.c.sub_app_id)
)
_TO_SEND = union_all(  # each half has an index of its own: what waits to be pulled, for days perhaps, is not looked at
    select(events.c.id, events.c.sub_app_id, events.c.due)
    .join(event_configs, event_configs.c.sub_app_id == events.c.sub_app_id)
    .where(TO_APP, event_configs.c.mode == "PUSH", event_configs.c.url != ""),
    select(events.c.id, events.c.sub_app_id, events.c.due).where(
        DUE, events.c.type == literal_column(f"'{NOTIFICATION}'")
    ),
).subquery()
TO_PUSH = (
    select(func.min(_TO_SEND.c.id))
    .where(_TO_SEND.c.sub_app_id.not_in(bindparam("busy", expanding=True)))
    .group_by(_TO_SEND.c.sub_app_id)
    .order_by(func.min(_TO_SEND.c.due))
    .limit(bindparam("limit"))
)
CLAIM = update(events).where(events.c.id == bindparam("of"), DUE).values(_GIVEN_OUT).returning(*EVENT)
_MINE = and_(events.c.id == bindparam("of"), events.c.handle == bindparam("given"), WAITS)
PUSHED = update(events).where(_MINE).values(delivered=now_ms(), failure=None)
PUT_OFF = (
    update(events)
    .where(_MINE)
    .values(due=now_ms() + bindparam("pause"), handle=None, failure=bindparam("why"))
)
GIVE_UP = update(events).where(_MINE).values(dead=now_ms(), handle=None, failure=bindparam("why"))
LIST = select(*EVENT).order_by(events.c.id)
REPLAY = (
    update(events)
    .where(events.c.dead.is_not(None))
    .values(dead=None, due=now_ms(), attempts=0, handle=None)
    .returning(events.c.id)
)
OLD = (
    select(events.c.id)
    .where(
        events.c.created
        <= now_ms()
        - case((events.c.dead.is_not(None), literal(DEAD_SECONDS * 1000)), else_=KEPT_SECONDS * 1000)
    )
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
