"""Which words share a cue, and a line? The cheapest way through all words, by dynamic programming.

One more cue costs 1; the weights were set by reading the results.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from openvod.media.cue_profiles import Profile, units
from openvod.media.line_breaks import CLAUSE, INSIDE_WORD, SENTENCE, hurt
from openvod.media.spoken import Piece

NEVER = 10**15
"""Milliseconds: when the words after the last ones begin."""
_SOFT_PAUSE = 250  # milliseconds of silence inside a cue that nobody notices
_BURIED = 0.35  # cost of the end of a clause that is not the end of a line
_BURIED_SENTENCE = 0.7  # the same of a sentence, in a cue of two lines
_CRUMB = 16  # columns: a cue with less that is no sentence of its own is a crumb


@dataclass(frozen=True, slots=True)
class Words:
    """The pieces as columns, for the inner loop. Borders are numbered by the piece after them, 0 to n."""

    start: list[int]
    """Milliseconds; one more entry than pieces, infinite, so that the last piece has a successor."""
    end: list[int]
    columns: list[int]
    """At a border: columns of all text before it, spaces included."""
    reading: list[float]
    """At a border: milliseconds that reading all text before it takes at the highest speed."""
    hurt: list[float]
    """At a border: how much a break hurts."""
    sentences: list[int]
    """At a border: how many sentences end before or at it."""
    sentence: list[int]
    """At a border: the last border before it at which a sentence begins."""
    clauses: list[int]
    """At a border: how many clauses end before or at it."""
    silence: list[int]
    """At a border: milliseconds of noticeable silence before it."""
    reach: list[int]
    """From a border: the last border that one line can reach."""
    barrier: list[bool]
    """At a border: whether no cue may run across it: a long silence, or another speaker."""


@dataclass(frozen=True, slots=True)
class Block:
    """The pieces of a cue: `first` to before `after`; the second line begins at `split`, if there is one."""

    first: int
    split: int | None
    after: int


def columns(spoken: Sequence[Piece], profile: Profile) -> Words:
    """What the choice of breaks depends on; at least one piece."""
    gaps = [0] + [after.start - before.end for before, after in pairwise(spoken)] + [0]
    turns = [False, *(before.speaker != after.speaker for before, after in pairwise(spoken)), False]
    hurts = [SENTENCE, *(_hurt(before, after, profile) for before, after in pairwise(spoken)), SENTENCE]
    begins = [at_border == SENTENCE for at_border in hurts]
    return Words(
        start=[piece.start for piece in spoken] + [NEVER],
        end=[piece.end for piece in spoken],
        columns=[0, *accumulate(units(piece.text) + piece.spaced for piece in spoken)],
        reading=[0, *accumulate(profile.reading_ms(" " * piece.spaced + piece.text) for piece in spoken)],
        hurt=hurts,
        sentences=list(accumulate(begins)),
        sentence=[0, *accumulate((at if begins[at] else 0 for at in range(len(spoken))), max)],
        clauses=list(accumulate(SENTENCE < at_border <= CLAUSE for at_border in hurts)),
        silence=list(accumulate(max(0, gap - _SOFT_PAUSE) for gap in gaps)),
        reach=_reaches(spoken, profile),
        barrier=[
            gap > 1000 * profile.max_pause_seconds or turn for gap, turn in zip(gaps, turns, strict=True)
        ],
    )


def _hurt(before: Piece, after: Piece, profile: Profile) -> float:
    """How much a break between two pieces hurts: less at a pause, which is where the speaker breaks."""
    if after.joint == "cut":
        return INSIDE_WORD
    gap = after.start - before.end
    if gap > 1000 * profile.max_pause_seconds or before.speaker != after.speaker:
        return SENTENCE
    words = hurt(before.text, after.text) + (0.5 if after.joint == "word" else 0.0)
    return words * (0.5 if after.joint == "utterance" else 1.0) * (1 - 0.6 * min(1.0, gap / 600))


def _reaches(spoken: Sequence[Piece], profile: Profile) -> list[int]:
    """Never shrinks from one border to the next, so it is found in one sweep."""
    reaches: list[int] = []
    reach = 0
    for first in range(len(spoken)):
        reach = max(reach, first + 1)
        while reach < len(spoken) and profile.fits(line(spoken[first : reach + 1])):
            reach += 1
        reaches.append(reach)
    return reaches


def line(spoken: Sequence[Piece]) -> str:
    """The pieces' text on one line."""
    return spoken[0].text + "".join(" " * piece.spaced + piece.text for piece in spoken[1:])


def lines(spoken: Sequence[Piece], block: Block) -> tuple[str, ...]:
    """The text of a cue."""
    if block.split is None:
        return (line(spoken[block.first : block.after]),)
    return line(spoken[block.first : block.split]), line(spoken[block.split : block.after])


def cheapest(words: Words, profile: Profile) -> list[Block]:
    """The cheapest way to part all words into cues. There always is one: a cue for each piece."""
    total = [0.0]
    last: list[Block] = []
    for after in range(1, len(words.end) + 1):
        least, block = math.inf, Block(after - 1, None, after)
        for first in range(after - 1, -1, -1):
            if first < after - 1 and _is_too_much(words, first, after, profile):
                break
            cost = total[first] + _cost(words, first, after, profile)
            if cost >= least:
                continue
            split, line_cost = _best_split(words, first, after, profile)
            if cost + line_cost < least:
                least, block = cost + line_cost, Block(first, split, after)
        total.append(least)
        last.append(block)
    blocks: list[Block] = []
    border = len(last)
    while border:
        blocks.append(last[border - 1])
        border = blocks[-1].first
    return blocks[::-1]


def whole(words: Words, profile: Profile) -> Block | None:
    """All words as one cue, however long they last; None where its lines cannot hold them."""
    after = len(words.end)
    reach = words.reach[0]
    if reach < after and (profile.max_lines == 1 or words.reach[reach] < after):
        return None
    return Block(0, _best_split(words, 0, after, profile)[0], after)


def _is_too_much(words: Words, first: int, after: int, profile: Profile) -> bool:
    """Whether these pieces cannot share a cue; if so, neither can they together with any before them."""
    if words.barrier[first + 1] or words.end[after - 1] - words.start[first] > 1000 * profile.max_seconds:
        return True
    reach = words.reach[first]
    return reach < after and (profile.max_lines == 1 or words.reach[reach] < after)


def _best_split(words: Words, first: int, after: int, profile: Profile) -> tuple[int | None, float]:
    """Where the second line begins and what that costs. A text that fits on one line stays there."""
    clauses = words.clauses[after - 1] - words.clauses[first]
    if after <= words.reach[first]:
        return None, _BURIED * clauses
    best, least = None, math.inf
    for split in range(words.reach[first], first, -1):
        if words.reach[split] < after:
            break
        cost = _split_cost(words, Block(first, split, after), profile)
        if cost < least:
            best, least = split, cost
    return best, 0.1 + _BURIED * clauses + least


def _split_cost(words: Words, block: Block, profile: Profile) -> float:
    first, split, after = block.first, block.split, block.after
    assert split is not None
    above, below = words.columns[split] - words.columns[first], words.columns[after] - words.columns[split]
    lean = (above - below) / (above + below)
    cost = words.hurt[split] ** 2 + abs(lean) + profile.bottom_heavy * max(0.0, lean)
    if words.sentences[split] > words.sentences[split - 1]:
        return cost
    if words.sentences[after - 1] > words.sentences[first]:
        cost += _BURIED_SENTENCE
    if min(above, below) < _CRUMB or split in (first + 1, after - 1):
        cost += 0.5
    if words.clauses[split] > words.clauses[split - 1]:
        cost -= _BURIED
    return cost


def _cost(words: Words, first: int, after: int, profile: Profile) -> float:
    """What a cue costs, its line break aside."""
    size = words.columns[after] - words.columns[first]
    room = min(words.end[after - 1] + 1000 * profile.linger_seconds, words.start[after]) - words.start[first]
    cost = 1.0 + 3.0 * words.hurt[after] + (words.silence[after - 1] - words.silence[first]) / 500
    hurry = (words.reading[after] - words.reading[first]) / room
    if hurry > 1:
        cost += min(10.0, 4.0 * (hurry - 1)) * size / 60  # in all the same, however many cues share it
    if room < 1000 * profile.min_seconds:
        cost += 0.6 + 2.0 * (1 - room / (1000 * profile.min_seconds))
    ends_well = words.sentences[after] > words.sentences[after - 1]
    begins_well = first == 0 or words.sentences[first] > words.sentences[first - 1]
    complete = begins_well and ends_well
    inside = words.sentences[after - 1] - words.sentences[first]
    if inside:
        cost += 0.8 * inside + (0.0 if complete else 1.2)
        if words.columns[after] - words.columns[words.sentence[after]] < _CRUMB / 2:
            cost += 0.4  # a tiny sentence goes better with the one that follows it
    if not complete and size < _CRUMB:
        cost += 1.5 * (1 - size / _CRUMB) + (after - first == 1)
    return cost
