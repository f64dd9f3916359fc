"""What does a video show at a given moment? A few pictures in colour, upright, without reading what comes before."""

from collections.abc import Iterator
from itertools import chain, dropwhile, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets, video_track

Rgb = NDArray[np.uint8]

FURTHER_BACK = (0, 2, 10, 30)
"""Seconds before the wanted moment to begin at: containers without an index lead to pictures that need earlier ones."""


def upright_at(path: Path, seconds: float, count: int = 1) -> list[Rgb]:
    """Up to `count` consecutive pictures `[h, w, 3]` RGB from the one that is shown `seconds` after the start; fewer at the
    end, and none where the file cannot be decoded. Raises TaskFault when it cannot be opened."""
    with open_media(path) as container:
        track = video_track(container)
        wanted = seconds + (container.start_time or 0) / 1_000_000
        half = 0.5 / float(track.average_rate or 25)
        for back in FURTHER_BACK:
            pictures = (each for each in _from(container, track, wanted - back) if each.pts is not None)
            first = next(pictures, None)
            if first is not None and first.pts * track.time_base <= wanted + half:
                shown = (p for p in chain([first], pictures) if p.pts * track.time_base >= wanted - half)
                return [_upright(picture) for picture in islice(shown, count)]
    return []


def _from(container: Any, track: Any, seconds: float) -> Iterator[Any]:
    """The pictures from the last key picture before a time on, or from the next one where the container cannot tell."""
    from av.error import FFmpegError  # noqa: PLC0415 - only in media processes

    try:
        container.seek(max(0, round(seconds / track.time_base)), stream=track, backward=True)
    except FFmpegError:
        return
    packets = dropwhile(lambda packet: not packet.is_keyframe, tolerant_packets(container, track))
    for packet in chain(packets, [None]):
        try:
            yield from track.codec_context.decode(packet)
        except FFmpegError:
            continue  # a damaged packet, as players pass over it


def _upright(picture: Any) -> Rgb:
    pixels: Rgb = picture.to_ndarray(format="rgb24")
    return np.ascontiguousarray(np.rot90(pixels, round(picture.rotation / 90) % 4))
