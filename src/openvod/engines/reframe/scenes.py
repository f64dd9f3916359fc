"""What is a frame of the new film made of? Pieces of the source's picture, each on its place, over a ground."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ground = Literal["none", "black", "blurred"]
Rect = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A piece of the source's picture."""

    times: Floats
    """Seconds, `[n]`, rising; between them rectangles change evenly, beyond them they stay."""
    source: Floats
    """`[n, 4]`: the piece, as `Rect`, of the upright source as it is stored."""
    target: Floats
    """`[n, 4]`: where it is put, as `Rect`, in the new picture; what sticks out is cut off."""
    mirrored: bool = False
    """Left and right exchanged."""

    def at(self, time: float) -> tuple[Rect, Rect]:
        """The piece and its place at this time."""
        return _at(self.times, self.source, time), _at(self.times, self.target, time)


def still(source: Rect, target: Rect, *, mirrored: bool = False) -> Tile:
    """A piece that stays."""
    return Tile(np.zeros(1), np.array([source], float), np.array([target], float), mirrored)


def _at(times: Floats, rects: Floats, time: float) -> Rect:
    if len(times) == 1:
        left, top, width, height = rects[0]
    else:
        left, top, width, height = (float(np.interp(time, times, rects[:, side])) for side in range(4))
    return float(left), float(top), float(width), float(height)


@dataclass(frozen=True, slots=True)
class Scene:
    """How frames are made from a certain time on."""

    start: float
    """Seconds of the source's clock."""
    tiles: tuple[Tile, ...]
    """Later ones lie on earlier ones."""
    ground: Ground = "none"
    blur: float = 0.5
    """How blurred the ground is, 0 to 1."""
    within: Rect | None = None
    """The part of the source that the blurred ground is made of; None for all of it."""
    mirrored: bool = False
    """The ground's left and right exchanged."""


class Scenes:
    """Scenes in order of their start."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self._scenes = scenes
        self._starts = [scene.start - 1e-3 for scene in scenes]

    def at(self, time: float) -> Scene:
        """The scene of a frame that is shown at this time."""
        return self._scenes[max(0, bisect_right(self._starts, time) - 1)]
