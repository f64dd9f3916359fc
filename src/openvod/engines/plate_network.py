"""Where does a plate detector of the user's own see plates? Any YOLO in ONNX form, put into the model folder.

The file is `plate-detector/model.onnx`. Its one input is float32 `[1, 3, height, width]`, red, green, blue from 0 to 1;
a picture is scaled to fit and padded with grey. Dimensions that are not fixed are taken as 640. Its first output is one
of these, in pixels of the input:

- `[1, 4 + classes, n]`: middle x, y, width, height, one score per class (YOLOv8, v9, v11);
- `[1, n, 5 + classes]`: the same with a score that there is anything before the classes' (YOLOv5, v7);
- `[1, n, 6]`, n at most 1000: left, top, right, bottom, score, class, doubles already removed (YOLOv10, v26).

All classes count as plates.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import onnx_strangers
from openvod.engines.faces import Bgr, Found, distinct

HIDING_PLATES = Text("hiding licence plates", "遮挡车牌")
FOLDER, FILE = "plate-detector", "model.onnx"
UNKNOWN_SIDE = 640
GREY = 114
MOST_FINAL = 1000
"""Rows that an output without doubles has at most."""

Floats = NDArray[np.float32]


class PlateNetwork:
    """The loaded model: one thread."""

    def __init__(self, path: Path) -> None:
        """Raises TaskFault when the file is no such model."""
        try:
            self._session = onnx_strangers.session(path)
            declared = self._session.get_inputs()[0]
            _, channels, rows, columns = declared.shape
        except onnx_strangers.refusals() as error:
            raise _unfit() from error
        if channels != 3 or declared.type != "tensor(float)":
            raise _unfit()
        self._name = declared.name
        self._size = tuple(side if isinstance(side, int) else UNKNOWN_SIDE for side in (columns, rows))

    def find(self, picture: Bgr, least: float) -> list[Found]:
        """Plates of `[h, w, 3]` BGR, best first, in its pixels. Raises TaskFault when the answer has another form."""
        blob, scale = _letterbox(picture, (self._size[0], self._size[1]))
        answer = self._session.run(None, {self._name: blob})[0]
        if answer.ndim != 3 or answer.shape[0] != 1 or min(answer.shape[1:]) < 5:
            raise _unfit()
        rows = decoded(answer[0])
        good = rows[rows[:, 4] >= least]
        return distinct(
            Found((float(x0) / scale, float(y0) / scale, float(x1) / scale, float(y1) / scale), float(score))
            for x0, y0, x1, y1, score in good
        )


def path(models: Path) -> Path | None:
    """The user's detector, or None."""
    file = models / FOLDER / FILE
    return file if file.is_file() else None


def decoded(answer: Floats) -> Floats:
    """`[n, 5]`: left, top, right, bottom, score, from any of the known forms."""
    if answer.shape[1] == 6 and 6 <= answer.shape[0] <= MOST_FINAL:
        return answer[:, :5]
    if answer.shape[0] < answer.shape[1]:
        rows, scores = answer.T, answer[4:].max(0)
    else:
        rows = answer
        scores = answer[:, 4] * answer[:, 5:].max(1) if answer.shape[1] > 5 else answer[:, 4]
    middle, half = rows[:, :2], rows[:, 2:4] / 2
    return np.hstack([middle - half, middle + half, scores[:, None]]).astype(np.float32)


def _letterbox(picture: Bgr, size: tuple[int, int]) -> tuple[Floats, float]:
    """The input, and how many times smaller the picture is in it; it lies at the top left."""
    import cv2  # noqa: PLC0415

    height, width = picture.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    inside = max(1, round(width * scale)), max(1, round(height * scale))
    blob = np.full((1, 3, size[1], size[0]), GREY / 255, np.float32)
    scaled = cv2.resize(picture, inside, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    blob[0, :, : inside[1], : inside[0]] = scaled[..., ::-1].transpose(2, 0, 1).astype(np.float32) / 255
    return blob, scale


def _unfit() -> TaskFault:
    return TaskFault("InvalidInput.ConfigurationUnsupported/model-form", what=HIDING_PLATES, model=FOLDER)
