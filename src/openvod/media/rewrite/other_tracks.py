"""What becomes of the tracks that nobody edits? They are copied packet by packet, whenever MP4 can hold them."""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from html import unescape
from typing import Any

from openvod.media.facts import codec

HELD = {"aac", "mp3", "mp2", "ac3", "eac3", "opus", "flac", "alac", "dts"}
"""Sound that is copied. libav can put Vorbis, TrueHD and PCM into MP4 as well, but hardly any player finds it there."""
_TEXT = {"subrip", "text", "webvtt", "ass", "ssa"}
_STYLED = {"ass", "ssa"}
_COVERS = {"mjpeg", "png"}
_BIT_RATE = 96_000
"""AAC that replaces other sound, in bits per second and channel."""
_AAC_RATES = {48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000}
_AAC_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}
NOT_OURS = {"major_brand", "minor_version", "compatible_brands", "encoder"}
"""Tags that describe the old container."""

Lane = Callable[[Any], Iterable[Any]]
"""Turns a packet of one source track into packets for the target, with times from the target's origin on."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """Where packets of the other tracks go."""

    lanes: dict[int, Lane]
    """By number of the source track."""
    ends: list[Callable[[], Iterable[Any]]]
    """What is left when the source is over."""
    notes: list[str]
    """What was not copied as it is, for the task's account."""


def add(source: Any, output: Any, main: Any, origin: Fraction) -> Tracks:
    """Add all tracks of `source` but the video track `main` to `output`; `origin` in seconds becomes time 0."""
    tracks = Tracks({}, [], [])
    for track in source.streams:
        if track.index == main.index:
            continue
        name = codec(track) if track.type in ("audio", "video", "subtitle") else ""
        if track.type == "audio" and name in HELD:
            tracks.lanes[track.index] = _copied(output, track, origin)
        elif track.type == "audio" and name:
            _encoded(output, track, origin, tracks)
        elif name == "mov_text" or _is_cover(track, name):
            tracks.lanes[track.index] = _copied(output, track, origin)
        elif name in _TEXT:
            tracks.lanes[track.index] = _converted_text(output, track, origin, styled=name in _STYLED)
            tracks.notes.append(f"track {track.index}: {name} subtitles are kept as MP4's own kind")
        else:
            tracks.notes.append(
                f"track {track.index}: {name or 'unknown'} {track.type} cannot be kept in MP4"
            )
    return tracks


def add_tags(source: Any, output: Any, origin: Fraction) -> None:
    """Tags and chapters of the file."""
    output.metadata.update({key: text for key, text in source.metadata.items() if key not in NOT_OURS})
    chapters = source.chapters()
    for chapter in chapters:
        shift = round(origin / chapter["time_base"])
        chapter["start"], chapter["end"] = max(0, chapter["start"] - shift), max(0, chapter["end"] - shift)
    if chapters:
        output.set_chapters(chapters)


def describe(template: Any, target: Any) -> None:
    """Copy tags and disposition of a track."""
    target.metadata.update({key: text for key, text in template.metadata.items() if key not in NOT_OURS})
    target.disposition = template.disposition


def _is_cover(track: Any, name: str) -> bool:
    from av.stream import Disposition  # noqa: PLC0415

    return name in _COVERS and bool(track.disposition & Disposition.attached_pic)


def _copied(output: Any, track: Any, origin: Fraction) -> Lane:
    target = output.add_stream_from_template(track, opaque=True)
    describe(track, target)
    return _mover(track, target, origin)


def _mover(track: Any, target: Any, origin: Fraction) -> Lane:
    """Hands packets on at their times. Where a damaged source goes back in time, a packet follows the last one."""
    shift = round(origin / track.time_base)
    last: int | None = None

    def move(packet: Any) -> Iterator[Any]:
        nonlocal last
        dts = packet.dts if packet.dts is not None else packet.pts
        dts = (last or 0) + (packet.duration or 1) if dts is None else dts - shift
        if last is not None and dts <= last:
            dts = last + 1
        pts = dts if packet.pts is None else max(packet.pts - shift, dts)
        last = dts
        packet.pts, packet.dts, packet.stream = pts, dts, target
        yield packet

    return move


def _converted_text(output: Any, track: Any, origin: Fraction, *, styled: bool) -> Lane:
    """MP4's timed text (3GPP TS 26.245): the text in UTF-8 after its length in two bytes."""
    import av  # noqa: PLC0415

    target = output.add_stream("mov_text")
    target.time_base = track.time_base
    target.codec_context.subtitle_header = _SUBTITLE_HEADER
    describe(track, target)
    move = _mover(track, target, origin)

    def convert(packet: Any) -> Iterable[Any]:
        text = _plain(bytes(packet).decode(errors="replace"), styled=styled).encode()[:65_535]
        made = av.Packet(struct.pack(">H", len(text)) + text)
        made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
        made.time_base = packet.time_base
        return move(made)

    return convert


def _plain(text: str, *, styled: bool) -> str:
    """The words of a cue without their style, which MP4's kind writes in another way.

    In ASS they are the ninth field of the line, in which `\\N` breaks and braces hold styles; the others have tags.
    """
    if styled:
        words = re.sub(r"\{[^}]*\}", "", text.split(",", 8)[-1])
        return re.sub(r"\\[Nn]", "\n", words).replace("\\h", " ").strip()
    return unescape(re.sub(r"</?[a-zA-Z][^<>]*>", "", text)).strip()


_SUBTITLE_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour\n"
    b"Style: Default,Arial,16,&Hffffff\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
)


def add_aac(output: Any, track: Any) -> Any:
    """A new track for what `track` sounds like, as AAC."""
    target = output.add_stream("aac", rate=track.rate if track.rate in _AAC_RATES else 48_000)
    target.layout = _AAC_LAYOUTS.get(track.channels, "stereo")
    target.bit_rate = _BIT_RATE * target.layout.nb_channels
    describe(track, target)
    return target


def _encoded(output: Any, track: Any, origin: Fraction, tracks: Tracks) -> None:
    """Sound that MP4 cannot hold becomes AAC."""
    from av.audio.resampler import AudioResampler  # noqa: PLC0415
    from av.error import FFmpegError  # noqa: PLC0415

    target = add_aac(output, track)
    resampler: Any = None
    shift = origin / track.time_base

    def encode(frames: Iterable[Any]) -> Iterator[Any]:
        nonlocal resampler
        resampler = resampler or AudioResampler(target.format, target.layout, target.rate, 1024)
        for frame in frames:
            for piece in resampler.resample(frame):
                yield from target.encode(piece)

    def take(packet: Any) -> Iterator[Any]:
        try:
            frames = packet.decode()
        except FFmpegError:
            return  # a damaged packet, as players pass over it
        for frame in frames:
            frame.pts = None if frame.pts is None else frame.pts - round(shift)
        yield from encode(frames)

    def end() -> Iterator[Any]:
        yield from encode([None])
        yield from target.encode(None)

    tracks.lanes[track.index] = take
    tracks.ends.append(end)
    tracks.notes.append(f"track {track.index}: {codec(track)} sound is encoded anew as AAC")
