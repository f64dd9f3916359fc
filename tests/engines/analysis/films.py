"""Features of made-up films: each figure as a test wants it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from openvod.engines.features import Features, Heard, Looks, Shot, Speech
from openvod.engines.silero import Span

PLAIN: Mapping[str, float] = {
    "sharpness": 500.0, "brightness": 110.0, "contrast": 50.0, "colour": 40.0, "saturation": 0.4, "motion": 10.0,
}  # fmt: skip


def looks(count: int, **changes: Any) -> Looks:
    """`count` plain looks, each of another picture, half a second apart; `changes` are arrays, or `{number: value}`."""
    dice = np.random.default_rng(count)
    arrays: dict[str, Any] = {name: np.full(count, value, np.float32) for name, value in PLAIN.items()}
    arrays |= {
        "times": np.arange(count) / 2,
        "changes": np.full((count, 2), np.nan, np.float32),
        "phash": dice.integers(0, 2**63, count, dtype=np.uint64),
        "saliency": np.tile(np.array([0.5, 0.5, 0.2], np.float32), (count, 1)),
        "bars": np.zeros((count, 4), np.float32),
        "lit": np.ones(count, bool),
        "grey": np.zeros(count, bool),
        "faces": [()] * count,
    }
    for name, values in changes.items():
        if isinstance(values, Mapping):
            for number, value in values.items():
                arrays[name][number] = value
        else:
            arrays[name] = values
    arrays["faces"] = tuple(arrays["faces"])
    return Looks(**arrays)


def film(
    seconds: float,
    *,
    cuts: Sequence[float] = (),
    levels: Sequence[float] = (),
    speech: Sequence[tuple[float, float]] = (),
    **changes: Any,
) -> Features:
    """A film at 25 frames per second, with shots between `cuts`, sound `levels` ten times a second, and speech."""
    edges = [0.0, *cuts, seconds]
    shots = tuple(
        Shot(
            round(start * 25),
            round(end * 25) - 1,
            start,
            end,
            "cut" if start else "start",
            (start, end - 0.04),
        )
        for start, end in pairwise(edges)
    )
    level = np.array(levels, np.float32)
    stretches = tuple(Speech(Span(start, end), certain=True) for start, end in speech)
    return Features(
        seconds=seconds,
        frames=round(seconds * 25),
        rate=25.0,
        size=(640, 360),
        rotation=0,
        begin=0.0,
        end=seconds,
        ends_apart=0.0,
        shots=shots,
        looks=looks(int(seconds * 2), **changes),
        sound=Heard(level, np.zeros(0, np.float32), stretches, None),
        prints=np.zeros(0, np.uint32),
    )
