"""What was said when? Utterances as the smallest pieces that subtitles are put together from.

Recognisers differ: word times may be missing, of no length, out of order, or not numbers. Here they become
whole milliseconds for every piece; `paced` then makes them a sequence that could have been spoken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, NamedTuple

from openvod.core.models import Utterance
from openvod.media.line_breaks import FULL_WIDTH_MARKS, clusters, is_syllabic, split_unspaced

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
    speaker: str | None = None


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
    borders = {each.first for each in clock[1:]}
    turn = offset = 0
    for token_number, token in enumerate(text.split()):
        ends = _word_ends(clock, turn, offset, len(token)) if is_syllabic(token) else []
        for part_number, (part, cut) in enumerate(_parts(token, ends, fits)):
            joint: Joint = "word" if borders and offset not in borders else "glyph"
            if cut:
                joint = "cut"
            if part_number == 0:
                joint = "space" if token_number else "utterance"
            while turn + 1 < len(clock) and clock[turn + 1].first <= offset:
                turn += 1
            start, speaker = _at(clock[turn], offset), clock[turn].speaker
            offset += len(part)
            while turn + 1 < len(clock) and clock[turn + 1].first < offset:
                turn += 1
            end = max(start, _at(clock[turn], offset))
            yield Piece(part, start, end, joint, joint in ("utterance", "space"), speaker)


def _word_ends(clock: Sequence["Turn"], turn: int, offset: int, size: int) -> list[int]:
    """Where the recogniser's words end inside a token of so many letters at an offset."""
    ends = []
    while turn < len(clock) and clock[turn].after < offset + size:
        if clock[turn].after > offset:
            ends.append(clock[turn].after - offset)
        turn += 1
    return ends


def _parts(token: str, ends: Sequence[int], fits: Callable[[str], bool]) -> Iterator[tuple[str, bool]]:
    """A token's parts, and whether each was cut off the one before it because a line could not hold both."""
    words = [token[begin:end] for begin, end in pairwise([0, *ends, len(token)])]
    for part in words if ends else split_unspaced(token):
        for number, cut in enumerate(_cut(part, fits)):
            yield cut, number > 0


def _cut(part: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut what no line can hold: into even lengths where they fit, else each as long as a line holds."""
    if fits(part):
        return [part]
    cuts = [""]
    glyphs = [each if fits(each) else "" for each in clusters(part)]
    if not all(glyphs):
        glyphs = list(part)  # hundreds of accents on one letter
    for glyph in glyphs:
        if fits(cuts[-1] + glyph):
            cuts[-1] += glyph
        else:
            cuts.append(glyph)
    size = -(-len(glyphs) // len(cuts))
    even = ["".join(glyphs[at : at + size]) for at in range(0, len(glyphs), size)]
    return even if all(fits(cut) for cut in even) else cuts


class Turn(NamedTuple):
    """A word by its letters."""

    first: int
    """Offset of its first letter."""
    after: int
    """Offset after its last one."""
    start: int
    """Milliseconds, as is `end`."""
    end: int
    speaker: str | None


def _clock(utterance: Utterance, text: str) -> list[Turn]:
    """When the utterance's letters (all but whitespace) are spoken; one turn if its words do not tell."""
    turns: list[Turn] = []
    offset = 0
    words = ["".join(word.text.split()) for word in utterance.words]
    letters = "".join(text.split())
    for word, spelled in zip(utterance.words, words, strict=True):
        if spelled:
            start = _milliseconds(word.start)
            end = max(start, _milliseconds(word.end))
            turns.append(Turn(offset, offset + len(spelled), start, end, word.speaker or utterance.speaker))
            offset += len(spelled)
    if turns and "".join(words) == letters:
        return turns
    start = _milliseconds(utterance.start)
    return [Turn(0, len(letters), start, max(start, _milliseconds(utterance.end)), utterance.speaker)]


def _at(turn: Turn, offset: int) -> int:
    return turn.start + (turn.end - turn.start) * (offset - turn.first) // max(1, turn.after - turn.first)


def _milliseconds(seconds: float) -> int:
    """Rounded; what is negative or no number counts as 0, and what is beyond belief as the latest time."""
    return round(min(seconds * 1000, _LAST)) if seconds > 0 else 0
