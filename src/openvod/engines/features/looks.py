"""What does one picture look like, without naming what is in it? Sharpness, light, colour, what stands out, a hash."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from openvod.engines.picture import LUMA, Bars, bars, colourfulness, is_grey, within

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]

HASHED = 32
"""Side of the picture whose low frequencies are the perceptual hash."""
SALIENT = (64, 36)
"""Size in which it is seen what stands out."""


@dataclass(frozen=True, slots=True)
class Look:
    """The figures of one picture; see `record.Looks` for their units."""

    sharpness: float
    brightness: float
    contrast: float
    colour: float
    saturation: float
    phash: int
    saliency: tuple[float, float, float]
    bars: Bars
    lit: bool
    grey: bool


def look(picture: Rgb) -> Look:
    """Of `[h, w, 3]` RGB, the longer side 320."""
    import cv2  # noqa: PLC0415

    found = bars(picture[::2, ::2])  # every other pixel says as much
    inner = picture if found is None else within(picture, found)
    grey = cv2.cvtColor(inner, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    few = inner[::3, ::3]
    luma = few.astype(np.float32) @ LUMA
    return Look(
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()),
        brightness=float(luma.mean()),
        contrast=float(luma.std()),
        colour=colourfulness(few),
        saturation=_saturation(few),
        phash=phash(grey),
        saliency=_on_whole(saliency(grey), found or Bars()),
        bars=found or Bars(),
        lit=found is not None,
        grey=found is not None and is_grey(few),
    )


def _saturation(picture: Rgb) -> float:
    red, green, blue = np.moveaxis(picture, 2, 0)  # by planes: numpy is slow along an axis of three
    highest = np.maximum(np.maximum(red, green), blue).astype(np.float32)
    lowest = np.minimum(np.minimum(red, green), blue)
    return float(((highest - lowest) / np.maximum(highest, 1)).mean())


def phash(grey: NDArray[np.uint8]) -> int:
    """64 bits of `[h, w]`: which of the low frequencies of a small version are above their median."""
    import cv2  # noqa: PLC0415

    small = cv2.resize(grey, (HASHED, HASHED), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = np.packbits(low > np.median(low[1:]))
    return int.from_bytes(bits.tobytes(), "big")


def saliency(grey: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Where `[h, w]` stands out: x and y of the middle and the spread, in shares.

    Spectral residual (Hou and Zhang, Saliency detection, 2007): what is left of the spectrum without its smooth part.
    A picture in which nothing stands out has its middle in the middle.
    """
    import cv2  # noqa: PLC0415

    small = cv2.resize(grey, SALIENT, interpolation=cv2.INTER_AREA).astype(np.float32)
    spectrum = np.fft.fft2(small)
    size = np.abs(spectrum)
    if size.ravel()[1:].max() < 1.0:
        return 0.5, 0.5, 0.5
    logs = np.log(size + 1e-6).astype(np.float32)
    residual = logs - cv2.blur(logs, (3, 3), borderType=cv2.BORDER_REFLECT)
    back = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    power = cv2.GaussianBlur(back.astype(np.float32), (0, 0), 2.0)
    # The weight of a place is how far it stands out of the mean: a flat ground would draw everything to the middle.
    weight = np.maximum(power - power.mean(), 0)
    total = float(weight.sum())
    if total <= 0:
        return 0.5, 0.5, 0.5
    across, down = _places()
    x, y = float((weight * across).sum() / total), float((weight * down).sum() / total)
    spread = float(np.sqrt((weight * ((across - x) ** 2 + (down - y) ** 2)).sum() / total))
    return x, y, spread


@cache
def _places() -> tuple[Floats, Floats]:
    width, height = SALIENT
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    return (across + np.float32(0.5)) / width, (down + np.float32(0.5)) / height


def _on_whole(inside: tuple[float, float, float], found: Bars) -> tuple[float, float, float]:
    """Shares of the picture with its bars, of those without."""
    width, height = 1 - found.left - found.right, 1 - found.top - found.bottom
    return found.left + inside[0] * width, found.top + inside[1] * height, inside[2]
