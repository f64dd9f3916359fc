"""Which of the pixels that are called hidden show the picture after all?

Masks are made wide, so that no rim of a letter stays; where the picture moves fast, each needless pixel of width costs about
1 dB. Over the frames of a caption a pixel that nothing covers changes as its visible neighbour does, and shows on average what
is shown around it; a covered one does neither. So the mask is peeled from outside, one pixel at a time, and what is
left is grown again by the pixels that a codec smears. Where the picture stands still nothing can be told, and nothing is lost:
what is hidden there comes from before or after.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.motion import Floats, Mask, Pixels

LEAST = 12
"""Frames with the same mask below which nothing is told from."""
MOST = 64
"""Frames that are looked at, evenly spread when there are more."""
LAYERS = 6
"""Pixels that are peeled off at most."""
BESIDE = 1.5
"""Pixels from the nearest visible one up to which a pixel is of the outermost layer."""
LIVE = np.float32(4**2)
"""Mean squared change of the visible neighbour, from frame to frame, from which there is anything to follow."""
FOLLOWS = np.float32(0.2)
"""Share of that which may be left when the neighbour's change is taken off the pixel's own."""
ALIKE = np.float32(4)
"""Levels that a pixel may differ on average from where the mask once ended, beyond what the picture itself does over the
same distance: less than the faintest shadow."""
SMEARED = 2
"""Pixels around what is covered that stay hidden."""


@dataclass(frozen=True, slots=True, eq=False)
class _Nearest:
    """The visible pixel nearest to each hidden one."""

    distance: Floats
    """`[h, w]`."""
    index: NDArray[np.intp]
    """`[h, w]`: row times width plus column of that pixel."""


def trimmed(hidden: Mask, frames: Sequence[Pixels], level: np.float32) -> Mask:
    """A mask `[h, w]` without the pixels at its rim that show the picture in `frames` (luma `[h, w]`, `level` samples to one
    level of 8 bits), all of which it holds for. It stays as it is where that cannot be told."""
    if len(frames) < LEAST or hidden.all():
        return hidden
    some = np.unique(np.linspace(0, len(frames) - 1, MOST).astype(int))
    seen = [frames[number].reshape(-1) for number in some]
    outer, covered = _nearest(hidden), hidden.copy()
    for _ in range(LAYERS):
        bare = _bare(covered, outer, seen, level)
        if not bare.size:
            break
        covered.reshape(-1)[bare] = False
    if not covered.any():  # so it was no mask of what is burned in, and is not ours to judge
        return hidden
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * SMEARED + 1,) * 2)
    grown: Mask = cv2.dilate(covered.view(np.uint8), kernel).view(np.bool_)
    return grown & hidden


def _bare(covered: Mask, outer: _Nearest, seen: Sequence[Pixels], level: np.float32) -> NDArray[np.intp]:
    """Indices of the pixels of the outermost layer that show the picture."""
    nearest = _nearest(covered)
    layer = np.flatnonzero(covered & (nearest.distance <= BESIDE))
    edge = outer.index.reshape(-1)[layer]
    own, beside, once, beyond = (
        _over_time(seen, index, level)
        for index in (layer, nearest.index.reshape(-1)[layer], edge, _mirrored(layer, edge, covered.shape))
    )
    change = np.diff(beside, axis=0)
    live = np.square(change).mean(0)
    left = np.square(np.diff(own, axis=0) - change).mean(0)
    apart, usual = np.abs((own - once).mean(0)), np.abs((once - beyond).mean(0))
    bare: NDArray[np.intp] = layer[(live > LIVE) & (left < FOLLOWS * live) & (apart < usual + ALIKE)]
    return bare


def _nearest(hidden: Mask) -> _Nearest:
    distance, labels = cv2.distanceTransformWithLabels(
        hidden.view(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    visible = np.flatnonzero(~hidden)
    of_label = np.zeros(int(labels.max()) + 1, np.intp)
    of_label[labels.reshape(-1)[visible]] = visible
    return _Nearest(distance, of_label[labels])


def _mirrored(index: NDArray[np.intp], about: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.intp]:
    """As far beyond the pixels `about` as `index` lies before them, inside the picture."""
    height, width = shape
    (y, x), (middle_y, middle_x) = np.divmod(index, width), np.divmod(about, width)
    mirrored: NDArray[np.intp] = np.clip(2 * middle_y - y, 0, height - 1) * width
    mirrored += np.clip(2 * middle_x - x, 0, width - 1)
    return mirrored


def _over_time(seen: Sequence[Pixels], index: NDArray[np.intp], level: np.float32) -> Floats:
    """`[frames, n]`, in levels of 8 bits."""
    over: Floats = np.stack([picture.take(index) for picture in seen]).astype(np.float32)
    over /= level
    return over
