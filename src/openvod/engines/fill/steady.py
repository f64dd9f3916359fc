"""How does a fill stay calm from frame to frame?

What was filled in the frame before is carried along the motion and counts as one more guess. Its error is that of the fill
before plus that of the step, found on the ring; so a good fill stays, and a doubtful one is replaced when better evidence
turns up. At cuts nothing is carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.blend import Judge
from openvod.engines.fill.chains import Spots
from openvod.engines.fill.motion import Floats, Motion
from openvod.engines.fill.samples import Roll

MOST = np.float32(0.7)
"""Largest share of what is carried over."""


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What comes from the frame before, per spot."""

    values: Floats
    share: Floats
    """0 to 1, against what the frame itself was filled with."""
    x: Floats
    """Where it was in the frame before, in pixels of luma."""
    y: Floats


class Steady:
    """What was filled in the frame before, and how sure that was."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._judge = Judge()
        self._error = np.zeros(shape, np.float32)
        self._planes: list[Roll] = []
        self._level = np.float32(1)

    def forget(self) -> None:
        """The next frame has nothing to do with the one before."""
        self._judge.forget()
        self._planes = []

    def carry(self, at: Spots, motion: Motion | None, actual: Floats, error: Floats) -> Carried | None:
        """What the spots get from the frame before, when they have been filled with that expected squared error; None when
        there is nothing to carry. `motion` leads to the frame before."""
        if not self._planes or motion is None:
            self._error.reshape(-1)[at.index] = error
            return None
        height, width = self._error.shape
        moves = motion.by_flow(at.y, at.x)
        x, y = at.x + moves[:, 0], at.y + moves[:, 1]
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        none = np.zeros(len(x), np.float32)
        values = self._planes[0].at(none, x, y) / self._level
        step = self._judge.judge(values, inside, none, actual, at).error
        column, row = np.rint(np.clip(x, 0, width - 1)), np.rint(np.clip(y, 0, height - 1))
        before = self._error.reshape(-1).take((row * width + column).astype(np.int32))
        carried = np.where(inside, step, 0) + before
        share = np.where(inside, np.minimum(MOST, error / (error + carried)), 0)
        self._error[:] = 0  # what is visible has none
        self._error.reshape(-1)[at.index] = share * carried + (1 - share) * error
        return Carried(values, share, x, y)

    def onto(
        self, values: Sequence[Floats], carried: Carried, pick: NDArray[Any], step: tuple[int, int]
    ) -> list[Floats]:
        """Y, U and V values mixed with what is carried over: `pick` are the spots that chroma follows, `step` the luma rows
        and columns of a chroma sample."""
        luma, *chroma = values
        mixed = [luma + carried.share * (carried.values - luma)]
        x, y, share = carried.x[pick] / step[1], carried.y[pick] / step[0], carried.share[pick]
        none = np.zeros(len(pick), np.float32)
        before = self._planes[1].at(none, x, y) / self._level
        for number, now in enumerate(chroma):
            mixed.append(now + share * (before[:, number] - now))
        return mixed

    def keep(self, planes: tuple[NDArray[Any], NDArray[Any], NDArray[Any]], level: np.float32) -> None:
        """Take the filled frame, `[h, w]` each, as what the next one can carry over; `level` is one of 8 bits in samples."""
        self._level = level
        chroma: NDArray[Any] = cv2.merge(planes[1:])
        self._planes = []
        for plane, interpolation in ((planes[0], cv2.INTER_CUBIC), (chroma, cv2.INTER_LINEAR)):
            self._planes.append(Roll(plane.shape, plane.dtype, 1, interpolation))
            self._planes[-1].push(plane)
