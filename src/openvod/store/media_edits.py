"""How does a file's owner change what is known of it? One edit, one transaction."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, bindparam, select, update

from openvod.store import belongings
from openvod.store.belongings import Attachment, Belongings, KeyFrame
from openvod.store.columns import now_ms
from openvod.store.db import seen_by
from openvod.store.media_rows import PRESENT, folded
from openvod.store.tables import media

LIMITS = {"tags": 16, "key_frames": 100, "subtitles": 16}
"""How many of each a file may have; the vendor's numbers."""

T = TypeVar("T")


class TooMany(Exception):
    """The file would have more of something than `LIMITS` allows; `what` is the name there."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class SubtitleIdTaken(Exception):
    """Another subtitle of the file has the id that was chosen."""


@dataclass(frozen=True, slots=True)
class Changes(Generic[T]):
    """What is to become of a collection: first it is emptied or thinned out, then it grows."""

    add: Sequence[T] = ()
    delete: Collection[Hashable] = ()
    """The tags, times or ids that are to go; what is not there does no harm."""
    clear: bool = False

    def __bool__(self) -> bool:
        return bool(self.add or self.delete or self.clear)

    def applied(self, old: Sequence[T], key: Callable[[T], Hashable]) -> tuple[T, ...]:
        """The collection as it shall be; what is added takes the place of what has the same key."""
        kept = {} if self.clear else {key(each): each for each in old if key(each) not in self.delete}
        return tuple((kept | {key(each): each for each in self.add}).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to change; the objects of `cover` and of added subtitles are already in the object store."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Any of `name`, `description`, `class_id` and `expires` (see `MediaRow`)."""
    tags: Changes[str] = Changes()
    key_frames: Changes[KeyFrame] = Changes()
    subtitles: Changes[Attachment] = Changes()
    cover: Attachment | None = None

    def objects(self) -> list[str]:
        """Keys of the new objects."""
        new = [self.cover] if self.cover else []
        return [each.object_key for each in (*new, *self.subtitles.add)]


_LOCK = (
    select(media.c.file_id)
    .where(media.c.file_id == bindparam("file_id"), media.c.sub_app_id == bindparam("sub_app_id"), PRESENT)
    .with_for_update()
)


def edit_in(
    connection: Connection, file_id: str, sub_app_id: int, edit: Edit
) -> tuple[Belongings, list[str]] | None:
    """Change a file of the application; what goes with it now, and the objects that do no more.

    None if there is no such file. Raises TooMany and SubtitleIdTaken.
    """
    file = {"file_id": file_id, "sub_app_id": sub_app_id}
    if connection.execute(_LOCK, file).scalar() is None:
        return None
    values = dict(edit.values)
    values |= {f"folded_{name}": folded(values[name]) for name in ("name", "description") if name in values}
    connection.execute(update(media).where(media.c.file_id == file_id).values(**values, updated=now_ms()))
    old = belongings.read(seen_by(connection), [file_id])[file_id]
    if edit.tags:
        tags = _limited("tags", edit.tags.applied(old.tags, str))
        belongings.set_tags_in(connection, file_id, tags)
    if edit.key_frames:
        frames = edit.key_frames.applied(old.key_frames, lambda frame: frame.seconds)
        belongings.set_key_frames_in(connection, file_id, _limited("key_frames", frames))
    gone = _edit_subtitles(connection, file_id, old, edit.subtitles)
    if edit.cover is not None:
        gone += belongings.detach_in(connection, file_id, "cover")
        belongings.attach_in(connection, file_id, edit.cover)
    return belongings.read(seen_by(connection), [file_id])[file_id], gone


def _edit_subtitles(
    connection: Connection, file_id: str, old: Belongings, changes: Changes[Attachment]
) -> list[str]:
    going = [each.id for each in old.subtitles if changes.clear or each.id in changes.delete]
    staying = {each.id for each in old.subtitles} - {*going}
    if staying & {each.id for each in changes.add}:
        raise SubtitleIdTaken
    _limited("subtitles", (*staying, *changes.add))
    gone = belongings.detach_in(connection, file_id, "subtitle", going)
    for new in changes.add:
        belongings.attach_in(connection, file_id, new)
    return gone


def _limited(what: str, values: tuple[T, ...]) -> tuple[T, ...]:
    if len(values) > LIMITS[what]:
        raise TooMany(what)
    return values
