"""Did only that change what should? The new file is read, and decoded where old and new packets meet."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from openvod.core.models import Json
from openvod.media.probe import open_media
from openvod.media.rewrite import decoding
from openvod.media.rewrite.decoding import Mismatch
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.planning import FrameRange, Segment
from openvod.media.rewrite.windows import planes_of

MOST_JOINTS = 16
"""Places that are decoded: all are made alike, so that what fails anywhere fails at the first ones."""
_BEYOND = 32
"""Frames that are looked at on the far side of a joint."""
_SHIFT_SECONDS = Fraction(1, 1000)
"""By how much a late start of the whole video may be rounded."""


def verify(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: takes `{"source", "target", "index", "times", "way", "segments"}`, answers `{"fault": text}`.

    The text is empty when every frame is there at its time, and when, in files with copied packets, the frames on
    both sides of a joint are to a bit what the source decodes to.
    """
    index = VideoIndex.load(argument["index"])
    segments = [Segment.load(value) for value in argument["segments"]]
    times = Times.read(Path(argument["times"]))
    try:
        target = Target(Path(argument["target"]), index, times)
        if argument["way"] == "copy":
            joints = spread(_joints(segments, len(times)), MOST_JOINTS)
            for number, joint in enumerate(joints):
                progress(number / len(joints))
                _compare(Path(argument["source"]), target, segments, joint)
        else:
            for _ in target.frames(0, min(_BEYOND, len(times))):
                pass
    except Mismatch as mismatch:
        return {"fault": str(mismatch)}
    return {"fault": ""}


def spread(places: Sequence[int], most: int) -> list[int]:
    """At most `most` of `places`, evenly."""
    if len(places) <= most:
        return list(places)
    return [places[number * len(places) // most] for number in range(most)]


def _joints(segments: Sequence[Segment], frames: int) -> list[int]:
    """Numbers of the frames that begin something new next to something copied."""
    edges = [FrameRange(segment.first, segment.first + segment.frames) for segment in segments]
    firsts, ends = {edge.first for edge in edges}, {edge.end for edge in edges}
    return sorted((firsts ^ ends) - {0, frames})


@dataclass(frozen=True, slots=True)
class _Clock:
    """Turns the source's ticks into the target's."""

    ratio: Fraction
    origin: int
    shift: int

    def __call__(self, ticks: int) -> Fraction:
        return (ticks - self.origin) * self.ratio + self.shift


class Target:
    """The new file. Raises Mismatch when its frames are not those of the source."""

    def __init__(self, path: Path, index: VideoIndex, times: Times) -> None:
        self._path = path
        self.index = index
        self.times = times
        stamps, self._keys = array("q"), array("q")
        with open_media(path) as container:
            track = video_track(container)
            for packet in tolerant_packets(container, track):
                if packet.pts is None or packet.is_discard:
                    raise Mismatch("a packet without a time, or one that is not shown")
                stamps.append(packet.pts)
                if packet.is_keyframe:
                    self._keys.append(packet.pts)
            ratio = Fraction(*index.time_base) / track.time_base
            allowed = int(_SHIFT_SECONDS / track.time_base)
        self._check(sorted(stamps), ratio, allowed)

    def _check(self, stamps: list[int], ratio: Fraction, allowed: int) -> None:
        if len(stamps) != len(self.times):
            raise Mismatch(f"{len(self.times)} frames became {len(stamps)}")
        plain = _Clock(ratio, self.index.origin, 0)
        shift = stamps[0] - round(plain(self.times[0]))
        if abs(shift) > allowed:
            raise Mismatch(f"the first frame is shown {shift} ticks late")
        self._clock = _Clock(ratio, self.index.origin, shift)
        for number, stamp in enumerate(stamps):
            if abs(self._clock(self.times[number]) - stamp) >= 1:
                raise Mismatch(f"frame {number} is shown at another time")

    def entry(self, frame: int) -> int:
        """Number of the key frame before `frame`."""
        wanted = self._clock(self.times[frame])
        before = [key for key in self._keys if key < wanted]
        return self._number(before[-1]) if before else 0

    def frames(self, first: int, end: int) -> Iterator[tuple[int, Any]]:
        """Decode `first` (a key frame) to `end` - 1 in one go, as (number, libav frame)."""
        stamp = round(self._clock(self.times[first]))
        number = first
        for frame in decoding.from_key(self._path, stamp):
            if frame.pts is not None and frame.pts < stamp:
                continue
            if frame.pts is None or abs(self._clock(self.times[number]) - frame.pts) >= 1:
                raise Mismatch(f"frame {number} of the new file is not decoded in its turn")
            yield number, frame
            number += 1
            if number == end:
                return
        raise Mismatch(f"the new file breaks off before frame {number}")

    def _number(self, stamp: int) -> int:
        numbers = range(len(self.times))
        return bisect_left(numbers, stamp, key=lambda number: round(self._clock(self.times[number])))


def _compare(source: Path, target: Target, segments: Sequence[Segment], joint: int) -> None:
    """Decode over the joint at frame `joint`; copied frames must be equal to the source's."""
    following = [segment.first for segment in segments if segment.first >= joint]
    first, end = target.entry(joint), min(joint + _BEYOND, len(target.times))
    old = FrameRange(first, joint) if joint in following else FrameRange(joint, min([end, *following]))
    originals = decoding.stretch(source, target.index, target.times, old.first, old.end)
    for number, frame in target.frames(first, end):
        if old.first <= number < old.end:
            _, original = next(originals)
            same = map(np.array_equal, planes_of(frame), planes_of(original))
            if frame.format.name != original.format.name or not all(same):
                raise Mismatch(f"frame {number} was copied and looks different")
