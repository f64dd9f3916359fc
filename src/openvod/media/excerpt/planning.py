"""Which packets of a stretch can be copied, and which frames must be encoded? Pure arithmetic over the index."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openvod.core.models import Json
from openvod.media.rewrite.index import Group, Times, VideoIndex, Way
from openvod.media.rewrite.planning import PLAYED, SEGMENT_FRAMES, FrameRange, Segment


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive frames of the source that come into the clip in one way."""

    first: int
    """Number of its first frame in the source."""
    frames: int
    first_packet: int = 0
    """Copied ones: number of the first packet, a key picture; packets are in the order of decoding."""
    packets: int = 0
    """0 for a piece that is encoded anew."""

    @property
    def end(self) -> int:
        """One more than the number of its last frame."""
        return self.first + self.frames

    @property
    def segment(self) -> Segment:
        """How `media.rewrite` calls it, for the pieces that are encoded anew."""
        return Segment(self.first, self.frames, 0, 0, ())

    def dump(self) -> Json:
        """As JSON, for `load`."""
        return {
            "first": self.first,
            "frames": self.frames,
            "first_packet": self.first_packet,
            "packets": self.packets,
        }

    @staticmethod
    def load(value: Json) -> "Piece":
        """From what `dump` gave."""
        return Piece(**value)


@dataclass(frozen=True, slots=True)
class Cut:
    """How a clip is made."""

    stretches: tuple[FrameRange, ...]
    """In the order of the clip."""
    way: Way
    """`copy` (with new edges) or `whole` (all is encoded anew)."""
    pieces: tuple[Piece, ...]
    """In the order of the clip; together the frames of `stretches`."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What must be encoded, each once."""
        return tuple(dict.fromkeys(piece.segment for piece in self.pieces if not piece.packets))


def plan(index: VideoIndex, stretches: Sequence[FrameRange], *, without: Sequence[Way] = ()) -> Cut | None:
    """Plan a clip of `stretches`, which lie within the video; None when the ways `without` leave none.

    A video of another codec than H.264 is copied where no edge must be encoded: no encoder here writes like its own.
    """
    if "copy" not in without and index.ways[0] != "serial":
        pieces = tuple(piece for part in stretches for piece in _pieces(index.groups, part))
        edges = not all(piece.packets for piece in pieces)
        can_copy = "copy" in index.ways if edges else index.codec in PLAYED
        if can_copy and any(piece.packets for piece in pieces):
            return Cut(tuple(stretches), "copy", pieces)
    if "whole" in without or "whole" not in index.ways:
        return None
    pieces = tuple(piece for part in stretches for piece in _encoded(index.groups, part.first, part.end))
    return Cut(tuple(stretches), "whole", pieces)


def laid(index: VideoIndex, times: Times, stretches: Sequence[FrameRange]) -> tuple[Times, list[int]]:
    """When each frame of the clip is shown, and when each stretch begins, at last the clip's end; in the source's ticks.

    Each frame is shown as long as in the source, the last one of a stretch too.
    """
    shown = array("q")
    begins = [0]
    for part in stretches:
        shift = begins[-1] - times[part.first]
        shown.extend(times[number] + shift for number in range(part.first, part.end))
        begins.append(end_of(index, times, part) + shift)
    return Times(shown), begins


def end_of(index: VideoIndex, times: Times, part: FrameRange) -> int:
    """Until when the last frame of a stretch is shown in the source, in ticks."""
    return times[part.end] if part.end < len(times) else times[len(times) - 1] + index.last_duration


def _pieces(groups: Sequence[Group], part: FrameRange) -> Iterator[Piece]:
    """Whole groups are copied, from one where a decoder can begin on. A run of them may end at any group: no picture of
    it needs a later group, though that one may need it."""
    first = part.first
    for start, end in _runs(groups, part):
        yield from _encoded(groups, first, groups[start].first)
        frames = sum(group.frames for group in groups[start:end])
        packets = sum(group.packets for group in groups[start:end])
        yield Piece(groups[start].first, frames, groups[start].first_packet, packets)
        first = groups[start].first + frames
    yield from _encoded(groups, first, part.end)


def _runs(groups: Sequence[Group], part: FrameRange) -> Iterator[tuple[int, int]]:
    """Longest runs of groups inside `part` that can be copied, as first and end."""
    start = -1
    for place, group in enumerate(groups):
        inside = part.first <= group.first and group.first + group.frames <= part.end and not group.hidden
        if start >= 0 and not inside:
            yield start, place
            start = -1
        if start < 0 and inside and group.joint and group.frames:
            start = place
    if start >= 0:
        yield start, len(groups)


def _encoded(groups: Sequence[Group], first: int, end: int) -> Iterator[Piece]:
    """Frames `first` to `end` - 1 in pieces that several processes can work on, parted where groups begin."""
    for group in groups:
        if first < group.first < end and min(group.first - first, end - group.first) >= SEGMENT_FRAMES:
            yield Piece(first, group.first - first)
            first = group.first
    if first < end:
        yield Piece(first, end - first)
