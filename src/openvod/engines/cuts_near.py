"""Where, near given moments, does the picture cut? Asked of the file's key pictures, without decoding the film.

Encoders begin a new group of pictures where the picture changes wholly, and otherwise after a fixed length. So a key
picture that comes sooner than that is probably the first of a shot; it is one if it is unlike the key picture before it.
What this cannot see: cuts that got no key picture (encoders told to use groups of one length), dissolves and fades.
For moving a subtitle onto a cut that is enough: a cut that is missed leaves the subtitle where it was.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.shots import CUT, describe, distances
from openvod.media.frames import HEIGHT, WIDTH
from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets, video_track

Rgb = NDArray[np.uint8]

_ORDERED_WITHIN = 0.25
"""Seconds by which a picture is decoded before it is shown, at most; groups are longer than that."""


def cuts_near(source: Path, times: Sequence[float], reach: float) -> list[float]:
    """Cuts within `reach` seconds of any of `times`: when their first pictures are shown, in seconds from the start of the
    file, ascending. Raises TaskFault for a file that cannot be opened or has no video track.
    """
    wanted = sorted(times)
    with open_media(source) as container:
        track = video_track(container)
        # What lies behind a picture's place in the index is its decoding time, a few pictures before it is shown.
        slack = reach + 8 / float(track.average_rate or 25)
        origin = (container.start_time or 0) / 1_000_000
        keys = _keys(container, track)
        regular = _regular(keys, 1.5 / float(track.average_rate or 25) / float(track.time_base))
        pairs = [
            (before, after)
            for before, after in pairwise(keys)
            if after - before < regular and _is_near(wanted, after * float(track.time_base) - origin, slack)
        ]
        shown = (time - origin for time in _confirmed(container, track, pairs))
        return [time for time in shown if _is_near(wanted, time, reach)]


def _is_near(wanted: Sequence[float], time: float, reach: float) -> bool:
    at = bisect_left(wanted, time)
    return any(abs(moment - time) <= reach for moment in wanted[max(0, at - 1) : at + 1])


def _keys(container: Any, track: Any) -> list[int]:
    """When key pictures are decoded (shown, in some containers), in ticks: by the index, else by reading through."""
    from av.error import FFmpegError  # noqa: PLC0415 - only in media processes

    try:
        container.seek(0, stream=track)  # Matroska's index is at its end, and not read before it is needed
    except FFmpegError:
        return []
    keys = [entry.timestamp for entry in track.index_entries if entry.is_keyframe]
    if len(keys) < 2:
        keys = [
            packet.dts if packet.dts is not None else packet.pts
            for packet in tolerant_packets(container, track)
            if packet.is_keyframe and (packet.dts is not None or packet.pts is not None)
        ]
    return sorted(set(keys))


def _regular(keys: Sequence[int], hair: float) -> float:
    """From which length on, in ticks, a group says nothing: the longest one, if it comes more than once."""
    lengths = sorted(after - before for before, after in pairwise(keys))
    recurs = len(lengths) > 1 and lengths[-1] - lengths[-2] < hair
    return lengths[-1] - hair if recurs else float("inf")


def _confirmed(container: Any, track: Any, pairs: Sequence[tuple[int, int]]) -> Iterator[float]:
    """When those pictures are shown that are unlike the key picture before them, in seconds."""
    from av.video.reformatter import VideoReformatter  # noqa: PLC0415 - only in media processes

    scaler = VideoReformatter()
    known: dict[int, tuple[float, Rgb] | None] = {}
    for before, after in pairs:
        known = {key: seen for key, seen in known.items() if key == before}
        for key in (before, after):
            if key not in known:
                known[key] = _look(container, track, key, scaler)
        one, other = known[before], known[after]
        if one and other and _are_unlike(one[1], other[1]):
            yield other[0]


def _are_unlike(one: Rgb, other: Rgb) -> bool:
    return bool(distances(describe(np.stack([one, other]), np.zeros(2)), 1)[0] > CUT)


def _look(container: Any, track: Any, key: int, scaler: Any) -> tuple[float, Rgb] | None:
    """When a key picture is shown, and its thumbnail; None where the file does not give it."""
    from av.error import FFmpegError  # noqa: PLC0415 - only in media processes

    decoder = track.codec_context
    try:
        packet = _packet(container, track, key)
        if packet is None:
            return None
        pictures = [*decoder.decode(packet), *decoder.decode(None)]
    except FFmpegError:
        return None
    finally:
        decoder.flush_buffers()
    if not pictures or pictures[0].pts is None:
        return None
    tiny = scaler.reformat(pictures[0], WIDTH, HEIGHT, "rgb24", interpolation="AREA").to_ndarray()
    return float(pictures[0].pts * track.time_base), tiny.astype(np.uint8, copy=False)


def _packet(container: Any, track: Any, key: int) -> Any:
    """The packet of a key picture. Some containers are searched by when pictures are shown, a little after that."""
    for later in (_ORDERED_WITHIN, 0.0):
        container.seek(key + round(later / track.time_base), stream=track, backward=True)
        packet = next((each for each in tolerant_packets(container, track) if each.is_keyframe), None)
        if packet is not None and key in (packet.dts, packet.pts):
            return packet
    return None
