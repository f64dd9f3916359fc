"""Which pixels does a text cover? Strokes, outline, shadow and rim; the board, when there is one behind it.

What a text covers is what changes when it is put on and when it is taken off, less what changes around it by itself.
Where a cut or a moving picture hides that, the strokes' colour is looked for in the mean of the frames, and grown by the
width that was seen at other texts of the same film.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text import around, boards, reach
from openvod.engines.screen_text.around import ALTERED, MOVING, RIM, SMALL, SMALL_RIM
from openvod.engines.screen_text.found import Flags, Floats, Pixels

CALM = 10.0
"""Levels that the surroundings may change by for a change to tell anything."""
SECOND = 0.3
"""Clearness, as a share of the first, from which a second brightness of strokes is taken for an outline."""
GAP = 0.3
"""How far from the picture behind what is between letters may be, as a share of how far they are, to be no outline."""
CALM_SHARE = 0.04
"""The same for every change near the text to be the text's."""


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


def strokes(
    mean: Floats, line: Box, changes: Sequence[Floats], usual: int | None = None, *, blurred: bool = False
) -> Strokes:
    """The pixels that a text covers.

    `mean`: brightness of the window over the frames that show all of the text; `line`: its box, in pixels of the window;
    `changes`: how much each pixel differs between a frame with and a frame without the text, at its begin and its
    end, as far as known; `usual`: the reach of other texts of the film; `blurred`: whether the picture behind passed by, so
    that its mean says where the text ends.
    """
    near = around.near(mean.shape, [line])
    calm = sorted(
        (change for change in changes if _own_change(change, near) <= CALM),
        key=lambda c: _own_change(c, near),
    )
    own = [change - _own_change(change, near) for change in calm]
    change = np.maximum.reduce(own) if own else None
    ink, both = _ink(mean, near, line, change)
    distance = _distance(both)
    room = around.near(mean.shape, [line], 0.35)
    rim = RIM if line.height >= SMALL else SMALL_RIM
    if change is None:
        guessed = usual if usual is not None else max(3, round(0.1 * line.height))
        wide = reach.blurred(mean, distance, near, line.height) if blurred else guessed
        return Strokes((distance <= wide + rim) & room, wide, False, None, None)
    find = reach.seen if both is not ink else reach.unseen
    wide = find(change > ALTERED, distance, near, line.height)
    covered = (distance <= wide + rim) & room
    close = (distance <= wide + rim + max(2, round(0.06 * line.height))) & near
    if _share(change > 3 * ALTERED, near, distance > wide + rim, line) < MOVING:
        covered |= _grown(_solid(change > 3 * ALTERED) & close, rim)
    if _share(own[0] > ALTERED, near, distance > wide + rim + 0.15 * line.height, line) < CALM_SHARE:
        covered |= _grown(_solid(own[0] > ALTERED) & near, 1)
    boarded, board = boards.changed(calm, _distance(ink), near, line)
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
    beside = around.beside(near, line)
    return max(float(np.mean(altered[where])) if where.any() else 1.0 for where in (beside, near & far))


def change_between(one: Pixels, other: Pixels) -> Floats:
    """How many levels each pixel differs, without the coding noise of single pixels."""
    return cv2.absdiff(one, other).astype(np.float32)


def _own_change(change: Floats, near: Flags) -> float:
    """What the surroundings change by: the text is not in them."""
    around = change[~near]
    return float(np.median(around)) if around.size else 255.0


def _ink(mean: Floats, near: Flags, line: Box, change: Floats | None) -> tuple[Flags, Flags]:
    """The inside of the strokes, thin and of one brightness; and the same with what is thin and of another brightness,
    as an outline is where the picture is brighter.
    """
    size = max(5, int(0.4 * line.height) | 1)
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
    if change is None:  # else it has told that nothing changed between the letters
        own = _own(mean, [ink for _, ink in inks], line)
        inks = [one for one in inks if any(one[1] is each for each in own)]
    inks.sort(key=lambda one: one[0], reverse=True)
    (best, ink), others = inks[0], inks[1:]
    for score, other in others:
        if score > SECOND * best:
            return ink, ink | other
    return ink, ink


def _own(mean: Floats, inks: Sequence[Flags], line: Box) -> list[Flags]:
    """Those that are not the picture or the board behind, seen between letters."""
    behind = around.near(mean.shape, [line], 0)
    behind &= _distance(np.logical_or.reduce(inks)) > 0.1 * line.height
    if not behind.any():
        return [*inks]
    level = float(np.median(mean[behind]))
    off = [abs(float(np.median(mean[ink])) - level) for ink in inks]
    return [ink for ink, own in zip(inks, off, strict=True) if own >= GAP * max(off)]


def _distance(ink: Flags) -> Floats:
    return cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 3).astype(np.float32)


def _solid(flags: Flags) -> Flags:
    """Without single pixels."""
    opened = cv2.morphologyEx(flags.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return opened > 0


def _grown(flags: Flags, by: int) -> Flags:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(flags.astype(np.uint8), kernel) > 0
