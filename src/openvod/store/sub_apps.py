"""How does an application change? Its name, whether it is on, and its end."""

from typing import Literal

from sqlalchemy import Connection, bindparam, delete, select, update

from openvod.core.models import Json
from openvod.store.blobs import Blobs
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.library import PRESENT
from openvod.store.tables import media, sub_apps, tasks, templates, uploads
from openvod.store.task_ends import abort_in

_THE_ONE = sub_apps.c.id == bindparam("of_sub_app")
_CHANGE = update(sub_apps).where(_THE_ONE)
_UNFINISHED = select(tasks.c.id).where(
    tasks.c.sub_app_id == bindparam("of_sub_app"), tasks.c.status.in_(("WAITING", "PROCESSING"))
)
_EMPTY = (
    update(media).where(media.c.sub_app_id == bindparam("of_sub_app"), PRESENT).values(expires=now_ms()),
    update(uploads)
    .where(uploads.c.sub_app_id == bindparam("of_sub_app"), uploads.c.expires > now_ms())
    .values(expires=now_ms()),
    delete(templates).where(templates.c.sub_app_id == bindparam("of_sub_app")),
)
"""Files and uploads expire at once; the sweep (see `leftovers`) takes their bytes, as of all that expired."""


class SubApps:
    """Changes of applications; who has which is in `accounts`."""

    def __init__(self, db: Database, blobs: Blobs) -> None:
        self._db = db
        self._blobs = blobs

    def describe(self, sub_app_id: int, **about: str) -> None:
        """Change `name`, `description`, or both."""
        if about:
            change = _CHANGE.values(**about)
            self._db.write(lambda connection: connection.execute(change, {"of_sub_app": sub_app_id}))

    def switch(self, sub_app_id: int, status: Literal["On", "Off"]) -> None:
        """Let new work in, or refuse it. What was accepted goes on; a destroyed application begins anew, empty."""
        change = _CHANGE.values(status=status)
        self._db.write(lambda connection: connection.execute(change, {"of_sub_app": sub_app_id}))

    def destroy(self, sub_app_id: int, message: Json) -> None:
        """End an application with all it holds, in one transaction: files, uploads and templates are gone at once,
        unfinished tasks are aborted with `message` (see `Tasks.abort`). Its tasks can still be read.
        """

        def change(connection: Connection) -> list[str]:
            of_it = {"of_sub_app": sub_app_id}
            connection.execute(_CHANGE.values(status="Destroyed"), of_it)
            for statement in _EMPTY:
                connection.execute(statement, of_it)
            unfinished = connection.execute(_UNFINISHED, of_it).scalars().all()
            released = [abort_in(connection, task_id, message).unowned for task_id in unfinished]
            return [key for key in released if key is not None]

        for key in self._db.write(change):
            self._blobs.delete(key)
