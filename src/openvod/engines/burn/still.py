"""What does one frame of a video look like, as a JPEG for people?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media.glance import Glances

STILL = "still.jpg"
QUALITY = 90


def show(argument: Json, progress: Callable[[float], None]) -> Json:  # noqa: ARG001
    """A sandbox target: `{"source", "seconds"}`: path, and time from the start of the file -> `{"shown"}`.

    Writes `STILL` into the folder, the upright picture, unless nothing is shown at that time.
    """
    import cv2  # noqa: PLC0415

    with Glances(Path(argument["source"])) as video:
        picture = video.at(float(argument["seconds"]))
    if picture is None:
        return {"shown": False}
    done, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise TaskFault("InternalError", reason=Text("the still could not be encoded", "无法编码预览图"))
    Path(STILL).write_bytes(data.tobytes())
    return {"shown": True}
