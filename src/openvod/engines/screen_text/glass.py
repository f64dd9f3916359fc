"""Does the picture show through the board behind a text, and how much of it?

A board of one colour C and opacity A turns the picture B into I = (1 - A) B + A C. A frame apart, where a text comes or goes, the
same place is seen with and without it: brightness varies (1 - A) times as much behind glass, however the picture moves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text import around
from openvod.engines.screen_text.found import Flags, Floats, Glass, Pixels

LIVELY = 6.0
"""Spread of brightness, in levels, below which it tells nothing."""
OPACITY = (0.2, 0.85)
"""Least and greatest opacity of glass: less may be chance where the picture moves, more leaves nothing to bring back."""
DENSE, ALIKE = 0.65, 0.5
"""Opacity from which what is seen must be like what was there: coding makes a solid board look a little like that."""
APART = 0.1
"""By how much opacities told by different texts of a film may be off their median."""
COLOUR = (-12.0, 267.0)
"""Levels that a board's brightness is in; it is measured with an error."""
TELLS = 8.0
"""Levels that a board changes a pixel by, from which that says whether it is behind the board."""
WITHIN, BESIDE = 0.75, 0.4
"""Share of the pixels between the letters that must look covered, and of those around that may."""
HOLDS = 0.8
"""Share of a line's box that is on its board."""
RESTLESS = 14.0
"""Levels that the picture behind a board changes by over the text's time: 5 to 16 where other frames served better."""
TELLING = 100
"""Pixels between letters that are enough to tell what a board is of."""
BETWEEN = 2.5
"""Pixels from a letter from which its blurred rim does not count."""
RIM = 2
"""Pixels around a board that a codec smears it into."""

Three = tuple[Pixels, Pixels, Pixels]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The place of a text in two frames next to each other: brightness, Cb and Cr."""

    without: Three
    shown: Three


@dataclass(frozen=True, slots=True)
class Told:
    """What one coming or going of a text says of its board."""

    opacity: float
    bare: tuple[float, float, float]
    """Mean Y, U and V of its place without it, in levels."""
    shown: tuple[float, float, float]
    """The same with it."""


def told(pairs: Sequence[Pair], between: Flags) -> Iterator[Told]:
    """What a text's own coming and going say; `between`, `[h, w]`: where its board is and no letter."""
    for pair in pairs:
        bare, behind = (planes[0][between].astype(np.float32) for planes in (pair.without, pair.shown))
        if bare.size < 2 or _spread(bare) < LIVELY:
            continue
        opacity = 1 - _spread(behind) / _spread(bare)
        if not OPACITY[0] < opacity < OPACITY[1]:
            continue
        if opacity < DENSE or float(np.corrcoef(bare, behind)[0, 1]) > ALIKE:
            yield Told(opacity, _mean(pair.without, between), _mean(pair.shown, between))


def _mean(planes: Three, where: Flags) -> tuple[float, float, float]:
    means = []
    for plane in planes:
        size = (plane.shape[1], plane.shape[0])
        own = cv2.resize(where.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        means.append(float(plane[own].mean()) if own.any() else 128.0)
    return means[0], means[1], means[2]


def _spread(values: Floats) -> float:
    """As a standard deviation, but what a codec has smeared out of letters does not count."""
    low, high = np.quantile(values, (0.16, 0.84))
    return float(high - low) / 2


def agreed(each: Sequence[Told]) -> Glass | None:
    """What the texts of a film say together; None when they say nothing, or do not agree."""
    if not each:
        return None
    own = np.array([one.opacity for one in each])
    opacity = float(np.median(own))
    bare, shown = (np.array([getattr(one, name) for one in each]) for name in ("bare", "shown"))
    # By that opacity, not by each one's own: errors of the two go together.
    y, u, v = (float(level) for level in np.median((shown - (1 - opacity) * bare) / opacity, axis=0))
    if float(np.median(np.abs(own - opacity))) > APART or not COLOUR[0] < y < COLOUR[1]:
        return None
    return Glass(opacity, (y, u, v))


def extent(pairs: Sequence[Pair], glass: Glass, line: Box, letters: Flags) -> Box | None:
    """Where a board of that glass is behind a line with its `letters` `[h, w]`; None when there is none."""
    # Where a text comes with a cut, that frame says nothing, and the one in which it goes does.
    for chosen in (pairs, *((pair,) for pair in pairs)):
        board = _extent(chosen, glass, line, letters) if chosen else None
        if board is not None:
            return board
    return None


def _extent(pairs: Sequence[Pair], glass: Glass, line: Box, letters: Flags) -> Box | None:
    luma = np.float32(glass.colour[0])
    votes = np.zeros(letters.shape, np.float32)
    tells = np.zeros(letters.shape, bool)
    for pair in pairs:
        bare, shown = (planes[0].astype(np.float32) for planes in (pair.without, pair.shown))
        covered = bare + np.float32(glass.opacity) * (luma - bare)
        votes += np.abs(shown - bare) - np.abs(shown - covered)
        tells |= np.abs(covered - bare) > TELLS
    tells &= ~letters  # which are of another colour
    board = _run_of(votes, tells, line)
    if board.shared(line) < HOLDS * line.width * line.height:
        return None
    inside, outside = np.zeros((2, *letters.shape), bool)
    inside[board.y0 : board.y1, board.x0 : board.x1] = True
    near = board.grown(max(6, line.height // 2), (letters.shape[1], letters.shape[0]))
    outside[near.y0 : near.y1, near.x0 : near.x1] = True
    own, other = tells & inside, tells & outside & ~inside
    if not own.any() or not other.any():
        return None
    if float(np.mean(votes[own] > 0)) < WITHIN or float(np.mean(votes[other] > 0)) > BESIDE:
        return None
    return board.grown(RIM, (letters.shape[1], letters.shape[0]))


def _run_of(votes: Floats, tells: Flags, line: Box) -> Box:
    """The rows and columns about a line that look covered, by the pixels that tell."""
    height, width = votes.shape
    wide = line.grown(round(0.8 * line.height), (width, height))
    some = np.where(tells, votes, 0)
    rows = np.s_[wide.y0 : wide.y1, line.x0 : line.x1]
    known = np.asarray(tells[rows].any(1))
    top, bottom = _about(some[rows].sum(1), known, line.y0 - wide.y0, line.y1 - wide.y0)
    columns = np.s_[wide.y0 + top : wide.y0 + bottom, wide.x0 : wide.x1]
    known = np.asarray(tells[columns].any(0))
    left, right = _about(some[columns].sum(0), known, line.x0 - wide.x0, line.x1 - wide.x0)
    return Box(wide.x0 + left, wide.y0 + top, wide.x0 + right, wide.y0 + bottom)


def _about(votes: Floats, known: Flags, begin: int, end: int) -> tuple[int, int]:
    """The stretch from the middle of a line on that votes for a board, until two in a row do not; of what says nothing only
    what is the line's."""
    own = np.zeros(len(votes), bool)
    own[begin:end] = True
    flags = np.where(known, votes > 0, own)
    first, last = (begin + end) // 2, (begin + end) // 2 + 1
    while first > 0 and flags[max(0, first - 2) : first].any():
        first -= 1
    while last < len(flags) and flags[last : last + 2].any():
        last += 1
    inside = np.flatnonzero(flags[first:last])
    return (first + int(inside[0]), first + int(inside[-1]) + 1) if inside.size else (begin, end)


class OnGlass(NamedTuple):
    """What a line says of the glass that it stands on, where that is, and what on it is letters; nothing when it stands on
    none."""

    told: tuple[Told, ...]
    board: Box | None
    letters: Flags | None


NONE = OnGlass((), None, None)


def _is_restless(wavers: Floats, behind: Flags, known: Glass) -> bool:
    """Whether the picture behind a board changes so much that seeing through the board is better than what other frames show."""
    if not behind.any():
        return False
    return float(np.median(wavers[behind])) > RESTLESS * (1 - known.opacity)


def under(line: Box, letters: Flags, pairs: Sequence[Pair], wavers: Floats, glassy: Glass | None) -> OnGlass:
    """What a line with its `letters` stands on. `wavers`: of `means.Mean`; `glassy`: what the film's other boards are of."""
    far = cv2.distanceTransform((~letters).astype(np.uint8), cv2.DIST_L2, 3) > BETWEEN
    # The line's box may be larger than its board: first roughly, then by what is on the board for certain.
    rough = agreed(tuple(told(pairs, around.between_rows(letters.shape, line) & far)))
    for each in (glassy, rough):
        board = extent(pairs, each, line, letters) if each is not None else None
        if board is None:
            continue
        inner = board.grown(-2 * RIM, (board.x1, board.y1))
        on = around.near(letters.shape, [inner], 0)
        own = tuple(told(pairs, on & far if (on & far).sum() >= TELLING else on & ~letters))
        known = agreed(own)
        exact = extent(pairs, known, line, letters) if known else None
        if exact is not None and known is not None and _is_restless(wavers, on & far, known):
            return OnGlass(own, exact, letters)
    return NONE
