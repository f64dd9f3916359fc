"""What is a file of the library, as stored? Its row, when it is there, and when its object may go."""

import unicodedata
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, or_, select

from openvod.core.models import Json
from openvod.store.blobs import Stored
from openvod.store.columns import now_ms
from openvod.store.tables import media, objects, tasks


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

    @classmethod
    def examined(cls, stored: Stored, facts: Json, **others: Any) -> "NewMedia":
        """A stored object as what `media.probe` found it to be; `others` are the remaining fields."""
        return cls(
            kind=facts["kind"],
            extension=facts["extension"],
            content_type=facts["content_type"],
            object_key=stored.key,
            size=stored.size,
            md5=stored.md5,
            facts=facts,
            **others,
        )


class MediaRow(NamedTuple):
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
    stripped: int | None
    """When the file's own bytes were deleted, while the rest of it stayed."""
    deleted: int | None


NEW = tuple(column.name for column in fields(NewMedia))
COLUMNS = tuple(media.c[name] for name in MediaRow._fields)
"""The table's columns in MediaRow's order: `MediaRow(*row)`."""

PRESENT: ColumnElement[bool] = media.c.deleted.is_(None) & or_(
    media.c.expires.is_(None), media.c.expires > now_ms()
)
"""What makes a file be there for the API."""

_LOCK = (
    select(media.c.object_key, media.c.stripped, media.c.deleted)
    .where(media.c.file_id == bindparam("file_id"))
    .with_for_update()
)
_WANTED = select(
    exists().where(tasks.c.file_id == bindparam("file_id"), tasks.c.status.in_(("WAITING", "PROCESSING")))
)
_DISOWN = delete(objects).where(objects.c.key == bindparam("gone")).returning(objects.c.key)


def folded(text: str) -> str:
    """A text as a search sees it: without case, and with one form for each character that has several."""
    return unicodedata.normalize("NFKC", text).casefold()


def release_in(connection: Connection, file_id: str) -> str | None:
    """Disown the object of a deleted or stripped file that no unfinished task refers to; its key, to be deleted
    after the commit.

    The row's lock puts the two that may race for this, the deletion and the last task's end, in an order;
    each looks at the other's result after it has the lock.
    """
    row = connection.execute(_LOCK, {"file_id": file_id}).one_or_none()
    if row is None or (row.deleted is None and row.stripped is None):
        return None
    if connection.execute(_WANTED, {"file_id": file_id}).scalar():
        return None
    return connection.execute(_DISOWN, {"gone": row.object_key}).scalar()
