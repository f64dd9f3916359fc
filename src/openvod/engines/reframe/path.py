"""Along which calm path does a window keep all that it has to? The shortest one through a tube, eased at its corners.

At each moment the window's place must lie within bounds, the tube. Of all paths through a tube the taut string is the
shortest: it rests or moves evenly, and turns only where the tube makes it. Averaging it over a short time rounds the turns;
so that the mean still lies in the tube, the string is drawn in a tube whose bounds are the narrowest within that time.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Way = Literal["still", "even", "winding"]

STEP = 0.1
"""Seconds between the places of a path."""
EASINGS = (1.0, 0.7, 0.5, 0.35, 0.2, 0.1)
"""Times the wanted seconds: the longest that the tube leaves room for is taken."""
_BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Tube:
    """Where the window may be, at each step; all `[n]`, in any unit."""

    low: Floats
    high: Floats
    """At least `low`."""
    target: Floats
    """Where it would best be; may lie outside of the bounds."""


def solve(tube: Tube, ease: float) -> tuple[Floats, Way]:
    """The place at each step, always within the bounds, and what kind of path it is. `ease`: seconds over which a turn is
    made, where there is room."""
    low, high = tube.low, np.maximum(tube.low, tube.high)
    target = np.clip(tube.target, low, high)
    if low.max() <= high.min():
        return np.full(len(low), np.clip(np.median(target), low.max(), high.min())), "still"
    line = _line(target)
    if (line >= low).all() and (line <= high).all():
        return line, "even"
    for share in (*EASINGS, 0.0):
        radius = int(ease * share / STEP / 2)
        narrow_low, narrow_high = _running(low, radius, highest=True), _running(high, radius, highest=False)
        if (narrow_low <= narrow_high).all():
            ends = (float(np.clip(target[at], narrow_low[at], narrow_high[at])) for at in (0, -1))
            return _mean(taut(narrow_low, narrow_high, *ends), radius), "winding"
    raise AssertionError("a tube without narrowing is always open")


def _line(target: Floats) -> Floats:
    """The straight line nearest to all targets."""
    if len(target) < 2:
        return target.copy()
    places = np.arange(len(target), dtype=np.float64)
    slope, start = np.polyfit(places, target, 1)
    return np.asarray(start + slope * places, np.float64)


def taut(low: Floats, high: Floats, start: float, end: float) -> Floats:
    """The shortest path from `start` to `end` through the tube `[n]`; both ends must lie in it."""
    low, high = low.copy(), high.copy()
    low[0] = high[0] = start
    low[-1] = high[-1] = end
    corners, places = [0], [start]
    while corners[-1] < len(low) - 1:
        at, place = _corner(low, high, corners[-1], places[-1])
        corners.append(at)
        places.append(place)
    return np.interp(np.arange(len(low)), corners, places)


def _corner(low: Floats, high: Floats, at: int, place: float) -> tuple[int, float]:
    """Where the string that is fixed at (`at`, `place`) turns next, or ends."""
    least, most = -np.inf, np.inf
    least_at = most_at = at
    for first in range(at + 1, len(low), _BLOCK):
        far = np.arange(first, min(first + _BLOCK, len(low)))
        least_here, most_here = (low[far] - place) / (far - at), (high[far] - place) / (far - at)
        all_least = np.maximum(least, np.maximum.accumulate(least_here))
        all_most = np.minimum(most, np.minimum.accumulate(most_here))
        shut = np.flatnonzero(all_least > all_most)
        end = int(shut[0]) if len(shut) else len(far)
        if end:
            if all_least[end - 1] > least:
                least = float(all_least[end - 1])
                least_at = int(far[int(np.flatnonzero(least_here[:end] >= least)[-1])])
            if all_most[end - 1] < most:
                most = float(all_most[end - 1])
                most_at = int(far[int(np.flatnonzero(most_here[:end] <= most)[-1])])
        if len(shut):  # what comes lies above all that the bounds so far let through, or below
            above = least_here[end] > most
            return (most_at, float(high[most_at])) if above else (least_at, float(low[least_at]))
    return len(low) - 1, float(low[-1])


def _running(values: Floats, radius: int, *, highest: bool) -> Floats:
    """The highest, or lowest, value within so many steps of each."""
    if radius == 0:
        return values
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, radius, "edge"), 2 * radius + 1)
    return np.asarray(windows.max(1) if highest else windows.min(1))


def _mean(values: Floats, radius: int) -> Floats:
    """The mean within so many steps of each; beyond the ends it goes on as it was there."""
    if radius == 0:
        return values
    kernel = np.full(2 * radius + 1, 1 / (2 * radius + 1))
    return np.convolve(np.pad(values, radius, "edge"), kernel, "valid")
