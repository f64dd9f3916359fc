"""How near is an erased picture to the clean one, and how calm is it?

Region: pixels whose clean and burned luma differ by more than 4, widened by 2, in frames with a cue. PSNR is pooled over
a clip's region. Flicker is the mean of |change of the output − change of the clean clip| from the frame before, in the
region: 0 for a perfect result, and for one that is wrong but wrong in the same way all the time.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_truth import WIDEN, Picture, Plane, altered


@dataclass(slots=True)
class Score:
    """Collects the figures of one clip, frame by frame and in order."""

    squares: float = 0.0
    pixels: int = 0
    chroma_squares: float = 0.0
    chroma_pixels: int = 0
    changes: float = 0.0
    change_pixels: int = 0
    before: NDArray[np.int16] | None = field(default=None, repr=False)

    def push(self, clean: Picture, burned: Plane, out: Picture) -> None:
        """Take the next frame: the clean one, the luma of the lossless burned one, and what is judged."""
        error = out.y.astype(np.int16) - clean.y
        where = region(clean.y, burned)
        if where.any():
            here = error[where].astype(np.float64)
            self.squares += float(here @ here)
            self.pixels += len(here)
            self._chroma(clean, out, where)
            if self.before is not None:
                self.changes += float(np.abs(here - self.before[where]).sum())
                self.change_pixels += len(here)
        self.before = error

    def _chroma(self, clean: Picture, out: Picture, where: NDArray[np.bool_]) -> None:
        size = clean.u.shape[::-1]
        small = cv2.resize(where.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        for true, made in ((clean.u, out.u), (clean.v, out.v)):
            error = made[small].astype(np.float64) - true[small]
            self.chroma_squares += float(error @ error)
            self.chroma_pixels += len(error)

    @property
    def psnr(self) -> float:
        """Of luma, dB; 100 for a perfect result."""
        return decibels(self.squares, self.pixels)

    @property
    def chroma_psnr(self) -> float:
        return decibels(self.chroma_squares, self.chroma_pixels)

    @property
    def flicker(self) -> float:
        """Levels of 255 per frame."""
        return self.changes / max(1, self.change_pixels)


def region(clean: Plane, burned: Plane) -> NDArray[np.bool_]:
    """The pixels that count in a frame."""
    changed = altered(clean, burned).astype(np.uint8)
    widened: NDArray[np.bool_] = cv2.dilate(changed, np.ones((2 * WIDEN + 1,) * 2, np.uint8)) > 0
    return widened


def decibels(squares: float, pixels: int) -> float:
    """PSNR from a sum of squared errors."""
    return min(100.0, 10 * float(np.log10(255**2 * max(1, pixels) / max(squares, 1e-9))))
