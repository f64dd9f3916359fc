"""What must be known of a video before parts of it can be rewritten? Read once, almost without decoding.

Plain values only, so that the planner needs no media library. What was read from a stranger's file in a media
process is checked again by `VideoIndex.load`.
"""

from array import array
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from openvod.core.models import Json

Way = Literal["copy", "whole", "serial"]
"""`copy`: pictures that nobody changes are copied as they are stored. `whole`: all are encoded anew, in pieces that
can be worked on apart from each other. `serial`: the same in one go, for files whose time stamps cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that are stored together, from one key picture to the next. Frames are in order of display."""

    first: int
    """Number of its first frame, from 0."""
    frames: int
    first_packet: int
    """Number of its first packet among those of the video track; packets are in the order of decoding."""
    packets: int
    leading: int
    """How many of its frames are shown before its key picture: a decoder that starts here does not give those."""
    joint: bool
    """No picture from here on refers to an earlier one, so the pictures before it can be exchanged."""
    hidden: bool = False
    """It holds pictures that the file says not to show."""


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """The first real video track of a file."""

    codec: str
    """libav's name, e.g. `h264`."""
    width: int
    """Pixels as stored; so is `height`."""
    height: int
    stored_pixels: str
    """libav's pixel format of the source."""
    time_base: tuple[int, int]
    """Seconds per tick, as a fraction."""
    rate: tuple[int, int]
    """Mean frames per second, as a fraction."""
    frames: int
    """How many frames are shown; in a `serial` file how many packets there are."""
    origin: int
    """What is taken from every time stamp, in ticks: recordings of broadcasts begin anywhere."""
    last_duration: int
    """How long the last frame is shown, in ticks."""
    reorder: int
    """By how many places a packet comes later in the file than its frame on the screen, at most."""
    length_size: int
    """H.264: see `media.h264.length_size`."""
    ways: tuple[Way, ...]
    """What can be done with this file, the best first."""
    reason: str
    """Why not all ways are open; empty when they are."""
    identity: str
    """Hash of times, sizes and kinds of all packets."""
    recipe: Json
    """How its pictures are encoded: see `media.rewrite.encoding`."""
    groups: tuple[Group, ...]

    @property
    def step(self) -> int:
        """Mean ticks a frame."""
        return max(1, round(1 / (Fraction(*self.rate) * Fraction(*self.time_base))))

    @property
    def frame_bytes(self) -> int:
        """Size of one decoded frame, at most 4 bytes a pixel (10 bit 4:2:0 has 3)."""
        deep = 2 if any(depth in self.recipe["pixels"] for depth in ("10", "12")) else 1
        planes = 3 if "444" in self.recipe["pixels"] else 2 if "422" in self.recipe["pixels"] else 1.5
        return int(self.width * self.height * planes * deep)

    def dump(self) -> Json:
        """As JSON, for `load`."""
        return {**asdict(self), "groups": [list(asdict(group).values()) for group in self.groups]}

    @staticmethod
    def load(value: Json) -> "VideoIndex":
        """From what `dump` gave. Raises KeyError, TypeError or ValueError for anything else."""
        first = packet = 0
        groups = []
        for numbers in value["groups"]:
            group = Group(*numbers)
            if (group.first, group.first_packet) != (first, packet) or min(group.frames, group.packets) < 0:
                raise ValueError("groups with gaps")
            first, packet = first + group.frames, packet + group.packets
            groups.append(group)
        plain = {**value, "groups": tuple(groups), "ways": tuple(value["ways"])}
        for name in ("time_base", "rate"):
            numerator, denominator = map(int, value[name])
            if numerator <= 0 or denominator <= 0:
                raise ValueError(f"a {name} that is not positive")
            plain[name] = (numerator, denominator)
        return VideoIndex(**plain)


class Times:
    """When each frame is shown, in ticks, in order of display: 8 bytes a frame."""

    def __init__(self, ticks: "array[int]") -> None:
        self._ticks = ticks

    def __len__(self) -> int:
        return len(self._ticks)

    def __getitem__(self, frame: int) -> int:
        return self._ticks[frame]

    def save(self, path: Path) -> None:
        """Write the file that `read` reads."""
        path.write_bytes(self._ticks.tobytes())

    @staticmethod
    def read(path: Path) -> "Times":
        """From a file of `save`."""
        ticks = array("q")
        ticks.frombytes(path.read_bytes())
        return Times(ticks)


def fraction(value: Any, otherwise: tuple[int, int]) -> tuple[int, int]:
    """A libav rational as a pair; `otherwise` when it is unknown."""
    return (value.numerator, value.denominator) if value and value > 0 else otherwise
