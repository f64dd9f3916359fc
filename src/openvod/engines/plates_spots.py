"""Where may a plate be that is too small to be seen in a look at the whole picture? By its strokes, without reading.

The strokes of a plate's signs are many edges from left to right in a little place, with fewer above, below and beside it
(an old way of finding plates: Anagnostopoulos and others, License plate recognition from still images, 2008).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.faces import Box

Plane = NDArray[np.uint8]
Bgr = NDArray[np.uint8]

HEIGHTS = (10, 16)
"""Heights of a plate's signs that are looked for, in pixels: plates of about 14 to 45 pixels. Higher ones are seen anyhow."""
HIGH, WIDE = 9, 27
"""What a group of such signs is brought to, in pixels, before its edges are counted."""
BEYOND = 9
"""Distance to the rows above and below with which they are compared, there; the columns beside are twice as far."""
LEAST = 12.0
"""How many more edges than around it a spot has, in levels."""
STRONGEST = 160
"""An edge counts so much at most: one hard line is no text."""
TILE = (192, 64)
"""Width and height, in pixels, of what is cut out around a spot and looked at; multiples of 32."""
SIGNS = 12
"""Height that a spot's signs have in there."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a picture, in its pixels."""

    x: float
    y: float
    """The middle."""
    height: int
    """About how high the signs are: one of `HEIGHTS`."""
    score: float


def spots(luma: Plane, most: int) -> list[Spot]:
    """The `most` likeliest places in `[h, w]`, best first."""
    import cv2  # noqa: PLC0415

    edges = cv2.convertScaleAbs(cv2.Sobel(luma, cv2.CV_16S, 1, 0, ksize=3))
    edges = cv2.min(edges, STRONGEST)  # type: ignore[call-overload]
    found = [spot for height in HEIGHTS for spot in _of_height(edges, height, most)]
    kept: list[Spot] = []
    for spot in sorted(found, key=lambda each: -each.score):
        if all(_apart(spot, other) for other in kept):
            kept.append(spot)
        if len(kept) == most:
            break
    return kept


def _of_height(edges: Any, height: int, most: int) -> list[Spot]:
    import cv2  # noqa: PLC0415

    scale = HIGH / height
    size = round(edges.shape[1] * scale), round(edges.shape[0] * scale)
    if min(size) < WIDE:
        return []
    small = cv2.resize(edges, size, interpolation=cv2.INTER_AREA)
    inside, rows, columns = (
        cv2.boxFilter(small, cv2.CV_32F, window) for window in ((WIDE, HIGH), (WIDE, 5), (5, HIGH))
    )
    rows = cv2.copyMakeBorder(rows, BEYOND, BEYOND, 0, 0, cv2.BORDER_REFLECT)
    columns = cv2.copyMakeBorder(columns, 0, 0, 2 * BEYOND, 2 * BEYOND, cv2.BORDER_REFLECT)
    score = inside - 0.35 * (rows[: -2 * BEYOND] + rows[2 * BEYOND :])
    score -= 0.15 * (columns[:, : -4 * BEYOND] + columns[:, 4 * BEYOND :])
    peaks = np.flatnonzero((score >= cv2.dilate(score, np.ones((HIGH, WIDE), np.uint8))) & (score > LEAST))
    values = score.ravel()[peaks]
    best = peaks[np.argsort(-values)][:most]
    return [
        Spot((at % size[0]) / scale, (at // size[0]) / scale, height, float(score.ravel()[at]))
        for at in best.tolist()
    ]


def _apart(one: Spot, other: Spot) -> bool:
    height = max(one.height, other.height)
    return abs(one.x - other.x) > 4 * height or abs(one.y - other.y) > 1.2 * height


@dataclass(frozen=True, slots=True, eq=False)
class Cutting:
    """What is around a spot, `TILE` in size, and where it comes from."""

    picture: Bgr
    left: float
    top: float
    scale: float
    """How many pixels of the whole picture one of its own is."""

    def back(self, box: Box) -> Box:
        """A box of the cutting, in the whole picture."""
        x0, y0, x1, y1 = (edge * self.scale for edge in box)
        return x0 + self.left, y0 + self.top, x1 + self.left, y1 + self.top


def cutting(picture: Bgr, spot: Spot) -> Cutting:
    """Of `[h, w, 3]`; past its edges they go on."""
    import cv2  # noqa: PLC0415

    scale = spot.height / SIGNS
    left, top = spot.x - TILE[0] * scale / 2, spot.y - TILE[1] * scale / 2
    matrix = np.array([[scale, 0, left], [0, scale, top]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(picture, matrix, TILE, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return Cutting(np.asarray(cut, np.uint8), left, top, scale)
