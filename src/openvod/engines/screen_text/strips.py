"""Pieces of frames: the pixels of a box, as brightness or in colour, and the last frames to go back to."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.ocr import Bgr, Box
from openvod.engines.screen_text.found import Pixels
from openvod.media.frames import Planes


class Ring:
    """The last frames, as many as `seconds` or `most_bytes` allow."""

    def __init__(self, seconds: float, most_bytes: int = 160_000_000) -> None:
        self._seconds, self._most = seconds, most_bytes
        self._frames: deque[Planes] = deque()

    def add(self, frame: Planes) -> None:
        """The next frame; the oldest fall out."""
        self._frames.append(frame)
        room = max(16, self._most // (frame.luma.size * 3 // 2))
        while len(self._frames) > room or frame.time - self._frames[0].time > self._seconds:
            self._frames.popleft()

    def at(self, index: int) -> Planes | None:
        """The frame of that number, when it is still here."""
        place = index - self._frames[0].index if self._frames else -1
        return self._frames[place] if 0 <= place < len(self._frames) else None

    def since(self, index: int) -> list[Planes]:
        """The frames from that number on."""
        place = max(0, index - self._frames[0].index) if self._frames else 0
        return list(islice(self._frames, place, None))


def cut(plane: Pixels, box: Box) -> Pixels:
    """The pixels of a box; what is outside the picture is like its border."""
    height, width = plane.shape
    inner = box.grown(0, (width, height))
    if inner == box:
        return plane[box.y0 : box.y1, box.x0 : box.x1]
    rows = np.clip(np.arange(box.y0, box.y1), 0, height - 1)
    columns = np.clip(np.arange(box.x0, box.x1), 0, width - 1)
    return plane[np.ix_(rows, columns)]


def half_box(box: Box) -> Box:
    """The box in planes of half the size."""
    return Box(box.x0 // 2, box.y0 // 2, (box.x1 + 1) // 2, (box.y1 + 1) // 2)


def coloured(luma: Pixels, cb: Pixels, cr: Pixels) -> Bgr:
    """`[h, w, 3]` BGR in the size of `luma`."""
    size = (luma.shape[1], luma.shape[0])
    wide = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (cr, cb)]
    return _bgr([luma, *wide])


def view(frame: Planes, box: Box, size: tuple[int, int]) -> Bgr:
    """A box of the frame, scaled to `size` (width, height), as BGR."""
    half = half_box(box)
    planes = [(frame.luma, box), (frame.chroma[1], half), (frame.chroma[0], half)]
    scaled = [cv2.resize(cut(plane, where), size, interpolation=cv2.INTER_AREA) for plane, where in planes]
    return _bgr(scaled)


def _bgr(planes: Sequence[NDArray[Any]]) -> Bgr:
    """From brightness, Cr and Cb of one size. Full range is assumed: the models do not mind a paler picture."""
    return cv2.cvtColor(cv2.merge(list(planes)), cv2.COLOR_YCrCb2BGR).astype(np.uint8, copy=False)


def overlapping(box: Box, others: Sequence[Box], share: float = 0.5) -> bool:
    """Whether `box` shares that much of the smaller box with one of the others."""
    for other in others:
        smaller = min(box.width * box.height, other.width * other.height)
        if box.shared(other) > share * smaller:
            return True
    return False
