"""What does the picture look like over time? Every frame, as a thumbnail or whole, in one decode, constant memory."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.media.packets import packets
from openvod.media.probe import open_media, video_tracks
from openvod.media.rewrite.first_packet import introduce
from openvod.media.sparing import LeftOut, Sparing

WIDTH, HEIGHT = 48, 27
"""Size of a thumbnail in pixels, whatever the shape of the picture: so files stay comparable."""
SAMPLE_SIDE = 320
"""Longer side of a sample in pixels; the shape of the picture is kept."""
NO_PICTURE = Text("no picture could be decoded", "无法解码画面")

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame, upright (the file's rotation is applied)."""

    index: int
    """Number of the frame among those that could be decoded, from 0."""
    time: float
    """When it is shown, in seconds from the start of the file; never goes back."""
    tiny: Rgb
    """The whole picture as `[27, 48, 3]` RGB, area-averaged."""
    sample: Rgb | None
    """`[h, w, 3]` RGB of the size that was asked for, when one is due (see `stream`), else None."""
    display: tuple[int, int]
    """Width and height in square pixels as a player shows it."""
    is_seen: bool = True
    """Whether it was decoded; else `tiny` is that of the last one that was, and `sample` that of the next one."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One decoded frame at its own size, upright, as brightness and colour of 8 bits.

    The arrays are views into the decoder's memory where that is possible: read them, never write.
    """

    index: int
    """Number of the frame among those that could be decoded, from 0."""
    pts: int | None
    """As in the file, in units of its track."""
    time: float
    """When it is shown, in seconds from the start of the file; never goes back."""
    luma: NDArray[np.uint8]
    """`[h, w]`."""
    chroma: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    """Cb and Cr, each `[(h + 1) // 2, (w + 1) // 2]`."""
    turns: int
    """Quarter turns counter-clockwise that brought the coded picture upright."""


def planes(source: Path, *, looking: bool = False, begin: float = 0.0) -> Iterator[Planes]:
    """Decode the first real video track of `source` for looking at pixels: nothing is left out but damage.

    `begin`: seconds from the start of the file; the first frame is the first one that is shown then or later, and counts
    as number 0. Each frame's pixels and time are the same wherever the decoding began.

    `looking` skips the in-loop filter: a third cheaper, and good enough to find things in the picture, not to keep it
    (pixels differ by one level in the mean). Other formats than 4:2:0 of 8 bits are converted to it, and pictures of
    another size than the first are scaled to that one, as players do. Raises TaskFault as `stream` does.
    """
    with open_media(source) as container:
        track = _video_track(container, exact=not looking)
        origin = (container.start_time or 0) / 1_000_000
        step = 1 / float(track.average_rate or 25)
        time, index = -step, -1
        size: tuple[int, int] | None = None
        for picture in _decode_from(container, track, begin + origin if begin > 0 else None):
            time = _time(picture, origin, time, step)
            if time < begin:
                continue
            index += 1
            turns = _turns(picture)
            size = size or (picture.width, picture.height)
            plain = picture
            if picture.format.name not in _PLANAR or (picture.width, picture.height) != size:
                plain = picture.reformat(*size, format="yuv420p")
            luma, cb, cr = (_plane(plain, number, turns) for number in range(3))
            yield Planes(index, picture.pts, time, luma, (cb, cr), turns)
    if index < 0 and begin <= 0:
        raise TaskFault("SourceFileError.ContentMalformed", reason=NO_PICTURE)


_PLANAR = {"yuv420p", "yuvj420p"}


def _plane(picture: Any, number: int, turns: int) -> NDArray[np.uint8]:
    plane = picture.planes[number]
    pixels = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def stream(
    source: Path,
    sample_rate: float = 0.0,
    begin: float = 0.0,
    end: float = math.inf,
    *,
    sample_side: int = SAMPLE_SIDE,
    spare: Callable[[float], bool] | None = None,
) -> Iterator[Frame]:
    """Decode the first real video track (not a cover picture) of `source`, frame by frame.

    `begin`, `end`: seconds from the start of the file; the frames shown from `begin` on and before `end` are given, and
    numbered from 0. Each frame's pixels, time and sample are the same wherever the decoding began, if `begin` is a
    multiple of a sample's distance.
    `sample_rate` asks for so many samples per second beside the thumbnails (0: none); then the first frame
    has one; `sample_side` is the longer side of each. The in-loop filter is skipped: it costs a quarter of the
    decoding and does not show at thumbnail size. `spare` tells whether a frame shown then may be left out, if no other
    one is made from it (`media.sparing`); it is asked some frames ahead, and not of those that a sample is taken from,
    where frames come at an even rate. Damaged packets are passed over, and a file that breaks off ends there.
    Raises `TaskFault` `SourceFileError.NoVideoMedia` without a video track, `SourceFileError.ContentMalformed` when nothing
    decodes.
    """
    with open_media(source) as container:
        track = _video_track(container)
        origin = (container.start_time or 0) / 1_000_000
        step = 1 / float(track.average_rate or 25)
        thumbnail, maker = _Scaler(), _Maker(_stretch(track), sample_rate, sample_side)

        def is_needed(pts: int) -> bool:
            at = float(pts * track.time_base) - origin
            is_sampled = sample_rate > 0 and _slot(at, sample_rate) > _slot(at - step, sample_rate)
            return is_sampled or not (spare and spare(at))

        last: _Seen | None = None
        shown = _decode_from(
            container, track, begin + origin if begin > 0 else None, is_needed if spare else None
        )
        for times, picture in _runs(shown, origin, step):
            seen = last if picture is None else _Seen(picture, thumbnail)
            for time in times:
                if seen is None or time < begin:
                    continue
                if time >= end:
                    return
                is_seen = picture is not None and time == times[-1]
                yield maker.frame(time, seen, None if is_seen else last or seen)
            last = seen
    if maker.count == 0 and begin <= 0:
        raise TaskFault("SourceFileError.ContentMalformed", reason=NO_PICTURE)


def _slot(time: float, rate: float) -> int:
    """Which sample's time it is."""
    return math.floor(time * rate + 1e-6)


def _runs(shown: Iterator[Any], origin: float, step: float) -> Iterator[tuple[list[float], Any]]:
    """Each picture with its time, behind those of the frames before it that were left out; None in place of a picture that
    would follow the last of them."""
    times, time = list[float](), -step
    for each in shown:
        time = _time(each, origin, time, step)
        times.append(time)
        if not isinstance(each, LeftOut):
            yield times, each
            times = []
    if times:
        yield times, None


class _Seen:
    """A decoded picture; its thumbnail is made when it is asked for."""

    def __init__(self, picture: Any, scaler: "_Scaler") -> None:
        self.picture = picture
        self.turns = _turns(picture)
        self._scaler = scaler
        self._tiny: Rgb | None = None

    @property
    def tiny(self) -> Rgb:
        if self._tiny is None:
            self._tiny = self._scaler.scale(self.picture, (WIDTH, HEIGHT), self.turns)
        return self._tiny


class _Maker:
    """Makes the frames of one film, in order, with a sample where one is due."""

    def __init__(self, stretch: float, rate: float, side: int) -> None:
        self.count = 0
        self._stretch, self._rate, self._side = stretch, rate, side
        self._due = -math.inf
        self._sampler = _Scaler()

    def frame(self, time: float, seen: _Seen, stand_in: _Seen | None) -> Frame:
        """The one shown at `time`: `seen`, or for a frame that was left out before it, one with the thumbnail of `stand_in`."""
        display = _display(seen.picture, seen.turns, self._stretch)
        sample = None
        if self._rate and time >= self._due:
            self._due = (_slot(time, self._rate) + 1) / self._rate
            sample = self._sampler.scale(seen.picture, _fit(display, self._side), seen.turns)
        self.count += 1
        return Frame(self.count - 1, time, (stand_in or seen).tiny, sample, display, stand_in is None)


class _Scaler:
    """Scales many frames of one size with one prepared scaler (making a new one costs more than using it)."""

    def __init__(self) -> None:
        from av.video.reformatter import VideoReformatter  # noqa: PLC0415

        self._reformatter = VideoReformatter()

    def scale(self, picture: Any, size: tuple[int, int], turns: int) -> Rgb:
        """`picture` at `size` (upright width and height), turned counter-clockwise by `turns` quarters."""
        width, height = size if turns % 2 == 0 else size[::-1]
        scaled = self._reformatter.reformat(picture, width, height, "rgb24", interpolation="AREA", threads=1)
        pixels: Rgb = scaled.to_ndarray().astype(np.uint8, copy=False)
        return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def _video_track(container: Any, *, exact: bool = False) -> Any:
    tracks = video_tracks(container)
    if not tracks:
        raise TaskFault("SourceFileError.NoVideoMedia")
    decoder = tracks[0].codec_context
    decoder.thread_count = 1
    if not exact:
        decoder.options = {**decoder.options, "skip_loop_filter": "all"}
    return tracks[0]


def _decode(container: Any, track: Any, is_needed: Callable[[int], bool] | None) -> Iterator[Any]:
    """Every picture that decodes; what does not is passed over, as players do. With `is_needed` (see `Sparing`) those that
    can be are left out, and a `LeftOut` stands in the place of each."""
    read = partial(next, packets(container, track), None)
    sparing = Sparing(track, is_needed) if is_needed else None
    while packet := _tolerant(read):
        if sparing:
            sparing.offer(packet)
        for picture in _tolerant(packet.decode) or ():
            if sparing:
                yield from sparing.before(picture)
            yield picture
    if sparing:
        yield from sparing.rest()


def _decode_from(
    container: Any, track: Any, begin: float | None, is_needed: Callable[[int], bool] | None = None
) -> Iterator[Any]:
    """What `_decode` gives from a keyframe before `begin` (seconds of the file's own clock) on, from the file's start for
    None and where a file cannot be entered elsewhere, or not for certain."""
    if begin is not None and track.time_base:
        introduce(container, track)
        if _tolerant(lambda: container.seek(int(begin / track.time_base), stream=track) or True):
            pictures = _decode(container, track, is_needed)
            first = next(pictures, None)
            if first is not None and first.pts is not None and first.pts * track.time_base <= begin:
                yield first
                yield from pictures
                return
        if not _tolerant(lambda: container.seek(0, stream=track) or True):
            raise TaskFault("SourceFileError.ContentMalformed", reason=NO_PICTURE)
    yield from _decode(container, track, is_needed)


def _tolerant(read: Callable[[], Any]) -> Any:
    """What `read` gives, or None where the file is damaged."""
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        return read()
    except MemoryError:
        raise
    except FFmpegError:
        return None


def _time(picture: Any, origin: float, last: float, step: float) -> float:
    """Seconds from the start of the file; a missing or backward time follows the last at the nominal rate."""
    pts, unit = picture.pts, picture.time_base
    if pts is None or unit is None:
        return last + step
    # Of whole numbers: rounded once, as a Fraction's product would be, and cheaper.
    time: float = pts * unit.numerator / unit.denominator - origin
    return time if time >= last else last + step


def _turns(picture: Any) -> int:
    """The quarter turns (counter-clockwise) that bring it upright."""
    turns: int = round(picture.rotation / 90) % 4
    return turns


def _stretch(track: Any) -> float:
    """How many times as wide as high a pixel is, as the file says of the whole track."""
    aspect = track.sample_aspect_ratio
    return float(aspect) if aspect and 0.1 < aspect < 10 else 1.0


def _display(picture: Any, turns: int, stretch: float) -> tuple[int, int]:
    """Upright size in square pixels."""
    width, height = max(1, round(picture.width * stretch)), picture.height
    return (width, height) if turns % 2 == 0 else (height, width)


def _fit(display: tuple[int, int], side: int) -> tuple[int, int]:
    scale = side / max(display)
    return max(1, round(display[0] * scale)), max(1, round(display[1] * scale))
