"""What can be said of a film's whole picture without naming what is in it? Light, colour, bars, motion, stillness.

Everything is weighted by how long it is shown, so variable frame rates and slide videos count right.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines.features.record import Features
from openvod.engines.picture import Bars

Floats = NDArray[np.float64]

HOLD_SECONDS = 1.0
"""A picture that stands at least so long is held."""
DARK, BRIGHT = 45.0, 185.0
"""Mean brightness (0 to 255) below or above which a look counts as dark or bright."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was measured over all frames."""

    frames: int
    seconds: float
    """From the first frame to the end of the last, which is taken to be shown as long as the usual one."""
    width: int
    height: int
    brightness: float
    """Mean, 0 to 255."""
    dark: float
    """Share of the time."""
    bright: float
    """Share of the time."""
    colourfulness: float
    """Hasler and Suesstrunk's M3: about 15 slightly, 33 moderately, 59 highly colourful, 109 extremely."""
    grey: float
    """Share of the lit samples that have no colour."""
    bars: Bars
    """Bars that nine of ten lit samples have."""
    lit: int
    """Number of samples bright enough to see bars and colour."""
    motion: float
    """Brightness levels (of 255) that a point of the thumbnail changes per second, without cuts."""
    still: float
    """Share of the time in which the picture is held."""
    holds: int
    """Number of held pictures."""


def picture(found: Features) -> Picture:
    """Of a file's features; it must have at least one frame."""
    looks = found.looks
    shown = np.diff(looks.times, append=found.end)
    seconds = found.end - found.begin
    held = holds(found)
    lit = looks.lit
    return Picture(
        frames=found.frames,
        seconds=seconds,
        width=found.size[0],
        height=found.size[1],
        brightness=_mean(looks.brightness, shown),
        dark=_mean(looks.brightness < DARK, shown),
        bright=_mean(looks.brightness > BRIGHT, shown),
        colourfulness=_mean(looks.colour, shown),
        grey=_mean(looks.grey[lit], shown[lit]),
        bars=Bars(*(_low(looks.bars[lit, side]) for side in range(4))),
        lit=int(lit.sum()),
        motion=float((looks.motion * shown).sum()) / seconds,
        still=min(1.0, sum(end - start for start, end in held) / seconds),
        holds=len(held),
    )


def holds(found: Features) -> list[tuple[float, float]]:
    """Start and end in seconds of every stretch of at least a second in which the picture stands still."""
    changes = found.looks.changes.astype(np.float64)
    events = changes[~np.isnan(changes[:, 0])].ravel()
    edges = np.concatenate([[found.begin], events, [found.end]])
    long = np.flatnonzero(np.diff(edges) >= HOLD_SECONDS)
    return [(float(edges[at]), float(edges[at + 1])) for at in long]


def _mean(values: NDArray[Any], shown: Floats) -> float:
    weight = float(shown.sum())
    return float((values * shown).sum()) / weight if weight > 0 else 0.0


def _low(shares: NDArray[np.floating]) -> float:
    """The share that nine of ten looks reach, by hundredth."""
    if len(shares) == 0:
        return 0.0
    return float(round(np.sort(shares)[(len(shares) - 1) // 10], 2))
