"""When does a film stand out? Six or seven measures on one grid of half seconds, and what they come to together.

Each is a share from 0 to 1 of what its film usually has: a quiet film's loudest moment stands out, a loud film's average one
does not. Floors keep noise from standing out of nothing. They are joined as independent reasons are: one that is strong is
enough, several weak ones help each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.engines.analysis.highlights.hht_options import Genre
from openvod.engines.features import Features
from openvod.engines.features.record import LEVELS_PER_SECOND

Floats = NDArray[np.float64]

STEP = 0.5
"""Seconds of the grid, the distance of looks."""
REACH = 4.0
"""Seconds on both sides in which cuts are counted."""
MEMORY = 30.0
"""Seconds back with which a picture is compared to be new."""
NEW = 24.0
"""Bits of the perceptual hash from which on a picture is new."""
SMOOTH = 1.0
"""Seconds (standard deviation) over which the score is smoothed."""
CLOSE_UP = 0.22, 0.5
"""Heights of a face, in shares of the picture's, at which it begins to be and is a close-up."""
SPREADS = 3.0
"""How many spreads above the usual a measure is at its most."""
QUIET = -60.0
"""Decibels below which nothing is heard."""

WEIGHTS: Mapping[Genre, Mapping[str, float]] = {
    "general": {
        "motion": 0.55,
        "loud": 0.6,
        "voice": 0.45,
        "face": 0.4,
        "cuts": 0.3,
        "new": 0.3,
        "words": 0.75,
    },
    "vlog": {"motion": 0.5, "loud": 0.5, "voice": 0.5, "face": 0.5, "cuts": 0.25, "new": 0.4, "words": 0.75},
    "drama": {
        "motion": 0.45,
        "loud": 0.55,
        "voice": 0.6,
        "face": 0.55,
        "cuts": 0.3,
        "new": 0.15,
        "words": 0.8,
    },
    "sport": {"motion": 0.5, "loud": 0.75, "voice": 0.6, "face": 0.2, "cuts": 0.3, "new": 0.2, "words": 0.6},
}
"""How much each can do at most, by kind of film: crowds and commentators tell of sport, voices and faces of drama."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """One measure."""

    name: str
    share: Floats
    """0 to 1, `[n]`."""
    value: Floats
    """As measured, `[n]`."""
    usual: float
    """The median of it."""


@dataclass(frozen=True, slots=True)
class Stress:
    """A stretch that its words make stand out, as a model says."""

    start: float
    end: float
    score: float
    """0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """How much each moment stands out."""

    times: Floats
    """Seconds: the middle of each half second, `[n]`."""
    score: Floats
    """0 to 1, smoothed, `[n]`."""
    signals: tuple[Signal, ...]


def course(
    found: Features, genre: Genre, *, hears_speech: bool = True, stresses: Sequence[Stress] = ()
) -> Course:
    """Of a film with at least one look."""
    count = max(1, int(np.ceil((found.end - found.begin) / STEP)))
    times: Floats = found.begin + (np.arange(count, dtype=np.float64) + 0.5) * STEP
    signals = [_motion(found, times), _faces(found, times), _cuts(found, times), _new(found, times)]
    if found.sound.level.size:
        signals.append(_loud(found, times))
        if hears_speech:
            signals.append(_voice(found, times))
    if stresses:
        signals.append(_words(times, stresses))
    left = np.ones(count)
    for signal in signals:
        left *= 1 - WEIGHTS[genre][signal.name] * signal.share
    return Course(times, np.clip(_smooth(1 - left), 0, 1), tuple(signals))


def _smooth(values: Floats) -> Floats:
    half = int(3 * SMOOTH / STEP)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) * STEP / SMOOTH) ** 2)
    padded = np.pad(values, half, mode="edge")
    smoothed: Floats = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return smoothed


def _beyond(values: Floats, floor: float, usual: float | None = None) -> Floats:
    """0 at the usual value, 1 `SPREADS` spreads above it; a spread is `floor` at least."""
    middle = float(np.median(values)) if usual is None else usual
    spread = max(floor, 1.4826 * float(np.median(np.abs(values - middle))))
    shares: Floats = np.clip((values - middle) / (SPREADS * spread), 0, 1)
    return shares


def _held(found: Features, values: NDArray[np.floating], times: Floats) -> Floats:
    """Values of looks on the grid: each holds until the next."""
    places = np.searchsorted(found.looks.times, times, side="right") - 1
    held: Floats = np.asarray(values, np.float64)[np.clip(places, 0, len(values) - 1)]
    return held


def _motion(found: Features, times: Floats) -> Signal:
    values = _held(found, found.looks.motion, times)
    share = 0.75 * _beyond(values, 8.0) + 0.25 * np.clip(values / 250.0, 0, 1)
    return Signal("motion", share, values, float(np.median(values)))


def _faces(found: Features, times: Floats) -> Signal:
    heights = np.array([max((f[3] - f[1] for f in faces), default=0.0) for faces in found.looks.faces])
    values = _held(found, heights, times)
    usual = float(np.median(values))
    # Where there is a close-up all the time, as of somebody who talks to the camera, it says little.
    share = np.interp(values, CLOSE_UP, [0, 1]) * (0.3 if usual >= CLOSE_UP[0] else 1.0)
    return Signal("face", share, values, usual)


def _cuts(found: Features, times: Floats) -> Signal:
    changes = np.array([shot.start for shot in found.shots[1:]])
    window = np.minimum(times + REACH, found.end) - np.maximum(times - REACH, found.begin)
    near = np.searchsorted(changes, times + REACH) - np.searchsorted(changes, times - REACH)
    values = 60.0 * near / np.maximum(window, STEP)
    usual = 60.0 * len(changes) / max(found.end - found.begin, STEP)
    return Signal("cuts", _beyond(values, 4.0, usual), values, usual)


def _new(found: Features, times: Floats) -> Signal:
    """How unlike the nearest picture of the last half minute each one is; nothing is new in the first seconds."""
    hashes, seen = found.looks.phash, found.looks.times
    bits = np.zeros(len(hashes))
    first = 0
    for place in range(1, len(hashes)):
        while seen[first] < seen[place] - MEMORY:
            first += 1
        if seen[place] - found.begin >= REACH:
            bits[place] = int(np.bitwise_count(hashes[first:place] ^ hashes[place]).min())
    values = _held(found, bits, times)
    share = np.clip((values - NEW / 2) / (NEW / 2), 0, 1)
    return Signal("new", share, values, float(np.median(values)))


def _levels(found: Features, times: Floats, *, loudest: bool) -> Floats:
    """The level of each half second: its loudest tenth, or the mean."""
    levels = found.sound.level
    size = max(1, round(STEP * LEVELS_PER_SECOND))
    places = np.clip(((times - STEP / 2) * LEVELS_PER_SECOND).astype(int), 0, len(levels) - 1)
    parts = [levels[place : place + size] for place in places]
    return np.array([float(part.max() if loudest else part.mean()) for part in parts])


def _loud(found: Features, times: Floats) -> Signal:
    values = _levels(found, times, loudest=False)
    usual = max(QUIET, float(np.median(values)))
    share = _beyond(np.maximum(values, QUIET), 2.5, usual)
    return Signal("loud", share, values, usual)


def _voice(found: Features, times: Floats) -> Signal:
    """How much louder than it usually is somebody speaks; cries, calls and commentators."""
    levels = _levels(found, times, loudest=True)
    spoken = np.zeros(len(times), bool)
    for each in found.sound.stretches:
        if each.certain:
            spoken |= (times > each.span.start) & (times < each.span.end)
    if not spoken.any():
        return Signal("voice", np.zeros(len(times)), np.zeros(len(times)), 0.0)
    usual = float(np.median(levels[spoken]))
    above = np.where(spoken, levels - usual, 0.0)
    spread = max(2.5, 1.4826 * float(np.median(np.abs(above[spoken]))))
    return Signal("voice", np.clip(above / (SPREADS * spread), 0, 1), above, 0.0)


def _words(times: Floats, stresses: Sequence[Stress]) -> Signal:
    values = np.zeros(len(times))
    for each in stresses:
        inside = (times >= each.start) & (times <= each.end)
        values[inside] = np.maximum(values[inside], each.score)
    return Signal("words", values, values, 0.0)
