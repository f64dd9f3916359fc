"""What shows through a half-transparent mark that stands still, and how opaque is the mark?

A mark of one colour C and opacity A per pixel turns the picture B into I = (1 - A) B + A C. Two things are found from many
frames. First its strength: how strongly the mark's own pattern stands out, `a`, depends on how bright the picture behind it
is, `b`: a = opacity (C - b) is a straight line over frames and places, and the picture's own texture, which has nothing to do
with the pattern, averages out. Then each pixel's opacity, by least squares over the frames. Turning the blend round then brings
back what really was there, which no filling can. Where the evidence does not agree with such a mark, there is no answer, and
the mark has to be filled like anything opaque.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.fill.frame import Form, Lifted, Planes
from openvod.engines.fill.motion import Floats, Mask
from openvod.engines.fill.spatial import membrane

FEWEST = 8
"""Frames without which nothing is estimated."""
TILE = 16
"""Pixels of the sides of the squares in which the pattern's strength is measured."""
OPACITY = (0.04, 0.88)
"""Least and greatest opacity that is turned round: fainter is not seen, denser leaves nothing to bring back."""
LEFT = 0.35
"""Part of the pattern's strength that may be left after turning it round."""
FAINT = 0.02
"""Opacity below which a pixel is left alone."""
COLOURS = 20.0
"""Levels by which chroma brought back may lie outside what is around it."""
STRANGE = 2.0
"""How many times rougher than its surroundings the picture brought back may be."""
NOISE = 3.0
"""Squared error of the video's coding."""
UNSURE = 30.0
"""Most squared error that is blamed on the mark; the rest is that of the guess it is compared with."""
ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Veil:
    """A half-transparent mark."""

    opacity: Floats
    """`[h, w]`, 0 to 1: 0 where there is no mark."""
    colour: tuple[float, float, float]
    """Y, U and V in levels of 0 to 255."""
    error: Floats
    """`[h, w]`: squared error to expect of what is brought back; where there is next to no mark, of the picture as it is."""
    left: float
    """Part of the pattern's strength that is left after `lift` on the frames it was estimated from: 0 is perfect."""


def estimate(frames: Sequence[Planes], hidden: Mask, form: Form) -> Veil | None:
    """The mark in `hidden` `[h, w]`, from frames as different as can be had (20 to 60); None when it is not one colour laid
    over the picture, or is too opaque, or when the frames are too alike to tell."""
    if len(frames) < FEWEST or not hidden.any():
        return None
    seen = np.stack([planes[0] for planes in frames]).astype(np.float32) / form.level
    behind = np.stack([membrane(picture, hidden) for picture in seen])
    calm = np.stack([_calm(picture, hidden) for picture in seen])
    pattern = _first_pattern(seen - behind, hidden)
    if pattern is None:
        return None
    luma, opacity = 0.0, pattern
    for _ in range(ROUNDS):
        fitted = _strength(seen, behind, pattern, calm)
        if fitted is None:
            return None
        strength, luma = fitted
        opacity = _opacities(seen, behind, hidden, luma, calm)
        pattern = np.clip(opacity / strength, 0, 1)
    left = _left(seen, behind, opacity, luma)
    core = float(np.quantile(opacity[opacity > opacity.max() / 2], 0.5)) if opacity.max() > FAINT else 0.0
    if not OPACITY[0] < core < OPACITY[1] or left > LEFT:
        return None
    clear = np.stack([_turn_round(picture, opacity, luma) for picture in seen])
    if not _natural(clear - behind, seen, hidden):
        return None
    u, v = (_chroma_colour([planes[i] for planes in frames], hidden, opacity, form) for i in (1, 2))
    return Veil(opacity, (luma, u, v), _errors(seen, behind, opacity, luma, calm), left)


def lift(planes: Planes, hidden: Mask, veil: Veil, form: Form) -> Lifted:
    """A frame's planes with the mark turned round inside `hidden`, to be weighed against a fill (see `fill.Frame.lifted`)."""
    small = form.coarse(hidden)
    thin = _coarse(veil.opacity, form)
    lifted = []
    for plane, opacity, colour, where in zip(
        planes, (veil.opacity, thin, thin), veil.colour, (hidden, small, small), strict=True
    ):
        picture = plane.astype(np.float32) / form.level
        clear = _turn_round(picture, opacity, colour)
        if opacity is thin:
            around = membrane(picture, where)
            clear = np.clip(clear, around - COLOURS, around + COLOURS)
        whole = plane.copy()
        change = where & (opacity > FAINT)
        whole[change] = np.clip(np.rint(clear[change] * form.level), 0, (1 << form.depth) - 1)
        lifted.append(whole)
    return Lifted((lifted[0], lifted[1], lifted[2]), veil.error)


def _turn_round(picture: Floats, opacity: Floats, colour: float) -> Floats:
    clear: Floats = (picture - opacity * np.float32(colour)) / np.maximum(1 - opacity, np.float32(0.08))
    return np.clip(clear, 0, 255)


def _calm(picture: Floats, hidden: Mask) -> Floats:
    """How much a frame says at each pixel: one over the variance of fine texture around, as far as that is visible."""
    near = cv2.dilate(hidden.view(np.uint8), np.ones((5, 5), np.uint8)) > 0
    seen = (~near).astype(np.float32)
    fine = (picture - cv2.GaussianBlur(picture, (0, 0), 4)) * seen
    energy = cv2.GaussianBlur(np.dstack([fine * fine, seen]), (0, 0), 10)
    calm: Floats = 1 / (energy[..., 0] / np.maximum(energy[..., 1], 1e-4) + 4)
    return calm


def _natural(off: Floats, seen: Floats, hidden: Mask) -> bool:
    """Whether what was brought back differs from its surroundings no more than the visible picture does in places of the same
    shape beside it."""
    rows, columns = np.flatnonzero(hidden.any(1)), np.flatnonzero(hidden.any(0))
    down, across = int(rows[-1] - rows[0]) + 6, int(columns[-1] - columns[0]) + 6
    usual = []
    for dy, dx in ((-down, 0), (down, 0), (0, -across), (0, across)):
        beside = _shifted(hidden, dy, dx)
        if beside.sum() > 0.6 * hidden.sum() and not (beside & hidden).any():
            usual.append([_power(picture - membrane(picture, beside), beside) for picture in seen])
    if not usual:
        return False
    here = np.array([_power(each, hidden) for each in off])
    # Fine noise grows when a blend is turned round, so a little is always allowed.
    return float(np.mean(here)) < STRANGE * (float(np.mean(usual)) + 6)


def _power(off: Floats, where: Mask) -> float:
    return float(np.mean(np.minimum(off[where] ** 2, 2500)))


def _shifted(mask: Mask, dy: int, dx: int) -> Mask:
    height, width = mask.shape
    moved = np.zeros_like(mask)
    if abs(dy) >= height or abs(dx) >= width:
        return moved  # a mark that is strewn over the whole picture
    moved[max(0, dy) : height + min(0, dy), max(0, dx) : width + min(0, dx)] = mask[
        max(0, -dy) : height + min(0, -dy), max(0, -dx) : width + min(0, -dx)
    ]
    return moved


def _first_pattern(off: Floats, hidden: Mask) -> Floats | None:
    """0 to 1: where the picture is usually off from what its surroundings let expect, into the mark's direction."""
    usual = np.median(off, 0) * hidden
    strong = usual[np.abs(usual) >= np.quantile(np.abs(usual[hidden]), 0.8)]
    if np.abs(strong).mean() < 1:
        return None
    usual *= np.sign(strong.sum())
    top = float(np.quantile(usual[hidden], 0.95))
    return np.clip(usual / max(top, 1e-3), 0, 1).astype(np.float32)


def _tiles(values: Floats) -> Floats:
    """Sums over squares of TILE pixels, overlapping by half: `[..., n]`."""
    half = TILE // 2
    height, width = (-(-side // half) * half for side in values.shape[-2:])
    pad = [(0, 0)] * (values.ndim - 2) + [(0, height - values.shape[-2]), (0, width - values.shape[-1])]
    padded = np.pad(values, pad)
    cells = padded.reshape(*values.shape[:-2], height // half, half, width // half, half).sum((-3, -1))
    if cells.shape[-2] > 1:
        cells = cells[..., :-1, :] + cells[..., 1:, :]
    if cells.shape[-1] > 1:
        cells = cells[..., :-1] + cells[..., 1:]
    flat: Floats = cells.reshape(*cells.shape[:-2], -1)
    return flat


def _responses(seen: Floats, behind: Floats, pattern: Floats) -> tuple[Floats, Floats, Floats]:
    """Of every frame and tile: how strongly the pattern stands out, the brightness behind it; and each tile's weight."""
    power = _tiles(pattern * pattern)
    good = power > 4
    a = _tiles((seen - behind) * pattern)[:, good] / power[good]
    b = _tiles(behind * pattern * pattern)[:, good] / power[good]
    return a, b, power[good]


def _strength(seen: Floats, behind: Floats, pattern: Floats, calm: Floats) -> tuple[float, float] | None:
    """Opacity where the pattern is 1, and luma, of the straight line through all responses; robustly."""
    a, b, weight = _responses(seen, behind, pattern)
    if not a.size:
        return None
    x, y = b.ravel().astype(np.float64), a.ravel().astype(np.float64)
    power = _tiles(pattern * pattern)
    quiet = (_tiles(calm * pattern * pattern) / np.maximum(power, 1e-6))[:, power > 4]
    base = (quiet * weight).ravel().astype(np.float64)
    trust = base
    slope = middle = height = 0.0
    for _ in range(10):
        total = trust.sum()
        middle, height = float(trust @ x / total), float(trust @ y / total)
        spread = float(trust @ (x - middle) ** 2 / total)
        slope = float(trust @ ((x - middle) * (y - height)) / total) / (spread + 1)
        off = y - height - slope * (x - middle)
        trust = base / (1 + (off / (1.5 * float(np.median(np.abs(off))) + 0.3)) ** 2)
    strength = -slope
    if strength < OPACITY[0] or strength > 1:
        return None
    return strength, float(np.clip(middle + height / strength, 0, 255))


def _opacities(seen: Floats, behind: Floats, hidden: Mask, luma: float, calm: Floats) -> Floats:
    """Each pixel's opacity by least squares over the frames, with frames that do not fit counting less."""
    off, room = seen - behind, np.float32(luma) - behind
    trust = calm
    opacity = np.zeros(hidden.shape, np.float32)
    for _ in range(4):
        opacity = (trust * off * room).sum(0) / ((trust * room * room).sum(0) + 1e-3)
        stray = off - opacity * room
        usual = np.median(np.abs(stray), 0) + np.float32(0.5)
        trust = calm / (1 + (stray / (1.5 * usual)) ** 2)
    return np.clip(opacity, 0, 0.98) * hidden


def _errors(seen: Floats, behind: Floats, opacity: Floats, luma: float, calm: Floats) -> Floats:
    """Squared error to expect per pixel: what a mark of that opacity leaves unexplained in calm frames, and the coding's noise,
    both grown by turning the blend round."""
    stray = seen - behind - opacity * (np.float32(luma) - behind)
    trust = calm * calm
    unexplained = (trust * stray * stray).sum(0) / trust.sum(0)
    error: Floats = (np.minimum(unexplained, UNSURE) + NOISE) / (1 - opacity) ** 2
    return error


def _left(seen: Floats, behind: Floats, opacity: Floats, luma: float) -> float:
    """How strong the pattern still is in the frames turned round, as a part of how strong it was; usual values."""
    clear = np.stack([_turn_round(picture, opacity, luma) for picture in seen])
    pattern = opacity / max(float(opacity.max()), 1e-6)
    before, _, weight = _responses(seen, behind, pattern)
    if not weight.size:
        return 1.0
    after, _, _ = _responses(clear, behind, pattern)
    was = float(np.mean(np.abs(before @ weight)))
    return float(np.mean(np.abs(after @ weight))) / max(was, 1e-6)


def _coarse(opacity: Floats, form: Form) -> Floats:
    """Opacity of chroma samples."""
    (down, across), (height, width) = form.step, form.chroma
    padded = np.pad(
        opacity, ((0, height * down - opacity.shape[0]), (0, width * across - opacity.shape[1])), mode="edge"
    )
    return cv2.resize(padded, (width, height), interpolation=cv2.INTER_AREA)


def _chroma_colour(planes: Sequence[NDArray[Any]], hidden: Mask, opacity: Floats, form: Form) -> float:
    """The mark's level in a chroma plane."""
    small, thin = form.coarse(hidden), _coarse(opacity, form)
    core = thin > thin.max() / 2
    found = []
    for plane in planes:
        picture = plane.astype(np.float32) / form.level
        off = picture - (1 - thin) * membrane(picture, small)
        found.append(float((thin * off)[core].sum() / (thin * thin)[core].sum()))
    return float(np.clip(np.median(found), 0, 255))
