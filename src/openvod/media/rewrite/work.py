"""What does a rewriting need to know about where, how and by whom it is done?"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from openvod.core.models import Json
from openvod.media import sandbox
from openvod.media.rewrite.index import Way
from openvod.media.rewrite.planning import Segment
from openvod.media.sandbox import Limits

ANSWER = "answer.json"
"""In a segment's folder: what became of it, written when its other files are complete."""


class Call(Protocol):
    """`media.sandbox.call`, or something that starts media processes in its stead."""

    def __call__(
        self,
        target: str,
        argument: Json,
        folder: Path,
        limits: Limits,
        *,
        readable: Sequence[Path] = (),
        progress: Callable[[float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Json:
        """See `sandbox.call`."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes the pictures."""

    target: str
    """"package.module:function", a `media.rewrite.windows.Editor`."""
    argument: Json
    readable: tuple[Path, ...] = ()
    """Files and folders that it reads, e.g. the model folder."""
    about: Callable[[Segment], Json] | None = None
    """What the editor does to the pictures of a segment, by content: where it is known, it stands for the argument in the
    segment's name, and the segment goes to `Work.shelf`."""


class Shelf(Protocol):
    """Keeps finished segments beyond `Work.folder`. Called from several threads."""

    def recall(self, name: str, folder: Path) -> bool:
        """Put the files of the segment of this name into the folder, which is made; false when it is not there."""

    def keep(self, name: str, folder: Path) -> None:
        """Remember the files in the folder as the segment of this name. It may be forgotten at any time."""


@dataclass(frozen=True, slots=True)
class Work:
    """Where and how the work is done."""

    folder: Path
    """Keeps segments between attempts; on the file system of the target. The caller removes it in the end."""
    limits: Limits
    """For each media process."""
    processes: int = 1
    """How many media processes run at a time."""
    progress: Callable[[float], None] = field(default=lambda _: None)
    """Told 0 to 1, from several threads, never backwards."""
    cancelled: Callable[[], bool] = field(default=lambda: False)
    """Asked about ten times a second; true raises `sandbox.Cancelled`."""
    call: Call = sandbox.call
    shelf: Shelf | None = None
    """Where segments come from that an earlier task has made of the same source."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the pictures."""

    way: Way
    frames: int
    encoded: int
    """How many of them were encoded anew; the others are copies of the stored ones."""
    psnr: float
    """Luma PSNR of the encoded pictures against the edited ones in dB, at most 100; 100 when none was encoded."""
    reused: int
    """Segments that an earlier attempt had finished, or an earlier task."""
    notes: tuple[str, ...]
    """Tracks that could not be copied as they are, and ways that failed."""


def call(
    work: Work,
    target: str,
    argument: Json,
    folder: Path,
    readable: Sequence[Path],
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Json:
    """Call a sandbox target by the rules of `work`."""
    return work.call(
        target,
        argument,
        folder,
        work.limits,
        readable=readable,
        progress=progress,
        cancelled=cancelled or work.cancelled,
    )


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before anything relies on them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
