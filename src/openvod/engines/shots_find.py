"""Which changes lead from one shot to the next in a run of frames? Cuts, dissolves and fades; flashes are none.

A cut is where even the most alike pair of frames across it differs more than frames do on either side. A flash is a
frame or a few that are unlike those around them, which are alike; it is taken out first. A dissolve is a straight way
from one picture to another on which contrast falls and comes back, as it does where two pictures are mixed, and does not
where one picture moves. A fade passes through a picture without contrast.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openvod.engines.shots_look import Floats, Look, distances, mean_apart

Kind = Literal["cut", "dissolve", "fade"]

CUT = 0.19
"""Least distance across a cut (see `distances`)."""
CUT_OVER_MOTION = 0.16
"""How much further apart the sides of a cut are than neighbours on either side."""
CUT_OVER_USUAL = 2.8
"""How many times the usual distance between neighbours a cut is."""
FLASH_FRAMES = 4
"""A run of frames no longer than this, between frames that are alike, is a flash."""
FLASH_OVER_SIDES = 2.0
"""How many times the distance of the frames on both sides a flash is from either."""
GRADUAL = 0.30
"""Least distance between the pictures before and after a dissolve."""
GRADUAL_SECONDS = (0.32, 0.6, 1.0, 1.4)
"""Lengths of dissolve that are tried; a longer or shorter one fits the nearest well enough."""
DIP = 0.09
"""Least share of its contrast that the middle of a dissolve lacks. Over 32 dissolves it was 0.16 or more in 95 of 100,
over 295 pans and zooms 0.06 or less."""
STRAIGHT = 0.58
"""Least straightness (see `_straightness`) of a dissolve's way."""
CLEAR = 0.84
"""Least sum of straightness and dip."""
STEP_SHARE, STEP_STRAIGHT = 0.3, 0.85
"""What looks like a cut is part of a way so straight when it is no more than this share of it."""
SHIFTED = 0.5
"""A picture that is so much more like another one when that is moved is the same picture."""
ENDS = 0.05
"""Share of the way that motion alone makes up for."""
FLAT = 9.0
"""Standard deviation of brightness (0 to 255) below which a picture is one tone, such as black."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The change from one shot to the next."""

    kind: Kind
    last: int
    """Number of the last frame that is wholly (at a fade, mostly) the old shot."""
    first: int
    """Number of the first frame that is wholly (at a fade, mostly) the new shot; `last + 1` for a cut."""
    time: float
    """Seconds: when `first` is shown for a cut, the middle of the change otherwise."""
    score: float
    """0 to 1, how clear it is."""


def find(look: Look) -> list[Transition]:
    """Every transition in a run of frames, in order; frame numbers count from the run's first frame."""
    if len(look) < 8:
        return []
    calm = without_flashes(look)
    fades = _fades(calm)
    cuts = [
        cut
        for cut in _cuts(calm)
        if not any(fade.last - 2 < cut.first <= fade.first + 2 for fade in fades)
        and not _is_step(calm, cut.first)
    ]
    return sorted([*cuts, *fades, *_dissolves(calm, cuts, fades)], key=lambda each: each.first)


def without_flashes(look: Look) -> Look:
    """The same with each frame of a flash described as the one before the flash."""
    apart = {lag: distances(look, lag) for lag in range(1, FLASH_FRAMES + 2)}
    stand_in = np.arange(len(look))
    for length in range(1, FLASH_FRAMES + 1):
        before = np.arange(len(look) - length - 1)
        sides = apart[length + 1][before]
        away = np.full(len(before), np.inf, np.float32)
        for place in range(1, length + 1):
            entering, leaving = apart[place][before], apart[length + 1 - place][before + place]
            away = np.minimum(away, np.minimum(entering, leaving))
        for first in np.flatnonzero((away > CUT / 2) & (away > FLASH_OVER_SIDES * sides)):
            stand_in[first + 1 : first + 1 + length] = stand_in[first]
    return look.at(stand_in)


def _cuts(look: Look) -> list[Transition]:
    count = len(look)
    at = np.arange(3, count - 3)
    lags = {lag: distances(look, lag) for lag in (1, 2, 3, 4)}

    def apart(lag: int, offset: int) -> Floats:
        return lags[lag][np.clip(at + offset, 0, count - lag - 1)]

    pairs = ((1, -1), (2, -2), (2, -1), (3, -2), (3, -1), (3, -3), (4, -2))
    across = np.minimum.reduce([apart(*pair) for pair in pairs])
    before, after = np.minimum(apart(1, -3), apart(1, -2)), np.minimum(apart(1, 0), apart(1, 1))
    slow = np.minimum(apart(2, -3), apart(2, 0))
    excess = across - np.maximum.reduce([before, after, slow])
    padded = np.pad(lags[1], (9, 9), mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 18), axis=1)[at]
    clear = (across > CUT) & (excess > CUT_OVER_MOTION) & (apart(1, -1) > CUT_OVER_USUAL * (usual + 0.03))
    found: list[Transition] = []
    for i in np.flatnonzero(clear):
        if excess[i] < excess[max(0, i - 5) : i + 6].max() or (found and at[i] - found[-1].first <= 5):
            continue
        first, score = int(at[i]), float(min(1.0, 0.5 + excess[i]))
        found.append(Transition("cut", first - 1, first, float(look.times[first]), score))
    return found


def _is_step(look: Look, cut: int) -> bool:
    """Whether what looks like a cut is only the first or the last step of a dissolve: into or out of the dark, the first
    light is the greatest change."""
    for seconds in GRADUAL_SECONDS:
        lag = max(4, round(seconds * frame_rate(look.times)))
        for first, last, place in ((cut - 1, cut - 1 + lag, 1), (cut - lag, cut, lag - 1)):
            if first < 0 or last >= len(look):
                continue
            share = _way(look, first, last)[0][place]
            if min(share, 1 - share) < STEP_SHARE and _straightness(look, first, last) > STEP_STRAIGHT:
                return True
    return False


class _Found(NamedTuple):
    """A way that looks like a dissolve."""

    weight: float
    """Of two that overlap the one with more counts: a part of a dissolve is as clear as the whole, and shorter."""
    score: float
    first: int
    last: int


def _dissolves(look: Look, cuts: list[Transition], fades: list[Transition]) -> list[Transition]:
    """The clearest ways from one picture to another that do not overlap; one that leads into or out of a single tone
    counts as a fade."""
    rate = frame_rate(look.times)
    ways = [
        way
        for seconds in GRADUAL_SECONDS
        if (lag := max(4, round(seconds * rate))) + 2 < len(look)
        for way in _ways(look, lag, [each.first for each in cuts])
    ]
    found: list[Transition] = []
    for _, score, first, last in sorted(ways, reverse=True):
        if any(first < each.first + 3 and each.last - 3 < last for each in (*found, *fades)):
            continue
        middle = (first + last) // 2
        kind: Kind = "fade" if min(look.spread[first], look.spread[last]) < FLAT else "dissolve"
        found.append(Transition(kind, first, last, float(look.times[middle]), min(1.0, score / 1.2)))
    return found


def _ways(look: Look, lag: int, cuts: list[int]) -> list[_Found]:
    """Windows of `lag` frames that look like a dissolve, the best of each run."""
    apart = distances(look, lag)
    first = np.arange(len(apart))
    ends = (look.contrast[first] + look.contrast[first + lag]) / 2
    dip = 1 - look.contrast[first + lag // 2] / np.maximum(ends, 1.0)
    likely = (apart > GRADUAL) & (dip > DIP)
    for cut in cuts:
        likely[max(0, cut - lag) : cut] = False
    at = np.flatnonzero(likely)
    found = []
    for run in np.split(at, np.flatnonzero(np.diff(at) > 2) + 1) if len(at) else []:
        peak = int(run[np.argmax(apart[run] * dip[run])])
        straight = _straightness(look, peak, peak + lag)
        clear = straight > STRAIGHT and straight + dip[peak] > CLEAR
        wider = max(0, peak - lag // 2), min(len(look) - 1, peak + lag + lag // 2)
        if clear and not _is_shifted(look, peak, peak + lag) and not _is_shifted(look, *wider):
            score = float(straight + dip[peak])
            found.append(_Found(score * float(apart[peak]), score, *trimmed(look, peak, peak + lag)))
    return found


def _is_shifted(look: Look, first: int, last: int) -> bool:
    """Whether the last picture is the first one, moved: between two places as far apart as the patches a pan looks like a
    mix of both."""
    one, other = (look.patches[frame].reshape(3, 9, 16) for frame in (first, last))
    least = SHIFTED * mean_apart(one, other)
    for down, across in ((y, x) for y in (-2, -1, 0, 1, 2) for x in (-2, -1, 0, 1, 2)):
        moved = one[:, max(0, -down) : 9 - max(0, down), max(0, -across) : 16 - max(0, across)]
        there = other[:, max(0, down) : 9 - max(0, -down), max(0, across) : 16 - max(0, -across)]
        if mean_apart(moved, there) < least:
            return True
    return False


def _straightness(look: Look, first: int, last: int) -> float:
    """1 when every picture between is a mix of the two ends, in order; less the further they stray."""
    share, stray = _way(look, first, last)
    under_way = stray[(share > 0.1) & (share < 0.9)]
    backward = np.maximum(0, -np.diff(share)).sum()
    jump = max(0.0, float(np.diff(share).max()) - 0.5)
    return max(0.0, 1 - float(under_way.mean() if len(under_way) else 1.0) - float(backward) - jump)


def trimmed(look: Look, first: int, last: int) -> tuple[int, int]:
    """The same way without the frames in which nothing has changed yet, or any more."""
    share, _ = _way(look, first, last)
    under_way = np.flatnonzero((share > ENDS) & (share < 1 - ENDS))
    if len(under_way) == 0:
        return first, last
    return first + max(0, int(under_way[0]) - 1), first + min(last - first, int(under_way[-1]) + 1)


def _way(look: Look, first: int, last: int) -> tuple[Floats, Floats]:
    """How far from the first picture to the last each between has come, 0 to 1, and how far it is off the straight line,
    in shares of its length."""
    way = look.patches[last] - look.patches[first]
    length = float(way @ way) + 1e-6
    between = look.patches[first : last + 1] - look.patches[first]
    share: Floats = between @ way / np.float32(length)
    stray: Floats = np.linalg.norm(between - share[:, None] * way, axis=1) / np.float32(np.sqrt(length))
    return share, stray


def _fades(look: Look) -> list[Transition]:
    """Runs without contrast that it goes down to and comes up from, each within a second and over some
    frames."""
    flat = np.flatnonzero(look.spread < FLAT)
    reach = max(8, round(frame_rate(look.times)))
    found = []
    for run in np.split(flat, np.flatnonzero(np.diff(flat) > 1) + 1) if len(flat) else []:
        begin, end = int(run[0]), int(run[-1])
        down = _slope(look.spread[max(0, begin - reach) : begin][::-1])
        up = _slope(look.spread[end + 1 : end + 1 + reach])
        if down and up:
            last, first = begin - down, end + up
            found.append(Transition("fade", last, first, float(look.times[(last + first) // 2]), 0.9))
    return found


def _slope(spread: Floats) -> int:
    """How many frames contrast takes to rise from nothing; 0 when it jumps, or hardly rises."""
    if len(spread) < 3:
        return 0
    falls = np.flatnonzero(np.diff(spread) < 0.2)
    frames = int(falls[0]) + 1 if len(falls) else len(spread)
    steps = np.diff(spread[:frames], prepend=0)
    gradual = frames >= 3 and spread[frames - 1] > 1.5 * FLAT and steps.max() < 0.6 * spread[frames - 1]
    return frames if gradual else 0


def frame_rate(times: NDArray[np.float64]) -> float:
    """Frames per second, by the usual gap."""
    gap = float(np.median(np.diff(times)))
    return 1 / gap if gap > 1 / 240 else 25.0
