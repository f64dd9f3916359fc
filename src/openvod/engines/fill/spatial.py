"""What is behind a mask, judged by one frame alone?"""

import cv2
import numpy as np

from openvod.engines.fill.motion import Floats, Mask, bridge

RIM = 8
"""Pixels of visible picture around what is hidden that a fill goes by."""
RADIUS = 2
"""Pixels that the Navier-Stokes fill looks around itself: 3 cost half as much again and was no better."""
SWEEPS = 8
"""How often each level of the membrane is smoothed."""
CROSS = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)


def membrane(picture: Floats, hidden: Mask) -> Floats:
    """A copy of a picture `[h, w]` whose hidden pixels are stretched smoothly over from their rims.

    Each pixel becomes the mean of its four neighbours (Laplace's equation), solved from coarse to fine. On subtitles over
    real pictures this was 0.9 to 1.7 dB better than OpenCV's Navier-Stokes fill, and three times as quick.
    """
    if not hidden.any():
        return picture.copy()
    part = _part(hidden)
    whole = picture.copy()
    whole[part] = _stretch(picture[part], (~hidden[part]).astype(np.float32))
    return whole


def stretched(picture: Floats, hidden: Mask) -> Floats:
    """A copy of a picture `[h, w]` with its hidden pixels filled: the mean of a membrane and of OpenCV's Navier-Stokes fill.

    The first is better in soft places, the second continues edges; their errors differ, so the mean is the safest.
    """
    smooth = membrane(picture, hidden)
    if not hidden.any():
        return smooth
    part = _part(hidden)
    where = np.ascontiguousarray(hidden[part].view(np.uint8))
    edges = cv2.inpaint(np.ascontiguousarray(picture[part], np.float32), where, RADIUS, cv2.INPAINT_NS)
    np.copyto(smooth[part], (edges + smooth[part]) / 2, where=hidden[part])
    return smooth


def _part(hidden: Mask) -> tuple[slice, slice]:
    """Rows and columns of what is hidden, with a rim to go by."""
    rows, columns = np.flatnonzero(hidden.any(1)), np.flatnonzero(hidden.any(0))
    return (
        slice(max(0, int(rows[0]) - RIM), int(rows[-1]) + RIM + 1),
        slice(max(0, int(columns[0]) - RIM), int(columns[-1]) + RIM + 1),
    )


def _stretch(picture: Floats, seen: Floats) -> Floats:
    height, width = picture.shape
    if min(height, width) < 6:
        return np.where(seen < 0.5, bridge((picture * seen)[..., None], seen)[..., 0], picture)
    half = ((width + 1) // 2, (height + 1) // 2)
    light = cv2.resize(picture * seen, half, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(seen, half, interpolation=cv2.INTER_AREA)
    coarse = _stretch(light / np.maximum(weight, 1e-6), (weight > 0.3).astype(np.float32))
    hole = seen < 0.5
    whole: Floats = np.where(hole, cv2.resize(coarse, (width, height)), picture)
    for _ in range(SWEEPS):
        np.copyto(whole, cv2.filter2D(whole, -1, CROSS, borderType=cv2.BORDER_REPLICATE), where=hole)
    return whole


def depths(hidden: Mask) -> Floats:
    """How many pixels each hidden pixel is away from a visible one; 0 for visible ones, at most the region's longer side."""
    far: Floats = cv2.distanceTransform(hidden.view(np.uint8), cv2.DIST_L2, 3)
    return np.minimum(far, np.float32(max(hidden.shape)))
