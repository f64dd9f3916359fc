"""Small films with text on them, made on the spot, and the truth about what the text covers.

The ground is noise that moves, so that nothing but the text stands still.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests import clips

SIZE = (640, 360)
FPS = 25


@dataclass(frozen=True)
class Burned:
    """A text in the frames `first` to `last`; `y` is its baseline."""

    text: str
    first: int
    last: int
    y: int = 330
    fade: int = 0
    colour: tuple[int, int, int] = (255, 255, 255)
    board: bool = False
    x: int | None = None
    """None: in the middle."""
    speed: int = 0
    """Pixels to the right per frame."""

    def strength(self, index: int) -> float:
        """0 to 1."""
        if not self.first <= index <= self.last:
            return 0.0
        near = min(index - self.first, self.last - index) + 1
        return min(1.0, near / (self.fade + 1))


def ground(index: int, size: tuple[int, int] = SIZE, speed: int = 2) -> NDArray[np.uint8]:
    """Frame `index` of a soft pattern that moves to the left, `[h, w, 3]` RGB."""
    width, height = size
    wide = _pattern(size)
    at = index * speed % (wide.shape[1] - width)
    return np.ascontiguousarray(wide[:height, at : at + width])


@cache
def _pattern(size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size
    dice = np.random.default_rng(7)
    coarse = dice.integers(30, 190, (height // 24 + 2, width // 24 + 20, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, None, fx=24, fy=24, interpolation=cv2.INTER_CUBIC), np.uint8)


def draw(picture: NDArray[np.uint8], text: Burned, index: int) -> NDArray[np.uint8]:
    """The picture with the text on it, as much of it as frame `index` has."""
    strength = text.strength(index)
    if not strength:
        return picture
    scale = picture.shape[0] / 360 if picture.shape[0] < picture.shape[1] else picture.shape[1] / 360
    font, size, thick = cv2.FONT_HERSHEY_SIMPLEX, 0.8 * scale, max(2, round(2 * scale))
    (width, height), _ = cv2.getTextSize(text.text, font, size, thick)
    x = (picture.shape[1] - width) // 2 if text.x is None else text.x
    at = (x + text.speed * (index - text.first), text.y)
    over = picture.copy()
    if text.board:
        cv2.rectangle(over, (at[0] - 8, at[1] - height - 8), (at[0] + width + 8, at[1] + 12), (0, 0, 0), -1)
        over = cv2.addWeighted(over, 0.7, picture, 0.3, 0)
    else:
        cv2.putText(over, text.text, at, font, size, (0, 0, 0), thick + 4, cv2.LINE_AA)
    cv2.putText(over, text.text, at, font, size, text.colour, thick, cv2.LINE_AA)
    return np.asarray(cv2.addWeighted(over, strength, picture, 1 - strength, 0), np.uint8)


def film(
    path: Path, texts: Sequence[Burned], frames: int = 75, size: tuple[int, int] = SIZE, speed: int = 2
) -> Path:
    """A film with texts on it."""
    pictures = []
    for index in range(frames):
        picture = ground(index, size, speed)
        for text in texts:
            picture = draw(picture, text, index)
        pictures.append(picture)
    return clips.video(
        path, pictures=pictures, times=[i / FPS for i in range(frames)], sound=[], fps=FPS, crf="18"
    )


def altered(text: Burned, index: int, size: tuple[int, int] = SIZE) -> NDArray[np.bool_]:
    """Where the text changes the brightness of a frame by more than 4 levels."""
    clean = ground(index, size)
    both = [cv2.cvtColor(p, cv2.COLOR_RGB2GRAY) for p in (clean, draw(clean, text, index))]
    return np.asarray(cv2.absdiff(*both) > 4)
