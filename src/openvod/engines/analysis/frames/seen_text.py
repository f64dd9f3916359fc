"""Is there text in the picture, and which? Looked for in a few frames, where reading every caption would take a hundred times
as long; remembered by content.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import ocr
from openvod.engines.analysis.frames import pictures

STEP = "seen-text/1"
WHAT = Text("tags from text in the picture", "根据画面文字打标签")
SIDE = 640
"""Longer side of the picture in which lines are looked for, in pixels."""
SURE = 0.8
"""Least confidence of a line that counts."""
LEAST = 2
"""Letters of a line that counts."""
MOST_LINES = 40
"""Of one frame."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The text of one frame."""

    time: float
    """Seconds."""
    lines: tuple[str, ...]
    """From top to bottom."""
    share: float
    """Of the picture's area that they cover, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Film:
    """A file, and what is needed to read its frames."""

    source: Path
    content: str
    models: Path
    ask: Ask = asking.nobody
    progress: Callable[[float], None] = lambda _: None


def look(film: Film, moments: Sequence[float]) -> list[Seen]:
    """The text of the frames shown at some moments. Raises TaskFault when the model is not installed."""
    about = {"content": film.content, "engine": ocr.ENGINE, "moments": list(moments)}
    found = asking.once(film.ask, STEP, about, lambda: _looked(film, moments))
    return [Seen(time, tuple(lines), share) for time, lines, share in found["seen"]]


def _looked(film: Film, moments: Sequence[float]) -> Json:
    reader = ocr.Ocr(film.models, WHAT)
    seen = []
    for place, (time, picture) in enumerate(pictures.at(film.source, moments)):
        seen.append([time, *_read(reader, picture)])
        film.progress((place + 1) / len(moments))
    return {"seen": seen}


def _read(reader: ocr.Ocr, picture: pictures.Bgr) -> tuple[list[str], float]:
    """The lines of a picture, and the share of it that they cover."""
    height, width = picture.shape[:2]
    boxes = [box for box, _ in reader.detect(picture, ocr.fit((width, height), SIDE))]
    lines, area = [], 0
    for box in sorted(boxes, key=lambda box: (box.y0, box.x0))[:MOST_LINES]:
        read = reader.read(picture[box.y0 : box.y1, box.x0 : box.x1])
        if read.confidence >= SURE and sum(map(str.isalnum, read.text)) >= LEAST:
            lines.append(read.text.strip())
            area += box.width * box.height
    return lines, round(area / (width * height), 4)
