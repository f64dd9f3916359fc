"""Which marks are filled together? Those that are near each other at the same time share a region of the picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openvod.engines.erase.boards import clear_of
from openvod.engines.erase.marks import Mark, lay
from openvod.engines.ocr import Box
from openvod.engines.screen_text import Glass
from openvod.engines.unblend import Veil

AROUND = 44
"""Pixels around what is hidden that a fill goes by."""
TOGETHER = 2
"""Frames between two marks that count as none: what one hides, the other's frames may show."""


@dataclass(slots=True)
class Region:
    """A part of the picture with its marks. Its frames are those with a mark."""

    box: Box
    """Around all marks with `AROUND`, inside the picture, edges where chroma samples begin or at the picture's."""
    marks: list[Mark]
    first: int
    """Number of its first frame with a mark."""
    last: int
    """Number of its last frame with a mark."""
    veil: Veil | None = None
    """What is known of a mark that lets the picture shine through; of the region's size, unless it is `carried`."""
    carried: tuple[int, int] | None = None
    """Of a veil that moves with the region's only mark: pixels right and down from the mark's corner to its own."""
    _seen: int = -1
    _current: list[Mark] = field(default_factory=list)
    _clear: dict[int, NDArray[np.bool_] | None] = field(default_factory=dict)

    @property
    def standing(self) -> bool:
        """Whether everything in it stays where it is for good."""
        return all(mark.way == "standing" for mark in self.marks)

    @property
    def quick(self) -> bool:
        """Whether nothing in it is worth a look at other frames."""
        return all(mark.way == "quick" for mark in self.marks)

    def veil_at(self, index: int) -> Veil | None:
        """The veil as it lies on the region in frame `index`."""
        if self.veil is None or self.carried is None:
            return self.veil
        (mark,), (right, down) = self.marks, self.carried
        at = mark.box_at(index).moved(right - self.box.x0, down - self.box.y0)
        return self.veil.placed((self.box.height, self.box.width), at.x0, at.y0)

    def clear(self, index: int) -> tuple[Glass, NDArray[np.bool_]] | None:
        """A board through which the picture shows in frame `index`, and `[h, w]` where; None when there is none."""
        shown = [mark for mark in self.marks if mark.first <= index <= mark.last]
        if len(shown) != 1 or shown[0].glass is None or shown[0].path or not _full(shown[0], index):
            return None
        mark, glass = shown[0], shown[0].glass
        if mark.first not in self._clear:
            self._clear = {mark.first: clear_of(mark)}
        own = self._clear[mark.first]
        if own is None:
            return None
        whole = np.zeros((self.box.height, self.box.width), bool)
        lay(own, mark.mask.box.moved(-self.box.x0, -self.box.y0), whole)
        return glass, whole

    def hidden(self, index: int) -> NDArray[np.bool_]:
        """`[h, w]` of the region: what is covered in frame `index`. Quick when frames are asked for in order."""
        covered = np.zeros((self.box.height, self.box.width), bool)
        if index < self._seen or self._seen < 0:
            self._current = list(self.marks)
        self._seen = index
        self._current = [mark for mark in self._current if mark.last >= index]
        for mark in self._current:
            if mark.first <= index <= mark.last:
                at = mark.box_at(index).moved(-self.box.x0, -self.box.y0)
                lay(mark.mask.array() > 0, at, covered)
        return covered


def _full(mark: Mark, index: int) -> bool:
    return mark.first + mark.fades[0] <= index <= mark.last - mark.fades[1]


def regions(marks: Iterable[Mark], size: tuple[int, int], step: tuple[int, int]) -> list[Region]:
    """All marks, each in one region, in order of their first frame. `size` is the stored picture's (width, height),
    `step` how many luma columns and rows a chroma sample takes."""
    done: list[Region] = []
    open_: list[Region] = []
    for mark in sorted(marks, key=lambda each: each.first):
        reach = mark.reach().grown(0, size)
        if reach.width <= 0 or reach.height <= 0:
            continue
        done += [each for each in open_ if each.last + TOGETHER < mark.first]
        open_ = [each for each in open_ if each.last + TOGETHER >= mark.first]
        open_ = _with(open_, Region(_around(reach, size, step), [mark], mark.first, mark.last))
    return sorted([*done, *open_], key=lambda each: each.first)


def _with(open_: Sequence[Region], new: Region) -> list[Region]:
    """`open_` and the new one, those that see a mark of another put together."""
    apart = []
    for each in open_:
        same = each.quick == new.quick
        if same and each.box.shared(new.box):
            new = Region(
                each.box.joined(new.box),
                [*each.marks, *new.marks],
                min(each.first, new.first),
                max(each.last, new.last),
            )
        else:
            apart.append(each)
    if len(apart) + 1 < len(open_):  # it has grown by several: it may touch more
        return _with(apart, new)
    return [*apart, new]


def _around(reach: Box, size: tuple[int, int], step: tuple[int, int]) -> Box:
    wide, high = step
    box = reach.grown(AROUND, size)
    return Box(
        box.x0 // wide * wide,
        box.y0 // high * high,
        min(size[0], -(-box.x1 // wide) * wide),
        min(size[1], -(-box.y1 // high) * high),
    )
