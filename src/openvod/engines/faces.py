"""Where in a picture are faces? CenterFace on ONNX Runtime.

CenterFace (arXiv 1911.03599) gives each fourth pixel the probability that a face's middle is there, and the size of
the face. The published graph is declared for one size; `onnx_relabel` makes it take all.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.texts import Text
from openvod.engines import catalog
from openvod.engines.onnx_relabel import relabelled

MODEL = "centerface"
ENGINE = "CenterFace"

Bgr = NDArray[np.uint8]
Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

STRIDE, STEP = 4, 32
INPUT, OUTPUTS = "input.1", {"537": 1, "538": 2, "539": 2, "540": 10}
HEAT, SIZE, SHIFT = "537", "538", "539"
SHARED = 0.4
"""Two boxes of which the smaller shares more than this with the other are one face."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something found in one picture."""

    box: Box
    score: float
    """0 to 1."""


HIDING_FACES = Text("hiding faces", "遮挡人脸")


class FaceFinder:
    """The loaded model: one thread."""

    def __init__(self, models: Path, what: Text = HIDING_FACES) -> None:
        """`models`: the model folder. Raises TaskFault when the model is not installed; `what` needs it."""
        import onnxruntime  # noqa: PLC0415

        graph = catalog.file(models, MODEL, "centerface.onnx", what).read_bytes()
        shapes: dict[str, list[int | str]] = {
            name: [1, channels, "rows", "columns"] for name, channels in OUTPUTS.items()
        }
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # shapes vary: the arena would keep the largest of each
        made = relabelled(graph, {INPUT: [1, 3, "height", "width"]}, shapes)
        self._session: Any = onnxruntime.InferenceSession(made, options, providers=["CPUExecutionProvider"])

    def find(self, picture: Bgr, size: tuple[int, int], least: float) -> list[Found]:
        """Faces of `[h, w, 3]` BGR, looked at in `size` (width, height; multiples of 32); best first.

        `least` is the lowest score that counts. Boxes reach from the hairline to the chin and from ear to ear, in
        pixels of `picture`, and may stick out of it.
        """
        import cv2  # noqa: PLC0415

        height, width = picture.shape[:2]
        how = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
        scaled = picture if size == (width, height) else cv2.resize(picture, size, interpolation=how)
        blob = np.ascontiguousarray(scaled[..., ::-1].transpose(2, 0, 1)[None], np.float32)
        heat, sizes, shifts = self._session.run([HEAT, SIZE, SHIFT], {INPUT: blob})
        found = _decode(heat[0, 0], sizes[0], shifts[0], least)
        across, down = width / size[0], height / size[1]
        scaled_back = (
            Found((b[0] * across, b[1] * down, b[2] * across, b[3] * down), score) for b, score in found
        )
        return distinct(scaled_back)


def _decode(heat: Floats, sizes: Floats, shifts: Floats, least: float) -> list[tuple[Box, float]]:
    rows, columns = np.nonzero(heat > least)
    half = np.exp(sizes[:, rows, columns]) * (STRIDE / 2)
    middle_y = (rows + shifts[0, rows, columns] + 0.5) * STRIDE
    middle_x = (columns + shifts[1, rows, columns] + 0.5) * STRIDE
    edges = np.stack([middle_x - half[1], middle_y - half[0], middle_x + half[1], middle_y + half[0]], 1)
    scores = heat[rows, columns]
    return [
        ((float(b[0]), float(b[1]), float(b[2]), float(b[3])), float(score))
        for b, score in zip(edges, scores, strict=True)
    ]


def distinct(found: Iterable[Found]) -> list[Found]:
    """The best of those that lie on each other, best first."""
    kept: list[Found] = []
    for each in sorted(found, key=lambda one: -one.score):
        if all(shared(each.box, other.box) < SHARED for other in kept):
            kept.append(each)
    return kept


def shared(one: Box, other: Box) -> float:
    """Which part of the smaller box is in both, 0 to 1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min(area(one), area(other))
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0


def area(box: Box) -> float:
    """In pixels."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def fit(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """The size to look at a picture of `size` (width, height) in: about `longer` on its longer side, never enlarged
    by more than rounding up to the next multiple of 32."""
    scale = min(1.0, longer / max(size))
    width, height = (max(STEP, math.ceil(side * scale / STEP) * STEP) for side in size)
    return width, height
