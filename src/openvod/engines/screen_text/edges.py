"""In which frame does a text begin or end? Its strokes as a pattern, and how much of the pattern a frame holds.

The pattern is the local contrast of the strokes. The share of it that a frame holds jumps from about 0 to 1 when a text
is put on, whatever the picture behind does, and rises in a straight line when it fades in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.screen_text.found import Floats, Pixels

STROKE = 0.4
"""Share of the strongest contrast from which a pixel belongs to the pattern."""
KEPT = 0.2
"""Share of the strokes that must have changed when a text came for it to have come there."""
SETTLED = 16
"""The pattern is the mean of so many frames; more would not follow a text that is coloured in bit by bit."""
LEAST = 0.05
"""Share that can be told from none where the picture behind the text is calm; else so many times the noise is:"""
NOISES = 4.0
VISIBLE = 0.035
"""Share that shows: about 4 levels of 120."""
STEEPER = 2.2
"""A text is put on at once when its first frame adds so many times more of it than the next ones do."""
PLATEAU = 16
"""Frames after the middle of a fade that tell what all of the text measures."""
ALL = 0.95
LONGEST_FADE = 40
"""Frames."""
THERE = 0.55
"""Agreement of the strokes from which a frame shows the text. Another text in its place agrees by 0.1 to 0.35."""
GAP = 4
"""Frames for which a text may be lost before a picture of its own brightness, or between two pixels when it moves."""
BLENDS = 10.0
"""Levels from its own in which a frame that shows a text has its strokes; frames without it were 20 to 130 off."""


class Pattern:
    """The strokes of one text, learned from the frames that show it."""

    def __init__(self, luma: Pixels) -> None:
        """`luma`: the text's box in a frame that shows it."""
        self._blur = max(5, int(luma.shape[0] * 0.6) | 1)
        self._mean = self._contrast(luma)
        self._level = luma.astype(np.float32)
        self._count = 1
        self._changed: NDArray[np.bool_] | None = None
        self._choose()

    def measure(self, luma: Pixels) -> tuple[float, float]:
        """How much of the text a frame's box holds (0: none, 1: all), and how well its strokes agree (-1 to 1)."""
        contrast = self._contrast(luma) * self._strokes
        along = float(np.vdot(contrast, self._pattern))
        energy = float(np.vdot(contrast, contrast))
        return along / self._energy, along / float(np.sqrt(self._energy * energy) + 1e-3)

    def learn(self, luma: Pixels) -> None:
        """Take in a frame that shows the text: what is behind it averages out."""
        self._count += 1
        self._mean += (self._contrast(luma) - self._mean) / min(self._count, SETTLED)
        self._level += (luma - self._level) / min(self._count, SETTLED)
        if self._count in (2, 4, 8) or self._count % SETTLED == 0:
            self._choose()

    def focus(self, changed: NDArray[np.bool_]) -> None:
        """Only look at the strokes that changed when the text came: others belong to what is behind it."""
        kept = self._strokes * changed
        if kept.sum() > KEPT * self._strokes.sum():
            self._changed = changed
            self._choose()

    def blends(self, luma: Pixels) -> bool:
        """Whether a frame is as bright as the strokes where these are: either they are there, or nobody would see them."""
        off = np.abs(luma[self._ink] - self._level[self._ink])
        return bool(off.size) and float(np.median(off)) < BLENDS

    def restart(self, luma: Pixels) -> None:
        """The picture behind the text was cut: keep the strokes that both pictures show, and learn anew."""
        self.learn(luma)
        new = self._contrast(luma)
        self._changed = None
        same = np.sign(new) == np.sign(self._mean)
        self._mean = np.where(same, np.where(np.abs(new) < np.abs(self._mean), new, self._mean), 0)
        self._count = 2
        self._choose()

    def _contrast(self, luma: Pixels) -> Floats:
        plain = luma.astype(np.float32)
        contrast: Floats = plain - cv2.blur(plain, (self._blur, self._blur))
        return contrast

    def _choose(self) -> None:
        strength = np.abs(self._mean)
        strokes = strength > STROKE * float(np.percentile(strength, 98))
        if self._changed is not None:
            strokes &= self._changed
        self._strokes: Floats = strokes.astype(np.float32)
        self._pattern: Floats = self._mean * self._strokes
        self._energy = float(np.vdot(self._pattern, self._pattern)) + 1e-3
        bright = self._pattern > 0
        mostly = float(np.square(self._pattern[bright]).sum()) > self._energy / 2
        self._ink = bright if mostly else self._pattern < 0


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a text begins."""

    first: int
    """Index of the first frame that shows any of it."""
    fade: int
    """Frames until all of it is there; 0: at once."""
    step: float
    """The largest share of the text that one frame added, 0 to 1."""


def edge(
    shares: Sequence[float] | NDArray[np.floating], sure: int | None = None, *, hard: bool = False
) -> Edge | None:
    """Where the text begins in a series of shares that begins without it and ends with it; None: nowhere.

    `sure`: a place in the series where it is known to be there. For where it ends, give the series backwards.
    `hard`: it does not fade, and the series may be of anything that tells whether it is there.
    """
    series = np.asarray(shares, np.float64)
    if len(series) < 2:
        return None
    sure = len(series) - 1 if sure is None else min(max(sure, 0), len(series) - 1)
    on = float(np.median(series[max(0, min(sure, len(series) - 6)) :][:PLATEAU]))
    without = np.flatnonzero(series[:sure] < on / 2)
    if not len(without):
        return None
    half = int(without[-1]) + 1
    on = float(np.percentile(series[half : half + PLATEAU], 75))
    before = series[max(0, half - LONGEST_FADE) : half]
    first, scaled = half, series
    for _ in range(2):  # what is before a fade can only be measured when its begin is known, at least roughly
        off = min(float(np.median(before)), 0.45 * on)
        scaled = (series - off) / (on - off)
        least = max(LEAST, min(NOISES * _noise(scaled[: first - 1]), 0.4))
        first = _climb(scaled, half, least)
        before = series[max(0, first - PLATEAU) : max(1, first - 1)]
    if hard:
        return Edge(half, 0, float(scaled[half] - scaled[half - 1]))
    return _extended(scaled, first, least)


Measured = tuple[float, float, bool]
"""Of a frame: what `Pattern.measure` tells, and `Pattern.blends`."""


def before_that(found: Edge, measured: Sequence[Measured]) -> Edge | None:
    """Where the text begins when frames before hold its strokes, too, however faint; None when all of them do.

    Before a picture that becomes as bright as the text, its share says little, but what is left of the strokes agrees.
    """
    first = place = found.first
    while place > 0 and first - place < GAP:
        share, agreement, blends = measured[place - 1]
        place -= 1
        if agreement >= THERE and share > LEAST:
            first = place
        elif not blends:
            break
    if first == found.first:
        return found
    shares = [share for share, _, _ in measured]
    most = ALL * float(np.median(shares[found.first + found.fade :][:PLATEAU]))
    full = next((i for i in range(first, len(shares)) if shares[i] > most), found.first)
    return Edge(first, full - first, found.step) if first else None


def _noise(before: NDArray[np.float64]) -> float:
    """How much the share of a text wavers in the frames without it."""
    near = before[-PLATEAU:]
    return 1.5 * float(np.median(np.abs(near - np.median(near)))) if len(near) > 2 else 0.0


def _climb(scaled: NDArray[np.float64], half: int, least: float) -> int:
    """From the middle of a fade back to the first frame that shows more than `least`."""
    first = half
    while first > 0 and scaled[first - 1] > least and half - first < LONGEST_FADE:
        first -= 1
    return first


def _extended(scaled: NDArray[np.float64], first: int, least: float) -> Edge:
    """A fade in a straight line began some frames before it could be told from noise."""
    rising = scaled[first : first + 5]
    inner = rising[: int(np.argmax(rising > ALL)) + 1] if (rising > ALL).any() else rising
    slope = float(np.median(np.diff(inner))) if len(inner) > 1 else 1.0
    jump = float(scaled[first] - (scaled[first - 1] if first else 0.0))
    step = float(np.diff(scaled[max(0, first - 1) : first + LONGEST_FADE]).max(initial=jump))
    full = int(np.argmax(scaled[first:] > ALL)) if (scaled[first:] > ALL).any() else 0
    if slope <= 1 / LONGEST_FADE or scaled[first] > STEEPER * max(slope, least):
        return Edge(first, 0 if scaled[first] > 0.6 else full, step)
    # Of a fade rather a frame too many than a ghost: noise hides its faintest frame.
    more = 0.1 if slope < 0.5 else 0.0
    hidden = min(int((scaled[first] - VISIBLE / 2) / slope + more), first, 4)
    return Edge(first - max(0, hidden), full + max(0, hidden), step)
