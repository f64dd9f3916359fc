"""How do the captions of a film look? What one of them does not show for itself, the others tell: boards, outlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text import glass
from openvod.engines.screen_text.boards import BOARD
from openvod.engines.screen_text.found import Glass, Mask
from openvod.engines.screen_text.judge import Judged

SURELY, SURELY_NOT = 0.85, 0.15
"""Evidence of a board from which a text counts for itself, whatever the others have."""
AROUND = 0.25
"""Share of the line's height by which a board is larger than the line, when none was measured."""
UNSEEN = 0.04
"""Share of the line's height by which a mask is wider when its outline could not be measured."""
RIM = 2
"""Pixels around a board that was not measured; a measured one has them already."""


@dataclass(frozen=True, slots=True)
class Style:
    """What the captions of one film have in common."""

    boards: bool
    """Whether most stand on boards."""
    around: tuple[float, float, float, float] | None
    """By how much a board is larger than its line on the left, top, right and bottom, as shares of the line's height."""
    glass: Glass | None
    """What their boards are of, when the picture shows through."""
    reach: float
    """How far an outline reaches, as a share of the line's height."""

    @classmethod
    def of(cls, captions: Sequence[Judged]) -> Self:
        """From the captions that were seen to come or go."""
        evidence = [line.seen.boarded for line in captions if line.seen.boarded is not None]
        sides = [_sides(line.line.box, line.board.joined(line.line.box)) for line in captions if line.board]
        around = tuple(float(side) for side in np.median(sides, axis=0)) if sides else None
        reaches = [line.seen.reach / line.line.box.height for line in captions if line.seen.measured]
        return cls(
            bool(evidence) and float(np.median(evidence)) >= BOARD,
            around,  # type: ignore[arg-type]
            glass.agreed([told for line in captions for told in line.told]),
            float(np.median(reaches)) if reaches else 0.0,
        )

    def boarded(self, line: Judged) -> bool:
        """Whether there is a board behind the line."""
        evidence = line.seen.boarded
        if evidence is None or SURELY_NOT < evidence < SURELY:
            return self.boards
        return evidence >= SURELY

    def masks(self, line: Judged) -> list[Mask]:
        """What the line covers: its strokes, and its board."""
        height = line.line.box.height
        wanted = round(self.reach * height)
        if not line.seen.measured:
            wanted += max(1, round(UNSEEN * height))
        strokes = _widened(line.mask, wanted - line.seen.reach)
        if not self.boarded(line):
            return [strokes]
        if line.board:  # measured too short where it was put on something of its own colour
            return [Mask.whole(line.board.joined(line.line.box))]
        board = self._board(line.line.box)
        return [strokes, Mask.whole(Box(board.x0 - RIM, board.y0 - RIM, board.x1 + RIM, board.y1 + RIM))]

    def _board(self, box: Box) -> Box:
        left, top, right, bottom = (round(side * box.height) for side in self.around or (AROUND,) * 4)
        return Box(box.x0 - left, box.y0 - top, box.x1 + right, box.y1 + bottom)


def joined(masks: Sequence[Mask]) -> Mask:
    """One mask out of several."""
    box: Box = masks[0].box
    for mask in masks[1:]:
        box = box.joined(mask.box)
    covered = np.zeros((box.height, box.width), bool)
    for mask in masks:
        at = mask.box.moved(-box.x0, -box.y0)
        covered[at.y0 : at.y1, at.x0 : at.x1] |= mask.array() > 0
    return Mask.of(box, covered)


def _sides(box: Box, board: Box) -> tuple[float, ...]:
    sides = (box.x0 - board.x0, box.y0 - board.y0, board.x1 - box.x1, board.y1 - box.y1)
    return tuple(side / box.height for side in sides)


def _widened(mask: Mask, by: int) -> Mask:
    if by <= 0:
        return mask
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return Mask.of(mask.box, cv2.dilate(mask.array(), kernel) > 0)
