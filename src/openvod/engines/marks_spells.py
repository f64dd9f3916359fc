"""Which watermarks are shown in several places in turn, or come and go? Spells of the same pattern before different pictures.

A mark that jumps from corner to corner stays too short in each to be told from what was filmed. But the same pattern of edges
in two places, or in one place at two times, with another picture around it, is no part of the picture.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.marks_standing import (
    DENSE_SIDE,
    Bools,
    Floats,
    at_side,
    box_of,
    closed,
    lies_on_top,
    solid,
    steady,
    steep_and_sure,
    straightness,
)
from openvod.engines.ocr import Box

WINDOW, STEP = 10, 5
"""Frames that are looked at together for something that stands, and from one such look to the next."""
FEWEST = 5
"""Frames of a spell at least."""
SEEDS = 30
"""Patterns that are looked for elsewhere, at most; the strongest."""
ALIKE = 0.5
"""How alike a pattern must be in another place, as a correlation of edges: of mean edges of a window."""
SURE = 0.65
"""How alike two spells' mean edges must be."""
ONE = 0.72
"""How alike the whole marks of all spells must be, two by two in the mean: 0.8 and more in marks, 0.6 to 0.7 in what the film
showed in several places by chance."""
LASTING = 0.8
"""Share of the windows in which what stands is not what comes and goes."""
CROOKED = 0.18
"""How much the edges of a pattern must go all ways, as `straightness` tells: a straight line is found in many places. Film's
lines had 0 to 0.12, letters and logos 0.2 to 0.7."""
SMALLEST = 0.0015
"""Share of the picture that a mark's box has: small things are found again by chance."""
LONG = 15
"""Frames of a mark's only spell."""
AROUND = 24
"""Pixels around a pattern in which more of the mark is looked for, at least."""
SAME = 0.5
"""How alike the mean edges of the spells must be where they are the mark's."""
ROUGH = 2
"""How much smaller the picture is in which a pattern is looked for."""
MOST_SPELLS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Spell:
    """A pattern in one place for a while."""

    covered: Bools
    first: int
    """Place of its first frame in the stack."""
    last: int


@dataclass(frozen=True, slots=True, eq=False)
class _Seed:
    """Something that stood for a window."""

    box: Box
    covered: Bools
    """`[h, w]` of the box."""
    pattern: Floats
    """`[h, w, 2]`: its mean gradient, nought where nothing is covered."""


def spells(stack: Floats, gradients: Floats) -> list[Sequence[Spell]]:
    """Of each mark that comes and goes in `[frames, h, w]` with its gradients `[frames, 2, h, w]`: when it was where."""
    means = [gradients[at : at + WINDOW].mean(0).transpose(1, 2, 0) for at in _windows(len(stack))]
    done: list[list[Spell]] = []
    for seed in _seeds(gradients, means):
        if any(_known(seed, each) for each in done):
            continue
        own = _apart(seed, _spells(seed, means, gradients), gradients)
        if len(own) > 1 or (own and own[0].last - own[0].first + 1 >= LONG):
            whole = _whole(own, stack, gradients)
            done.append(_more(whole, gradients) if len(whole) > 1 else whole)
    return list(_strongest(filter(None, done)))


def _windows(count: int) -> list[int]:
    """Where the windows of so many frames begin; the last one ends with them."""
    return sorted({*range(0, count - WINDOW + 1, STEP), *([count - WINDOW] if count >= WINDOW else [])})


def _strongest(marks: Iterable[Sequence[Spell]]) -> Iterator[Sequence[Spell]]:
    """Those shown longest, without pieces of them: what lies on one of them in a part of its time."""
    kept: list[Spell] = []
    for own in sorted(marks, key=lambda each: -sum(spell.last - spell.first + 1 for spell in each)):
        if not any(
            box_of(spell.covered).shared(box_of(other.covered))
            and spell.first <= other.last
            and other.first <= spell.last
            for spell in own
            for other in kept
        ):
            kept += own
            yield own


def _known(seed: _Seed, marks: Sequence[Spell]) -> bool:
    area = seed.box.width * seed.box.height
    return any(2 * box_of(spell.covered).shared(seed.box) > area for spell in marks)


def _seeds(gradients: Floats, means: Sequence[Floats]) -> Iterator[_Seed]:
    """What stands for a window and not for good, strongest first."""
    found: list[tuple[float, _Seed]] = []
    for at, mean in zip(_windows(len(gradients)), means, strict=True):
        for covered in steady(gradients[at : at + WINDOW]):
            box = box_of(covered)
            part = np.s_[box.y0 : box.y1, box.x0 : box.x1]
            pattern = np.ascontiguousarray(mean[part] * covered[part][..., None])
            seed = _Seed(box, covered[part], pattern)
            if not at_side(covered) or straightness(pattern.reshape(-1, 2)) < CROOKED:
                continue
            there = [_correlation(pattern, other[part]) > ALIKE for other in means]
            if sum(there) <= LASTING * len(means):
                found.append((float(np.abs(pattern).sum()), seed))
    kept: list[_Seed] = []
    for _, seed in sorted(found, key=lambda each: -each[0]):
        if len(kept) == SEEDS:
            break
        if not any(2 * seed.box.shared(other.box) > seed.box.width * seed.box.height for other in kept):
            kept.append(seed)
            yield seed


def _correlation(pattern: Floats, other: Floats) -> float:
    covered = np.abs(pattern).sum(2) > 0
    length = float(np.linalg.norm(pattern[covered]) * np.linalg.norm(other[covered]))
    return float((pattern[covered] * other[covered]).sum()) / max(length, 1e-6)


def _spells(seed: _Seed, means: Sequence[Floats], gradients: Floats) -> Iterator[Spell]:
    """Where and when a pattern is, in no order."""
    places: list[tuple[int, int]] = []
    for mean in means:
        for x, y in _places(seed, mean):
            if not any(
                abs(x - u) < seed.box.width / 2 and abs(y - v) < seed.box.height / 2 for u, v in places
            ):
                places.append((x, y))
    found = [
        Spell(_at(seed, place, gradients.shape[2:]), first, last)
        for place in places
        for first, last in _times(seed, place, gradients)
    ]
    yield from found[:MOST_SPELLS]


def _places(seed: _Seed, mean: Floats) -> Iterator[tuple[int, int]]:
    """Left and top of the places in which a window's mean edges are a pattern's."""
    rough, small = (
        cv2.resize(each, (each.shape[1] // ROUGH, each.shape[0] // ROUGH), interpolation=cv2.INTER_AREA)
        for each in (mean, seed.pattern)
    )
    if min(small.shape[:2]) < 2:
        return
    covered = np.repeat((np.abs(small).sum(2, keepdims=True) > 0).astype(np.float32), 2, axis=2)
    alike = cv2.matchTemplate(rough, small, cv2.TM_CCORR_NORMED, mask=covered)
    _, most, _, (x, y) = cv2.minMaxLoc(np.nan_to_num(alike, posinf=0.0))
    if most < 0.8 * ALIKE:
        return
    best, place = 0.0, (0, 0)
    height, width = seed.pattern.shape[:2]
    for top in range(max(0, ROUGH * y - 2), min(mean.shape[0] - height, ROUGH * y + 2) + 1):
        for left in range(max(0, ROUGH * x - 2), min(mean.shape[1] - width, ROUGH * x + 2) + 1):
            one = _correlation(seed.pattern, mean[top : top + height, left : left + width])
            if one > best:
                best, place = one, (left, top)
    if best >= SURE:
        yield place


def _times(seed: _Seed, place: tuple[int, int], gradients: Floats) -> Iterator[tuple[int, int]]:
    """First and last frames of the spells in which a pattern is in its place: those over which it is, summed up, most above
    half of its usual strength."""
    (x, y), (height, width) = place, seed.covered.shape
    own = (
        gradients[:, :, y : y + height, x : x + width]
        .transpose(0, 2, 3, 1)[:, seed.covered]
        .reshape(len(gradients), -1)
    )
    pattern = seed.pattern[seed.covered].ravel()
    alike = own @ pattern / (np.linalg.norm(own, axis=1) * np.linalg.norm(pattern) + 1e-6)
    usual = float(np.sort(np.convolve(alike, np.full(FEWEST, 1 / FEWEST), "valid"))[-FEWEST])
    excess = alike - max(usual / 2, 0.15)
    while True:
        first, last, total = _densest(excess)
        if last - first + 1 < FEWEST or total < FEWEST * usual / 4:
            return
        yield first, last
        excess[first : last + 1] = -1


def _densest(excess: NDArray[np.floating]) -> tuple[int, int, float]:
    """First and last of the values in a row that sum up to most, and their sum."""
    best, total, begin = (0, -1, 0.0), 0.0, 0
    for place, value in enumerate(excess.tolist()):
        if total <= 0:
            total, begin = 0.0, place
        total += value
        if total > best[2]:
            best = (begin, place, total)
    return best


def _at(seed: _Seed, place: tuple[int, int], shape: Sequence[int]) -> Bools:
    whole = np.zeros((shape[0], shape[1]), bool)
    whole[place[1] : place[1] + seed.covered.shape[0], place[0] : place[0] + seed.covered.shape[1]] = (
        seed.covered
    )
    return whole


def _apart(seed: _Seed, found: Iterable[Spell], gradients: Floats) -> list[Spell]:
    """Of spells of one pattern those that are most like it, no two of them at one time, in order of time."""
    rated = []
    for spell in found:
        part = _part(box_of(spell.covered))
        mean = gradients[spell.first : spell.last + 1][:, :, *part].mean(0).transpose(1, 2, 0)
        rated.append((_correlation(seed.pattern, mean), spell))
    kept: list[Spell] = []
    for alike, spell in sorted(rated, key=lambda each: -each[0]):
        clear = all(spell.last <= other.first + 1 or other.last <= spell.first + 1 for other in kept)
        if alike >= SURE and clear and at_side(spell.covered):
            kept.append(spell)
    return sorted(kept, key=lambda each: each.first)


def _whole(own: Sequence[Spell], stack: Floats, gradients: Floats) -> list[Spell]:
    """The same with all of the mark: what is around the pattern and the same in all spells belongs to it. Nothing when it is no
    mark, but part of the picture."""
    boxes = [box_of(spell.covered) for spell in own]
    height, width = stack.shape[1:]
    most = max(AROUND, boxes[0].width, boxes[0].height)
    left, up = (min(most, *(getattr(box, side) for box in boxes)) for side in ("x0", "y0"))
    right, down = (
        min(most, *(width - box.x1 for box in boxes)),
        min(most, *(height - box.y1 for box in boxes)),
    )
    rooms = [Box(box.x0 - left, box.y0 - up, box.x1 + right, box.y1 + down) for box in boxes]
    pairs = list(zip(own, rooms, strict=True))
    seen = np.concatenate([stack[one.first : one.last + 1][:, *_part(room)] for one, room in pairs])
    edges = np.concatenate([gradients[one.first : one.last + 1][:, :, *_part(room)] for one, room in pairs])
    means = np.stack([gradients[one.first : one.last + 1][:, :, *_part(room)].mean(0) for one, room in pairs])
    covered = own[0].covered[_part(rooms[0])]
    covered |= _joined(covered, _shared(edges, means))
    box = box_of(covered)
    if box.width * box.height < SMALLEST * width * height or not lies_on_top(seen, edges, covered):
        return []
    # A pixel more: the mark lies on the picture's grid a little differently in each place.
    covered = cv2.dilate(solid(covered, seen.std(0)).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if not _is_one(means.transpose(0, 2, 3, 1)[:, covered]):
        return []
    whole = []
    for spell, room in pairs:
        mask = np.zeros((height, width), bool)
        mask[_part(room)] = covered
        whole.append(Spell(mask, spell.first, spell.last))
    return whole


def _is_one(edges: Floats) -> bool:
    """Whether the mean edges of all spells `[spells, n, 2]` are those of one crooked thing."""
    each = edges.reshape(len(edges), -1)
    each = each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-6)
    others = len(each) * (len(each) - 1)
    alike = (np.square(each.sum(0)).sum() - len(each)) / others if others else 1.0
    return bool(alike >= ONE and min(map(straightness, edges)) >= CROOKED)


def _shared(edges: Floats, means: Floats) -> Bools:
    """Where the mean edges `[spells, 2, h, w]` are the same, and all of them together steep and sure."""
    steady = steep_and_sure(edges)
    if len(means) < 2:
        return steady
    total = means.sum(0)
    each = (means * means).sum((0, 1))
    both = ((total * total).sum(0) - each) / (len(means) * (len(means) - 1))
    size = (DENSE_SIDE, DENSE_SIDE)
    same = cv2.boxFilter(both, -1, size) >= SAME * cv2.boxFilter(each / len(means), -1, size)
    shared: Bools = steady & same
    return shared


def _joined(covered: Bools, edges: Bools) -> Bools:
    """Edges closed to areas, without those that are far from what is covered."""
    areas = closed(edges)
    near = cv2.dilate(covered.astype(np.uint8), np.ones((2 * AROUND + 1,) * 2, np.uint8)) > 0
    _, labels = cv2.connectedComponents(areas.astype(np.uint8), connectivity=8)
    kept: Bools = np.isin(labels, np.unique(labels[areas & near])) & areas
    return kept


def _more(own: Sequence[Spell], gradients: Floats) -> list[Spell]:
    """The same with spells that are shorter than a window, or lie across two: a mark that is sure is found in fewer frames."""
    boxes = [box_of(spell.covered) for spell in own]
    covered = own[0].covered[_part(boxes[0])]
    edges = [
        gradients[one.first : one.last + 1][:, :, *_part(box)] for one, box in zip(own, boxes, strict=True)
    ]
    pattern = np.concatenate(edges).mean(0).transpose(1, 2, 0) * covered[..., None]
    seed = _Seed(boxes[0], covered, np.ascontiguousarray(pattern))
    free = np.ones(len(gradients), bool)
    for spell in own:
        free[spell.first : spell.last + 1] = False
    means = [
        gradients[at : at + FEWEST].mean(0).transpose(1, 2, 0)
        for at in range(len(gradients) - FEWEST + 1)
        if free[at : at + FEWEST].all()
    ]
    found = _apart(seed, _spells(seed, means, gradients), gradients)
    new = [each for each in found if free[each.first : each.last + 1].all()]
    return sorted([*own, *new], key=lambda each: each.first)


def _part(box: Box) -> tuple[slice, slice]:
    return slice(box.y0, box.y1), slice(box.x0, box.x1)
