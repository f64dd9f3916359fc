"""Which of several guesses for hidden pixels is to be believed, and how much?

Every guess also predicts the ring of visible pixels around the hidden ones, from as far away in time. Its squared error
there, carried into the hidden places, decides its weight; its mean error is taken off it, which closes seams.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from openvod.engines.fill.chains import CELL, Spots
from openvod.engines.fill.motion import Floats, Mask, bridge

WORST = np.float32(120**2)
"""Squared error beyond which a place on the ring is no worse. Capped at half the levels, guesses that missed a dark bar passing
over something bright were believed too much."""
BIAS = np.float32(25)
"""Levels beyond which an error on the ring counts as a wrong place and not as another brightness."""
SEAM = np.float32(0.7)
"""How much of a guess's mean error on the ring is taken off it."""
FLOOR = np.float32(3)
"""Squared error that even a perfect guess may have, of the coding of the video."""
AGEING = np.float32(0.2)
"""Squared error to add for every step of a chain."""
MEMORY = np.float32(0.1)
"""How much of the errors of the frame before stays, so that the choice does not jump from frame to frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """One prediction of all spots of a frame; arrays of one entry per spot, levels of 0 to 255."""

    values: Floats
    error: Floats
    """Expected squared error, infinite where there is no prediction."""


class Judge:
    """Judges one kind of guess from frame to frame."""

    def __init__(self) -> None:
        self._before: Floats | None = None

    def forget(self) -> None:
        """What was known of earlier frames does not hold any more: a cut."""
        self._before = None

    def judge(self, values: Floats, known: Mask, cost: Floats, actual: Floats, at: Spots) -> Guess:
        """Values of a guess, where there are any, the steps they came by, and the visible picture at the spots."""
        known_ring = known[at.ring]
        if not known_ring.any():
            self._before = None
            return Guess(values, np.where(known, WORST, np.inf).astype(np.float32))
        off = (actual[at.ring] - values[at.ring]) * known_ring
        pooled = _pool(
            at,
            known_ring,
            np.minimum(off * off, WORST),
            np.clip(off, -BIAS, BIAS),
            cost[at.ring] * known_ring,
        )
        if self._before is not None:
            pooled[..., 0] += MEMORY * (self._before - pooled[..., 0])
        self._before = pooled[..., 0].copy()
        carried = _unpool(pooled, at)
        # Where hidden pixels come from further away than the ring does, the ring says too little.
        longer = np.maximum(1, (cost + 1) / (carried[:, 2] + 1))
        error = carried[:, 0] * longer + FLOOR + AGEING * cost
        return Guess(values + SEAM * carried[:, 1], np.where(known, error, np.inf).astype(np.float32))


def _pool(at: Spots, known: Mask, squares: Floats, off: Floats, cost: Floats) -> Floats:
    """Means in squares of CELL pixels, carried over the squares without any: `[h / CELL, w / CELL, 3]`."""
    rows, columns = (-(-side // CELL) for side in at.hidden.shape)
    sums = [np.bincount(at.cell, weight, rows * columns) for weight in (squares, off, cost, known)]
    summed = (np.stack(sums, -1) / (CELL * CELL)).astype(np.float32).reshape(rows, columns, 4)
    return bridge(np.ascontiguousarray(summed[..., :3]), np.ascontiguousarray(summed[..., 3]))


def _unpool(pooled: Floats, at: Spots) -> Floats:
    """Of every spot, between the middles of the squares around it: `[n, 3]`."""
    x, y = at.in_cells
    spread: Floats = cv2.remap(pooled, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return spread.reshape(-1, pooled.shape[2])[: len(at)]


def mix(guesses: list[Guess]) -> tuple[Floats, Floats, Floats]:
    """Of guesses of the same spots: the expected squared error of their mix, the mix, and the share of each guess in it
    (`[guesses, n]`). Without any guess the error is infinite and the value 0."""
    trust = np.stack([1 / (guess.error * guess.error) for guess in guesses])
    total = trust.sum(0)
    share: Floats = trust / np.maximum(total, 1e-30)
    value: Floats = np.einsum("gn,gn->n", share, np.stack([guess.values for guess in guesses]))
    with np.errstate(divide="ignore"):
        return (1 / np.sqrt(total)).astype(np.float32), value, share
