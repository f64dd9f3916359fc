"""Voices that are made up: buzzes through formants, and prints without any sound."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openvod.engines.silero import Span
from openvod.engines.speakers.prints import HOP, Prints

Floats = NDArray[np.float32]

VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410))
"""Formants of a man's vowels in Hz (Peterson and Barney)."""


def buzz(seconds: float, pitch: float, size: float, seed: int = 0) -> Floats:
    """Babbling at 16 kHz: a glottal buzz of `pitch` Hz through vowels whose formants are `size` times a man's."""
    chance = np.random.default_rng(seed)
    count = round(seconds * 16000)
    time = np.arange(count) / 16000
    phase = 2 * np.pi * np.cumsum(pitch * (1 + 0.06 * np.sin(2 * np.pi * 0.9 * time))) / 16000
    sound = np.zeros(count)
    for begin in range(0, count, 3200):
        part = slice(begin, begin + 3200)
        formants = VOWELS[int(chance.integers(len(VOWELS)))]
        for harmonic in range(1, int(7000 / pitch)):
            gain = sum(
                1 / (1 + ((harmonic * pitch - size * each) / (90 + 0.05 * each)) ** 2) for each in formants
            )
            sound[part] += gain / harmonic**0.5 * np.sin(harmonic * phase[part])
    syllables = 0.25 + 0.75 * np.abs(np.sin(np.pi * 2.5 * time))
    sound = sound * syllables + chance.normal(0, 0.005, count)
    return np.asarray(0.3 * sound / np.abs(sound).max(), np.float32)


def directions(count: int, alike: float = 0.45, seed: int = 0) -> Floats:
    """`[count, 256]`: mean directions of voices that are `alike`, all positive as real ones are."""
    chance = np.random.default_rng(seed)
    own = chance.exponential(1.0, (count, 256))
    shared = chance.exponential(1.0, 256)
    mixed = np.sqrt(alike) * shared + np.sqrt(1 - alike) * own
    mixed *= chance.random((count, 256)) < 0.6
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def said(voices: Floats, turns: Sequence[tuple[float, float, int]], noise: float = 0.04) -> Prints:
    """The prints of speech in which each of `voices` has turns (start, end, who)."""
    chance = np.random.default_rng(len(turns))
    times, prints = [], []
    for start, end, who in turns:
        for at in np.arange(start, max(end - 1.6, start) + 1e-6, HOP):
            times.append((float(at), min(float(at) + 1.6, end)))
            heard = np.maximum(voices[who] + chance.normal(0, noise, 256), 0)
            prints.append(heard / np.linalg.norm(heard))
    return Prints(np.array(times), np.array(prints, np.float32))


def chunk(turns: Sequence[tuple[float, float, int]]) -> Span:
    """A chunk of speech that holds the turns, with its margins and the pauses between the turns."""
    pauses = tuple((a[1], b[0]) for a, b in pairwise(turns) if b[0] > a[1])
    return Span(turns[0][0] - 0.12, turns[-1][1] + 0.12, pauses)
