"""When is each word of a text said? From whatever times an engine gave for its parts.

Engines give words without punctuation, parts of words, single characters, or nothing. `fitted` cuts the text where the
engine's parts meet, so that the words put together are the text, letter for letter; where that fails, `shared` shares
the voiced time out over the words.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from openvod.core.models import Word
from openvod.engines.alignment import spread
from openvod.engines.silero import Span
from openvod.media.line_breaks import split_unspaced

UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # Han, kana
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)
"""Code points of scripts that put no space between words (Hangul does)."""
SLACK = 0.5
"""Seconds that an engine's time may lie outside of the sound before it is no time of it."""


def unspaced(character: str) -> bool:
    """Whether its script writes words without spaces between them."""
    return any(first <= ord(character) <= last for first, last in UNSPACED)


def fitted(text: str, parts: Sequence[Word], length: float) -> list[Word] | None:
    """The text's words with the times of the parts; None when parts or times do not fit it.

    A word's text keeps the space before it, so the words joined are the text. `length` is that of the sound in seconds:
    times are cut to it.
    """
    parts = [part for part in parts if _letters(part.text)]
    cuts = _cuts(text, parts)
    if cuts is None or not _plausible(parts, length):
        return None
    edges = [*cuts, len(text)]
    words: list[Word] = []
    for part, begin, stop in zip(parts, edges, edges[1:], strict=False):
        start, end = (min(max(time, 0.0), length) for time in (part.start, part.end))
        if words and _one_word(text, begin):
            words[-1] = replace(
                words[-1], text=words[-1].text + text[begin:stop], end=max(words[-1].end, end)
            )
        else:
            words.append(Word(text[begin:stop], start, max(start, end)))
    return words


def shared(text: str, span: Span) -> list[Word]:
    """The text's words, as `fitted` gives them, with the voiced time of the span shared out by length."""
    units: list[str] = []
    for token in text.split():
        parts = split_unspaced(token)
        units += [" " + parts[0] if units else parts[0], *parts[1:]] if parts else []
    return spread(units, span)


def _cuts(text: str, parts: Sequence[Word]) -> list[int] | None:
    """Where in the text each part begins; None unless their letters are the text's. Every part has letters."""
    cuts: list[int] = []
    at = 0
    for part in parts:
        first = -1
        for letter in _letters(part.text):
            while at < len(text) and not text[at].isalnum() and not unicodedata.combining(text[at]):
                at += 1
            if at >= len(text) or text[at].casefold() != letter:
                return None
            first = at if first < 0 else first
            at += 1
        cuts.append(_before(text, first, cuts[-1] if cuts else 0))
    if not cuts or any(character.isalnum() for character in text[at:]):
        return None
    return [0, *cuts[1:]]


def _letters(text: str) -> list[str]:
    return [
        character.casefold() for character in text if character.isalnum() or unicodedata.combining(character)
    ]


def _before(text: str, first: int, least: int) -> int:
    """Where a word begins whose first letter is at `first`: at the space or the opening mark before it."""
    at = first
    while at > least and unicodedata.category(text[at - 1]) in {"Ps", "Pi", "Sc"}:
        at -= 1
    back = at
    while back > least and not text[back - 1].isalnum():
        back -= 1
        if text[back].isspace():
            return back
    return at


def _one_word(text: str, cut: int) -> bool:
    """Whether the cut is inside a word of a script with spaces."""
    if cut <= 0 or cut >= len(text):
        return True
    before, after = text[cut - 1], text[cut]
    if before.isspace() or after.isspace():
        return False
    return not (unspaced(before) or unspaced(after))


def _plausible(parts: Sequence[Word], length: float) -> bool:
    """Whether times are numbers, inside the sound, and not backwards by more than a slip."""
    last = -SLACK
    for part in parts:
        if not (math.isfinite(part.start) and math.isfinite(part.end)):
            return False
        if part.start < last - SLACK or part.end < part.start - SLACK or part.end > length + SLACK:
            return False
        last = max(last, part.start)
    return True
