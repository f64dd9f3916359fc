"""Where does a film change when nobody speaks in it? At cuts between stretches of another light, colour, motion or loudness."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openvod.core.texts import Text
from openvod.engines.analysis.text.chapters import Scene
from openvod.engines.features import Features
from openvod.engines.features.record import LEVELS_PER_SECOND

BESIDE = 12.0
"""Seconds on each side of a cut that are compared."""
LEAST = 4.0
"""Seconds that there must be on each side."""
QUIET = -50.0
"""dB below which it is silent."""
LEAST_QUIET = 0.4
"""Seconds of a silence that counts."""
_NOISE = np.array([12.0, 6.0, 6.0, 0.06, 0.5, 3.0])
"""What brightness, contrast, colour, saturation, logarithm of motion, and level (dB) differ by without meaning anything."""
_HALF = 3.0
"""Such differences, in the mean, that make a score of a half."""
_FADE = 0.15
"""What a fade or dissolve adds: films use these between scenes."""

Floats = NDArray[np.float64]


def scenes(found: Features) -> list[Scene]:
    """Each change of shots, with how much is different before and after it."""
    return [scene for scene in _scenes(found) if scene.score > 0]


def _scenes(found: Features) -> Iterator[Scene]:
    figures = _figures(found)
    times = found.looks.times
    for shot in found.shots[1:]:
        before, after = _mean(figures, times, shot.start, -BESIDE), _mean(figures, times, shot.start, BESIDE)
        if before is None or after is None:
            continue
        apart = float(np.sqrt((((after[0] - before[0]) / (_NOISE + before[1] + after[1])) ** 2).sum()))
        score = min(1.0, apart / (apart + _HALF) + (_FADE if shot.entry in {"fade", "dissolve"} else 0.0))
        because = Text(
            f"light, colour, motion or sound change at the cut ({score:.2f})",
            f"画面或声音在镜头切换处变化({score:.2f})",
        )
        yield Scene(shot.start, round(score, 3), because)


def _figures(found: Features) -> Floats:
    """`[n, 6]`: of each look, see `_NOISE`."""
    looks, level = found.looks, found.sound.level
    place = np.minimum((looks.times * LEVELS_PER_SECOND).astype(int), max(0, len(level) - 1))
    loud = np.maximum(level[place], -70) if len(level) else np.zeros(len(looks))
    rows = (looks.brightness, looks.contrast, looks.colour, looks.saturation, np.log1p(looks.motion), loud)
    return np.stack([row.astype(np.float64) for row in rows], 1)


def _mean(figures: Floats, times: Floats, cut: float, reach: float) -> tuple[Floats, Floats] | None:
    """Mean and standard deviation beside a cut; None where the film begins or ends too near."""
    low, high = sorted((cut, cut + reach))
    inside = (times >= low) & (times < high)
    if np.count_nonzero(inside) < LEAST * 2:
        return None
    return figures[inside].mean(0), figures[inside].std(0)


def silences(found: Features) -> list[tuple[float, float]]:
    """Start and end of each, in seconds."""
    quiet = found.sound.level < QUIET
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(np.int8)))
    pairs = (edges.reshape(-1, 2) / LEVELS_PER_SECOND).tolist()
    return [(begin, end) for begin, end in pairs if end - begin >= LEAST_QUIET]
