"""What was worked out before? Results of steps by their content, so that the same work is not done twice.

Everything in here may be forgotten at any time. It is kept by application: nobody learns from it what others work on.
"""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from openvod.core.models import Json
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.tables import steps

LARGEST = 8 * 2**20
"""Bytes of a value, packed, that are still kept."""
MOST = 1000
"""Steps of one question."""
DAY_MS = 86_400_000
DAYS = 30
"""What nobody has asked for so long is forgotten."""
PAGE = 200

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_KNOWN = select(steps.c.key, steps.c.value, steps.c.used <= now_ms() - DAY_MS).where(
    steps.c.sub_app_id == bindparam("app"), steps.c.key.in_(bindparam("keys", expanding=True))
)
_OLDEST = select(steps.c.sub_app_id, steps.c.key, steps.c.size).order_by(steps.c.used).limit(PAGE)


class Memory:
    """The remembered steps of all applications."""

    def __init__(self, db: Database, most_bytes: int) -> None:
        """`most_bytes` are kept in all, about; with 0 nothing is."""
        self._db = db
        self._most = most_bytes

    def recall(self, sub_app_id: int, step: str, abouts: Sequence[Json]) -> list[Json | None]:
        """What was kept of a step for each `about`, in their order."""
        if not self._most or not abouts:
            return [None] * len(abouts)
        keys = [key_of(step, about) for about in abouts]
        with self._db.read() as connection:
            found = connection.execute(_KNOWN, {"app": sub_app_id, "keys": list(dict.fromkeys(keys))}).all()
        if stale := [key for key, _, old in found if old]:
            self._db.write(lambda connection: _use(connection, sub_app_id, stale), durable=False)
        known = {key: json.loads(zlib.decompress(value)) for key, value, _ in found}
        return [known.get(key) for key in keys]

    def keep(self, sub_app_id: int, step: str, pairs: Sequence[tuple[Json, Json]]) -> None:
        """Remember what a step came to, by `about`; a value that is very large is not."""
        if not self._most:
            return
        rows = {}
        for about, value in pairs:
            packed = zlib.compress(_encode(value).encode(), 6)
            if len(packed) <= LARGEST:
                key = key_of(step, about)
                rows[key] = {"sub_app_id": sub_app_id, "key": key, "value": packed, "size": len(packed)}
        if rows:
            self._db.write(lambda connection: _put(connection, sub_app_id, rows), durable=False)

    def sweep(self) -> int:
        """Forget what was long not asked for, and the least recently used of what is too much."""
        gone = self._db.write(_forget_unused)
        while self._size() > self._most:
            gone += self._db.write(_forget_oldest)
        return gone

    def _size(self) -> int:
        with self._db.read() as connection:
            return int(connection.execute(select(func.coalesce(func.sum(steps.c.size), 0))).scalar_one())


def key_of(step: str, about: Json) -> str:
    """64 characters for a step and what it was about; the same for equal values."""
    return hashlib.sha256(f"{step}\n{_encode(about)}".encode()).hexdigest()


def _use(connection: Connection, sub_app_id: int, keys: Sequence[str]) -> None:
    connection.execute(
        update(steps).where(steps.c.sub_app_id == sub_app_id, steps.c.key.in_(keys)).values(used=now_ms())
    )


def _put(connection: Connection, sub_app_id: int, rows: Mapping[str, dict[str, Any]]) -> None:
    """Whoever was first keeps its place: the same key means the same value."""
    kept = set(
        connection.execute(
            select(steps.c.key).where(steps.c.sub_app_id == sub_app_id, steps.c.key.in_(list(rows)))
        ).scalars()
    )
    for key, row in rows.items():
        if key not in kept:
            connection.execute(_insert(connection), row)


def _insert(connection: Connection) -> Any:
    """Two processes may keep the same step in the same moment."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # noqa: PLC0415 - the one of the two that is needed
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]  # noqa: PLC0415
    return insert(steps).on_conflict_do_nothing()


def _forget_unused(connection: Connection) -> int:
    return connection.execute(delete(steps).where(steps.c.used <= now_ms() - DAYS * DAY_MS)).rowcount


def _forget_oldest(connection: Connection) -> int:
    page = connection.execute(_OLDEST).all()
    for row in page:
        connection.execute(delete(steps).where(steps.c.sub_app_id == row.sub_app_id, steps.c.key == row.key))
    return len(page)
