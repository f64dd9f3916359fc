"""Pictures that move in a known way, with and without something burned in: what the fill tests work on."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill import Planes, Window


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Clean planes `[frames, h, w]`."""

    y: NDArray[Any]
    u: NDArray[Any]
    v: NDArray[Any]
    depth: int = 8

    def burned(self, hidden: NDArray[np.bool_], cuts: frozenset[int] = frozenset()) -> Window:
        """The same with bright letters where `hidden` says, `[frames, h, w]`."""
        top = 235 << (self.depth - 8)
        step = round(self.y.shape[1] / self.u.shape[1]), round(self.y.shape[2] / self.u.shape[2])
        small = np.stack([_coarse(mask, self.u.shape[1:], step) for mask in hidden])
        y, u, v = self.y.copy(), self.u.copy(), self.v.copy()
        y[hidden], u[small], v[small] = top, 16 << (self.depth - 8), 240 << (self.depth - 8)
        return Window(y, u, v, hidden, cuts, self.depth)


def _coarse(mask: NDArray[np.bool_], shape: tuple[int, ...], step: tuple[int, int]) -> NDArray[np.bool_]:
    padded = np.zeros((shape[0] * step[0], shape[1] * step[1]), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return padded.reshape(shape[0], step[0], shape[1], step[1]).any((1, 3))


def texture(height: int, width: int, seed: int = 0) -> NDArray[np.float64]:
    """Structure at several sizes, 40 to 200."""
    rng = np.random.default_rng(seed)
    whole = sum(
        size * cv2.GaussianBlur(rng.standard_normal((height, width)), (0, 0), size)
        for size in (2.0, 5.0, 12.0)
    )
    whole = (whole - whole.min()) / np.ptp(whole)
    scaled: NDArray[np.float64] = 40 + 160 * whole
    return scaled


def pan(
    frames: int,
    size: tuple[int, int] = (96, 160),
    speed: tuple[int, int] = (0, 4),
    *,
    depth: int = 8,
    step: tuple[int, int] = (2, 2),
    seed: int = 0,
) -> Scene:
    """A texture passing by at `speed` (rows, columns per frame); `step` luma rows and columns per chroma sample."""
    height, width = size
    far = (abs(speed[0]) * frames + height + 2, abs(speed[1]) * frames + width + 2)
    kinds = np.uint8 if depth == 8 else np.uint16
    scale = 1 << (depth - 8)
    planes: list[NDArray[Any]] = []
    for number, (down, across) in enumerate(((1, 1), step, step)):
        world = texture(*far, seed + number)
        views = []
        for t in range(frames):
            top, left = speed[0] * t, speed[1] * t
            view = world[top : top + height : down, left : left + width : across]
            views.append(np.rint(view * scale))
        planes.append(np.stack(views).astype(kinds))
    return Scene(planes[0], planes[1], planes[2], depth)


def letters(frames: range, total: int, size: tuple[int, int] = (96, 160)) -> NDArray[np.bool_]:
    """Upright strokes, 6 pixels wide, in the lower middle of the given frames."""
    hidden = np.zeros((total, *size), bool)
    height, width = size
    for left in range(width // 4, width * 3 // 4, 14):
        hidden[frames.start : frames.stop, height // 2 : height // 2 + 22, left : left + 6] = True
    return hidden


def psnr(true: NDArray[Any], made: NDArray[Any], where: NDArray[np.bool_], depth: int = 8) -> float:
    """Decibels over the given samples."""
    error = (true[where].astype(np.float64) - made[where]) / (1 << (depth - 8))
    return float(10 * np.log10(255**2 / max(np.mean(error**2), 1e-9)))


def unchanged(window: Window, filled: Planes) -> bool:
    """Whether nothing but hidden samples differs."""
    step = (
        round(window.y.shape[1] / window.u.shape[1]),
        round(window.y.shape[2] / window.u.shape[2]),
    )
    small = np.stack([_coarse(mask, window.u.shape[1:], step) for mask in window.hidden])
    masks = (window.hidden, small, small)
    before = (window.y, window.u, window.v)
    return all(np.array_equal(a[~mask], b[~mask]) for a, b, mask in zip(before, filled, masks, strict=True))
