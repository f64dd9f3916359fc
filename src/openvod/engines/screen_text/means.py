"""How does a text look when what is behind it is blurred? The mean of the frames that show it, and how much they differ."""

import cv2
import numpy as np

from openvod.engines.ocr import Bgr, Box
from openvod.engines.screen_text.found import Floats
from openvod.engines.screen_text.strips import coloured, cut, half_box
from openvod.media.frames import Planes


class Mean:
    """The mean picture of the rows around a line."""

    def __init__(self, band: Box) -> None:
        half = half_box(band)
        self.count = 0
        self._luma, self._squares = (np.zeros((band.height, band.width), np.float32) for _ in range(2))
        self._colour = tuple(np.zeros((half.height, half.width), np.float32) for _ in range(2))

    def add(self, frame: Planes, strip: Box) -> None:
        """Take in a frame, in which the rows are at `strip`."""
        luma = cut(frame.luma, strip)
        cv2.accumulate(luma, self._luma)
        cv2.accumulateSquare(luma, self._squares)
        half = half_box(strip)
        for plane, total in zip(frame.chroma, self._colour, strict=True):
            cv2.accumulate(cut(plane, half)[: total.shape[0], : total.shape[1]], total)
        self.count += 1

    def picture(self) -> Bgr:
        """In colour."""
        planes = (self._luma, *self._colour)
        luma, cb, cr = (np.clip(each / self.count, 0, 255).astype(np.uint8) for each in planes)
        return coloured(luma, cb, cr)

    def luma(self) -> Floats:
        """Its brightness alone."""
        return self._luma / np.float32(self.count)

    def wavers(self) -> Floats:
        """By how many levels each pixel's brightness differs from its mean, as a standard deviation."""
        variance: Floats = self._squares / np.float32(self.count) - self.luma() ** 2
        return np.sqrt(np.maximum(variance, 0))
