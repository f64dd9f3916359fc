"""How are the texts of a subtitle file replaced, and everything else left as it is: format, styles, positions, notes?

The file is kept line by line; a cue knows which of them hold its text. Whatever else the file says, known to us or
not, goes out as it came in. What is read from it agrees with `captions.parse`, cue by cue.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from openvod.media import captions
from openvod.media.captions import Format
from openvod.media.subtitle_markup import Marked, dressed, parted, voice
from openvod.media.text_encoding import decode

MOST_CUES = 20_000
"""A file with more is refused; a film has some 2,000."""

_TIME = r"(-?)(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?(?!\d)"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}")
_ASS_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


class TooManyCues(ValueError):
    """The file has more than `MOST_CUES`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cue in its file."""

    start: float
    """Seconds; so is `end`."""
    end: float
    rows: range
    """The file's lines that hold its text; of an ASS file the one line that is the event."""
    head: str
    """ASS: what stands before the text on that line."""
    marked: Marked
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """A subtitle file, and where its cues are."""

    format: Format
    rows: tuple[str, ...]
    """Its lines."""
    newline: str
    has_mark: bool
    """Whether it began with a byte order mark."""
    entries: tuple[Entry, ...]
    """The cues that have words, in the file's order."""


def read(data: bytes) -> SubtitleFile:
    """Read a subtitle file, whatever its name says. Raises `ValueError` when it is none, or has too many cues."""
    parsed = captions.parse(data)
    if len(parsed.cues) > MOST_CUES:
        raise TooManyCues(f"the file has more than {MOST_CUES} cues")
    text = decode(data).text
    has_mark = (
        text.startswith("\ufeff") or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:3] == b"\xef\xbb\xbf"
    )
    newline = "\r\n" if "\r\n" in text else "\n"
    rows = tuple(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    find = {"srt": _srt, "vtt": _vtt, "ass": _ass}[parsed.format]
    return SubtitleFile(parsed.format, rows, newline, has_mark, tuple(find(rows)))


def rewritten(file: SubtitleFile, texts: Sequence[Sequence[str] | None], *, below: bool = False) -> bytes:
    """The file with other lines in its cues, one text for each entry (None: as it was), in UTF-8.

    `below`: the lines stand under those that are there, instead of in their place.
    """
    rows: list[str] = []
    done = 0
    for entry, lines in zip(file.entries, texts, strict=True):
        if lines is None:
            continue
        rows += file.rows[done : entry.rows.start]
        rows.append(_text(file, entry, lines, below=below))
        done = entry.rows.stop
    rows += file.rows[done:]
    text = "\n".join(rows).replace("\n", file.newline)
    return (("\ufeff" if file.has_mark else "") + text).encode()


def _text(file: SubtitleFile, entry: Entry, lines: Sequence[str], *, below: bool) -> str:
    new = dressed(lines, entry.marked, file.format, again=below)
    if not below:
        return entry.head + new
    if file.format == "ass":
        return f"{file.rows[entry.rows.start].rstrip()}\\N{new}"
    return "\n".join([*(row for row in _rows(file.rows, entry.rows) if row.strip()), new])


def _srt(rows: Sequence[str]) -> Iterator[Entry]:
    """A cue's text runs to the next line of times; before that may stand the next one's number."""
    indexed = next((row for row in rows if row.strip()), "").strip().isdecimal()
    timed = [(number, found) for number, row in enumerate(rows) if (found := _TIMING.match(row))]
    for (row, times), following in zip(timed, [*(number for number, _ in timed[1:]), None], strict=True):
        filled = [number for number in range(row + 1, following or len(rows)) if rows[number].strip()]
        if indexed and following is not None and filled and rows[filled[-1]].strip().isdecimal():
            filled.pop()
        if filled:
            yield from _entry(times, rows, range(filled[0], filled[-1] + 1), "srt")


def _vtt(rows: Sequence[str]) -> Iterator[Entry]:
    """A cue is a line of times and what follows it up to a blank line or another arrow."""
    row = 0
    while row < len(rows):
        row += 1
        if "-->" not in rows[row - 1]:
            continue
        times, first = _TIMING.match(rows[row - 1]), row
        while row < len(rows) and rows[row].strip() and "-->" not in rows[row]:
            row += 1
        if times and row > first:
            yield from _entry(times, rows, range(first, row), "vtt")


def _entry(
    times: re.Match[str], rows: Sequence[str], body: range, form: Literal["srt", "vtt"]
) -> Iterator[Entry]:
    marked = parted("\n".join(_rows(rows, body)), form)
    start = _seconds(times.groups()[:5])
    if marked.lines:
        speaker = voice(marked) if form == "vtt" else None
        yield Entry(start, max(start, _seconds(times.groups()[5:])), body, "", marked, speaker)


def _ass(rows: Sequence[str]) -> Iterator[Entry]:
    fields: tuple[str, ...] = _ASS_FIELDS
    in_events = False
    for number, row in enumerate(rows):
        key, colon, value = row.strip().partition(":")
        if key.startswith("["):
            in_events = key.lower().startswith("[events]")
        elif in_events and colon and key.lower() == "format":
            declared = tuple(name.strip().lower() for name in value.split(","))
            usable = {"start", "end", "text"} <= set(declared) and declared[-1] == "text"
            fields = declared if usable else _ASS_FIELDS
        elif in_events and colon and key.lower() == "dialogue":
            yield from _event(row, number, fields)


def _event(row: str, number: int, fields: Sequence[str]) -> Iterator[Entry]:
    values = row.partition(":")[2].split(",", len(fields) - 1)
    if len(values) < len(fields):
        return
    said = dict(zip(fields, (value.strip() for value in values), strict=True))
    times = _TIMING.match(f"{said['start']} --> {said['end']}")
    marked = parted(values[-1], "ass")
    if times and marked.lines:
        start = _seconds(times.groups()[:5])
        speaker = said.get("name", said.get("actor", "")) or None
        head = row[: len(row) - len(values[-1])]
        span = range(number, number + 1)
        yield Entry(start, max(start, _seconds(times.groups()[5:])), span, head, marked, speaker)


def _rows(rows: Sequence[str], span: range) -> Sequence[str]:
    return rows[span.start : span.stop]


def _seconds(groups: Sequence[str | None]) -> float:
    sign, hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return 0.0 if sign else (whole * 1000 + int((fraction or "").ljust(3, "0"))) / 1000
