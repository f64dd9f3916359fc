"""Which sound is it? Fingerprints that stay alike through coding, noise and level: 32 bits, 16 times a second.

After Haitsma and Kalker (A highly robust audio fingerprinting system, 2002): each bit is the sign of the difference of two
neighbouring bands' energies, against the window before.
"""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE = 16000
WINDOW, HOP = 4096, 1000
LOWEST, HIGHEST = 300.0, 2800.0
"""Hertz: what any coding keeps."""
SILENT = 1e-6
"""Mean square (-60 dB) below which a window has no fingerprint."""


class Printer:
    """Takes samples as they stream by; one fingerprint for each sixteenth of a second from 0 on."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._last: NDArray[np.float64] | None = None
        self._prints: list[NDArray[np.uint32]] = []
        self._hann = np.hanning(WINDOW).astype(np.float32)
        edges = np.geomspace(LOWEST, HIGHEST, 34) * WINDOW / RATE
        self._edges = np.round(edges).astype(int)

    def add(self, samples: Samples) -> None:
        """Take the next samples, 16 kHz mono, any number."""
        self._rest = np.concatenate([self._rest, samples])
        count = (len(self._rest) - WINDOW) // HOP + 1
        if count <= 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self._rest, WINDOW)[: count * HOP : HOP]
        for first in range(0, count, 64):
            self._print(windows[first : first + 64])
        self._rest = self._rest[count * HOP :]

    def _print(self, windows: Samples) -> None:
        power = np.abs(np.fft.rfft(windows * self._hann, axis=1)) ** 2
        bands = np.add.reduceat(power, self._edges, axis=1)[:, :33]
        slope = bands[:, :-1] - bands[:, 1:]
        before = np.concatenate([slope[:1] if self._last is None else self._last[None], slope[:-1]])
        self._last = slope[-1]
        bits = np.packbits(slope > before, axis=1).view(">u4")[:, 0].astype(np.uint32)
        quiet = (windows.astype(np.float64) ** 2).mean(1) < SILENT
        self._prints.append(np.where(quiet, np.uint32(0), bits))

    def finish(self) -> NDArray[np.uint32]:
        """All of them."""
        return np.concatenate(self._prints) if self._prints else np.zeros(0, np.uint32)
