"""Who speaks when? Turns out of the prints of a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openvod.engines.silero import Span
from openvod.engines.speakers import clusters
from openvod.engines.speakers.prints import Prints, Stretch, voiced

Floats = NDArray[np.float32]

FRAME = 0.1
"""Seconds that are one speaker's at least."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of one person's speech; times in seconds from the start of the file."""

    start: float
    end: float
    speaker: int
    """From 1, in the order in which they are first heard."""
    confidence: float
    """0 to 1: how much more the voice is like this speaker's than like the next one's; 1 when there is one only."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How turns are cut; chosen like `clusters.Rules`."""

    change: float = 1.0
    """What a change of speaker costs within a stretch, in differences of likeness summed over frames."""
    change_in_pause: float = 0.4
    """The same in a pause, where most changes are."""
    breath: float = 0.09
    """Seconds of silence that make a pause."""
    together: float = 0.3
    """Seconds; over a shorter pause, one speaker's turn goes on."""
    rounds: int = 2
    """How often the voices are measured anew from the turns found."""
    clear: float = 0.15
    """Difference of likenesses that is taken for certain."""
    alike: clusters.Rules = field(default_factory=clusters.Rules)


def turns(
    prints: Prints,
    spans: Sequence[Span],
    speakers: int | None = None,
    rules: Rules | None = None,
) -> list[Turn]:
    """The turns of a file in order, from the prints of all its chunks. They lie within the chunks' speech and do not
    overlap. With `speakers`, that many are told apart, if as many are heard."""
    rules = rules or Rules()
    stretches = [stretch for span in spans for stretch in voiced(span, rules.breath)]
    if not stretches:
        return []
    frames, first = _frames(stretches)
    seconds = _own_seconds(prints)
    found = clusters.voices(prints.voices, seconds, rules.alike, speakers)
    if not found:
        return _cut(frames, first, np.zeros(len(frames), np.int64), np.zeros((len(frames), 1)), rules)
    voices = np.stack([voice.direction for voice in found])
    likeness = _scores(prints, voices, frames)
    path = _best_path(likeness, first, rules)
    for _ in range(rules.rounds):
        voices = _measured(prints, seconds, frames, path, voices)
        likeness = _scores(prints, voices, frames)
        path = _best_path(likeness, first, rules)
    return _cut(frames, first, path, likeness, rules)


def _own_seconds(prints: Prints) -> NDArray[np.float64]:
    """`[n]`: seconds of speech that are a window's own; neighbours overlap."""
    middles, lengths = prints.times.mean(axis=1), prints.times[:, 1] - prints.times[:, 0]
    if not len(middles):
        return lengths
    after = np.append(np.diff(middles), np.inf)
    before = np.insert(np.diff(middles), 0, np.inf)
    return np.asarray(np.minimum(after, lengths) / 2 + np.minimum(before, lengths) / 2)


def _frames(stretches: Sequence[Stretch]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """`[m, 2]`: start and end of the frames of all stretches; and which of them begin a stretch."""
    rows, first = [], []
    for start, end in stretches:
        count = max(1, round((end - start) / FRAME))
        edges = np.linspace(start, end, count + 1)
        rows.append(np.stack([edges[:-1], edges[1:]], axis=1))
        first.append(np.arange(count) == 0)
    return np.concatenate(rows), np.concatenate(first)


def _scores(prints: Prints, voices: Floats, frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """`[m, k]`: how like each voice the sound is at each frame, 0 to 1: the windows around it count by how near
    their middle is. Where no window is, all are alike."""
    middles = frames.mean(axis=1)
    like = prints.voices @ voices.T
    begins = np.searchsorted(middles, prints.times[:, 0])
    ends = np.searchsorted(middles, prints.times[:, 1])
    total, weight = np.zeros((len(frames), len(voices))), np.full(len(frames), 1e-9)
    for (start, end), begin, stop, row in zip(prints.times, begins, ends, like, strict=True):
        half = (end - start) / 2
        near = 1.05 - np.abs(middles[begin:stop] - start - half) / half
        total[begin:stop] += near[:, None] * row
        weight[begin:stop] += near
    return np.asarray(total / weight[:, None])


def _best_path(likeness: NDArray[np.float64], first: NDArray[np.bool_], rules: Rules) -> NDArray[np.int64]:
    """`[m]`: whose each frame is, so that likeness is greatest and changes are worth their cost (Viterbi)."""
    best = likeness[0].copy()
    came = np.zeros(likeness.shape, np.int64)
    stay = np.arange(likeness.shape[1])
    for i in range(1, len(likeness)):
        change = float(best.max()) - (rules.change_in_pause if first[i] else rules.change)
        leap = best < change
        came[i] = np.where(leap, int(best.argmax()), stay)
        best = np.where(leap, change, best) + likeness[i]
    path = np.zeros(len(likeness), np.int64)
    path[-1] = int(best.argmax())
    for i in range(len(likeness) - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path


def _measured(
    prints: Prints,
    seconds: NDArray[np.float64],
    frames: NDArray[np.float64],
    path: NDArray[np.int64],
    voices: Floats,
) -> Floats:
    """The voices anew, from the windows that hear one speaker only; who has none is left out."""
    middles = frames.mean(axis=1)
    begins = np.searchsorted(middles, prints.times[:, 0])
    ends = np.maximum(np.searchsorted(middles, prints.times[:, 1]) - 1, begins)
    last = len(path) - 1
    changes = np.concatenate([[0], np.cumsum(path[1:] != path[:-1])])
    begins, ends = np.minimum(begins, last), np.minimum(ends, last)
    pure = changes[begins] == changes[ends]
    kept = []
    for speaker in range(len(voices)):
        own = pure & (path[begins] == speaker)
        mean = (prints.voices[own] * seconds[own, None]).sum(axis=0)
        if own.any():
            kept.append(mean / max(float(np.linalg.norm(mean)), 1e-6))
    return np.stack(kept).astype(np.float32) if kept else voices


def _cut(
    frames: NDArray[np.float64],
    first: NDArray[np.bool_],
    path: NDArray[np.int64],
    likeness: NDArray[np.float64],
    rules: Rules,
) -> list[Turn]:
    """Neighbouring frames of one speaker in one stretch as a turn, speakers numbered as they are first heard."""
    starts = np.flatnonzero(first | np.insert(path[1:] != path[:-1], 0, True))
    numbers: dict[int, int] = {}
    found: list[Turn] = []
    for begin, stop in zip(starts, [*starts[1:], len(path)], strict=True):
        speaker = int(path[begin])
        mean = likeness[begin:stop].mean(axis=0)
        lead = float(mean[speaker] - np.delete(mean, speaker).max()) if len(mean) > 1 else rules.clear
        sure = round(min(max(lead / rules.clear, 0.0), 1.0), 3)
        number = numbers.setdefault(speaker, len(numbers) + 1)
        turn = Turn(round(float(frames[begin, 0]), 3), round(float(frames[stop - 1, 1]), 3), number, sure)
        if found and found[-1].speaker == number and turn.start - found[-1].end < rules.together:
            found[-1] = _joined(found[-1], turn)
        else:
            found.append(turn)
    return found


def _joined(one: Turn, other: Turn) -> Turn:
    lengths = one.end - one.start, other.end - other.start
    mean = (one.confidence * lengths[0] + other.confidence * lengths[1]) / max(sum(lengths), 1e-6)
    return Turn(one.start, other.end, one.speaker, round(mean, 3))
