"""Where does an area go from one picture to the next? Median of sparse optical flow, and how far it can be trusted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.faces import Box
from openvod.engines.tracks_view import View

Floats = NDArray[np.float32]

LOOK = 64
"""The area's longer side in pixels while it is followed."""
AROUND, AROUND_FLAT = 2.5, 1.25
"""How many times as wide and as high as the area is what is looked at, and at least how many times its longer side: what is
flat goes up and down by more than its height."""
POINTS = 7
"""Followed points across and down."""
FORTH_AND_BACK = 1.0
"""Pixels that a point may miss its origin by when it is followed back."""
GROWTH = 0.06
"""Most that an area can grow or shrink from one picture to the next."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where an area went."""

    box: Box
    trust: float
    """Correlation of what was and is in the area, 0 to 1; 0 when the flow does not know."""


def follow(before: View, after: View, box: Box) -> Motion:
    """Where what is in `box` of one picture is in the other, which need not be the later one."""
    import cv2  # noqa: PLC0415

    longer = round(AROUND_FLAT * max(box[2] - box[0], box[3] - box[1]))
    window = before.around(box, AROUND, (longer, longer))
    if window is None:
        return Motion(box, 0.0)
    x0, y0, x1, y1 = window
    scale = min(4.0, LOOK / max(box[2] - box[0], box[3] - box[1], 1.0))
    size = max(16, round((x1 - x0) * scale)), max(16, round((y1 - y0) * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    old, new = (cv2.resize(view.luma[y0:y1, x0:x1], size, interpolation=how) for view in (before, after))
    across, down = size[0] / (x1 - x0), size[1] / (y1 - y0)
    here = (
        (box[0] - x0) * across,
        (box[1] - y0) * down,
        (box[2] - x0) * across,
        (box[3] - y0) * down,
    )
    there = _moved(old, new, here)
    if there is None:
        return Motion(box, 0.0)
    moved = there[0] / across + x0, there[1] / down + y0, there[2] / across + x0, there[3] / down + y0
    return Motion(moved, _alike(old, new, here, there))


def _moved(old: Any, new: Any, box: Box) -> Box | None:
    import cv2  # noqa: PLC0415

    inset = 0.12
    xs, ys = (
        np.linspace(low + inset * (high - low), high - inset * (high - low), POINTS)
        for low, high in ((box[0], box[2]), (box[1], box[3]))
    )
    points = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 1, 2).astype(np.float32)
    flow: Any = cv2.calcOpticalFlowPyrLK  # the stubs have no None for points that are not known yet
    forth, known, _ = flow(old, new, points, None, winSize=(13, 13), maxLevel=3)
    back, known_back, _ = flow(new, old, forth, None, winSize=(13, 13), maxLevel=3)
    good = (known[:, 0] == 1) & (known_back[:, 0] == 1)
    good &= np.linalg.norm((back - points)[:, 0], axis=1) < FORTH_AND_BACK
    if good.sum() < POINTS:
        return None
    start, end = points[good, 0], forth[good, 0]
    shift = np.median(end - start, axis=0)
    growth = _growth(start, end)
    middle = (box[0] + box[2]) / 2 + shift[0], (box[1] + box[3]) / 2 + shift[1]
    half = (box[2] - box[0]) / 2 * growth, (box[3] - box[1]) / 2 * growth
    return middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]


def _growth(start: Floats, end: Floats) -> float:
    """How many times further apart the points are."""
    before, after = (np.linalg.norm(points - np.median(points, axis=0), axis=1) for points in (start, end))
    far = before > np.median(before)
    ratio = float(np.median(after[far] / before[far])) if far.any() else 1.0
    return min(max(ratio, 1 - GROWTH), 1 + GROWTH)


def _alike(old: Any, new: Any, here: Box, there: Box) -> float:
    """Correlation of two patches, 0 to 1."""
    import cv2  # noqa: PLC0415

    patches = []
    for picture, box in ((old, here), (new, there)):
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        size = max(4, round(box[2] - box[0])), max(4, round(box[3] - box[1]))
        patch = cv2.resize(cv2.getRectSubPix(picture, size, middle), (16, 16), interpolation=cv2.INTER_AREA)
        patches.append(patch.astype(np.float32) - patch.mean())
    one, other = patches
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return max(0.0, float((one * other).sum()) / lengths) if lengths > 16 else 0.0
