"""Is there a solid board behind a text? What lies on the picture does not waver with it, however restless that is."""

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import Floats
from openvod.engines.screen_text.masks import between_rows, edged, extent, plain_strokes

STILL = 2.5
"""Levels that a solid board wavers by at most: what coding makes of it."""
RESTLESS = 10.0
"""Levels that the picture around it wavers by at least, for that to tell anything."""
FILLED = 0.8
"""Share of the board that must be still, with the letters."""
AWAY = 3
"""Pixels from strokes, where a codec smears nothing into the board."""


def solid_board(mean: Floats, wavers: Floats, line: Box) -> Box | None:
    """The board behind a line, None when none is sure. `mean` and `wavers`, `[h, w]`, are those of `means.Mean`; `line` is the
    text's box in them. A board that lets the picture shine through wavers with it, and is not found here."""
    ink = plain_strokes(mean, line)
    between = between_rows(mean.shape, line)
    between &= cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 3) > AWAY
    around = np.ones(mean.shape, bool)
    near = line.grown(round(0.6 * line.height), (mean.shape[1], mean.shape[0]))
    around[near.y0 : near.y1, near.x0 : near.x1] = False
    around[:, : max(0, near.x0 - line.height)] = around[:, near.x1 + line.height :] = False
    if not between.any() or not around.any():
        return None
    moves = float(np.median(wavers[around]))
    if float(np.median(wavers[between])) > STILL or moves < RESTLESS:
        return None
    stillness = np.maximum(np.float32(moves) - wavers, 0)
    board = extent(stillness, line, 0.7 * moves)
    filled = float(np.mean(stillness[board.y0 : board.y1, board.x0 : board.x1] > 0.5 * moves))
    return board.joined(line) if filled > FILLED and edged(stillness, board, moves) else None
