"""What does an editor get to see? Windows of a few dozen pictures, with context, in constant memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.media.rewrite.planning import FrameRange

Plane = NDArray[np.uint8] | NDArray[np.uint16]

WINDOW_BYTES = 80 << 20
"""About how much the pictures of one window take."""
LONGEST = 96
"""Most edited frames of a window."""
SHORTEST = 8


@dataclass(slots=True, eq=False)
class Picture:
    """One decoded frame, as stored (not turned)."""

    number: int
    """In order of display, from 0."""
    pts: int
    """When it is shown, in ticks of the source's video track."""
    planes: tuple[Plane, ...]
    """Y, U, V (Y alone in grey videos) as `[height, width]` of the plane: `uint8`, or `uint16` when deeper than 8
    bits. Those of pictures that are only context cannot be written to."""
    frame: Any = None
    """The libav frame that owns the planes; None in a copy."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What an editor is called with. It edits `inner` in place, and nothing else."""

    before: Sequence[Picture]
    """Up to `context` pictures before `inner`, as they were in the source, the nearest last."""
    inner: Sequence[Picture]
    """Consecutive pictures to be edited."""
    after: Sequence[Picture]
    """Up to `context` pictures after `inner`."""
    argument: Json
    """The editor's own."""
    rate: float
    """Mean frames per second."""
    seconds_per_tick: float
    depth: int
    """Bits of a sample."""
    full_range: bool
    matrix: int
    """How Y, U, V make up red, green, blue: `MatrixCoefficients` of ITU-T H.273, 2 when not told."""
    memory: Json = field(default_factory=dict)
    """What the editor wants to keep from one window of a segment to the next, e.g. a loaded model."""

    @property
    def pictures(self) -> list[Picture]:
        """All of them, in order."""
        return [*self.before, *self.inner, *self.after]


Editor = Callable[[Window], None]
"""A module-level function, named "package.module:function" where it is passed on. Called in a media process, for the
windows of one segment in order. It must give the same pixels however the video is cut up into windows."""


def window_frames(frame_bytes: int, context: int) -> int:
    """How many frames a window edits at most: few where nobody looks around, for nothing is gained by holding more."""
    if not context:
        return SHORTEST
    return min(LONGEST, max(SHORTEST, WINDOW_BYTES // max(1, frame_bytes) - 2 * context))


def cut(ranges: Iterable[FrameRange], longest: int) -> list[FrameRange]:
    """`ranges` in pieces of at most `longest` frames, about equal within a range."""
    pieces = []
    for part in ranges:
        count = -(-(part.end - part.first) // longest)
        edges = [part.first + (part.end - part.first) * place // count for place in range(count + 1)]
        pieces += [FrameRange(*edge) for edge in pairwise(edges)]
    return pieces


def edited(
    pictures: Iterator[Picture],
    windows: Sequence[FrameRange],
    context: int,
    call: Callable[[Sequence[Picture], Sequence[Picture], Sequence[Picture]], None],
) -> Iterator[Picture]:
    """All of `pictures` in order, after `call(before, inner, after)` was called for each of `windows` (as from `cut`).

    At most a window with its context is held at a time. `before` and `after` hold what `pictures` had.
    """
    ahead: deque[Picture] = deque()
    past: deque[Picture] = deque(maxlen=context)
    """The last pictures that were given away, as they had been."""
    for place, window in enumerate(windows):
        while _read(pictures, ahead, 1) and ahead[0].number < window.first:
            past.append(ahead[0])
            yield ahead.popleft()
        _read(pictures, ahead, window.end + context - window.first)
        inner = [picture for picture in ahead if picture.number < window.end]
        if not inner:
            continue  # the video is over
        after = [picture for picture in ahead if window.end <= picture.number < window.end + context]
        following = windows[place + 1].first if place + 1 < len(windows) else None
        needed = following is not None and following - context < window.end
        kept = [_copy(picture) for picture in inner[-context:]] if needed and context else []
        for picture in inner:
            _make_writable(picture)
        call(_protected(past), inner, _protected(after))
        for _ in inner:
            yield ahead.popleft()
        past.extend(kept or inner[-context:] if context else ())
    yield from ahead
    yield from pictures


def picture_of(number: int, pts: int, frame: Any) -> Picture:
    """A picture that looks at a libav frame's own memory."""
    return Picture(number, pts, planes_of(frame), frame)


def planes_of(frame: Any) -> tuple[Plane, ...]:
    """Y, U, V of a planar libav frame as arrays on its memory, without the padding of its lines."""
    deep = frame.format.components[0].bits > 8
    planes: list[Plane] = []
    for plane in frame.planes:
        flat: Any = np.frombuffer(plane, np.uint16 if deep else np.uint8)
        lines = flat[: plane.height * (plane.line_size // flat.itemsize)].reshape(plane.height, -1)
        planes.append(lines[:, : plane.width])
    return tuple(planes)


def _read(pictures: Iterator[Picture], ahead: deque[Picture], count: int) -> bool:
    """Read until `ahead` has `count` pictures or the video is over; whether there is any."""
    while len(ahead) < count and (picture := next(pictures, None)) is not None:
        ahead.append(picture)
    return bool(ahead)


def _make_writable(picture: Picture) -> None:
    """The decoder still refers to its own pictures, so those to be edited become copies."""
    if picture.frame is not None:
        picture.frame.make_writable()
        picture.planes = planes_of(picture.frame)


def _copy(picture: Picture) -> Picture:
    return Picture(picture.number, picture.pts, tuple(plane.copy() for plane in picture.planes))


def _protected(pictures: Iterable[Picture]) -> list[Picture]:
    found = []
    for picture in pictures:
        planes = tuple(plane.view() for plane in picture.planes)
        for plane in planes:
            plane.flags.writeable = False
        found.append(Picture(picture.number, picture.pts, planes))
    return found
