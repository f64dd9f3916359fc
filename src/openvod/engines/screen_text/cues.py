"""Which lines belong together? Lines that come and go at once, one below the other, are one cue."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import FoundText, Kind, Mask
from openvod.engines.screen_text.judge import Judged, kind
from openvod.engines.screen_text.style import Style, joined

ADJACENT, ALIKE = 1, 0.75
"""Frames between two lines, and share of their characters, that make them one line that was lost in between."""
SLACK = 8
"""Pixels by which the box of a moving line may be off."""
TOGETHER = 2
"""Frames by which the lines of one cue may be seen to differ."""


def cues(lines: Sequence[Judged], film_seconds: float) -> list[FoundText]:
    """The texts that the lines make up, in order of their first frame."""
    once = _continued(_once(lines))
    kinds = [_kind(line, once, film_seconds) for line in once]
    groups: list[tuple[Kind, list[Judged]]] = []
    for line, what in sorted(zip(once, kinds, strict=True), key=lambda pair: pair[0].line.box.y0):
        for known, group in groups:
            if known == what == "caption" and _together(group[-1], line):
                group.append(line)
                break
        else:
            groups.append((what, [line]))
    style = Style.of([line for line in once if line.laid_on and not line.corner])
    found = [_cue(what, group, style) for what, group in groups]
    return sorted(found, key=lambda text: (text.first, text.lines[0].box.y0))


def _kind(line: Judged, once: Sequence[Judged], film_seconds: float) -> Kind:
    """A line that comes and goes together with a caption next to it is part of it."""
    sure = [one for one in once if one.laid_on and not one.corner]
    if any(_together(line, other) or _together(other, line) for other in sure if other is not line):
        return "caption"
    if line.corner and any(_elsewhere(line, other) for other in once):
        return "logo"
    return kind(line, sure, film_seconds)


def _elsewhere(line: Judged, other: Judged) -> bool:
    """Whether a text in a corner is at another time in another corner."""
    if not other.corner or line.line.box.shared(other.line.box):
        return False
    apart = line.start.index > other.stop.index or other.start.index > line.stop.index
    return apart and SequenceMatcher(None, line.line.text, other.line.text).ratio() >= ALIKE


def _once(lines: Sequence[Judged]) -> list[Judged]:
    """Without lines that were followed twice; the one whose ends were seen stays, then the longer."""
    kept: list[Judged] = []
    for line in sorted(lines, key=_worth, reverse=True):
        if not any(_same(line, other) for other in kept):
            kept.append(line)
    return kept


def _continued(lines: Sequence[Judged]) -> list[Judged]:
    """With lines joined that say the same in the same place, one right after the other."""
    joined: list[Judged] = []
    for line in sorted(lines, key=lambda one: one.start.index):
        before = next((one for one in joined if _goes_on(one, line)), None)
        if before is None:
            joined.append(line)
            continue
        joined[joined.index(before)] = _both(before, line)
    return joined


def _goes_on(one: Judged, other: Judged) -> bool:
    # One that moves has to be where the other one ends; standing ones of the same text may be seen at the same time.
    least = -TOGETHER if one.path else one.start.index - one.stop.index
    apart = other.start.index - one.stop.index - 1
    if bool(one.path) != bool(other.path) or not least <= apart <= ADJACENT:
        return False
    end = one.path[-1] if one.path else (0, 0)
    a, b = one.line.box.moved(*end), other.line.box
    if a.shared(b) < 0.5 * min(a.width * a.height, b.width * b.height):
        return False
    return SequenceMatcher(None, one.line.text, other.line.text).ratio() >= ALIKE


def _both(one: Judged, other: Judged) -> Judged:
    """One line out of two; what is read in the better picture counts."""
    better = max(one, other, key=lambda line: line.line.confidence)
    line = replace(better.line, box=one.line.box) if one.path else better.line
    path, mask = one.path, joined([one.mask, other.mask])
    if path:
        x, y = _moved(one.mask, other.mask, (other.line.box.x0 - one.line.box.x0, path[-1][1]))
        skipped = ((x, y),) * max(0, other.start.index - one.stop.index - 1)
        missing = other.stop.index - one.stop.index
        after = (*skipped, *((x + dx, y + dy) for dx, dy in other.path))
        path, mask = (*path, *after[len(after) - missing :]) if missing > 0 else path, one.mask
    board, laid_on = one.board or (None if path else other.board), one.laid_on or other.laid_on
    stop = max(one.stop, other.stop, key=lambda end: end.index)
    stands = one.stands or other.stands
    return replace(
        one, line=line, stop=stop, mask=mask, board=board, laid_on=laid_on, path=path, stands=stands
    )


def _moved(one: Mask, other: Mask, about: tuple[int, int]) -> tuple[int, int]:
    """How far one mask is to be moved to lie on another best, within some pixels of a guess: lines' boxes are as rough as the
    detector, and a moving text must lie as exactly after it was lost for a moment as before."""
    here, there = one.array() > 0, other.array() > 0

    def fits(way: tuple[int, int]) -> tuple[int, float]:
        moved, fixed = one.box.moved(*way), other.box
        x0, y0 = max(moved.x0, fixed.x0), max(moved.y0, fixed.y0)
        x1, y1 = min(moved.x1, fixed.x1), min(moved.y1, fixed.y1)
        own = here[y0 - moved.y0 : max(y0, y1) - moved.y0, x0 - moved.x0 : max(x0, x1) - moved.x0]
        shared = own & there[y0 - fixed.y0 : y1 - fixed.y0, x0 - fixed.x0 : x1 - fixed.x0]
        return int(shared.sum()), -abs(way[0] - middle[0]) - abs(way[1] - middle[1])

    # One mask may be wider than the other: of the ways that cover as much the middle one.
    (x, y), (u, v) = (
        (float(columns.mean()) + mask.box.x0, float(rows.mean()) + mask.box.y0)
        for mask, (rows, columns) in ((one, np.nonzero(here)), (other, np.nonzero(there)))
    )
    middle, near = (u - x, v - y), range(-SLACK, SLACK + 1)
    return max(((about[0] + x, about[1] + y) for y in near for x in near), key=fits)


def _worth(line: Judged) -> tuple[bool, int, int]:
    return line.laid_on, line.start.seen + line.stop.seen, line.stop.index - line.start.index


def _same(one: Judged, other: Judged) -> bool:
    a, b = one.line.box, other.line.box
    shared = min(one.stop.index, other.stop.index) - max(one.start.index, other.start.index) + 1
    shorter = min(one.stop.index - one.start.index, other.stop.index - other.start.index) + 1
    return shared > 0.5 * shorter and a.shared(b) > 0.5 * min(a.width * a.height, b.width * b.height)


def _together(upper: Judged, lower: Judged) -> bool:
    a, b = upper.line.box, lower.line.box
    if bool(upper.path) != bool(lower.path) or (upper.path and upper.start.index != lower.start.index):
        return False
    near = b.y0 - a.y1 < max(a.height, b.height) and min(a.x1, b.x1) > max(a.x0, b.x0)
    starts = abs(upper.start.index - lower.start.index) <= TOGETHER
    return near and starts and abs(upper.stop.index - lower.stop.index) <= TOGETHER


def _cue(what: Kind, group: Sequence[Judged], style: Style) -> FoundText:
    first = min((line.start for line in group), key=lambda end: end.index)
    last = max((line.stop for line in group), key=lambda end: end.index)
    return FoundText(
        kind=what,
        first=first.index,
        last=last.index,
        start=first.time,
        end=last.time,
        lines=tuple(line.line for line in group),
        fade_in=max(line.start.fade for line in group),
        fade_out=max(line.stop.fade for line in group),
        mask=joined([mask for line in group for mask in style.masks(line)]),
        boarded=any(style.boarded(line) for line in group),
        path=max((line.path for line in group), key=len),
        **_glass(group, style),
    )


def _glass(group: Sequence[Judged], style: Style) -> dict[str, Any]:
    """What the board is of and what on it is letters, when all lines stand on glass."""
    letters = [line.letters for line in group if line.letters is not None]
    if style.glass is None or len(letters) < len(group):
        return {}
    # Where the boards of two lines lie on each other the picture shows through both: that is no simple glass.
    boards = [style.masks(line)[-1].box for line in group]
    twice = [
        Mask.whole(Box(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1)))
        for a, b in combinations(boards, 2)
        if a.shared(b)
    ]
    return {"glass": style.glass, "letters": joined([*letters, *twice])}
