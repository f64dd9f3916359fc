"""How does a cue get another text and keep its styling? Its text is parted into words and markup, and put together anew.

What stands before the first word and after the last one (positions, italics of a whole cue) stays exactly there. What
stands between words goes to the word that is as far into the new text as it was into the old one: nobody can tell which
word of a translation is the one that was slanted.
"""

import html
import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from openvod.media.captions import Format
from openvod.media.line_breaks import split_unspaced

_TAGS = {
    "srt": re.compile(r"</?(?:[ibus]|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE),
    "vtt": re.compile(r"</?[A-Za-z][^<>]*>|</>|<[\d:.]+>"),
    "ass": re.compile(r"\{[^{}]*\}"),
}
_BREAKS = {"srt": "\n", "vtt": "\n", "ass": r"\N"}
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_DRAWING = re.compile(r"\\p(\d+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_CLOSING = re.compile(r"</|\{\\(?:[ibus]0|r)\b")
_ONCE = re.compile(r"\A(?:\{|<[\d:.]+>)")
"""What must not be said twice in a cue: positions and other overrides, and moments."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Markup, as it is written."""

    text: str
    at: int
    """How many letters of the cue's words stand before it (spaces and line breaks are none)."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A cue's text: what is read, and what makes it look so."""

    lines: tuple[str, ...]
    """Plain text, top line first; empty for a cue without words, such as a drawing."""
    tags: tuple[Tag, ...]

    @property
    def letters(self) -> int:
        """How many the words have in all."""
        return sum(map(_letters, self.lines))


def parted(text: str, form: Format) -> Marked:
    """Read a cue's raw text; its line breaks are `\\n` (and `\\N` in ASS)."""
    tags: list[Tag] = []
    words: list[str] = []
    letters, end, drawing, drawn = 0, 0, False, False
    for found in [*_TAGS[form].finditer(text), None]:
        raw = "" if drawing else text[end : found.start() if found else len(text)]
        plain = _CONTROL.sub(" ", _read(raw, form))
        words.append(plain)
        letters += _letters(plain)
        if found:
            tags.append(Tag(found[0], letters))
            end = found.end()
            if form == "ass" and (scales := _DRAWING.findall(found[0])):
                drawing = int(scales[-1][:9]) > 0
                drawn = drawn or drawing
    if drawn:
        return Marked((), tuple(tags))
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return Marked(tuple(line for line in lines if line), tuple(tags))


def voice(marked: Marked) -> str | None:
    """Who speaks, where a WebVTT cue has one voice."""
    voices = {html.unescape(found[1]).strip() for tag in marked.tags if (found := _VOICE.match(tag.text))}
    return voices.pop() or None if len(voices) == 1 else None


def dressed(lines: Sequence[str], old: Marked, form: Format, *, again: bool = False) -> str:
    """Other lines in the clothes of an old text, as raw text.

    `again` is for lines that stand below the old ones in one cue: without what is said once for the whole cue.
    """
    kept = [tag for tag in old.tags if not (again and (form == "ass" or _ONCE.match(tag.text)))]
    waiting = _moved(kept, old.letters, _places(lines))
    out: list[str] = []
    letters = 0
    for gap, piece in _pieces(lines, _BREAKS[form]):
        while gap and waiting and waiting[0].at <= letters and _CLOSING.match(waiting[0].text):
            out.append(waiting.popleft().text)
        out.append(gap)
        while waiting and waiting[0].at <= letters:
            out.append(waiting.popleft().text)
        out.append(_written(piece, form))
        letters += len(piece)
    return "".join([*out, *(tag.text for tag in waiting)])


def _moved(tags: Sequence[Tag], letters: int, places: Sequence[int]) -> deque[Tag]:
    """The tags with the place that each has in the new text, still in order."""
    end = places[-1]
    moved: deque[Tag] = deque()
    for tag in tags:
        aim = 0.0 if not tag.at else end + 1.0 if tag.at >= letters else tag.at * end / letters
        near = bisect_left(places, aim)
        around = list(places[max(0, near - 1) : near + 1]) or [end]
        at = end + 1 if aim > end else min(around, key=lambda place: abs(place - aim))
        moved.append(Tag(tag.text, at))
    return moved


def _places(lines: Sequence[str]) -> list[int]:
    """Where words begin and end, counted in letters."""
    return [0, *accumulate(len(piece) for _, piece in _pieces(lines, "\n"))]


def _pieces(lines: Sequence[str], line_break: str) -> Iterator[tuple[str, str]]:
    """Words, and characters of scripts without spaces, each with what stands before it: nothing, space or break."""
    for number, line in enumerate(lines):
        gap = line_break if number else ""
        for word in line.split():
            for piece in split_unspaced(word):
                yield gap, piece
                gap = ""
            gap = " "


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _read(text: str, form: Format) -> str:
    if form == "ass":
        return text.replace(r"\N", "\n").replace(r"\n", " ").replace(r"\h", " ")
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if form == "vtt" else text


def _written(text: str, form: Format) -> str:
    if form == "vtt":
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if form == "ass":
        return text.replace("{", "(").replace("}", ")").replace("\\", "/")
    return text.replace("-->", "->")
