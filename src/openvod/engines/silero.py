"""Where in the sound does somebody speak? Silero VAD's answer, cut into chunks that a recogniser can take at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines import catalog

MODEL = "silero-vad"
Samples = NDArray[np.float32]

RATE = 16000
FRAME, CONTEXT = 512, 64
"""Samples per probability, and samples before them that the network also sees."""
FRAMES_PER_CALL = 128
SECONDS = FRAME / RATE
"""Length of a frame."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How probabilities become chunks; times in seconds. On 122 s of English, word errors were
    4.4 to 6.4 % for margins from 0.08 to 0.2 and gaps of 0.6 and 1; a gap of 0.3, tried before, was clearly worse."""

    speech: float = 0.45
    """Probability from which speech begins."""
    silence: float = 0.30
    """Probability under which it may end."""
    sure: float = 0.6
    """A stretch that never reaches this is music or a beep; speech does within half a second."""
    pause: float = 0.25
    """A shorter silence does not end it."""
    shortest: float = 0.12
    """Shorter speech is a click."""
    longest: float = 20.0
    """A longer stretch is cut where speech is least likely."""
    gap: float = 0.6
    """Neighbours with less silence between them share a chunk: the recogniser profits from context."""
    margin: float = 0.12
    """Kept on both sides, so that no consonant is cut off."""


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk of speech, in seconds from the start of the file."""

    start: float
    end: float
    pauses: tuple[tuple[float, float], ...] = ()
    """Silences inside, from the first sound to the last."""

    @property
    def voiced(self) -> list[tuple[float, float]]:
        """The parts between the pauses; never empty."""
        edges = [self.start, *(time for pause in self.pauses for time in pause), self.end]
        parts = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]
        return parts or [(self.start, self.end)]

    def halves(self) -> tuple["Span", "Span"] | None:
        """The chunk cut in the middle of its longest pause; None when it has none."""
        if not self.pauses:
            return None
        first, last = max(self.pauses, key=lambda pause: pause[1] - pause[0])
        middle = (first + last) / 2
        before = tuple(pause for pause in self.pauses if pause[1] < middle)
        after = tuple(pause for pause in self.pauses if pause[0] > middle)
        return Span(self.start, middle, before), Span(middle, self.end, after)


def probabilities(blocks: Iterable[Samples], models: Path) -> Iterator[NDArray[np.float32]]:
    """How likely speech is in each 32 ms of 16 kHz sound, 0 to 1. Any block sizes; constant memory.

    Raises TaskFault when the model is not installed.
    """
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # it warns of constants that the file holds and does not use
    path = catalog.file(models, MODEL, "silero_vad_16k_sequence.onnx", catalog.SPEECH_RECOGNITION)
    session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    context = np.zeros(CONTEXT, np.float32)
    for sound in _whole_frames(blocks):
        frames = np.lib.stride_tricks.sliding_window_view(np.concatenate([context, sound]), CONTEXT + FRAME)
        inputs = {"input": np.ascontiguousarray(frames[::FRAME]), "h": hidden, "c": cell}
        speech, hidden, cell = session.run(["speech_probs", "hn", "cn"], inputs)
        context = sound[-CONTEXT:]
        yield speech


def chunks(speech: NDArray[np.float32], rules: Rules) -> list[Span]:
    """Chunks of at most `rules.longest` seconds (before margins) from the probabilities of a whole file."""
    stretches = [(a, b) for a, b in _stretches(speech, rules) if speech[a:b].max() >= rules.sure]
    cut = [part for begin, stop in stretches for part in _cut(speech, begin, stop, rules)]
    merged: list[tuple[int, int]] = []
    for begin, stop in cut:
        near = merged and (begin - merged[-1][1]) * SECONDS <= rules.gap
        if near and (stop - merged[-1][0]) * SECONDS <= rules.longest:
            merged[-1] = (merged[-1][0], stop)
        else:
            merged.append((begin, stop))
    kept = [(begin, stop) for begin, stop in merged if (stop - begin) * SECONDS > rules.shortest]
    return [_span(speech, kept, i, rules) for i in range(len(kept))]


def _whole_frames(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same sound in pieces of whole frames, the last one filled up with silence."""
    size = FRAMES_PER_CALL * FRAME
    held = np.zeros(0, np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= size:
            yield held[:size]
            held = held[size:]
    if len(held):
        yield np.pad(held, (0, -len(held) % FRAME))


def _stretches(speech: NDArray[np.float32], rules: Rules) -> list[tuple[int, int]]:
    """Speech from where it begins until a pause ends it, in frames."""
    found: list[tuple[int, int]] = []
    begin, quiet = -1, 0
    for i, probability in enumerate(speech.tolist()):
        if probability >= rules.speech:
            begin, quiet = (i if begin < 0 else begin), 0
        elif begin >= 0 and probability < rules.silence:
            quiet += 1
            if quiet * SECONDS >= rules.pause:
                found.append((begin, i - quiet + 1))
                begin, quiet = -1, 0
    if begin >= 0:
        found.append((begin, len(speech) - quiet))
    return found


def _cut(speech: NDArray[np.float32], begin: int, stop: int, rules: Rules) -> list[tuple[int, int]]:
    """Halve, where speech is least likely in the middle, until no part is too long."""
    if (stop - begin) * SECONDS <= rules.longest:
        return [(begin, stop)]
    low, high = begin + (stop - begin) * 3 // 10, begin + (stop - begin) * 7 // 10
    smooth = np.convolve(speech[low - 2 : high + 2], np.full(5, 0.2), "valid")
    middle = low + int(np.argmin(smooth))
    return _cut(speech, begin, middle, rules) + _cut(speech, middle, stop, rules)


def _span(speech: NDArray[np.float32], parts: list[tuple[int, int]], index: int, rules: Rules) -> Span:
    """A chunk with its margins, which end half-way to the neighbour at the latest."""
    begin, stop = parts[index]
    before = parts[index - 1][1] if index else 0
    after = parts[index + 1][0] if index + 1 < len(parts) else len(speech)
    share = 0.5 if index else 1.0
    start = begin * SECONDS - min(rules.margin, (begin - before) * SECONDS * share)
    share = 0.5 if index + 1 < len(parts) else 1.0
    end = stop * SECONDS + min(rules.margin, (after - stop) * SECONDS * share)
    return Span(round(start, 3), round(end, 3), tuple(_pauses(speech, begin, stop, rules)))


def _pauses(
    speech: NDArray[np.float32], begin: int, stop: int, rules: Rules
) -> Iterator[tuple[float, float]]:
    quiet = np.concatenate([[False], speech[begin:stop] < rules.silence, [False]])
    edges = np.flatnonzero(quiet[1:] != quiet[:-1])
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if (last - first) * SECONDS >= 0.09:
            yield round((begin + first) * SECONDS, 3), round((begin + last) * SECONDS, 3)
