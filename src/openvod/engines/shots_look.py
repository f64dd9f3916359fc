"""How alike are two frames? Each frame as a small description that tolerates motion, and the distance of two.

A description is colour and brightness of 9 x 16 patches, and a histogram of joint colours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LUMA_PATCHES = 144
"""The first values of `Look.patches`: brightness alone."""
COLOUR = np.float32(1.5)
"""Weight of the colour differences of a patch against its brightness."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Descriptions of a run of frames."""

    patches: Floats
    """`[n, 432]`: brightness and two weighted colour differences of 9 x 16 patches."""
    colours: Floats
    """`[n, 128]`: square roots of a joint histogram, so that a dot product is the overlap of two."""
    spread: Floats
    """`[n]`: standard deviation of brightness."""
    contrast: Floats
    """`[n]`: standard deviation of the patches' brightness."""
    times: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.times)

    def __getitem__(self, part: slice) -> "Look":
        return Look(
            self.patches[part], self.colours[part], self.spread[part], self.contrast[part], self.times[part]
        )

    def at(self, frames: NDArray[np.intp]) -> "Look":
        """The descriptions of these frames, in this order; times stay those of the places."""
        return Look(
            self.patches[frames], self.colours[frames], self.spread[frames], self.contrast[frames], self.times
        )

    def __add__(self, other: "Look") -> "Look":
        return Look(
            np.concatenate([self.patches, other.patches]),
            np.concatenate([self.colours, other.colours]),
            np.concatenate([self.spread, other.spread]),
            np.concatenate([self.contrast, other.contrast]),
            np.concatenate([self.times, other.times]),
        )


def describe(tiny: NDArray[np.uint8], times: NDArray[np.float64]) -> Look:
    """Describe `[n, 27, 48, 3]` RGB thumbnails."""
    count = len(tiny)
    rgb = tiny.astype(np.float32)
    y: Floats = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    half = np.float32(0.5)
    red, blue = (rgb[..., 0] - y) * half, (rgb[..., 2] - y) * half
    patches = np.stack([_pool(y), COLOUR * _pool(red), COLOUR * _pool(blue)], 1).reshape(count, -1)
    cell = (y.astype(np.int32) >> 5) * 16
    for difference, weight in ((red, 4), (blue, 1)):
        cell += (np.clip(difference + 64, 0, 127).astype(np.int32) >> 5) * weight
    cell = cell.reshape(count, -1) + 128 * np.arange(count, dtype=np.int32)[:, None]
    histogram = np.bincount(cell.ravel(), minlength=128 * count).reshape(count, 128)
    colours = np.sqrt(histogram / (tiny.shape[1] * tiny.shape[2])).astype(np.float32)
    return Look(patches, colours, y.std((1, 2)), patches[:, :LUMA_PATCHES].std(1), times)


def filled(look: Look, seen: NDArray[np.bool_], times: NDArray[np.float64]) -> Look:
    """The descriptions of a run of frames, of those of the frames that were seen, the first one among them. Between two of
    these each figure goes evenly from one to the other, as that of no picture would: a mix of two has less contrast."""
    if seen.all():
        return look
    places, every = np.flatnonzero(seen), np.arange(len(seen))
    before = np.searchsorted(places, every, "right") - 1
    after = np.minimum(np.searchsorted(places, every), len(places) - 1)
    gap = np.maximum(look.times[after] - look.times[before], 1e-6)
    share = np.minimum((times - look.times[before]) / gap, 1).astype(np.float32)

    def between(figures: Floats) -> Floats:
        part = share.reshape(-1, *[1] * (figures.ndim - 1))
        even: Floats = figures[before] * (1 - part) + figures[after] * part
        return even

    return Look(
        between(look.patches), between(look.colours), between(look.spread), between(look.contrast), times
    )


def _pool(channel: Floats) -> Floats:
    cells = channel.reshape(-1, 9, 3, 16, 3)  # added up one by one: numpy is slow along axes of three
    rows = cells[:, :, 0] + cells[:, :, 1] + cells[:, :, 2]
    pooled: Floats = (rows[..., 0] + rows[..., 1] + rows[..., 2]) / np.float32(9)
    return pooled


def distances(look: Look, lag: int) -> Floats:
    """How unlike frames `i` and `i + lag` are, for every `i`: 0 the same, 0.2 to 1.6 another picture."""
    return unlike(look[:-lag], look[lag:])


def unlike(one: Look, other: Look) -> Floats:
    """The distance of each frame of one run from that of the other, see `distances`."""
    apart: Floats = np.abs(other.patches - one.patches).mean(1) / 40
    overlap = np.einsum("ij,ij->i", one.colours, other.colours)
    unlike: Floats = np.minimum(apart, 2) * 0.6 + np.sqrt(np.maximum(1 - overlap, 0)) * 0.4
    return unlike


def mean_apart(one: Floats, other: Floats) -> float:
    """Mean absolute difference of two arrays of one shape; what `np.abs(one - other).mean()` is, to the bit, and cheaper on
    small ones."""
    difference = one - other
    np.abs(difference, out=difference)
    return float(np.add.reduce(difference, axis=None) / difference.size)
