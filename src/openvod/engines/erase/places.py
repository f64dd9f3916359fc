"""What shows through a mark that is seen in several places? It is looked at in all of them as if it had stood still."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.erase.ahead import Film, Plane
from openvod.engines.erase.marks import Mark
from openvod.engines.erase.regions import Region
from openvod.engines.fill import Form
from openvod.engines.unblend import Veil, estimate

SAMPLES = 48
"""Frames that a mark is estimated from, of all its places together."""
AROUND = 16
"""Pixels around a mark's box that are looked at, where the picture reaches so far."""
BLUR = 31
"""Pixels from what is around which a mark must stand out."""
SAME = 0.85
"""Overlap over union of two masks from which they may be the same mark's."""
OFF = 3
"""Pixels by which a mark may lie elsewhere on the picture's grid than it was found."""
ALIKE = 0.5
"""Correlation of what stands out in two places from which both show the same mark."""

Seen = tuple[Plane, Plane, Plane]
Floats = NDArray[np.float32]


def groups(regions: Iterable[Region]) -> list[list[Region]]:
    """Regions of one mark each, by mark: one that moves is a group of its own, one that jumps has a region in each place."""
    moving: list[list[Region]] = []
    jumping: list[list[Region]] = []
    for region in regions:
        if len(region.marks) > 1 or region.marks[0].way == "quick":
            continue
        (mark,) = region.marks
        if mark.path and mark.what == "logo":
            moving.append([region])
        elif mark.what == "mark":
            own = next((group for group in jumping if _same(group[0].marks[0], mark)), None)
            if own is None:
                jumping.append([region])
            else:
                own.append(region)
    return moving + [group for group in jumping if len(group) > 1]


def _same(one: Mark, other: Mark) -> bool:
    """Whether both masks have one form."""
    a, b = one.mask.array() > 0, other.mask.array() > 0
    height, width = (max(a.shape[axis], b.shape[axis]) for axis in (0, 1))
    a, b = (np.pad(each, ((0, height - each.shape[0]), (0, width - each.shape[1]))) for each in (a, b))
    return float((a & b).sum()) >= SAME * float((a | b).sum())


def veil(
    film: Film, group: Sequence[Region], size: tuple[int, int]
) -> tuple[Veil | None, list[tuple[int, int]]]:
    """What shows through the mark of a group in pictures of `size` (width, height), None when that cannot be told; and where
    the veil's corner is from the corner of the mark's box in each region."""
    things = [_Thing.of(region.marks[0]) for region in group]
    margin = min(AROUND, *(thing.room(size) for thing in things)) - OFF
    if margin < 0:
        return None, []
    covered = things[0].covered
    height, width = ((side + 2 * margin) // 2 * 2 for side in covered.shape)
    each = SAMPLES // len(group)
    views = [list(_views(film, thing, margin + OFF, (height, width), each)) for thing in things]
    if not all(views):
        return None, []
    hidden = np.zeros((height, width), bool)
    inner = hidden[margin : margin + covered.shape[0], margin : margin + covered.shape[1]]
    inner[:] = covered[: inner.shape[0], : inner.shape[1]]
    face = _relief(views[0])[OFF : OFF + height, OFF : OFF + width]
    offsets = [(OFF, OFF), *(_offset(_relief(own), face, hidden) for own in views[1:])]
    told = [off for off in offsets if off is not None]
    if len(told) < len(offsets):
        return None, []
    seen = [view.at(*off, (height, width)) for own, off in zip(views, told, strict=True) for view in own]
    form = Form((height, width), (height // 2, width // 2), film.depth)
    corners = [
        (thing.left + x - margin - OFF, thing.top + y - margin - OFF)
        for thing, (x, y) in zip(things, told, strict=True)
    ]
    return estimate(seen, hidden, form), corners


@dataclass(frozen=True, slots=True, eq=False)
class _Thing:
    """A mark without the empty rim of its box."""

    mark: Mark
    covered: NDArray[np.bool_]
    left: int
    """Pixels from the corner of the mark's box to its own."""
    top: int

    @classmethod
    def of(cls, mark: Mark) -> "_Thing":
        covered = mark.mask.array() > 0
        rows, columns = np.flatnonzero(covered.any(1)), np.flatnonzero(covered.any(0))
        part = covered[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return cls(mark, part, int(columns[0]), int(rows[0]))

    def corner(self, number: int) -> tuple[int, int]:
        """Column and row of the picture in which it begins in a frame."""
        box = self.mark.box_at(number)
        return box.x0 + self.left, box.y0 + self.top

    def room(self, size: tuple[int, int]) -> int:
        """Pixels to the edge of pictures of `size` (width, height), the fewest of all its places."""
        xs, ys = zip(*(self.corner(number) for number in self._numbers()), strict=True)
        height, width = self.covered.shape
        return int(min(*xs, *ys, size[0] - width - max(xs), size[1] - height - max(ys)))

    def _numbers(self) -> Sequence[int]:
        return range(self.mark.first, self.mark.last + 1) if self.mark.path else (self.mark.first,) * 2


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What is around a mark in one frame, a little more than is wanted."""

    planes: Seen
    left: int
    """Column of the picture in which it begins, and row."""
    top: int

    def at(self, x: int, y: int, size: tuple[int, int]) -> Seen:
        """`size` (height, width, both even) of it from column `x` and row `y` on."""
        luma, *chroma = self.planes
        row, column = (self.top + y) // 2 - self.top // 2, (self.left + x) // 2 - self.left // 2
        u, v = (each[row : row + size[0] // 2, column : column + size[1] // 2] for each in chroma)
        return luma[y : y + size[0], x : x + size[1]], u, v


def _views(film: Film, thing: _Thing, margin: int, size: tuple[int, int], count: int) -> Iterator[_View]:
    """Some frames that show the mark for certain; the first and the last may not."""
    unsure = (thing.mark.last - thing.mark.first) // 8
    first, last = thing.mark.first + unsure, thing.mark.last - unsure
    height, width = size[0] + 2 * OFF, size[1] + 2 * OFF
    for number, planes in film.spread(first, last, count):
        left, top = (at - margin for at in thing.corner(number))
        luma, *chroma = planes
        if len(chroma) != 2 or chroma[0].shape != tuple(-(-side // 2) for side in luma.shape):
            return  # other ways to lay out colour are rare, and are filled
        half = np.s_[top // 2 : top // 2 + height // 2 + 1, left // 2 : left // 2 + width // 2 + 1]
        own = luma[top : top + height, left : left + width].copy()
        yield _View((own, chroma[0][half].copy(), chroma[1][half].copy()), left, top)


def _relief(views: Sequence[_View]) -> Floats:
    """What stands out in the mean of some views."""
    mean: Floats = np.stack([view.planes[0] for view in views]).mean(0, np.float32)
    relief: Floats = mean - cv2.blur(mean, (BLUR, BLUR))
    return relief


def _offset(relief: Floats, face: Floats, hidden: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Column and row at which what stands out is a mark's face, where that is hidden; None where it is not to be seen."""
    alike = cv2.matchTemplate(relief, face, cv2.TM_CCOEFF_NORMED, mask=hidden.astype(np.float32))
    _, most, _, (x, y) = cv2.minMaxLoc(alike)
    return (x, y) if most >= ALIKE else None
