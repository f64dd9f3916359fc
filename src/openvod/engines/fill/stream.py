"""What is behind what was burned into a picture? Pixels from earlier and later frames, else from around them.

Works on one region of the frames, while they stream by. Hidden pixels are looked for in the past and in the future, along
optical flow and along one motion for the whole region, and beside that filled from around in the frame itself; see
`chains` for the ways and `blend` for the choice. Pixels that are not hidden are never changed.

Memory is bounded by the region, not by the film: the past is kept as far as its pixels may still be wanted, the future is
looked at `AHEAD` frames at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.chains import Chain, Spots, packed, spots, unpacked
from openvod.engines.fill.frame import Evidence, Form, FrameFiller, Lifted, Paint, Planes, from_around
from openvod.engines.fill.motion import Mask, Motion, MotionFinder
from openvod.engines.fill.samples import Roll
from openvod.engines.fill.trim import LEAST, trimmed

AHEAD = 150
"""Frames of the future that are looked at where something stays hidden that long. It should reach the end of a cue: with 40
frames, cues of 65 over a still background were 3.5 dB worse."""
BLOCK = 48
"""Frames filled at a time where it stays hidden for longer."""
PAST = 200
"""Frames that are kept of the past."""
ROOM = 24_000_000
"""Pixels of luma beyond which less of the future and the past is looked at."""
STANDING = 0.5
"""Caution for opaque marks that stand still for the whole shot: 1.9 dB better there, and 5 dB worse for subtitles."""
WAYS = (False, True)
"""Chains by flow, and chains by the one affine motion."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A region of one frame. It should reach 40 pixels further than what is hidden, and begin where a chroma sample begins."""

    y: NDArray[Any]
    """`[h, w]`, uint8 or uint16."""
    u: NDArray[Any]
    v: NDArray[Any]
    hidden: Mask
    """`[h, w]`: pixels whose picture is not known; blurred edges of letters belong to it, and no more: each needless pixel
    of width cost about 1 dB where the picture moves fast."""
    lifted: Lifted | None = None
    """What shows through a half-transparent mark here, when it has been turned round."""
    cut: bool = False
    """Whether the frame is the first of a new shot."""


class FillStream:
    """Fills frames pushed one by one; give it the frame before and the frame after what is hidden, too."""

    def __init__(
        self, form: Form, paint: Paint = from_around, caution: float = 0.0, *, wide: bool = True
    ) -> None:
        """What the planes look like; what fills a frame from around; and how much the expected error of what comes from
        elsewhere in time grows with every pixel from the rim. 0 is best for subtitles, STANDING for an opaque mark that never
        goes away, behind which motion is a guess. `wide` says that masks may be wider than what they cover, and are to be
        trimmed where that shows (only without caution: a faint mark could be taken for the picture)."""
        shape = form.shape
        self._form = form
        self._trims = wide and not caution
        self._settled = 0
        """Number of the first frame whose mask has not been looked at yet."""
        self._last: tuple[Mask, Mask] | None = None
        """The mask that was trimmed last, as it came and as it was left."""
        self._frames: dict[int, Frame] = {}
        self._spots: dict[int, Spots | None] = {}
        self._back: dict[int, Motion] = {}
        self._ahead: dict[int, Motion] = {}
        room = max(8, ROOM // (shape[0] * shape[1]))
        self._reach, self._past = min(AHEAD, room), min(PAST, room)
        self._rolls: tuple[Roll, Roll] | None = None
        """Luma, and both planes of chroma, of all frames that are kept."""
        self._finder = MotionFinder(shape)
        self._earlier = [Chain(shape, affine) for affine in WAYS]
        self._filler = FrameFiller(form, 2 * len(WAYS), paint, caution)
        self._begin = self._done = self._end = 0
        """Numbers of the first frame kept, the next to be filled, and the next to come."""

    def push(self, frame: Frame) -> list[Planes]:
        """Take the next frame; answer the planes of frames that are finished, in order.

        A frame where nothing is hidden finishes all before it, and so does a cut; at most BLOCK + AHEAD frames wait.
        """
        self._keep(frame)
        if frame.cut or not frame.hidden.any():
            # Chains into the future end here: at what is visible, or before a new shot.
            return list(self._fill(self._end - 1 if frame.cut else self._end))
        return list(self._fill(self._done + BLOCK)) if self._end - self._done >= BLOCK + self._reach else []

    def _keep(self, frame: Frame) -> None:
        """As the last one, its planes where chains sample them."""
        if self._rolls is None:
            capacity = self._past + BLOCK + self._reach + 1
            self._rolls = (
                Roll(self._form.shape, frame.y.dtype, capacity, cv2.INTER_CUBIC),
                Roll((*self._form.chroma, 2), frame.y.dtype, capacity, cv2.INTER_LINEAR),
            )
        luma, chroma = self._rolls[0].push(frame.y), self._rolls[1].push(cv2.merge([frame.u, frame.v]))
        self._frames[self._end] = replace(frame, y=luma, u=chroma[..., 0], v=chroma[..., 1])
        self._end += 1

    def finish(self) -> list[Planes]:
        """The rest, after the last frame."""
        return list(self._fill(self._end))

    def _settle(self) -> None:
        """Find out what is hidden in the frames that have come, and how they move."""
        for first, end in self._stretches():
            hidden = self._left_of(first, end)
            here = spots(hidden) if hidden.any() else None
            for number in range(first, end):
                self._frames[number] = replace(self._frames[number], hidden=hidden)
                self._spots[number] = here
                self._move(number)
        self._settled = self._end

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """First and end of the stretches of new frames in which the same is hidden."""
        first = self._settled
        for number in range(first, self._end):
            after = self._frames.get(number + 1)
            if after is None or not np.array_equal(after.hidden, self._frames[number].hidden):
                yield first, number + 1
                first = number + 1

    def _left_of(self, first: int, end: int) -> Mask:
        """What is hidden in the frames `first` to `end` - 1, without what can be seen to be visible."""
        stretch = [self._frames[number] for number in range(first, end)]
        hidden = stretch[0].hidden
        if not self._trims or not hidden.any() or any(frame.lifted is not None for frame in stretch):
            return hidden
        if self._last is not None and np.array_equal(self._last[0], hidden):
            return self._last[1]
        if len(stretch) < LEAST:
            return hidden
        self._last = hidden, trimmed(hidden, [frame.y for frame in stretch], self._form.level)
        return self._last[1]

    def _move(self, number: int) -> None:
        """Motion between a frame and the one before, where a chain may take it."""
        before = number - 1
        if before not in self._frames or self._frames[number].cut:
            return
        if self._spots[number] is None and self._spots[before] is None:
            return
        pair = [
            self._finder.prepare(
                number, self._frames[number].y, self._frames[number].hidden, self._form.depth
            )
            for number in (before, number)
        ]
        self._back[number], self._ahead[before] = self._finder.both(*pair)

    def _fill(self, until: int) -> Iterator[Planes]:
        self._settle()
        first, self._done = self._done, until
        if any(self._spots[number] for number in range(first, until)):
            later = self._later(first, until)
        for number in range(first, until):
            frame, here = self._frames[number], self._spots[number]
            planes = (frame.y, frame.u, frame.v)
            if frame.cut or here is None:
                self._filler.forget()
            if here is None or self._rolls is None:
                yield planes[0].copy(), planes[1].copy(), planes[2].copy()
                continue
            way, back = self._way(number, number - 1), self._back.get(number)
            earlier = [
                chain.advance(here, self._spots.get(number - 1), number - 1, way) for chain in self._earlier
            ]
            ends = earlier + [unpacked(each, first, max(self._form.shape)) for each in later.pop(number)]
            yield self._filler.fill(planes, here, Evidence(ends, self._rolls, back, frame.lifted, number))
        self._drop()

    def _later(self, first: int, until: int) -> dict[int, list[NDArray[np.int16]]]:
        """Packed ends of the chains into the future, of every frame to be filled."""
        chains = [Chain(self._form.shape, affine) for affine in WAYS]
        ends = {}
        for number in reversed(range(first, self._end)):
            here = self._spots[number]
            if here is not None:
                way = self._way(number, number + 1)
                found = [
                    chain.advance(here, self._spots.get(number + 1), number + 1, way) for chain in chains
                ]
                if number < until:
                    ends[number] = [packed(each, first, max(self._form.shape)) for each in found]
        return ends

    def _way(self, number: int, to: int) -> tuple[Motion, Motion] | None:
        there, back = (self._back, self._ahead) if to < number else (self._ahead, self._back)
        return (there[number], back[to]) if number in there and to in back else None

    def _drop(self) -> None:
        """Let go of what no chain will come back to: nothing before a cut or before two frames without a mask."""
        begin = max(self._begin, self._done - self._past)
        last = self._done - 1
        if last >= begin and self._spots[last] is None:
            begin = last
        for number in range(self._begin, begin):
            del self._frames[number]
        for roll in self._rolls or ():
            roll.drop(begin)
        for number in [n for n in self._spots if n < self._done - 1]:
            for table in (self._spots, self._back, self._ahead):
                table.pop(number, None)
        self._begin = begin


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A region of a stretch of frames, all at once."""

    y: NDArray[Any]
    """`[frames, h, w]`, uint8 or uint16."""
    u: NDArray[Any]
    v: NDArray[Any]
    hidden: Mask
    """`[frames, h, w]`, see `Frame`."""
    cuts: frozenset[int] = frozenset()
    """Numbers of frames that are the first of a new shot."""
    depth: int = 8
    """Bits per sample."""


def fill_window(window: Window, paint: Paint = from_around) -> Planes:
    """Copies of the three planes with the hidden pixels filled."""
    stream = FillStream(Form(window.y.shape[1:], window.u.shape[1:], window.depth), paint)
    filled: list[Planes] = []
    for number, (y, u, v, hidden) in enumerate(zip(window.y, window.u, window.v, window.hidden, strict=True)):
        filled += stream.push(Frame(y, u, v, hidden, cut=number in window.cuts))
    filled += stream.finish()
    y, u, v = (np.stack(planes) for planes in zip(*filled, strict=True))
    return y, u, v
