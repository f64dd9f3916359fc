"""What does the file sound like over time? One track as mono samples, on the clock that players show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.media.downmix import mixable
from openvod.media.packets import packets
from openvod.media.probe import open_media

if TYPE_CHECKING:
    import av

Samples = NDArray[np.float32]

RATE = 16000
"""Samples per second that the speech models expect."""
SEEK_MARGIN = 1.0
"""Seconds decoded before the wanted start, for codecs whose frames lean on earlier ones."""
UNSEEKABLE = frozenset({"mp3", "aac", "ac3", "eac3", "amr", "dts", "loas"})
"""Formats without times of their own: after a jump, the clock would be a guess from the byte position."""
JITTER = 0.04
"""Seconds that a time stamp may be off before it counts; containers round to milliseconds, players smooth over more."""
STEP_BACK = 1.0
"""Seconds of overlap that are trimmed; a longer step back is a clock that was reset, and the sound goes on instead."""
LONGEST_SILENCE = 3600.0
"""Seconds; a larger hole in a file that does not claim to be so long is a broken time stamp."""


def decode(source: Path, start: float = 0.0, end: float | None = None, rate: int = RATE) -> Iterator[Samples]:
    """Blocks of float32 mono samples, -1 to 1, about a second each, from `start` to `end` in seconds.

    Zero is the start of the presentation: sound that begins late is led in by silence, holes are filled and overlaps
    trimmed, so a sample's place is its time. The default audio track is taken, or else the first; channels that cancel
    out are not mixed. Damaged packets are skipped and a file that breaks off ends there. Raises `TaskFault`
    `SourceFileError.ContentUnsupported/no-audio` without an audio track, `SourceFileError.ContentMalformed` when no
    sound can be decoded.
    """
    with open_media(source) as container:
        track = _track(container)
        origin = (container.start_time or 0) / 1_000_000
        length = (container.duration or 0) / 1_000_000 + LONGEST_SILENCE
        if start > SEEK_MARGIN and not UNSEEKABLE & set(container.format.name.split(",")):
            _seek(container, track, origin + start - SEEK_MARGIN)
        clock = _Clock(
            rate,
            first=round(start * rate),
            last=None if end is None else round(end * rate),
            limit=round(length * rate),
            tick=float(track.time_base),
            origin=origin,
        )
        heard = False
        for frame in _frames(container, track):
            heard = True
            yield from clock.put(frame)
            if clock.done:
                return
        yield from clock.finish()
        if not heard and start <= SEEK_MARGIN:
            raise TaskFault(
                "SourceFileError.ContentMalformed", reason=Text("no sound can be decoded", "无法解码声音")
            )


def _track(container: "av.container.InputContainer") -> "av.AudioStream":
    tracks = container.streams.audio
    if not tracks:
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    return next((track for track in tracks if track.disposition & track.disposition.default), tracks[0])


def _seek(container: "av.container.InputContainer", track: "av.AudioStream", time: float) -> None:
    import av  # noqa: PLC0415

    try:
        container.seek(int(time / track.time_base), stream=track)
    except av.FFmpegError:
        container.seek(0)  # no index: from the beginning, then


def _frames(container: "av.container.InputContainer", track: "av.AudioStream") -> Iterator["av.AudioFrame"]:
    import av  # noqa: PLC0415

    reading = packets(container, track)
    while True:
        try:
            packet = next(reading, None)
        except av.FFmpegError:
            return  # the file breaks off
        if packet is None:
            return
        try:
            yield from packet.decode()
        except av.FFmpegError:
            continue  # a damaged packet


def _loudest(layout: str, rate: int) -> float:
    """What the resampler makes of full-scale sound in every channel at once: dividing by it rules clipping out.

    Measured rather than known, because the weights of the mix depend on the layout (and are more than 1 in sum).
    """
    import av  # noqa: PLC0415

    channels = av.AudioLayout(layout).nb_channels
    frame = av.AudioFrame.from_ndarray(np.ones((channels, rate), np.float32), format="fltp", layout=layout)
    frame.sample_rate = rate
    mixed = av.AudioResampler(format="flt", layout="mono", rate=rate).resample(frame)[0].to_ndarray()
    return max(float(mixed.max()), 1.0)


@dataclass(slots=True)
class _Clock:
    """Puts decoded frames in their places. Positions count samples at `rate` from the start of the presentation."""

    rate: int
    first: int
    """Where the wanted stretch begins."""
    last: int | None
    """Where it ends; None is the end of the file."""
    limit: int
    """No time stamp is believed beyond this."""
    tick: float
    """Seconds per unit of the track's time stamps."""
    origin: float
    """The presentation's start on the track's own clock, in seconds."""
    at: int = 0
    """Where the next sample out of the resampler belongs; what is before `first` is dropped."""
    seen: float | None = None
    """When the next frame is due, in seconds."""
    written: int = -1
    kind: tuple[str, str, int] | None = None
    resampler: Any = None
    loudest: float = 1.0
    waiting: list[Samples] = field(default_factory=list)
    waiting_samples: int = 0

    @property
    def done(self) -> bool:
        """Whether all that was wanted is out."""
        return self.last is not None and self.written >= self.last

    def put(self, frame: "av.AudioFrame") -> Iterator[Samples]:
        """Take one frame in; blocks come out when they are full."""
        stated = None if frame.pts is None else frame.pts * self.tick - self.origin
        time = self._believe(stated)
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self.seen is None or kind != self.kind or abs(time - self.seen) > JITTER:
            yield from self._resample(None)
            yield from self._flush()
            self._restart(kind)
            self.at = round(time * self.rate)
            self.seen = time
        self.seen += frame.samples / frame.sample_rate
        frame.pts = None  # the resampler shall not mind the clock; this class does
        yield from self._resample(mixable(frame))

    def finish(self) -> Iterator[Samples]:
        """What is still in the resampler and the last, shorter block."""
        yield from self._resample(None)
        yield from self._flush()

    def _believe(self, stated: float | None) -> float:
        """The frame's time: as stated, unless that is missing or absurd; then it follows its predecessor."""
        follows = self.seen
        if stated is None or stated * self.rate > self.limit:
            return follows if follows is not None else self.first / self.rate
        if follows is not None and stated < follows - STEP_BACK:
            return follows
        return stated

    def _restart(self, kind: tuple[str, str, int]) -> None:
        import av  # noqa: PLC0415

        if self.kind is None or kind[1] != self.kind[1]:
            self.loudest = _loudest(kind[1], self.rate)
        self.kind = kind
        self.resampler = av.AudioResampler(format="flt", layout="mono", rate=self.rate)

    def _resample(self, frame: "av.AudioFrame | None") -> Iterator[Samples]:
        if self.resampler is None:
            return
        for part in self.resampler.resample(frame):
            samples = part.to_ndarray()[0]
            yield from self._place(samples)
            self.at += len(samples)
        if frame is None:
            self.resampler = None

    def _place(self, samples: Samples) -> Iterator[Samples]:
        """Samples that belong at `at`: silence before them, or less of them, as `written` says."""
        if self.written < 0:
            self.written = self.first
        until = self.at if self.last is None else min(self.at, self.last)
        while self.written < until:
            yield from self._write(np.zeros(min(self.rate, until - self.written), np.float32))
        skip = max(self.written - self.at, 0)
        stop = len(samples) if self.last is None else max(self.last - self.at, 0)
        yield from self._write(samples[skip:stop])

    def _write(self, samples: Samples) -> Iterator[Samples]:
        if len(samples):
            self.waiting.append(samples)
            self.waiting_samples += len(samples)
            self.written += len(samples)
        if self.waiting_samples >= self.rate or self.done:
            yield from self._flush()

    def _flush(self) -> Iterator[Samples]:
        if self.waiting:
            yield np.concatenate(self.waiting) / np.float32(self.loudest)
            self.waiting, self.waiting_samples = [], 0


def stretches(source: Path, times: Sequence[tuple[float, float]]) -> Iterator[Samples]:
    """The sound of some stretches, by start and end in seconds, in order and not empty: one pass over what holds them."""
    begin = times[0][0]
    blocks = decode(source, begin, times[-1][1])
    held, at = np.zeros(0, np.float32), round(begin * RATE)
    for start, end in times:
        first, last = round(start * RATE), round(end * RATE)
        while at + len(held) < last and (block := next(blocks, None)) is not None:
            skip = max(min(first - at, len(held)), 0)
            held, at = np.concatenate([held[skip:], block]), at + skip
        yield held[max(first - at, 0) : max(last - at, 0)]
