"""What goes with a library file beside its own bytes? Tags, key frames, its cover and its uploaded subtitles.

Cover and subtitles are objects of their own. Steps that take an object from its owner return its key: the
caller deletes the object after the commit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, Select, Table, bindparam, delete, insert, select

from openvod.store.db import Snapshot
from openvod.store.tables import attachments, key_frames, media_tags
from openvod.store.upload_rows import disown, own_object

AttachmentKind = Literal["cover", "subtitle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """An object that belongs to a library file. A file has one cover at most."""

    kind: AttachmentKind
    object_key: str
    extension: str
    """By what the object is, without a dot."""
    content_type: str
    size: int
    """Bytes."""
    md5: str
    id: str = ""
    """Names a subtitle among those of its file; empty for a cover."""
    name: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """A moment that its owner has described."""

    seconds: float
    """From the start of the file."""
    content: str


@dataclass(frozen=True, slots=True)
class Belongings:
    """All that goes with one file."""

    tags: tuple[str, ...] = ()
    """In the order they were given."""
    key_frames: tuple[KeyFrame, ...] = ()
    """By time."""
    cover: Attachment | None = None
    subtitles: tuple[Attachment, ...] = ()
    """The uploaded ones, oldest first."""


_ATTACHMENT = tuple(field.name for field in fields(Attachment))
_OF_FILES: BindParameter[str] = bindparam("file_ids", expanding=True)
_TAGS = (
    select(media_tags.c.file_id, media_tags.c.tag)
    .where(media_tags.c.file_id.in_(_OF_FILES))
    .order_by(media_tags.c.file_id, media_tags.c.position)
)
_KEY_FRAMES = (
    select(key_frames.c.file_id, key_frames.c.seconds, key_frames.c.content)
    .where(key_frames.c.file_id.in_(_OF_FILES))
    .order_by(key_frames.c.file_id, key_frames.c.seconds)
)
_ATTACHMENTS = (
    select(attachments.c.file_id, *(attachments.c[name] for name in _ATTACHMENT))
    .where(attachments.c.file_id.in_(_OF_FILES))
    .order_by(attachments.c.file_id, attachments.c.created, attachments.c.id)
)


def read(state: Snapshot, file_ids: Collection[str]) -> dict[str, Belongings]:
    """What goes with each of the files, by FileId."""

    asked = list(file_ids)

    def rows(statement: Select[*tuple[Any, ...]]) -> dict[str, list[Sequence[Any]]]:
        found = state.rows(statement, file_ids=asked)
        return {file_id: [row[1:] for row in group] for file_id, group in groupby(found, key=itemgetter(0))}

    if not file_ids:
        return {}
    tags, frames, attached = rows(_TAGS), rows(_KEY_FRAMES), rows(_ATTACHMENTS)
    if not (tags or frames or attached):  # as with most files
        return dict.fromkeys(asked, Belongings())
    return {
        file_id: _together(tags.get(file_id, ()), frames.get(file_id, ()), attached.get(file_id, ()))
        for file_id in asked
    }


def _together(
    tags: Iterable[Any], frames: Iterable[Sequence[Any]], attached: Iterable[Sequence[Any]]
) -> Belongings:
    objects = [Attachment(**dict(zip(_ATTACHMENT, row, strict=True))) for row in attached]
    return Belongings(
        tuple(tag for (tag,) in tags),
        tuple(KeyFrame(*row) for row in frames),
        next((each for each in objects if each.kind == "cover"), None),
        tuple(each for each in objects if each.kind == "subtitle"),
    )


def set_tags_in(connection: Connection, file_id: str, tags: Sequence[str]) -> None:
    """Make these the file's tags, in this order."""
    rows = [{"file_id": file_id, "tag": tag, "position": at} for at, tag in enumerate(tags)]
    _replace(connection, media_tags, file_id, rows)


def set_key_frames_in(connection: Connection, file_id: str, frames: Sequence[KeyFrame]) -> None:
    """Make these the file's key frames."""
    rows = [{"file_id": file_id, "seconds": each.seconds, "content": each.content} for each in frames]
    _replace(connection, key_frames, file_id, rows)


def _replace(connection: Connection, table: Table, file_id: str, rows: list[dict[str, Any]]) -> None:
    connection.execute(delete(table).where(table.c.file_id == file_id))
    if rows:
        connection.execute(insert(table), rows)


def attach_in(connection: Connection, file_id: str, attachment: Attachment) -> None:
    """Give a file an object that is already in the object store."""
    own_object(connection, attachment.object_key)
    values = {name: getattr(attachment, name) for name in _ATTACHMENT}
    connection.execute(insert(attachments), {"file_id": file_id, **values})


def detach_in(
    connection: Connection, file_id: str, kind: AttachmentKind, ids: Collection[str] = ("",)
) -> list[str]:
    """Take objects of a kind from a file; without ids its cover."""
    these = (attachments.c.file_id == file_id) & (attachments.c.kind == kind) & attachments.c.id.in_(ids)
    return _dropped(connection, these)


def drop_in(connection: Connection, file_ids: Collection[str]) -> list[str]:
    """Forget all that goes with some files: they are deleted."""
    for table in (media_tags, key_frames):
        connection.execute(delete(table).where(table.c.file_id.in_(file_ids)))
    return _dropped(connection, attachments.c.file_id.in_(file_ids))


def _dropped(connection: Connection, these: Any) -> list[str]:
    gone = delete(attachments).where(these).returning(attachments.c.object_key)
    return disown(connection, connection.execute(gone).scalars())
