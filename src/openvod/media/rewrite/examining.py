"""How is this video stored? A pass over its packets, and a few decoded pictures for quality and tags."""

import hashlib
import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media import formats, h264
from openvod.media.facts import codec
from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.index import Group, Times, VideoIndex, Way, fraction
from openvod.media.rewrite.quality import Look, look

TIMES = "times"
"""Name of the file with the frames' times in the folder of `examine`."""

_KEY, _IDR, _HIDDEN = 1, 2, 4


def examine(argument: Json, progress: Callable[[float], None]) -> Json:  # noqa: ARG001
    """A sandbox target: `{"source": path}` -> `VideoIndex.dump()`; writes `TIMES` into the folder.

    Raises TaskFault `SourceFileError.NoVideoMedia` without a video track, `SourceFileError.ContentMalformed`
    when no picture decodes, `SourceFileError.ContentUnsupported` for still images.
    """
    source = Path(argument["source"])
    with open_media(source) as container:
        if formats.image(container.format.name, container.metadata.get("major_brand", "")):
            raise TaskFault(
                "SourceFileError.ContentUnsupported",
                reason=Text("it is an image, not a video", "这是图片而非视频"),
            )
        track = video_track(container)
        seen = _packets(container, track)
        origin = _origin(container, track)
    quality = _look(source, seen)
    times, groups, faults = _groups(seen)
    name = codec(track)
    ways, reason = _ways(seen, faults, quality, name)
    if ways[0] == "serial":
        times, groups = array("q"), []
    Times(times).save(Path(TIMES))
    return VideoIndex(
        codec=name,
        width=quality.recipe["width"],
        height=quality.recipe["height"],
        stored_pixels=quality.stored_pixels,
        time_base=seen.time_base,
        rate=seen.rate,
        frames=len(times) or len(seen.flags),
        origin=origin,
        last_duration=seen.last_duration,
        reorder=_reorder(seen, groups),
        length_size=seen.length_size,
        ways=ways,
        reason=reason,
        identity=hashlib.sha256(seen.digest.digest()).hexdigest(),
        recipe=quality.recipe,
        groups=tuple(groups),
    ).dump()


@dataclass(slots=True)
class _Seen:
    """What the packets of the track say, in the order of decoding."""

    time_base: tuple[int, int]
    rate: tuple[int, int]
    length_size: int
    pts: "array[int]" = field(default_factory=lambda: array("q"))
    flags: bytearray = field(default_factory=bytearray)
    bytes: int = 0
    last_duration: int = 0
    missing: bool = False
    """A packet has no time, or says that it is damaged."""
    used_ids: set[int] = field(default_factory=set)
    """H.264: numbers of the parameter sets."""
    x264_build: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def step(self) -> int:
        """Mean ticks a frame."""
        return max(1, round(1 / (Fraction(*self.rate) * Fraction(*self.time_base))))


def _packets(container: Any, track: Any) -> _Seen:
    extradata = track.codec_context.extradata or b""
    is_h264 = codec(track) == "h264"
    seen = _Seen(
        time_base=fraction(track.time_base, (1, 90_000)),
        rate=fraction(track.average_rate or track.guessed_rate, (25, 1)),
        length_size=h264.length_size(extradata) if is_h264 else 0,
    )
    if is_h264:
        _note_ids(seen, h264.parameter_sets(extradata))
    latest = -math.inf
    for packet in tolerant_packets(container, track):
        flags = _HIDDEN if packet.is_discard else 0
        if packet.is_keyframe:
            flags |= _entry(seen, bytes(packet)) if is_h264 else _KEY | _IDR
        if packet.pts is None or packet.is_corrupt:
            seen.missing = True
        elif packet.pts > latest:
            latest, seen.last_duration = packet.pts, packet.duration or 0
        seen.pts.append(packet.pts or 0)
        seen.flags.append(flags)
        seen.bytes += packet.size
        seen.digest.update(f"{packet.pts},{packet.size},{flags};".encode())
    if not seen.flags:
        raise TaskFault(
            "SourceFileError.ContentMalformed", reason=Text("its video track is empty", "视频轨为空")
        )
    seen.last_duration = seen.last_duration or seen.step
    return seen


def _entry(seen: _Seen, packet: bytes) -> int:
    """Also keeps the numbers of parameter sets. Pictures of "periodic refresh" are no place to start at."""
    seen.x264_build = seen.x264_build or h264.x264_build(packet)
    units = list(h264.units(packet, seen.length_size))
    _note_ids(seen, [unit for unit in units if h264.kind(unit) in (h264.SPS, h264.PPS)])
    return {h264.IDR: _KEY | _IDR, h264.SLICE: _KEY}.get(h264.starts_at(packet, seen.length_size), 0)


def _note_ids(seen: _Seen, sets: list[bytes]) -> None:
    for unit in sets:
        try:
            seen.used_ids.add(h264.set_id(unit))
        except ValueError:
            seen.missing = True


def _origin(container: Any, track: Any) -> int:
    """In ticks of the track. MP4 says by edit lists when each track begins; elsewhere the first time is just a number."""
    start = container.start_time or 0
    if container.format.name == formats.MOV or start <= 0:
        return 0
    ticks: int = round(Fraction(start, 1_000_000) / track.time_base)
    return ticks


def _look(source: Path, seen: _Seen) -> Look:
    free = next((number for number in range(1, h264.MOST_IDS) if number not in seen.used_ids), 1)
    stored = seen.bytes / len(seen.flags)
    times = array("q") if seen.missing else seen.pts
    return look(source, times, seen.rate, stored, free)


def _groups(seen: _Seen) -> tuple["array[int]", list[Group], str]:
    """The frames' times in order of display, the groups, and what speaks against believing in them."""
    pts, flags = seen.pts, seen.flags
    if seen.missing:
        return array("q"), [], "packets without a time or with damage"
    if not flags[0] & _KEY:
        return array("q"), [], "the file does not begin with a key picture"
    starts = [place for place, flag in enumerate(flags) if flag & _KEY]
    groups: list[Group] = []
    frames, before = 0, -math.inf
    for start, end in zip(starts, [*starts[1:], len(flags)], strict=True):
        shown = [pts[place] for place in range(start, end) if not flags[place] & _HIDDEN]
        low, high = min(pts[start:end]), max(pts[start:end])
        if low <= before:
            return array("q"), [], "times of neighbouring groups overlap"
        before = high
        leading = sum(time < pts[start] for time in shown)
        hidden = len(shown) < end - start
        joint = low == pts[start] and bool(flags[start] & _IDR)
        groups.append(Group(frames, len(shown), start, end - start, leading, joint, hidden))
        frames += len(shown)
    times = array("q", sorted(pts[place] for place in range(len(pts)) if not flags[place] & _HIDDEN))
    if len(set(pts)) < len(pts) or not times:
        return array("q"), [], "several packets with the same time"
    return times, groups, ""


def _ways(seen: _Seen, faults: str, look: Look, name: str) -> tuple[tuple[Way, ...], str]:
    if faults or not look.clean:
        return ("serial",), faults or "damaged or changing pictures"
    why_not = ""
    if name != "h264":
        why_not = f"{name} is written anew as H.264"
    elif look.stored_pixels != look.recipe["pixels"]:
        why_not = f"no encoder for {look.stored_pixels}"
    elif seen.length_size not in (0, 4) or look.recipe["parameter_id"] in seen.used_ids:
        why_not = "an unusual form of H.264"
    elif 0 < seen.x264_build < h264.RIGHT_444 and "444" in look.stored_pixels:
        why_not = "4:4:4 of an old x264, which decoders take for such only until a new one's comes"
    return (("whole", "serial"), why_not) if why_not else (("copy", "whole", "serial"), "")


def _reorder(seen: _Seen, groups: list[Group]) -> int:
    """By how many places packets come before their turn, at most, over all groups that can be copied."""
    most = 0
    for group in groups:
        if not group.hidden:
            own = seen.pts[group.first_packet : group.first_packet + group.packets]
            rank = {time: place for place, time in enumerate(sorted(own))}
            most = max(most, *(place - rank[time] for place, time in enumerate(own)))
    return most
