"""How does sound follow a film whose time and pitch are changed? Through libav's filters, as it streams by."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from openvod.media.facts import codec
from openvod.media.rewrite.other_tracks import Tracks, add_aac

_BLOCK = 256
"""Samples that are kept or left out together: 6 ms."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What becomes of the sound."""

    pitch: float
    """1.03: three per cent higher."""
    speed: float
    """1.03: three per cent shorter."""
    cuts: Sequence[tuple[float, float]]
    """Spans that are left out, in seconds of the source's clock."""
    before: float
    """Seconds before it begins."""


def adder(sounding: Sounding) -> Callable[[Any, Any, Any, Fraction], Tracks]:
    """A `rendering.AddTracks` that changes the sound, and leaves out what is neither sound nor the picture."""

    def add(source: Any, output: Any, main: Any, origin: Fraction) -> Tracks:
        tracks = Tracks({}, [], [])
        for track in source.streams:
            if track.type == "audio" and codec(track) and track.rate and track.channels:
                lane = _Lane(track, add_aac(output, track), sounding, origin)
                tracks.lanes[track.index] = lane.take
                tracks.ends.append(lane.end)
            elif track.index != main.index:
                tracks.notes.append(f"track {track.index}: {track.type} is not kept when a film is remade")
        return tracks

    return add


class _Lane:
    """One track on its way."""

    def __init__(self, track: Any, target: Any, sounding: Sounding, origin: Fraction) -> None:
        self._target, self._origin, self._sounding = target, origin, sounding
        self._form: Any = None
        self._resampler: Any = None
        self._graph = _graph(target, sounding)
        self._written = round(sounding.before * target.rate)
        self._track = track

    def take(self, packet: Any) -> Iterator[Any]:
        """New packets, for a packet of the source; a damaged one has no sound."""
        from av.error import FFmpegError  # noqa: PLC0415

        try:
            frames = list(packet.decode())
        except MemoryError:
            raise
        except FFmpegError:
            return
        for frame in frames:
            yield from self._through(self._alike(frame))

    def end(self) -> Iterator[Any]:
        """What is left."""
        if self._resampler is not None:
            yield from self._through(self._resampler.resample(None))
            self._graph.push(None)
            yield from self._pulled()
        yield from self._target.encode(None)

    def _alike(self, frame: Any) -> Iterable[Any]:
        from av.audio.resampler import AudioResampler  # noqa: PLC0415

        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        pieces: list[Any] = []
        if form != self._form:
            pieces = self._resampler.resample(None) if self._resampler else []
            self._form, self._resampler = form, AudioResampler("fltp", self._target.layout, self._target.rate)
        if frame.pts is not None:
            frame.pts -= round(self._origin / frame.time_base)
        return [*pieces, *self._resampler.resample(frame)]

    def _through(self, frames: Iterable[Any]) -> Iterator[Any]:
        for frame in frames:
            self._graph.push(frame)
            yield from self._pulled()

    def _pulled(self) -> Iterator[Any]:
        from av.error import BlockingIOError, EOFError  # noqa: PLC0415

        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            frame.pts, frame.time_base = self._written, Fraction(1, self._target.rate)
            self._written += frame.samples
            yield from self._target.encode(frame)


def _graph(target: Any, sounding: Sounding) -> Any:
    """Put in its place, cut, made higher or lower, made shorter or longer, in frames that AAC takes."""
    from av.filter import Graph  # noqa: PLC0415

    rate = target.rate
    graph = Graph()
    steps = [
        graph.add_abuffer(
            sample_rate=rate, format="fltp", layout=target.layout.name, time_base=Fraction(1, rate)
        ),
        graph.add("aresample", f"{rate}:async=1000:min_hard_comp=0.05:first_pts=0"),
    ]
    if sounding.cuts:
        spans = "+".join(f"between(t,{begin:.3f},{end:.3f})" for begin, end in sounding.cuts)
        steps.append(graph.add("asetnsamples", f"n={_BLOCK}:p=0"))
        steps.append(graph.add("aselect", f"expr='not({spans})'"))
        steps.append(graph.add("asetpts", "N/SR/TB"))
    steps += [
        graph.add("asetrate", str(round(rate * sounding.pitch))),
        graph.add("aresample", str(rate)),
        graph.add("atempo", f"{sounding.speed / sounding.pitch:.6f}"),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={rate}:channel_layouts={target.layout.name}"),
        graph.add("asetnsamples", "n=1024:p=0"),
        graph.add("abuffersink"),
    ]
    for one, other in pairwise(steps):
        one.link_to(other)
    graph.configure()
    return graph
