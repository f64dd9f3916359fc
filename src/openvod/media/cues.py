"""How does recognised speech become subtitles that a professional would sign?

Two decisions, taken one after the other. Which words share a cue, and a line: the cheapest way through all
words, by dynamic programming over the costs below. Then when each cue comes and goes: with the voice, longer where
reading needs it, never flickering. One more cue costs 1; the weights were set by reading the results.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from openvod.core.models import Utterance
from openvod.media.captions import Cue
from openvod.media.cue_rules import PROFILES, Profile, Report, Share, conformance, units
from openvod.media.line_breaks import CLAUSE, INSIDE_WORD, SENTENCE, hurt
from openvod.media.spoken import Piece, paced, pieces

__all__ = ["PROFILES", "Profile", "Report", "Share", "conformance", "lay_out"]

_NEVER = 10**15  # milliseconds
_COMFORT = 0.75  # of the highest reading speed: what a cue is extended for when there is silence
_TAIL = 200  # milliseconds a cue stays after its last word, given silence: aligners end words early
_SOFT_PAUSE = 250  # milliseconds of silence inside a cue that nobody notices
_BURIED = 0.35  # cost of the end of a clause that is not the end of a line
_CRUMB = 16  # columns: a cue with less that is no sentence of its own is a crumb


@dataclass(frozen=True, slots=True)
class _Words:
    """The pieces as columns, for the inner loop. Borders are numbered by the piece after them, 0 to n."""

    start: list[int]
    """Milliseconds; one more entry than pieces, infinite, so that the last piece has a successor."""
    end: list[int]
    columns: list[int]
    """At a border: columns of all text before it, spaces included."""
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
    silent: list[bool]
    """At a border: whether the silence is too long for a cue to run across."""


@dataclass(frozen=True, slots=True)
class _Block:
    """The pieces of a cue: `first` to before `after`; the second line begins at `split`, if there is one."""

    first: int
    split: int | None
    after: int


def lay_out(utterances: Sequence[Utterance], profile: Profile = PROFILES["netflix"]) -> list[Cue]:
    """Turn speech into cues that keep a profile's hard rules, and its soft rules where the voice allows.

    Any input will do: times may be missing, wrong or overlapping. The cues' text, whitespace aside, is that
    of the utterances in order of their starts. Times are whole milliseconds, in seconds.
    """
    spoken = paced(pieces(utterances, profile.fits))
    if not spoken:
        return []
    words = _columns(spoken, profile)
    blocks = _cheapest(words, profile)
    return [
        Cue(start / 1000, end / 1000, _lines(spoken, block))
        for block, (start, end) in zip(blocks, _times(blocks, words, profile), strict=True)
    ]


def _columns(spoken: Sequence[Piece], profile: Profile) -> _Words:
    gaps = [0] + [after.start - before.end for before, after in pairwise(spoken)] + [0]
    hurts = [SENTENCE, *(_hurt(before, after, profile) for before, after in pairwise(spoken)), SENTENCE]
    begins = [at_border == SENTENCE for at_border in hurts]
    silent = [gap > 1000 * profile.max_pause_seconds for gap in gaps]
    return _Words(
        start=[piece.start for piece in spoken] + [_NEVER],
        end=[piece.end for piece in spoken],
        columns=[0, *accumulate(units(piece.text) + piece.spaced for piece in spoken)],
        hurt=hurts,
        sentences=list(accumulate(begins)),
        sentence=[0, *accumulate((at if begins[at] else 0 for at in range(len(spoken))), max)],
        clauses=list(accumulate(SENTENCE < at_border <= CLAUSE for at_border in hurts)),
        silence=list(accumulate(max(0, gap - _SOFT_PAUSE) for gap in gaps)),
        reach=_reaches(spoken, profile),
        silent=silent,
    )


def _hurt(before: Piece, after: Piece, profile: Profile) -> float:
    """How much a break between two pieces hurts: less at a pause, which is where the speaker breaks."""
    if after.joint == "cut":
        return INSIDE_WORD
    gap = after.start - before.end
    if gap > 1000 * profile.max_pause_seconds:
        return SENTENCE
    words = hurt(before.text, after.text) + (0.5 if after.joint == "word" else 0.0)
    return words * (0.5 if after.joint == "utterance" else 1.0) * (1 - 0.6 * min(1.0, gap / 600))


def _reaches(spoken: Sequence[Piece], profile: Profile) -> list[int]:
    """Never shrinks from one border to the next, so it is found in one sweep."""
    reaches: list[int] = []
    reach = 0
    for first in range(len(spoken)):
        reach = max(reach, first + 1)
        while reach < len(spoken) and profile.fits(_line(spoken[first : reach + 1])):
            reach += 1
        reaches.append(reach)
    return reaches


def _line(spoken: Sequence[Piece]) -> str:
    return spoken[0].text + "".join(" " * piece.spaced + piece.text for piece in spoken[1:])


def _lines(spoken: Sequence[Piece], block: _Block) -> tuple[str, ...]:
    if block.split is None:
        return (_line(spoken[block.first : block.after]),)
    return _line(spoken[block.first : block.split]), _line(spoken[block.split : block.after])


def _cheapest(words: _Words, profile: Profile) -> list[_Block]:
    """The cheapest way to part all words into cues. There always is one: a cue for each piece."""
    total = [0.0]
    last: list[_Block] = []
    for after in range(1, len(words.end) + 1):
        cheapest, block = math.inf, _Block(after - 1, None, after)
        for first in range(after - 1, -1, -1):
            if first < after - 1 and _is_too_much(words, first, after, profile):
                break
            cost = total[first] + _cost(words, first, after, profile)
            if cost >= cheapest:
                continue
            split, line_cost = _best_split(words, first, after)
            if cost + line_cost < cheapest:
                cheapest, block = cost + line_cost, _Block(first, split, after)
        total.append(cheapest)
        last.append(block)
    blocks: list[_Block] = []
    border = len(last)
    while border:
        blocks.append(last[border - 1])
        border = blocks[-1].first
    return blocks[::-1]


def _is_too_much(words: _Words, first: int, after: int, profile: Profile) -> bool:
    """Whether these pieces cannot share a cue; if so, neither can they together with any before them."""
    if words.silent[first + 1] or words.end[after - 1] - words.start[first] > 1000 * profile.max_seconds:
        return True
    reach = words.reach[first]
    return reach < after and (profile.max_lines == 1 or words.reach[reach] < after)


def _best_split(words: _Words, first: int, after: int) -> tuple[int | None, float]:
    """Where the second line begins and what that costs. A text that fits on one line stays there."""
    clauses = words.clauses[after - 1] - words.clauses[first]
    if after <= words.reach[first]:
        return None, _BURIED * clauses
    columns = words.columns
    begin, end = columns[first], columns[after]
    best, cheapest = None, math.inf
    for split in range(words.reach[first], first, -1):
        if words.reach[split] < after:
            break
        above, below = columns[split] - begin, end - columns[split]
        cost = words.hurt[split] ** 2 + abs(above - below) / (above + below)
        if above > below:
            cost += 0.3 * (above - below) / (above + below)
        if min(above, below) < _CRUMB or split in (first + 1, after - 1):
            cost += 0.5
        if words.clauses[split] > words.clauses[split - 1]:
            cost -= _BURIED
        if cost < cheapest:
            best, cheapest = split, cost
    return best, 0.1 + _BURIED * clauses + cheapest


def _cost(words: _Words, first: int, after: int, profile: Profile) -> float:
    """What a cue costs, its line break aside."""
    size = words.columns[after] - words.columns[first]
    room = min(words.end[after - 1] + 1000 * profile.linger_seconds, words.start[after]) - words.start[first]
    cost = 1.0 + 3.0 * words.hurt[after] + (words.silence[after - 1] - words.silence[first]) / 500
    hurry = 1000 * size / profile.max_cps / room
    if hurry > 1:
        cost += min(10.0, 4.0 * (hurry - 1)) * size / 60  # in all the same, however many cues share it
    if room < 1000 * profile.min_seconds:
        cost += 0.6 + 2.0 * (1 - room / (1000 * profile.min_seconds))
    ends_well = words.sentences[after] > words.sentences[after - 1]
    begins_well = first == 0 or words.sentences[first] > words.sentences[first - 1]
    whole = begins_well and ends_well
    inside = words.sentences[after - 1] - words.sentences[first]
    if inside:
        cost += 0.8 * inside + (0.0 if whole else 1.2)
        if words.columns[after] - words.columns[words.sentence[after]] < _CRUMB / 2:
            cost += 0.4  # a tiny sentence goes better with the one that follows it
    if not whole and size < _CRUMB:
        cost += 1.5 * (1 - size / _CRUMB) + (after - first == 1)
    return cost


def _times(blocks: Sequence[_Block], words: _Words, profile: Profile) -> list[tuple[int, int]]:
    """Start and end of each cue in milliseconds."""
    starts = _starts(blocks, words, profile)
    following = [*starts[1:], _NEVER]
    return [
        (start, _end(words.end[block.after - 1], start, after, _size(words, block), profile))
        for block, start, after in zip(blocks, starts, following, strict=True)
    ]


def _starts(blocks: Sequence[_Block], words: _Words, profile: Profile) -> list[int]:
    """A cue starts with its voice; one that will be too short starts a little before, in silence."""
    starts = []
    silent_from = 0
    for block in blocks:
        start, voice_end = words.start[block.first], words.end[block.after - 1]
        linger, gap = round(1000 * profile.linger_seconds), round(1000 * profile.min_gap_seconds)
        latest = min(voice_end + linger, words.start[block.after] - gap)
        lacking = _needed(_size(words, block), profile, 1.0) - (latest - start)
        starts.append(start - max(0, min(lacking, round(1000 * profile.lead_seconds), start - silent_from)))
        silent_from = voice_end
    return starts


def _end(voice_end: int, start: int, following: int, size: int, profile: Profile) -> int:
    """When a cue goes: after the voice and the reading, joined to the next one when that is near."""
    needed = start + _needed(size, profile, 1.0)
    latest = voice_end + round(1000 * profile.linger_seconds)
    gap = round(1000 * profile.min_gap_seconds)
    chain = round(1000 * profile.chain_seconds)
    if following - gap <= latest:
        end = following if needed > following - gap and following <= latest else following - gap
    else:
        end = min(latest, max(voice_end + _TAIL, start + _needed(size, profile, _COMFORT)))
        if following - end < chain:
            end = max(voice_end, min(end, needed), following - chain)
    return min(end, following, start + round(1000 * profile.max_seconds))


def _needed(size: int, profile: Profile, share: float) -> int:
    """Milliseconds to read so many columns at a share of the highest speed; at least the shortest cue's."""
    return max(round(1000 * profile.min_seconds), math.ceil(1000 * size / (share * profile.max_cps)))


def _size(words: _Words, block: _Block) -> int:
    return words.columns[block.after] - words.columns[block.first]
