"""Which pixels does a text cover? Strokes, outline, shadow and rim; the board, when there is one behind it.

What a text covers is what changes when it is put on and when it is taken off, less what changes around it by itself.
Where a cut or a moving picture hides that, the strokes' colour is looked for in the mean of the frames, and grown by the
width that was seen at other texts of the same film.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text import reach
from openvod.engines.screen_text.found import Flags, Floats, Pixels

ALTERED = 3.0
"""Levels above the surroundings' own change from which a pixel counts as covered."""
CALM = 10.0
"""Levels that the surroundings may change by for a change to tell anything."""
RIM = 2
"""Pixels around what was measured: anti-aliasing, and what a codec smears."""
SECOND = 0.3
"""Clearness, as a share of the first, from which a second brightness of strokes is taken for an outline."""
SMALL_RIM, SMALL = 3, 20
"""The same for lines that are lower than so many pixels: their strokes are lost more easily."""
RESTLESS = 0.5
"""Share of the pixels around a text that may change for the change between its strokes to tell of a board."""
MUCH_MORE, NO_MORE = 2.5, 1.3
"""In a restless picture: how many times as much they must change then, and must not change for there to be no board."""
CALM_SHARE = 0.04
"""The same for every change near the text to be the text's."""
FAR = 0.03
"""Share of a line's pixels that must be far from strokes, for them to tell of a board."""
BOARD = 0.5
"""Share of the pixels between the strokes that changed more than those around the text, for a board to be there."""
PLAINLY = 0.85
"""The same for a board whose edges cannot be seen."""
EDGED = 0.75
"""Share of a board's visible edges at which the change must stop."""
MOVING = 0.06
"""Share of the pixels around a text that change strongly, from which a strong change next to strokes tells nothing."""


@dataclass(frozen=True, slots=True)
class Strokes:
    """What a text covers within a window around it."""

    covered: Flags
    """Strokes with outline, shadow and rim."""
    reach: int
    """Pixels from the inside of a stroke to the end of its outline or shadow."""
    measured: bool
    """Whether that was measured, not guessed."""
    boarded: float | None
    """How much of what is between the strokes changed with the text and not with the picture: 1 for a board, 0 for none;
    None when that could not be seen."""
    board: Box | None
    """The board, when its extent could be measured."""


def strokes(mean: Floats, line: Box, changes: Sequence[Floats], usual: int | None = None) -> Strokes:
    """The pixels that a text covers.

    `mean`: brightness of the window over the frames that show all of the text; `line`: its box, in pixels of the window;
    `changes`: how much each pixel differs between a frame with and a frame without the text, at its begin and its
    end, as far as known; `usual`: the reach of other texts of the film.
    """
    near = _near(mean.shape, [line])
    calm = sorted(
        (change for change in changes if _own_change(change, near) <= CALM),
        key=lambda c: _own_change(c, near),
    )
    own = [change - _own_change(change, near) for change in calm]
    change = np.maximum.reduce(own) if own else None
    ink, both = _ink(mean, near, line.height, change)
    distance = _distance(both)
    around = _near(mean.shape, [line], 0.35)
    rim = RIM if line.height >= SMALL else SMALL_RIM
    if change is None:
        wide = usual if usual is not None else max(3, round(0.1 * line.height))
        return Strokes((distance <= wide + rim) & around, wide, False, None, None)
    find = reach.seen if both is not ink else reach.unseen
    wide = find(change > ALTERED, distance, near, line.height)
    covered = (distance <= wide + rim) & around
    close = (distance <= wide + rim + max(2, round(0.06 * line.height))) & near
    if _share(change > 3 * ALTERED, near, distance > wide + rim, line) < MOVING:
        covered |= _grown(_solid(change > 3 * ALTERED) & close, rim)
    if _share(own[0] > ALTERED, near, distance > wide + rim + 0.15 * line.height, line) < CALM_SHARE:
        covered |= _grown(_solid(own[0] > ALTERED) & near, 1)
    boarded, board = _board(calm, _distance(ink), near, line)
    return Strokes(covered, wide, True, boarded, board)


def plain_strokes(mean: Floats, line: Box) -> Flags:
    """The strongest strokes in a line's box and nothing around them: enough to tell whether a text came or went."""
    inner = np.s_[line.y0 : line.y1, line.x0 : line.x1]
    side = max(5, round(0.6 * line.height) | 1)
    relief = np.abs(mean[inner] - cv2.blur(mean[inner], (side, side)))
    covered = np.zeros(mean.shape, bool)
    covered[inner] = relief > 0.4 * float(np.percentile(relief, 98))
    return covered


def _share(altered: Flags, near: Flags, far: Flags, line: Box) -> float:
    """How much of the picture around and between the strokes is altered, whichever is more: then something moves there."""
    beside = _beside(near, line)
    return max(float(np.mean(altered[where])) if where.any() else 1.0 for where in (beside, near & far))


def _beside(near: Flags, line: Box) -> Flags:
    """What is around a text, no further to the sides than the line is high."""
    beside = ~near
    beside[:, : max(0, line.x0 - line.height)] = beside[:, line.x1 + line.height :] = False
    return beside


def change_between(one: Pixels, other: Pixels) -> Floats:
    """How many levels each pixel differs, without the coding noise of single pixels."""
    return cv2.absdiff(one, other).astype(np.float32)


def _near(shape: tuple[int, ...], boxes: Sequence[Box], share: float = 0.5) -> Flags:
    """The lines' boxes, grown by a share of their height."""
    near = np.zeros(shape, bool)
    for box in boxes:
        wide = box.grown(round(share * box.height), (shape[1], shape[0]))
        near[wide.y0 : wide.y1, wide.x0 : wide.x1] = True
    return near


def _own_change(change: Floats, near: Flags) -> float:
    """What the surroundings change by: the text is not in them."""
    around = change[~near]
    return float(np.median(around)) if around.size else 255.0


def _ink(mean: Floats, near: Flags, height: int, change: Floats | None) -> tuple[Flags, Flags]:
    """The inside of the strokes, thin and of one brightness; and the same with what is thin and of another brightness,
    as an outline is where the picture is brighter.
    """
    size = max(5, int(0.4 * height) | 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (size, size))
    plain = np.clip(mean, 0, 255).astype(np.uint8)
    inks: list[tuple[float, Flags]] = []
    for how in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        hat = cv2.morphologyEx(plain, how, kernel).astype(np.float32)
        if change is not None:
            hat = np.minimum(hat, 2 * change)
        candidates = (hat > max(15.0, 0.5 * float(np.percentile(hat[near], 97)))) & near
        if candidates.sum() < 8:
            continue
        level = float(np.median(mean[candidates]))
        spread = float(np.median(np.abs(mean[candidates] - level)))
        ink = candidates & (np.abs(mean - level) < max(40.0, 3 * spread))
        inks.append((float(np.median(hat[ink])) / (4 + spread) * float(np.sqrt(ink.sum())), ink))
    if not inks:
        return near, near
    inks.sort(key=lambda one: one[0], reverse=True)
    (best, ink), others = inks[0], inks[1:]
    for score, other in others:
        if score > SECOND * best:
            return ink, ink | other
    return ink, ink


def _distance(ink: Flags) -> Floats:
    return cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 3).astype(np.float32)


def _solid(flags: Flags) -> Flags:
    """Without single pixels."""
    opened = cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return opened > 0


def _grown(flags: Flags, by: int) -> Flags:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(flags.astype(np.uint8), kernel) > 0


def _board(
    changes: Sequence[Floats], distance: Floats, near: Flags, line: Box
) -> tuple[float | None, Box | None]:
    """How surely there is a board behind the line, and where it is."""
    far = distance > max(3.0 if line.height >= SMALL else 4.0, 0.14 * line.height)
    tell = far & between_rows(distance.shape, line)
    if tell.sum() < FAR * line.width * line.height:
        # Letters are close together: what is right around the line has to tell.
        tell = far & _near(distance.shape, [line], 0.15)
    beside = _beside(near, line)
    best: float | None = None
    for change in changes:
        between, around = change[tell], change[beside]
        if not between.size or not around.size:
            continue
        more = _more(between, around)
        if more is None:
            continue
        level = float(np.median(between))
        if more >= BOARD and level > 2 * ALTERED:
            found = extent(change, line, 0.5 * level)
            if edged(change, found, level):
                return 1.0, found
        calm = float(np.mean(around > ALTERED)) < MOVING
        if more < BOARD or (more >= PLAINLY and calm):
            best = more if best is None else max(best, more)
    return best, None


def between_rows(shape: tuple[int, ...], line: Box) -> Flags:
    """The middle rows of a line: the detector may take a board for the line, and more."""
    inner = round(0.15 * line.height)
    rows = np.zeros(shape, bool)
    rows[line.y0 + inner : max(line.y0 + inner + 1, line.y1 - inner), line.x0 : line.x1] = True
    return rows


def edged(change: Floats, board: Box, level: float) -> bool:
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


def extent(change: Floats, box: Box, least: float) -> Box:
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
