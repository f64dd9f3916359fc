"""Which watermarks can be read in the corners of a film in which nothing around them changes?

Before a camera that stands still, edges do not tell a mark from what was filmed (`marks_standing`). But a faint mark of
letters stands out of the mean of all frames, and what says the same in both halves of the film was there all the time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import cv2
import numpy as np

from openvod.engines.marks_find import FoundMark
from openvod.engines.marks_standing import Floats
from openvod.engines.ocr import Bgr, Box, Ocr, fit
from openvod.engines.screen_text import Mask
from openvod.media.frames import Planes

RATE = 5.0
"""Frames looked at per second."""
SIDE = 360
"""The picture's shorter side is made so small at most."""
SPELLS = 16
"""Means that are kept of the film; when there are more, each two neighbours become one."""
FEWEST = 20
"""Frames looked at without which nothing is told."""
ACROSS, DOWN = 0.42, 0.3
"""Share of the width and the height that a corner is."""
LOOK = 320
"""Pixels that a corner is wide at least when it is read."""
LEAST_CONTRAST = 6.0
"""Levels of contrast that are not stretched further: below is only noise."""
READ_SURE, LETTERS = 0.85, 3
"""Confidence and number of letters from which it is a text."""
ALIKE = 0.75
"""Share of the characters that both halves of the film must have in common with the whole."""
STROKE = 0.3
"""Share of its strongest contrast from which a pixel belongs to the mark."""
HALF = 0.4
"""Part of a small pixel's strokes from which one of the film's pixels is one."""
RIM = 3
"""Pixels of the film that the mask reaches beyond the strokes."""


@dataclass(slots=True)
class _Spell:
    total: Floats
    count: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A text in the small picture."""

    box: Box
    text: str


@dataclass(slots=True)
class CornerReader:
    """Takes the frames of one film in order, and tells what stands in its corners when all have been seen."""

    _spells: list[_Spell] = field(default_factory=list)
    _each: int = 8
    """Frames of a spell."""
    _due: float = 0.0
    _first: tuple[int, float] | None = None
    _last: tuple[int, float] = (0, 0.0)
    _size: tuple[int, int] = (0, 0)

    def add(self, frame: Planes) -> None:
        """The next frame."""
        self._last = (frame.index, frame.time)
        self._first = self._first or self._last
        if frame.time < self._due:
            return
        self._due = frame.time + 1 / RATE
        height, width = frame.luma.shape
        scale = min(1.0, SIDE / min(height, width))
        small = (max(16, round(width * scale)), max(16, round(height * scale)))
        picture = cv2.resize(frame.luma, small, interpolation=cv2.INTER_AREA)
        if self._size != (width, height):
            self._size, self._spells = (width, height), []
        if not self._spells or self._spells[-1].count >= self._each:
            self._halve()
            self._spells.append(_Spell(np.zeros(picture.shape, np.float32), 0))
        cv2.accumulate(picture, self._spells[-1].total)
        self._spells[-1].count += 1

    def finish(self, ocr: Ocr) -> list[FoundMark]:
        """What can be read in the corners all the time."""
        spells = self._spells
        if sum(spell.count for spell in spells) < FEWEST or len(spells) < 2 or self._first is None:
            return []
        half = len(spells) // 2
        whole, halves = _mean(spells), (_mean(spells[:half]), _mean(spells[half:]))
        return [
            self._found(whole, line, self._first)
            for corner in _corners(whole.shape)
            for line in _lines(whole, corner, ocr)
            if all(_says(one, line, corner, ocr) for one in halves)
        ]

    def _halve(self) -> None:
        if len(self._spells) < SPELLS:
            return
        pairs = zip(self._spells[::2], self._spells[1::2], strict=True)
        self._spells = [_Spell(a.total + b.total, a.count + b.count) for a, b in pairs]
        self._each *= 2

    def _found(self, whole: Floats, line: _Line, first: tuple[int, float]) -> FoundMark:
        width, height = self._size
        by = width / whole.shape[1], height / whole.shape[0]
        edges = zip((line.box.x0, line.box.y0, line.box.x1, line.box.y1), (*by, *by), strict=True)
        box = Box(*(round(edge * scale) for edge, scale in edges)).grown(RIM, self._size)
        strength = np.abs(_relief(whole, line.box.height))
        own = strength[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1]
        strokes = (strength > STROKE * float(np.quantile(own, 0.98))).astype(np.float32)
        large = cv2.resize(strokes, self._size, interpolation=cv2.INTER_LINEAR)
        inked = (large[box.y0 : box.y1, box.x0 : box.x1] > HALF).astype(np.uint8)
        covered = cv2.dilate(inked, np.ones((2 * RIM + 1,) * 2, np.uint8)) > 0
        return FoundMark(
            first=first[0],
            last=self._last[0],
            start=first[1],
            end=self._last[1],
            mask=Mask.of(box, covered),
            looks=None,
        )


def _mean(spells: list[_Spell]) -> Floats:
    total: Floats = np.sum([spell.total for spell in spells], axis=0)
    return total / np.float32(sum(spell.count for spell in spells))


def _corners(shape: tuple[int, ...]) -> Iterator[Box]:
    height, width = shape
    across, down = round(ACROSS * width), round(DOWN * height)
    for left in (0, width - across):
        for top in (0, height - down):
            yield Box(left, top, left + across, top + down)


def _lines(mean: Floats, corner: Box, ocr: Ocr) -> Iterator[_Line]:
    """What is written in a corner."""
    seen, scale = _seen(mean, corner)
    size = fit((seen.shape[1], seen.shape[0]), max(seen.shape[:2]))
    across, down = seen.shape[1] / size[0], seen.shape[0] / size[1]
    for found, _ in ocr.detect(cv2.resize(seen, size).astype(np.uint8, copy=False), size):
        edges = (found.x0 * across, found.y0 * down, found.x1 * across, found.y1 * down)
        box = Box(*(round(edge / scale) for edge in edges)).grown(1, (corner.width, corner.height))
        line = _read(mean, box.moved(corner.x0, corner.y0), corner, ocr)
        if line is not None:
            yield line


def _says(mean: Floats, line: _Line, corner: Box, ocr: Ocr) -> bool:
    """Whether the mean of a part of the film says the same in that place."""
    other = _read(mean, line.box, corner, ocr)
    return other is not None and SequenceMatcher(None, line.text, other.text).ratio() >= ALIKE


def _read(mean: Floats, box: Box, corner: Box, ocr: Ocr) -> _Line | None:
    seen, scale = _seen(mean, corner)
    at = box.moved(-corner.x0, -corner.y0)
    left, top, right, bottom = (round(edge * scale) for edge in (at.x0, at.y0, at.x1, at.y1))
    part = seen[top:bottom, left:right]
    if min(part.shape[:2]) < 4:
        return None
    read = ocr.read(np.ascontiguousarray(part))
    if read.confidence < READ_SURE or sum(letter.isalnum() for letter in read.text) < LETTERS:
        return None
    return _Line(box, read.text)


def _seen(mean: Floats, corner: Box) -> tuple[Bgr, float]:
    """A corner with all its contrast, and how many times larger it is."""
    relief = _relief(mean[corner.y0 : corner.y1, corner.x0 : corner.x1], corner.height / 3)
    low, high = np.quantile(relief, (0.01, 0.99))
    stretched = np.clip((relief - low) * 255 / max(high - low, LEAST_CONTRAST), 0, 255)
    scale = max(1.0, LOOK / corner.width)
    large = cv2.resize(stretched.astype(np.uint8), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.repeat(large[..., None], 3, 2).astype(np.uint8, copy=False), scale


def _relief(mean: Floats, height: float) -> Floats:
    """What stands out of what is around it."""
    around: Floats = mean - cv2.GaussianBlur(mean, (0, 0), max(3.0, height / 2))
    return around
