"""Which watermarks lie on a film? What is still there, with the same edges, when everything around it has changed.

A few frames a second are looked at, and a stretch of them is judged together (`marks_standing`). What is shown in several
places in turn, or for a while only, is looked for by itself (`marks_spells`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.marks_spells import Spell, spells
from openvod.engines.marks_standing import (
    FEWEST,
    Bools,
    Floats,
    Standing,
    box_of,
    gradient,
    lies_on_top,
    present,
    standing,
    stays,
)
from openvod.engines.marks_trembling import untrembling
from openvod.engines.screen_text import Mask
from openvod.media.frames import Planes

RATE = 5.0
"""Frames looked at per second. With 2.5 faint marks over a busy picture were missed in clips of 6 seconds."""
STRETCH = 60
"""Frames looked at that are judged together."""
SIDE = 360
"""The picture's shorter side is made so small at most: marks are larger than that takes away."""
SAME = 0.3
"""Overlap over union from which marks of two stretches are the same one."""
ALWAYS = 0.9
"""Share of the film in which something that may have been filmed must be seen to be told at all."""
EDGE = 3
"""Pixels of the film that a mark's mask reaches beyond its edges: its blurred rim."""


@dataclass(frozen=True, slots=True)
class FoundMark:
    """A watermark that stands still, in pixels of the upright picture."""

    first: int
    """Number of the first frame that may show it."""
    last: int
    start: float
    """Seconds."""
    end: float
    mask: Mask
    looks: NDArray[np.uint8] | None
    """`[h, w]`: its mean picture, when it may as well have been filmed: in a calm corner, a text is a mark, and all else is
    not."""
    jumps: bool = False
    """Whether the same mark is in another place at another time: no subtitle and nothing filmed is."""


@dataclass(slots=True)
class _Run:
    """A mark that is being followed over stretches."""

    covered: Bools
    """`[h, w]` of the small picture."""
    first: int
    last: int
    start: float
    end: float
    looks: NDArray[np.uint8] | None
    spell: bool = False
    """Whether it is there for exactly this time."""
    jumps: bool = False


@dataclass(slots=True)
class _Seen:
    """The frames of the current stretch."""

    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class MarkFinder:
    """Takes the frames of one film in order, and tells the watermarks when all have been seen."""

    def __init__(self) -> None:
        self._seen = _Seen()
        self._runs: list[_Run] = []
        self._due = 0.0
        self._size = (0, 0)
        self._first: tuple[int, float] | None = None
        self._last = (0, 0.0)

    def add(self, frame: Planes) -> None:
        """The next frame."""
        self._last = (frame.index, frame.time)
        self._first = self._first or self._last
        if frame.time < self._due:
            return
        self._due = frame.time + 1 / RATE
        height, width = frame.luma.shape
        self._size = (width, height)
        scale = min(1.0, SIDE / min(self._size))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        picture = cv2.resize(frame.luma, small, interpolation=cv2.INTER_AREA)
        self._seen.pictures.append(picture.astype(np.uint8))
        self._seen.numbers.append(frame.index)
        self._seen.times.append(frame.time)
        if len(self._seen.pictures) >= 2 * STRETCH:
            self._judge(STRETCH)

    def finish(self) -> list[FoundMark]:
        """All watermarks, in order of their first frame."""
        if self._seen.pictures:
            self._judge(len(self._seen.pictures))
        found = (self._found(run) for run in self._runs if self._known(run))
        return sorted(found, key=lambda each: each.first)

    def _judge(self, count: int) -> None:
        """Look for marks in the oldest `count` frames, and let go of them."""
        seen, self._seen = self._seen, _Seen()
        self._seen.pictures, seen.pictures = seen.pictures[count:], seen.pictures[:count]
        self._seen.numbers, self._seen.times = seen.numbers[count:], seen.times[count:]
        if len(seen.pictures) < FEWEST:
            return
        stack = np.stack(seen.pictures).astype(np.float32)
        gradients = np.stack([gradient(picture) for picture in stack])
        moving = spells(stack, gradients)
        jumping = [spell for own in moving for spell in own if _jumps(own)]
        still = [one for one in self._still(stack, gradients) if not _is_one_of(one[0].covered, jumping)]
        for own in moving:
            if _jumps(own) or not any(_is_one_of(one.covered, own) for one, _ in still):
                for spell in own:
                    run = _run(spell.covered, seen, np.arange(spell.first, spell.last + 1), None)
                    run.spell, run.jumps = True, _jumps(own)
                    self._note(run)
        for one, there in still:
            looks = _look(stack[there].mean(0), one.covered) if one.known == "doubtful" else None
            self._note(_run(one.covered, seen, there, looks))

    def _still(self, stack: Floats, gradients: Floats) -> Iterator[tuple[Standing, NDArray[np.intp]]]:
        """What stands in one place, and the frames it is in."""
        half = len(stack) // 2
        for part in (slice(None), slice(0, half), slice(half, None)):
            if len(stack[part]) < FEWEST:
                continue
            found = chain(
                standing(stack[part], gradients[part]),
                (Standing(covered, "untrembling") for covered in untrembling(stack[part])),
            )
            for one in found:
                there = np.flatnonzero(present(gradients, gradients[part], one.covered))
                if len(there) >= FEWEST and self._lasts(one, stack, gradients, there):
                    yield one, there

    def _lasts(self, one: Standing, stack: Floats, gradients: Floats, there: NDArray[np.intp]) -> bool:
        """Whether it is a mark all the time that it was seen in."""
        if one.known == "doubtful" and len(there) < ALWAYS * len(stack):
            return False
        span = slice(there[0], there[-1] + 1)
        return stays(gradients[span], one.covered) and (
            one.known != "alone" or lies_on_top(stack[span], gradients[span], one.covered)
        )

    def _note(self, run: _Run) -> None:
        """Take it for what was seen before in the same place, or as another one."""
        wait = (1.5 if run.spell else STRETCH * 1.5) / RATE
        for other in self._runs:
            both, either = (other.covered & run.covered).sum(), (other.covered | run.covered).sum()
            near = run.start - other.end <= wait and run.spell == other.spell
            if near and both >= SAME * either:
                if (other.looks is None) == (run.looks is None):
                    other.covered |= run.covered
                elif run.looks is None:
                    other.covered, other.looks = run.covered, None
                other.first, other.start = min(other.first, run.first), min(other.start, run.start)
                other.last, other.end = max(other.last, run.last), max(other.end, run.end)
                other.jumps |= run.jumps
                return
        self._runs.append(run)

    def _known(self, run: _Run) -> bool:
        """Whether it is worth telling: what may have been filmed is only when it is always there."""
        begin = self._first[1] if self._first else 0.0
        return run.looks is None or run.end - run.start >= ALWAYS * (self._last[1] - begin)

    def _found(self, run: _Run) -> FoundMark:
        """At the film's own size; what begins or ends within a stretch of the film's ends does so at these."""
        width, height = self._size
        first, last = self._first or (0, 0.0), self._last
        small = cv2.resize(run.covered.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        around = cv2.dilate((small > 0.4).astype(np.uint8), np.ones((2 * EDGE + 1,) * 2, np.uint8)) > 0
        box = box_of(around)
        early = run.start - first[1] <= 2 / RATE
        late = last[1] - run.end <= 2 / RATE
        return FoundMark(
            first=first[0] if early else run.first,
            last=last[0] if late else run.last,
            start=first[1] if early else run.start,
            end=last[1] if late else run.end,
            mask=Mask.of(box, around[box.y0 : box.y1, box.x0 : box.x1]),
            looks=run.looks,
            jumps=run.jumps,
        )


def _jumps(own: Sequence[Spell]) -> bool:
    boxes = [box_of(spell.covered) for spell in own]
    return any(box.shared(boxes[0]) == 0 for box in boxes[1:])


def _is_one_of(covered: Bools, own: Sequence[Spell]) -> bool:
    """Whether it lies in the place of a spell."""
    box = box_of(covered)
    return any(2 * box.shared(box_of(spell.covered)) > box.width * box.height for spell in own)


def _run(covered: Bools, seen: _Seen, there: NDArray[np.intp], looks: NDArray[np.uint8] | None) -> _Run:
    """From the first to the last of the frames `there`; a frame more on both sides, for it was looked at now and then only."""
    low, high = max(0, int(there[0]) - 1), min(len(seen.numbers) - 1, int(there[-1]) + 1)
    return _Run(covered, seen.numbers[low], seen.numbers[high], seen.times[low], seen.times[high], looks)


def _look(mean: Floats, covered: Bools) -> NDArray[np.uint8]:
    """The mean picture around it with all the contrast that there is."""
    box = box_of(covered)
    around = box.grown(max(3, box.height // 5), (covered.shape[1], covered.shape[0]))
    part = mean[around.y0 : around.y1, around.x0 : around.x1]
    low, high = np.quantile(part, (0.02, 0.98))
    stretched: NDArray[np.uint8] = np.clip((part - low) * 255 / max(high - low, 1), 0, 255).astype(np.uint8)
    return stretched
