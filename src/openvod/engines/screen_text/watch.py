"""Where may a text have come since the last look? Dense sharp edges are cheap to see, and text is made of them.

In a grid of blocks the share of pixels with a steep step beside them is counted: letters have it at 0.4 to 0.55, and few
other things above 0.15. The detector, a hundred times dearer, then looks only where the share is high and new.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import Floats, Pixels

ROWS = 360
"""The picture's shorter side is scaled to so many pixels, so that thin strokes of small letters stay."""
BLOCK = 8
"""Pixels of a block's side, at that scale."""
STEEP = 40
"""Levels that brightness changes by across two pixels."""
DENSE, NEW = 0.15, 0.06
"""Share of steep pixels that makes a block dense, and by which it differs from when it was looked at."""
SPREAD = 5
"""Blocks in a row that are taken together: letters have gaps."""
STRONG = 0.25
"""Share that some blocks of a text have."""
FEWEST = 5
"""New and strong blocks that are worth a look."""
MARGIN = 2
"""Blocks around what is dense that the detector is shown."""


class Watch:
    """Remembers what was dense when it was looked at."""

    def __init__(self) -> None:
        self._seen: Floats | None = None

    def windows(self, luma: Pixels, known: Sequence[Box]) -> list[tuple[Box, int]]:
        """What to look at now, with the height of what is dense in it; it counts as looked at afterwards.

        `known` are the lines that are followed already.
        """
        height, width = luma.shape
        density = _density(luma)
        if self._seen is None or self._seen.shape != density.shape:
            self._seen = np.zeros_like(density)
        rows, columns = density.shape
        dense = (density > DENSE).astype(np.uint8)
        fresh = (dense > 0) & (np.abs(density - self._seen) > NEW)
        self._seen = np.where(fresh | (dense == 0), density, self._seen)
        for box in known:
            top, bottom = box.y0 * rows // height, -(-box.y1 * rows // height)
            left, right = box.x0 * columns // width, -(-box.x1 * columns // width)
            around = np.s_[max(0, top - 1) : bottom + 1, max(0, left - 2) : right + 2]
            fresh[around] = False
            self._seen[around] = 0
        if not fresh.any():
            return []
        return _windows(dense, fresh, density > STRONG, (width, height))


def _density(luma: Pixels) -> Floats:
    height, width = luma.shape
    scale = min(1.0, ROWS / min(height, width))
    size = (max(BLOCK, round(width * scale)), max(BLOCK, round(height * scale)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA) if scale < 1 else luma
    steep = cv2.threshold(cv2.absdiff(small[:, 2:], small[:, :-2]), STEEP, 255, cv2.THRESH_BINARY)[1]
    blocks = cv2.resize(steep, (size[0] // BLOCK, size[1] // BLOCK), interpolation=cv2.INTER_AREA)
    return cv2.blur(blocks, (SPREAD, 1)).astype(np.float32) / np.float32(255)


def _windows(
    dense: Pixels, fresh: NDArray[np.bool_], strong: NDArray[np.bool_], size: tuple[int, int]
) -> list[tuple[Box, int]]:
    """Boxes around connected dense blocks of which at least one is fresh."""
    rows, columns = dense.shape
    across, down = size[0] / columns, size[1] / rows
    joined = cv2.dilate(dense, np.ones((1, SPREAD), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    wanted = np.bincount(labels[fresh], minlength=count) >= FEWEST
    wanted &= np.bincount(labels[strong], minlength=count) >= FEWEST
    found: list[tuple[Box, int]] = []
    for label in range(1, count):
        x, y, wide, high = (int(value) for value in stats[label][:4])
        if not wanted[label] or wide < SPREAD + 2:
            continue
        tall = round(high * down)
        left, right = (x - MARGIN) * across, (x + wide + MARGIN) * across
        top, bottom = (y - MARGIN) * down, (y + high + MARGIN) * down
        box = Box(round(left), round(top), round(right), round(bottom)).grown(0, size)
        found.append((box, tall))
    return _merged(found)


def _merged(windows: list[tuple[Box, int]]) -> list[tuple[Box, int]]:
    """Windows that overlap become one."""
    merged: list[tuple[Box, int]] = []
    for box, tall in windows:
        joined, height = box, tall
        while touching := next((one for one in merged if one[0].shared(joined)), None):
            merged.remove(touching)
            joined, height = joined.joined(touching[0]), min(height, touching[1])
        merged.append((joined, height))
    return merged
