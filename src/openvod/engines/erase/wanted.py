"""What is to be erased from a video? The one form that both doors, `SmartErase` and `delogo`, come down to."""

from dataclasses import dataclass
from typing import Literal

from openvod.engines.hide import Style
from openvod.engines.private_areas import Target

Unit = Literal["share", "pixel"]


@dataclass(frozen=True, slots=True)
class AreaTime:
    """A rectangle of the picture as it is shown, and when."""

    left: float
    top: float
    right: float
    bottom: float
    units: tuple[Unit, Unit, Unit, Unit] = ("share", "share", "share", "share")
    """Of the four edges: 0 to 1 of the width or height, or pixels."""
    begin: float = 0.0
    """Seconds from the start of the file."""
    end: float = float("inf")
    of: Literal["", "text", "logo"] = ""
    """What is looked for in it; empty: all that is wanted."""
    strokes: bool = False
    """Of an area that is erased because somebody has said so: where texts are found in it, their strokes go and no more."""

    def shares(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Left, top, right, bottom as shares of a picture of `size` (width, height), within 0 to 1."""
        edges = (self.left, self.top, self.right, self.bottom)
        wide, high = size
        found = [
            min(1.0, max(0.0, edge if unit == "share" else edge / side))
            for edge, unit, side in zip(edges, self.units, (wide, high, wide, high), strict=True)
        ]
        return found[0], found[1], found[2], found[3]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to find and how to erase it."""

    texts: bool = False
    """Subtitles are looked for."""
    logos: bool = False
    """Watermarks are looked for."""
    targets: tuple[Target, ...] = ()
    """What is hidden for privacy."""
    style: Style = "blur"
    """How that is hidden."""
    areas: tuple[AreaTime, ...] = ()
    """Where texts and watermarks are looked for; the whole picture when empty."""
    custom: tuple[AreaTime, ...] = ()
    """What is erased because somebody has said so; nothing is looked for outside of it then."""
    whole_boxes: bool = False
    """Erase a text's box and not only its strokes: for fancy styles."""
    quick: bool = False
    """Fill from around, one frame by itself."""
    sample: tuple[int, int] | None = None
    """Size of the picture that pixels are of; None for that of the video as it is shown."""
    heights: tuple[float, float] = (0.0, 1.0)
    """Least and greatest height of a line of text: up to 1 a share of the picture's, above that pixels."""
    erases: bool = True
    """False to read the subtitles only."""

    @property
    def reads(self) -> bool:
        """Whether texts have to be found, which takes a model."""
        return not self.targets and (not self.custom or any(area.strokes for area in self.custom))
