"""What stands still in a stretch of frames while everything around it changes? Judged by edges.

The gradient of a mark adds up and that of the film cancels out; where it adds up far more than chance would have it while
the picture beside it changes, there is a mark.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Known = Literal["alone", "strewn", "doubtful", "untrembling"]

FEWEST = 8
"""Frames without which nothing is judged."""
STEEPEST = 8.0
"""Levels per pixel that a gradient counts as at most, so that the film's own edges do not drown a faint mark."""
STEEP = 2.0
"""Levels per pixel that the mean gradient of a mark has at least."""
SURE = 5.0
"""How many times its standard error a mean gradient must be."""
OVER_USUAL = 3.5
"""How many times as sure as the picture's usual pixel."""
DENSE, ALSO = 3.4, 2.0
"""How sure the mean of DENSE_SIDE x DENSE_SIDE pixels, and a pixel among them, must be instead: a mark's edges stand close
together. The film's own reached 3.4 in one such place of a thousand, faint marks over a busy picture had 3 to 4.3."""
DENSE_SIDE = 5
"""Pixels."""
CHANGES = 9.0
"""Standard deviation, levels, of the picture beside a mark: less, and nothing is known."""
ROAMS = 0.34
"""How alike the picture around a mark is from one look to another, as a usual correlation: more, and the camera stands
still, so that a stone would be a mark, too. Stones had 0.36 to 0.85, marks -0.1 to 0.35, most of them less than 0.1."""
CROOKED = 0.1
"""How much the edges of a mark go all ways: a straight line is found in many pictures. Lines of a film had 0 to 0.12, letters
and logos 0.2 to 0.7."""
STEADFAST = 0.85
"""Share of a mark's edges that must be the same whatever is around them: true ones had 0.9 to 1.25, filmed ones 0.3 to 0.9."""
OTHERS = 0.15
"""Share of the pairs of frames that must have different pictures around a mark for that to be told."""
RING = 17
"""Pixels of picture around a mark that this is asked of."""
CALM = 0.5
"""How much of that the inside of a mark changes at most."""
MANY = 3
"""Sure marks that one in the middle, or in a calm place, must look like: the whole picture is strewn with them."""
LIKE = 0.5
"""How alike these must be, as a correlation of their edges."""
SMALLEST, LARGEST = 0.0004, 0.06
"""Share of the picture that a mark's box has."""
OUTER = 0.34
"""Share of the width and height from the edges in which its middle must lie, in one direction at least, unless MANY."""
SIDE = 0.25
"""Share of the width from the left or right in which the middle of one that does not stay must lie."""
CORNER = 0.25
"""Share of the height from the top or bottom in which the middle of a doubtful one must lie, and OUTER of the width."""
INKED = 0.08
"""Share of a mark that its edges are at least."""
CLOSE = 9
"""Pixels between strokes of one mark, at `SIDE`."""
FADED = 0.5
"""Part of a mark's usual steepness below which an edge is not its own: what the coding leaves around it stands, too."""
THERE, FAINT = 0.35, 0.15
"""How alike the edges of a frame and of the mark must be for it to be there, as a correlation: half as alike as usual, but no
less than FAINT; more than THERE will do."""
FEW = 5
"""Frames over which that is averaged."""
PARTS, STAYS = 6, 0.35
"""In each of so many parts of its time a mark must have so much of its usual strength."""


def gradient(picture: Floats) -> Floats:
    """`[2, h, w]`: levels per pixel to the right and down, `STEEPEST` at most."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    less = 1 / np.sqrt(1 + (across * across + down * down) * np.float32(STEEPEST**-2))
    return np.stack([across * less, down * less])


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Something that stands still in a stretch of frames."""

    covered: Bools
    known: Known
    """`alone` by what changes around it; `strewn` when others like it are; `doubtful` when it may have been filmed: in a
    corner, but nothing there changes enough to tell; `untrembling` when all around it sways with the camera
    (`marks_trembling`)."""


def standing(stack: Floats, gradients: Floats) -> Iterator[Standing]:
    """What there is in `[frames, h, w]` with its `gradient`."""
    steep: Floats = np.hypot(*gradients.mean(0))
    changes = stack.std(0)
    sure: list[Bools] = []
    unsure: list[tuple[Bools, bool]] = []
    for covered in steady(gradients):
        lively = bool(np.median(changes[_beside(covered)]) >= CHANGES)
        if lively and _at_edge(covered) and lies_on_top(stack, gradients, covered):
            sure.append(covered)
        else:
            unsure.append((covered, lively))
    yield from (Standing(solid(covered, changes), "alone") for covered in sure)
    for covered, lively in unsure:
        if lively and sum(_alike(steep, box_of(covered), box_of(other)) for other in sure) >= MANY:
            yield Standing(solid(covered, changes), "strewn")
        elif _in_corner(box_of(covered), covered.shape):
            yield Standing(covered, "doubtful")


def steady(gradients: Floats) -> Iterator[Bools]:
    """What has the form of a mark and edges that stand still in all frames, whatever is around it: `[h, w]` each."""
    edges, steep = _edges(gradients, gradients.mean(0))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed(edges).view(np.uint8), connectivity=8)
    for label in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[label])
        if not is_sized(Box(x, y, x + width, y + height), edges.shape):
            continue
        covered = labels == label
        inner = edges & covered
        covered &= closed(inner & (steep > FADED * float(np.quantile(steep[inner], 0.9))))
        if _is_mark(covered, edges):
            yield covered


def closed(edges: Bools) -> Bools:
    """The edges and what lies between those close together."""
    closed: Bools = (
        cv2.morphologyEx(edges.view(np.uint8), cv2.MORPH_CLOSE, np.ones((CLOSE, CLOSE), np.uint8)) > 0
    )
    return closed


def box_of(covered: Bools) -> Box:
    """Around what is covered, which is not nothing."""
    rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _edges(gradients: Floats, mean: Floats) -> tuple[Bools, Floats]:
    """Where the mean gradient is steep and surer than chance, and how steep it is."""
    steep: Floats = np.hypot(mean[0], mean[1])
    spread = np.sqrt(gradients.var(0).sum(0) / len(gradients)) + np.float32(0.05)
    sure = steep / spread
    dense = cv2.boxFilter(np.minimum(sure, 3 * np.float32(SURE)), -1, (DENSE_SIDE, DENSE_SIDE))
    usual = OVER_USUAL * float(np.median(sure))
    strong = (sure > max(SURE, usual)) | ((dense > max(DENSE, usual)) & (sure > ALSO))
    edges: Bools = (steep > STEEP) & strong
    return edges, steep


def steep_and_sure(gradients: Floats) -> Bools:
    """Where the mean of gradients `[frames, 2, h, w]` is steep and surer than chance, asked of little more than a mark."""
    mean = gradients.mean(0)
    steep: Floats = np.hypot(mean[0], mean[1])
    spread = np.sqrt(gradients.var(0).sum(0) / len(gradients)) + np.float32(0.05)
    dense = cv2.boxFilter(np.minimum(steep / spread, 3 * np.float32(SURE)), -1, (DENSE_SIDE, DENSE_SIDE))
    edges: Bools = (steep > STEEP) & ((steep > SURE * spread) | ((dense > DENSE) & (steep > ALSO * spread)))
    return edges


def roams(stack: Floats, covered: Bools) -> bool:
    """Whether the picture around a mark becomes another one: fine patterns that flutter in their places do not count."""
    alike, _ = _alike_around(stack, covered)
    return bool(np.median(alike[np.triu_indices(len(alike), 1)]) < ROAMS)


def steadfast(stack: Floats, gradients: Floats, covered: Bools) -> float:
    """How strong a mark's edges are that are the same whatever is around them, as a share of how strong its edges are: what
    two frames with different pictures around have in common is the mark, and what was filmed is gone with the picture. 0
    where hardly ever anything else is around."""
    alike, far = _alike_around(stack, covered)
    own = gradients[:, :, covered].reshape(len(gradients), -1)
    both = own @ own.T / own.shape[1]
    apart = np.triu(np.ones_like(alike, bool), 1)
    other = apart & (alike < ROAMS) & (far >= CHANGES)
    if other.sum() < OTHERS * apart.sum():
        return 0.0
    return float(both[other].mean() / max(float(both[apart].mean()), 1e-6))


def straightness(gradients: Floats) -> float:
    """Of `[pixels, 2]`: 0 when all edges go one way, 1 when no way is preferred."""
    least, most = (float(value) for value in np.linalg.eigvalsh(gradients.T @ gradients))
    return least / max(most, 1e-6)


def lies_on_top(stack: Floats, gradients: Floats, covered: Bools) -> bool:
    """Whether it is a mark and no part of the picture, by what becomes of the picture around it."""
    edges = gradients.mean(0)[:, covered].T
    crooked = straightness(edges) >= CROOKED
    return crooked and roams(stack, covered) and steadfast(stack, gradients, covered) >= STEADFAST


def _alike_around(stack: Floats, covered: Bools) -> tuple[Floats, Floats]:
    """`[frames, frames]`: the correlation of the pictures around a mark, and how far they are apart, in levels."""
    near, far = (
        cv2.dilate(covered.astype(np.uint8), np.ones((2 * by + 1,) * 2, np.uint8)) > 0 for by in (3, 3 + RING)
    )
    rows, columns = np.flatnonzero(far.any(1)), np.flatnonzero(far.any(0))
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ring = (far & ~near)[part]
    if not ring.any():
        return np.ones((len(stack),) * 2, np.float32), np.zeros((len(stack),) * 2, np.float32)
    looks = np.stack([cv2.GaussianBlur(picture[part], (0, 0), 3)[ring] for picture in stack])
    looks -= looks.mean(1, keepdims=True)
    both = looks @ looks.T
    squares = np.diag(both)
    lengths = np.sqrt(squares) + 1e-3
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * both, 0) / looks.shape[1])
    return both / lengths[:, None] / lengths, apart


def _in_corner(box: Box, shape: tuple[int, ...]) -> bool:
    across, down = (box.x0 + box.x1) / 2 / shape[1], (box.y0 + box.y1) / 2 / shape[0]
    return min(across, 1 - across) <= OUTER and min(down, 1 - down) <= CORNER


def at_side(covered: Bools) -> bool:
    """Whether its middle lies to the left or the right, where marks go that do not stay in one place."""
    box = box_of(covered)
    across = (box.x0 + box.x1) / 2 / covered.shape[1]
    return bool(min(across, 1 - across) <= SIDE)


def _at_edge(covered: Bools) -> bool:
    box, shape = box_of(covered), covered.shape
    across, down = (box.x0 + box.x1) / 2 / shape[1], (box.y0 + box.y1) / 2 / shape[0]
    return bool(min(across, 1 - across) <= OUTER or min(down, 1 - down) <= OUTER)


def _alike(steep: Floats, one: Box, other: Box) -> bool:
    """Whether the same pattern is in both boxes, one of which may show a part of it only."""
    if one.width * one.height > other.width * other.height:
        one, other = other, one
    size = (steep.shape[1], steep.shape[0])
    room = other.grown(max(one.width - other.width, one.height - other.height, 0) + 2, size)
    if room.width < one.width or room.height < one.height:
        return False
    pattern, place = (steep[box.y0 : box.y1, box.x0 : box.x1] for box in (one, room))
    return float(cv2.matchTemplate(place, pattern, cv2.TM_CCOEFF_NORMED).max()) >= LIKE


def solid(covered: Bools, changes: Floats) -> Bools:
    """With what the edges go around, where that stands still, too: the inside of a plate has no edges."""
    outlines, _ = cv2.findContours(covered.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(covered.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    around = changes[_beside(covered)]
    if not around.size:
        return covered
    beside = float(np.median(around))
    whole: Bools = covered | ((filled > 0) & (changes < CALM * beside))
    return whole


def _beside(covered: Bools) -> Bools:
    around: Bools = cv2.dilate(covered.astype(np.uint8), np.ones((13, 13), np.uint8)) > 0
    return around & ~covered


def _is_mark(covered: Bools, edges: Bools) -> bool:
    """By its size and by how much of it are edges."""
    return is_sized(box_of(covered), covered.shape) and bool((edges & covered).sum() >= INKED * covered.sum())


def is_sized(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a mark has such a box in a picture of `shape` (height, width, ...)."""
    rows, columns = shape
    if not SMALLEST <= box.width * box.height / (rows * columns) <= LARGEST or min(box.width, box.height) < 4:
        return False
    # What goes along a whole side is the rim of a letterbox.
    return not ((box.x0 <= 1 and box.width >= columns - 3) or (box.y0 <= 1 and box.height >= rows - 3))


def stays(gradients: Floats, covered: Bools) -> bool:
    """Whether a mark is there in every part of the time between the first and the last frame it was seen in: what belongs to
    one of several shots is not, and within that shot the picture around it stays as well."""
    own = gradients[:, :, covered].reshape(len(gradients), -1)
    mean = own.mean(0)
    each = np.array([part.mean(0) @ mean for part in np.array_split(own, PARTS)])
    return bool(each.min() >= STAYS * (mean @ mean))


def present(gradients: Floats, found_in: Floats, covered: Bools) -> Bools:
    """Of each frame: whether its edges there are those of the mark, which was found in some of them."""
    own = gradients[:, :, covered].reshape(len(gradients), -1)
    mean = found_in[:, :, covered].reshape(len(found_in), -1).mean(0)
    length = np.linalg.norm(own, axis=1) * np.linalg.norm(mean) + 1e-6
    alike = np.convolve(np.pad(own @ mean / length, FEW // 2, mode="edge"), np.full(FEW, 1 / FEW), "valid")
    there: Bools = alike > min(THERE, max(FAINT, float(np.median(alike)) / 2))
    return there
