"""Which sentences are said, or written on the picture, and when? The nouns of everything that is found out from text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from openvod.core.models import Utterance
from openvod.engines.translation.languages import UNSPACED, base

Source = Literal["said", "subtitle", "written"]

JOINED_GAP = 1.0
"""Seconds between two utterances, the first without an end of a sentence, that are one sentence."""
LONGEST = 320
"""Characters of a sentence; a longer one is cut between two words."""

_STOPS = "\u3002\uff01\uff1f\uff61"
_CLOSING = "\"'\u201d\u2019\u00bb\u300d\u300f)\uff09\u3011\\]"
_END = re.compile(
    rf"(?<=[.!?…])[{_CLOSING}]*\s+|(?<=[{_STOPS}…])[{_CLOSING}]*(?=[^\s{_CLOSING}{_STOPS}…])|\n+"
)
_FINAL = re.compile(rf"[.!?…{_STOPS}][{_CLOSING}]*\Z")
_SHORT_FORM = re.compile(r"(?:\b(?:mr|mrs|ms|dr|st|prof|vs|no|fig|e\.g|i\.e)|\b[a-z])\.\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence; times in seconds from the start of the file."""

    start: float
    end: float
    text: str
    source: Source = "said"
    confidence: float = 100.0
    """0 to 100: how surely it was recognised."""


def packed(passages: Sequence[Passage]) -> list[list[object]]:
    """As JSON, for a step's result."""
    return [[each.start, each.end, each.text, each.source, each.confidence] for each in passages]


def unpacked(rows: Sequence[Sequence[object]]) -> tuple[Passage, ...]:
    """From `packed`."""
    return tuple(Passage(*row) for row in rows)  # type: ignore[arg-type]


def of_utterances(
    utterances: Iterable[Utterance], language: str, source: Source = "said"
) -> tuple[Passage, ...]:
    """The sentences of what is said, in order of time. `language` is an ISO 639 code."""
    glue = "" if base(language) in UNSPACED else " "
    whole: list[Passage] = []
    for utterance in utterances:
        for piece in _pieces(utterance, source):
            if whole and _goes_on(whole[-1], piece):
                last = whole[-1]
                text, sure = last.text + glue + piece.text, min(last.confidence, piece.confidence)
                whole[-1] = replace(last, end=piece.end, text=text, confidence=sure)
            else:
                whole.append(piece)
    return tuple(whole)


def ended(text: str, language: str) -> str:
    """A sentence with a full stop, where it has no end of its own."""
    if _FINAL.search(text):
        return text
    return text + ("。" if base(language) in {"zh", "ja", "yue"} else ".")


def joined(texts: Iterable[str], language: str) -> str:
    """Sentences as a paragraph."""
    return ("" if base(language) in UNSPACED else " ").join(ended(text, language) for text in texts)


def _goes_on(one: Passage, other: Passage) -> bool:
    return (
        not _FINAL.search(one.text)
        and other.start - one.end <= JOINED_GAP
        and len(one.text) + len(other.text) < LONGEST
    )


def _pieces(utterance: Utterance, source: Source) -> Iterator[Passage]:
    text = utterance.text
    times = _times(utterance)
    for first, last in _spans(text):
        piece = " ".join(text[first:last].split())
        if piece:
            yield Passage(
                round(times[first], 3), round(times[last], 3), piece, source, round(utterance.confidence, 2)
            )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where sentences lie."""
    first = 0
    for match in _END.finditer(text):
        if _SHORT_FORM.search(text[max(0, match.start() - 5) : match.start()]):
            continue
        yield from _cut(text, first, match.end())
        first = match.end()
    yield from _cut(text, first, len(text))


def _cut(text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    while last - first > LONGEST:
        gap = max(text.rfind(sign, first + LONGEST // 2, first + LONGEST) for sign in " ,;\uff0c\u3001\uff1b")
        middle = gap + 1 if gap > 0 else first + LONGEST
        yield first, middle
        first = middle
    yield first, last


def _times(utterance: Utterance) -> list[float]:
    """When each character is said, and the end: from the words' times where there are any, else shared out evenly."""
    text, length = utterance.text, max(1, len(utterance.text))
    pace = (utterance.end - utterance.start) / length
    known = [(0, utterance.start), (len(text), utterance.end)]
    at = 0
    for word in utterance.words:
        found = text.find(word.text.strip(), at)
        if found < 0 or not word.text.strip():
            continue
        at = found + len(word.text.strip())
        known += [(found, word.start), (at, word.end)]
    if len(known) == 2:
        return [utterance.start + pace * place for place in range(len(text) + 1)]
    known.sort(key=lambda pair: pair[0])
    times: list[float] = []
    for (here, begin), (there, end) in pairwise(known):
        step = (end - begin) / max(1, there - here)
        times += [begin + step * place for place in range(there - here)]
    return [*times, utterance.end]
