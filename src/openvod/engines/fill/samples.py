"""What do planes show at given places in given frames?"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.motion import Floats

ROWS = 32_000
"""cv2.remap takes no picture taller than 32767."""
MARGIN = 2
"""Rows repeated above and below a frame, so that sampling never reaches into the next one."""
ACROSS = 256


class Stack:
    """Frames of one plane, or of several of one size, sampled between pixels: frames lie one below the other, so one call
    serves many."""

    def __init__(self, planes: NDArray[Any], interpolation: int, first: int = 0) -> None:
        """`planes` is `[frames, h, w]` or `[frames, h, w, planes]`, uint8 or uint16, from frame number `first` on;
        `interpolation` one of cv2's."""
        count, height = planes.shape[:2]
        self._rest = planes.shape[3:]
        self.first = first
        self._interpolation = interpolation
        self._height = height
        self._pitch = height + 2 * MARGIN
        self._each = max(1, ROWS // self._pitch)
        edges = ((0, 0), (MARGIN, MARGIN), *((0, 0) for _ in planes.shape[2:]))
        padded = np.pad(planes, edges, mode="edge")
        self._parts = [
            padded[first : first + self._each].reshape(-1, *planes.shape[2:])
            for first in range(0, count, self._each)
        ]

    def at(self, frame: Floats, x: Floats, y: Floats) -> Floats:
        """Values `[n]`, or `[n, planes]`, at places `[n]` of frames `[n]`; any value for a frame number below the first."""
        inside = np.clip(y, 0, self._height - 1)
        frame = np.maximum(frame - self.first, 0)
        rows = frame * self._pitch + (inside + MARGIN)
        if len(self._parts) == 1:
            return self._remap(self._parts[0], x, rows)
        values = np.zeros((len(x), *self._rest), np.float32)
        part = frame.astype(np.intp) // self._each
        for number in np.unique(part):
            here = part == number
            values[here] = self._remap(
                self._parts[number], x[here], rows[here] - number * self._each * self._pitch
            )
        return values

    def _remap(self, tall: NDArray[Any], x: Floats, rows: Floats) -> Floats:
        count = len(x)
        deep = -(-count // ACROSS)
        places = np.zeros((2, deep * ACROSS), np.float32)
        places[0, :count] = x
        places[1, :count] = rows
        across, down = places.reshape(2, deep, ACROSS)
        sampled = cv2.remap(tall, across, down, self._interpolation, borderMode=cv2.BORDER_REPLICATE)
        return sampled.reshape(-1, *self._rest)[:count].astype(np.float32)
