"""Where is a text that moves over the picture? Found again in each frame near where its speed takes it."""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import Floats, Pixels
from openvod.engines.screen_text.strips import cut
from openvod.media.frames import Planes

FASTEST = 0.025
"""Share of the picture's longer side that a text may move by in one frame, when its movement is noticed."""
FLAT = 20.0
"""Levels from the mean of its surroundings that a pixel must have to be looked for."""
SURE = 0.6
"""Correlation from which a text is taken to have moved."""
BETTER = 0.3
"""By how much better that must be than standing still when it moved by one pixel."""
FOUND = 0.5
"""The same for one that is known to move."""
SLACK = 3
"""Pixels by which a frame may differ from what the speed says."""
RENEW = 0.03
"""Share of each frame in what is looked for; with more, what is looked for slips by parts of a pixel in each frame."""
RECENT, LONGEST = 12, 60
"""Frames that tell the speed, at least and at most."""
STRAIGHT = 1.5
"""Pixels from its line that three quarters of its places are within when a text moves evenly."""
TOGETHER = 0.6
"""The surroundings move along when their error is this much smaller than without moving."""
AT_REST = 1.5
"""Levels of change of surroundings that rest, or that have nothing in them to tell by."""


@dataclass(slots=True)
class Drift:
    """How far a text is, in each frame, from its box in the frame in which it was first seen."""

    box: Box
    face: Floats
    """What is looked for: the strokes' contrast."""
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By frame: pixels to the right and down."""
    along: list[bool] = field(default_factory=list)
    """Whether the surroundings moved with it, at several moments."""
    _fitted: int = 0
    _line: NDArray[np.float64] = field(default_factory=lambda: np.zeros((2, 2)))
    _straight: bool = False
    _since: int = 0

    def at(self, index: int) -> tuple[int, int]:
        """Where it is in a frame: on its line when it moves in one, else where it was seen."""
        if self._fitted != len(self.seen):
            self._fitted = len(self.seen)
            self._line, self._straight, self._since = _fit(self.seen)
        known = self.seen.get(index)
        if known is not None and not (self._straight and index >= self._since):
            return known
        x, y = (float(value) for value in self._line[0] * index + self._line[1])
        return round(x), round(y)

    def place(self, index: int) -> Box:
        """Its box in a frame, which may reach out of the picture."""
        return self.box.moved(*self.at(index))

    def step(self, frame: Planes) -> None:
        """Look for it in the next frame."""
        expected = self.at(frame.index)
        there = self.box.moved(*expected)
        window = Box(there.x0 - SLACK, there.y0 - SLACK, there.x1 + SLACK, there.y1 + SLACK)
        score, (x, y) = _match(_relief(cut(frame.luma, window), self.box.height), self.face)
        if score < FOUND:
            return
        self.seen[frame.index] = (expected[0] + x - SLACK, expected[1] + y - SLACK)
        now = _relief(cut(frame.luma, self.place(frame.index)), self.box.height)
        self.face += RENEW * (now - self.face)

    def look_around(self, before: Planes, frame: Planes) -> None:
        """Note whether what is around it moved with it from an earlier frame to this one."""
        old, new = self.place(before.index), self.place(frame.index)
        margin = max(8, old.height)
        size = (frame.luma.shape[1], frame.luma.shape[0])
        grown = [Box(b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin) for b in (old, new)]
        if any(box.grown(0, size) != box for box in grown):
            return
        text = np.zeros((grown[0].height, grown[0].width), bool)
        quarter = margin // 2
        text[quarter:-quarter, quarter:-quarter] = True
        now = cut(frame.luma, grown[1])
        moved = float(cv2.absdiff(cut(before.luma, grown[0]), now)[~text].mean())
        rested = float(cv2.absdiff(cut(before.luma, grown[1]), now)[~text].mean())
        self.along.append(rested > AT_REST and moved < TOGETHER * rested)

    @property
    def with_the_picture(self) -> bool:
        """Whether it is a part of what was filmed."""
        return 2 * sum(self.along) > len(self.along)


def _fit(seen: dict[int, tuple[int, int]]) -> tuple[NDArray[np.float64], bool, int]:
    """The line that the last places are on, whether they really are, and since which frame."""
    frames = np.array(sorted(seen)[-LONGEST:])
    places = np.array([seen[int(frame)] for frame in frames], np.float64)
    if len(frames) == 1:
        return np.array([[0.0, 0.0], places[0]]), False, int(frames[0])
    line = np.polyfit(frames, places, 1)
    off = np.abs(places - (frames[:, None] * line[0] + line[1])).max(axis=1)
    most = float(np.percentile(off, 75))
    if len(frames) < RECENT or most >= STRAIGHT:
        return np.polyfit(frames[-RECENT:], places[-RECENT:], 1), False, int(frames[0])
    kept = off <= max(1.0, most)
    return np.polyfit(frames[kept], places[kept], 1), True, int(frames[0])


def drift_between(first: Planes, frame: Planes, box: Box) -> Drift | None:
    """How the text in `box` of `first` has moved until `frame`; None when it is not found elsewhere."""
    reach = round(FASTEST * max(frame.luma.shape) * min(6, frame.index - first.index))
    window = Box(box.x0 - reach, box.y0 - reach, box.x1 + reach, box.y1 + reach)
    face = _relief(cut(first.luma, box), box.height)
    score, (x, y) = _match(_relief(cut(frame.luma, window), box.height), face)
    far = max(abs(x - reach), abs(y - reach))
    if score < SURE or far == 0:
        return None
    if far == 1 and _match(_relief(cut(frame.luma, box), box.height), face)[0] > score - BETTER:
        return None
    return Drift(box, face, {first.index: (0, 0), frame.index: (x - reach, y - reach)})


def _relief(luma: Pixels, height: int) -> Floats:
    """What stands out from its surroundings as strokes do; what is behind a text mostly does not."""
    side = max(5, int(0.6 * height) | 1)
    plain = luma.astype(np.float32)
    relief: Floats = plain - cv2.blur(plain, (side, side))
    relief[np.abs(relief) < FLAT] = 0
    return relief


def _match(window: Floats, face: Floats) -> tuple[float, tuple[int, int]]:
    """The best correlation, and the corner where it is."""
    _, score, _, corner = cv2.minMaxLoc(cv2.matchTemplate(window, face, cv2.TM_CCOEFF_NORMED))
    return float(score), (int(corner[0]), int(corner[1]))
