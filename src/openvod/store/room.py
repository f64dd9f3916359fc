"""Is there room on the disk for what comes in? Some of it stays free, so that the database and running work go on."""

import shutil
from dataclasses import dataclass
from pathlib import Path


class NoRoom(Exception):
    """The disk would be left with less than what has to stay free."""


@dataclass(frozen=True, slots=True)
class Room:
    """The disk on which bytes arrive: of the objects themselves, or of where they wait to be sent to a bucket."""

    folder: Path
    floor: int
    """Bytes that stay free; 0 is no floor at all."""

    def check(self, more: int = 0) -> None:
        """Cheap enough for every block. Raises NoRoom if the disk has no room for so many bytes more."""
        if self.floor and shutil.disk_usage(self.folder).free - more < self.floor:
            raise NoRoom
