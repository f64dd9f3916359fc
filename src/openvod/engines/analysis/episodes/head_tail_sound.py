"""Which stretches of two sounds are the same? By their fingerprints, whatever coding, level and some noise did to them.

Fingerprints that are alike by half give shifts worth looking at (many within some seconds at the same shift are no chance);
along such a shift the share of bits that differ tells where the sounds are one: about 0.2 there, 0.5 everywhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.engines.features.prints import HOP, RATE, WINDOW

Prints = NDArray[np.uint32]
Floats = NDArray[np.float64]

PER_SECOND = RATE / HOP
LEAST_SECONDS = 8.0
"""Of a stretch: shorter ones are jingles, and chance."""
MOST_ERRORS = 0.35
"""Mean share of differing bits of a stretch; Haitsma and Kalker's threshold for the same sound."""
LEAST_SOUNDING = 0.6
"""Share of a stretch that is not silence."""
LEAST_KINDS = 0.3
"""Different fingerprints among those of a stretch: a tone that stands still is like any other at its pitch."""

_OFTEN = 32
"""A half that the other sound has more often tells nothing."""
_BLOCK = 160
"""Fingerprints in which hits at one shift are counted together."""
_HITS = 3
_MOST_SHIFTS = 200
_SMOOTH = 17
"""Fingerprints over which differing bits are averaged for finding a stretch."""
_SAME = 0.41
"""Share of differing bits, so averaged, below which sounds are the same."""
_GAP = 24
"""Fingerprints of something else over the same sound that are bridged: a word, a bang."""
_EDGE = 28
"""Fingerprints before a rough edge among which the exact one is looked for, and all up to the middle: music of the same beat
is half alike."""
_MOMENTS = range(5, 13)
"""Fingerprints from one to another one that shares no sound with it: a third to three quarters of a second."""
_AT_THE_END = 4
"""Fingerprints before the end of a sound: a stretch that comes so near goes up to it."""
_CHANCE = 0.5
_LATE = (WINDOW - HOP) / 2 / RATE
"""Seconds from a fingerprint's place to the middle of the sound that it stands for: that of its window and the one before."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same sound in two files; times in seconds of the one, `shift` is added for those of the other."""

    begin: float
    end: float
    shift: float
    errors: float
    """Mean share of differing bits, 0 to 1."""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.end - self.begin


def common(one: Prints, other: Prints, least: float = LEAST_SECONDS) -> tuple[Stretch, ...]:
    """The stretches of `least` seconds and more that both have, in order of time in `one`. Each part of `one` is in one of
    them at most, the clearest.
    """
    found = [each for shift in _shifts(one, other) for each in _along(one, other, shift, least)]
    found.sort(key=lambda each: each.seconds * (_CHANCE - each.errors), reverse=True)
    kept: list[Stretch] = []
    for each in found:
        if all(_overlap(each, better) < 0.3 * each.seconds for better in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.begin))


def _overlap(one: Stretch, other: Stretch) -> float:
    return max(0.0, min(one.end, other.end) - max(one.begin, other.begin))


def _shifts(one: Prints, other: Prints) -> list[int]:
    """Shifts at which several halves of fingerprints meet within a block, the best first."""
    pairs = [_meeting(one, other, half) for half in (0, 16)]
    place = np.concatenate([each[0] for each in pairs])
    shift = np.concatenate([each[1] for each in pairs]) + len(one)
    best: dict[int, int] = {}
    blocks = len(one) // _BLOCK + 2
    for ahead in (0, 1):  # a shift between two whole ones hits both
        for late in (0, _BLOCK // 2):
            cells = (shift + ahead) // 2 * blocks + (place + late) // _BLOCK
            cell, hits = np.unique(cells, return_counts=True)
            clear = hits >= _HITS
            for number, count in zip((cell[clear] // blocks).tolist(), hits[clear].tolist(), strict=True):
                at = 2 * number - ahead - len(one)
                best[at] = max(best.get(at, 0), count)
    return sorted(best, key=lambda at: (-best[at], at))[:_MOST_SHIFTS]


def _meeting(one: Prints, other: Prints, half: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places in `one`, and how much later `other` has a fingerprint with the same half."""
    own, theirs = np.flatnonzero(one), np.flatnonzero(other)
    keys = (other[theirs] >> np.uint32(half)) & np.uint32(0xFFFF)
    order = np.argsort(keys, kind="stable")
    keys, theirs = keys[order], theirs[order]
    wanted = (one[own] >> np.uint32(half)) & np.uint32(0xFFFF)
    first = np.searchsorted(keys, wanted, "left")
    count = np.searchsorted(keys, wanted, "right") - first
    rare = (count > 0) & (count <= _OFTEN)
    own, first, count = own[rare], first[rare], count[rare]
    place = np.repeat(own, count)
    within = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    return place, theirs[np.repeat(first, count) + within] - place


def _along(one: Prints, other: Prints, shift: int, least: float) -> Iterator[Stretch]:
    """The stretches at a shift or the next one, whichever fits better."""
    for begin, end in _rough(*_errors(one, other, shift), least):
        beside = [_errors(one, other, each) for each in (shift, shift + 1)]
        means = [_mean(errors[begin - first : end - first]) for errors, first in beside]
        better = int(means[1] < means[0])
        found = _exact(one, *beside[better], (begin, end), shift + better)
        if found is not None and found.seconds >= least:
            yield found


def _errors(one: Prints, other: Prints, shift: int) -> tuple[Floats, int]:
    """Share of differing bits of each fingerprint of `one` from the number that is given, too; nan where both are silent,
    chance where one is.
    """
    first, last = max(0, -shift), min(len(one), len(other) - shift)
    if last <= first:
        return np.zeros(0), first
    own, theirs = one[first:last], other[first + shift : last + shift]
    errors: Floats = np.bitwise_count(own ^ theirs) / 32.0
    errors[(own == 0) ^ (theirs == 0)] = _CHANCE
    errors[(own == 0) & (theirs == 0)] = np.nan
    return errors, first


def _mean(errors: Floats) -> float:
    known = errors[~np.isnan(errors)]
    return float(known.mean()) if len(known) else 1.0


def _rough(errors: Floats, first: int, least: float) -> list[tuple[int, int]]:
    """From which fingerprint to which one the sounds are the same, about; what both are silent in is neither."""
    if len(errors) < _SMOOTH:
        return []
    known = ~np.isnan(errors)
    ones = np.ones(_SMOOTH)
    weight = np.convolve(known, ones, "same")
    mean = np.convolve(np.where(known, errors, 0.0), ones, "same") / np.maximum(weight, 1)
    same = (mean < _SAME) & (weight >= _SMOOTH // 3)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for begin, end in edges.reshape(-1, 2).tolist():
        silent = not known[runs[-1][1] : begin].any() if runs else False
        if runs and (begin - runs[-1][1] <= _GAP or silent):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
    shortest = (least - 1.5) * PER_SECOND
    return [(begin + first, end + first) for begin, end in runs if end - begin >= shortest]


def _exact(one: Prints, errors: Floats, first: int, rough: tuple[int, int], shift: int) -> Stretch | None:
    """A stretch with edges to a fingerprint: where what is before and after is most likely chance, and what is inside is not.
    None where it is not surely the same sound.
    """
    core = errors[rough[0] - first : rough[1] - first]
    level = min(0.4, max(0.02, _mean(core)))
    wrong, right = np.log(level / _CHANCE), np.log((1 - level) / (1 - _CHANCE))
    gain = np.where(np.isnan(errors), 0.0, errors * wrong + (1 - errors) * right)
    middle = (rough[0] + rough[1]) // 2 - first
    begin = _edge(gain, rough[0] - first, middle)
    end = len(gain) - _edge(gain[::-1], len(gain) - (rough[1] - first), len(gain) - middle)
    inside, own = errors[begin:end], one[begin + first : end + first]
    sounding = own[own > 0]
    mean = _mean(inside)
    if mean > MOST_ERRORS or len(sounding) < LEAST_SOUNDING * len(own):
        return None
    if len(np.unique(sounding)) < LEAST_KINDS * len(sounding) or _stands_still(sounding):
        return None
    low, high = max(0, -shift), first + len(errors)  # where one of the two sounds begins, and ends
    return Stretch(
        low / PER_SECOND if begin + first - low <= _AT_THE_END else (begin + first) / PER_SECOND + _LATE,
        (high - 1 + WINDOW / HOP) / PER_SECOND
        if high - (end + first) <= _AT_THE_END
        else (end + first) / PER_SECOND + _LATE,
        shift / PER_SECOND,
        mean,
    )


def _stands_still(own: Prints) -> bool:
    """Whether a sound is like itself a moment later, so that it is like many others as well."""
    return any(
        np.bitwise_count(own[lag:] ^ own[:-lag]).mean() / 32 < MOST_ERRORS
        for lag in _MOMENTS
        if lag < len(own)
    )


def _edge(gain: Floats, near: int, middle: int) -> int:
    """The first fingerprint of the stretch, `near` which it begins: from there to the middle the gain is greatest."""
    low, high = max(0, near - _EDGE), max(1, middle)
    sums = np.cumsum(gain[low:high][::-1])[::-1]
    return low + int(np.argmax(sums)) if len(sums) else near
