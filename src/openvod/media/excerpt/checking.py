"""Is the clip what it should be? It is read, and decoded at both ends and where copied and new pictures meet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from openvod.core.models import Json
from openvod.media.excerpt.joining import copied_frames
from openvod.media.excerpt.planning import Piece, laid
from openvod.media.rewrite import FrameRange, decoding
from openvod.media.rewrite.decoding import Mismatch
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.verify import MOST_JOINTS, Target, spread
from openvod.media.rewrite.windows import planes_of

_BEYOND = 32
"""Frames that are looked at on the far side of a joint."""


def check(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: takes the argument of `joining.join` and `"target"`, answers `{"fault": text}`.

    The text is empty when every frame is there at its time, the ends decode, and the copied frames at joints and ends are to
    a bit what the source decodes to.
    """
    index = VideoIndex.load(argument["index"])
    times = Times.read(Path(argument["times"]))
    stretches = [FrameRange(*part) for part in argument["stretches"]]
    shown, _ = laid(index, times, stretches)
    pieces = [
        Piece.load({name: part for name, part in value.items() if name != "folder"})
        for value in argument["pieces"]
    ]
    source = _Source(Path(argument["source"]), index, times, pieces)
    try:
        target = Target(Path(argument["target"]), replace(index, origin=0), shown)
        joints = [0, *accumulate(piece.frames for piece in pieces)]
        chosen = spread(joints[:-1], MOST_JOINTS)
        for place, joint in enumerate([*chosen, len(shown) - 1]):
            progress(place / (len(chosen) + 1))
            _compare(source, target, joint)
    except Mismatch as mismatch:
        return {"fault": str(mismatch)}
    return {"fault": ""}


@dataclass(frozen=True, slots=True)
class _Source:
    """What the clip's copied frames must look like."""

    path: Path
    index: VideoIndex
    times: Times
    pieces: Sequence[Piece]

    def frames(self, first: int, end: int) -> Iterator[tuple[int, Any]]:
        """Those of the clip's frames `first` to `end` - 1 that are copied, with their numbers in the clip."""
        for begin, part in copied_frames(self.pieces):
            low = max(first, begin) - begin + part.first
            high = min(end - begin + part.first, part.end)
            if low < high:
                for number, frame in decoding.stretch(self.path, self.index, self.times, low, high):
                    yield number - part.first + begin, frame


def _compare(source: _Source, target: Target, joint: int) -> None:
    """Decode from the key picture before the clip's frame `joint` on."""
    first, end = target.entry(joint), min(joint + _BEYOND, len(target.times))
    originals = source.frames(first, end)
    number, original = next(originals, (-1, None))
    for place, frame in target.frames(first, end):
        if original is not None and place == number:
            same = map(np.array_equal, planes_of(frame), planes_of(original))
            if frame.format.name != original.format.name or not all(same):
                raise Mismatch(f"frame {place} of the clip was copied and looks different")
            number, original = next(originals, (-1, None))
