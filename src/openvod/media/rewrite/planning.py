"""Which parts of a video must be encoded anew, and which packets are copied? Pure arithmetic over the index."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from openvod.core.models import Json
from openvod.media.rewrite.index import Group, VideoIndex, Way

SEGMENT_FRAMES = 240
"""About how many frames a segment has at least: each one costs a process, and decoding around its ends."""
LEAST_FRAMES = 60
"""As many it has at least where less is to be done than two segments: a short video is to keep two processors busy, too."""

PLAYED = {"h264", "hevc", "av1", "vp9"}
"""What browsers play from MP4: a video of these in which nothing changes is copied whole, whatever holds it."""


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames `first` to `end` - 1, numbered in order of display."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames that one process encodes anew. They replace whole groups."""

    first: int
    """Number of its first frame."""
    frames: int
    first_packet: int
    packets: int
    edited: tuple[FrameRange, ...]
    """Those of its frames that the editor is called for, in order, none touching another."""

    def dump(self) -> Json:
        """As JSON, for `load`."""
        return asdict(self)

    @staticmethod
    def load(value: Json) -> "Segment":
        """From what `dump` gave."""
        return Segment(**{**value, "edited": tuple(FrameRange(**part) for part in value["edited"])})


@dataclass(frozen=True, slots=True)
class Plan:
    """How a video is rewritten."""

    index: VideoIndex
    changed: tuple[FrameRange, ...]
    """Frames to be edited, in order, none touching another."""
    context: int
    """How many frames before and after the edited ones the editor may see."""
    way: Way
    segments: tuple[Segment, ...]
    """In order. What no segment holds is copied."""

    @property
    def encoded(self) -> int:
        """Number of frames that are encoded anew."""
        return sum(segment.frames for segment in self.segments)

    @property
    def copied_share(self) -> float:
        """Which part of the frames is copied, 0 to 1."""
        return 1 - self.encoded / self.index.frames if self.index.frames else 0.0


def plan(
    index: VideoIndex,
    changed: Iterable[FrameRange],
    context: int,
    *,
    decoded: int | None = None,
    without: Sequence[Way] = (),
) -> Plan:
    """Plan the rewriting of the frames `changed` (in any order; empty ones and what is beyond the end is left out).

    `decoded` is how many frames a full decode has given, by which `changed` was numbered: a file where that is
    not what its packets promise is done in one go, counting alike. `without` rules out ways that have failed.
    """
    ways = [way for way in index.ways if way not in without] or ["serial"]
    way: Way = "serial" if decoded is not None and decoded != index.frames else ways[0]
    ranges = merged(changed, max(index.frames, decoded or 0))
    if way == "serial":
        # Packets are not frames here: hold all that were asked for, however many there will be.
        every = Segment(0, index.frames, 0, index.frames, ranges)
        return Plan(index, ranges, context, way, (every,))
    if not ranges and index.codec in PLAYED and not any(group.hidden for group in index.groups):
        way = "copy" if "copy" not in without else way
    parts = _joined(index.groups) if way == "copy" else [(0, len(index.groups))]
    if way == "copy":
        parts = [part for part in parts if _must_change(index.groups[slice(*part)], ranges)]
    places = [place for part in parts for place in range(*part)]
    if len(places) == len(index.groups):
        way = "whole"
    todo = sum(index.groups[place].frames for place in places)
    least = min(SEGMENT_FRAMES, max(LEAST_FRAMES, -(-todo // 2)))
    runs = _runs(index.groups, places, least)
    segments = tuple(_segment(index.groups[slice(*run)], ranges) for run in runs)
    return Plan(index, ranges, context, way, segments)


def merged(ranges: Iterable[FrameRange], frames: int) -> tuple[FrameRange, ...]:
    """The same frames, as few ranges in order, within 0 to `frames`."""
    found: list[FrameRange] = []
    for part in sorted(ranges, key=lambda part: part.first):
        first, end = max(0, part.first), min(part.end, frames)
        if first >= end:
            continue
        if found and first <= found[-1].end:
            first, end = found[-1].first, max(found.pop().end, end)
        found.append(FrameRange(first, end))
    return tuple(found)


def within(ranges: Sequence[FrameRange], first: int, end: int) -> tuple[FrameRange, ...]:
    """What of `ranges` (as from `merged`) lies in the frames `first` to `end` - 1."""
    place = max(0, bisect_right(ranges, first, key=lambda part: part.first) - 1)
    found = []
    while place < len(ranges) and ranges[place].first < end:
        part = FrameRange(max(first, ranges[place].first), min(end, ranges[place].end))
        if part.first < part.end:
            found.append(part)
        place += 1
    return tuple(found)


def _joined(groups: Sequence[Group]) -> list[tuple[int, int]]:
    """Runs of groups, as first and end, that can be exchanged without harm to what follows."""
    starts = [place for place, group in enumerate(groups) if group.joint or place == 0]
    return list(zip(starts, [*starts[1:], len(groups)], strict=True))


def _must_change(groups: Sequence[Group], ranges: Sequence[FrameRange]) -> bool:
    """Whether frames are edited, or pictures lie there that must not be seen."""
    end = groups[-1].first + groups[-1].frames
    return any(group.hidden for group in groups) or bool(within(ranges, groups[0].first, end))


def _runs(groups: Sequence[Group], places: Sequence[int], least: int) -> Iterator[tuple[int, int]]:
    """Neighbouring groups of `places` put together until they have `least` frames, as first and end."""
    start = end = -1
    for place in places:
        if place != end or _frames(groups[start:end]) >= least:
            if end > start:
                yield start, end
            start = place
        end = place + 1
    if end > start:
        yield start, end


def _frames(groups: Sequence[Group]) -> int:
    return sum(group.frames for group in groups)


def _segment(groups: Sequence[Group], ranges: Sequence[FrameRange]) -> Segment:
    first, frames = groups[0].first, _frames(groups)
    packets = sum(group.packets for group in groups)
    return Segment(first, frames, groups[0].first_packet, packets, within(ranges, first, first + frames))
