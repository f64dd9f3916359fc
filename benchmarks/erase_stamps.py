"""Which watermarks do film sites put on? Letters, a badge and a picture logo, that stand, jump, stay a while or come and go.

Drawn by hand, so that the true pixels are known; by name, such as `disc-60-jump2`: what, opacity in percent, way.
"""

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

What = Literal["name", "disc", "duo"]
Way = Literal["static", "jump2", "jump4", "stay5", "blink"]

WHATS: tuple[What, ...] = ("name", "disc", "duo")
WAYS: tuple[Way, ...] = ("static", "jump2", "jump4", "stay5", "blink")
OPACITIES = (100, 60, 30)
FINE = 4
"""How much larger a stamp is drawn than it is laid on."""
BEGINS, STAYS = 3.6, 5.0
"""Seconds."""
ON, OFF, FADE = 2.5, 1.5, 0.4
"""Seconds that a blinking mark is shown, is not, and takes to come."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A mark and its way over the picture."""

    what: What
    opacity: float
    way: Way

    @property
    def name(self) -> str:
        return f"{self.what}-{round(100 * self.opacity)}-{self.way}"


def named(name: str) -> Stamp:
    """What `Stamp.name` tells."""
    what, percent, way = name.split("-")
    for known, path in ((known, path) for known in WHATS for path in WAYS):
        if (known, path) == (what, way):
            return Stamp(known, int(percent) / 100, path)
    raise ValueError(f"no such stamp: {name}")


def drawn(what: What, height: int) -> tuple[Floats, Floats]:
    """Its YUV colours `[h, w, 3]`, 0 to 255, and where it is, `[h, w]`, 0 to 1."""
    tall = height * FINE
    wide = {"name": 4 * tall, "disc": tall, "duo": 2 * tall}[what]
    ink = np.zeros((tall, wide, 3), np.uint8)
    there = np.zeros((tall, wide), np.uint8)
    if what == "name":
        scale, width = tall / 30, max(2, tall // 8)
        place = (width, tall - tall // 5)
        for canvas, colour in ((ink, (240, 240, 240)), (there, 255)):
            cv2.putText(canvas, "NOVA 24", place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, width, cv2.LINE_AA)
        ink[:] = 240
    elif what == "disc":
        middle, far = (wide // 2, tall // 2), tall // 2 - 1
        cv2.circle(there, middle, far, 255, cv2.FILLED, cv2.LINE_AA)
        cv2.circle(ink, middle, tall, (40, 40, 200), cv2.FILLED)
        cv2.circle(ink, middle, round(0.62 * far), (235, 235, 235), max(2, tall // 12), cv2.LINE_AA)
        cv2.line(
            ink,
            (middle[0] - far // 2, middle[1]),
            (middle[0] + far // 2, middle[1]),
            (235, 235, 235),
            tall // 10,
        )
    else:
        own, other = (0, 165, 255), (160, 60, 20)
        left = np.array([(0, tall - 1), (tall // 2, 0), (tall, tall - 1)], np.int32)
        cv2.fillPoly(ink, [left], own)
        cv2.fillPoly(there, [left], (255,))
        cv2.circle(ink, (wide - tall // 2, tall // 2), tall // 2 - 1, other, cv2.FILLED)
        cv2.circle(there, (wide - tall // 2, tall // 2), tall // 2 - 1, (255,), cv2.FILLED)
        cv2.circle(there, (wide - tall // 2, tall // 2), tall // 5, (0,), cv2.FILLED)
    size = (wide // FINE, height)
    ycc = cv2.cvtColor(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2YCrCb)
    where = cv2.resize(there, size, interpolation=cv2.INTER_AREA).astype(np.float32) / np.float32(255)
    return ycc[..., (0, 2, 1)].astype(np.float32), where


def placed(
    stamp: Stamp, seconds: float, size: tuple[int, int], own: tuple[int, int]
) -> tuple[int, int, float]:
    """Left, top and how strongly it shows at a time; `size` of the picture and `own` are (width, height)."""
    margin = round(0.05 * size[1])
    right, low = size[0] - own[0] - margin, size[1] - own[1] - margin
    corners = ((right, margin), (margin, margin), (margin, low), (right, low))
    if stamp.way in ("jump2", "jump4"):
        turn = int(seconds / (2 if stamp.way == "jump2" else 4))
        return (*corners[turn % 4], 1.0)
    shown = 1.0
    if stamp.way == "stay5":
        shown = float(BEGINS <= seconds < BEGINS + STAYS)
    elif stamp.way == "blink":
        at = math.fmod(seconds, ON + OFF)
        shown = min(1.0, max(0.0, min(at, ON - at) / FADE))
    return (*corners[0], shown)


def laid(
    stamp: Stamp, planes: list[NDArray[np.uint8]], seconds: float, height: float = 0.1
) -> list[NDArray[np.uint8]]:
    """Y, U and V with the stamp on them, of which it takes `height` of the height; one plane is Y alone."""
    tall = round(height * planes[0].shape[0]) // 2 * 2
    ink, where = drawn(stamp.what, tall)
    left, top, shown = placed(stamp, seconds, planes[0].shape[::-1], where.shape[::-1])
    opacity = where * np.float32(stamp.opacity * shown)
    done = []
    for plane, level in zip(planes, np.moveaxis(ink, 2, 0), strict=False):
        own = plane.astype(np.float32)
        step = round(planes[0].shape[0] / plane.shape[0])
        x, y = left // step, top // step
        small = (opacity.shape[1] // step, opacity.shape[0] // step)
        thin, colour = (cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (opacity, level))
        part = own[y : y + small[1], x : x + small[0]]
        part += thin * (colour - part)
        done.append(np.clip(np.rint(own), 0, 255).astype(np.uint8))
    return done
