"""What changes in the tables when bytes arrive? The upload's rows, and the steps of its transactions.

Steps that take an object from its owner return its key: the caller deletes the object after the commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select

from openvod.core.models import Json
from openvod.store.blobs import Stored
from openvod.store.columns import now_ms
from openvod.store.tables import multiparts, objects, parts, upload_objects, uploads


class UploadClosed(Exception):
    """The session is unknown, expired or committed: it takes no more bytes."""


class MultipartGone(Exception):
    """The multipart upload is unknown: completed, aborted, of another path, or never started."""


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload session. Times are milliseconds since 1970."""

    session_key: str
    sub_app_id: int
    storage_path: str
    """Begins with `/`; unique among all applications."""
    cover_path: str | None
    temp_secret_id: str
    temp_secret_key: str
    token: str
    media_type: str
    media_name: str
    params: Json
    """What the session was opened with."""
    created: int
    expires: int
    committed: int | None
    file_id: str | None
    """The library file it became."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a multipart upload."""

    number: int
    size: int
    md5: str
    object_key: str
    crc64: str
    """As the door that received it has it; empty if it has none."""
    created: int
    """Milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Multipart:
    """A multipart upload that is under way."""

    storage_path: str
    upload_id: str
    """Later ones of a path sort after earlier ones."""
    created: int
    """Milliseconds since 1970."""


UPLOAD = tuple(uploads.c[field.name] for field in fields(Upload))
_PART = tuple(parts.c[field.name] for field in fields(Part))

_OPEN = uploads.c.committed.is_(None) & (uploads.c.expires > now_ms())
BY_TEMP_KEY = select(*UPLOAD).where(uploads.c.temp_secret_id == bindparam("temp_secret_id"), _OPEN)
BY_SESSION = select(*UPLOAD).where(uploads.c.session_key == bindparam("session_key"))
BY_PATH = (
    select(*UPLOAD)
    .where(or_(uploads.c.storage_path == bindparam("path"), uploads.c.cover_path == bindparam("path")), _OPEN)
    .with_for_update()
)
OBJECT = select(upload_objects.c.object_key, upload_objects.c.size, upload_objects.c.md5).where(
    upload_objects.c.storage_path == bindparam("path")
)
MULTIPART = select(multiparts.c.upload_id).where(
    multiparts.c.upload_id == bindparam("upload_id"), multiparts.c.storage_path == bindparam("path")
)
MULTIPARTS = (
    select(*(multiparts.c[field.name] for field in fields(Multipart)))
    .where(multiparts.c.storage_path.in_(bindparam("paths", expanding=True)))
    .order_by(multiparts.c.storage_path, multiparts.c.upload_id)
)
PARTS = select(*_PART).where(parts.c.upload_id == bindparam("upload_id")).order_by(parts.c.number)


def open_session(connection: Connection, path: str) -> None:
    """Hold the session of a path open until the transaction ends. Raises UploadClosed."""
    if connection.execute(BY_PATH, {"path": path}).one_or_none() is None:
        raise UploadClosed(path)


def lock_multipart(connection: Connection, upload_id: str, path: str) -> None:
    """Hold a multipart upload until the transaction ends. Raises MultipartGone."""
    if (
        connection.execute(MULTIPART.with_for_update(), {"upload_id": upload_id, "path": path}).one_or_none()
        is None
    ):
        raise MultipartGone(upload_id)


def own_object(connection: Connection, key: str) -> None:
    """Enter an object that something refers to from now on."""
    connection.execute(insert(objects), {"key": key})


def disown(connection: Connection, keys: Iterable[str]) -> list[str]:
    """Strike out objects that nothing refers to any more."""
    gone = list(keys)
    if gone:
        connection.execute(delete(objects).where(objects.c.key.in_(gone)))
    return gone


def put_object(connection: Connection, path: str, stored: Stored) -> list[str]:
    """Make an object the one of its path. Raises UploadClosed."""
    open_session(connection, path)
    replaced = drop_objects(connection, [path])
    row = {"storage_path": path, "size": stored.size, "md5": stored.md5, "object_key": stored.key}
    connection.execute(insert(upload_objects), row)
    own_object(connection, stored.key)
    return replaced


def drop_objects(connection: Connection, paths: list[str]) -> list[str]:
    """Forget the complete objects of some paths."""
    at_paths = delete(upload_objects).where(upload_objects.c.storage_path.in_(paths))
    return disown(connection, connection.execute(at_paths.returning(upload_objects.c.object_key)).scalars())


def drop_multiparts(connection: Connection, upload_ids: list[str]) -> list[str]:
    """Forget multipart uploads and their parts."""
    connection.execute(delete(multiparts).where(multiparts.c.upload_id.in_(upload_ids)))
    of_them = delete(parts).where(parts.c.upload_id.in_(upload_ids)).returning(parts.c.object_key)
    return disown(connection, connection.execute(of_them).scalars())


def empty(connection: Connection, upload: Row[*tuple[Any, ...]]) -> list[str]:
    """Forget all that a session received."""
    paths = [path for path in (upload.storage_path, upload.cover_path) if path is not None]
    under_way = select(multiparts.c.upload_id).where(multiparts.c.storage_path.in_(paths))
    ids = list(connection.execute(under_way).scalars())
    return drop_objects(connection, paths) + drop_multiparts(connection, ids)
