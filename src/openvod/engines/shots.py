"""Where does one shot end and the next begin? Cuts, dissolves and fades, found while thumbnails stream by.

Every frame becomes a small description that tolerates motion: colour and brightness of 9 x 16 patches, and
a histogram of joint colours. A cut is where even the most alike pair of frames across it differs more than
frames do on either side; a flash is not a cut because the frames around it are alike. A dissolve is a
straight path between two pictures that are steady compared with the way. A fade passes through a picture
without contrast.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Kind = Literal["cut", "dissolve", "fade"]

CUT = 0.19
"""Least distance across a cut (see `distances`)."""
CUT_OVER_MOTION = 0.16
"""How much further apart the sides of a cut are than neighbours on either side."""
CUT_OVER_USUAL = 2.8
"""How many times the usual distance between neighbours a cut is."""
GRADUAL = 0.30
"""Least distance between the pictures before and after a dissolve."""
GRADUAL_SECONDS = (0.32, 0.6, 1.0)
"""Lengths of dissolve that are tried; a longer or shorter one fits the nearest well enough."""
GRADUAL_OVER_STEADY = 1.45
"""How many times the distance of equally spaced frames beside it a dissolve is."""
STRAIGHT = 0.77
"""Least straightness (see `_straightness`) of a dissolve's way; pans and shaking stray further."""
FLAT = 9.0
"""Standard deviation of brightness (0 to 255) below which a picture is one tone, such as black."""
COLOUR = np.float32(1.5)
"""Weight of the colour differences of a patch against its brightness."""
STEP = 512
"""Frames decided on at a time."""
MARGIN = 112
"""Frames seen on both sides of those decided on, so that no decision depends on where the steps fall."""
BATCH = 64


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


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Descriptions of a run of frames."""

    patches: Floats
    """`[n, 432]`: brightness and two weighted colour differences of 9 x 16 patches."""
    colours: Floats
    """`[n, 128]`: square roots of a joint histogram, so that a dot product is the overlap of two."""
    spread: Floats
    """`[n]`: standard deviation of brightness."""
    times: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, part: slice) -> "_Look":
        return _Look(self.patches[part], self.colours[part], self.spread[part], self.times[part])

    def __add__(self, other: "_Look") -> "_Look":
        return _Look(
            np.concatenate([self.patches, other.patches]),
            np.concatenate([self.colours, other.colours]),
            np.concatenate([self.spread, other.spread]),
            np.concatenate([self.times, other.times]),
        )


class ShotFinder:
    """Finds transitions in thumbnails pushed one by one; holds about 750 descriptions, never the film."""

    def __init__(self) -> None:
        self._pictures: list[NDArray[np.uint8]] = []
        self._times: list[float] = []
        self._look: _Look | None = None
        self._begin = 0
        """Number of the first frame in `_look`."""
        self._decided = 0
        """Frames below this number have been decided on."""

    def push(self, tiny: NDArray[np.uint8], time: float) -> list[Transition]:
        """Take the next frame, `[27, 48, 3]` RGB; answer what has become certain."""
        self._pictures.append(tiny)
        self._times.append(time)
        if len(self._pictures) < BATCH:
            return []
        self._describe()
        assert self._look is not None
        if self._begin + len(self._look) < self._decided + STEP + MARGIN:
            return []
        return self._decide(self._decided + STEP)

    def finish(self) -> list[Transition]:
        """The rest, after the last frame."""
        self._describe()
        if self._look is None:
            return []
        return self._decide(self._begin + len(self._look))

    def _describe(self) -> None:
        if not self._pictures:
            return
        look = describe(np.stack(self._pictures), np.array(self._times))
        self._look = look if self._look is None else self._look + look
        self._pictures, self._times = [], []

    def _decide(self, until: int) -> list[Transition]:
        look, begin = self._look, self._begin
        assert look is not None
        found = [
            Transition(each.kind, each.last + begin, each.first + begin, each.time, each.score)
            for each in find(look[: until - begin + MARGIN])
            if self._decided <= each.first + begin < until
        ]
        keep = max(begin, until - MARGIN)
        self._look, self._begin, self._decided = look[keep - begin :], keep, until
        return found


def shots(count: int, transitions: Iterable[Transition]) -> list[tuple[int, int]]:
    """First and last frame number of every shot of a film of `count` frames; a gradual change is halved."""
    starts = [0, *(sum((each.last + 1, each.first)) // 2 for each in transitions)]
    return [(a, b - 1) for a, b in zip(starts, [*starts[1:], count], strict=True) if b > a]


def describe(tiny: NDArray[np.uint8], times: NDArray[np.float64]) -> _Look:
    """Describe `[n, 27, 48, 3]` RGB thumbnails."""
    count = len(tiny)
    rgb = tiny.astype(np.float32)
    y: Floats = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    half = np.float32(0.5)
    red, blue = (rgb[..., 0] - y) * half, (rgb[..., 2] - y) * half
    patches = np.stack([_pool(y), COLOUR * _pool(red), COLOUR * _pool(blue)], 1).reshape(count, -1)
    cell = (y.astype(np.int32) >> 5) * 16
    for difference, weight in ((red, 4), (blue, 1)):
        cell += (np.clip(difference + 64, 0, 127).astype(np.int32) >> 5) * weight
    cell = cell.reshape(count, -1) + 128 * np.arange(count, dtype=np.int32)[:, None]
    histogram = np.bincount(cell.ravel(), minlength=128 * count).reshape(count, 128)
    colours = np.sqrt(histogram / (tiny.shape[1] * tiny.shape[2])).astype(np.float32)
    return _Look(patches, colours, y.std((1, 2)), times)


def _pool(channel: Floats) -> Floats:
    pooled: Floats = channel.reshape(-1, 9, 3, 16, 3).mean((2, 4))
    return pooled


def distances(look: _Look, lag: int) -> Floats:
    """How unlike frames `i` and `i + lag` are, for every `i`: 0 the same, 0.2 to 1.6 another picture."""
    return _unlike(look[:-lag], look[lag:])


def _unlike(one: _Look, other: _Look) -> Floats:
    apart: Floats = np.abs(other.patches - one.patches).mean(1) / 40
    overlap = np.einsum("ij,ij->i", one.colours, other.colours)
    unlike: Floats = np.minimum(apart, 2) * 0.6 + np.sqrt(np.maximum(1 - overlap, 0)) * 0.4
    return unlike


def find(look: _Look) -> list[Transition]:
    """Every transition in a run of frames, in order; frame numbers count from the run's first frame."""
    if len(look) < 8:
        return []
    fades = _fades(look)
    cuts = [
        cut for cut in _cuts(look) if not any(fade.last - 2 < cut.first <= fade.first + 2 for fade in fades)
    ]
    return sorted([*cuts, *fades, *_dissolves(look, cuts, fades)], key=lambda each: each.first)


def _cuts(look: _Look) -> list[Transition]:
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


def _dissolves(look: _Look, cuts: list[Transition], fades: list[Transition]) -> list[Transition]:
    """Straight ways from one picture to another; one that leads into or out of a single tone counts as a
    fade."""
    rate = _rate(look.times)
    found: list[Transition] = []
    for seconds in GRADUAL_SECONDS:
        lag = max(4, round(seconds * rate))
        if lag * 3 > len(look):
            break
        for first, last, score in _ramps(look, lag, [each.first for each in cuts]):
            middle = (first + last) // 2
            if any(first < each.first + 3 and each.last - 3 < last for each in (*found, *fades)):
                continue
            kind: Kind = "fade" if min(look.spread[first], look.spread[last]) < FLAT else "dissolve"
            found.append(Transition(kind, first, last, float(look.times[middle]), score))
    return found


def _ramps(look: _Look, lag: int, cuts: list[int]) -> list[tuple[int, int, float]]:
    """Peaks of the distance at `lag` whose way is straight, with steadier pictures on both sides."""
    apart = distances(look, lag)
    near_cut = np.zeros(len(look), bool)
    for cut in cuts:
        near_cut[max(0, cut - lag - 6) : cut + 6] = True
    rising = np.flatnonzero((apart > GRADUAL) & ~near_cut[: len(apart)])
    found = []
    for run in np.split(rising, np.flatnonzero(np.diff(rising) > 2) + 1) if len(rising) else []:
        peak = int(run[np.argmax(apart[run])])
        left = _change(look, max(0, peak - lag - 2), peak - 2)
        right = _change(look, peak + lag + 2, min(len(look) - 1, peak + 2 * lag + 2))
        steady = max(left, right, 0.08)
        score = _straightness(look, peak, peak + lag)
        if apart[peak] > GRADUAL_OVER_STEADY * steady and score > STRAIGHT:
            found.append((peak, peak + lag, score))
    return found


def _change(look: _Look, first: int, last: int) -> float:
    """The distance of two frames; infinite when there is too little between to call it steady."""
    if last - first < 5:
        return float("inf")
    return float(_unlike(look[first : first + 1], look[last : last + 1])[0])


def _straightness(look: _Look, first: int, last: int) -> float:
    """1 when every picture between is a mix of the two ends, in order; less the further they stray."""
    way = look.patches[last] - look.patches[first]
    length = float(way @ way) + 1e-6
    between = look.patches[first : last + 1] - look.patches[first]
    share = between @ way / length
    stray = np.linalg.norm(between - share[:, None] * way, axis=1) / np.sqrt(length)
    backward = np.maximum(0, -np.diff(share)).sum()
    jump = max(0.0, float(np.diff(share).max()) - 0.5)
    return max(0.0, 1 - float(np.median(stray)) - float(backward) - jump)


def _fades(look: _Look) -> list[Transition]:
    """Runs without contrast that it goes down to and comes up from, each within a second and over some
    frames."""
    flat = np.flatnonzero(look.spread < FLAT)
    reach = max(8, round(_rate(look.times)))
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
    gradual = frames >= 3 and spread[frames - 1] > 2 * FLAT and steps.max() < 0.6 * spread[frames - 1]
    return frames if gradual else 0


def _rate(times: NDArray[np.float64]) -> float:
    """Frames per second, by the usual gap."""
    gap = float(np.median(np.diff(times)))
    return 1 / gap if gap > 1 / 240 else 25.0
