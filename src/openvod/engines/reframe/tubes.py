"""Where may a window be at each moment of a shot, so that the faces are inside, or what else draws the eye?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openvod.engines.features import Shot
from openvod.engines.reframe.geometry import Geometry
from openvod.engines.reframe.path import STEP, Tube
from openvod.engines.reframe.watching import Sighting

Floats = NDArray[np.float64]
Whole = Literal["", "Scale", "ScaleWithoutBlur"]
Double = Literal["Scale", "ScaleWithoutBlur", "SplitScreenVertical"]

AROUND = ((0.3, 0.3), (0.5, 0.3))
"""What is kept before and after a face across, and above and below it, in its own size, where there is room."""
EDGE = 0.04
"""The same, at all events."""
LOW, HIGH = (0.04, 0.28), (0.08, 0.4)
"""Shares of the window that it may be off its best place: at no smoothness, and what full smoothness adds; with faces, and
for what merely stands out."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What was asked for; see `analysis.htv_options.Wish`."""

    blurred: bool = False
    smooth: float = 0.75
    blur: float = 0.5
    no_face: Whole = ""
    double: Double = "Scale"
    score: float = 0.35


def moments(shot: Shot) -> Floats:
    """The times, in seconds, at which a window's place is decided."""
    return np.arange(shot.start, shot.end + STEP, STEP)


def span(boxes: Floats, axis: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """First and last edge of all boxes `[tracks, n, 4]` at each time, within the picture; and whether there is any."""
    there: NDArray[np.bool_] = np.asarray(~np.isnan(boxes[:, :, 0]))
    low = np.where(there, boxes[:, :, axis], np.inf).min(0)
    high = np.where(there, boxes[:, :, axis + 2], -np.inf).max(0)
    return np.maximum(low, 0), np.minimum(high, 1), np.asarray(there.any(0))


def tube_of(boxes: Floats, geometry: Geometry, axis: int, window: tuple[float, float], rules: Rules) -> Tube:
    """Where the window's edge may be so that the faces are inside; where there are none, anywhere."""
    width = window[axis]
    least, most = _limits(geometry, axis, width)
    low, high, there = span(boxes, axis)
    if not there.any():
        return Tube(
            np.full(len(there), least), np.full(len(there), most), np.full(len(there), (least + most) / 2)
        )
    low[~there], high[~there] = 0.0, 0.0
    sizes = np.where(np.isnan(boxes[:, :, 0]), 0, boxes[:, :, axis + 2] - boxes[:, :, axis]).max(0)
    room = np.maximum(0, width - (high - low))
    before, after = (np.maximum(np.minimum(part * sizes, room / 2), EDGE * sizes) for part in AROUND[axis])
    target = (low - before + high + after) / 2 - width / 2
    slack = width * (LOW[0] + LOW[1] * rules.smooth)
    must_low, must_high = high + after - width, low - before
    close = must_low > must_high  # larger than the window: stay on it
    must_low[close] = must_high[close] = target[close]
    bounds = np.maximum(must_low, target - slack), np.minimum(must_high, target + slack)
    free_low, free_high = (np.clip(np.where(there, bound, free), least, most)
                           for bound, free in zip(bounds, (least, most), strict=True))  # fmt: skip
    return Tube(free_low, free_high, np.clip(_held(target, there), least, most))


def _held(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Values that are not known are those between their neighbours."""
    places = np.arange(len(values))
    return np.interp(places, places[known], values[known])


def _limits(geometry: Geometry, axis: int, width: float) -> tuple[float, float]:
    inner = geometry.inner
    least, end = ((inner.left, inner.right), (inner.top, inner.bottom))[axis]
    return least, max(least, end - width)


def salient(shot: Shot, seen: Sequence[Sighting], geometry: Geometry, rules: Rules) -> Tube:
    """Without faces: around what moves, and what stands out."""
    axis, width = geometry.axis, geometry.window[geometry.axis]
    least, most = _limits(geometry, axis, width)
    times, middles = [], []
    for each in seen:
        spots = [(spot[axis], weight) for spot, weight in _weighted(each)]
        if spots:
            times.append(each.time)
            middles.append(float(np.average([s for s, _ in spots], weights=[w for _, w in spots])))
    grid = moments(shot)
    if not times:
        middle = np.full(len(grid), (least + most + width) / 2)
    else:
        calm = [float(np.median(middles[max(0, n - 2) : n + 3])) for n in range(len(middles))]
        middle = np.interp(grid, times, calm)
    target = np.clip(middle - width / 2, least, most)
    slack = width * (HIGH[0] + HIGH[1] * rules.smooth)
    return Tube(np.maximum(least, target - slack), np.minimum(most, target + slack), target)


def _weighted(seen: Sighting) -> list[tuple[tuple[float, float, float], float]]:
    """What draws the eye, and how much: what moves does more than what stands out."""
    spots = []
    if seen.stands_out:
        spots.append((seen.stands_out, 0.15 + seen.stands_out[2]))
    if seen.moves:
        spots.append((seen.moves, 0.3 + min(2.0, 20 * seen.moves[2])))
    return spots
