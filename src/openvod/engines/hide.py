"""How does a face or plate become unrecognisable in the picture itself, so that nobody gets it back?

Each area is boiled down to a few numbers per plane, whatever its size: it is blurred by a Gaussian as wide as a cell of
a coarse grid, then one value per cell is kept, and the area is painted from these values alone, as tiles (mosaic) or
smoothly (blur). Why this holds:

- One frame holds at most `CELLS` numbers per plane: a face of 4 by 5 cells, once the margin is off.
- Tiles that are plain means can be undone over time: a face that moves against the tiles is sampled at other places in
  each frame, and a mean over a square lets fine detail through (its side lobes), so many frames together give it back
  (multi-frame super-resolution). Here the Gaussian comes first. It weakens a pattern of f waves per face width, sigma s
  (a quarter of the width), by exp(-2 (pi f s)^2): 0.7 % remain of two waves, 1.5e-5 of three, 3e-9 of four. Rounding to
  8 bits and the encoder bury that, and averaging gains only the root of the number of frames: hour-long tracks at 25
  frames per second gain a factor of 300. More than five pixels across a face cannot be had.
- On a plate, a letter is an eighth of the width: eight waves per width with sigma a third of it leave e^-140.
- Nothing outside the area's own values is used, so nothing of one frame shows in another.

It cannot hold against a comparison with a short list of candidates: overall colour and brightness remain.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openvod.engines import private_areas
from openvod.engines.faces import Box
from openvod.engines.tracks import Areas, Kind
from openvod.media.rewrite.windows import Picture, Plane, Window

Style = Literal["blur", "mosaic"]
Floats = NDArray[np.float32]

CELLS: dict[Kind, tuple[int, int]] = {"face": (6, 8), "plate": (3, 1)}
"""Across and down, over the area with its margin and soft edge."""
FINE = 4
"""Samples of a cell, across and down, that the Gaussian is computed on."""
ROUND = 4.0
"""Power of the superellipse that is hidden: 2 an ellipse, more is squarer."""
AROUND = 2 ** (1 / ROUND)
"""How much larger the superellipse is that holds a box wholly."""
SOFT = 0.1
"""Width of the soft edge, outside of what is hidden, as a share of half the width."""


@dataclass(frozen=True, slots=True)
class Patch:
    """Pixels of a plane, and how much of them is replaced."""

    window: tuple[slice, slice]
    weight: Floats
    """0 to 1."""
    cells: tuple[int, int]
    """Values that remain, across and down: fewer where the picture's edge cuts the area off."""


def edit(window: Window) -> None:
    """A `media.rewrite.windows.Editor`.

    Its argument: `{"tracks", "style", "turns"}`: the path of what `private_areas.find` wrote, `blur` or
    `mosaic`, and the quarter turns counter-clockwise that bring the stored pictures upright.
    """
    import cv2  # noqa: PLC0415

    argument = window.argument
    if "areas" not in window.memory:
        cv2.setNumThreads(1)
        window.memory["areas"] = Areas(private_areas.load(Path(argument["tracks"])))
    areas: Areas = window.memory["areas"]
    for picture in window.inner:
        hide(picture, areas, argument["style"], argument["turns"])


def hide(picture: Picture, areas: Areas, style: Style, turns: int) -> None:
    """Hide all areas of one picture in place, in every plane, at its own bit depth."""
    height, width = picture.planes[0].shape
    for kind, upright in areas.at(picture.number):
        box = stored(upright, turns, (width, height))
        for plane in picture.planes:
            across, down = plane.shape[1] / width, plane.shape[0] / height
            scaled = box[0] * across, box[1] * down, box[2] * across, box[3] * down
            patch = patch_of(scaled, plane.shape, CELLS[kind] if turns % 2 == 0 else CELLS[kind][::-1])
            if patch is not None:
                paint(plane, patch, style)


def stored(box: Box, turns: int, size: tuple[int, int]) -> Box:
    """A box of the upright picture as it lies in the stored one of `size` (width, height), which `turns` quarters
    counter-clockwise bring upright."""
    width, height = size
    x0, y0, x1, y1 = box
    if turns == 1:
        return width - y1, x0, width - y0, x1
    if turns == 2:
        return width - x1, height - y1, width - x0, height - y0
    if turns == 3:
        return y0, height - x1, y1, height - x0
    return box


def patch_of(box: Box, shape: tuple[int, ...], whole: tuple[int, int]) -> Patch | None:
    """The superellipse around `box`; None when nothing of it is in the plane."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    wide, high = (max(2.0, side * AROUND / 2) for side in (box[2] - box[0], box[3] - box[1]))
    reach = 1 + SOFT
    x0, x1 = (int(np.clip(edge, 0, shape[1])) for edge in (x - wide * reach, x + wide * reach + 1))
    y0, y1 = (int(np.clip(edge, 0, shape[0])) for edge in (y - high * reach, y + high * reach + 1))
    if x1 <= x0 or y1 <= y0:
        return None
    across = np.abs((np.arange(x0, x1) + 0.5 - x) / wide) ** ROUND
    down = np.abs((np.arange(y0, y1) + 0.5 - y) / high) ** ROUND
    distance = (across[None] + down[:, None]) ** (1 / ROUND)
    weight = np.clip((reach - distance) / SOFT, 0, 1).astype(np.float32)
    seen = (x1 - x0) / (2 * wide * reach), (y1 - y0) / (2 * high * reach)
    kept = (
        max(1, min(whole[0], int(whole[0] * seen[0] + 0.5))),
        max(1, min(whole[1], int(whole[1] * seen[1] + 0.5))),
    )
    return Patch((slice(y0, y1), slice(x0, x1)), weight, kept)


def paint(plane: Plane, patch: Patch, style: Style) -> None:
    """Replace the patch by what its cells say."""
    pixels: Any = plane[patch.window]
    painted = spread(cells(pixels, patch.cells), pixels.shape, style)
    mixed = pixels + (painted - pixels) * patch.weight
    pixels[:] = np.rint(mixed).astype(plane.dtype)


def cells(pixels: Plane, count: tuple[int, int]) -> Floats:
    """The few values that remain: `[down, across]`, of a Gaussian as wide as a cell."""
    import cv2  # noqa: PLC0415

    across, down = count
    size = across * FINE, down * FINE
    how = (
        cv2.INTER_AREA if min(pixels.shape[1] / size[0], pixels.shape[0] / size[1]) > 1 else cv2.INTER_LINEAR
    )
    small = cv2.resize(pixels.astype(np.float32), size, interpolation=how)
    blurred = cv2.GaussianBlur(small, (0, 0), FINE, borderType=cv2.BORDER_REFLECT)
    middle = slice(FINE // 2 - 1, FINE // 2 + 1)
    kept = blurred.reshape(down, FINE, across, FINE)[:, middle, :, middle]
    return np.asarray(kept.mean((1, 3)), np.float32)


def spread(values: Floats, shape: tuple[int, ...], style: Style) -> Floats:
    """Cells painted over an area of `shape`."""
    import cv2  # noqa: PLC0415

    how = cv2.INTER_NEAREST if style == "mosaic" else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(values, shape[1::-1], interpolation=how), np.float32)
