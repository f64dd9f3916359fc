"""What shows through a half-transparent mark that stands still, and how opaque is the mark?

A mark of one colour C and opacity A per pixel turns the picture B into I = (1 - A) B + A C. Two things are found from many
frames. First its strength: how strongly the mark's own pattern stands out, `a`, depends on how bright the picture behind it
is, `b`: a = opacity (C - b) is a straight line over frames and places, and the picture's own texture, which has nothing to do
with the pattern, averages out. Then each pixel's opacity, by least squares over the frames. Turning the blend round then brings
back what really was there, which no filling can. How much less the mark's pixels change than those around them says the same
in another way, so it is asked, too: nothing at all changes behind an opaque mark. Where the evidence does not agree with such
a mark, there is no answer, and the mark has to be filled like anything opaque.
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
OPACITY = (0.04, 0.8)
"""Least and greatest opacity that is turned round: fainter is not seen, denser leaves nothing to bring back."""
LEVELS = (16, 235)
"""Levels that a mark's luma has: errors of what is behind make it too bright otherwise, and its opacity too faint."""
POWER = 4
"""Sum of the pattern's squares from which a tile says something."""
LEFT = 0.2
"""Part of the pattern's strength that may be left after turning it round: 0.01 to 0.09 in marks of one colour."""
THROUGH = (0.6, 1.6)
"""How much more or less than its opacity says a mark's pixels may change: 0.85 to 1.25 was seen of true marks."""
CALMER, HARDLY_LEFT = 0.35, 0.03
"""The least of that where no more than this is left of the pattern: what is behind a mark may be calmer than what is around."""
ALIKE = 6.0
"""Variance over the frames, squared levels, around a mark, below which the frames are too alike to tell."""
RING = 8
"""Pixels around a mark that it is compared with."""
DENSE = 0.8
"""Part of its usual opacity from which a pixel is in a mark's core."""
FAINT = 0.02
"""Opacity below which a pixel is left alone."""
COLOURS = 20.0
"""Levels by which chroma brought back may lie outside what is around it."""
GREY, NEUTRAL = 128.0, 16.0
"""Levels from grey up to which a mark's colour is grey: most are, and were off by up to 14 over coloured pictures."""
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

    def placed(self, shape: tuple[int, int], left: int, top: int) -> "Veil":
        """The same mark in a picture `[h, w]`, its corner at `left`, `top`; what reaches out of that is cut off."""
        opacity, error = np.zeros(shape, np.float32), np.full(shape, UNSURE, np.float32)
        height, width = self.opacity.shape
        rows, columns = slice(max(0, top), top + height), slice(max(0, left), left + width)
        own = np.s_[max(0, -top) : max(0, shape[0] - top), max(0, -left) : max(0, shape[1] - left)]
        for whole, part in ((opacity, self.opacity), (error, self.error)):
            whole[rows, columns] = part[own]
        return Veil(opacity, self.colour, error, self.left)


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
    left = _left(seen, behind, opacity, luma, calm)
    core = float(np.quantile(opacity[opacity > opacity.max() / 2], 0.5)) if opacity.max() > FAINT else 0.0
    least = CALMER if left < HARDLY_LEFT else THROUGH[0]
    if not OPACITY[0] < core < OPACITY[1] or left > LEFT:
        return None
    if not least < _through(seen, hidden, opacity, core) < THROUGH[1]:
        return None
    u, v = (_chroma_colour([planes[i] for planes in frames], hidden, opacity, form) for i in (1, 2))
    if np.hypot(u - GREY, v - GREY) < NEUTRAL:
        u = v = GREY
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


def _through(seen: Floats, hidden: Mask, opacity: Floats, core: float) -> float:
    """By how much the mark's pixels change compared with those around it, as a share of what its opacity says: nothing changes
    behind an opaque mark, whatever its brightness suggests, and what was filmed changes like everything else. 0 when nothing
    around it changes."""
    near = cv2.dilate(hidden.view(np.uint8), np.ones((2 * RING + 1,) * 2, np.uint8)) > 0
    ring = (near & ~hidden).astype(np.float32)
    change = seen.var(0)
    spread = cv2.GaussianBlur(np.dstack([change * ring, ring]), (0, 0), RING)
    around = spread[..., 0] / np.maximum(spread[..., 1], 1e-4)
    dense = opacity > DENSE * core
    here, there = float(change[dense].mean()), float(around[dense].mean())
    if there < ALIKE:
        return 0.0
    through: float = (max(here - NOISE, 0) / (there - NOISE)) ** 0.5 / (1 - core)
    return through


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
    good = power > POWER
    a = _tiles((seen - behind) * pattern)[:, good] / power[good]
    b = _tiles(behind * pattern * pattern)[:, good] / power[good]
    return a, b, power[good]


def _strength(seen: Floats, behind: Floats, pattern: Floats, calm: Floats) -> tuple[float, float] | None:
    """Opacity where the pattern is 1, and luma, of the straight line through all responses; robustly."""
    a, b, weight = _responses(seen, behind, pattern)
    if not a.size:
        return None
    x, y = b.ravel().astype(np.float64), a.ravel().astype(np.float64)
    base = (_quiet(calm, pattern) * weight).ravel().astype(np.float64)
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
    return strength, float(np.clip(middle + height / strength, *LEVELS))


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


def _left(seen: Floats, behind: Floats, opacity: Floats, luma: float, calm: Floats) -> float:
    """How strong the pattern still is in the frames turned round, as a part of how strong it was. Of each tile it is the mean
    over the frames, so that the picture's own texture does not count."""
    clear = np.stack([_turn_round(picture, opacity, luma) for picture in seen])
    pattern = opacity / max(float(opacity.max()), 1e-6)
    before, _, weight = _responses(seen, behind, pattern)
    if not weight.size:
        return 1.0
    after, _, _ = _responses(clear, behind, pattern)
    quiet = _quiet(calm, pattern)
    was, now = (float(np.abs((quiet * each).sum(0) / quiet.sum(0)) @ weight) for each in (before, after))
    return now / max(was, 1e-6)


def _quiet(calm: Floats, pattern: Floats) -> Floats:
    """How much each frame says of each tile that `_responses` answers."""
    power = _tiles(pattern * pattern)
    quiet: Floats = (_tiles(calm * pattern * pattern) / np.maximum(power, 1e-6))[:, power > POWER]
    return quiet


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
