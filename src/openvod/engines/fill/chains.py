"""Where was a hidden pixel last to be seen, going from frame to frame along the motion?

A chain leads from a hidden pixel through neighbouring frames until it meets a visible one. Only its end is kept, as frame
and place between pixels, so that a value is sampled once however long the chain is. The ring of visible pixels around the
hidden ones is chained too, *as if it were hidden*: its ends are about as far away in time as those of the hidden pixels, and
the error of predicting it says honestly how good the prediction of the hidden ones is.
"""

from dataclasses import dataclass

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
        # An end is put down as one number of 16 bytes, which is four times as quick as putting rows.
        self._ends.view(np.complex128).reshape(-1)[here.index] = ends.view(np.complex128).reshape(-1)
        return ends

    def _step(self, here: Spots, there: Spots | None, frame: int, way: tuple[Motion, Motion]) -> Floats:
        height, width = self._shape
        moves = way[0].by_affine(here.y, here.x) if self._affine else way[0].by_flow(here.y, here.x)
        ends = np.empty((len(here), 4), np.float32)  # filled in place: a step is the dearest part of a fill
        x, y, cost = ends[:, 0], ends[:, 1], ends[:, 3]
        np.add(here.x, moves[:, 0], out=x)
        np.add(here.y, moves[:, 1], out=y)
        column, row = np.rint(x), np.rint(y)
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
        np.clip(column, 0, width - 1, out=column)
        np.clip(row, 0, height - 1, out=row)
        ends[:, 2], cost[:] = frame, 1
        if not self._affine:
            back = way[1].by_flow(row, column)
            back += moves
            np.multiply(back, back, out=back)
            cost += 4 * np.sqrt(np.minimum(back[:, 0] + back[:, 1], 25))
        if there is not None:
            index = (row * np.float32(width) + column).astype(np.int32)
            on = np.flatnonzero(np.where(here.hole, there.near.take(index), there.wide.take(index)))
            further = self._ends.take(index[on], axis=0)
            further[:, 0] += x[on] - column[on]
            further[:, 1] += y[on] - row[on]
            further[:, 3] += cost[on]
            further[(further[:, 2] < 0) | (further[:, 3] > LONGEST), 2] = LOST
            ends[on] = further
        ends[~inside, 2] = LOST
        return ends


def packed(ends: Floats, first: int, side: int) -> NDArray[np.int16]:
    """Ends in half the memory: frame numbers relative to `first`, places in parts of a pixel; `side` is the region's longer
    side."""
    scaled = ends * _units(side)
    scaled[:, 2] = np.where(ends[:, 2] < 0, -1, ends[:, 2] - first)
    whole: NDArray[np.int16] = np.clip(np.rint(scaled), -32768, 32767).astype(np.int16)
    return whole


def unpacked(ends: NDArray[np.int16], first: int, side: int) -> Floats:
    """What was packed."""
    whole: Floats = ends / _units(side)
    whole[:, 2] = np.where(ends[:, 2] < 0, LOST, whole[:, 2] + first)
    return whole


def _units(side: int) -> Floats:
    parts = min(FRACTION, 32767 // side)
    return np.array([parts, parts, 1, 1], np.float32)
