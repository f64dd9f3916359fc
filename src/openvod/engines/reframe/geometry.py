"""How large is the window, how large the new picture, and where do rectangles lie? Shares of the source, and pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.engines.features import Looks
from openvod.engines.reframe.scenes import Rect

LEAST_SIDE = 16
MOST_ENLARGED = 1.5
"""Pixels of the new picture per pixel of the source's window, where samples are not square."""
RARE_BARS = 5.0
"""Percentile of the looks whose bars count: what lasts through the film."""


@dataclass(frozen=True, slots=True)
class Inner:
    """The source's picture without its black bars, in shares."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes of the source, the window and the new picture."""

    stored: tuple[int, int]
    """Width and height of the upright source in its own samples."""
    shown: tuple[float, float]
    """The same as players show it, in samples of the new picture's pixels."""
    inner: Inner
    window: tuple[float, float]
    """Width and height in shares of the source."""
    size: tuple[int, int]
    """Of the new picture, even."""

    @property
    def axis(self) -> int:
        """Along which the window can move: 0 across, 1 down."""
        spare = (
            self.inner.right - self.inner.left - self.window[0],
            self.inner.bottom - self.inner.top - self.window[1],
        )
        return 0 if spare[0] >= spare[1] else 1

    @property
    def spare(self) -> float:
        """How far the window can move, in shares."""
        edges = ((self.inner.left, self.inner.right), (self.inner.top, self.inner.bottom))[self.axis]
        return max(0.0, edges[1] - edges[0] - self.window[self.axis])

    def pixels(self, rect: Rect) -> Rect:
        """A rectangle in shares, in samples of the upright source."""
        width, height = self.stored
        return rect[0] * width, rect[1] * height, rect[2] * width, rect[3] * height

    @property
    def whole(self) -> Rect:
        """The picture without its bars, in samples of the upright source."""
        inner = self.inner
        return self.pixels((inner.left, inner.top, inner.right - inner.left, inner.bottom - inner.top))

    def fitted(self, share: float = 1.0) -> Rect:
        """Where the whole picture lies in the middle of the new one, as large as it fits; `share` makes it smaller."""
        across = (self.inner.right - self.inner.left) * self.shown[0]
        down = (self.inner.bottom - self.inner.top) * self.shown[1]
        scale = share * min(self.size[0] / across, self.size[1] / down)
        width, height = across * scale, down * scale
        return (self.size[0] - width) / 2, (self.size[1] - height) / 2, width, height


def inner(looks: Looks) -> Inner:
    """What is left when bars that last are taken off."""
    if not looks.lit.any():
        return Inner()
    top, bottom, left, right = (float(v) for v in np.percentile(looks.bars[looks.lit], RARE_BARS, axis=0))
    return Inner(left, top, 1 - right, 1 - bottom)


def of(stored: tuple[int, int], shown: tuple[float, float], within: Inner, ratio: float) -> Geometry:
    """The largest window of this width to height. `shown`: the source's width and height in square pixels; its larger
    stretch is taken back where it would enlarge the picture much."""
    enlarged = shown[0] * shown[1] / (stored[0] * stored[1])
    less = min(1.0, (MOST_ENLARGED / enlarged) ** 0.5)
    shown = shown[0] * less, shown[1] * less
    across, down = (within.right - within.left) * shown[0], (within.bottom - within.top) * shown[1]
    width, height = (down * ratio, down) if across / down > ratio else (across, across / ratio)
    size = _even(width), _even(height)
    window = min(size[0], across) / shown[0], min(size[1], down) / shown[1]
    return Geometry(stored, shown, within, window, size)


def _even(side: float) -> int:
    return max(LEAST_SIDE, int(side + 0.01) // 2 * 2)


def simple(times: NDArray[np.float64], rects: NDArray[np.float64]) -> list[int]:
    """Numbers of the moments that say as much as all do: those at which it does not go on as before."""
    if len(times) < 3:
        return list(range(len(times)))
    turns = np.abs(np.diff(rects, n=2, axis=0)).max(1) > 1e-6
    return [0, *(int(n) + 1 for n in np.flatnonzero(turns)), len(times) - 1]
