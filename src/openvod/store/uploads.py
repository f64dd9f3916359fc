"""How does a stranger's file come in? Upload sessions: temporary keys, objects and parts, and the commit."""

import secrets
import time
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, delete, insert, or_, select, update

from openvod.core.models import Json
from openvod.store import upload_rows as rows
from openvod.store.belongings import Attachment, attach_in
from openvod.store.blobs import Blobs, Stored
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.events import file_event_in
from openvod.store.library import COLUMNS, Library, MediaRow, NewMedia
from openvod.store.room import Room
from openvod.store.tables import media, multiparts, parts, uploads
from openvod.store.upload_rows import Multipart, MultipartGone, Part, Upload, UploadClosed

__all__ = ["Multipart", "MultipartGone", "Part", "Upload", "UploadChanged", "UploadClosed", "Uploads"]

LIFE_SECONDS = 86400
"""How long a session takes bytes."""


class UploadChanged(Exception):
    """Another object arrived at the path since the caller looked; look again."""


class Uploads:
    """Upload sessions of all applications. A `Stored` that is handed in is owned from then on, or deleted."""

    def __init__(self, db: Database, library: Library, blobs: Blobs, room: Room) -> None:
        self._room = room
        self._db = db
        self._library = library
        self._blobs = blobs

    def create(
        self,
        sub_app_id: int,
        media_type: str,
        media_name: str = "",
        cover_type: str = "",
        params: Json | None = None,
    ) -> Upload:
        """Open a session with temporary keys and storage paths that exist once.

        The types end the paths as extensions, so the caller has checked them.
        """
        folder = f"/{sub_app_id}/{secrets.token_hex(16)}"
        values = {
            "session_key": secrets.token_hex(32),  # tccli takes what begins with a dash for an option
            "sub_app_id": sub_app_id,
            "storage_path": f"{folder}/media.{media_type}",
            "cover_path": f"{folder}/cover.{cover_type}" if cover_type else None,
            "temp_secret_id": "AKID" + secrets.token_hex(24),
            "temp_secret_key": secrets.token_hex(24),
            "token": secrets.token_hex(32),
            "media_type": media_type,
            "media_name": media_name,
            "params": params or {},
        }
        add = insert(uploads).values(expires=now_ms() + LIFE_SECONDS * 1000).returning(*rows.UPLOAD)
        return self._db.write(lambda connection: Upload(*connection.execute(add, values).one()))

    def by_temp_key(self, temp_secret_id: str) -> Upload | None:
        """The session that a temporary key opens, while it takes bytes."""
        with self._db.read() as connection:
            row = connection.execute(rows.BY_TEMP_KEY, {"temp_secret_id": temp_secret_id}).one_or_none()
        return None if row is None else Upload(*row)

    def by_session_key(self, session_key: str) -> Upload | None:
        """The session of a VodSessionKey: one that takes bytes, or one that is committed."""
        live = rows.BY_SESSION.where(or_(uploads.c.committed.is_not(None), uploads.c.expires > now_ms()))
        with self._db.read() as connection:
            row = connection.execute(live, {"session_key": session_key}).one_or_none()
        return None if row is None else Upload(*row)

    def object(self, path: str) -> Stored | None:
        """The complete object at a path."""
        with self._db.read() as connection:
            row = connection.execute(rows.OBJECT, {"path": path}).one_or_none()
        return None if row is None else Stored(*row)

    def put_object(self, path: str, stored: Stored) -> None:
        """Note that an object came to a path, in place of an earlier one. Raises UploadClosed."""
        self._own(stored, lambda connection: rows.put_object(connection, path, stored))

    def start_multipart(self, path: str) -> str:
        """Begin a multipart upload; its id, whose order is that of time: SDKs take up the last that is listed.
        Raises UploadClosed.
        """
        upload_id = f"{time.time_ns() // 1000:014x}{secrets.token_hex(20)}"

        def change(connection: Connection) -> None:
            rows.open_session(connection, path)
            connection.execute(insert(multiparts), {"upload_id": upload_id, "storage_path": path})

        self._db.write(change)
        return upload_id

    def put_part(self, upload_id: str, path: str, number: int, stored: Stored, *, crc64: str = "") -> None:
        """Note that a part came, in place of an earlier one of that number. Raises MultipartGone."""

        def change(connection: Connection) -> list[str]:
            rows.lock_multipart(connection, upload_id, path)
            same = (parts.c.upload_id == upload_id) & (parts.c.number == number)
            old = list(connection.execute(delete(parts).where(same).returning(parts.c.object_key)).scalars())
            row = {"upload_id": upload_id, "number": number, "size": stored.size, "md5": stored.md5}
            connection.execute(insert(parts), {**row, "object_key": stored.key, "crc64": crc64})
            rows.own_object(connection, stored.key)
            return rows.disown(connection, old)

        self._own(stored, change)

    def multiparts(self, paths: Sequence[str]) -> list[Multipart]:
        """The multipart uploads to some paths that are under way, by path and then by id."""
        with self._db.read() as connection:
            found = connection.execute(rows.MULTIPARTS, {"paths": list(paths)})
            return [Multipart(*row) for row in found]

    def parts(self, upload_id: str, path: str) -> list[Part]:
        """The parts that came so far, by number. Raises MultipartGone."""
        with self._db.read() as connection:
            if (
                connection.execute(rows.MULTIPART, {"upload_id": upload_id, "path": path}).one_or_none()
                is None
            ):
                raise MultipartGone(upload_id)
            return [Part(*row) for row in connection.execute(rows.PARTS, {"upload_id": upload_id})]

    def complete_multipart(
        self, upload_id: str, path: str, wanted: Sequence[tuple[int, str]], limit: int | None = None
    ) -> Stored:
        """Join the wanted parts (number, MD5) in that order into the path's object.

        Raises MultipartGone, UploadClosed, NoRoom, and ValueError for a part that never came or is another one, or if
        there would be more than `limit` bytes.
        """
        came = {part.number: part for part in self.parts(upload_id, path)}
        chosen = [
            came[number] for number, md5 in wanted if number in came and came[number].md5 == md5.lower()
        ]
        if len(chosen) != len(wanted) or not wanted:
            raise ValueError("a part is missing, or is not the one that was named")
        size = sum(part.size for part in chosen)
        if limit is not None and size > limit:
            raise ValueError(f"the parts are more than {limit} bytes")
        self._room.check(size)  # for a while they are there twice
        joined = self._blobs.concat([part.object_key for part in chosen], self._blobs.new_key())

        def change(connection: Connection) -> list[str]:
            rows.lock_multipart(connection, upload_id, path)
            return rows.drop_multiparts(connection, [upload_id]) + rows.put_object(connection, path, joined)

        self._own(joined, change)
        return joined

    def abort_multipart(self, upload_id: str, path: str) -> bool:
        """Drop a multipart upload and its parts; whether it was there."""
        found: list[str] = []

        def change(connection: Connection) -> list[str]:
            found[:] = connection.execute(rows.MULTIPART, {"upload_id": upload_id, "path": path}).scalars()
            return rows.drop_multiparts(connection, found)

        self._delete(self._db.write(change))
        return bool(found)

    def commit(self, session_key: str, new: NewMedia, cover: Attachment | None = None) -> MediaRow:
        """Move the session's object into the library, once: a second commit answers the same file.

        `new.object_key` is the key that `object` told for the storage path, `cover.object_key` the one for the
        cover's. Everything else that the session received is dropped. Raises UploadClosed for an unknown
        session, and UploadChanged.
        """

        def change(connection: Connection) -> tuple[MediaRow, list[str]]:
            row = connection.execute(
                rows.BY_SESSION.with_for_update(), {"session_key": session_key}
            ).one_or_none()
            if row is None:
                raise UploadClosed(session_key)
            if row.file_id is not None:
                known = select(*COLUMNS).where(media.c.file_id == row.file_id)
                return MediaRow(*connection.execute(known).one()), []
            looked_at = [(row.storage_path, new.object_key)]
            looked_at += [(row.cover_path, cover.object_key)] if cover else []
            for path, key in looked_at:
                if connection.execute(rows.OBJECT, {"path": path}).scalar() != key:
                    raise UploadChanged(path)
            dropped = rows.empty(connection, row)
            added = self._library.add_in(connection, new)
            if cover is not None:
                attach_in(connection, added.file_id, cover)
            file_event_in(connection, added.sub_app_id, "NewFileUpload", added.file_id)
            closed = {"committed": now_ms(), "file_id": added.file_id}
            connection.execute(update(uploads).where(uploads.c.session_key == session_key).values(closed))
            kept = {key for _, key in looked_at}
            return added, [key for key in dropped if key not in kept]

        added, dropped = self._db.write(change)
        self._delete(dropped)
        return added

    def _own(self, stored: Stored, change: Callable[[Connection], list[str]]) -> None:
        """Make a change by which `stored` becomes owned, and drop what it replaces.

        Refused, `stored` goes. After any other failure it stays, for nobody knows whether the commit came
        through.
        """
        try:
            replaced = self._db.write(change)
        except (UploadClosed, MultipartGone):
            self._blobs.delete(stored.key)
            raise
        self._delete(replaced)

    def _delete(self, keys: Sequence[str]) -> None:
        """After the commit: what a crash leaves here is an orphan, which the sweep finds."""
        for key in keys:
            self._blobs.delete(key)
