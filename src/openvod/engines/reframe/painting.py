"""How is a frame of a scene painted? Plane by plane, to fractions of a pixel, so that slow pans do not jerk."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.reframe.scenes import Rect, Scene, Tile

Plane = NDArray[np.uint8]
Planes = tuple[Plane, Plane, Plane]
"""Brightness `[h, w]`, and two of colour, `[(h + 1) // 2, (w + 1) // 2]`."""

DIMMED = 0.72
"""Light of a blurred ground: what lies on it must stand out."""
BLACK, GREY = 16, 128
FAR = 1.25
"""Reduction from which on pixels are averaged before they are moved."""
_COARSE = 96
"""Longer side of the picture that a ground is blurred in."""


def paint(source: Planes, scene: Scene, time: float, size: tuple[int, int]) -> Planes:
    """A new picture of `size` (even width and height)."""
    width, height = size
    made = []
    for number, plane in enumerate(source):
        part = 1 if number == 0 else 2
        target = _ground(plane, scene, (width // part, height // part), number)
        for tile in scene.tiles:
            piece, place = (_scaled(rect, 1 / part) for rect in tile.at(time))
            _put(plane, target, piece, place, tile)
        made.append(target)
    return made[0], made[1], made[2]


def _scaled(rect: Rect, by: float) -> Rect:
    return rect[0] * by, rect[1] * by, rect[2] * by, rect[3] * by


def _ground(plane: Plane, scene: Scene, size: tuple[int, int], number: int) -> Plane:
    import cv2  # noqa: PLC0415

    width, height = size
    if scene.ground != "blurred":
        return np.full((height, width), GREY if number else BLACK, np.uint8)
    whole = (0.0, 0.0, float(plane.shape[1]), float(plane.shape[0]))
    left, top, across, down = _scaled(scene.within, 0.5 if number else 1.0) if scene.within else whole
    scale = max(width / across, height / down)
    left, top = left + (across - width / scale) / 2, top + (down - height / scale) / 2
    part = plane[
        max(0, round(top)) : round(top + height / scale), max(0, round(left)) : round(left + width / scale)
    ]
    few = min(1.0, _COARSE / max(size))
    coarse = max(4, round(width * few)), max(4, round(height * few))
    small = cv2.resize(part, coarse, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), 0.6 + 7 * scene.blur, borderType=cv2.BORDER_REPLICATE)
    if scene.mirrored:
        small = small[:, ::-1]
    middle = GREY if number else BLACK
    dimmed = np.clip(middle + (small.astype(np.float32) - middle) * DIMMED, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(dimmed, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _put(plane: Plane, target: Plane, piece: Rect, place: Rect, tile: Tile) -> None:
    """Put the piece on its place, which may be any fraction of a pixel."""
    height, width = target.shape
    x0, y0 = max(0, round(place[0])), max(0, round(place[1]))
    x1, y1 = min(width, round(place[0] + place[2])), min(height, round(place[1] + place[3]))
    if x1 <= x0 or y1 <= y0:
        return
    scale_x, scale_y = piece[2] / place[2], piece[3] / place[3]
    if tile.mirrored:
        start_x = piece[0] + (place[0] + place[2] - x0 - 0.5) * scale_x - 0.5
        scale_x = -scale_x
    else:
        start_x = piece[0] + (x0 + 0.5 - place[0]) * scale_x - 0.5
    start_y = piece[1] + (y0 + 0.5 - place[1]) * scale_y - 0.5
    target[y0:y1, x0:x1] = _sampled(plane, (start_x, start_y), (scale_x, scale_y), (x1 - x0, y1 - y0))


def _sampled(
    plane: Plane, start: tuple[float, float], step: tuple[float, float], size: tuple[int, int]
) -> Any:
    """Pixels of `plane` from `start` on, `step` apart, as many as `size` says."""
    import cv2  # noqa: PLC0415

    width, height = size
    if step == (1.0, 1.0) and _whole(start[0]) and _whole(start[1]):
        x, y = round(start[0]), round(start[1])
        if x >= 0 and y >= 0 and x + width <= plane.shape[1] and y + height <= plane.shape[0]:
            return plane[y : y + height, x : x + width]
    across, down = max(1.0, abs(step[0])), max(1.0, abs(step[1]))
    if max(across, down) >= FAR:
        less = max(1, round(plane.shape[1] / across)), max(1, round(plane.shape[0] / down))
        across, down = plane.shape[1] / less[0], plane.shape[0] / less[1]
        plane = np.asarray(cv2.resize(plane, less, interpolation=cv2.INTER_AREA), np.uint8)
        start = (start[0] + 0.5) / across - 0.5, (start[1] + 0.5) / down - 0.5
        step = step[0] / across, step[1] / down
    matrix = np.array([[step[0], 0, start[0]], [0, step[1], start[1]]])
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)


def _whole(value: float) -> bool:
    return abs(value - round(value)) < 0.02
