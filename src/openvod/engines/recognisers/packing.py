"""Which sound is handed over at once, and what time in the file is a time in that sound?

Whisper's encoder costs as much for one second as for thirty, and an endpoint is asked once for minutes. So chunks of
speech are put one behind the other, with a short silence between, and times are taken back to where they belong.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openvod.engines.recognisers import Chunk, Samples
from openvod.engines.silero import Span
from openvod.media import audio

BETWEEN = 0.5
"""Seconds of silence between two chunks: enough for a recogniser to end its sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk in its place."""

    span: Span
    """Where it is in the file."""
    at: float
    """Where it begins in the sound, in seconds."""

    @property
    def end(self) -> float:
        """Where it ends in the sound."""
        return self.at + self.span.end - self.span.start

    def there(self, time: float) -> float:
        """A time in the sound as a time in the file, inside the chunk."""
        return min(max(self.span.start + time - self.at, self.span.start), self.span.end)


@dataclass(frozen=True, slots=True)
class Packed:
    """Chunks in one sound."""

    samples: Samples
    pieces: tuple[Piece, ...]

    @property
    def length(self) -> float:
        """Seconds."""
        return len(self.samples) / audio.RATE

    def of(self, time: float) -> Piece:
        """The chunk that a time in the sound belongs to; in a silence, the nearer one."""
        return min(self.pieces, key=lambda piece: max(piece.at - time, time - piece.end, 0.0))

    def voiced(self, start: float, end: float) -> Span:
        """The voiced time between two times in the sound, as a span on the sound's clock; never empty."""
        edges = [
            (piece.at + begin - piece.span.start, piece.at + stop - piece.span.start)
            for piece in self.pieces
            for begin, stop in piece.span.voiced
        ]
        inside = [
            (max(begin, start), min(stop, end)) for begin, stop in edges if stop > start and begin < end
        ]
        inside = [(begin, stop) for begin, stop in inside if stop > begin]
        if not inside:
            return Span(start, max(end, start + 1e-3))
        pauses = tuple((a[1], b[0]) for a, b in pairwise(inside))
        return Span(inside[0][0], inside[-1][1], pauses)


def packed(chunks: Iterable[Chunk], longest: float) -> Iterator[Packed]:
    """The chunks in sounds of at most `longest` seconds; a longer chunk, and with 0 every chunk, is one of its own."""
    held: list[Chunk] = []
    length = 0.0
    for span, samples in chunks:
        seconds = len(samples) / audio.RATE
        if held and length + BETWEEN + seconds > longest:
            yield _packed(held)
            held, length = [], 0.0
        length += seconds + (BETWEEN if held else 0.0)
        held.append((span, samples))
    if held:
        yield _packed(held)


def _packed(chunks: list[Chunk]) -> Packed:
    silence = np.zeros(round(BETWEEN * audio.RATE), np.float32)
    parts: list[Samples] = []
    pieces: list[Piece] = []
    at = 0
    for span, samples in chunks:
        if parts:
            parts.append(silence)
            at += len(silence)
        pieces.append(Piece(span, at / audio.RATE))
        parts.append(samples)
        at += len(samples)
    return Packed(np.concatenate(parts), tuple(pieces))
