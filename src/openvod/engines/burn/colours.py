"""Which numbers in a video stand for a colour? From sRGB to the video's own Y, Cb and Cr.

ITU-T H.273 has the tables. In high dynamic range white is put where ITU-R BT.2408 has it, at 203 cd/m2, for the brightest
signal would blind: 58 % of the signal in PQ, 75 % in HLG.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.engines.burn.style import Colour

Floats = NDArray[np.float32]

PQ, HLG = 16, 18
"""`TransferCharacteristics` of ITU-T H.273: SMPTE ST 2084 and ARIB STD-B67."""
BT2020 = 9
"""`ColourPrimaries`."""
WHITE_NITS, PQ_NITS = 203.0, 10_000.0
HLG_WHITE = 0.2646
"""Scene light at which HLG gives 75 %."""
WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
"""Of red and blue in Y by `MatrixCoefficients`."""
HIGH_DEFINITION = 720
"""Lines from which on a video that does not tell its matrix has that of BT.709, as players take it."""
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
"""Linear light of BT.709's primaries in those of BT.2020 (ITU-R BT.2087)."""


@dataclass(frozen=True, slots=True)
class Code:
    """How a video writes colours down."""

    depth: int
    """Bits of a sample."""
    full_range: bool
    matrix: int
    """`MatrixCoefficients`; 2 when not told."""
    transfer: int = 2
    primaries: int = 2
    lines: int = 0
    """Height of the picture, for a guess where the matrix is not told."""

    def signal(self, colour: Colour) -> tuple[float, float, float]:
        """The non-linear red, green and blue of the video, 0 to 1."""
        plain = np.asarray(colour) / 255
        if self.transfer not in (PQ, HLG):
            return tuple(plain.tolist())
        light = np.where(plain <= 0.04045, plain / 12.92, ((plain + 0.055) / 1.055) ** 2.4)
        if self.primaries == BT2020:
            light = TO_2020 @ light
        shown = _pq(light * WHITE_NITS / PQ_NITS) if self.transfer == PQ else _hlg(light * HLG_WHITE)
        return tuple(np.clip(shown, 0, 1).tolist())

    def planes(self, painted: Floats) -> tuple[Floats, Floats, Floats]:
        """Y, Cb and Cr in sample values, times alpha: of `[h, w, 4]` signal red, green and blue times alpha, and alpha."""
        alpha = painted[..., 3]
        first = (WEIGHTS[5], WEIGHTS[1])[self.lines >= HIGH_DEFINITION]
        red, blue = WEIGHTS.get(self.matrix, first)
        weights = np.array([red, 1 - red - blue, blue], np.float32)
        luma: Floats = painted[..., :3] @ weights
        step = 1 << (self.depth - 8)
        top = (1 << self.depth) - 1 if self.full_range else 219 * step
        wide = top if self.full_range else 224 * step
        dark, middle = 0 if self.full_range else 16 * step, 128 * step
        cb = (painted[..., 2] - luma) / (2 * (1 - blue)) * wide + middle * alpha
        cr = (painted[..., 0] - luma) / (2 * (1 - red)) * wide + middle * alpha
        y = luma * top + dark * alpha
        return np.asarray(y, np.float32), np.asarray(cb, np.float32), np.asarray(cr, np.float32)


def _pq(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084, of light as a share of 10,000 cd/m2."""
    powered = light**0.1593017578125
    return np.asarray(((0.8359375 + 18.8515625 * powered) / (1 + 18.6875 * powered)) ** 78.84375)


def _hlg(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """ARIB STD-B67, of scene light 0 to 1."""
    bright = 0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-9)) + 0.55991073
    return np.where(light <= 1 / 12, np.sqrt(3 * light), bright)
