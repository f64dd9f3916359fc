"""Where in an English text may a hot word have been misheard?

A name that the recogniser has never met comes out as words that sound like it (`Cooper Netties`). So every run of words
that sounds enough like a hot word is a place where it may have been said; whether it was, the recogniser itself decides
by the sound (`moonshine`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate

from openvod.engines import pronunciation

LONGEST_RUN = 5
"""Words that one hot word is misheard as, at most; and one more for each of its own."""
ALIKE = 0.5
"""Likeness from which on a run of words is tried; 1 is the same sounds."""
SHORTEST = 2.0
"""Sound, as `weight` counts it: what has less (`Bo`, `an`) is in half of all words."""
MOST_PLACES = 24
"""Tried in one text, the likeliest first: each costs some tokens' writing."""
VOWELS = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())  # noqa: SIM905
KIN = (
    frozenset("P B F V".split()),  # noqa: SIM905
    frozenset("T D TH DH".split()),  # noqa: SIM905
    frozenset("K G NG HH".split()),  # noqa: SIM905
    frozenset("S Z SH ZH CH JH".split()),  # noqa: SIM905
    frozenset("M N NG".split()),  # noqa: SIM905
    frozenset("L R ER W".split()),  # noqa: SIM905
    frozenset("Y IY".split()),  # noqa: SIM905
    frozenset("W UW OW".split()),  # noqa: SIM905
)
"""Sounds of the CMU dictionary that are taken for one another."""


@dataclass(frozen=True, slots=True)
class Place:
    """A run of words and the hot word that it may be."""

    first: int
    last: int
    """Numbers of its words, the last included."""
    word: str
    likeness: float


def places(words: Sequence[str], hot: Sequence[str]) -> list[Place]:
    """The likeliest places, best first; of those of one hot word none overlap. `words` are without punctuation."""
    found = [place for word in hot for place in _of(word, words)]
    best: list[Place] = []
    for place in sorted(found, key=lambda each: -each.likeness):
        same = [each for each in best if each.word == place.word]
        if not any(overlap(place, each) for each in same):
            best.append(place)
    return best[:MOST_PLACES]


def overlap(one: Place, other: Place) -> bool:
    """Whether they share a word."""
    return one.first <= other.last and other.first <= one.last


def _of(hot: str, words: Sequence[str]) -> list[Place]:
    wanted = _sounds(hot)
    full = weight(hot)
    longest = LONGEST_RUN + len(hot.split()) - 1
    found = []
    for first in range(len(words) if full >= SHORTEST else 0):
        heard, row = 0.0, _first_row(wanted)
        for last in range(first, min(first + longest, len(words))):
            for sound in _sounds(words[last]):
                heard += _weight(sound)
                row = _next_row(row, sound, wanted)
            if heard * ALIKE > full:  # more words are only more sounds
                break
            run = " ".join(words[first : last + 1])
            likeness = 1.0 if _letters(run) == _letters(hot) else 1.0 - row[-1] / max(full, heard)
            if likeness >= ALIKE and not _written(run, hot):
                found.append(Place(first, last, hot, likeness))
    return found


def weight(hot: str) -> float:
    """How much sound is in a hot word: 1 for each consonant, less for vowels."""
    return sum(map(_weight, _sounds(hot)))


def _written(run: str, hot: str) -> bool:
    """Whether it is written as it should be; a capital at its head is the sentence's business (`may`, `May`)."""
    return run == hot or (run.lower() == hot.lower() and hot[1:].islower())


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


@lru_cache(4096)
def _sounds(text: str) -> tuple[str, ...]:
    """A guess at the sounds, without pauses between the words. Capitals in a row are spelt out when they are said."""
    said = [word for part in text.split() for word in pronunciation.spoken(part)]
    return tuple(sound for word in said for sound in pronunciation.sounds(word).split())


def _first_row(wanted: Sequence[str]) -> list[float]:
    """What it costs to hear nothing in place of each beginning of the wanted sounds."""
    return [*accumulate(map(_weight, wanted), initial=0.0)]


def _next_row(row: Sequence[float], heard: str, wanted: Sequence[str]) -> list[float]:
    """The same when one sound more was heard: the cheapest ways from what was heard to each beginning of the wanted."""
    extra = _weight(heard)
    new = [row[0] + extra]
    for i, sound in enumerate(wanted):
        swapped = row[i] + _distance(heard, sound)
        new.append(min(swapped, row[i + 1] + extra, new[i] + _weight(sound)))
    return new


def _weight(sound: str) -> float:
    return 0.5 if sound in VOWELS else 1.0


@cache
def _distance(mine: str, theirs: str) -> float:
    if mine == theirs:
        return 0.0
    if mine in VOWELS and theirs in VOWELS:
        return 0.2
    if any(mine in kin and theirs in kin for kin in KIN):
        return 0.4
    return 1.0
