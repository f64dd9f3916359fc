"""What can be said of a sound track without understanding it? Silence, loudness, and whether it is music."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

RATE = 16000
WINDOW, HOP = 1024, 512
BINS = 400
"""Of 15.6 Hz each: what is above 6 kHz says little about tones."""
SILENT_DB = -55.0
"""Root mean square, in dB of full scale, below which a 64 ms window is silent."""
BLOCK = 80
"""Windows (2.56 s) over which a tone must last to make music."""
TONE_DB = 4.0
"""How far a bin stands above its neighbourhood of 21 bins when it carries a tone."""
MUSICAL = 2.8
"""Steadiness (see `steadiness`) from which a block is musical; blocks of speech were at 1.1 to 2.3."""
SPANS_KEPT = 50


@dataclass(frozen=True, slots=True)
class Sound:
    """What was measured over the whole track."""

    seconds: float
    silent: float
    """Share of the time."""
    silences: tuple[tuple[float, float], ...]
    """Start and end in seconds of silences of at least a second, the first 50 of them."""
    loudness: float | None
    """Integrated loudness of the mono mix in LUFS (gated as in ITU-R BS.1770); None for silence."""
    musical: float
    """Share of the sounding blocks that hold steady tones."""
    musical_seconds: float
    stationary: float
    """0 to 1: how alike the tones of successive musical blocks are. A hum was at 1.0, under speech at 0.94;
    music changes its notes."""


class SoundMeter:
    """Measures 16 kHz mono samples as they stream by, in constant memory."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._samples = 0
        self._windows = self._silent_windows = 0
        self._silence: list[tuple[float, float]] = []
        self._silent_since: int | None = None
        self._powers: list[float] = []
        self._loudness = np.zeros(751, np.int64)
        self._tones: list[NDArray[np.bool_]] = []
        self._blocks = self._musical = 0
        self._notes: list[Floats | None] = []
        """Of the last two blocks (which overlap the next one by half and not at all), when musical."""
        self._alike = self._compared = 0.0

    def add(self, samples: Samples) -> None:
        """Take the next samples, float32 from -1 to 1, any number."""
        self._samples += len(samples)
        self._rest = np.concatenate([self._rest, samples])
        count = (len(self._rest) - WINDOW) // HOP + 1
        if count <= 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self._rest, WINDOW)[: count * HOP : HOP]
        self._analyse(windows)
        self._rest = self._rest[count * HOP :]

    def _analyse(self, windows: Samples) -> None:
        level = 10 * np.log10((windows.astype(np.float64) ** 2).mean(1) + 1e-12)
        hann = np.hanning(WINDOW)
        power = np.abs(np.fft.rfft(windows * hann, axis=1)) ** 2
        heard = power @ _k_weighting() * 2 / (WINDOW * (hann**2).sum())
        sounding = level > SILENT_DB
        tones = _tones(power[:, :BINS]) & sounding[:, None]
        for each in range(len(windows)):
            self._track_silence(bool(sounding[each]))
            self._track_loudness(float(heard[each]))
            self._track_tones(tones[each], bool(sounding[each]))

    def _track_silence(self, sounding: bool) -> None:
        if not sounding:
            self._silent_windows += 1
            if self._silent_since is None:
                self._silent_since = self._windows
        else:
            self._end_silence()
        self._windows += 1

    def _end_silence(self) -> None:
        if self._silent_since is not None and len(self._silence) < SPANS_KEPT:
            start, end = self._silent_since * HOP / RATE, self._windows * HOP / RATE
            if end - start >= 1:
                self._silence.append((round(start, 3), round(end, 3)))
        self._silent_since = None

    def _track_loudness(self, power: float) -> None:
        """Blocks of 12 windows (0.4 s) every 3, by tenth of a loudness unit from -70 on."""
        self._powers = [*self._powers[-11:], power]
        if len(self._powers) == 12 and self._windows % 3 == 0:
            loudness = 10 * np.log10(np.mean(self._powers) + 1e-12) - 0.691
            if loudness >= -70:
                self._loudness[min(750, round((loudness + 70) * 10))] += 1

    def _track_tones(self, tones: NDArray[np.bool_], sounding: bool) -> None:
        if sounding:
            self._tones.append(tones)
        if len(self._tones) < BLOCK:
            return
        activation = np.mean(self._tones, axis=0)
        self._tones = self._tones[BLOCK // 2 :]
        self._blocks += 1
        notes = None
        if steadiness(activation) >= MUSICAL:
            self._musical += 1
            notes = np.maximum(activation - 0.3, 0)
            if len(self._notes) == 2 and (before := self._notes[0]) is not None:
                self._alike += float(notes @ before / (np.linalg.norm(notes) * np.linalg.norm(before)))
                self._compared += 1
        self._notes = [*self._notes[-1:], notes]

    def measure(self) -> Sound:
        """The figures over everything that was added."""
        self._end_silence()
        return Sound(
            seconds=self._samples / RATE,
            silent=self._silent_windows / self._windows if self._windows else 1.0,
            silences=tuple(self._silence),
            loudness=_integrated(self._loudness),
            musical=self._musical / self._blocks if self._blocks else 0.0,
            musical_seconds=self._musical * BLOCK / 2 * HOP / RATE,
            stationary=self._alike / self._compared if self._compared else 1.0,
        )


def _tones(power: Floats) -> NDArray[np.bool_]:
    """Which bins of `[n, BINS]` power stand out of their neighbourhood."""
    decibels = 10 * np.log10(power + 1e-10)
    padded = np.pad(decibels, ((0, 0), (11, 10)), mode="edge").cumsum(1)
    around = (padded[:, 21:] - padded[:, :-21]) / 21
    tones: NDArray[np.bool_] = decibels > around + TONE_DB
    return tones


def steadiness(activation: Floats) -> float:
    """How much of a block is steady tones, 0 to 5: the five highest peaks of the bins' shares of tonal
    windows.

    The method is continuous frequency activation (Seyerlehner et al., Automatic music detection in
    television productions, 2007): notes leave horizontal bars in a spectrogram, the gliding voice does not.
    A peak counts from its top down to the higher of the valleys beside it, so that a broad hill is not five
    tones.
    """
    inner = activation[1:-1]
    tops = np.flatnonzero((inner >= activation[:-2]) & (inner > activation[2:])) + 1
    if len(tops) == 0:
        return 0.0
    edges = np.concatenate([[0], tops, [len(activation) - 1]])
    valleys = np.array([activation[a : b + 1].min() for a, b in pairwise(edges)])
    heights = activation[tops] - np.maximum(valleys[:-1], valleys[1:])
    return float(np.sort(heights)[-5:].sum())


def _integrated(counts: NDArray[np.int64]) -> float | None:
    """Loudness with the relative gate 10 units below the mean of what passed the absolute one."""
    loudness = np.arange(len(counts)) / 10 - 70
    power = 10 ** (loudness / 10)
    if not counts.sum():
        return None
    gate = 10 * np.log10((power * counts).sum() / counts.sum()) - 10
    kept = np.where(loudness >= gate, counts, 0)
    return round(float(10 * np.log10((power * kept).sum() / kept.sum())), 1)


@cache
def _k_weighting() -> Floats:
    """Gain in power at each bin of the two filters of ITU-R BS.1770 (its coefficients at 48 kHz)."""
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(WINDOW, 1 / RATE) / 48000)
    powers = np.stack([np.ones_like(z), z, z**2])
    shelf = np.array([1.53512485958697, -2.69169618940638, 1.19839281085285]) @ powers
    shelf /= np.array([1.0, -1.69065929318241, 0.73248077421585]) @ powers
    high = (
        np.array([1.0, -2.0, 1.0]) @ powers / (np.array([1.0, -1.99004745483398, 0.99007225036621]) @ powers)
    )
    gain: Floats = np.abs(shelf * high) ** 2
    return gain
