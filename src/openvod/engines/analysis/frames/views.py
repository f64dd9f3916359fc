"""Which frames is a model to see of a film, and as which picture files? A few, spread over its time, none like the one before."""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from openvod.engines.analysis.frames import pictures
from openvod.engines.features import Features

MOST = 16
"""Frames; each costs a model some hundreds of tokens."""
SECONDS_EACH = 4.0
"""Of a short film there are fewer."""
FEWEST = 4
ALIKE = 8
"""Bits of the perceptual hash that two pictures differ by at least."""
SIDE = 768
"""Longer side of a picture, in pixels."""
QUALITY = 85


@dataclass(frozen=True, slots=True)
class View:
    """A frame."""

    time: float
    """Seconds."""
    file: str
    """A JPEG in the folder."""
    content: str
    """A hash of its bytes."""


def times(found: Features, most: int = MOST) -> list[float]:
    """When to look, in seconds: evenly over the film, while a shot is shown alone, and not at what looks like the last one."""
    count = min(most, max(FEWEST, math.ceil(found.seconds / SECONDS_EACH)))
    chosen: list[float] = []
    last: int | None = None
    for number in range(count):
        look = _near(found, found.begin + (number + 0.5) * (found.end - found.begin) / count)
        if look is None:
            return []
        phash = int(found.looks.phash[look])
        if last is None or (phash ^ last).bit_count() >= ALIKE:
            chosen.append(float(found.looks.times[look]))
            last = phash
    return chosen


def _near(found: Features, time: float) -> int | None:
    """The look nearest to a moment that lies within the settled part of the shot which is shown then."""
    if not len(found.looks):
        return None
    shot = next((each for each in found.shots if each.start <= time < each.end), None)
    apart = np.abs(found.looks.times - time)
    if shot is not None:
        first, last = shot.settled
        inside = (found.looks.times >= first) & (found.looks.times <= last)
        if inside.any():
            apart = np.where(inside, apart, np.inf)
    return int(np.argmin(apart))


def draw(source: Path, moments: list[float], folder: Path) -> list[View]:
    """Write the frames shown at some moments as JPEGs into a folder. For a media process. Raises TaskFault."""
    return [
        _written(picture, time, folder / f"view-{place}.jpg")
        for place, (time, picture) in enumerate(pictures.at(source, moments))
    ]


def _written(picture: pictures.Bgr, time: float, path: Path) -> View:
    import cv2  # noqa: PLC0415 - only in media processes

    scale = min(1.0, SIDE / max(picture.shape[:2]))
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    path.write_bytes(data.tobytes())
    return View(time, path.name, hashlib.sha256(data.tobytes()).hexdigest())
