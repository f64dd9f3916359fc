"""Which watermarks lie on a film? What is still there, with the same edges, when everything around it has changed.

A few frames a second are looked at. Over a stretch of them, the gradient of a mark adds up and that of the film cancels
out; where it adds up far more than chance would have it while the picture beside it changes, there is a mark. Stretches
are short, so that a mark that jumps from corner to corner is found in each of its places.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text import Mask
from openvod.media.frames import Planes

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

RATE = 2.5
"""Frames looked at per second."""
STRETCH = 30
"""Frames looked at that are judged together."""
FEWEST = 8
SIDE = 360
"""The picture's shorter side is made so small at most: marks are larger than that takes away."""
STEEP = 2.0
"""Levels per pixel that the mean gradient of a mark has at least."""
SURE = 5.0
"""How many times its standard error a mean gradient must be."""
OVER_USUAL = 3.5
"""How many times as sure as the picture's usual pixel."""
CHANGES = 9.0
"""Standard deviation, levels, of the picture beside a mark: less, and nothing is known."""
ROAMS = 0.37
"""How alike the picture around a mark is from one look to another, as a usual correlation: more, and the camera stands
still, so that a stone would be a mark, too. Stones had 0.39 to 0.85, marks -0.1 to 0.35."""
RING = 17
"""Pixels of picture around a mark that this is asked of."""
CALM = 0.5
"""How much of that the inside of a mark changes at most."""
MANY = 3
"""Sure marks that one in the middle, or in a calm place, must look like: the whole picture is strewn with them."""
LIKE = 0.5
"""How alike these must be, as a correlation of their edges."""
SMALLEST, LARGEST = 0.0004, 0.06
"""Share of the picture that a mark's box has."""
OUTER = 0.34
"""Share of the width and height from the edges in which its middle must lie, in one direction at least, unless MANY."""
CLOSE = 9
"""Pixels between strokes of one mark, at `SIDE`."""
SAME = 0.3
"""Overlap over union from which marks of two stretches are the same one."""
THERE = 0.35
"""How alike the edges of a frame and of the mark must be for it to be there, as a correlation."""
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


@dataclass(slots=True)
class _Run:
    """A mark that is being followed over stretches."""

    covered: Bools
    """`[h, w]` of the small picture."""
    first: int
    last: int
    start: float
    end: float


@dataclass(slots=True)
class _Seen:
    """The frames of the current stretch."""

    pictures: list[Floats] = field(default_factory=list)
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
        self._seen.pictures.append(picture.astype(np.float32))
        self._seen.numbers.append(frame.index)
        self._seen.times.append(frame.time)
        if len(self._seen.pictures) >= 2 * STRETCH:
            self._judge(STRETCH)

    def finish(self) -> list[FoundMark]:
        """All watermarks, in order of their first frame."""
        if self._seen.pictures:
            self._judge(len(self._seen.pictures))
        return sorted((self._found(run) for run in self._runs), key=lambda found: found.first)

    def _judge(self, count: int) -> None:
        """Look for marks in the oldest `count` frames, and let go of them."""
        seen, self._seen = self._seen, _Seen()
        self._seen.pictures, seen.pictures = seen.pictures[count:], seen.pictures[:count]
        self._seen.numbers, self._seen.times = seen.numbers[count:], seen.times[count:]
        if len(seen.pictures) < FEWEST:
            return
        stack = np.stack(seen.pictures)
        gradients = np.stack([_gradient(picture) for picture in stack])
        half = len(stack) // 2
        for part in (slice(None), slice(0, half), slice(half, None)):  # halves: it may have jumped in between
            if len(stack[part]) < FEWEST:
                continue
            for covered in _standing(stack[part], gradients[part]):
                there = _present(gradients, gradients[part], covered)
                if there.any():
                    self._note(covered, seen, np.flatnonzero(there))

    def _note(self, covered: Bools, seen: _Seen, there: NDArray[np.intp]) -> None:
        """A mark was there from the first to the last of the frames `there`; a frame more on both sides, for it was looked
        at now and then only."""
        low, high = max(0, int(there[0]) - 1), min(len(seen.numbers) - 1, int(there[-1]) + 1)
        run = _Run(covered, seen.numbers[low], seen.numbers[high], seen.times[low], seen.times[high])
        for other in self._runs:
            both, either = (other.covered & covered).sum(), (other.covered | covered).sum()
            near = run.start - other.end <= STRETCH / RATE * 1.5
            if near and both >= SAME * either:
                other.covered |= covered
                other.first, other.start = min(other.first, run.first), min(other.start, run.start)
                other.last, other.end = max(other.last, run.last), max(other.end, run.end)
                return
        self._runs.append(run)

    def _found(self, run: _Run) -> FoundMark:
        """At the film's own size; what begins or ends within a stretch of the film's ends does so at these."""
        width, height = self._size
        first, last = self._first or (0, 0.0), self._last
        small = cv2.resize(run.covered.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
        around = cv2.dilate((small > 0.4).astype(np.uint8), np.ones((2 * EDGE + 1,) * 2, np.uint8)) > 0
        rows, columns = np.flatnonzero(around.any(1)), np.flatnonzero(around.any(0))
        box = Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        early = run.start - first[1] <= 2 / RATE
        late = last[1] - run.end <= 2 / RATE
        return FoundMark(
            first=first[0] if early else run.first,
            last=last[0] if late else run.last,
            start=first[1] if early else run.start,
            end=last[1] if late else run.end,
            mask=Mask.of(box, around[box.y0 : box.y1, box.x0 : box.x1]),
        )


def _gradient(picture: Floats) -> Floats:
    """`[2, h, w]`: levels per pixel to the right and down."""
    return np.stack([cv2.Sobel(picture, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1))])


def _standing(stack: Floats, gradients: Floats) -> Iterator[Bools]:
    """Of one stretch: what each mark covers."""
    mean = gradients.mean(0)
    edges, steep = _edges(gradients, mean)
    closed = cv2.morphologyEx(edges.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((CLOSE, CLOSE), np.uint8))
    changes = stack.std(0)
    labels_count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    sure: list[tuple[Box, Bools]] = []
    unsure: list[tuple[Box, Bools]] = []
    for label in range(1, labels_count):
        x, y, width, height, area = (int(value) for value in stats[label])
        box, covered = Box(x, y, x + width, y + height), labels == label
        if _is_mark(box, area, covered, edges, changes):
            alone = _at_edge(box, covered.shape) and _roams(stack, covered)
            (sure if alone else unsure).append((box, covered))
    for box, covered in [*sure, *unsure]:
        if any(covered is one for _, one in sure) or sum(_alike(steep, box, o) for o, _ in sure) >= MANY:
            yield _solid(covered, changes)


def _edges(gradients: Floats, mean: Floats) -> tuple[Bools, Floats]:
    """Where the mean gradient is steep and surer than chance, and how steep it is."""
    steep: Floats = np.hypot(mean[0], mean[1])
    spread = np.sqrt(gradients.var(0).sum(0) / len(gradients)) + np.float32(0.05)
    sure = steep / spread
    edges: Bools = (steep > STEEP) & (sure > max(SURE, OVER_USUAL * float(np.median(sure))))
    return edges, steep


def _roams(stack: Floats, covered: Bools) -> bool:
    """Whether the picture around a mark becomes another one: fine patterns that flutter in their places do not count."""
    near, far = (
        cv2.dilate(covered.astype(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)) > 0 for by in (3, 3 + RING)
    )
    rows, columns = np.flatnonzero(far.any(1)), np.flatnonzero(far.any(0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ring = (far & ~near)[part]
    looks = np.stack([cv2.GaussianBlur(picture[part], (0, 0), 3)[ring] for picture in stack])
    looks -= looks.mean(1, keepdims=True)
    lengths = np.linalg.norm(looks, axis=1) + 1e-3
    alike = looks @ looks.T / lengths[:, None] / lengths
    return bool(np.median(alike[np.triu_indices(len(alike), 1)]) < ROAMS)


def _at_edge(box: Box, shape: tuple[int, ...]) -> bool:
    across, down = (box.x0 + box.x1) / 2 / shape[1], (box.y0 + box.y1) / 2 / shape[0]
    return min(across, 1 - across) <= OUTER or min(down, 1 - down) <= OUTER


def _alike(steep: Floats, one: Box, other: Box) -> bool:
    """Whether the same pattern is in both boxes, one of which may show a part of it only."""
    if one.width * one.height > other.width * other.height:
        one, other = other, one
    size = (steep.shape[1], steep.shape[0])
    room = other.grown(max(one.width - other.width, one.height - other.height, 0) + 2, size)
    if room.width < one.width or room.height < one.height:
        return False
    pattern, place = (steep[box.y0 : box.y1, box.x0 : box.x1] for box in (one, room))
    return float(cv2.matchTemplate(place, pattern, cv2.TM_CCOEFF_NORMED).max()) >= LIKE


def _solid(covered: Bools, changes: Floats) -> Bools:
    """With what the edges go around, where that stands still, too: the inside of a plate has no edges."""
    outlines, _ = cv2.findContours(covered.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(covered.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    beside = float(np.median(changes[_beside(covered)]))
    whole: Bools = covered | ((filled > 0) & (changes < CALM * beside))
    return whole


def _beside(covered: Bools) -> Bools:
    around: Bools = cv2.dilate(covered.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    return around & ~covered


def _is_mark(box: Box, area: int, covered: Bools, edges: Bools, changes: Floats) -> bool:
    rows, columns = covered.shape
    if not SMALLEST <= box.width * box.height / (rows * columns) <= LARGEST or min(box.width, box.height) < 4:
        return False
    if (box.x0 <= 1 and box.width >= columns - 3) or (box.y0 <= 1 and box.height >= rows - 3):
        return False  # the rim of a letterbox
    if edges[covered].sum() < 0.08 * area:
        return False
    return bool(np.median(changes[_beside(covered)]) >= CHANGES)


def _present(gradients: Floats, found_in: Floats, covered: Bools) -> Bools:
    """Of each frame: whether its edges there are those of the mark, which was found in some of them."""
    own = gradients[:, :, covered].reshape(len(gradients), -1)
    mean = found_in[:, :, covered].reshape(len(found_in), -1).mean(0)
    length = np.linalg.norm(own, axis=1) * np.linalg.norm(mean) + 1e-6
    there: Bools = own @ mean / length > THERE
    return there
