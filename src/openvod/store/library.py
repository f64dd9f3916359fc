"""Which media files are there? The media library: rows, and when their objects may go."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from openvod.core.models import Json, new_file_id
from openvod.store.blobs import Blobs
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.tables import media, objects, tasks


class FileIdTaken(Exception):
    """The FileId that a caller chose is in use, or was once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMedia:
    """A file that is to enter the library; its object is already in the object store."""

    sub_app_id: int
    name: str
    kind: str
    """`video`, `audio`, `image` or `subtitle`."""
    extension: str
    """By what the file is, without a dot: `mp4`. Never what its sender called it."""
    content_type: str
    object_key: str
    """An object that no other file refers to."""
    size: int
    """Bytes."""
    md5: str
    """32 hex digits."""
    facts: Json = field(default_factory=dict)
    """What `media.probe` found."""
    file_id: str = ""
    """Chosen by the caller; empty means minted."""
    description: str = ""
    source_type: str = "Upload"
    """`Upload` or `VideoProcessing`."""
    source_context: str = ""
    class_id: int = 0
    expires: int | None = None
    """Milliseconds since 1970; None means never."""


@dataclass(frozen=True, slots=True)
class MediaRow:
    """A file of the library. Times are milliseconds since 1970."""

    file_id: str
    sub_app_id: int
    name: str
    description: str
    kind: str
    extension: str
    content_type: str
    object_key: str
    size: int
    md5: str
    facts: Json
    source_type: str
    source_context: str
    class_id: int
    created: int
    updated: int
    expires: int | None
    deleted: int | None


COLUMNS = tuple(media.c[column.name] for column in fields(MediaRow))
"""The table's columns in MediaRow's order: `MediaRow(*row)`."""
_NEW = tuple(column.name for column in fields(NewMedia))

PRESENT: ColumnElement[bool] = media.c.deleted.is_(None) & or_(
    media.c.expires.is_(None), media.c.expires > now_ms()
)
"""What makes a file be there for the API."""
_FIND = select(*COLUMNS).where(media.c.file_id == bindparam("file_id"), PRESENT)
_GET = _FIND.where(media.c.sub_app_id == bindparam("sub_app_id"))
_GET_MANY = select(*COLUMNS).where(
    media.c.file_id.in_(bindparam("file_ids", expanding=True)),
    media.c.sub_app_id == bindparam("sub_app_id"),
    PRESENT,
)
_TAKEN = select(media.c.file_id).where(media.c.file_id == bindparam("file_id"))
_ADD = insert(media).returning(*COLUMNS)
_ADD_OBJECT = insert(objects)
_HIDE = (
    update(media)
    .where(media.c.file_id == bindparam("hidden"), media.c.deleted.is_(None))
    .values(deleted=now_ms())
)
_LOCK = (
    select(media.c.object_key, media.c.deleted)
    .where(media.c.file_id == bindparam("file_id"))
    .with_for_update()
)
_WANTED = select(
    exists().where(tasks.c.file_id == bindparam("file_id"), tasks.c.status.in_(("WAITING", "PROCESSING")))
)
_DISOWN = delete(objects).where(objects.c.key == bindparam("gone")).returning(objects.c.key)


class Library:
    """The media library of all applications."""

    def __init__(self, db: Database, blobs: Blobs) -> None:
        self._db = db
        self._blobs = blobs

    def add(self, new: NewMedia) -> MediaRow:
        """Put a file into the library. Raises FileIdTaken."""
        return self._db.write(lambda connection: self.add_in(connection, new))

    def add_in(self, connection: Connection, new: NewMedia) -> MediaRow:
        """`add` as a part of the caller's transaction, which is spoilt if this raises."""
        values = {name: getattr(new, name) for name in _NEW}
        values["file_id"] = new.file_id or new_file_id()
        connection.execute(_ADD_OBJECT, {"key": new.object_key})
        try:
            return MediaRow(*connection.execute(_ADD, values).one())
        except IntegrityError as error:  # the object is new, or the line above had failed: it is the FileId
            raise FileIdTaken(new.file_id) from error

    def get(self, file_id: str, sub_app_id: int) -> MediaRow | None:
        """A file of the application, unless it is deleted or expired."""
        row = self._db.row(_GET, file_id=file_id, sub_app_id=sub_app_id)
        return None if row is None else MediaRow(*row)

    def get_many(self, file_ids: Iterable[str], sub_app_id: int) -> dict[str, MediaRow]:
        """Those of the files that the application has, by FileId."""
        wanted: dict[str, Any] = {"file_ids": list(file_ids), "sub_app_id": sub_app_id}
        with self._db.read() as connection:
            rows = connection.execute(_GET_MANY, wanted).all()
        return {row.file_id: MediaRow(*row) for row in rows}

    def find(self, file_id: str) -> MediaRow | None:
        """A file of any application, unless it is deleted or expired: for a signed link."""
        row = self._db.row(_FIND, file_id=file_id)
        return None if row is None else MediaRow(*row)

    def taken(self, file_id: str) -> bool:
        """Whether a file has the FileId, or ever had it."""
        return self._db.row(_TAKEN, file_id=file_id) is not None

    def delete(self, file_id: str, sub_app_id: int) -> bool:
        """Hide a file at once; False if there is none. Its object goes once no unfinished task refers to the
        file.
        """

        def change(connection: Connection) -> tuple[bool, str | None]:
            hide = _HIDE.where(media.c.sub_app_id == sub_app_id, PRESENT)
            if connection.execute(hide, {"hidden": file_id}).rowcount == 0:
                return False, None
            return True, release_in(connection, file_id)

        found, unowned = self._db.write(change)
        if unowned is not None:
            self._blobs.delete(
                unowned
            )  # after the commit: what a crash leaves here is an orphan, which the sweep finds
        return found

    def object_for_task(self, task_id: str) -> MediaRow:
        """The file a task works on, even if it was deleted or expired since. Raises KeyError."""
        source = select(*COLUMNS).join(tasks, tasks.c.file_id == media.c.file_id).where(tasks.c.id == task_id)
        with self._db.read() as connection:
            row = connection.execute(source).one_or_none()
        if row is None:
            raise KeyError(task_id)
        return MediaRow(*row)


def release_in(connection: Connection, file_id: str) -> str | None:
    """Disown the object of a deleted file that no unfinished task refers to; its key, to be deleted after the
    commit.

    The row's lock puts the two that may race for this, the deletion and the last task's end, in an order;
    each looks at the other's result after it has the lock.
    """
    row = connection.execute(_LOCK, {"file_id": file_id}).one_or_none()
    if row is None or row.deleted is None or connection.execute(_WANTED, {"file_id": file_id}).scalar():
        return None
    return connection.execute(_DISOWN, {"gone": row.object_key}).scalar()
