"""Which pixels are near a line of text, and which beside it? And from what on has one of them changed?"""

from collections.abc import Sequence

import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import Flags

ALTERED = 3.0
"""Levels above the surroundings' own change from which a pixel counts as covered."""
RIM = 2
"""Pixels around what was measured: anti-aliasing, and what a codec smears."""
SMALL_RIM, SMALL = 3, 20
"""The same for lines that are lower than so many pixels: their strokes are lost more easily."""
MOVING = 0.06
"""Share of the pixels around a text that change strongly, from which a strong change next to strokes tells nothing."""


def near(shape: tuple[int, ...], boxes: Sequence[Box], share: float = 0.5) -> Flags:
    """The lines' boxes, grown by a share of their height."""
    inside = np.zeros(shape, bool)
    for box in boxes:
        wide = box.grown(round(share * box.height), (shape[1], shape[0]))
        inside[wide.y0 : wide.y1, wide.x0 : wide.x1] = True
    return inside


def beside(near: Flags, line: Box) -> Flags:
    """What is around a text, no further to the sides than the line is high."""
    outside = ~near
    outside[:, : max(0, line.x0 - line.height)] = outside[:, line.x1 + line.height :] = False
    return outside


def between_rows(shape: tuple[int, ...], line: Box) -> Flags:
    """The middle rows of a line: the detector may take a board for the line, and more."""
    inner = round(0.15 * line.height)
    rows = np.zeros(shape, bool)
    rows[line.y0 + inner : max(line.y0 + inner + 1, line.y1 - inner), line.x0 : line.x1] = True
    return rows
