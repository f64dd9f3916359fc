"""How is the new film written? One pass: every frame is decoded, painted and encoded, at its own time; the rest is copied."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines.reframe.painting import Plane, Planes
from openvod.media import formats
from openvod.media.probe import open_media
from openvod.media.rewrite import other_tracks
from openvod.media.rewrite.demux import tolerant_packets, video_track

Paint = Callable[[Planes, float], Planes]
"""Makes a new picture of the source's upright planes and its time in seconds of the file's clock."""
Retime = Callable[[float], float | None]
"""When a frame of this time is shown in the new film, in seconds; None where it is left out. Must rise."""
AddTracks = Callable[[Any, Any, Any, Fraction], other_tracks.Tracks]
"""Adds all tracks but the video to the output, see `other_tracks.add`."""

QUALITY = {"preset": "veryfast", "crf": "20", "x264-params": "keyint=250:open-gop=0"}
_PLANAR = {"yuv420p", "yuvj420p"}
_NOTHING = Text("no picture could be decoded", "无法解码画面")


@dataclass(frozen=True, slots=True)
class Film:
    """What the new film is like."""

    size: tuple[int, int]
    """Even."""
    paint: Paint
    retime: Retime = field(default=lambda time: time)
    add_tracks: AddTracks = other_tracks.add
    before: float = 0.0
    """Seconds that the first picture is shown for before the film begins."""
    after: float = 0.0
    """The same at its end, with the last one."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of it."""

    frames: int
    notes: tuple[str, ...]
    """What could not be kept as it is."""


def render(
    source: Path, target: Path, film: Film, seconds: float, progress: Callable[[float], None]
) -> Written:
    """Write `target`, an MP4 with H.264. Raises TaskFault where nothing decodes. `seconds`: how long the source is, for
    the progress."""
    import av  # noqa: PLC0415
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    with open_media(source) as container:
        track = video_track(container)
        origin = _origin(container, track)
        shown = Fraction(container.start_time or 0, 1_000_000)
        with av.open(str(target), "w", format="mp4", container_options=_options(track)) as output:
            video = _Video(output, track, film, float(shown), origin)
            tracks = film.add_tracks(container, output, track, origin)
            other_tracks.add_tags(container, output, origin)
            for packet in tolerant_packets(container):
                if packet.stream_index == track.index:
                    output.mux([*video.take(_decoded(packet))])
                    progress(min(1.0, video.time / max(seconds, 1e-6)))
                elif packet.stream_index in tracks.lanes:
                    output.mux([*tracks.lanes[packet.stream_index](packet)])
            output.mux([*video.take(_rest(track)), *video.end()])
            for end in tracks.ends:
                output.mux([*end()])
    return Written(video.frames, tuple(tracks.notes))


def _origin(container: Any, track: Any) -> Fraction:
    """What becomes time 0, in seconds. MP4 says by edit lists when tracks begin; elsewhere the first time is a number."""
    start = container.start_time or 0
    if container.format.name == formats.MOV or start <= 0:
        return Fraction(0)
    return Fraction(round(Fraction(start, 1_000_000) / track.time_base)) * Fraction(track.time_base)


def _options(track: Any) -> dict[str, str]:
    clock = Fraction(track.time_base).denominator
    while clock < 10_000:
        clock *= 2
    return {"movflags": "+faststart", "movie_timescale": str(min(clock, 1_000_000))}


def _decoded(packet: Any) -> Iterable[Any]:
    """A damaged packet has no pictures, as players pass over it."""
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        return list(packet.decode())
    except MemoryError:
        raise
    except FFmpegError:
        return ()


def _rest(track: Any) -> Iterator[Any]:
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        yield from track.codec_context.decode(None)
    except MemoryError:
        raise
    except FFmpegError:
        return


class _Video:
    """The new video track."""

    def __init__(self, output: Any, track: Any, film: Film, shown: float, origin: Fraction) -> None:
        rate = Fraction(track.average_rate or 25)
        self._film, self._shown = film, shown
        self._base = Fraction(track.time_base)
        self._step = 1 / float(rate)
        self._late = float(origin) - shown
        """Seconds from the clock of players to that of the new file."""
        self._last = -1
        self._stored: tuple[int, int] | None = None
        self._planes: Planes | None = None
        self.time, self.frames = -self._step, 0
        self._stream = output.add_stream("libx264", rate=rate.limit_denominator(1001), options=dict(QUALITY))
        self._stream.width, self._stream.height = film.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = self._stream.codec_context.time_base = self._base
        self._stream.codec_context.thread_count = 1
        other_tracks.describe(track, self._stream)

    def take(self, frames: Iterable[Any]) -> Iterator[Any]:
        """Packets, once these frames of the source are in."""
        for frame in frames:
            time = self.time + self._step
            if frame.pts is not None:
                stated = float(frame.pts * self._base) - self._shown
                time = stated if stated >= self.time else time
            self.time = time
            new = self._film.retime(time)
            if new is not None:
                self._planes = self._film.paint(self._upright(frame), time)
                yield from self._first(frame, new)
                yield from self._encoded(new + self._film.before)

    def end(self) -> Iterator[Any]:
        """The last packets. Raises TaskFault when there was no picture."""
        if self._planes is None:
            raise TaskFault("SourceFileError.ContentMalformed", reason=_NOTHING)
        last = self._last * float(self._base) + self._late
        for number in range(round(self._film.after / self._step)):
            yield from self._encoded(last + (number + 1) * self._step)
        yield from self._stream.encode(None)

    def _first(self, frame: Any, new: float) -> Iterator[Any]:
        if self._last >= 0 or self.frames:
            return
        context = self._stream.codec_context
        full = frame.format.name.startswith("yuvj") or int(frame.color_range) == 2
        context.color_range = 2 if full else 1
        if not frame.format.is_rgb:
            context.color_primaries, context.color_trc = int(frame.color_primaries), int(frame.color_trc)
            context.colorspace = int(frame.colorspace)
        for number in range(round(self._film.before / self._step)):
            yield from self._encoded(new + number * self._step)

    def _encoded(self, seconds: float) -> Iterator[Any]:
        from av.video.frame import VideoFrame  # noqa: PLC0415

        assert self._planes is not None
        place = max(self._last + 1, round((seconds - self._late) / float(self._base)))
        width, height = self._film.size
        made = VideoFrame(width, height, "yuv420p")
        for plane, pixels in zip(made.planes, self._planes, strict=True):
            _fill(plane, pixels)
        made.pts, made.time_base = place, self._base
        self._last, self.frames = place, self.frames + 1
        yield from self._stream.encode(made)

    def _upright(self, frame: Any) -> Planes:
        turns = round(frame.rotation / 90) % 4
        self._stored = self._stored or (frame.width, frame.height)
        if frame.format.name not in _PLANAR or (frame.width, frame.height) != self._stored:
            frame = frame.reformat(*self._stored, format="yuv420p")
        luma, cb, cr = (_plane(plane, turns) for plane in frame.planes)
        return luma, cb, cr


def _plane(plane: Any, turns: int) -> Plane:
    pixels = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _fill(plane: Any, pixels: Plane) -> None:
    room = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    room[:, : plane.width] = pixels
