"""How does a stronger spatial filler of one's own take part? An ONNX model with a picture and a mask as inputs (LaMa's).

The model takes a picture `[1, 3, h, w]`, RGB from 0 to 1, and a mask `[1, 1, h, w]` that is 1 where something is to be
painted, in either order; it answers the whole picture `[1, 3, h, w]`, from 0 to 1 or from 0 to 255. Height and width may be
fixed; else both are made multiples of 8. It paints what neither the past nor the future shows, and no more.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.motion import Floats, Mask
from openvod.engines.fill.spatial import membrane

CONTEXT = 64
"""Pixels around what is hidden that the model sees."""
MULTIPLE = 8
FULL = np.array([[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]], np.float32)
"""From Y, U and V to R, G and B. The way back is the exact opposite, so the colours' standard does not matter here."""


class ModelError(Exception):
    """The file is not a model of this kind; the message says why."""


class Painter:
    """A model ready to paint; fits `Paint` of `frame`."""

    def __init__(self, path: Path) -> None:
        """Load a model. Raises ModelError when it cannot be loaded or has other inputs."""
        import onnxruntime  # noqa: PLC0415 - heavy

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelError(f"{path.name} cannot be loaded: {error}") from error
        inputs = {each.shape[1]: each for each in self._session.get_inputs() if len(each.shape) == 4}
        if set(inputs) != {1, 3} or len(self._session.get_inputs()) != 2:
            raise ModelError(f"{path.name} does not take a picture with 3 channels and a mask with 1")
        self._names = inputs[3].name, inputs[1].name
        self._size = tuple(side if isinstance(side, int) else None for side in inputs[3].shape[2:])

    def __call__(self, pictures: Sequence[Floats], hidden: Sequence[Mask]) -> list[Floats]:
        """Y, U and V in levels of 0 to 255 with the hidden places painted; chroma may be smaller than luma."""
        where = _all_hidden(hidden)
        part = _part(where)
        whole = [cv2.resize(picture, where.shape[::-1])[part] for picture in pictures]
        # Text left in the holes would be seen by a model that looks at them, so they start out smooth.
        smooth = np.dstack([membrane(np.ascontiguousarray(picture), where[part]) for picture in whole])
        rgb = (smooth - np.array([0, 128, 128], np.float32)) @ FULL.T / 255
        painted = self._run(np.clip(rgb, 0, 1), where[part]) * 255
        yuv = painted @ np.linalg.inv(FULL).T.astype(np.float32) + np.array([0, 128, 128], np.float32)
        answers = []
        for number, (picture, hole) in enumerate(zip(pictures, hidden, strict=True)):
            full = np.zeros(where.shape, np.float32)
            full[part] = yuv[..., number]
            fitted = cv2.resize(full, picture.shape[::-1], interpolation=cv2.INTER_AREA)
            answers.append(np.where(hole, fitted, picture))
        return answers

    def _run(self, rgb: Floats, where: Mask) -> Floats:
        """RGB `[h, w, 3]`, 0 to 1, painted."""
        height, width = where.shape
        size = [
            given or -(-side // MULTIPLE) * MULTIPLE
            for given, side in zip(self._size, (height, width), strict=True)
        ]
        if None in self._size:
            edges = ((0, size[0] - height), (0, size[1] - width))
            picture, mask = (
                np.pad(rgb, (*edges, (0, 0)), mode="edge"),
                np.pad(where, edges).astype(np.float32),
            )
        else:
            picture = cv2.resize(rgb, (size[1], size[0]), interpolation=cv2.INTER_AREA)
            mask = (cv2.resize(where.astype(np.float32), (size[1], size[0])) > 0).astype(np.float32)
        given = {self._names[0]: picture.transpose(2, 0, 1)[None], self._names[1]: mask[None, None]}
        painted: NDArray[Any] = self._session.run(None, given)[0][0].transpose(1, 2, 0).astype(np.float32)
        if painted.max() > 2:
            painted = painted / 255
        if None not in self._size:
            painted = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC)
        answer: Floats = np.clip(painted[:height, :width], 0, 1)
        return answer


def _all_hidden(hidden: Sequence[Mask]) -> Mask:
    """Luma pixels that are hidden in any plane."""
    size = hidden[0].shape[::-1]
    together: Mask = hidden[0].copy()
    for mask in hidden[1:]:
        together |= cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return together


def _part(where: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    return (
        slice(max(0, int(rows[0]) - CONTEXT), int(rows[-1]) + CONTEXT + 1),
        slice(max(0, int(columns[0]) - CONTEXT), int(columns[-1]) + CONTEXT + 1),
    )
