"""What lies on the picture, where in the coded frames, and when? The nouns between finding and filling."""

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.ocr import Box
from openvod.engines.screen_text import FoundText, Glass, Mask, coded_mask

What = Literal["caption", "logo", "mark", "area"]
"""Subtitles, a watermark of text, a watermark of any form, and what a person has pointed at."""

Way = Literal["fill", "standing", "quick"]
"""From other frames, the same for what never goes away, and from around in the frame itself."""

MARKS = "marks.json"
"""Name of the file that finding writes."""

BOX_MARGIN = 0.2
"""How far beyond its box a text is erased when all of it goes, as a share of a line's height: fancy outlines."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is to be erased. Boxes are in pixels of the frames as they are stored, not turned."""

    what: What
    way: Way
    first: int
    """Number of the first frame that shows any of it."""
    last: int
    mask: Mask
    path: tuple[tuple[int, int], ...] = ()
    """How far it has moved right and down since its first frame, for each frame; empty when it stands still."""
    start: float = 0.0
    """Seconds from the start of the file."""
    end: float = 0.0
    text: str = ""
    glass: Glass | None = None
    """The board behind a text, when the picture shows through."""
    letters: Mask | None = None
    """Of such a text: what is not board."""
    fades: tuple[int, int] = (0, 0)
    """Frames until it is fully there, and from when it no longer is."""

    def box_at(self, index: int) -> Box:
        """Where it is in frame `index`, one of its own; may stick out of the picture."""
        return self.mask.box.moved(*self.path[index - self.first]) if self.path else self.mask.box

    def reach(self) -> Box:
        """The smallest box around all places where it is."""
        box = self.mask.box
        for x, y in self.path:
            box = box.joined(self.mask.box.moved(x, y))
        return box

    def dump(self) -> Json:
        """As JSON, for `load`."""
        return {
            "what": self.what,
            "way": self.way,
            "first": self.first,
            "last": self.last,
            **_dumped(self.mask),
            "path": [list(step) for step in self.path],
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "glass": self.glass and [self.glass.opacity, *self.glass.colour],
            "letters": self.letters and _dumped(self.letters),
            "fades": list(self.fades),
        }

    @staticmethod
    def load(value: Json) -> "Mark":
        """From what `dump` gave. Raises KeyError, TypeError or ValueError for anything else."""
        letters = value["letters"] and _loaded(value["letters"])
        before, after = (int(frames) for frames in value["fades"])
        path = tuple((int(x), int(y)) for x, y in value["path"])
        if path and len(path) <= value["last"] - value["first"]:
            raise ValueError("a path that is too short")
        plain = {name: value[name] for name in ("what", "way", "first", "last", "start", "end", "text")}
        glass = None
        if value["glass"]:
            opacity, y, u, v = (float(level) for level in value["glass"])
            glass = Glass(opacity, (y, u, v))
        mask = _loaded(value)
        return Mark(mask=mask, path=path, glass=glass, letters=letters, fades=(before, after), **plain)


def _dumped(mask: Mask) -> Json:
    box = mask.box
    return {"box": [box.x0, box.y0, box.x1, box.y1], "bits": base64.b64encode(mask.bits).decode()}


def _loaded(value: Json) -> Mask:
    mask = Mask(Box(*map(int, value["box"])), base64.b64decode(value["bits"], validate=True))
    if len(mask.bits) != -(-mask.box.width * mask.box.height // 8):
        raise ValueError("a mask of the wrong size")
    return mask


def lay(covered: NDArray[np.bool_], at: Box, onto: NDArray[np.bool_]) -> None:
    """Set in `onto` what is `covered` of the box `at`; what reaches out of it is cut off."""
    inner = at.grown(0, (onto.shape[1], onto.shape[0]))
    if inner.width > 0 and inner.height > 0:
        onto[inner.y0 : inner.y1, inner.x0 : inner.x1] |= covered[
            inner.y0 - at.y0 : inner.y1 - at.y0, inner.x0 - at.x0 : inner.x1 - at.x0
        ]


def save(path: Path, marks: Iterable[Mark]) -> None:
    """Write the file that `read` reads."""
    path.write_text(json.dumps([mark.dump() for mark in marks]))


def read(path: Path) -> list[Mark]:
    """What `save` wrote. Raises KeyError, TypeError or ValueError when it is damaged."""
    return [Mark.load(value) for value in json.loads(path.read_text())]


def way_of(text: FoundText, *, quick: bool) -> Way:
    """How a text is best erased: what moves uncovers what it has hidden, like what goes away."""
    if quick:
        return "quick"
    return "fill" if text.kind == "caption" or text.path else "standing"


def of_text(text: FoundText, size: tuple[int, int], turns: int, *, whole: bool, way: Way) -> Mark:
    """A text that was found in the upright picture of `size` (width, height), which `turns` quarters
    counter-clockwise have made of the stored one; `whole`: its box and not only its strokes."""
    mask = text.mask
    if whole:
        tallest = max((line.box.height for line in text.lines), default=mask.box.height)
        mask = Mask.whole(mask.box.grown(max(2, round(BOX_MARGIN * tallest)), size))
    return Mark(
        what="caption" if text.kind == "caption" else "logo",
        way=way,
        first=text.first,
        last=text.last,
        mask=coded_mask(mask, size, turns),
        path=tuple(_turned(step, turns) for step in text.path),
        start=text.start,
        end=text.end,
        text=text.text,
        glass=None if whole else text.glass,
        letters=coded_mask(text.letters, size, turns) if text.letters and not whole else None,
        fades=(text.fade_in, text.fade_out),
    )


def stored_box(box: Box, size: tuple[int, int], turns: int) -> Box:
    """A box of the upright picture of `size` (width, height) as it lies in the stored one."""
    width, height = size
    if turns == 1:
        return Box(height - box.y1, box.x0, height - box.y0, box.x1)
    if turns == 2:
        return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
    if turns == 3:
        return Box(box.y0, width - box.x1, box.y1, width - box.x0)
    return box


def upright_box(box: Box, size: tuple[int, int], turns: int) -> Box:
    """The way back: `size` is that of the upright picture again."""
    stored = size if turns % 2 == 0 else size[::-1]
    return stored_box(box, stored, -turns % 4)


def _turned(step: Sequence[int], turns: int) -> tuple[int, int]:
    x, y = step
    return [(x, y), (-y, x), (-x, -y), (y, -x)][turns % 4]
