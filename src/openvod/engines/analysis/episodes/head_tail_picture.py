"""Which stretches of two silent films are the same? By what their pictures look like, twice a second.

For films without sound only: a fingerprint of the sound is worth more, and costs less.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openvod.engines.analysis.episodes.head_tail import ALIKE_BITS, Pictures
from openvod.engines.analysis.episodes.head_tail_sound import LEAST_SECONDS, Stretch
from openvod.engines.features.record import LOOKS_PER_SECOND

LEAST_ALIKE = 0.85
"""Share of the pictures of a stretch that are alike."""
LEAST_KINDS = 4
"""Pictures of a stretch that are unlike one another: a card that stands still is no opening."""
UNLIKE_BITS = 18
MOST_LOOKS = 7200
"""An hour's; comparing costs their square."""
_GAP = 2
_CHANCE = 0.5


def common(one: Pictures, other: Pictures, least: float = LEAST_SECONDS) -> tuple[Stretch, ...]:
    """The stretches of `least` seconds and more that both show, in order of time, with edges to half a second; `errors` is
    half the share of pictures that differ, so that 0.5 is chance.
    """
    own, theirs = _grid(one), _grid(other)
    found = [
        each for shift in range(-len(own[0]), len(theirs[0])) for each in _along(own, theirs, shift, least)
    ]
    found.sort(key=lambda each: each.seconds * (_CHANCE - each.errors), reverse=True)
    kept: list[Stretch] = []
    for each in found:
        if all(min(each.end, known.end) - max(each.begin, known.begin) < 1.0 for known in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.begin))


_Grid = tuple[NDArray[np.uint64], NDArray[np.bool_]]


def _grid(pictures: Pictures) -> _Grid:
    """A picture for each half second, and whether it can be told by anything."""
    place = np.floor(pictures.times * LOOKS_PER_SECOND + 1e-6).astype(int)
    inside = place < MOST_LOOKS
    length = int(place[inside].max()) + 1 if inside.any() else 0
    hashes, known = np.zeros(length, np.uint64), np.zeros(length, bool)
    hashes[place[inside]] = pictures.phash[inside]
    known[place[inside]] = ~pictures.plain[inside]
    return hashes, known


def _along(own: _Grid, theirs: _Grid, shift: int, least: float) -> Iterator[Stretch]:
    first, last = max(0, -shift), min(len(own[0]), len(theirs[0]) - shift)
    if last - first < least * LOOKS_PER_SECOND:
        return
    there = slice(first + shift, last + shift)
    known = own[1][first:last] & theirs[1][there]
    same = known & (np.bitwise_count(own[0][first:last] ^ theirs[0][there]) <= ALIKE_BITS)
    if np.count_nonzero(same) < least * LOOKS_PER_SECOND * LEAST_ALIKE:
        return
    for begin, end in _runs(same):
        share = float(same[begin:end].mean())
        long = (end - begin) / LOOKS_PER_SECOND >= least
        if long and share >= LEAST_ALIKE and _kinds(own[0][first:last][begin:end]) >= LEAST_KINDS:
            yield Stretch(
                (begin + first) / LOOKS_PER_SECOND,
                (end + first) / LOOKS_PER_SECOND,
                shift / LOOKS_PER_SECOND,
                (1 - share) / 2,
            )


def _runs(same: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of what is the same, over gaps of a moment."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    for begin, end in edges.reshape(-1, 2).tolist():
        if runs and begin - runs[-1][1] <= _GAP:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
    return runs


def _kinds(hashes: NDArray[np.uint64]) -> int:
    """How many pictures are unlike all others of them; counting ends where there are enough."""
    seen: list[np.uint64] = []
    for each in hashes:
        if all(int(np.bitwise_count(each ^ known)) > UNLIKE_BITS for known in seen):
            seen.append(each)
            if len(seen) >= LEAST_KINDS:
                break
    return len(seen)
