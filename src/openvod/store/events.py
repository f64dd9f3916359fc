"""What happened, and who has heard of it? Events: written with what they tell of, pulled or pushed at least once.

An event WAITS until it is due, is given out under a handle for 30 seconds, and waits again unless it is confirmed
(pull) or accepted (push) by then. A push that is never accepted ends as a dead letter. What changes an event checks
in the same statement that it still may, so any number of processes can take part.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

from sqlalchemy import Connection, delete

from openvod.store import event_rows as rows
from openvod.store.db import Database, lock_in
from openvod.store.event_rows import Event, EventConfig
from openvod.store.tables import events

__all__ = ["Event", "EventConfig", "Events", "HandleExpired", "file_event_in"]

SWITCHES = {"NewFileUpload": "upload_switch", "FileDeleted": "delete_switch"}
"""Events that an application has to ask for."""
PAGE = 500


class HandleExpired(Exception):
    """The handle is unknown, or its 30 seconds are over and the event waits again."""


class Events:
    """The events of all applications."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def config(self, sub_app_id: int) -> EventConfig:
        """How the application hears of its events."""
        row = self._db.row(rows.CONFIG, sub_app_id=sub_app_id)
        return EventConfig() if row is None else EventConfig(*row)

    def configure(self, sub_app_id: int, **changes: Any) -> EventConfig:
        """Change fields of the configuration; the others stay. What waits goes the new way from then on."""

        def change(connection: Connection) -> EventConfig:
            lock_in(connection, f"event config {sub_app_id}")
            config = replace(_config(connection, sub_app_id), **changes)
            connection.execute(rows.REMOVE_CONFIG, {"of_app": sub_app_id})
            connection.execute(rows.ADD_CONFIG, {"sub_app_id": sub_app_id, **asdict(config)})
            return config

        return self._db.write(change)

    def pull(self, sub_app_id: int) -> list[Event]:
        """Up to 16 events, oldest first, each with a handle; nobody else gets them for 30 seconds."""
        if not self.to_pull(sub_app_id):  # a look costs less than a write
            return []
        wanted = {"of_app": sub_app_id, "given": secrets.token_hex(16)}
        found = self._db.write(lambda connection: connection.execute(rows.PULL, wanted).all(), durable=False)
        return sorted((Event(*row) for row in found), key=lambda event: event.id)

    def confirm(self, sub_app_id: int, given: Collection[tuple[int, str]]) -> None:
        """Note that pulled events, named by id and handle, have been dealt with; all of them or none.

        Confirming twice is harmless. Raises HandleExpired.
        """
        ids = sorted({number for number, _ in given})

        def change(connection: Connection) -> None:
            found = connection.execute(rows.HELD, {"ids": ids, "of_app": sub_app_id}).all()
            good = {(row.id, row.handle) for row in found if row.held or row.delivered is not None}
            if not good.issuperset(given):
                raise HandleExpired
            connection.execute(rows.CONFIRM, {"ids": ids})

        self._db.write(change)

    def to_pull(self, sub_app_id: int) -> int:
        """How many events a pull would find, had it no limit."""
        row = self._db.row(rows.TO_PULL, of_app=sub_app_id)
        return 0 if row is None else int(row[0])

    def waiting(self, sub_apps: Collection[int]) -> dict[int, int]:
        """Those of the applications that have events due, and how many."""
        with self._db.read() as connection:
            found = connection.execute(rows.WAITING_FOR, {"apps": list(sub_apps)}).all()
        return {row[0]: row[1] for row in found}

    def claim_pushes(self, limit: int, busy: Collection[int] = ()) -> list[Event]:
        """Up to `limit` events to push now, the oldest of each application that is not in `busy`. Nobody else gets
        them for 30 seconds; end each by `pushed`, `put_off` or `give_up`.
        """
        with self._db.read() as connection:
            due = connection.execute(rows.TO_PUSH, {"busy": list(busy), "limit": limit}).scalars().all()
        handle = secrets.token_hex(16)

        def change(connection: Connection) -> list[Event]:
            claims = (
                connection.execute(rows.CLAIM, {"of": number, "given": handle}).one_or_none()
                for number in due
            )
            return [Event(*row) for row in claims if row is not None]

        return self._db.write(change, durable=False) if due else []

    def pushed(self, event: Event) -> bool:
        """Note that a push was accepted; False if the event is not held by this claim any more."""
        return self._settle(rows.PUSHED, event)

    def put_off(self, event: Event, seconds: float, why: str) -> bool:
        """Note that a push failed and is to be tried again in so many seconds; False as in `pushed`."""
        return self._settle(rows.PUT_OFF, event, pause=int(seconds * 1000), why=why)

    def give_up(self, event: Event, why: str) -> bool:
        """Make an event a dead letter; False as in `pushed`."""
        return self._settle(rows.GIVE_UP, event, why=why)

    def letters(self, *, dead: bool = True, sub_app_id: int | None = None) -> list[Event]:
        """Dead letters, or with `dead=False` all events that are still kept, oldest first."""
        wanted = rows.LIST
        if dead:
            wanted = wanted.where(events.c.dead.is_not(None))
        if sub_app_id is not None:
            wanted = wanted.where(events.c.sub_app_id == sub_app_id)
        with self._db.read() as connection:
            return [Event(*row) for row in connection.execute(wanted)]

    def replay(self, ids: Collection[int] | None = None, sub_app_id: int | None = None) -> list[int]:
        """Let dead letters wait again, as if they were new: those of `ids`, or all. The ids that were dead."""
        wanted = rows.REPLAY if ids is None else rows.REPLAY.where(events.c.id.in_(ids))
        if sub_app_id is not None:
            wanted = wanted.where(events.c.sub_app_id == sub_app_id)
        return sorted(self._db.write(lambda connection: list(connection.execute(wanted).scalars())))

    def sweep(self) -> int:
        """Throw away events whose time is over; how many."""

        def page(connection: Connection) -> int:
            old: Sequence[int] = connection.execute(rows.OLD, {"limit": PAGE}).scalars().all()
            connection.execute(delete(events).where(events.c.id.in_(old)))
            return len(old)

        total = 0
        while True:
            gone = self._db.write(page)
            total += gone
            if gone < PAGE:
                return total

    def _settle(self, statement: Any, event: Event, **values: object) -> bool:
        wanted = {"of": event.id, "given": event.handle, **values}
        return (
            self._db.write(lambda connection: connection.execute(statement, wanted).rowcount, durable=False)
            > 0
        )


def file_event_in(
    connection: Connection, sub_app_id: int, kind: Literal["NewFileUpload", "FileDeleted"], file_id: str
) -> bool:
    """Write an event as a part of the transaction of what it tells of; False if the application has not asked for
    events of that kind.
    """
    if getattr(_config(connection, sub_app_id), SWITCHES[kind]) != "ON":
        return False
    row = {"sub_app_id": sub_app_id, "type": kind, "task_id": None, "file_id": file_id}
    connection.execute(rows.ADD, row)
    return True


def _config(connection: Connection, sub_app_id: int) -> EventConfig:
    row = connection.execute(rows.CONFIG, {"sub_app_id": sub_app_id}).one_or_none()
    return EventConfig() if row is None else EventConfig(*row)
