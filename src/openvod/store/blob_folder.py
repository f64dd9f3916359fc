"""How is media kept in a local folder? Plain files that only their owner can read, durable when they appear.

obstore has a local store as well, but it neither syncs to disk nor keeps other users out (it creates files by
the umask).
"""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from openvod.store import blobs
from openvod.store.blobs import Stored

BLOCK = 1 << 18
INCOMING = "incoming"
"""Folder of files that are being written; on the same file system, so that a rename makes them real."""
_KEY = re.compile(r"[a-z0-9]+(/[a-z0-9]+)*", re.ASCII)


class BlobFolder:
    """The object store in a local folder; see `blobs.Blobs` for what each method promises."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._incoming = self._folder / INCOMING
        make_folder(self._incoming)

    def new_key(self) -> str:
        """An unguessable key."""
        return blobs.new_key()

    def put(self, key: str, data: Iterable[bytes] | Path) -> Stored:
        """Write aside, sync, rename, sync the folder."""
        target = self._path(key)
        aside = self._incoming / secrets.token_hex(16)
        try:
            stored = write_file(aside, key, data)
            make_folder(target.parent)
            aside.replace(target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return stored

    def adopt(self, key: str, file: Path) -> Stored:
        """A second name for the file; a copy where it lies on another file system, or this one has no such names."""
        target = self._path(key)
        make_folder(target.parent)
        try:
            target.hardlink_to(file)
        except OSError:
            return self.put(key, file)
        os.utime(target)  # a sweep goes by this time, and must take it for new
        stored = summed(file, key)
        _sync_folder(target.parent)
        return stored

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Blocks of a part of the file."""
        with self._path(key).open("rb", buffering=0) as file:
            file.seek(start)
            left = float("inf") if end is None else end - start
            while left > 0 and (block := file.read(int(min(BLOCK, left)))):
                left -= len(block)
                yield block

    def size(self, key: str) -> int:
        """The file's size."""
        return self._path(key).stat().st_size

    def concat(self, keys: Iterable[str], key: str) -> Stored:
        """Read one after the other into a new file."""
        return self.put(key, (block for part in keys for block in self.read(part)))

    def local_path(self, key: str, folder: Path) -> Path:  # noqa: ARG002 - other stores need the folder
        """The file itself."""
        path = self._path(key)
        path.stat()
        return path

    def delete(self, key: str) -> None:
        """Unlink the file."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "", older_than_seconds: float = 0.0) -> Iterator[str]:
        """All files by their age, `incoming` ones included."""
        until = time.time() - older_than_seconds
        for folder, _, names in os.walk(self._path(prefix) if prefix else self._folder):
            for name in names:
                path = Path(folder, name)
                try:
                    changed = path.stat().st_mtime
                except FileNotFoundError:
                    continue  # deleted or renamed since it was listed
                if changed <= until:
                    yield path.relative_to(self._folder).as_posix()

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        return self._folder / key


def write_file(path: Path, key: str, data: Iterable[bytes] | Path) -> Stored:
    """Write a new private file and sync it to disk."""
    if isinstance(data, Path):
        data = _blocks(data)
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=BLOCK) as file:
        for block in data:
            md5.update(block)
            file.write(block)
            size += len(block)
        file.flush()
        os.fsync(file.fileno())
    return Stored(key, size, md5.hexdigest())


def summed(path: Path, key: str) -> Stored:
    """What `write_file` would say of a file that is there; synced to disk."""
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    for block in _blocks(path):
        md5.update(block)
        size += len(block)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return Stored(key, size, md5.hexdigest())


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block


def make_folder(folder: Path) -> None:
    """Make a private folder and those above it, each durable in the one that holds it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
