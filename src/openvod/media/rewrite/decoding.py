"""Which picture is frame number n? Decoding a stretch of a video by the numbers of its frames."""

from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any

from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.first_packet import introduce
from openvod.media.rewrite.index import Times, VideoIndex

_FURTHER_BACK = (0, 2, 10, 60)
"""Seconds before the wanted place to try, when a container's index is coarse; else from the beginning."""


class Mismatch(Exception):
    """The decoder gives other frames than the packets promise; the message says which."""


def stretch(source: Path, index: VideoIndex, times: Times, first: int, end: int) -> Iterator[tuple[int, Any]]:
    """The frames `first` to `end` - 1 as (number, libav frame), decoded from the nearest place before them.

    Raises Mismatch unless exactly these come, each at its time.
    """
    entry = _entry_time(index, times, first)
    frames = from_key(source, entry) if entry is not None else from_start(source)
    yield from _numbered(frames, times, first, end)


def _numbered(frames: Iterator[Any], times: Times, first: int, end: int) -> Iterator[tuple[int, Any]]:
    expected = first
    for frame in frames:
        if frame.pts is not None and frame.pts < times[first]:
            continue  # on the way to the first one
        if frame.pts != times[expected]:
            raise Mismatch(f"frame {expected} is at {times[expected]}, decoded at {frame.pts}")
        yield expected, frame
        expected += 1
        if expected == end:
            return
    raise Mismatch(f"the video ends before frame {expected}")


def from_key(path: Path, entry: int) -> Iterator[Any]:
    """Frames from the key picture at `entry` ticks on; from the beginning when the container does not lead there.

    Raises Mismatch where the file is damaged.
    """
    with open_media(path) as container:
        track = video_track(container)
        introduce(container, track)
        packets = packets_from(container, track, entry)
        if packets is not None:
            yield from _strictly(track, packets)
            return
    yield from from_start(path)


def from_start(path: Path) -> Iterator[Any]:
    """All frames. Raises Mismatch where the file is damaged."""
    with open_media(path) as container:
        track = video_track(container)
        yield from _strictly(track, tolerant_packets(container, track))


def everything(source: Path) -> Iterator[tuple[int, Any]]:
    """Every frame that decodes, numbered as they come; what is damaged is passed over."""
    numbers = count()
    with open_media(source) as container:
        track = video_track(container)
        for packet in tolerant_packets(container, track):
            for frame in _tolerant(track.codec_context, packet):
                yield next(numbers), frame
        for frame in _tolerant(track.codec_context, None):
            yield next(numbers), frame


def _tolerant(decoder: Any, packet: Any) -> list[Any]:
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        return list(decoder.decode(packet))
    except MemoryError:
        raise
    except FFmpegError:
        return []


def _strictly(track: Any, packets: Iterator[Any]) -> Iterator[Any]:
    from av.error import FFmpegError  # noqa: PLC0415

    try:
        for packet in packets:
            yield from packet.decode()
        yield from track.codec_context.decode(None)
    except MemoryError:
        raise
    except FFmpegError as error:
        raise Mismatch(f"damaged pictures: {error}") from error


def _entry_time(index: VideoIndex, times: Times, first: int) -> int | None:
    """Time of the key picture to begin with; None for the beginning of the file."""
    place = max(
        (n for n, group in enumerate(index.groups) if group.first <= first and group.frames), default=0
    )
    if index.groups[place].leading:
        place -= (
            1  # the pictures before its key picture refer to the group before, though not to what leads that
        )
    if place <= 0 or index.groups[place].hidden:
        return None
    return times[index.groups[place].first + index.groups[place].leading]


def packets_from(container: Any, track: Any, entry: int) -> Iterator[Any] | None:
    """The track's packets from the key picture at `entry` on; None when the container does not lead there."""
    from av.error import FFmpegError  # noqa: PLC0415

    for seconds in _FURTHER_BACK:
        try:
            container.seek(entry - round(seconds / track.time_base), stream=track, backward=True)
        except FFmpegError:
            continue
        packets = tolerant_packets(container, track)
        keys = (packet for packet in packets if packet.is_keyframe and packet.pts is not None)
        for packet in keys:
            if packet.pts == entry:
                return chain([packet], packets)
            if packet.pts > entry:
                break
    return None
