"""Where does an opening end and an ending begin? In what a file shares with other episodes, near its two ends.

Pure functions. Rather none than wrong: what only one other episode has must be longer and clearer than what two have, the
pictures must agree where there are any, and the same film coded twice is no other episode.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.analysis.episodes.head_tail_sound import Stretch
from openvod.engines.features.record import Looks, unpack

End = Literal["head", "tail"]

NEAR_AN_END = 0.25
"""Share of each file in which its opening begins, and in which its ending ends."""
SAME_FILM = 0.5
"""Share of the middle half that two files of the same film have in common, at least."""
ALONE_SECONDS, ALONE_ERRORS = 10.0, 0.3
"""What a stretch must have that only one other file has: so many seconds, and no more differing bits."""
TOGETHER = 0.75
"""Seconds that the edges of a stretch may differ by between files."""
SNAP = 0.25
"""Seconds in which a change of shots, or a silence, is taken for the edge itself."""
QUIET = -50.0
"""dB below which it is silent."""
ALIKE_BITS = 12
"""Bits of a perceptual hash that differ between two codings of a picture, with a moment between them."""
LEAST_ALIKE = 0.2
"""See `alike`: an opening with a title of the episode's own on it was at 0.3 and more, other pictures at 0.0 to 0.1."""
LEAST_VARIED = 12.0
"""Bits by which pictures of different moments differ in the mean, at least, to be told apart."""
_ANOTHER_MOMENT = 3.0
"""Seconds."""
PLAIN = 5.0
"""Contrast below which a picture has nothing to be told by."""
LEAST_PICTURES = 6
_NOT_THE_EDGE = 0.5


@dataclass(frozen=True, slots=True)
class Other:
    """Another file of the library."""

    content: str
    """A hash of its bytes."""
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch that another file has, too."""

    other: Other
    stretch: Stretch
    pictures: float | None = None
    """See `alike`; None where that was not looked at, or there are none."""


@dataclass(frozen=True, slots=True)
class Part:
    """An opening or an ending; times in seconds."""

    begin: float
    end: float
    matches: tuple[Match, ...]

    @property
    def confidence(self) -> float:
        """0 to 100: by how clear the likeness is, and how many files have it."""
        clear = 1 - fmean(each.stretch.errors for each in self.matches) / 0.5
        return round(100 * (1 - (1 - clear) * 0.5 ** (len(self.matches) - 1)), 2)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What some stretches of a file look like, `n` looks in order of time."""

    times: NDArray[np.float64]
    phash: NDArray[np.uint64]
    plain: NDArray[np.bool_]
    """Whether there is nothing to tell it by."""

    @staticmethod
    def of(looks: Looks) -> "Pictures":
        """From a file's own looks."""
        return Pictures(looks.times, looks.phash, looks.contrast < PLAIN)

    @staticmethod
    def unpacked(row: Json) -> "Pictures":
        """From what `neighbour.measure` gave."""
        return Pictures(unpack(row["times"]), unpack(row["phash"]), unpack(row["contrast"]) < PLAIN)


def same_film(seconds: float, other: Other, found: Sequence[Stretch]) -> bool:
    """Whether two files are one film, coded or cut in two ways."""
    shortest = min(seconds, other.seconds)
    low, high = 0.25 * seconds, 0.75 * seconds
    shared = sum(max(0.0, min(high, each.end) - max(low, each.begin)) for each in found)
    return shared > SAME_FILM * shortest / 2


def places(end: End, seconds: float, other: Other, found: Sequence[Stretch]) -> list[Match]:
    """The stretches that lie where an opening, or an ending, lies in both files."""

    def fits(begin: float, until: float, length: float) -> bool:
        if end == "head":
            return begin <= NEAR_AN_END * length and until <= length / 2
        return until >= (1 - NEAR_AN_END) * length and begin >= length / 2

    return [
        Match(other, each)
        for each in found
        if fits(each.begin, each.end, seconds)
        and fits(each.begin + each.shift, each.end + each.shift, other.seconds)
    ]


def candidates(end: End, matches: Sequence[Match]) -> list[Part]:
    """The openings, or endings, that the matches speak for, the best first: what two files have before what one has, then
    by how many seconds how many have.
    """
    found = {part.matches: part for part in (_gathered(end, seed, matches) for seed in matches)}
    if all(len(part.matches) < 2 for part in found.values()):  # nobody agrees: then what is in all of them
        clipped = [[_within(seed, each) for each in matches] for seed in matches]
        parts = (_gathered(end, seed, each) for seed, each in zip(matches, clipped, strict=True))
        found = {part.matches: part for part in parts}
    return sorted(found.values(), key=lambda part: (-min(2, len(part.matches)), -_weight(part), part.begin))


def _weight(part: Part) -> float:
    return len(part.matches) * (part.end - part.begin)


def _within(seed: Match, match: Match) -> Match:
    """As much of a match as another one has, where it has most of it: two episodes may go on alike by chance."""
    begin = max(seed.stretch.begin, match.stretch.begin)
    end = min(seed.stretch.end, match.stretch.end)
    if end - begin < 0.6 * match.stretch.seconds:
        return match
    return replace(match, stretch=replace(match.stretch, begin=begin, end=end))


def _gathered(end: End, seed: Match, matches: Sequence[Match]) -> Part:
    """What agrees with a match: its edge towards the programme is the same, and most of it."""
    by_file: dict[str, Match] = {}
    for each in matches:
        apart = abs(_edge(end, each.stretch) - _edge(end, seed.stretch))
        longer = max(each.stretch.seconds, seed.stretch.seconds)
        shared = min(each.stretch.end, seed.stretch.end) - max(each.stretch.begin, seed.stretch.begin)
        if apart <= TOGETHER and shared >= 0.6 * longer:
            kept = by_file.get(each.other.content)
            if kept is None or each.stretch.seconds > kept.stretch.seconds:
                by_file[each.other.content] = each
    agreed = tuple(by_file.values())
    return Part(
        median(each.stretch.begin for each in agreed), median(each.stretch.end for each in agreed), agreed
    )


def _edge(end: End, stretch: Stretch) -> float:
    return stretch.end if end == "head" else stretch.begin


def judged(part: Part) -> Part | None:
    """The part without the files whose pictures are others; None where what is left does not tell enough."""
    kept = tuple(each for each in part.matches if each.pictures is None or each.pictures >= LEAST_ALIKE)
    if not kept:
        return None
    if len(kept) == 1:
        only = kept[0].stretch
        if only.seconds < ALONE_SECONDS or only.errors > ALONE_ERRORS:
            return None
    return replace(part, matches=kept)


def alike(own: Pictures, theirs: Pictures, stretch: Stretch) -> float | None:
    """How much more alike the pictures of two files are at the same moments of a stretch than at others, 0 (no more) to 1 (they
    are the same); None where they are too few, or stand still. Titles and a trembling camera make single pictures
    unlike, never so the whole.
    """
    inside = (own.times >= stretch.begin + _NOT_THE_EDGE) & (own.times < stretch.end - _NOT_THE_EDGE)
    inside &= ~own.plain
    if np.count_nonzero(inside) < LEAST_PICTURES or len(theirs.times) < LEAST_PICTURES:
        return None
    apart = np.bitwise_count(own.phash[inside, None] ^ theirs.phash[None, :])
    best = np.minimum(apart, np.minimum(np.roll(apart, 1, 1), np.roll(apart, -1, 1)))
    away = np.abs(theirs.times[None, :] - (own.times[inside] + stretch.shift)[:, None])
    there, elsewhere = away.argmin(1), away >= _ANOTHER_MOMENT
    if not elsewhere.any() or (usual := float(best[elsewhere].mean())) < LEAST_VARIED:
        return None
    return max(0.0, 1 - float(best[np.arange(len(there)), there].mean()) / usual)


def snapped(time: float, shots: Sequence[float], levels: NDArray[np.float32]) -> float:
    """An edge where a shot changes, or else where a silence begins or ends, when that is near; `levels` as `Heard.level`."""
    cut = min(shots, key=lambda each: abs(each - time), default=None)
    if cut is not None and abs(cut - time) <= SNAP:
        return round(cut, 3)
    low = max(1, round((time - SNAP) * 10))
    silent = levels[low - 1 : round((time + SNAP) * 10) + 1] < QUIET
    edges = (np.flatnonzero(silent[1:] != silent[:-1]) + low) / 10
    nearest = min(edges.tolist(), key=lambda each: abs(each - time), default=time)
    return round(float(nearest if abs(nearest - time) <= SNAP else time), 3)
