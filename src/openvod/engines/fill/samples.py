"""What do planes show at given places in given frames? The last frames are at hand, and sampled between pixels."""

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


class Roll:
    """Frames of one plane, or of several of one size, in memory that is used again when they are let go: they lie one
    below the other, so that one call samples many. Frames are numbered from 0 as they come."""

    def __init__(
        self, shape: tuple[int, ...], kind: np.dtype[Any], capacity: int, interpolation: int
    ) -> None:
        """`shape` is `[h, w]` or `[h, w, planes]`, `kind` uint8 or uint16; up to `capacity` frames are at hand;
        `interpolation` is one of cv2's."""
        self._rest = shape[2:]
        self._interpolation = interpolation
        self._height = shape[0]
        self._pitch = shape[0] + 2 * MARGIN
        self._each = max(1, ROWS // self._pitch)
        """Frames that one call of cv2.remap can sample."""
        self._places = np.empty((capacity, self._pitch, *shape[1:]), kind)
        self.first = self.end = 0
        """Numbers of the first frame that is at hand, and of the next to come."""

    def push(self, planes: NDArray[Any]) -> NDArray[Any]:
        """Take a copy of the next frame; answer that, which stays as it is until the frame is let go."""
        capacity = len(self._places)
        if self.end - self.first == capacity:
            raise IndexError(f"{capacity} frames are at hand already")
        own: NDArray[Any] = self._places[self.end % capacity]
        own[MARGIN:-MARGIN] = planes
        own[:MARGIN], own[-MARGIN:] = planes[0], planes[-1]
        self.end += 1
        kept: NDArray[Any] = own[MARGIN:-MARGIN]
        return kept

    def drop(self, first: int) -> None:
        """Let go of the frames before `first`."""
        self.first = max(self.first, first)

    def at(self, frame: Floats, x: Floats, y: Floats) -> Floats:
        """Values `[n]`, or `[n, planes]`, at places `[n]` of frames `[n]`; any value for a frame that was let go."""
        inside = np.clip(y, 0, self._height - 1)
        inside += MARGIN
        place = np.maximum(frame, np.float32(self.first))
        if self.end > len(self._places):
            place %= np.float32(len(self._places))
        if len(self._places) <= self._each:
            return self._remap(self._places, x, place * self._pitch + inside)
        values = np.zeros((len(x), *self._rest), np.float32)
        part = place.astype(np.intp) // self._each
        for number in np.unique(part):
            here, before = part == number, number * self._each
            rows = (place[here] - before) * self._pitch + inside[here]
            values[here] = self._remap(self._places[before : before + self._each], x[here], rows)
        return values

    def _remap(self, places: NDArray[Any], x: Floats, rows: Floats) -> Floats:
        count = len(x)
        deep = -(-count // ACROSS)
        maps = np.zeros((2, deep * ACROSS), np.float32)
        maps[0, :count] = x
        maps[1, :count] = rows
        across, down = maps.reshape(2, deep, ACROSS)
        tall = places.reshape(-1, *places.shape[2:])
        sampled = cv2.remap(tall, across, down, self._interpolation, borderMode=cv2.BORDER_REPLICATE)
        return sampled.reshape(-1, *self._rest)[:count].astype(np.float32)
