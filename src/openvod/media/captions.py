"""What do the subtitle formats (srt, vtt, ass) look like, and how are cues read from and written to them?

The readers are our own because files come from strangers: pysubs2, the usual choice, takes quadratic time on
unclosed tags and brackets, puts WebVTT identifiers, notes and `&amp;` into the text, ignores the order of
fields that an ASS file declares, and drops a whole file for one bad colour. It is the tests' second opinion.
Text is kept plain: markup is dropped, its words stay.
"""

import html
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from openvod.media.text_encoding import decode

MAX_BYTES = 20_000_000
"""Larger files are refused; a feature film's subtitles are about 0.1 MB."""

Format = Literal["srt", "vtt", "ass"]

_HOURS = 10_000  # times of this many hours and more are not written, and not taken for times when read
_TIME = r"(-?)(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?(?!\d)"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|lrm|rlm|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
# None of these runs over the next opening sign, nor repeats two things that match the same: so hostile input
# costs linear time.
_VTT_TAG = re.compile(r"</?[A-Za-z][^<>]*>|</>|<[\d:.]+>")
_VTT_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_SRT_TAG = re.compile(r"</?(?:[ibus]|font)(?:\s[^<>]*)?>", re.IGNORECASE)
_OVERRIDE = re.compile(r"(\{[^{}]*\})")
_SRT_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_DRAWING = re.compile(r"\\p(\d+)")
_ASS_SECTIONS = ("[script info]", "[v4+ styles]", "[v4 styles]", "[events]")
_ASS_FIELDS = ("layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text")


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle; times in seconds from the start of the file."""

    start: float
    end: float
    lines: tuple[str, ...]
    """Plain text, top line first."""
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a subtitle file holds."""

    format: Format
    """`ass` also stands for its older form, SSA."""
    cues: tuple[Cue, ...]
    """In order of start. Every cue has text; `0 <= start <= end`."""
    encoding: str
    """Python's name of the encoding that the file was read with."""


def write_vtt(cues: Iterable[Cue]) -> str:
    """WebVTT; a speaker becomes a voice span.

    Raises `ValueError` for a time that is NaN, infinite, or 10,000 hours and more.
    """
    blocks = ["WEBVTT\n"]
    for cue in cues:
        if lines := _clean(cue.lines):
            voice = f"<v {_vtt_text(_clean_line(cue.speaker))}>" if cue.speaker else ""
            text = "\n".join(_vtt_text(line) for line in lines)
            blocks.append(f"{_timing(cue, '.')}\n{voice}{text}\n")
    return "\n".join(blocks)


def write_srt(cues: Iterable[Cue]) -> str:
    """SubRip; speakers are left out. Raises `ValueError` as `write_vtt` does.

    The format has no escapes. Only an arrow is altered (`-->` to `->`): it could pass for a line of times.
    """
    blocks: list[str] = []
    for cue in cues:
        if lines := _clean(cue.lines):
            text = "\n".join(line.replace("-->", "->") for line in lines)
            blocks.append(f"{len(blocks) + 1}\n{_timing(cue, ',')}\n{text}\n")
    return "\n".join(blocks)


WRITERS = {"vtt": write_vtt, "srt": write_srt}
"""By what the API calls the format."""


def parse(data: bytes) -> Parsed:
    """Read a subtitle file, whatever its name says. Raises `ValueError`, and nothing else, when it is none.

    A negative time counts as 0; a cue that ends before it starts has no length; one without text is left out.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
    text, encoding = decode(data)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    format_ = _format(lines)
    read = {"srt": _read_srt, "vtt": _read_vtt, "ass": _read_ass}[format_]
    return Parsed(format_, tuple(sorted(read(lines), key=lambda cue: cue.start)), encoding)


def _format(lines: Sequence[str]) -> Format:
    filled = (line.strip() for line in lines)
    first = next((line for line in filled if line and not line.startswith((";", "!:"))), "")
    if re.match(r"WEBVTT(?:[ \t]|$)", first):
        return "vtt"
    if first.lower().startswith(_ASS_SECTIONS):
        return "ass"
    if _is_index(first):
        first = next((line for line in filled if line), "")
    if _TIMING.match(first):
        return "srt"
    raise ValueError("the file is not a subtitle file in srt, vtt or ass format")


def _read_srt(lines: Sequence[str]) -> Iterator[Cue]:
    """A cue's text runs to the next line of times: blank lines inside it, or none after it, do no harm."""
    indexed = _is_index(next((line for line in lines if line.strip()), ""))
    rows = [number for number, line in enumerate(lines) if _TIMING.match(line)]
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        body = [line for line in lines[row + 1 : following] if line.strip()]
        if indexed and following is not None and body and _is_index(body[-1]):
            body.pop()  # the next cue's number
        text = _SRT_OVERRIDE.sub("", _SRT_TAG.sub("", "\n".join(body)))
        yield from _cue(lines[row], text)


def _read_vtt(lines: Sequence[str]) -> Iterator[Cue]:
    """By the W3C's rule: a cue is a line of times and what follows it up to a blank line or another arrow.

    So headers, identifiers, styles, regions and notes need no care: none of them may hold an arrow.
    """
    row = 0
    while row < len(lines):
        timing = lines[row]
        row += 1
        if "-->" not in timing:
            continue
        body = []
        while row < len(lines) and lines[row].strip() and "-->" not in lines[row]:
            body.append(lines[row])
            row += 1
        text = "\n".join(body)
        voices = {_plain(name).strip() for name in _VTT_VOICE.findall(text)}
        speaker = voices.pop() if len(voices) == 1 else None
        yield from _cue(timing, _plain(_VTT_TAG.sub("", text)), speaker)


def _read_ass(lines: Sequence[str]) -> Iterator[Cue]:
    fields: tuple[str, ...] = _ASS_FIELDS
    in_events = False
    for line in lines:
        key, colon, value = line.strip().partition(":")
        if key.startswith("["):
            in_events = key.lower().startswith("[events]")
        elif in_events and colon and key.lower() == "format":
            declared = tuple(name.strip().lower() for name in value.split(","))
            usable = {"start", "end", "text"} <= set(declared) and declared[-1] == "text"
            fields = declared if usable else _ASS_FIELDS
        elif in_events and colon and key.lower() == "dialogue":
            row = dict(zip(fields, value.strip().split(",", len(fields) - 1), strict=False))
            timing = f"{row['start'].strip()} --> {row.get('end', '').strip()}" if "start" in row else ""
            speaker = _clean_line(row.get("name", row.get("actor", ""))) or None
            yield from _cue(timing, _ass_text(row.get("text", "")), speaker)


def _ass_text(text: str) -> str:
    """The words of an event: override blocks, comments and drawings (vector shapes after `\\p1`) are none."""
    drawing = False
    words = []
    for part in _OVERRIDE.split(text):
        if part.startswith("{") and part.endswith("}"):
            for scale in _DRAWING.findall(part):
                drawing = int(scale[:9]) > 0
        elif not drawing:
            words.append(part)
    return "".join(words).replace("\\N", "\n").replace("\\n", " ").replace("\\h", " ")


def _cue(timing: str, text: str, speaker: str | None = None) -> Iterator[Cue]:
    """The cue, or nothing when it has no text or its times cannot be read."""
    times = _TIMING.match(timing)
    lines = _clean(text.split("\n"))
    if times and lines:
        start = _seconds(times.groups()[:5])
        yield Cue(start, max(start, _seconds(times.groups()[5:])), lines, speaker or None)


def _seconds(groups: Sequence[str | None]) -> float:
    sign, hours, minutes, seconds, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return 0.0 if sign else (whole * 1000 + int((fraction or "").ljust(3, "0"))) / 1000


def _timing(cue: Cue, point: str) -> str:
    """The line of times. An end that would not be after the start is put one millisecond after it."""
    if not (math.isfinite(cue.start) and math.isfinite(cue.end)):
        raise ValueError(f"a cue has the times {cue.start} and {cue.end}")
    start = max(0, round(cue.start * 1000))
    end = max(start + 1, round(cue.end * 1000))
    if end >= _HOURS * 3_600_000:
        raise ValueError(f"a cue ends at {cue.end:.0f} seconds, which subtitle files cannot hold")
    return f"{stamp(start, point)} --> {stamp(end, point)}"


def stamp(milliseconds: int, point: str) -> str:
    """A time as subtitle files write it, e.g. `00:01:02.345` with `.` as the point."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{milliseconds:03d}"


def _vtt_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _clean(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines that keep a file whole: no control characters, no line ends inside, none empty."""
    split = (part for line in lines for part in line.replace("\r", "\n").split("\n"))
    return tuple(clean for part in split if (clean := _clean_line(part)))


def _clean_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _is_index(line: str) -> bool:
    return line.strip().isdecimal()
