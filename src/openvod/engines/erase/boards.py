"""How is the picture brought back behind a board of glass? Pixel by pixel, where nothing else lies on it."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.erase.marks import Mark, lay
from openvod.engines.fill import Form
from openvod.engines.screen_text import Glass

RIM = 4
"""Pixels from the edge of a board's mask that do not count: it is two pixels wider than the board, and the edge is blurred."""
BESIDE = 8
"""Pixels on both sides of a board's edge that are compared."""
SEAM = 2.0
"""Levels by which the picture may differ more across the edge than it did before it was brought back."""

BEYOND = 8.0
"""Levels that what is brought back may lie beyond black and white: coding makes so much."""

Bools = NDArray[np.bool_]
Planes = Sequence[NDArray[Any]]


def clear_of(mark: Mark) -> Bools | None:
    """Which pixels of a mark's box show the picture through the board and nothing else; None without a board."""
    if mark.letters is None:
        return None
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * RIM + 1,) * 2)
    whole = cv2.copyMakeBorder(mark.mask.array(), RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=(0,))
    inside = cv2.erode(whole, kernel)[RIM:-RIM, RIM:-RIM] > 0
    letters = np.zeros(inside.shape, bool)
    box, own = mark.mask.box, mark.letters
    lay(own.array() > 0, own.box.moved(-box.x0, -box.y0), letters)
    # Their mask is a pixel wider than what must be filled: what is only smeared is better seen through.
    return inside & ~(cv2.erode(letters.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def cleared(
    planes: Planes, glass: Glass, clear: Bools, hidden: Bools, form: Form
) -> tuple[list[NDArray[Any]], Bools] | None:
    """A region's planes with the picture brought back where it is `clear`, and what is still `hidden` then; None when the board
    is not there as it should be: across its edge the picture does not become more alike."""
    top = (1 << form.depth) - 1
    back = [
        (plane.astype(np.float32) - glass.opacity * colour * form.level) / (1 - glass.opacity)
        for plane, colour in zip(planes, glass.colour, strict=True)
    ]
    # What cannot be was not behind the board: its edge is measured to a pixel or two.
    off = np.float32(BEYOND) * form.level
    clear = clear & (back[0] > -off) & (back[0] < top + off)
    rest = hidden & ~clear
    done = [plane.copy() for plane in planes]
    where = (clear, *[form.coarse(clear) & ~form.coarse(rest)] * 2)
    for plane, own, values in zip(done, where, back, strict=True):
        plane[own] = np.clip(np.rint(values[own]), 0, top)
    size = (2 * BESIDE + 1,) * 2
    beside = (cv2.dilate(hidden.astype(np.uint8), np.ones(size, np.uint8)) > 0) & ~hidden
    within = clear & (cv2.erode(hidden.astype(np.uint8), np.ones(size, np.uint8)) == 0)
    if not beside.any() or not within.any():
        return done, rest
    outer = float(planes[0][beside].mean())
    before, after = (
        abs(float(each[0][within].mean()) - outer) / float(form.level) for each in (planes, done)
    )
    return (done, rest) if after <= before + SEAM else None
