"""What stands still before a camera that trembles? Judged by edges, in the corners of a picture that never becomes another one.

There is no other picture to compare with before a camera that stands still (`marks_standing`). But hardly any camera stands
quite still: in a hand, in a car or on a mast it sways by parts of a pixel, and with it all that was filmed. Brought back to one
place, what was filmed gets sharper from frame to frame and what was laid on top gets blurred.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.marks_standing import (
    CROOKED,
    FEWEST,
    INKED,
    ROAMS,
    STEEP,
    Bools,
    Floats,
    box_of,
    closed,
    gradient,
    is_sized,
    straightness,
)

ACROSS, DOWN = 0.42, 0.3
"""Share of the width and the height that a corner is."""
MOST = 32
"""Frames of a stretch that are brought back; more cost time and tell no more."""
ROUNDS, STEPS = 2, 4
"""How often all frames are brought back to their mean, and the steps of Gauss-Newton that each needs at most."""
ENOUGH = 0.02
"""Pixels: a shorter step is the last one."""
FAR = 4.0
"""Pixels that the camera may have moved by: farther, and it does not tremble."""
OUTLIER = 8.0
"""Levels from which a difference between two frames is less and less one of their places."""
STANDS = 0.5
"""How much of the usual a pixel of its steepness wavers at least to tell how far the camera has moved."""
WAVERS = 0.25
"""How much a way must go to and fro: the mean square of its steps by its variance. 2 when by chance, 0.03 for a slow pan over a
stretch of 20 frames, in which a figure of a cartoon stands before its background as a mark would."""
TWICE = 2.0
"""How many times as much an edge must vary in one way of looking as in the other."""
GRAIN = 0.5
"""Variance, squared levels per pixel, that is nobody's: coding and grain."""
SIDE = 5
"""Pixels of a square over which variances are compared."""
RIM = 2
"""Pixels from the corner's sides in which nothing is told: what came from outside is unknown there."""
AROUND = 14
"""Pixels around a mark in which enough of the picture's edges must be seen to tremble."""
MOSTLY = 0.33
"""Share of them: edges along the way in which it trembles are not seen to. Around three faint marks over a car's pillar it was
0.42 to 0.52; where frames were brought back wrongly, 0 to 0.22 (more only along a picture's black rim: `_at_side`)."""
EDGES = 30
"""Pixels of such edges, at least."""


def untrembling(stack: Floats) -> Iterator[Bools]:
    """What stands still before `[frames, h, w]` that tremble: `[h, w]` each. Nothing where nothing trembles, and in pictures
    too small to tell."""
    if len(stack) < FEWEST:
        return
    few = stack[:: -(-len(stack) // MOST)]
    height, width = stack.shape[1:]
    across, down = round(ACROSS * width), round(DOWN * height)
    if min(across, down) <= 2 * AROUND:
        return  # nothing could be told around a mark
    for left in (0, width - across):
        for top in (0, height - down):
            corner = np.s_[top : top + down, left : left + across]
            for own in _in_corner(np.ascontiguousarray(few[:, *corner]), (height, width)):
                covered = np.zeros((height, width), bool)
                covered[corner] = own
                yield covered


def _in_corner(stack: Floats, whole: tuple[int, int]) -> Iterator[Bools]:
    """The same for a corner of pictures of `whole` (height, width)."""
    if not _same_picture(stack):
        return
    ways = _ways(stack)
    if ways is None:
        return
    back = np.stack([_moved(picture, way) for picture, way in zip(stack, ways, strict=True)])
    as_is, brought = (np.stack([gradient(picture) for picture in each]) for each in (stack, back))
    still, trembling = (_varies(each) for each in (as_is, brought))
    mean = as_is.mean(0)
    steep = np.hypot(mean[0], mean[1])
    on_top = (steep > STEEP) & (trembling > TWICE * still + GRAIN)
    filmed = (np.hypot(*brought.mean(0)) > STEEP) & (still > TWICE * trembling + GRAIN)
    count, labels = cv2.connectedComponents(closed(on_top).view(np.uint8), connectivity=8)
    for label in range(1, count):
        covered = labels == label
        if _is_mark(covered, mean, whole) and _before(covered, steep > STEEP, filmed):
            yield covered


def _at_side(covered: Bools) -> bool:
    """Whether it reaches the corner's sides: a picture's black rim does not tremble either, and half a thing is none."""
    box = box_of(covered)
    height, width = covered.shape
    return bool(min(box.x0, box.y0, width - box.x1, height - box.y1) <= RIM)


def _is_mark(covered: Bools, mean: Floats, whole: tuple[int, int]) -> bool:
    """By its size and its edges, which go all ways."""
    if not covered.any() or _at_side(covered) or not is_sized(box_of(covered), whole):
        return False
    inked = (np.hypot(mean[0], mean[1]) > STEEP) & covered
    return bool(inked.sum() >= INKED * covered.sum()) and straightness(mean[:, covered].T) >= CROOKED


def _before(covered: Bools, edges: Bools, filmed: Bools) -> bool:
    """Whether the edges around it are seen to tremble."""
    around = cv2.dilate(covered.astype(np.uint8), np.ones((2 * AROUND + 1,) * 2, np.uint8)) > 0
    around &= cv2.dilate(covered.astype(np.uint8), np.ones((SIDE, SIDE), np.uint8)) == 0
    told = (edges | filmed) & around
    return bool(told.sum() >= EDGES and (filmed & told).sum() >= MOSTLY * told.sum())


def _same_picture(stack: Floats) -> bool:
    """Whether it is the same picture all the time."""
    looks = np.stack([cv2.GaussianBlur(each, (0, 0), 3).ravel() for each in stack])
    looks -= looks.mean(1, keepdims=True)
    looks /= np.linalg.norm(looks, axis=1, keepdims=True) + 1e-3
    alike = looks @ looks.T
    return bool(np.median(alike[np.triu_indices(len(alike), 1)]) >= ROAMS)


def _ways(stack: Floats) -> NDArray[np.float64] | None:
    """`[frames, 2]`: how far right and down the camera's picture lies in each frame; None when it does not tremble."""
    smooth = np.stack([cv2.GaussianBlur(each, (0, 0), 1) for each in stack])
    ways = np.zeros((len(stack), 2))
    mean = smooth.mean(0)
    tells = _tells(smooth, mean)
    for _ in range(ROUNDS):
        ways = np.array([_way(each, mean, tells, way) for each, way in zip(smooth, ways, strict=True)])
        ways -= np.median(ways, 0)
        if np.abs(ways).max() > FAR:
            return None
        mean = np.mean([_moved(each, way) for each, way in zip(smooth, ways, strict=True)], axis=0)
    spread = float(ways.var(0).sum())
    steps = float((np.diff(ways, axis=0) ** 2).mean(0).sum())
    return ways if spread > ENOUGH * ENOUGH and steps >= WAVERS * spread else None


def _tells(smooth: Floats, mean: Floats) -> Floats:
    """`[h, w]`: 1 where the picture wavers as its steepness would have it, and 0 where it stands too still: a mark there would
    hold all frames in its own place."""
    steep = np.hypot(*gradient(mean))
    wavers = smooth.std(0) / (steep + np.float32(0.5))
    usual = float(np.median(wavers[steep > STEEP / 2])) if (steep > STEEP / 2).any() else 0.0
    tells: Floats = (wavers >= STANDS * usual).astype(np.float32)
    return tells


def _way(picture: Floats, mean: Floats, tells: Floats, way: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far it lies from the mean (Lucas and Kanade 1981, with weights against what moves by itself)."""
    across, down = (cv2.Sobel(mean, cv2.CV_32F, *along, scale=1 / 8) for along in ((1, 0), (0, 1)))
    rim = round(FAR) + RIM
    inner = np.s_[rim:-rim, rim:-rim]
    slopes = np.stack([across[inner].ravel(), down[inner].ravel()])
    asked = tells[inner].ravel()
    for _ in range(STEPS):
        away = (_moved(picture, way) - mean)[inner].ravel()
        away -= np.median(away)
        weighted = slopes * asked / (1 + (away / np.float32(OUTLIER)) ** 2)
        # As if there were a little texture everywhere: where there is none, nothing moves.
        step = np.linalg.solve(weighted @ slopes.T + 0.05 * away.size * np.eye(2), -weighted @ away)
        way = np.clip(way + step, -2 * FAR, 2 * FAR)
        if np.abs(step).max() < ENOUGH:
            break
    return way


def _moved(picture: Floats, way: NDArray[np.float64]) -> Floats:
    """The picture with what lies `way` (right, down) from a place brought to it."""
    matrix = np.array([[1, 0, way[0]], [0, 1, way[1]]])
    moved: Floats = cv2.warpAffine(
        picture,
        matrix,
        (picture.shape[1], picture.shape[0]),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32, copy=False)
    return moved


def _varies(gradients: Floats) -> Floats:
    """`[h, w]`: the variance over time of `[frames, 2, h, w]` around each pixel."""
    varies: Floats = cv2.boxFilter(gradients.var(0).sum(0), -1, (SIDE, SIDE))
    return varies
