"""What do the voices of a file sound like, every 0.4 s of speech? A print per window, made in one pass of the sound."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.silero import Rules, Span
from openvod.engines.speakers.encoder import BATCH, RATE, SIZE, WINDOW, VoiceEncoder
from openvod.media import audio

Floats = NDArray[np.float32]
Stretch = tuple[float, float]
"""Start and end in seconds of speech without a pause to speak of."""

HOP = 0.4
"""Seconds from one window to the next."""
PAUSE = 0.25
"""Seconds; a shorter silence is inside a stretch: plosives and commas, seldom a change of speaker."""
SHORTEST = 0.2
"""Seconds; of less nothing can be told."""
LEAST = 0.02
"""Seconds that stay of a stretch that would be trimmed away."""


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """The voices of the windows of a file, or of a part of it, in order of time."""

    times: NDArray[np.float64]
    """`[n, 2]`: start and end in seconds of the sound that each window heard."""
    voices: Floats
    """`[n, 256]`: directions of length 1 (see `encoder`)."""

    def packed(self) -> Json:
        """As JSON, to be kept by a step: 350 bytes per window. What is lost is a hundredth of a print's own noise."""
        return {
            "times": [[round(start, 2), round(end, 2)] for start, end in self.times.tolist()],
            "voices": base64.b64encode(np.round(self.voices * 255).astype(np.uint8).tobytes()).decode(),
        }


def unpacked(rows: Iterable[Json]) -> Prints:
    """The prints that `packed` wrote, those of consecutive parts put together."""
    times, voices = [np.zeros((0, 2))], [np.zeros((0, SIZE), np.float32)]
    for row in rows:
        levels = np.frombuffer(base64.b64decode(row["voices"]), np.uint8).reshape(-1, SIZE)
        directions = levels.astype(np.float32)
        voices.append(directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-6))
        times.append(np.array(row["times"], np.float64).reshape(-1, 2))
    return Prints(np.concatenate(times), np.concatenate(voices))


def listen(
    source: Path,
    spans: Sequence[Span],
    models: Path,
    progress: Callable[[float], None] = lambda _: None,
) -> Prints:
    """The prints of consecutive chunks of speech. Memory for sound is constant: that of a chunk and of 32 windows.

    Raises TaskFault when the model is not installed or the sound cannot be decoded.
    """
    if not spans:
        return unpacked(())
    encoder = VoiceEncoder(models)
    stretches = [stretch for span in spans for stretch in voiced(span)]
    voices, times, waiting = [np.zeros((0, SIZE), np.float32)], [], []
    for index, sound in enumerate(audio.stretches(source, stretches)):
        stretch = stretches[index]
        for time, window in _windows(stretch, sound):
            times.append(time)
            waiting.append(window)
        if len(waiting) >= BATCH:
            voices.append(encoder.encode(np.stack(waiting)))
            waiting = []
        progress((index + 1) / len(stretches))
    if waiting:
        voices.append(encoder.encode(np.stack(waiting)))
    return Prints(np.array(times, np.float64).reshape(-1, 2), np.concatenate(voices))


def voiced(span: Span, pause: float = PAUSE) -> list[Stretch]:
    """A chunk's stretches of speech between pauses of so many seconds, without the margins that it has for the
    recogniser's sake."""
    margin = Rules().margin
    start, end = span.start + margin, span.end - margin
    if end - start < LEAST:
        return [(span.start, span.end)]
    pauses = [(a, b) for a, b in span.pauses if b - a >= pause and a > start and b < end]
    edges = [start, *(time for pause in pauses for time in pause), end]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= LEAST]


def _windows(stretch: Stretch, sound: Floats) -> Iterator[tuple[Stretch, Floats]]:
    """Windows over a stretch, the last one flush with its end; a stretch that is too short is heard several times."""
    start = stretch[0]
    if len(sound) < SHORTEST * RATE:
        return
    if len(sound) <= WINDOW:
        yield (start, start + len(sound) / RATE), np.resize(sound, WINDOW)
        return
    count = 1 + round((len(sound) - WINDOW) / (HOP * RATE) + 0.3)
    for at in np.linspace(0, len(sound) - WINDOW, max(count, 2)).round().astype(int).tolist():
        yield (start + at / RATE, start + (at + WINDOW) / RATE), sound[at : at + WINDOW]
