"""Who says which words? Utterances, cut where the speaker changes.

Turns are found in the sound to a tenth of a second or two, so a word at a turn's edge may lie on both sides. People take
turns at pauses and ends of sentences; there a change costs little, within a phrase it has to be heard in several words.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from openvod.core.models import Utterance, Word
from openvod.engines.speakers.turn_taking import Turn

IN_PHRASE, AT_COMMA, AT_PAUSE, AT_END = 0.8, 0.4, 0.2, 0.1
"""What a change before a word costs, in words whose whole time is the other speaker's."""
PAUSE = 0.25
"""Seconds between words that make a pause."""
ENDS, COMMAS = frozenset(".?!\u2026\u3002\uff1f\uff01"), frozenset(",;:\u2014\uff0c\u3001\uff1b\uff1a")
CLOSING = "\"')]»”’」』"


def assign(utterances: Sequence[Utterance], turns: Sequence[Turn]) -> list[Utterance]:
    """The utterances with their speakers, each cut where the speaker changes; no word is lost or altered.

    Names are "Speaker 1", "Speaker 2", … in the order in which they first say something. An utterance without word
    times is its main speaker's. Without turns, nothing is changed.
    """
    if not turns:
        return [*utterances]
    heard = _Heard.of(turns)
    parts = [part for utterance in utterances for part in _parted(utterance, heard)]
    names: dict[int, str] = {}
    for _, number in sorted(parts, key=lambda part: part[0].start):
        names.setdefault(number, f"Speaker {len(names) + 1}")
    return [replace(utterance, speaker=names[number]) for utterance, number in parts]


@dataclass(frozen=True, slots=True)
class _Heard:
    """The turns, such that those around a time are found quickly."""

    turns: Sequence[Turn]
    starts: list[float]
    speakers: list[int]

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> "_Heard":
        ordered = sorted(turns, key=lambda turn: turn.start)
        return cls(ordered, [turn.start for turn in ordered], sorted({turn.speaker for turn in turns}))

    def shares(self, start: float, end: float) -> dict[int, float]:
        """By speaker, the share of the time that is theirs; all of it is the nearest one's where nobody speaks."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, end), first + 1)
        found: dict[int, float] = {}
        for turn in self.turns[first:last]:
            if (common := min(end, turn.end) - max(start, turn.start)) > 0:
                found[turn.speaker] = found.get(turn.speaker, 0.0) + common
        if not found:
            middle = (start + end) / 2
            near = min(self.turns[first : last + 1], key=lambda turn: _away(turn, middle))
            return {near.speaker: 1.0}
        whole = sum(found.values())
        return {speaker: seconds / whole for speaker, seconds in found.items()}


def _away(turn: Turn, time: float) -> float:
    return max(turn.start - time, time - turn.end, 0.0)


def _parted(utterance: Utterance, heard: _Heard) -> list[tuple[Utterance, int]]:
    """The utterance's parts with their speakers."""
    places = _places(utterance)
    if not places:
        shares = heard.shares(utterance.start, utterance.end)
        return [(utterance, max(shares, key=lambda speaker: shares[speaker]))]
    speakers = _likeliest(utterance.words, heard)
    parts: list[tuple[Utterance, int]] = []
    for speaker, run in groupby(range(len(speakers)), key=lambda i: speakers[i]):
        own = [*run]
        first, last = own[0], own[-1]
        after = places[last + 1] if last + 1 < len(places) else len(utterance.text)
        begin = places[first] if first else 0
        part = replace(
            utterance,
            start=utterance.words[first].start if first else utterance.start,
            end=utterance.words[last].end if last + 1 < len(places) else utterance.end,
            text=utterance.text[begin:after].strip() if len(own) < len(places) else utterance.text,
            words=utterance.words[first : last + 1],
        )
        parts.append((part, speaker))
    return parts


def _places(utterance: Utterance) -> list[int]:
    """Where each word begins in the text; empty when the words are not those of the text, or there are none."""
    text, at, found = utterance.text, 0, []
    for word in utterance.words:
        letters = "".join(word.text.split())
        while at < len(text) and text[at].isspace():
            at += 1
        found.append(at)
        for letter in letters:
            while at < len(text) and text[at].isspace():
                at += 1
            if at >= len(text) or text[at] != letter:
                return []
            at += 1
    return found if not text[at:].strip() else []


def _likeliest(words: Sequence[Word], heard: _Heard) -> list[int]:
    """Each word's speaker, so that words out of their speakers' turns and changes in phrases are fewest (Viterbi)."""
    shares = [heard.shares(word.start, word.end) for word in words]
    speakers = sorted({speaker for share in shares for speaker in share})
    cost = {speaker: 1.0 - shares[0].get(speaker, 0.0) for speaker in speakers}
    came: list[dict[int, int]] = []
    for before, word, share in zip(words, words[1:], shares[1:], strict=False):
        best = min(speakers, key=lambda speaker: cost[speaker])
        change = cost[best] + _price(before, word)
        came.append({speaker: speaker if cost[speaker] <= change else best for speaker in speakers})
        cost = {speaker: min(cost[speaker], change) + 1.0 - share.get(speaker, 0.0) for speaker in speakers}
    path = [min(speakers, key=lambda speaker: cost[speaker])]
    for step in reversed(came):
        path.append(step[path[-1]])
    return path[::-1]


def _price(before: Word, word: Word) -> float:
    last = before.text.rstrip(CLOSING)[-1:]
    if last in ENDS:
        return AT_END
    if word.start - before.end >= PAUSE:
        return AT_PAUSE
    return AT_COMMA if last in COMMAS else IN_PHRASE
