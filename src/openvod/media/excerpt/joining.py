"""How do the pieces of a clip become one file? An MP4 that begins with its index, picture and sound side by side."""

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from openvod.core.models import Json
from openvod.media import h264
from openvod.media.excerpt import sound
from openvod.media.excerpt.planning import Piece, laid
from openvod.media.probe import open_media
from openvod.media.rewrite import FrameRange, assemble, new_packets
from openvod.media.rewrite.decoding import Mismatch, packets_from
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.other_tracks import NOT_OURS

OUTPUT = "output.mp4"
"""Name of the file in the folder of `join`."""


def join(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `OUTPUT` into the folder.

    Takes `{"source", "index", "times", "way", "stretches": [[first, end]], "pieces": [Piece and its segment's "folder"], "sets",
    "reorder"}`. Answers `{"fault", "seconds", "notes"}`: an empty text, or how the packets are not as the index says; how long
    the clip is; and what was left out or changed.
    """
    import av  # noqa: PLC0415

    clip = _clip(argument)
    with (
        open_media(clip.source) as source,
        av.open(OUTPUT, "w", format="mp4", container_options=assemble.options(clip.index)) as output,
    ):
        track = video_track(source)
        target = assemble.add_video(output, track, clip.index, clip.sets, copied=clip.way == "copy")
        lanes, notes = sound.add(clip.source, source, output, clip.seconds)
        output.metadata.update({key: text for key, text in source.metadata.items() if key not in NOT_OURS})
        output.start_encoding()
        try:
            packets = heapq.merge(_Video(clip, target, progress).packets(), *lanes, key=_when)
            for packet in packets:
                output.mux(packet)
        except Mismatch as mismatch:
            return {"fault": str(mismatch), "seconds": 0.0, "notes": []}
    tick = Fraction(*clip.index.time_base)
    return {"fault": "", "seconds": float(clip.begins[-1] * tick), "notes": notes}


@dataclass(frozen=True, slots=True)
class _Clip:
    """What the file is made of."""

    source: Path
    index: VideoIndex
    times: Times
    way: str
    stretches: list[FrameRange]
    pieces: list[tuple[Piece, Path]]
    sets: list[bytes]
    reorder: int
    shown: Times
    """When each frame of the clip is shown, in ticks."""
    begins: list[int]
    """When each stretch begins in the clip, and when the clip ends."""

    @property
    def seconds(self) -> list[tuple[Fraction, Fraction]]:
        """From when until when each stretch is shown in the source, by the clock of the file."""
        tick = Fraction(*self.index.time_base)
        found = []
        for place, part in enumerate(self.stretches):
            begin = self.times[part.first]
            end = begin + self.begins[place + 1] - self.begins[place]
            found.append((begin * tick, end * tick))
        return found


def _clip(argument: Json) -> _Clip:
    index = VideoIndex.load(argument["index"])
    times = Times.read(Path(argument["times"]))
    stretches = [FrameRange(*part) for part in argument["stretches"]]
    shown, begins = laid(index, times, stretches)
    pieces = []
    for value in argument["pieces"]:
        fields = {**value}
        folder = Path(fields.pop("folder"))
        pieces.append((Piece.load(fields), folder))
    return _Clip(
        source=Path(argument["source"]),
        index=index,
        times=times,
        way=argument["way"],
        stretches=stretches,
        pieces=pieces,
        sets=[bytes.fromhex(text) for text in argument["sets"]],
        reorder=max(int(argument["reorder"]), index.reorder if argument["way"] == "copy" else 0),
        shown=shown,
        begins=begins,
    )


def _when(packet: Any) -> Fraction:
    when: Fraction = packet.dts * packet.time_base
    return when


class _Video:
    """The clip's video packets.

    All decoding times are made anew: packet n is decoded when frame n - reorder is shown, so that there are no gaps where
    pieces meet.
    """

    def __init__(self, clip: _Clip, target: Any, progress: Callable[[float], None]) -> None:
        self._clip = clip
        self._target = target
        self._time_base = Fraction(*clip.index.time_base)
        self._prefix = clip.way == "copy" and clip.index.length_size == 4
        self._progress = progress
        self._written = 0

    def packets(self) -> Iterator[Any]:
        """All of them. Raises Mismatch where the source has others than the index says."""
        first = 0
        for piece, folder in self._clip.pieces:
            found = self._copied(piece) if piece.packets else self._new(folder)
            for place, packet in found:
                yield self._placed(packet, first + place)
            first += piece.frames
            self._progress(first / len(self._clip.shown))

    def _new(self, folder: Path) -> Iterator[tuple[int, Any]]:
        import av  # noqa: PLC0415

        for new in new_packets.read(folder):
            packet = av.Packet(h264.prefixed(new.data) if self._prefix else new.data)
            packet.is_keyframe = new.key
            packet.time_base = self._time_base
            yield new.place, packet

    def _copied(self, piece: Piece) -> Iterator[tuple[int, Any]]:
        """The piece's packets with the number of their frame in it."""
        times = self._clip.times
        numbers = range(piece.first, piece.end)
        count = 0
        for packet in _read(self._clip.source, piece, times[piece.first]):
            number = bisect_left(numbers, packet.pts, key=times.__getitem__) if packet.pts is not None else -1
            if not 0 <= number < piece.frames or times[piece.first + number] != packet.pts:
                raise Mismatch(f"a packet at {packet.pts} among frames {piece.first} to {piece.end - 1}")
            count += 1
            yield number, packet
        if count != piece.packets:
            raise Mismatch(f"the source breaks off after {count} of {piece.packets} packets")

    def _placed(self, packet: Any, place: int) -> Any:
        shown = self._clip.shown
        end = shown[place + 1] if place + 1 < len(shown) else self._clip.begins[-1]
        turn = self._written - self._clip.reorder
        packet.pts = shown[place]
        packet.dts = shown[turn] if turn >= 0 else shown[0] + turn * self._clip.index.step
        packet.duration = end - shown[place]
        packet.stream = self._target
        self._written += 1
        return packet


def _read(source: Path, piece: Piece, entry: int) -> Iterator[Any]:
    """The packets of a copied piece, whose key picture is shown at `entry` ticks."""
    with open_media(source) as container:
        track = video_track(container)
        packets = packets_from(container, track, entry)
        if packets is not None:
            yield from islice(packets, piece.packets)
            return
    with open_media(source) as container:
        packets = tolerant_packets(container, video_track(container))
        yield from islice(packets, piece.first_packet, piece.first_packet + piece.packets)


def copied_frames(pieces: Sequence[Piece]) -> Iterator[tuple[int, FrameRange]]:
    """For each copied piece the number of its first frame in the clip, and its frames in the source."""
    first = 0
    for piece in pieces:
        if piece.packets:
            yield first, FrameRange(piece.first, piece.end)
        first += piece.frames
