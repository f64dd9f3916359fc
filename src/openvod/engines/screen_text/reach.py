"""How far from the inside of a text's strokes is the picture altered? As far as its outline, shadow and soft edges go."""

import numpy as np

from openvod.engines.screen_text.found import Flags, Floats

PLAIN = 0.12
"""Share of the ink's contrast by which a ring may differ from the picture behind without being the text's."""
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


def blurred(mean: Floats, distance: Floats, near: Flags, height: int) -> int:
    """How far from the ink the text reaches in a mean in which the picture behind is blurred: from there on the rings around the
    ink are as bright as those further away let expect, which change evenly with the distance."""
    most = max(4, round(0.3 * height))
    rings = [near & (distance > ring - 0.5) & (distance <= ring + 0.5) for ring in range(2 * most)]
    levels = np.array([float(np.mean(mean[ring])) if ring.any() else np.nan for ring in rings])
    far = np.arange(most // 2 + 1, 2 * most)
    far = far[np.isfinite(levels[far])]
    if len(far) < 3 or np.isnan(levels[0]):
        return max(3, round(0.1 * height))
    off = np.abs(levels - np.polyval(np.polyfit(far, levels[far], 1), np.arange(2 * most)))
    # From outside: between bright ink and a dark outline there is a ring as bright as the picture.
    altered = np.flatnonzero(off[1 : most + 1] >= PLAIN * np.nanmax(off[: most + 1]))
    return int(altered[-1]) + 1 if altered.size else 0
