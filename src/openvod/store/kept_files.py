"""Which files were worked out before? Results of steps that are too large for the database, on this machine's disk.

Everything in here may be forgotten at any time, and other machines have their own: a miss is only a slower run. Files are
found by what they were made from, and by application, like what `memory` knows. They are not synced: whoever recalls one
looks whether it is whole.
"""

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from openvod.core.settings import Settings
from openvod.store.memory import key_of
from openvod.store.room import NoRoom, Room

FOLDER = "steps"
"""In the data folder: `<SubAppId>/<key>`."""
BLOCK = 4096
"""Bytes that a file takes at least."""
PIECE = 1 << 20
"""Bytes that are copied at a time."""
ROUNDS = 8
"""A process looks what is too much each time when it has added this part of all that may be kept."""
DAY_SECONDS = 86_400.0

log = logging.getLogger(__name__)


class KeptFiles:
    """The kept files of all applications. Several threads and processes may use the same folder."""

    def __init__(self, data: Path, settings: Settings) -> None:
        """`data` is the data folder. `settings.kept_video_mb` are kept in all, about; with 0 nothing is."""
        self._folder = data / FOLDER
        self._room = Room(data, settings.free_disk_mb * 2**20)
        self._most = settings.kept_video_mb * 2**20
        self._seconds = settings.kept_video_days * DAY_SECONDS
        self._added = 0

    def shelf(self, sub_app_id: int, source: str) -> "Shelf":
        """What belongs to one source, by a hash of its bytes."""
        return Shelf(self, self._folder / str(sub_app_id), source)

    def add(self, place: Path, file: BinaryIO) -> None:
        """Copy the file to its place, where it appears whole. What there is no room for is not kept."""
        size = max(BLOCK, os.fstat(file.fileno()).st_size)
        if size > self._most:
            return
        try:
            self._room.check(size)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _copy(file, size, place)
        except (OSError, NoRoom) as error:
            log.warning("a result is not kept: %r", error)
            return
        self._added += size
        if self._added > self._most // ROUNDS:
            self.sweep()

    def sweep(self) -> int:
        """Forget what was long not asked for, and the least recently used of what is too much; how many files."""
        self._added = 0
        found = sorted(self._files())
        total = sum(size for _, size, _ in found)
        stale = time.time() - self._seconds
        gone = 0
        for used, size, path in found:
            if used > stale and total <= self._most:
                break
            path.unlink(missing_ok=True)  # another worker may be sweeping too
            total -= size
            gone += 1
        return gone

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """When each was used the last time, and its size; also those that a dead process did not finish."""
        for path in self._folder.glob("*/*"):
            with suppress(FileNotFoundError):
                known = path.stat()
                yield known.st_mtime, max(BLOCK, known.st_size), path


class Shelf:
    """The kept files that were made of one source for one application."""

    def __init__(self, files: KeptFiles, folder: Path, source: str) -> None:
        """See `KeptFiles.shelf`."""
        self._files = files
        self._folder = folder
        self._source = source

    def recall(self, step: str, about: Any) -> BinaryIO | None:
        """What was kept of a step for this `about`, a JSON value; to be read, and closed by the caller."""
        try:
            file = self._place(step, about).open("rb")
            os.utime(file.fileno())
        except FileNotFoundError:
            return None
        return file

    def keep(self, step: str, about: Any, file: BinaryIO) -> None:
        """Remember the file, which is read to its end, in place of what was kept before."""
        self._files.add(self._place(step, about), file)

    def _place(self, step: str, about: Any) -> Path:
        return self._folder / key_of(step, {"source": self._source, "about": about})


def _copy(file: BinaryIO, most: int, place: Path) -> None:
    """A copy, because whoever has written the file may still hold it open. What grows meanwhile is cut off."""
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as new:
            while most > 0 and (piece := file.read(min(most, PIECE))):
                new.write(piece)
                most -= len(piece)
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink()
        raise
