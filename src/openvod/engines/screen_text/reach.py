"""How far from the inside of a text's strokes is the picture altered? As far as its outline, shadow and soft edges go."""

import numpy as np

from openvod.engines.screen_text.found import Flags, Floats

KEEPS = 0.5
"""Share of what the first ring around strokes is altered by, from which an outline that cannot be seen goes on in a ring."""


def seen(altered: Flags, distance: Floats, near: Flags, height: int) -> int:
    """How far from the ink the picture is altered: the width of outline and shadow."""
    around = altered[~near]
    usual = float(np.mean(around)) if around.size else 0.0
    for reach in range(1, max(4, round(0.3 * height))):
        ring = (distance > reach - 0.5) & (distance <= reach + 0.5) & near
        if not ring.any() or float(np.mean(altered[ring])) < usual + 0.5 * (1 - usual):
            return reach - 1
    return max(3, round(0.1 * height))


def unseen(altered: Flags, distance: Floats, near: Flags, height: int) -> int:
    """As `seen`, where no outline stood out in the mean: before a dark picture a black one alters some of its pixels only.
    What is altered goes by the first ring and by what is far between the strokes: the text's own place tells more than a
    restless picture around it."""
    far = near & (distance > max(6, 0.3 * height))
    base = min([float(np.mean(altered[where])) for where in (far, ~near) if where.any()], default=0.0)
    first = 0.0
    for reach in range(1, max(4, round(0.3 * height))):
        ring = (distance > reach - 0.5) & (distance <= reach + 0.5) & near
        more = float(np.mean(altered[ring])) - base if ring.any() else 0.0
        first = first or more
        if more < 0.5 * (1 - base) and (reach == 1 or more < KEEPS * first):
            return reach - 1
    return max(3, round(0.1 * height))
