"""What does one frame of a video look like at its full size, as a JPEG?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media.rewrite import decoding
from openvod.media.rewrite.decoding import Mismatch
from openvod.media.rewrite.index import Times, VideoIndex

QUALITY = 92
LONGEST_SIDE = 65_500
"""The most that JPEG can tell."""
HIGH_DEFINITION = 720
"""Lines from which on a video that does not tell its matrix has that of BT.709, as players take it."""
NOT_THERE = Text("the frame for the picture cannot be decoded", "无法解码所选画面")

Rgb = NDArray[np.uint8]
_UNTOLD, _BT709, _BT601 = 2, 1, 5
"""`MatrixCoefficients` of ITU-T H.273."""
_PQ, _HLG = 16, 18
"""`TransferCharacteristics` of the same."""


def show(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: `{"source", "index", "times", "frames": [[number, file name]]}` -> `{"sizes": [[width, height]]}`.

    `index` and `times` are those of `Original`; JPEGs are written into the folder as players show the frames: upright, with
    square pixels. Raises TaskFault `SourceFileError.ContentMalformed` for a frame that does not decode.
    """
    import cv2  # noqa: PLC0415

    index = VideoIndex.load(argument["index"])
    times = Times.read(Path(argument["times"]))
    sizes = []
    for number, name in argument["frames"]:
        picture = displayed(_frame(Path(argument["source"]), index, times, int(number)), index)
        done, data = cv2.imencode(
            ".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        )
        if not done:
            raise TaskFault("InternalError", reason=NOT_THERE)
        Path(name).write_bytes(data.tobytes())
        sizes.append([picture.shape[1], picture.shape[0]])
        progress(len(sizes) / len(argument["frames"]))
    return {"sizes": sizes}


def _frame(source: Path, index: VideoIndex, times: Times, number: int) -> Any:
    try:
        return next(decoding.stretch(source, index, times, number, number + 1))[1]
    except (Mismatch, StopIteration) as error:
        raise TaskFault("SourceFileError.ContentMalformed", reason=NOT_THERE) from error


def displayed(frame: Any, index: VideoIndex) -> Rgb:
    """A libav frame as a player shows it, `[height, width, 3]` in sRGB: upright and with square pixels. Of high dynamic range
    white is where ITU-R BT.2408 has it, and what is brighter is white too."""
    from av.video.reformatter import ColorPrimaries, ColorTrc  # noqa: PLC0415

    across, down = index.recipe["aspect"]
    stretch = across / down if down and 0.1 < across / down < 10 else 1.0
    width, height = frame.width, frame.height
    if stretch >= 1:
        width = min(LONGEST_SIDE, round(width * stretch))
    else:
        height = min(LONGEST_SIDE, round(height / stretch))
    matrix = int(frame.colorspace)
    if matrix == _UNTOLD:
        matrix = _BT709 if frame.height >= HIGH_DEFINITION else _BT601
    plain: dict[str, Any] = {}
    if int(frame.color_trc) in (_PQ, _HLG):
        plain = {"dst_color_trc": ColorTrc.IEC61966_2_1, "dst_color_primaries": ColorPrimaries.BT709}
    shown = frame.reformat(
        width, height, "rgb24", src_colorspace=matrix, interpolation="BICUBIC", threads=1, **plain
    )
    return np.ascontiguousarray(np.rot90(shown.to_ndarray(), round(frame.rotation / 90) % 4))
