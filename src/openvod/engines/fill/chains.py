"""Where was a hidden pixel last to be seen, going from frame to frame along the motion?

A chain leads from a hidden pixel through neighbouring frames until it meets a visible one. Only its end is kept, as frame
and place between pixels, so that a value is sampled once however long the chain is. The ring of visible pixels around the
hidden ones is chained too, *as if it were hidden*: its ends are about as far away in time as those of the hidden pixels, and
the error of predicting it says honestly how good the prediction of the hidden ones is.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.motion import Floats, Mask, Motion

RING = 4
"""Pixels of width of the ring of check pixels."""
REACH = 2
"""Pixels that sampling between pixels reaches to each side. Ending chains right beside letters left specks of their outline."""
CELL = 4
"""Pixels of the sides of the squares in which errors on the ring are pooled."""
ACROSS = 256
"""Columns of the maps in which places are handed to cv2.remap."""
LONGEST = 240.0
"""Cost at which a chain is given up; a step costs 1, and more where the motion back does not return."""
EVENLY = np.array([0.7548776662466927, 0.6180339887498949])
"""Steps, for x and y, whose multiples fall evenly between whole numbers however many there are."""
LOST = np.float32(-1)
"""Frame number of a chain that has met nothing."""
FRACTION = 16
"""Parts of a pixel in which packed ends are kept; fewer in regions of more than 2047 pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The pixels of one frame that are predicted: hidden ones and the ring; in order of their index."""

    index: NDArray[np.int32]
    """`[n]`: row times width plus column."""
    x: Floats
    y: Floats
    hole: Mask
    """`[n]`: which of them are hidden."""
    hidden: Mask
    """`[h, w]`."""
    near: Mask
    """`[h, w]`: hidden, or so near that a value sampled there would have something hidden in it."""
    wide: Mask
    """`[h, w]`: hidden or ring."""
    ring: NDArray[np.intp]
    """`[r]`: which of them are the ring."""
    cell: NDArray[np.int32]
    """`[r]`: the square of CELL pixels that each of the ring lies in."""
    in_cells: tuple[Floats, Floats]
    """x and y of all in the grid of those squares, as maps of ACROSS columns for cv2.remap; more entries than spots."""

    def __len__(self) -> int:
        return len(self.index)


def spots(hidden: Mask) -> Spots:
    """The pixels of a frame to be predicted, of its hidden ones `[h, w]`."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RING + 1,) * 2)
    wide = cv2.dilate(hidden.view(np.uint8), kernel).view(np.bool_)
    index = np.flatnonzero(wide).astype(np.int32)
    y, x = np.divmod(index, np.int32(hidden.shape[1]))
    hole = hidden.reshape(-1)[index]
    near = cv2.dilate(hidden.view(np.uint8), np.ones((2 * REACH + 1,) * 2, np.uint8)).view(np.bool_)
    ring = np.flatnonzero(~hole)
    cell = (y[ring] // CELL) * -(-hidden.shape[1] // CELL) + x[ring] // CELL
    x, y = x.astype(np.float32), y.astype(np.float32)
    return Spots(index, x, y, hole, hidden, near, wide, ring, cell, _in_cells(x, y))


def _in_cells(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    places = np.zeros((2, -(-len(x) // ACROSS) * ACROSS), np.float32)
    for place, there in zip(places, (x, y), strict=True):
        np.multiply(there, np.float32(1 / CELL), out=place[: len(x)])
    places += np.float32(0.5 / CELL - 0.5)
    across, down = places.reshape(2, -1, ACROSS)
    return across, down


class Chain:
    """Chains into one direction of time, by flow or by affine motion; advance it frame by frame that way."""

    def __init__(self, shape: tuple[int, int], affine: bool) -> None:
        self._affine = affine
        self._shape = shape
        self._ends = np.full((shape[0] * shape[1], 4), LOST, np.float32)
        """x, y, frame number and cost, valid at the pixels predicted in the frame before."""

    def advance(
        self, here: Spots, there: Spots | None, frame: int, way: tuple[Motion, Motion] | None
    ) -> Floats:
        """Ends of the chains of a frame, `[n, 4]`: x, y, frame number (LOST without an end), cost.

        `there` are the spots of the frame the chains step into, whose number is `frame`, None when nothing is hidden in
        it; `way` the motion there and the motion back, None where no step leads on: at the clip's end and at a cut.
        """
        nothing = np.full((len(here), 4), LOST, np.float32)
        ends = nothing if way is None else self._step(here, there, frame, way)
        _whole(self._ends)[here.index] = _whole(ends)
        return ends

    def _step(self, here: Spots, there: Spots | None, frame: int, way: tuple[Motion, Motion]) -> Floats:
        """As `advance`. All spots are taken along and then overruled: picking out some first took twice as long."""
        height, width = self._shape
        moves = way[0].by_affine(here.y, here.x) if self._affine else way[0].by_flow(here.y, here.x)
        x, y = here.x + moves[:, 0], here.y + moves[:, 1]
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        across, down = _dither(frame)
        column = np.maximum(np.minimum(np.rint(x + across), np.float32(width - 1)), np.float32(0))
        row = np.maximum(np.minimum(np.rint(y + down), np.float32(height - 1)), np.float32(0))
        cost = np.ones(len(here), np.float32) if self._affine else _cost(moves, way[1].by_flow(row, column))
        ends = np.empty((len(here), 4), np.float32)
        ends[:, 0], ends[:, 1], ends[:, 2], ends[:, 3] = x, y, frame, cost
        if there is not None:
            index = (row * np.float32(width) + column).astype(np.int32)
            on = np.where(here.hole, there.near.take(index), there.wide.take(index))
            further = _whole(self._ends).take(index).view(np.float32).reshape(-1, 4)
            x -= column
            y -= row
            further[:, 0] += x
            further[:, 1] += y
            cost += further[:, 3]
            further[:, 3] = cost
            inside &= ~on | ((further[:, 2] >= 0) & (cost <= LONGEST))
            np.copyto(_whole(ends), _whole(further), where=on)
        np.copyto(ends[:, 2], LOST, where=~inside)
        return ends


def _dither(frame: int) -> Floats:
    """What is added to x and y before they are rounded to the pixel whose chain goes on, -0.499 to 0.499.

    The end is a sum of exact steps, but which frame it is in follows the rounded ones. Rounded alike each time, 0.6 pixels a
    frame walk as 1: after 20 frames the chain has left what is hidden, and its end still lies 8 pixels inside. Spread
    evenly over the frames, the walk stays within about a pixel of the end, which REACH allows for.
    """
    even: Floats = ((frame * EVENLY) % 1 - 0.5) * 0.998
    return even.astype(np.float32)


def _cost(moves: Floats, back: Floats) -> Floats:
    """Of a step there and back, `[n]`."""
    x, y = moves[:, 0] + back[:, 0], moves[:, 1] + back[:, 1]
    x *= x
    y *= y
    x += y
    np.minimum(x, np.float32(25), out=x)
    np.sqrt(x, out=x)
    x *= np.float32(4)
    x += np.float32(1)
    return x


def _whole(ends: Floats) -> NDArray[Any]:
    """Each end as one number of 16 bytes: taking and putting these is four times as quick as rows."""
    return ends.view(np.complex128).reshape(-1)


def packed(ends: Floats, first: int, side: int) -> NDArray[np.int16]:
    """Ends in half the memory: frame numbers relative to `first`, places in parts of a pixel; `side` is the region's longer
    side."""
    moved = cv2.subtract(ends.reshape(-1, 1, 4), np.array([0, 0, first, 0], np.float64))
    whole: NDArray[Any] = cv2.multiply(moved, _units(side), dtype=cv2.CV_16S)
    return whole.reshape(-1, 4)


def unpacked(ends: NDArray[np.int16], first: int, side: int) -> Floats:
    """What was packed."""
    moved = cv2.multiply(ends.reshape(-1, 1, 4), 1 / _units(side), dtype=cv2.CV_32F)
    added: NDArray[Any] = cv2.add(moved, np.array([0, 0, first, 0], np.float64))
    whole: Floats = added.reshape(-1, 4)
    np.copyto(whole[:, 2], LOST, where=ends[:, 2] < 0)
    return whole


def _units(side: int) -> NDArray[np.float64]:
    parts = min(FRACTION, 32767 // side)
    return np.array([parts, parts, 1, 1], np.float64)
