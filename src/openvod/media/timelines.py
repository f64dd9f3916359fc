"""How do shots, chapters and highlights get into an editor or a player? As EDL, OpenTimelineIO or chapters.

Spans are kept in seconds, as tasks tell them, and put on the frames of the video. Where frames come at uneven times there is
no timecode that fits: the EDL names the nearest one of a steady clock, and everything else keeps the times.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from openvod.core.models import Json
from openvod.media.timecode import Rate

MOST_EVENTS = 999
"""What CMX3600 has numbers for."""
_TITLE = 70
"""Characters of a title in an EDL."""
_TICKS = 1_000_000
"""A second in FFmpeg's metadata where frames come at uneven times."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the video."""

    begin: float
    """Seconds from the start of the video; so is `end`, when the frame after the last one is shown."""
    end: float
    name: str = ""
    note: str = ""
    """More about it, e.g. a summary."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Stretches of one video."""

    name: str
    source: str
    """What the video's file is called."""
    rate: Rate
    seconds: float
    """How long the video is."""
    spans: tuple[Span, ...]
    has_sound: bool = True
    is_steady: bool = True
    """Whether frames come at even times."""
    url: str = ""
    """Where the video is; the file's name when empty."""
    first: Fraction = Fraction(0)
    """When the first frame is shown, in seconds; sound may begin earlier."""

    def frames(self, span: Span) -> tuple[int, int]:
        """The span's first frame, and the one after its last; at least one frame."""
        first = max(0, self.rate.frame_at(Fraction(span.begin) - self.first))
        return first, max(first + 1, self.rate.frame_at(Fraction(span.end) - self.first))


def phase(times: Sequence[float], rate: Rate) -> Fraction:
    """When the first frame is shown, in seconds and less than one frame: what all `times` of frames have over.

    0 where they have nothing in common: then they are not those of frames.
    """
    over = [Fraction(time) * rate.exact % 1 for time in times]
    if not over:
        return Fraction(0)
    apart = [(part - over[0] + Fraction(1, 2)) % 1 - Fraction(1, 2) for part in over]
    common = (over[0] + sum(apart, Fraction(0)) / len(apart)) % 1
    if max(apart) - min(apart) > Fraction(1, 10) or min(common, 1 - common) < Fraction(1, 20):
        return Fraction(0)
    return common / rate.exact


def edl(timeline: Timeline) -> str:
    """The spans as a list of cuts one after the other, in the form of CMX3600.

    Raises ValueError for more than 999 spans, and for what lies beyond 24 hours.
    """
    if len(timeline.spans) > MOST_EVENTS:
        raise ValueError(f"an EDL has at most {MOST_EVENTS} events, not {len(timeline.spans)}")
    rate = timeline.rate
    lines = [
        f"TITLE: {_line(timeline.name)[:_TITLE]}",
        f"FCM: {'DROP FRAME' if rate.drops else 'NON-DROP FRAME'}",
        "",
    ]
    channels = "AA/V" if timeline.has_sound else "V"
    record = 0
    for number, span in enumerate(timeline.spans, 1):
        first, end = timeline.frames(span)
        if rate.seconds(max(end, record + end - first)) > 24 * 3600:
            raise ValueError("timecode ends after 24 hours")
        times = (first, end, record, record + end - first)
        codes = " ".join(rate.timecode(frame) for frame in times)
        lines += [
            f"{number:03}  AX       {channels:5} C        {codes}",
            f"* FROM CLIP NAME: {_line(timeline.source)}",
        ]
        lines += [f"* COMMENT: {_line(text)}" for text in (span.name, span.note) if text.strip()]
        record = times[3]
    return "\r\n".join([*lines, ""])


def otio(timeline: Timeline) -> str:
    """The spans one after the other as an OpenTimelineIO timeline (the JSON of `Timeline.1` with `Clip.2`)."""
    name, spans = timeline.name, timeline.spans
    tracks = [_track("Video", timeline, spans)]
    if timeline.has_sound:
        tracks.append(_track("Audio", timeline, spans))
    document = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": name,
        "metadata": {},
        "global_start_time": None,
        "tracks": {**_item("Stack.1", "tracks"), "children": tracks},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def chapters(timeline: Timeline) -> str:
    """WebVTT chapters. A time is the first whole millisecond in its frame: players that jump there show it."""
    parts = ["WEBVTT\n"]
    for number, (begin, end, name) in enumerate(_times(timeline), 1):
        words = _line(name).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{number}\n{_clock(begin)} --> {_clock(end)}\n{words or number}\n")
    return "\n".join(parts)


def ffmetadata(timeline: Timeline) -> str:
    """Chapters as FFmpeg takes them, counted in frames where these come at even times."""
    exact = timeline.rate.exact
    unit = 1 / exact if timeline.is_steady else Fraction(1, _TICKS)
    lines = [";FFMETADATA1", f"title={_escaped(timeline.name)}"]
    for begin, end, name in _times(timeline):
        lines += [
            "[CHAPTER]",
            f"TIMEBASE={unit.numerator}/{unit.denominator}",
            f"START={round((begin - timeline.first) / unit)}",
            f"END={round((end - timeline.first) / unit)}",
            f"title={_escaped(name)}",
        ]
    return "\n".join([*lines, ""])


def _times(timeline: Timeline) -> Iterator[tuple[Fraction, Fraction, str]]:
    """Begin and end of each span in seconds, at frames where these come at even times, and its name."""
    for span in timeline.spans:
        begin, end = Fraction(span.begin), Fraction(span.end)
        if timeline.is_steady:
            first, after = timeline.frames(span)
            begin, end = (timeline.first + timeline.rate.seconds(frame) for frame in (first, after))
        yield begin, max(begin, end), span.name


def _clock(seconds: Fraction) -> str:
    milliseconds = math.ceil(seconds * 1000 - Fraction(1, 100))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def _line(text: str) -> str:
    """A text in one line without control characters."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "=;#\\" else sign for sign in _line(text))


def _item(schema: str, name: str) -> Json:
    return {
        "OTIO_SCHEMA": schema,
        "name": name,
        "metadata": {},
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "color": None,
    }


def _track(kind: str, timeline: Timeline, spans: Sequence[Span]) -> Json:
    children = [_clip(timeline, span) for span in spans]
    return {**_item("Track.1", kind), "kind": kind, "children": children}


def _clip(timeline: Timeline, span: Span) -> Json:
    first, end = timeline.frames(span)
    begin, length = Fraction(first), Fraction(end - first)
    if not timeline.is_steady:
        begin, length = (
            Fraction(seconds) * timeline.rate.exact for seconds in (span.begin, span.end - span.begin)
        )
    whole = Fraction(timeline.rate.frame_at(Fraction(timeline.seconds)))
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "name": timeline.source,
        "metadata": {},
        "available_range": _range(timeline.rate, Fraction(0), max(whole, begin + length)),
        "available_image_bounds": None,
        "target_url": timeline.url or timeline.source,
    }
    return {
        **_item("Clip.2", span.name),
        "metadata": {"openvod": {"note": span.note}} if span.note else {},
        "source_range": _range(timeline.rate, begin, length),
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    }


def _range(rate: Rate, start: Fraction, length: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(rate, start),
        "duration": _time(rate, length),
    }


def _time(rate: Rate, frames: Fraction) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(rate.exact), "value": round(float(frames), 6)}
