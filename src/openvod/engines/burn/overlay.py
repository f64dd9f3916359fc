"""How is something painted put into a video's own planes? Turned, sampled as its colours are, and blended in place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openvod.engines.burn.colours import Code, Floats
from openvod.engines.burn.ink import Painted
from openvod.engines.hide import stored
from openvod.media.rewrite.windows import Plane


@dataclass(frozen=True, slots=True)
class Frame:
    """How a video's pictures are stored."""

    shapes: tuple[tuple[int, ...], ...]
    """Height and width of each plane: Y, or Y, U and V."""
    turns: int
    """Quarter turns counter-clockwise that bring the stored pictures upright."""
    aspect: float
    """Width to height of a stored sample."""
    code: Code

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the upright picture in square pixels; its height is the number of samples."""
        height, width = self.shapes[0]
        if self.turns % 2:
            return max(1, round(height / self.aspect)), width
        return max(1, round(width * self.aspect)), height


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What becomes of a rectangle of a plane: `sample * keep + add`."""

    window: tuple[slice, slice]
    keep: Floats
    add: Floats


Overlay = tuple[tuple[Part, ...], ...]
"""For each plane, one rectangle for each thing that is painted, from the back to the front."""


def overlay(painted: Sequence[Painted], frame: Frame) -> Overlay:
    """What `blend` takes."""
    planes: list[list[Part]] = [[] for _ in frame.shapes]
    for each in painted:
        if each.ink.size:
            for parts, part in zip(planes, _parts(each, frame), strict=True):
                parts.append(part)
    return tuple(map(tuple, planes))


def blend(planes: Sequence[Plane], over: Overlay) -> None:
    """Put it into a picture, in place. Samples that nothing covers keep their values."""
    for plane, parts in zip(planes, over, strict=True):
        for part in parts:
            region = plane[part.window]
            mixed = region * part.keep
            mixed += part.add
            region[:] = mixed


def _parts(painted: Painted, frame: Frame) -> list[Part]:
    ink, (x, y) = _stored(painted, frame)
    height, width = frame.shapes[0]
    down, across = _steps(frame)
    left, top = x // across * across, y // down * down
    right = min(width, -(-(x + ink.shape[1]) // across) * across)
    bottom = min(height, -(-(y + ink.shape[0]) // down) * down)
    # One sample more to the left, and whole pairs at the picture's odd edges: chroma looks there.
    room = (y - top, -(-bottom // down) * down - y - ink.shape[0])
    beside = (x - left + 1, -(-right // across) * across - x - ink.shape[1] + 1)
    padded = np.pad(ink, (room, beside, (0, 0)))
    _continue(padded, (bottom - top, right - left + 1), (bottom == height, right == width, left == 0))
    luma, cb, cr = frame.code.planes(padded)
    window = (slice(top, bottom), slice(left, right))
    own = (slice(0, bottom - top), slice(1, 1 + right - left))
    parts = [_part(window, luma[own], padded[..., 3][own])]
    if len(frame.shapes) > 1:
        small = (slice(top // down, -(-bottom // down)), slice(left // across, -(-right // across)))
        alpha = _sampled(padded[..., 3], down, across)
        parts += [_part(small, _sampled(each, down, across), alpha) for each in (cb, cr)]
    return parts


def _part(window: tuple[slice, slice], value: Floats, alpha: Floats) -> Part:
    """The half is for rounding: values are cut off when they are put back."""
    return Part(window, np.ascontiguousarray(1 - alpha), np.ascontiguousarray(value + np.float32(0.5)))


def _continue(padded: Floats, end: tuple[int, int], at_edge: tuple[bool, bool, bool]) -> None:
    """What reaches the picture's edge goes on behind it, where odd sizes have half a chroma sample."""
    if at_edge[0]:
        padded[end[0] :] = padded[end[0] - 1 : end[0]]
    if at_edge[1]:
        padded[:, end[1] :] = padded[:, end[1] - 1 : end[1]]
    if at_edge[2]:
        padded[:, 0] = padded[:, 1]


def _stored(painted: Painted, frame: Frame) -> tuple[Floats, tuple[int, int]]:
    """As it lies in the stored picture, and its left and upper edge there."""
    import cv2  # noqa: PLC0415

    ink, x = painted.ink, painted.x
    height, width = frame.shapes[0]
    upright_width = height if frame.turns % 2 else width
    if frame.upright[0] != upright_width:
        share = upright_width / frame.upright[0]
        x = int(x * share)
        end = min(upright_width, -(-int((painted.x + ink.shape[1]) * share + 1) // 1))
        ink = np.asarray(cv2.resize(ink, (max(1, end - x), ink.shape[0]), interpolation=cv2.INTER_AREA))
    box = (x, painted.y, x + ink.shape[1], painted.y + ink.shape[0])
    left, top, _, _ = stored(box, frame.turns, (width, height))
    return np.ascontiguousarray(np.rot90(ink, -frame.turns)), (int(left), int(top))


def _steps(frame: Frame) -> tuple[int, int]:
    """How many rows and columns of luma a chroma sample stands for."""
    luma, chroma = frame.shapes[0], frame.shapes[-1]
    return -(-luma[0] // chroma[0]), -(-luma[1] // chroma[1])


def _sampled(plane: Floats, down: int, across: int) -> Floats:
    """At the chroma samples, which sit on every other column and between two rows (ITU-T H.264, type 0).

    `plane` has one column more on the left and on the right than the samples stand for.
    """
    rows = plane.reshape(plane.shape[0] // down, down, plane.shape[1]).mean(1)
    if across == 1:
        return np.asarray(rows[:, 1:-1], np.float32)
    middle, before, after = rows[:, 1:-1:2], rows[:, 0:-2:2], rows[:, 2::2]
    return np.asarray(middle / 2 + (before + after) / 4, np.float32)
