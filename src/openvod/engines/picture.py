"""What can be said of a whole picture without naming what is in it? Light, colour, bars, motion, stillness.

What happens is measured on every frame, what is seen on samples; both are weighted by how long they are
shown, so variable frame rates and slide videos count right. Black bars are no part of the picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
JUMP = 12.0
"""Levels that one frame can add to the motion: a cut or a flash is not motion."""
CHANGE = 7.0
"""Levels that two in 100 pixels must differ by for a held picture to have changed: above coding noise."""
HOLD_SECONDS = 1.0
"""A picture that stands at least so long is held."""
DARK, BRIGHT = 45.0, 185.0
"""Mean brightness (0 to 255) below or above which a frame counts as dark or bright."""
GREY = 6.0
"""Colour difference (0 to 255) that 95 in 100 pixels of a picture without colour stay below."""
BLACK = 20.0
"""Brightness that 98 in 100 pixels of a bar's line stay below."""
LIT = 45.0
"""Brightness that the brightest tenth of lines, and a line close to a bar, must reach: dark scenes have no
bars."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Black bars, as shares of the picture's height (top, bottom) and width (left, right)."""

    top: float = 0.0
    bottom: float = 0.0
    left: float = 0.0
    right: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What was measured over all frames."""

    frames: int
    seconds: float
    """From the first frame to the end of the last, which is taken to be shown as long as the usual one."""
    width: int
    height: int
    brightness: float
    """Mean, 0 to 255."""
    dark: float
    """Share of the time."""
    bright: float
    """Share of the time."""
    colourfulness: float
    """Hasler and Suesstrunk's M3: about 15 slightly, 33 moderately, 59 highly colourful, 109 extremely."""
    grey: float
    """Share of the lit samples that have no colour."""
    bars: Bars
    """Bars that nine of ten lit samples have."""
    lit: int
    """Number of samples bright enough to see bars and colour."""
    motion: float
    """Brightness levels (of 255) that a point of the thumbnail changes per second, without cuts."""
    still: float
    """Share of the time in which the picture is held."""
    holds: int
    """Number of held pictures."""


class PictureMeter:
    """Measures frames as they stream by, in constant memory."""

    def __init__(self) -> None:
        self._frames = 0
        self._start = self._time = self._since = 0.0
        self._luma: Floats | None = None
        self._held: Floats | None = None
        self._gaps = np.zeros(1001, np.int64)
        self._sample: tuple[float, Rgb] | None = None
        self._lit = 0
        self._brightness = _Mean()
        self._dark = _Mean()
        self._bright = _Mean()
        self._change = self._still = 0.0
        self._holds = 0
        self._colour = _Mean()
        self._grey = _Mean()
        self._bars = np.zeros((4, 101), np.int64)
        self._size = (0, 0)

    def add(self, time: float, tiny: Rgb, sample: Rgb | None, display: tuple[int, int]) -> None:
        """Take the next frame (see `media.frames.Frame`)."""
        luma = tiny.astype(np.float32) @ LUMA
        if self._luma is None or self._held is None:
            self._start = self._since = time
            self._held, self._size = luma, display
        else:
            self._gaps[min(1000, round((time - self._time) * 1000))] += 1
            self._change += min(JUMP, float(np.abs(luma - self._luma).mean()))
            if np.count_nonzero(np.abs(luma - self._held) > CHANGE) > 0.02 * luma.size:
                self._end_hold(time)
                self._held = luma
        self._luma, self._time = luma, time
        self._frames += 1
        if sample is not None:
            self._look(until=time)
            self._sample = (time, sample[::2, ::2])  # every other pixel says as much

    def _end_hold(self, time: float) -> None:
        if time - self._since >= HOLD_SECONDS:
            self._still += time - self._since
            self._holds += 1
        self._since = time

    def _look(self, until: float) -> None:
        """Measure the last sample, now that it is known how long it was shown."""
        if self._sample is None:
            return
        since, sample = self._sample
        shown = until - since
        found = bars(sample)
        if found is not None:
            self._lit += 1
            sample = within(sample, found)
            self._grey.add(is_grey(sample), shown)
            for side, share in enumerate((found.top, found.bottom, found.left, found.right)):
                self._bars[side, round(share * 100)] += 1
        level = float((sample.astype(np.float32) @ LUMA).mean())
        self._brightness.add(level, shown)
        self._dark.add(level < DARK, shown)
        self._bright.add(level > BRIGHT, shown)
        self._colour.add(colourfulness(sample), shown)

    def measure(self) -> Picture:
        """The figures over everything that was added; at least one frame must have been."""
        assert self._luma is not None
        usual = int(np.searchsorted(np.cumsum(self._gaps), self._gaps.sum() / 2)) / 1000 or 0.04
        end = self._time + usual
        self._look(until=end)
        self._end_hold(end)
        seconds = end - self._start
        return Picture(
            frames=self._frames,
            seconds=seconds,
            width=self._size[0],
            height=self._size[1],
            brightness=self._brightness.value,
            dark=self._dark.value,
            bright=self._bright.value,
            colourfulness=self._colour.value,
            grey=self._grey.value,
            bars=Bars(*(_low(counts) for counts in self._bars)),
            lit=self._lit,
            motion=self._change / seconds,
            still=min(1.0, self._still / seconds),
            holds=self._holds,
        )


class _Mean:
    """A weighted mean that grows."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float, weight: float) -> None:
        self._sum += value * weight
        self._weight += weight

    @property
    def value(self) -> float:
        return self._sum / self._weight if self._weight else 0.0


def _low(counts: NDArray[np.int64]) -> float:
    """The share that nine of ten samples reach, from counts by hundredth."""
    if not counts.sum():
        return 0.0
    return int(np.searchsorted(np.cumsum(counts), max(1, counts.sum() / 10))) / 100


def colourfulness(picture: Rgb) -> float:
    """Of `[h, w, 3]` RGB, after Hasler and Suesstrunk (Measuring colourfulness in natural images, 2003)."""
    red, green, blue = np.moveaxis(picture.astype(np.float32), 2, 0)
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def is_grey(picture: Rgb) -> bool:
    """Whether `[h, w, 3]` RGB shows no colour."""
    coloured = np.ptp(picture, axis=2) > GREY
    return bool(coloured.mean() <= 0.05)


def bars(picture: Rgb) -> Bars | None:
    """The black bars of `[h, w, 3]` RGB; None when the picture is too dark to tell."""
    luma = picture.astype(np.float32) @ LUMA
    rows, columns = np.percentile(luma, 98, axis=1), np.percentile(luma, 98, axis=0)
    if np.percentile(rows, 90) < LIT or np.percentile(columns, 90) < LIT:
        return None
    return Bars(_run(rows), _run(rows[::-1]), _run(columns), _run(columns[::-1]))


def _run(lines: Floats) -> float:
    """Share of the lines, from the first on, that are black; 0 when the picture begins without a sharp
    edge."""
    run, near = int(np.argmax(lines >= BLACK)), max(2, len(lines) // 30)
    return run / len(lines) if lines[run : run + near].max() >= LIT else 0.0


def within(picture: Rgb, found: Bars) -> Rgb:
    """`picture` without its bars."""
    height, width = picture.shape[:2]
    rows = slice(round(found.top * height), height - round(found.bottom * height))
    return picture[rows, round(found.left * width) : width - round(found.right * width)]
