"""What does a whole file sound like? One pass over its sound: levels, speech, music, fingerprints; constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.engines import silero
from openvod.engines.features.prints import Printer
from openvod.engines.features.record import Floats, Heard, Speech
from openvod.engines.sound import Samples, SoundMeter
from openvod.media import audio

NOT_INSTALLED = "InvalidInput.ConfigurationUnsupported/model"
TENTH = audio.RATE // 10
QUIETEST = -100.0
CERTAIN = 0.9
"""Probability of speech in at least a quarter of a stretch: a quarter of birdsong was at 0.79, of speech at
1.0."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What the pass came to."""

    heard: Heard
    prints: NDArray[np.uint32]
    missing: tuple[str, ...]
    seconds: float


class _Levels:
    """Root mean squares by tenth of a second."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._levels: list[Floats] = []
        self.samples = 0

    def add(self, samples: Samples) -> None:
        self.samples += len(samples)
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // TENTH * TENTH
        self._levels.append(_decibels(sound[:whole].reshape(-1, TENTH)))
        self._rest = sound[whole:]

    def finish(self) -> Floats:
        if len(self._rest):
            self._levels.append(_decibels(self._rest[None]))
        return np.concatenate(self._levels) if self._levels else np.zeros(0, np.float32)


def _decibels(windows: Samples) -> Floats:
    power = (windows.astype(np.float64) ** 2).mean(1)
    level: Floats = np.maximum(QUIETEST, 10 * np.log10(power + 1e-12)).astype(np.float32)
    return level


def hear(source: Path, models: Path, seconds: float, progress: Callable[[float], None]) -> Track:
    """Listen to the file's sound (see `media.audio.decode` for faults). Without the model for speech, that part is empty.

    `seconds`: about how long it is, for the progress.
    """
    levels, meter, printer = _Levels(), SoundMeter(), Printer()

    def blocks() -> Iterator[Samples]:
        for block in audio.decode(source):
            levels.add(block)
            meter.add(block)
            printer.add(block)
            if seconds:
                progress(min(1.0, levels.samples / audio.RATE / seconds))
            yield block

    sound, missing = blocks(), []
    parts: list[Floats] = []
    try:
        parts += silero.probabilities(sound, models)
    except TaskFault as fault:
        if fault.key != NOT_INSTALLED:
            raise
        missing.append(silero.MODEL)
    for _ in sound:
        pass  # it has not been heard yet when the model is not there
    level = levels.finish()
    speech = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    heard = Heard(level, _by_tenths(speech, len(level)), _stretches(speech), meter.measure())
    return Track(heard, printer.finish(), tuple(missing), levels.samples / audio.RATE)


def _by_tenths(speech: Floats, count: int) -> Floats:
    """The mean of those of the network's frames whose middle is in each tenth of a second."""
    if len(speech) == 0:
        return speech
    place = np.minimum(((np.arange(len(speech)) + 0.5) * silero.SECONDS * 10).astype(int), count - 1)
    frames = np.bincount(place, minlength=count)
    total = np.bincount(place, weights=speech, minlength=count)
    shares: Floats = (total / np.maximum(frames, 1)).astype(np.float32)
    return shares


def _stretches(speech: Floats) -> tuple[Speech, ...]:
    if len(speech) == 0:
        return ()
    spans = silero.chunks(speech, silero.Rules())
    return tuple(Speech(span, bool(np.percentile(speech[_frames_of(span)], 75) >= CERTAIN)) for span in spans)


def _frames_of(span: silero.Span) -> slice:
    first = int(span.start / silero.SECONDS)
    return slice(first, max(first + 1, int(span.end / silero.SECONDS)))
