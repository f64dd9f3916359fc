"""What does a block of text look like? Painted with its shadow and outline, apart from any picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.engines.burn.colours import Code, Floats
from openvod.engines.burn.fonts import Fonts
from openvod.engines.burn.setting import Block
from openvod.engines.burn.style import Board, Colour, Style

SPARE = 2
"""Pixels around what is painted."""
VISIBLE = 0.3 / 255
"""Less of a soft shadow is none."""


@dataclass(frozen=True, slots=True)
class Painted:
    """A part of the upright picture in square pixels."""

    x: int
    """Its left edge."""
    y: int
    """Its upper edge."""
    ink: Floats
    """`[h, w, 4]`: the video's own red, green and blue (0 to 1), times alpha; and alpha."""


@dataclass(frozen=True, slots=True)
class Painter:
    """What is needed to paint."""

    style: Style
    fonts: Fonts
    size: tuple[int, int]
    """Width and height of the upright picture in square pixels."""
    code: Code

    def block(self, block: Block) -> Painted:
        """The text of a cue."""
        style, height = self.style, self.size[1]
        outline = style.down(style.outline.width, height) if style.outline else 0.0
        fall = style.down(style.shadow.width, height) if style.shadow else 0.0
        blur = style.down(style.shadow.soft, height) if style.shadow else 0.0
        tallest = max(line.size for line in block.lines)
        reach = math.ceil(outline + fall + 3 * blur + 0.25 * tallest) + SPARE
        left, top = math.floor(block.box[0]) - reach, math.floor(block.box[1]) - reach
        room = (math.ceil(block.box[3]) + reach - top, math.ceil(block.box[2]) + reach - left)
        letters = self._letters(block, (left, top), room, 0.0)
        around = self._letters(block, (left, top), room, outline) if outline else letters
        ink = np.zeros((*room, 4), np.float32)
        if style.shadow is not None:
            self._lay(ink, _fallen(around, fall, blur), style.shadow.colour, style.shadow.alpha)
        if style.outline is not None and outline:
            seen = around * (1 - letters) if style.alpha < 1 else around
            self._lay(ink, seen, style.outline.colour, style.outline.alpha)
        self._lay(ink, letters, style.colour, style.alpha)
        return _cut(Painted(left, top, ink), self.size)

    def board(self, board: Board) -> Painted:
        """The board, with edges on whole pixels."""
        width, height = self.size
        style = self.style
        wide, high = style.across(board.width, width), style.down(board.height, height)
        middle = width / 2 + style.across(board.x, width)
        bottom = height - style.down(board.y, height)
        left, right = round(middle - wide / 2), round(middle + wide / 2)
        top, low = round(bottom - high), round(bottom)
        ink = np.zeros((max(0, low - top), max(0, right - left), 4), np.float32)
        self._lay(ink, np.ones(ink.shape[:2], np.float32), board.colour, board.alpha)
        return _cut(Painted(left, top, ink), self.size)

    def _letters(
        self, block: Block, corner: tuple[int, int], room: tuple[int, int], outline: float
    ) -> Floats:
        """How much of each pixel letters cover, `[h, w]`, 0 to 1; with `outline` pixels around them."""
        from PIL import Image, ImageDraw  # noqa: PLC0415 - only in media processes

        sheet = Image.new("L", room[::-1])
        pen = ImageDraw.Draw(sheet)
        for line in block.lines:
            for piece in line.pieces:
                bolder = self.fonts.faces[piece.face].bolder * line.size
                pen.text(
                    (piece.x - corner[0], line.baseline - corner[1]),
                    piece.text,
                    fill=255,
                    font=self.fonts.font(piece.face, line.size),
                    anchor="ls",
                    stroke_width=round(bolder + outline, 2),
                )
        return np.asarray(sheet, np.float32) / np.float32(255)

    def _lay(self, ink: Floats, cover: Floats, colour: Colour, alpha: float) -> None:
        """Put a layer on top."""
        own = cover * np.float32(alpha)
        ink *= 1 - own[..., None]
        signal = np.array([*self.code.signal(colour), 1.0], np.float32)
        ink += own[..., None] * signal


def _fallen(cover: Floats, fall: float, blur: float) -> Floats:
    """A shadow to the lower right."""
    import cv2  # noqa: PLC0415

    move = np.array([[1, 0, fall], [0, 1, fall]], np.float32)
    height, width = cover.shape
    moved: NDArray[np.float32] = np.asarray(cv2.warpAffine(cover, move, (width, height)), np.float32)
    if blur < 0.3:
        return moved
    soft = np.asarray(cv2.GaussianBlur(moved, (0, 0), blur), np.float32)
    return np.where(soft < VISIBLE, np.float32(0), soft)


def _cut(painted: Painted, size: tuple[int, int]) -> Painted:
    """Without what is invisible or outside of the picture."""
    alpha = painted.ink[..., 3] > 0
    rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    if not len(rows):
        return Painted(0, 0, np.zeros((0, 0, 4), np.float32))
    top, low = _inside(rows, painted.y, size[1])
    left, right = _inside(columns, painted.x, size[0])
    return Painted(painted.x + left, painted.y + top, painted.ink[top:low, left:right])


def _inside(places: Sequence[int] | NDArray[np.intp], offset: int, side: int) -> tuple[int, int]:
    """First place, and the one after the last, of those within the picture's side."""
    first = max(int(places[0]), -offset)
    return first, max(first, min(int(places[-1]) + 1, side - offset))
