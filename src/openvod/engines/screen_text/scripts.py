"""In which writing is each line of a subtitle? Two languages on one screen, one above the other, are two subtitles."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openvod.engines.screen_text.subtitles import Line, Subtitle

Writing = Literal["east", "west", ""]
"""Chinese, Japanese and Korean signs; letters of alphabets; neither."""

BILINGUAL = 0.3
"""Share of the subtitles with lines in both writings from which a film is in two languages."""

ALIKE = str.maketrans("エニハロカタトミムイノヒ", "工二八口力夕卜三厶亻丿匕")
"""Japanese signs, and the Chinese ones that look the same."""
MIXED = 3
"""How many Chinese signs there are for each Japanese one at least where these are mistakes."""


@dataclass(frozen=True, slots=True)
class Split:
    """A film's subtitles by writing."""

    primary: Writing
    second: Writing
    """Empty for a film in one language: then all lines are the primary's, whatever is in them."""


def writing(text: str) -> Writing:
    """The writing of most of a text's letters; a sign stands for a syllable or a word, and counts for two letters."""
    east = 2 * sum(_east(sign) for sign in text)
    west = sum(sign.isalpha() and not _east(sign) for sign in text)
    return "" if not east + west else "east" if east >= west else "west"


def split(subtitles: Sequence[Subtitle]) -> Split:
    """Whether a film is in two languages, and which is the first: that of more subtitles, then that of the upper lines."""
    each = [[writing(line.text) for line in one.lines] for one in subtitles]
    both = [rows for rows in each if {"east", "west"} <= set(rows)]
    count = Counter(kind for rows in each for kind in set(rows) if kind)
    if not each or len(both) < BILINGUAL * len(each):
        return Split("west" if count["west"] > count["east"] else "east" if count else "", "")
    upper = Counter(next(kind for kind in rows if kind) for rows in both)
    east_first = (count["east"], upper["east"]) >= (count["west"], upper["west"])
    return Split("east", "west") if east_first else Split("west", "east")


def lines_of(subtitle: Subtitle, kind: Writing, parts: Split) -> tuple[Line, ...]:
    """The lines in one of the split's writings. A line without letters goes with the line above it, else below it."""
    if not parts.second:
        return subtitle.lines if kind == parts.primary else ()
    kinds = [writing(line.text) for line in subtitle.lines]
    known = next((one for one in kinds if one), parts.primary)
    chosen: list[Line] = []
    for line, own in zip(subtitle.lines, kinds, strict=True):
        known = own or known
        if known == kind:
            chosen.append(line)
    return tuple(chosen)


def told(lines: Sequence[str]) -> str:
    """Lines as one text: alphabets put a space between two lines, signs do not."""
    text = ""
    for line in lines:
        gap = " " if text and not (_east(text[-1]) and _east(line[:1] or " ")) else ""
        text += gap + line
    return text


def in_chinese(text: str) -> str:
    """With the few Japanese signs in a Chinese text that a reader of both takes for Chinese ones; a text in Japanese stays
    what it is."""
    chinese = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    japanese = sum("\u3041" <= sign <= "\u30fe" for sign in text)
    return text.translate(ALIKE) if japanese * MIXED <= chinese else text


def _east(sign: str) -> bool:
    code = ord(sign)
    if code < 0x1100:
        return False
    wide = unicodedata.east_asian_width(sign) in "WF"
    return wide and (unicodedata.category(sign) in {"Lo", "Lm"} or 0x3000 <= code <= 0x303F)
