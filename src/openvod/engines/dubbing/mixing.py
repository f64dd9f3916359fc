"""How do voices get into a film? Laid over its own sound, which is turned down beneath them; the picture is copied.

Memory does not grow with the film: voices lie in files, and the sound is mixed in blocks.
"""

import heapq
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.media.excerpt import sound
from openvod.media.packets import packets
from openvod.media.probe import open_media, video_tracks
from openvod.media.rewrite.other_tracks import add_aac, describe

DUCKED = 10 ** (-16 / 20)
"""How loud the film's own sound is beneath a voice."""
RAMP = 0.15
"""Seconds in which it is turned down before a voice, and up after it."""
LOUD = 0.1
"""Root mean square of a voice: -20 dB of full scale."""
RATE = 48_000
"""Of voices, and of a film that has no sound of its own."""
LIMIT = 0.97

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voice:
    """A spoken text in its place."""

    start: float
    """Seconds from the start of the film."""
    file: Path
    """Mono float32 samples at `RATE`, as numpy writes arrays."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Film:
    """What is dubbed."""

    source: Path
    """Whose sound is kept beneath."""
    picture: Path | None
    """An MP4 with the picture to be copied, or None for sound alone."""
    seconds: float


def levelled(samples: Samples) -> Samples:
    """As loud as every other voice, no peak above full scale."""
    loud = float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
    if loud <= 1e-6:
        return samples
    peak = float(np.abs(samples).max())
    return samples * np.float32(min(LOUD / loud, LIMIT / peak))


def write(film: Film, voices: Sequence[Voice], target: Path, progress: Callable[[float], None]) -> None:
    """Write the dubbed film as MP4. `voices` are in order of time. For a media process."""
    import av  # noqa: PLC0415

    with av.open(str(target), "w", format="mp4", container_options={"movflags": "+faststart"}) as output:
        if film.picture is None:
            output_sound(film, voices, output, [], progress)
            return
        with open_media(film.picture) as picture:
            track = video_tracks(picture)[0]
            copied = output.add_stream_from_template(track, opaque=True)
            describe(track, copied)
            output_sound(film, voices, output, [_copied(picture, track, copied)], progress)


def output_sound(
    film: Film,
    voices: Sequence[Voice],
    output: Any,
    lanes: list[Iterator[Any]],
    progress: Callable[[float], None],
) -> None:
    """Mix the sound and write it beside the packets of `lanes`."""
    with open_media(film.source) as source:
        tracks = source.streams.audio
        origin = Fraction(source.start_time or 0, 1_000_000)
        if tracks:
            target = add_aac(output, tracks[0])
            span = (origin, origin + Fraction(film.seconds))
            blocks: Iterable[Samples] = sound.heard(film.source, tracks[0].index, target, [span])
        else:
            target = output.add_stream("aac", rate=RATE, layout="stereo")
            blocks = _silence(film.seconds, 2, RATE)
        mixed = mix(blocks, voices, target.rate, lambda at: progress(min(1.0, at / max(film.seconds, 1e-3))))
        output.start_encoding()
        for packet in heapq.merge(*lanes, sound.encoded(mixed, target), key=_when):
            output.mux(packet)


def mix(
    blocks: Iterable[Samples], voices: Sequence[Voice], rate: int, progress: Callable[[float], None]
) -> Iterator[Samples]:
    """The voices over `[channels, samples]` blocks of the film's own sound, as loud in every channel."""
    starts = [voice.start for voice in voices]
    longest = max((voice.seconds for voice in voices), default=0.0)
    at = 0
    for block in blocks:
        begin, end = at / rate, (at + block.shape[1]) / rate
        near = slice(bisect_right(starts, begin - longest - RAMP), bisect_right(starts, end + RAMP))
        times = (at + np.arange(block.shape[1])) / rate
        mixed = block * _gain(times, voices[near])
        for voice in voices[near]:
            mixed += _heard(voice, at, block.shape[1], rate)
        yield np.tanh(mixed / LIMIT) * np.float32(LIMIT) if np.abs(mixed).max(initial=0) > LIMIT else mixed
        at += block.shape[1]
        progress(end)


def _gain(times: NDArray[np.float64], voices: Sequence[Voice]) -> Samples:
    """How loud the film's own sound is."""
    away = np.full(len(times), np.inf)
    for voice in voices:
        away = np.minimum(away, np.maximum(voice.start - times, times - voice.start - voice.seconds))
    up = np.clip(away / RAMP, 0.0, 1.0)
    return (DUCKED + (1 - DUCKED) * up).astype(np.float32)


def _heard(voice: Voice, at: int, count: int, rate: int) -> Samples:
    """What of a voice falls into samples `at` and following, at another rate than its own if need be."""
    samples = np.load(voice.file, mmap_mode="r")
    places = ((at + np.arange(count)) / rate - voice.start) * RATE
    inside = (places >= 0) & (places <= len(samples) - 1)
    out = np.zeros(count, np.float32)
    if inside.any():
        first, last = int(places[inside][0]), int(places[inside][-1]) + 2
        part = np.asarray(samples[first:last])
        out[inside] = np.interp(places[inside] - first, np.arange(len(part)), part)
    return out


def _silence(seconds: float, channels: int, rate: int) -> Iterator[Samples]:
    left = round(seconds * rate)
    while left > 0:
        yield np.zeros((channels, min(rate, left)), np.float32)
        left -= rate


def _copied(source: Any, track: Any, target: Any) -> Iterator[Any]:
    for packet in packets(source, track):
        if packet.dts is not None:
            packet.stream = target
            yield packet


def _when(packet: Any) -> Fraction:
    when: Fraction = packet.dts * packet.time_base
    return when
