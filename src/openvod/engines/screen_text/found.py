"""What is a text in the picture? The nouns of the cue finder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Box

Kind = Literal["caption", "logo", "scene"]
"""A caption comes and goes on top of the picture, a logo stays there, a scene text is part of what was filmed."""

Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Area:
    """Where to search, and when; shares (0 to 1) of the upright picture and seconds."""

    left: float
    top: float
    right: float
    bottom: float
    start: float = 0.0
    end: float = float("inf")

    def box(self, size: tuple[int, int]) -> Box:
        """In pixels of a picture of `size` (width, height)."""
        width, height = size
        return Box(
            max(0, round(self.left * width)),
            max(0, round(self.top * height)),
            min(width, round(self.right * width)),
            min(height, round(self.bottom * height)),
        )


@dataclass(frozen=True, slots=True)
class Mask:
    """Which pixels of a box a text covers, one bit each: a film has thousands of them."""

    box: Box
    bits: bytes

    @classmethod
    def of(cls, box: Box, covered: NDArray[Any]) -> "Mask":
        """`covered`: `[box.height, box.width]`, true where the text is."""
        return cls(box, np.packbits(covered.astype(bool), axis=None).tobytes())

    @classmethod
    def whole(cls, box: Box) -> "Mask":
        """Every pixel of the box."""
        return cls.of(box, np.ones((box.height, box.width), bool))

    def array(self) -> Pixels:
        """`[box.height, box.width]`, 255 where the text is, else 0."""
        bits = np.unpackbits(np.frombuffer(self.bits, np.uint8), count=self.box.width * self.box.height)
        return bits.reshape(self.box.height, self.box.width) * np.uint8(255)


@dataclass(frozen=True, slots=True)
class Glass:
    """A board that the picture shows through."""

    opacity: float
    """0 to 1."""
    colour: tuple[float, float, float]
    """Y, U and V in levels of 0 to 255."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line that was read."""

    text: str
    confidence: float
    """0 to 1."""
    box: Box


@dataclass(frozen=True, slots=True)
class FoundText:
    """A text with its place and its frames. Boxes and masks are in pixels of the upright picture."""

    kind: Kind
    first: int
    """The first frame that shows any of it, fade included."""
    last: int
    """The last frame that shows any of it."""
    start: float
    """When the first frame is shown, in seconds."""
    end: float
    """When the frame after the last is shown, in seconds."""
    lines: tuple[TextLine, ...]
    """From top to bottom."""
    fade_in: int
    """Frames until it is fully there; 0: at once."""
    fade_out: int
    mask: Mask
    """The strokes with outline, shadow and rim, or the whole box of a text with a board behind it."""
    boarded: bool
    """Whether there is a board behind the text."""
    path: tuple[tuple[int, int], ...] = ()
    """Of a moving text: how many pixels it has moved right and down since its first frame, for each of its frames.
    Empty when it stands still."""
    glass: Glass | None = None
    """The board behind it, when the picture shows through."""
    letters: Mask | None = None
    """Of such a text: its strokes with outline and rim; the rest of the mask is board."""

    @property
    def text(self) -> str:
        """The lines, joined by line breaks."""
        return "\n".join(line.text for line in self.lines)

    def mask_at(self, index: int, size: tuple[int, int]) -> Mask | None:
        """What it covers in frame `index` of a picture of `size` (width, height); None when nothing."""
        if not self.first <= index <= self.last:
            return None
        moved = self.mask.box.moved(*self.path[index - self.first]) if self.path else self.mask.box
        inner = moved.grown(0, size)
        if inner.width <= 0 or inner.height <= 0:
            return None
        if inner == self.mask.box:
            return self.mask
        at = inner.moved(-moved.x0, -moved.y0)
        return Mask.of(inner, self.mask.array()[at.y0 : at.y1, at.x0 : at.x1])


def coded_mask(mask: Mask, size: tuple[int, int], turns: int) -> Mask:
    """The same mask in the coded picture, when `turns` counter-clockwise made it upright at `size` (w, h)."""
    pixels = np.rot90(mask.array() > 0, -turns)
    box, (width, height) = mask.box, size
    turned = {
        0: box,
        1: Box(height - box.y1, box.x0, height - box.y0, box.x1),
        2: Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0),
        3: Box(box.y0, width - box.x1, box.y1, width - box.x0),
    }[turns % 4]
    return Mask.of(turned, pixels)


def inside(box: Box, areas: Sequence[Box]) -> bool:
    """Whether at least half of `box` is in one of the areas."""
    return any(2 * box.shared(area) >= box.width * box.height for area in areas)
