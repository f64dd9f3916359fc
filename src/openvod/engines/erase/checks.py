"""How near does a fill come to what really is there? Tried where that is known: beside what was erased.

The same mask is laid over pixels nearby that nothing covers, they are filled the same way, and compared with themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from openvod.engines.erase.ahead import Film, Plane, parts
from openvod.engines.erase.edit import smoothly
from openvod.engines.erase.marks import Mark
from openvod.engines.erase.regions import Region
from openvod.engines.erase.veils import of_picture
from openvod.engines.fill import STANDING, FillStream, Form, Frame, Paint
from openvod.engines.ocr import Box
from openvod.engines.screen_text import Mask

MOST = 16
"""Frames that are tried."""
GAP = 10
"""Pixels between what was erased and where it is tried."""

Shot = tuple[int, tuple[Plane, ...], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one trial. Levels of 0 to 255, luma."""

    pixels: int
    """How many were hidden, over all frames."""
    squared: float
    """Mean squared error."""
    flicker: float
    """Mean of how much the change from frame to frame differs from the true one."""


def check(film: Film, marks: Sequence[Mark], one: Mark, paint: Paint) -> Checked | None:
    """Try one of `marks` beside its place; None where there is no room for it."""
    begin = max(0, one.first - 1)
    if one.way == "standing":
        begin = max(begin, (one.first + one.last - MOST) // 2)
    end = min(one.last + 2, begin + MOST)
    shots = film.shots(begin, end)
    first = next(shots, None)
    if first is None:
        return None
    height, width = first[1][0].shape
    moved = _beside(marks, one, (width, height), (begin, end))
    if moved is None:
        return None
    region = of_picture([moved], first[1])[0]
    return _compared([_cut_out(shot, region) for shot in chain([first], shots)], region, film.depth, paint)


def _beside(marks: Sequence[Mark], one: Mark, size: tuple[int, int], frames: tuple[int, int]) -> Mark | None:
    reach = one.reach()
    taken = [each.reach() for each in marks if each.first < frames[1] and frames[0] <= each.last]
    across, down = reach.width + GAP, reach.height + GAP
    for x, y in ((0, -down), (0, down), (-across, 0), (across, 0), (0, -2 * down), (0, 2 * down)):
        there = reach.moved(x, y)
        if there.grown(0, size) == there and not any(there.shared(other) for other in taken):
            box: Box = one.mask.box.moved(x, y)
            return replace(one, mask=Mask(box, one.mask.bits))
    return None


def _cut_out(shot: Shot, region: Region) -> Shot:
    number, planes, cut = shot
    own = tuple(plane[part].copy() for plane, part in zip(planes, parts(region, planes), strict=True))
    return number, own if len(own) == 3 else (own[0], np.zeros_like(own[0]), np.zeros_like(own[0])), cut


def _compared(shots: Sequence[Shot], region: Region, depth: int, paint: Paint) -> Checked | None:
    luma, chroma = shots[0][1][0].shape, shots[0][1][1].shape
    form = Form((luma[0], luma[1]), (chroma[0], chroma[1]), depth)
    hidden = [region.hidden(number) for number, _, _ in shots]
    if not any(mask.any() for mask in hidden):
        return None
    errors = [
        (filled.astype(np.float32) - planes[0].astype(np.float32)) / form.level
        for (_, planes, _), filled in zip(shots, _filled(shots, hidden, region, form, paint), strict=True)
    ]
    inside = np.concatenate([error[mask] for error, mask in zip(errors, hidden, strict=True)])
    both = zip(pairwise(errors), pairwise(hidden), strict=True)
    changes = np.concatenate(
        [np.zeros(0, np.float32), *(np.abs(b - a)[here & there] for (a, b), (here, there) in both)]
    )
    flicker = float(changes.mean()) if changes.size else 0.0
    return Checked(inside.size, float(np.square(inside).mean()), flicker)


def _filled(
    shots: Sequence[Shot], hidden: Sequence[NDArray[np.bool_]], region: Region, form: Form, paint: Paint
) -> list[Plane]:
    """The luma of every frame."""
    if region.quick:
        top = (1 << form.depth) - 1
        return [smoothly(planes[0], mask, top) for (_, planes, _), mask in zip(shots, hidden, strict=True)]
    # Nothing is burned in here, so a mask that is trimmed to what is would be trimmed away.
    stream = FillStream(form, paint, STANDING if region.standing else 0.0, wide=False)
    done = []
    for (_, planes, cut), mask in zip(shots, hidden, strict=True):
        done += stream.push(Frame(planes[0], planes[1], planes[2], mask, cut=cut))
    return [planes[0] for planes in [*done, *stream.finish()]]
