"""How is media kept in a bucket? Through obstore: S3 and what speaks like it.

An upload is spooled to a local file first: its MD5 and size are then known, a sender that stops half-way
costs the bucket nothing, and obstore sends large files in parts, in constant memory.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from obstore.store import from_url

from openvod.store import blobs
from openvod.store.blob_folder import make_folder, summed, write_file
from openvod.store.blobs import Stored

if TYPE_CHECKING:
    from obstore import GetOptions

BLOCK = 1 << 20


class BlobBucket:
    """The object store behind an URL; see `blobs.Blobs` for what each method promises."""

    def __init__(self, url: str, spool: Path) -> None:
        self._store = from_url(url)
        self._spool = spool
        make_folder(spool)

    def new_key(self) -> str:
        """An unguessable key."""
        return blobs.new_key()

    def put(self, key: str, data: Iterable[bytes] | Path) -> Stored:
        """Spool, then send."""
        aside = self._spool / secrets.token_hex(16)
        try:
            stored = write_file(aside, key, data)
            self._store.put(key, aside)
        finally:
            aside.unlink(missing_ok=True)
        return stored

    def adopt(self, key: str, file: Path) -> Stored:
        """Send the file as it is."""
        stored = summed(file, key)
        self._store.put(key, file)
        return stored

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Blocks of a ranged GET."""
        if end is not None and end <= start:
            return
        part: GetOptions = {"range": {"offset": start} if end is None else (start, end)}
        got = self._store.get(
            key, options=part if start or end is not None else {}
        )  # an empty object has no ranges
        for block in got.stream(min_chunk_size=BLOCK):
            yield bytes(block)

    def size(self, key: str) -> int:
        """By HEAD."""
        return self._store.head(key)["size"]

    def concat(self, keys: Iterable[str], key: str) -> Stored:
        """Through the spool: S3's own copying of parts wants 5 MiB each, and gives no MD5."""
        return self.put(key, (block for part in keys for block in self.read(part)))

    def local_path(self, key: str, folder: Path) -> Path:
        """A copy, made once per folder."""
        path = folder / f"object-{key.rpartition('/')[2]}"
        if path.exists():
            return path
        aside = path.with_suffix(".part")
        aside.unlink(missing_ok=True)
        write_file(aside, key, self.read(key))
        return aside.replace(path)

    def delete(self, key: str) -> None:
        """Delete; S3 does not tell whether it was there, other stores do."""
        with suppress(FileNotFoundError):
            self._store.delete(key)

    def keys(self, prefix: str = "", older_than_seconds: float = 0.0) -> Iterator[str]:
        """By listing."""
        until = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        for page in self._store.list(prefix or None):
            for meta in page:
                if meta["last_modified"] <= until:
                    yield meta["path"]
