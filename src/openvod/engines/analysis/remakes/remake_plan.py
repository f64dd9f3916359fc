"""What is done to each shot of a film that is remade? Decided by chance that is the same for the same file and request."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openvod.engines.analysis.remakes.vremake_options import Wish
from openvod.engines.features import Shot
from openvod.engines.reframe.scenes import Ground, Rect, Scene, Tile

MOST_CUTS = 60
"""Moments left out of a film: each one costs time with every sample of sound."""
APPENDED = 1.5
"""Seconds of the still at each end."""
ZOOM = (0.02, 0.05)
"""Shares of the picture that are cut off all round in any case."""
CLOSER = (0.07, 0.11)
"""The same where a scene is shown closer."""
SMALL = (0.74, 0.84)
"""Size of a picture within the picture."""
ADDED = {1: 0.25, 2: 0.4, 3: 0.6}
"""Share of the picture's own height, or width, that is added by `extMode`."""
CUT = (0.1, 0.3)
"""Seconds that are left out."""
SPEED = (0.02, 0.05)
PITCH = (0.025, 0.04)
"""How much faster or slower, higher or lower."""
SEGMENT = 2.0
"""Seconds that A and B are shown for at least."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of the source: stored size, size as shown, both upright."""

    stored: tuple[int, int]
    shown: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of it."""

    size: tuple[int, int]
    scenes: tuple[Scene, ...]
    acts: tuple[str, ...]
    """What each scene is, in words, for the account."""
    cuts: tuple[tuple[float, float], ...]
    """Spans of the source that are left out, in seconds."""
    speed: float
    pitch: float
    appended: float

    def new_time(self, time: float) -> float | None:
        """When a moment of the source is seen in the new film, without what is appended before; None for one left out."""
        gone = 0.0
        for begin, end in self.cuts:
            if time < begin - 1e-4:
                break
            if time < end - 1e-4:
                return None
            gone += end - begin
        return (time - gone) / self.speed


def plan(wish: Wish, shape: Shape, shots: Sequence[Shot], seed: int, upright: Sequence[bool] = ()) -> Plan:
    """Decide everything. At least one shot; `upright`: for each, whether it is never mirrored."""
    chance = np.random.default_rng(seed)
    speed = 1 + _either(chance, SPEED) if wish.speed else 1.0
    pitch = 1 + _either(chance, PITCH)
    size = _size(wish, shape)
    if wish.mode == "AB":
        shots = _segments(shots)
    flips = _flips(chance, ~np.array(upright or [False] * len(shots))) if wish.flip else [False] * len(shots)
    takes = (_Take(shape, size, shot, flip, chance) for shot, flip in zip(shots, flips, strict=True))
    made = [_scene(wish, take, number) for number, take in enumerate(takes)]
    cuts = _cuts(shots, chance) if wish.cut else ()
    scenes, acts = tuple(scene for scene, _ in made), tuple(act for _, act in made)
    return Plan(size, scenes, acts, cuts, speed, pitch, APPENDED if wish.append else 0.0)


def _flips(chance: np.random.Generator, may: NDArray[np.bool_]) -> list[bool]:
    """About half of those that may be mirrored, one at least."""
    flips: NDArray[np.bool_] = (chance.random(len(may)) < 0.5) & may
    if may.any() and not flips.any():
        flips[int(chance.choice(np.flatnonzero(may)))] = True
    return [bool(each) for each in flips]


def _either(chance: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(chance.uniform(*limits) * chance.choice([-1, 1]))


def _size(wish: Wish, shape: Shape) -> tuple[int, int]:
    width, height = shape.shown
    if wish.mode == "VerticalExtend":
        height *= 1 + ADDED[wish.strength]
    if wish.mode == "HorizontalExtend":
        width *= 1 + ADDED[wish.strength]
    return max(16, round(width / 2) * 2), max(16, round(height / 2) * 2)


def _segments(shots: Sequence[Shot]) -> list[Shot]:
    """Stretches of some seconds: whole shots, or parts of long ones."""
    found: list[Shot] = []
    for shot in shots:
        count = max(1, int((shot.end - shot.start) / SEGMENT))
        edges = np.linspace(shot.start, shot.end, count + 1).tolist()
        for begin, end in pairwise(edges):
            if found and found[-1].end - found[-1].start < SEGMENT * 0.6:
                found[-1] = Shot(0, 0, found[-1].start, end, "cut")
            else:
                found.append(Shot(0, 0, begin, end, "cut"))
    return found


def _cuts(shots: Sequence[Shot], chance: np.random.Generator) -> tuple[tuple[float, float], ...]:
    """Moments at the beginnings of longer shots, half of them, one at least."""
    long = [shot for shot in shots if shot.end - shot.start > 4 * CUT[1]]
    chosen = [shot for shot in long if chance.random() < 0.5] or long[:1]
    return tuple((shot.start, shot.start + float(chance.uniform(*CUT))) for shot in chosen[:MOST_CUTS])


@dataclass(frozen=True, slots=True)
class _Take:
    """One scene, and by which chance it is made."""

    shape: Shape
    size: tuple[int, int]
    shot: Shot
    flip: bool
    chance: np.random.Generator

    def scene(
        self, piece: Rect, places: Sequence[Rect], act: str, *, ground: bool = True
    ) -> tuple[Scene, str]:
        """The piece of the source, in shares, on its place in the new picture; on two from the start to the end."""
        width, height = self.shape.stored
        source = piece[0] * width, piece[1] * height, piece[2] * width, piece[3] * height
        times = np.array([self.shot.start, self.shot.end])[: len(places)]
        tile = Tile(times, np.array([source] * len(places)), np.array(places, float), self.flip)
        act = f"{act}, mirrored" if self.flip else act
        kind: Ground = "blurred" if ground else "none"
        return Scene(self.shot.start, (tile,), kind, mirrored=not self.flip), act

    def zoomed(self, limits: tuple[float, float]) -> Rect:
        """A piece from which that much is cut off, not the same on both sides."""
        off = float(self.chance.uniform(*limits)) * 2
        left, top = (off * float(self.chance.uniform(0.25, 0.75)) for _ in range(2))
        return left, top, 1 - off, 1 - off


def _scene(wish: Wish, take: _Take, number: int) -> tuple[Scene, str]:
    """A scene, and what it is in words."""
    if wish.mode == "AB" and not _is_b(wish, number, take.chance):
        return _closer(take)
    if wish.mode == "BackgroundExtend" and take.shot.end - take.shot.start < wish.least_scene:
        return _closer(take)
    if wish.mode in {"VerticalExtend", "HorizontalExtend"}:
        return _extended(take)
    return _smaller(take, move=wish.move and wish.mode == "PicInPic")


def _is_b(wish: Wish, number: int, chance: np.random.Generator) -> bool:
    return (
        bool(chance.random() < 0.5) if wish.strength == 3 else number % 2 == (1 if wish.strength == 1 else 0)
    )


def _closer(take: _Take) -> tuple[Scene, str]:
    """Nearer to the picture, a little off its middle."""
    place = (0.0, 0.0, float(take.size[0]), float(take.size[1]))
    return take.scene(take.zoomed(CLOSER), [place], "shown closer", ground=False)


def _smaller(take: _Take, *, move: bool) -> tuple[Scene, str]:
    """The picture, smaller, on its own blurred enlargement."""
    share = float(take.chance.uniform(*SMALL))
    width, height = take.size[0] * share, take.size[1] * share
    spots = take.chance.uniform(0.15, 0.85, (2 if move else 1, 2))
    places = [(x * (take.size[0] - width), y * (take.size[1] - height), width, height) for x, y in spots]
    act = "smaller on a blurred ground" + (", drifting" if move else "")
    return take.scene(take.zoomed(ZOOM), places, act)


def _extended(take: _Take) -> tuple[Scene, str]:
    """The picture at its size; the larger frame around it is filled with its blurred enlargement."""
    width, height = take.shape.shown
    x, y = (float(v) for v in take.chance.uniform(0.25, 0.75, 2))
    place = ((take.size[0] - width) * x, (take.size[1] - height) * y, width, height)
    return take.scene(take.zoomed(ZOOM), [place], "on a larger blurred ground")
