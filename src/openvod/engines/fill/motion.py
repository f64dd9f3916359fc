"""How does the picture move from one frame to the next, also where it is hidden?

Dense optical flow (DIS) at half size, on frames whose hidden pixels were bridged from around them; flow in hidden places is
not believed but bridged likewise from the visible flow. Beside it one affine motion for the whole region, fitted to the
visible flow, which is the better guess where a camera moves over something rigid.
"""

from collections import deque
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
"""Of float32; OpenCV declares its answers as any numbers."""
Mask = NDArray[np.bool_]
Pixels = NDArray[Any]

SMALL = 96
"""Pixels of the shorter side below which flow is found at full size: halved, there would be too little to see."""
LEAST = 16
"""Pixels of the shorter side below which no flow is found at all."""
GRID = 6
"""Every this many-th flow vector, across and down, is looked at for the affine motion."""
AROUND = 2
"""Pixels around what is hidden whose flow is not believed either."""
REFINED = 1
"""Rounds in which flow is refined: with 2 it cost more and was 0.1 dB worse in the mean, with the usual 5 another 0.2 dB."""
LONG = 17
"""Prepared frames by which a standstill is told from a slow pan: the newest and the oldest are to be alike, too."""
BLOCK = 8
"""Pixels (of the flow's size) of the sides of the squares in which a standstill is looked for."""
CALM = 1.5
"""Mean difference in such a square up to which it stands still: coding noise."""
SURE = np.float32(0.25)
"""Weight from which a place is not bridged at all."""
SAME = 0.02
"""Pixels (of the flow's size) by which another round of fitting moves no corner to be the last one."""
PARTS = 64
"""Of a pixel, in which flow is kept: up to 511 pixels of its own size."""
STILL = 0.12
"""Pixels (of the flow's size) by which an affine motion moves no corner of the region to count as no motion."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """From a frame to a neighbour."""

    flow: NDArray[np.int16] | None
    """`[h, w, 2]`: x and y in PARTS of a pixel of its own size; None where the region is too small for flow. Whole numbers,
    as hundreds of these are kept."""
    affine: NDArray[np.float64] | None
    """`[2, 3]`: the same motion for all; None when it is no motion at all."""
    scale: int = 1
    """How many pixels of the region a pixel of the flow is wide: 1 or 2."""

    def by_flow(self, y: Floats, x: Floats) -> Floats:
        """What to add to whole-numbered places in the region, `[n, 2]` as x and y."""
        if self.flow is None:
            return self.by_affine(y, x)
        width = self.flow.shape[1]
        shift = self.scale - 1
        index = y.astype(np.int32)
        index >>= shift
        index *= width
        index += x.astype(np.int32) >> shift
        # A vector is taken as one number of 4 bytes, which is twice as quick as taking rows.
        vectors = self.flow.view(np.int32).reshape(-1).take(index).view(np.int16).reshape(-1, 2)
        moves: Floats = vectors * np.float32(self.scale / PARTS)
        return moves

    def by_affine(self, y: Floats, x: Floats) -> Floats:
        """The same by the one affine motion."""
        if self.affine is None:
            return np.zeros((len(y), 2), np.float32)
        (a, b, c), (d, e, f) = self.affine.astype(np.float32)
        c, f = c * self.scale, f * self.scale
        moves = np.empty((len(x), 2), np.float32)
        moves[:, 0] = a * x + b * y + c
        moves[:, 1] = d * x + e * y + f
        return moves


STANDSTILL = Motion(None, None)


class MotionFinder:
    """Finds the motion between neighbouring frames of one region."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape = shape
        self._scale = 1 if min(shape) < SMALL else 2
        self._kept: tuple[int, tuple[Pixels, Floats]] | None = None
        self._past: deque[Pixels] = deque(maxlen=LONG)
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._dis.setVariationalRefinementIterations(REFINED)

    def prepare(self, number: int, picture: Pixels, hidden: Mask, depth: int) -> tuple[Pixels, Floats]:
        """What `between` needs of a frame: 8-bit luma at the flow's size, hidden parts bridged, and how visible (0 or 1) each
        pixel is. The last frame's is kept by its number."""
        if self._kept is not None and self._kept[0] == number:
            return self._kept[1]
        prepared = self._prepare(picture, hidden, depth)
        if self._kept is None or number > self._kept[0]:
            self._kept = number, prepared
            self._past.append(prepared[0])
        return prepared

    def _prepare(self, picture: Pixels, hidden: Mask, depth: int) -> tuple[Pixels, Floats]:
        height, width = (-(-side // self._scale) for side in self._shape)
        seen: Floats = (~hidden).astype(np.float32)
        light: Floats = picture.astype(np.float32) * (seen / np.float32(1 << (depth - 8)))
        seen = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
        light = cv2.resize(light, (width, height), interpolation=cv2.INTER_AREA)
        whole = bridge(light[..., None], seen)[..., 0] if hidden.any() else light
        # Next to what is hidden, flow is drawn along by it.
        near = cv2.dilate(
            (seen < 0.999).astype(np.uint8), np.ones((2 * AROUND // self._scale + 1,) * 2, np.uint8)
        )
        return np.clip(np.rint(whole), 0, 255).astype(np.uint8), (near == 0).astype(np.float32)

    def both(self, before: tuple[Pixels, Floats], after: tuple[Pixels, Floats]) -> tuple[Motion, Motion]:
        """The motion from the later of two neighbours back, and from the earlier one on."""
        if self._stands_still(before, after):
            return STANDSTILL, STANDSTILL
        return self.between(after, before), self.between(before, after)

    def _stands_still(self, before: tuple[Pixels, Floats], after: tuple[Pixels, Floats]) -> bool:
        """Whether nothing visible moves, not even slowly: then the dearest part, the flow, is not needed."""
        if len(self._past) < LONG:
            return False
        size = tuple(max(1, side // BLOCK) for side in before[0].shape[::-1])
        for earlier in (before[0], self._past[0]):
            apart = cv2.multiply(cv2.absdiff(after[0], earlier), before[1] * after[1], dtype=cv2.CV_32F)
            if cv2.resize(apart, size, interpolation=cv2.INTER_AREA).max() > CALM:
                return False
        return True

    def between(self, one: tuple[Pixels, Floats], other: tuple[Pixels, Floats]) -> Motion:
        """The motion from one prepared frame to another."""
        if min(self._shape) < LEAST:
            return STANDSTILL
        (here, seen), (there, _) = one, other
        flow: Floats = self._dis.calc(here, there, None)  # type: ignore[call-overload]  # None: it makes its own
        if not seen.all():
            flow = bridge(flow * seen[..., None], seen)
        whole: NDArray[Any] = cv2.multiply(flow, np.full(4, PARTS, np.float64), dtype=cv2.CV_16S)
        return Motion(whole, fit_affine(flow, seen), self._scale)


def bridge(weighted: Floats, weight: Floats) -> Floats:
    """Carry values over places without any: means over ever larger surroundings, as smooth as they are far.

    `weighted` is `[h, w, c]`, values times their weights (0 to 1, `[h, w]`); the answer is `[h, w, c]`. All zero without
    any weight.
    """
    levels = [(weighted, weight)]
    while min(weight.shape) > 2 and len(levels) < 8 and weight.min() < SURE:
        weighted, weight = _halved(weighted), cv2.pyrDown(weight)
        levels.append((weighted, weight))
    whole: Floats = weighted * _for_all(1 / np.maximum(weight, 1e-6), weighted)
    for weighted, weight in reversed(levels[:-1]):
        height, width = weight.shape
        whole = cv2.pyrUp(whole, dstsize=(width, height)).reshape(weighted.shape)
        whole *= _for_all(1 - np.minimum(1, weight * (1 / SURE)), weighted)
        whole += weighted * _for_all(np.minimum(1 / np.maximum(weight, 1e-6), 1 / SURE), weighted)
    return whole


def _halved(picture: Floats) -> Floats:
    half: Floats = cv2.pyrDown(picture)
    return half.reshape(*half.shape[:2], -1)


def _for_all(weight: Floats, picture: Floats) -> Floats:
    """A weight `[h, w]` for each of a picture's channels: numpy is slow at spreading it over a last axis so short."""
    count = picture.shape[2]
    whole: Floats = cv2.merge([weight] * count) if count > 1 else weight[..., None]
    return whole


def fit_affine(flow: Floats, weight: Floats) -> NDArray[np.float64] | None:
    """The one affine motion that most of the flow follows, `[2, 3]` to be added, or None for a standstill or when
    there is too little to see."""
    ys, xs = np.nonzero(weight[::GRID, ::GRID] > 0.5)
    if len(ys) < 24:
        return None
    moves = flow[::GRID, ::GRID][ys, xs].astype(np.float64)
    places: NDArray[np.float64] = np.column_stack([xs * GRID, ys * GRID, np.ones(len(xs))])
    height, width = weight.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float64)
    trust = np.ones(len(xs))
    matrix: NDArray[Any] = np.zeros((3, 2))
    for _ in range(4):
        normal = places.T * trust
        before, matrix = (
            matrix,
            np.linalg.solve(normal @ places + np.eye(3) * 1e-6, normal @ moves),
        )
        if np.abs(corners @ (matrix - before)).max() < SAME:
            break
        stray = ((moves - places @ matrix) ** 2).sum(1)
        trust = 1 / (1 + stray / max(0.01, 2.25 * float(np.median(stray)))) ** 2
    if np.abs(corners @ matrix).max() < STILL:
        return None
    return matrix.T.copy()
