"""What may be thrown away? Expired files, abandoned uploads, and objects that nothing refers to."""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from openvod.store import upload_rows
from openvod.store.blobs import Blobs
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.library import forget_in
from openvod.store.tables import media, objects, uploads

AGE_SECONDS = 86400.0
"""What is being written has no row yet, and a late commit may still come: neither is swept before this age.
"""
PAGE = 200
"""Rows in one transaction, and keys in one look-up."""

_EXPIRED = (
    select(media.c.file_id)
    .where(media.c.expires <= now_ms(), media.c.deleted.is_(None))
    .limit(PAGE)
    .with_for_update(skip_locked=True)
)
_ABANDONED = (
    select(uploads.c.session_key, uploads.c.storage_path, uploads.c.cover_path)
    .where(uploads.c.expires <= now_ms() - bindparam("age"))
    .limit(PAGE)
    .with_for_update(skip_locked=True)
)
_OWNED = select(objects.c.key).where(objects.c.key.in_(bindparam("found", expanding=True)))


class Swept(NamedTuple):
    """How much was thrown away."""

    files: int
    """Files whose time had come."""
    uploads: int
    """Sessions that expired, with what they had received; committed ones had nothing left."""
    orphans: int
    """Objects that nothing referred to."""


def sweep(db: Database, blobs: Blobs, age_seconds: float = AGE_SECONDS) -> Swept:
    """Throw away what nobody can reach. Safe to run at any time, by several processes."""
    files = _pages(db, blobs, _expire_files)
    abandoned = _pages(db, blobs, lambda connection: _drop_uploads(connection, age_seconds))
    return Swept(files, abandoned, _drop_orphans(db, blobs, age_seconds))


def _pages(db: Database, blobs: Blobs, step: Callable[[Connection], tuple[int, list[str]]]) -> int:
    """Repeat a step (rows it changed, objects it disowned) until it finds no full page."""
    total = 0
    while True:
        changed, disowned = db.write(step)
        for key in disowned:
            blobs.delete(key)
        total += changed
        if changed < PAGE:
            return total


def _expire_files(connection: Connection) -> tuple[int, list[str]]:
    """Delete files as their owner would have: the object stays while a task needs it."""
    expired = list(connection.execute(_EXPIRED).scalars())
    connection.execute(update(media).where(media.c.file_id.in_(expired)).values(deleted=now_ms()))
    return len(expired), forget_in(connection, expired)


def _drop_uploads(connection: Connection, age_seconds: float) -> tuple[int, list[str]]:
    found = connection.execute(_ABANDONED, {"age": int(age_seconds * 1000)}).all()
    disowned = [key for row in found for key in upload_rows.empty(connection, row)]
    connection.execute(delete(uploads).where(uploads.c.session_key.in_([row.session_key for row in found])))
    return len(found), disowned


def _drop_orphans(db: Database, blobs: Blobs, age_seconds: float) -> int:
    total = 0
    keys = blobs.keys(older_than_seconds=age_seconds)
    while page := list(islice(keys, PAGE)):
        with db.read() as connection:
            owned = set(connection.execute(_OWNED, {"found": page}).scalars())
        for key in (key for key in page if key not in owned):
            blobs.delete(key)
            total += 1
    return total
