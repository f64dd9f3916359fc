"""Where do the bytes of media live? The port to the object store."""

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol


class Stored(NamedTuple):
    """An object that was written: its key, its size in bytes, and its MD5 in hex."""

    key: str
    size: int
    md5: str


class Blobs(Protocol):
    """An object store. An object is whole or absent, and never changes; keys are made by `new_key`, never by
    users.

    Bytes are written aside and made real by one rename or one put. Memory use does not grow with the object.
    """

    def new_key(self) -> str:
        """A key that nobody can guess: `m/ab/<32 hex digits>`."""
        ...

    def put(self, key: str, data: Iterable[bytes] | Path) -> Stored:
        """Store an object; it is durable on return. When `data` raises, nothing is stored."""
        ...

    def adopt(self, key: str, file: Path) -> Stored:
        """`put` for a file of the caller's that never changes again: without a copy where the disk allows. The file
        stays the caller's to remove.
        """
        ...

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in blocks. Raises FileNotFoundError at the
        first block.
        """
        ...

    def size(self, key: str) -> int:
        """Bytes of an object. Raises FileNotFoundError."""
        ...

    def concat(self, keys: Iterable[str], key: str) -> Stored:
        """Store the objects' bytes, one after the other, as a new object. Raises FileNotFoundError."""
        ...

    def local_path(self, key: str, folder: Path) -> Path:
        """A file with the object's bytes, for reading only: the store's own, or a copy in `folder`.

        Raises FileNotFoundError.
        """
        ...

    def delete(self, key: str) -> None:
        """Drop an object, if it is there."""
        ...

    def keys(self, prefix: str = "", older_than_seconds: float = 0.0) -> Iterator[str]:
        """Keys of the objects below `prefix` (whole path segments) that are at least that old.

        Leftovers of writes that a crash cut short are listed too, so that a sweep finds them.
        """
        ...


def new_key() -> str:
    """See `Blobs.new_key`; the segment in the middle keeps folders small."""
    name = secrets.token_hex(16)
    return f"m/{name[:2]}/{name}"
