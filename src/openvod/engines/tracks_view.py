"""What is kept of a picture so that it can be looked at again, forward and backward in time?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.faces import Box
from openvod.engines.shots import describe

Plane = NDArray[np.uint8]
Bgr = NDArray[np.uint8]

LONGEST_SIDE = 1280
"""A larger picture is kept smaller: its memory and the time to look at it stay bounded."""
THUMBNAIL = (48, 27)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One picture. All boxes are in its own pixels; times `scale` they are the video's."""

    number: int
    luma: Plane
    """`[h, w]`, even sides."""
    chroma: Plane
    """`[h / 2, w / 2, 2]`: Cb and Cr."""
    scale: float
    look: Any
    """`shots.describe` of this picture alone."""

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        return self.luma.shape[1], self.luma.shape[0]

    def bgr(self, box: tuple[int, int, int, int] | None = None) -> Bgr:
        """The picture, or what is in `box` (even edges, inside)."""
        import cv2  # noqa: PLC0415

        x0, y0, x1, y1 = box or (0, 0, *self.size)
        luma = np.ascontiguousarray(self.luma[y0:y1, x0:x1])
        chroma = np.ascontiguousarray(self.chroma[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2])
        converted: Any = cv2.cvtColorTwoPlane(luma, chroma, cv2.COLOR_YUV2BGR_NV12)
        return np.asarray(converted, np.uint8)

    def around(
        self, box: Box, times: float, least: tuple[int, int] = (0, 0)
    ) -> tuple[int, int, int, int] | None:
        """`times` as wide and high as `box` around its middle and at least so many pixels, with even edges inside;
        None when too little is left."""
        half_width = max((box[2] - box[0]) * times, least[0]) / 2
        half_height = max((box[3] - box[1]) * times, least[1]) / 2
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        x0, x1 = (_even(edge, self.size[0]) for edge in (x - half_width, x + half_width))
        y0, y1 = (_even(edge, self.size[1]) for edge in (y - half_height, y + half_height))
        return (x0, y0, x1, y1) if min(x1 - x0, y1 - y0) >= 8 else None


def view(number: int, luma: Plane, chroma: tuple[Plane, Plane]) -> View:
    """Keep a copy of a picture, `LONGEST_SIDE` at most."""
    import cv2  # noqa: PLC0415

    height, width = luma.shape
    scale = max(1.0, max(height, width) / LONGEST_SIDE)
    size = tuple(max(2, round(side / scale / 2) * 2) for side in (width, height))
    half = size[0] // 2, size[1] // 2
    kept = cv2.resize(luma, size, interpolation=cv2.INTER_AREA) if size != (width, height) else luma.copy()
    both = [
        plane if plane.shape == half[::-1] else cv2.resize(plane, half, interpolation=cv2.INTER_AREA)
        for plane in chroma
    ]
    colours = cv2.merge(both)
    look = look_of(number, (kept, *both))
    return View(number, np.asarray(kept, np.uint8), np.asarray(colours, np.uint8), width / size[0], look)


def look_of(number: int, planes: Sequence[Any]) -> Any:
    """`shots.describe` of one picture, of its Y, U and V of 8 bits; nothing else of it is kept."""
    tiny = [_thumbnail(plane) for plane in planes]
    return describe(_rgb(*tiny)[None], np.array([float(number)]))


def _thumbnail(plane: Any) -> NDArray[np.float32]:
    """By a whole number first: that is four times as quick."""
    import cv2  # noqa: PLC0415

    height, width = plane.shape
    by = min(8, height // (2 * THUMBNAIL[1]), width // (2 * THUMBNAIL[0]))
    if by > 1:
        whole = plane[: height // by * by, : width // by * by]
        plane = cv2.resize(whole, (width // by, height // by), interpolation=cv2.INTER_AREA)
    tiny: Any = cv2.resize(plane, THUMBNAIL, interpolation=cv2.INTER_AREA)
    return np.asarray(tiny, np.float32)


def _rgb(luma: NDArray[np.float32], cb: NDArray[np.float32], cr: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Roughly: it only serves to compare pictures."""
    red, blue = luma + 1.4 * (cr - 128), luma + 1.77 * (cb - 128)
    green = luma - 0.34 * (cb - 128) - 0.71 * (cr - 128)
    return np.asarray(np.clip(np.stack([red, green, blue], -1), 0, 255), np.uint8)


def _even(edge: float, limit: int) -> int:
    return min(max(round(edge / 2) * 2, 0), limit)
