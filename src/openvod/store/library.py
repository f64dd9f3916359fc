"""Which media files are there? The media library: found, described, searched, deleted."""

from collections.abc import Collection, Iterable
from itertools import starmap

from sqlalchemy import Connection, bindparam, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from openvod.core.models import new_file_id
from openvod.store import belongings
from openvod.store.belongings import Belongings
from openvod.store.blobs import Blobs
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.events import file_event_in
from openvod.store.media_edits import Edit, SubtitleIdTaken, TooMany, edit_in
from openvod.store.media_rows import COLUMNS, NEW, PRESENT, MediaRow, NewMedia, folded, release_in
from openvod.store.media_search import Found, Query, search_in
from openvod.store.tables import media, objects, tasks

__all__ = ["COLUMNS", "PRESENT", "FileIdTaken", "Library", "MediaRow", "NewMedia", "release_in"]


class FileIdTaken(Exception):
    """The FileId that a caller chose is in use, or was once."""


_EVER = select(*COLUMNS).where(media.c.file_id == bindparam("file_id"))
_FIND = _EVER.where(PRESENT)
_GET = _FIND.where(media.c.sub_app_id == bindparam("sub_app_id"))
_GET_MANY = select(*COLUMNS).where(
    media.c.file_id.in_(bindparam("file_ids", expanding=True)),
    media.c.sub_app_id == bindparam("sub_app_id"),
    PRESENT,
)
_BESIDE = (
    select(*COLUMNS)
    .where(
        media.c.sub_app_id == bindparam("sub_app_id"),
        media.c.kind == bindparam("kind"),
        media.c.md5 != bindparam("md5"),
        media.c.source_type != "VideoProcessing",
        media.c.stripped.is_(None),
        PRESENT,
    )
    .order_by(
        case((media.c.class_id == bindparam("class_id"), 0), else_=1),
        func.abs(media.c.created - bindparam("created")),
        media.c.file_id,
    )
    .limit(bindparam("most"))
)
_TAKEN = select(media.c.file_id).where(media.c.file_id == bindparam("file_id"))
_ADD = insert(media).returning(*COLUMNS)
_ADD_OBJECT = insert(objects)
_HIDE = (
    update(media)
    .where(
        media.c.file_id.in_(bindparam("hidden", expanding=True)),
        media.c.sub_app_id == bindparam("of_app"),
        PRESENT,
    )
    .values(deleted=now_ms())
    .returning(media.c.file_id)
)
_STRIP = (
    update(media)
    .where(
        media.c.file_id == bindparam("stripped_id"),
        media.c.sub_app_id == bindparam("of_app"),
        PRESENT,
        media.c.stripped.is_(None),
    )
    .values(stripped=now_ms(), updated=now_ms())
)


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
        values = {name: getattr(new, name) for name in NEW}
        values["file_id"] = new.file_id or new_file_id()
        values |= {"folded_name": folded(new.name), "folded_description": folded(new.description)}
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
        rows = self._db.rows(_GET_MANY, file_ids=list(file_ids), sub_app_id=sub_app_id)
        return {media.file_id: media for media in starmap(MediaRow, rows)}

    def beside(self, of: MediaRow, most: int) -> list[MediaRow]:
        """Other files of the same application and kind that no task has made, without the same bytes: those of its class
        first, and of these the ones that came next to it.
        """
        own = {name: getattr(of, name) for name in ("sub_app_id", "kind", "md5", "class_id", "created")}
        return list(starmap(MediaRow, self._db.rows(_BESIDE, **own, most=most)))

    def find(self, file_id: str) -> MediaRow | None:
        """A file of any application, unless it is deleted or expired: for a signed link."""
        row = self._db.row(_FIND, file_id=file_id)
        return None if row is None else MediaRow(*row)

    def search(self, query: Query) -> Found:
        """Files of an application that meet all criteria, a page at a time."""
        with self._db.read() as connection:
            return search_in(connection, query)

    def ever(self, file_id: str) -> MediaRow | None:
        """A file of any application, even if it was deleted or expired since."""
        row = self._db.row(_EVER, file_id=file_id)
        return None if row is None else MediaRow(*row)

    def taken(self, file_id: str) -> bool:
        """Whether a file has the FileId, or ever had it."""
        return self._db.row(_TAKEN, file_id=file_id) is not None

    def belongings(self, file_ids: Collection[str]) -> dict[str, Belongings]:
        """What goes with each of the files, by FileId. The caller knows that they are its own."""
        with self._db.snapshot() as state:
            return belongings.read(state, file_ids)

    def edit(self, file_id: str, sub_app_id: int, edit: Edit) -> Belongings | None:
        """Change what is known of a file; what goes with it from now on, or None if there is no such file.

        Raises TooMany and SubtitleIdTaken. The edit's objects are owned from then on; refused, they go.
        """
        try:
            edited = self._db.write(lambda connection: edit_in(connection, file_id, sub_app_id, edit))
        except (TooMany, SubtitleIdTaken):
            self._delete(edit.objects())
            raise
        if edited is None:
            self._delete(edit.objects())
            return None
        now, gone = edited
        self._delete(gone)
        return now

    def delete(self, file_id: str, sub_app_id: int) -> bool:
        """Hide a file at once; False if there is none. Its object goes once no unfinished task refers to the
        file, all that goes with it at once.
        """

        def change(connection: Connection) -> tuple[list[str], list[str]]:
            hidden, unowned = self.hide_in(connection, [file_id], sub_app_id)
            for gone in hidden:
                file_event_in(connection, sub_app_id, "FileDeleted", gone)
            return hidden, unowned

        hidden, unowned = self._db.write(change)
        self._delete(unowned)
        return bool(hidden)

    def hide_in(
        self, connection: Connection, file_ids: Collection[str], sub_app_id: int
    ) -> tuple[list[str], list[str]]:
        """`delete` for several files as a part of the caller's transaction: those that were there, and the
        objects to delete after the commit.
        """
        named = {"hidden": list(file_ids), "of_app": sub_app_id}
        hidden = list(connection.execute(_HIDE, named).scalars())
        return hidden, forget_in(connection, hidden)

    def strip(self, file_id: str, sub_app_id: int) -> None:
        """Take a file's own bytes and its cover away; its name, details and products stay. Tasks that have
        accepted it still read it, new ones do not.
        """

        def change(connection: Connection) -> list[str]:
            if not connection.execute(_STRIP, {"stripped_id": file_id, "of_app": sub_app_id}).rowcount:
                return []
            unowned = release_in(connection, file_id)
            return belongings.detach_in(connection, file_id, "cover") + ([unowned] if unowned else [])

        self._delete(self._db.write(change))

    def object_for_task(self, task_id: str) -> MediaRow:
        """The file a task works on, even if it was deleted or expired since. Raises KeyError."""
        source = select(*COLUMNS).join(tasks, tasks.c.file_id == media.c.file_id).where(tasks.c.id == task_id)
        with self._db.read() as connection:
            row = connection.execute(source).one_or_none()
        if row is None:
            raise KeyError(task_id)
        return MediaRow(*row)

    def _delete(self, keys: Iterable[str]) -> None:
        """After the commit: what a crash leaves here is an orphan, which the sweep finds."""
        for key in keys:
            self._blobs.delete(key)


def forget_in(connection: Connection, file_ids: Collection[str]) -> list[str]:
    """Let go of all that deleted files own, but for what an unfinished task needs; the objects to delete."""
    released = [release_in(connection, file_id) for file_id in file_ids]
    return [key for key in released if key is not None] + belongings.drop_in(connection, file_ids)
