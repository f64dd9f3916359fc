"""How do old and new packets become one file? An MP4 that begins with its index, so that it plays while it loads."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from openvod.core.models import Json
from openvod.media import h264
from openvod.media.probe import open_media
from openvod.media.rewrite import encoding, new_packets, other_tracks
from openvod.media.rewrite.demux import tolerant_packets, video_track
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.planning import Segment

OUTPUT = "output.mp4"
"""Name of the file in the folder of `assemble`."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the file is made of."""

    index: VideoIndex
    way: str
    times: Times
    segments: list[tuple[Segment, Path]]
    sets: list[bytes]
    reorder: int


def assemble(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `OUTPUT` into the folder.

    Takes `{"source", "index", "times", "way", "segments": [{"segment", "folder", "answer"}]}`, the answers being those of
    `segment.rewrite`. Answers `{"notes": [text]}`: what could not be copied as it is.
    """
    import av  # noqa: PLC0415

    parts = _parts(argument)
    with (
        open_media(Path(argument["source"])) as source,
        av.open(OUTPUT, "w", format="mp4", container_options=options(parts.index)) as output,
    ):
        track = video_track(source)
        origin = parts.index.origin * Fraction(*parts.index.time_base)
        video = _Video(parts, add_video(output, track, parts.index, parts.sets, copied=parts.way == "copy"))
        tracks = other_tracks.add(source, output, track, origin)
        other_tracks.add_tags(source, output, origin)
        output.start_encoding()
        for packet in tolerant_packets(source):
            if packet.stream_index == track.index:
                progress(video.done)
                output.mux(video.take(packet))
            elif packet.stream_index in tracks.lanes:
                output.mux(tracks.lanes[packet.stream_index](packet))
        for end in (video.end, *tracks.ends):
            output.mux(end())
    return {"notes": tracks.notes}


def options(index: VideoIndex) -> dict[str, str]:
    """What the muxer is told. The clock of edit lists is the video's, or a late start would be rounded to milliseconds."""
    clock = index.time_base[1]
    while clock < 10_000:
        clock *= 2  # as libav does with the track's
    return {"movflags": "+faststart", "movie_timescale": str(clock)}


def _parts(argument: Json) -> _Parts:
    index = VideoIndex.load(argument["index"])
    segments = [(Segment.load(item["segment"]), Path(item["folder"])) for item in argument["segments"]]
    answers = [item["answer"] for item in argument["segments"]]
    serial = argument["way"] == "serial"
    times = segments[0][1] / new_packets.TIMES if serial else Path(argument["times"])
    copied = index.reorder if argument["way"] == "copy" else 0
    return _Parts(
        index=index,
        way=argument["way"],
        times=Times.read(times),
        segments=segments,
        sets=list(dict.fromkeys(bytes.fromhex(text) for answer in answers for text in answer["sets"])),
        reorder=max([copied, *(int(answer["reorder"]) for answer in answers)]),
    )


def add_video(output: Any, track: Any, index: VideoIndex, sets: Sequence[bytes], *, copied: bool) -> Any:
    """The target's video track: described as the source's `track` is where packets of it are `copied`, or as the new
    encoder describes its own pictures. `sets` are the parameter sets of new H.264 pictures.
    """
    if copied:
        target = output.add_stream_from_template(track, opaque=True)
        extradata = track.codec_context.extradata or b""
        if sets:
            target.codec_context.extradata = h264.with_sets(extradata, sets)
    else:
        target = output.add_stream(index.recipe["codec"], rate=Fraction(*index.rate))
        encoding.configure(target.codec_context, index.recipe)
        target.time_base = Fraction(*index.time_base)
    if index.recipe["turn"]:
        target.set_display_matrix(index.recipe["turn"])
    if index.recipe["aspect"][0] > 0:
        target.codec_context.sample_aspect_ratio = Fraction(*index.recipe["aspect"])
    other_tracks.describe(track, target)
    return target


class _Video:
    """The target's video packets, given one for one as the source's come along, so that sound stays beside them.

    All decoding times are made anew from the frames' times: packet n is decoded when frame n - reorder is shown. This
    never contradicts the order of display, and leaves no gaps where old and new packets meet.
    """

    def __init__(self, parts: _Parts, target: Any) -> None:
        self._parts = parts
        self._target = target
        self._time_base = Fraction(*parts.index.time_base)
        self._prefix = parts.way == "copy" and parts.index.length_size == 4
        self._segments = iter(parts.segments)
        self._next = next(self._segments, None)
        self._new: Iterator[Any] = iter(())
        self._until = 0
        """Number of the source's packet at which the current segment is over."""
        self._read = self._written = 0

    @property
    def done(self) -> float:
        """0 to 1."""
        return min(1.0, self._written / max(1, len(self._parts.times)))

    def take(self, packet: Any) -> Iterator[Any]:
        """What to write when the source gives its next video packet."""
        number = self._read
        self._read += 1
        if number >= self._until:
            yield from self._new
            self._begin(number)
        if number < self._until:
            yield from self._one_new()
        else:
            packet.pts, packet.dts, packet.duration = self._placed(packet.pts)
            packet.stream = self._target
            yield packet

    def end(self) -> Iterator[Any]:
        """What is left, also of segments that a damaged source did not come to."""
        yield from self._new
        while self._next:
            self._begin(self._next[0].first_packet)
            yield from self._new

    def _begin(self, number: int) -> None:
        if self._next and number >= self._next[0].first_packet:
            segment, folder = self._next
            self._until = segment.first_packet + segment.packets
            self._new = self._packets(segment, folder)
            self._next = next(self._segments, None)

    def _one_new(self) -> Iterable[Any]:
        packet = next(self._new, None)
        return () if packet is None else (packet,)

    def _packets(self, segment: Segment, folder: Path) -> Iterator[Any]:
        import av  # noqa: PLC0415

        for new in new_packets.read(folder):
            packet = av.Packet(h264.prefixed(new.data) if self._prefix else new.data)
            packet.is_keyframe = new.key
            packet.time_base = self._time_base
            packet.pts, packet.dts, packet.duration = self._placed(
                self._parts.times[segment.first + new.place]
            )
            packet.stream = self._target
            yield packet

    def _placed(self, pts: int) -> tuple[int, int, int]:
        """Display time, decoding time and duration of the next packet, whose frame is shown at `pts` in the source."""
        times, index = self._parts.times, self._parts.index
        place = bisect_left(times, pts)
        following = times[place + 1] - pts if place + 1 < len(times) else index.last_duration
        turn = self._written - self._parts.reorder
        dts = times[turn] if turn >= 0 else times[0] + turn * index.step
        self._written += 1
        return pts - index.origin, dts - index.origin, max(0, following)
