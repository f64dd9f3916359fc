"""Which encoding is a subtitle file in? UTF-8, UTF-16, or one of two older ones where the bytes tell.

A wrong guess turns every line into rubbish without anyone being told, so a guess is only made where it can be
defended, and everything else is refused with advice.
"""

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_WESTERN_MARKS = frozenset("‘’“”‚„«»‹›…–—•€£¥©®°ªº¿¡·´ \xad")
_MISPLACED = re.compile(r"[^\W\d_][¿¡£¥]|[£¥][^\W\d_]")
_SAMPLE = 100_000


class Text(NamedTuple):
    """A file's text, and the encoding (Python's name) that it was read with."""

    text: str
    encoding: str


def decode(data: bytes) -> Text:
    """Read bytes as text. Raises `ValueError` when they are none, or when their encoding cannot be told."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    data = data.rstrip(b"\0\x1a") if b"\0" not in data[:64] else data  # old editors pad the end of a file
    if b"\0" in data:
        return _strict(data, _unmarked_utf16(data))
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _legacy(data)


def _strict(data: bytes, encoding: str) -> Text:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not valid {encoding.upper()}") from error
    if "\0" in text:
        raise ValueError("the file is binary, not text")
    return Text(text, encoding)


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without a mark: the ASCII that every subtitle format is built from has a zero in each pair."""
    sample = data[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if len(data) % 2 or most < len(sample) / 8 or least > most / 20:
        raise ValueError("the file is binary, not text")
    return "utf-16-be" if even > odd else "utf-16-le"


def _legacy(data: bytes) -> Text:
    """GB 18030 for Chinese and Windows-1252 for western Europe, or a refusal."""
    for encoding, convincing in (("gb18030", _is_chinese), ("cp1252", _is_western)):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if convincing(data):
            return Text(text, encoding)
    raise ValueError("the encoding of the file cannot be told; save it as UTF-8")


def _is_chinese(data: bytes) -> bool:
    """GB 2312 puts its 3,755 common characters in rows B0 to D7 and its punctuation in A1 and A3.

    Big5 and Shift-JIS fall outside these rows; EUC-KR keeps its Hangul in B0 to C8, where no Chinese text of
    any length stays.
    """
    rows = [pair[0] for pair in _PAIR.findall(data) if pair[1] >= 0xA1]
    usual = sum(0xB0 <= row <= 0xD7 or row in (0xA1, 0xA3) for row in rows)
    return usual > 0.9 * len(_PAIR.findall(data)) and any(0xC9 <= row <= 0xD7 for row in rows)


def _is_western(data: bytes) -> bool:
    """Accented letters are rare among plain ones, and all else is a usual typographic mark in a usual place.

    Code pages of other alphabets give words of accents only; Polish and its like put signs inside words.
    """
    text = data.decode("cp1252")
    special = [character for character in text if character >= "\x80"]
    accented = sum(character.isalpha() for character in special)
    return (
        accented < 0.25 * sum(character.isalpha() for character in text)
        and all(character.isalpha() or character in _WESTERN_MARKS for character in special)
        and not _MISPLACED.search(text)
    )
