"""Is there a board behind a text, and where? It changes the picture between the strokes, too; and a solid one does not waver
with it, however restless that is."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text import around
from openvod.engines.screen_text.around import ALTERED, MOVING, RIM, SMALL
from openvod.engines.screen_text.found import Flags, Floats

RESTLESS = 0.5
"""Share of the pixels around a text that may change for the change between its strokes to tell of a board."""
MUCH_MORE, NO_MORE = 2.5, 1.3
"""In a restless picture: how many times as much they must change then, and must not change for there to be no board."""
FAR = 0.03
"""Share of a line's pixels that must be far from strokes, for them to tell of a board."""
BOARD = 0.5
"""Share of the pixels between the strokes that changed more than those around the text, for a board to be there."""
PLAINLY = 0.85
"""The same for a board whose edges cannot be seen."""
EDGED = 0.75
"""Share of a board's visible edges at which the change must stop."""
STILL = 2.5
"""Levels that a solid board wavers by at most: what coding makes of it."""
LIVELY = 10.0
"""Levels that the picture around it wavers by at least, for that to tell anything."""
FILLED = 0.8
"""Share of the board that must be still, with the letters."""
AWAY = 3
"""Pixels from strokes, where a codec smears nothing into the board."""


def changed(
    changes: Sequence[Floats], distance: Floats, near: Flags, line: Box
) -> tuple[float | None, Box | None]:
    """How surely there is a board behind the line, and where it is."""
    far = distance > max(3.0 if line.height >= SMALL else 4.0, 0.14 * line.height)
    tell = far & around.between_rows(distance.shape, line)
    if tell.sum() < FAR * line.width * line.height:
        # Letters are close together: what is right around the line has to tell.
        tell = far & around.near(distance.shape, [line], 0.15)
    beside = around.beside(near, line)
    best: float | None = None
    for change in changes:
        between, outside = change[tell], change[beside]
        if not between.size or not outside.size:
            continue
        more = _more(between, outside)
        if more is None:
            continue
        level = float(np.median(between))
        if more >= BOARD and level > 2 * ALTERED:
            found = _extent(change, line, 0.5 * level)
            if _edged(change, found, level):
                return 1.0, found
        calm = float(np.mean(outside > ALTERED)) < MOVING
        if more < BOARD or (more >= PLAINLY and calm):
            best = more if best is None else max(best, more)
    return best, None


def still(wavers: Floats, ink: Flags, line: Box) -> Box | None:
    """The board behind a line, None when none is sure. `wavers`, `[h, w]`, are those of `means.Mean`, `ink` the strokes in
    them, and `line` the text's box. A board that lets the picture shine through wavers with it, and is not found here."""
    between = around.between_rows(wavers.shape, line)
    between &= cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 3) > AWAY
    beside = around.beside(around.near(wavers.shape, [line], 0.6), line)
    if not between.any() or not beside.any():
        return None
    moves = float(np.median(wavers[beside]))
    if float(np.median(wavers[between])) > STILL or moves < LIVELY:
        return None
    stillness = np.maximum(np.float32(moves) - wavers, 0)
    board = _extent(stillness, line, 0.7 * moves)
    filled = float(np.mean(stillness[board.y0 : board.y1, board.x0 : board.x1] > 0.5 * moves))
    return board.joined(line) if filled > FILLED and _edged(stillness, board, moves) else None


def _edged(change: Floats, board: Box, level: float) -> bool:
    """Whether the change fills the board to its edges and stops there. Letters close together, and what moves behind them, do
    not look so."""
    inner = board.grown(-RIM - 1, (board.x1, board.y1))
    if inner.height < 3 or inner.width < 3:
        return False
    wide, high = np.s_[inner.x0 : inner.x1], np.s_[inner.y0 : inner.y1]
    sides = [
        (change[inner.y0 : inner.y0 + 2, wide], change[max(0, board.y0 - 2) : board.y0, wide]),
        (change[inner.y1 - 2 : inner.y1, wide], change[board.y1 : board.y1 + 2, wide]),
        (change[high, inner.x0 : inner.x0 + 2], change[high, max(0, board.x0 - 2) : board.x0]),
        (change[high, inner.x1 - 2 : inner.x1], change[high, board.x1 : board.x1 + 2]),
    ]
    stops = [
        float(np.median(inside)) > max(0.5 * level, 2 * float(np.median(outside)) + ALTERED)
        for inside, outside in sides
        if outside.size
    ]
    return len(stops) > 1 and float(np.mean(stops)) >= EDGED


def _more(between: Floats, around: Floats) -> float | None:
    """How much more often what is between the strokes changed than what is around the text; None: it cannot be told."""
    outside = float(np.mean(around > ALTERED))
    if outside <= RESTLESS:
        return (float(np.mean(between > ALTERED)) - outside) / (1 - outside)
    levels = float(np.median(between)), float(np.median(around))
    if levels[0] > MUCH_MORE * (levels[1] + ALTERED):
        return 1.0
    return 0.0 if levels[0] < NO_MORE * levels[1] else None


def _extent(change: Floats, box: Box, least: float) -> Box:
    """The box, grown to the last row and column near it that have changed like what is between the strokes."""
    height, width = change.shape
    far = round(0.6 * box.height)
    wide = box.grown(far, (width, height))
    rows = np.median(change[wide.y0 : wide.y1, box.x0 : box.x1], axis=1) > least
    columns = np.median(change[box.y0 : box.y1, wide.x0 : wide.x1], axis=0) > least
    top, bottom = _run(rows, box.y0 - wide.y0, box.y1 - wide.y0)
    left, right = _run(columns, box.x0 - wide.x0, box.x1 - wide.x0)
    found = Box(wide.x0 + left, wide.y0 + top, wide.x0 + right, wide.y0 + bottom)
    return found.grown(RIM, (width, height))


def _run(flags: NDArray[np.bool_], first: int, last: int) -> tuple[int, int]:
    """The stretch of set flags that `first` to `last` are about, where two in a row may be missing."""
    inside = np.flatnonzero(flags[first:last])
    if not inside.size:
        return first, last
    first, last = first + int(inside[0]), first + int(inside[-1]) + 1
    while flags[max(0, first - 3) : first].any():
        first = max(0, first - 3) + int(np.argmax(flags[max(0, first - 3) : first]))
    while flags[last : last + 3].any():
        last += int(np.flatnonzero(flags[last : last + 3])[-1]) + 1
    return first, last
