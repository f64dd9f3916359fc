"""What is heard in a clip? Of a single stretch the packets as they are stored, else sound that is cut to the sample.

A track is read by itself, so that it can be given beside the picture however the file was interleaved.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.media.facts import codec
from openvod.media.probe import open_media
from openvod.media.rewrite.demux import tolerant_packets
from openvod.media.rewrite.other_tracks import HELD, add_aac, describe

PREROLL = Fraction(1, 10)
"""Seconds of packets before the stretch that decoders need to be in tune (Opus 80 ms, MP3 some packets, AAC one); an edit
list says not to play them."""
JITTER = 0.04
"""Seconds that a time stamp may be off before it counts, as in `media.audio`."""
RAMP = 0.005
"""Seconds in which sound comes and goes where stretches meet: a jump would be heard as a click."""
_FURTHER_BACK = (0.5, 5.0)
"""Seconds before the stretch at which to begin to read; else from the beginning of the file."""
_BLOCK = 1024

Samples = NDArray[np.float32]
"""`[channels, samples]`, -1 to 1."""
Span = tuple[Fraction, Fraction]
"""From when until when, in seconds of the file's own clock."""


def add(path: Path, source: Any, output: Any, spans: Sequence[Span]) -> tuple[list[Iterator[Any]], list[str]]:
    """Add the audio tracks of `source` (which is `path`) to `output`.

    Gives the packets of each track in order, with times from 0 on, and what is not kept as it is.
    """
    lanes: list[Iterator[Any]] = []
    notes = []
    for track in source.streams.audio:
        name = codec(track)
        if len(spans) == 1 and name in HELD:
            target = output.add_stream_from_template(track, opaque=True)
            describe(track, target)
            lanes.append(_copied(path, track.index, target, spans[0]))
        elif name and track.rate and track.channels:
            lanes.append(_encoded(path, track.index, add_aac(output, track), spans))
            notes.append(f"track {track.index}: {name} sound is encoded anew as AAC")
        else:
            notes.append(f"track {track.index}: {name or 'unknown'} sound cannot be decoded")
    notes += [
        f"track {track.index}: {codec(track) or 'unknown'} subtitles are not cut"
        for track in source.streams.subtitles
    ]
    return lanes, notes


def _copied(path: Path, number: int, target: Any, span: Span) -> Iterator[Any]:
    """The packets that are heard in the span, and a few before it at times below 0."""
    begin, end = span
    last: int | None = None
    for packet in _packets(path, number, begin - PREROLL):
        tick = packet.time_base
        start, until = packet.pts * tick, (packet.pts + (packet.duration or 0)) * tick
        if start >= end:
            return
        if until <= begin - PREROLL:
            continue
        place = packet.pts - round(begin / tick)
        if last is not None and place <= last:
            continue  # a damaged source goes back in time
        last = packet.pts = packet.dts = place
        if until > end:
            packet.duration = max(1, round((end - begin) / tick) - place)
        packet.stream = target
        yield packet


def _packets(path: Path, number: int, begin: Fraction) -> Iterator[Any]:
    """Packets of a track with times, from one that begins before `begin` seconds on."""
    from av.error import FFmpegError  # noqa: PLC0415

    for back in _FURTHER_BACK:
        with open_media(path) as container:
            track = container.streams[number]
            assert track.time_base
            try:
                container.seek(int((begin - Fraction(back)) / track.time_base), stream=track)
            except FFmpegError:
                continue
            packets = _timed(container, track)
            first = next(packets, None)
            if first is not None and first.pts * first.time_base <= begin:
                yield first
                yield from packets
                return
    with open_media(path) as container:
        yield from _timed(container, container.streams[number])


def _timed(container: Any, track: Any) -> Iterator[Any]:
    return (packet for packet in tolerant_packets(container, track) if packet.pts is not None)


def _encoded(path: Path, number: int, target: Any, spans: Sequence[Span]) -> Iterator[Any]:
    """AAC of all spans one after the other, each exactly as long as its pictures are shown."""
    return encoded(heard(path, number, target, spans), target)


def encoded(blocks: Iterable[Samples], target: Any) -> Iterator[Any]:
    """Packets of an AAC track, from time 0 on; the blocks have its rate and number of channels."""
    from av.audio.frame import AudioFrame  # noqa: PLC0415
    from av.audio.resampler import AudioResampler  # noqa: PLC0415

    chunks = AudioResampler("fltp", target.layout, target.rate, _BLOCK)
    written = 0
    for block in blocks:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=target.layout.name)
        frame.sample_rate, frame.time_base, frame.pts = target.rate, Fraction(1, target.rate), written
        written += block.shape[1]
        for piece in chunks.resample(frame):
            yield from target.encode(piece)
    for piece in chunks.resample(None):
        yield from target.encode(piece)
    yield from target.encode(None)


def heard(path: Path, number: int, target: Any, spans: Sequence[Span]) -> Iterator[Samples]:
    """What spans of a track sound like, one after the other, in the rate and layout of `target`, whole to the sample."""
    length = Fraction(0)
    for place, (begin, end) in enumerate(spans):
        first = round(length * target.rate)
        length += end - begin
        count = round(length * target.rate) - first
        ramps = (place > 0, place < len(spans) - 1)
        at = 0
        for block in _Stretch(target, float(begin), count).samples(_packets(path, number, begin - PREROLL)):
            yield block * _gain(at, block.shape[1], count, ramps, target.rate)
            at += block.shape[1]


def _gain(at: int, length: int, count: int, ramps: tuple[bool, bool], rate: int) -> Samples:
    """How loud samples `at` and following of `count` are, `[length]`: less near the ends that have a ramp."""
    place = np.arange(at, at + length, dtype=np.float32) + np.float32(0.5)
    steps = np.float32(max(1.0, RAMP * rate))
    gain = np.ones(length, np.float32)
    if ramps[0]:
        gain = np.minimum(gain, place / steps)
    if ramps[1]:
        gain = np.minimum(gain, (count - place) / steps)
    return gain


@dataclass(slots=True)
class _Stretch:
    """Puts decoded sound in its place: holes become silence, overlaps are trimmed."""

    target: Any
    """The track whose rate and layout is wanted."""
    begin: float
    """Seconds of the file's clock at which the first sample is heard."""
    count: int
    """How many samples are wanted."""
    at: int = 0
    """Where the next sample out of the resampler belongs."""
    written: int = 0

    def samples(self, packets: Iterable[Any]) -> Iterator[Samples]:
        """`count` samples in blocks."""
        resampler: Any = None
        due: float | None = None
        kind = None
        for frame in _decoded(packets):
            time = frame.pts * float(frame.time_base) - self.begin if frame.pts is not None else due or 0.0
            form = (frame.format.name, frame.layout.name, frame.sample_rate)
            if due is None or form != kind or abs(time - due) > JITTER:
                yield from self._placed(resampler.resample(None) if resampler else ())
                resampler, kind, due, self.at = self._resampler(), form, time, round(time * self.target.rate)
            due += frame.samples / frame.sample_rate
            frame.pts = None
            yield from self._placed(resampler.resample(frame))
            if self.written >= self.count:
                return
        yield from self._placed(resampler.resample(None) if resampler else ())
        self.at = self.count
        yield from self._silence()

    def _resampler(self) -> Any:
        from av.audio.resampler import AudioResampler  # noqa: PLC0415

        return AudioResampler("fltp", self.target.layout, self.target.rate)

    def _placed(self, frames: Iterable[Any]) -> Iterator[Samples]:
        for frame in frames:
            block = frame.to_ndarray()
            yield from self._silence()
            part = block[:, max(0, self.written - self.at) : max(0, self.count - self.at)]
            if part.shape[1]:
                self.written += part.shape[1]
                yield part
            self.at += block.shape[1]

    def _silence(self) -> Iterator[Samples]:
        until = min(self.at, self.count)
        while self.written < until:
            length = min(self.target.rate, until - self.written)
            self.written += length
            yield np.zeros((self.target.layout.nb_channels, length), np.float32)


def _decoded(packets: Iterable[Any]) -> Iterator[Any]:
    """The frames of packets; damaged ones are passed over, as players do. Decoders of sound hold nothing back."""
    from av.error import FFmpegError  # noqa: PLC0415

    for packet in packets:
        try:
            yield from packet.decode()
        except FFmpegError:
            continue
