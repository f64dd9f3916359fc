"""What is written in a picture, and where? PP-OCRv6 small on ONNX Runtime: a detector of lines and a reader of lines.

The detector (differentiable binarisation, arXiv 1911.08947) gives every pixel the probability that it belongs to the
shrunken middle of a line; the reader (CTC) gives every column of a line, 48 pixels high, a character.
"""

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.texts import Text
from openvod.engines import catalog

MODEL = "pp-ocr-v6-small"
ENGINE = "PP-OCRv6 small"

Bgr = NDArray[np.uint8]
Floats = NDArray[np.float32]

STEP = 32
"""The detector takes sides that are multiples of this."""
INK, LINE = 0.3, 0.5
"""Least probability of a pixel of a line, and least mean over a line."""
GROW = 1.6
"""How much of its area over its outline a shrunken middle is grown by to be the line again (DB's unclip ratio)."""
READ_HEIGHT = 48
READ_STEP = 8
"""Columns of the picture per character that the reader can tell."""
LONGEST_READ = 1600
"""A wider line, in pixels at `READ_HEIGHT`, is squeezed: 100 Latin letters fit in."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x1 and y1 are the first column and row outside."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """In pixels."""
        return self.y1 - self.y0

    def grown(self, by: int, size: tuple[int, int]) -> "Box":
        """`by` pixels larger on each side, inside a picture of `size` (width, height)."""
        return Box(
            max(0, self.x0 - by),
            max(0, self.y0 - by),
            min(size[0], self.x1 + by),
            min(size[1], self.y1 + by),
        )

    def shared(self, other: "Box") -> int:
        """Pixels that both have."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return max(0, width) * max(0, height)

    def joined(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def moved(self, x: int, y: int) -> "Box":
        """The same box elsewhere."""
        return Box(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)


@dataclass(frozen=True, slots=True)
class Read:
    """What a line says."""

    text: str
    confidence: float
    """Mean probability of its characters, 0 to 1; 0 for no text."""


TEXT_IN_THE_PICTURE = Text("reading text in the picture", "识别画面中的文字")


class Ocr:
    """The loaded models: one thread, about 120 MB, and what further readers take."""

    def __init__(self, models: Path, what: Text = TEXT_IN_THE_PICTURE, more: Sequence[Path] = ()) -> None:
        """`models`: the model folder; `more`: files of further readers, for other writings. Raises TaskFault when the models
        are not installed; `what` needs them."""
        self._detector = _session(catalog.file(models, MODEL, "det.onnx", what))
        self._readers = [_Reader(path) for path in (catalog.file(models, MODEL, "rec.onnx", what), *more)]

    def detect(self, picture: Bgr, size: tuple[int, int]) -> list[tuple[Box, float]]:
        """The lines of text in `[h, w, 3]` BGR, looked at in `size` (width, height; multiples of 32).

        Boxes are upright, in pixels of `picture`, each with the mean probability of its pixels.
        """
        import cv2  # noqa: PLC0415

        height, width = picture.shape[:2]
        how = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
        scaled = cv2.resize(picture, size, interpolation=how)
        blob = np.ascontiguousarray((scaled.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None])
        ink: Floats = self._detector.run(None, {"x": blob})[0][0, 0]
        return _boxes(ink, (width, height))

    def read(self, line: Bgr) -> Read:
        """The text of one line, `[h, w, 3]` BGR, cut out with a small margin, by the reader that is surest of it."""
        return max((reader.read(line) for reader in self._readers), key=lambda read: read.confidence)


class _Reader:
    """A loaded reader: the characters it knows are in its file."""

    def __init__(self, path: Path) -> None:
        self._session = _session(path)
        listed = self._session.get_modelmeta().custom_metadata_map["character"]
        self._characters = ["", *_lines(listed), " "]

    def read(self, line: Bgr) -> Read:
        """The text of one line, as in `Ocr.read`."""
        import cv2  # noqa: PLC0415

        height, width = line.shape[:2]
        wide = min(LONGEST_READ, max(READ_STEP * 2, math.ceil(READ_HEIGHT * width / height)))
        how = cv2.INTER_AREA if height > READ_HEIGHT else cv2.INTER_CUBIC
        scaled = cv2.resize(line, (wide, READ_HEIGHT), interpolation=how)
        blob = np.zeros((1, 3, READ_HEIGHT, -(-wide // READ_STEP) * READ_STEP), np.float32)
        blob[0, :, :, :wide] = (scaled.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
        return self._decode(self._session.run(None, {"x": blob})[0][0])

    def _decode(self, columns: Floats) -> Read:
        """The best character of each column; repeats and blanks fall out (CTC)."""
        best, sure = columns.argmax(1), columns.max(1)
        keep = best != 0
        keep[1:] &= best[1:] != best[:-1]
        text = "".join(self._characters[index] for index in best[keep].tolist()).strip()
        return Read(text, float(sure[keep].mean()) if text else 0.0)


def fit(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """The size to look at a picture of `size` (width, height) in: `longer` on its longer side, multiples of 32."""
    scale = longer / max(size)
    width, height = (max(STEP, round(side * scale / STEP) * STEP) for side in size)
    return width, height


def fit_rows(size: tuple[int, int], scale: float, widest: int = 960) -> tuple[int, int]:
    """The size to look at a strip of a picture in: scaled by `scale`, multiples of 32, at most `widest` wide."""
    scale = min(scale, widest / size[0])
    width, height = (max(STEP, math.ceil(side * scale / STEP) * STEP) for side in size)
    return width, height


def _session(path: Path) -> Any:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # shapes vary: the arena would keep the largest of each
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _lines(listed: str) -> list[str]:
    """The characters in a model's metadata: one per line, or Python's spelling of such a text."""
    text = ast.literal_eval(listed) if listed.startswith("'") else listed
    return str(text).split("\n")


def _boxes(ink: Floats, size: tuple[int, int]) -> list[tuple[Box, float]]:
    import cv2  # noqa: PLC0415

    marked = (ink > INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    across, down = size[0] / ink.shape[1], size[1] / ink.shape[0]
    found: list[tuple[Box, float]] = []
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label][:4])
        if min(width, height) < 2:
            continue
        window = np.s_[y : y + height, x : x + width]
        score = float(ink[window][labels[window] == label].mean())
        if score < LINE:
            continue
        by = GROW * width * height / (2 * (width + height))
        edges = ((x - by) * across, (y - by) * down, (x + width + by) * across, (y + height + by) * down)
        box = Box(round(edges[0]), round(edges[1]), round(edges[2]), round(edges[3]))
        found.append((box.grown(0, size), score))
    return found
