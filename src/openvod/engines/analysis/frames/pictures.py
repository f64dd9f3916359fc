"""How does a file look at some moments, in colour and at its full size? For engines that look at a few frames only."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.media.frames import Planes, planes

Bgr = NDArray[np.uint8]
BLACK, WHITE, COLOURS = 16, 219, 224
"""Where black is, and how many levels brightness and colour have, in what videos mostly hold."""


def at(source: Path, moments: Sequence[float]) -> Iterator[tuple[float, Bgr]]:
    """The frame that is shown from each moment on (seconds), `[h, w, 3]`; moments without one are left out.

    Raises TaskFault as `frames.planes` does. For media processes.
    """
    for moment in moments:
        frame = next(planes(source, looking=True, begin=max(0.0, moment - 0.001)), None)
        if frame is not None:
            yield moment, bgr(frame)


def bgr(frame: Planes) -> Bgr:
    """A decoded frame in blue, green and red."""
    import cv2  # noqa: PLC0415 - only in media processes

    height, width = frame.luma.shape
    luma = (frame.luma.astype(np.float32) - BLACK) * (255 / WHITE)
    blue, red = (
        cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32) - 128
        for plane in frame.chroma
    )
    scale = 255 / COLOURS
    channels = (
        luma + 1.772 * scale * blue,
        luma - 0.344 * scale * blue - 0.714 * scale * red,
        luma + 1.402 * scale * red,
    )
    picture: Bgr = np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)
    return picture
