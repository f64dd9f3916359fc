"""What was said when? Utterances as the smallest pieces that subtitles are put together from.

Recognisers differ: word times may be missing, of no length, out of order, or not numbers. Here they become
whole milliseconds for every piece; `paced` then makes them a sequence that could have been spoken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from openvod.core.models import Utterance
from openvod.media.line_breaks import FULL_WIDTH_MARKS, split_unspaced

Joint = Literal["utterance", "space", "glyph", "word", "cut"]

_LAST = 1_000_000_000
"""Milliseconds; later times are taken for damage."""
_FASTEST = 20
"""Milliseconds per character: nobody speaks 50 characters a second, so times that say so are spread."""
_USUAL = 60
"""Milliseconds per character of ordinary speech, for a word that has a start and no length."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or a character of a script without spaces; times in milliseconds."""

    text: str
    """Without whitespace, never empty."""
    start: int
    end: int
    joint: Joint
    """What stands before it: the start of an utterance, a space, a border between characters of an unspaced
    script, the inside of a word that the recogniser gave as one, or a cut in a word too long for a line."""
    spaced: bool
    """Whether a space goes before it when it follows another piece on a line."""


def pieces(utterances: Sequence[Utterance], fits: Callable[[str], bool]) -> list[Piece]:
    """All that was said, in order of the utterances' starts. No piece is too long for a line (`fits`).

    The pieces' texts, put together, are the utterances' texts without whitespace.
    """
    found: list[Piece] = []
    for utterance in sorted(utterances, key=lambda each: each.start if each.start > 0 else 0.0):  # NaN too
        for piece in _pieces(utterance, fits):
            tight = piece.joint == "utterance" and found and found[-1].text[-1] in FULL_WIDTH_MARKS
            found.append(replace(piece, spaced=False) if tight else piece)
    return found


def paced(spoken: Iterable[Piece]) -> list[Piece]:
    """The same pieces with times that never run backwards or overlap, each piece at least a moment long.

    Where two people speak at once, the second one's words follow the first one's.
    """
    result: list[Piece] = []
    earliest = 0
    for piece in spoken:
        start = max(piece.start, earliest)
        earliest = start + _FASTEST * len(piece.text)
        end = piece.end if piece.end > piece.start else piece.start + _USUAL * len(piece.text)
        if result and result[-1].end > start:
            result[-1] = replace(result[-1], end=start)
        result.append(replace(piece, start=start, end=max(end, earliest)))
    return result


def _pieces(utterance: Utterance, fits: Callable[[str], bool]) -> Iterator[Piece]:
    text = utterance.text or " ".join(word.text for word in utterance.words)
    clock = _clock(utterance, text)
    borders = {at for at, _, _, _ in clock[1:]}
    turn = offset = 0
    for token_number, token in enumerate(text.split()):
        for part_number, (part, cut) in enumerate(_parts(token, fits)):
            joint: Joint = "word" if borders and offset not in borders else "glyph"
            if cut:
                joint = "cut"
            if part_number == 0:
                joint = "space" if token_number else "utterance"
            while turn + 1 < len(clock) and clock[turn + 1][0] <= offset:
                turn += 1
            start = _at(clock[turn], offset)
            offset += len(part)
            while turn + 1 < len(clock) and clock[turn + 1][0] < offset:
                turn += 1
            yield Piece(
                part, start, max(start, _at(clock[turn], offset)), joint, joint in ("utterance", "space")
            )


def _parts(token: str, fits: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
    """A token's parts, and whether each was cut off the one before it because a line could not hold both."""
    for part in split_unspaced(token):
        for number, cut in enumerate(_cut(part, fits)):
            yield cut, number > 0


def _cut(part: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut what no line can hold: into even lengths where they fit, else each as long as a line holds."""
    if fits(part):
        return [part]
    cuts = [""]
    for character in part:
        if fits(cuts[-1] + character):
            cuts[-1] += character
        else:
            cuts.append(character)
    size = -(-len(part) // len(cuts))
    even = [part[at : at + size] for at in range(0, len(part), size)]
    return even if all(fits(cut) for cut in even) else cuts


Turn = tuple[int, int, int, int]
"""A word by its letters: offset of the first, offset after the last, start and end in milliseconds."""


def _clock(utterance: Utterance, text: str) -> list[Turn]:
    """When the utterance's letters (all but whitespace) are spoken; one turn if its words do not tell."""
    turns: list[Turn] = []
    offset = 0
    words = ["".join(word.text.split()) for word in utterance.words]
    letters = "".join(text.split())
    for word, spelled in zip(utterance.words, words, strict=True):
        if spelled:
            start = _milliseconds(word.start)
            turns.append((offset, offset + len(spelled), start, max(start, _milliseconds(word.end))))
            offset += len(spelled)
    if turns and "".join(words) == letters:
        return turns
    start = _milliseconds(utterance.start)
    return [(0, len(letters), start, max(start, _milliseconds(utterance.end)))]


def _at(turn: Turn, offset: int) -> int:
    first, last, start, end = turn
    return start + (end - start) * (offset - first) // max(1, last - first)


def _milliseconds(seconds: float) -> int:
    """Rounded; what is negative or no number counts as 0, and what is beyond belief as the latest time."""
    return round(min(seconds * 1000, _LAST)) if seconds > 0 else 0
