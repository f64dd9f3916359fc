"""How are faces looked for in moving pictures: how large, how often, and from which score on?"""

import math

from openvod.engines.faces import Box, FaceFinder, Found, fit
from openvod.engines.tracks import Kind
from openvod.engines.tracks_follow import Rhythm
from openvod.engines.tracks_view import View

THOROUGH_SIDE, QUICK_SIDE = 1280, 320
"""Longer side of the picture that is looked at. Faces from 10 and from 30 of 1280 pixels in height are seen."""
NEAR_SIZE = (96, 128)
"""Size, width by height, in which the surroundings of a known face are looked at; the face is 30 by 40 of it."""
AROUND = 3.2
NEW, KNOWN = 0.3, 0.15
"""Least score of a face where none was, and of one that is looked for."""


def rhythm(rate: float) -> Rhythm:
    """For so many frames per second: what shows for 0.4 seconds is found small, for two frames large."""
    second = max(rate, 5.0)
    return Rhythm(
        thorough=max(1, round(second * 0.4)),
        quick=2,
        near=2,
        hold=round(second * 0.5),
        back=round(second * 3),
    )


class FaceSeeker:
    """A `tracks_follow.Finder` of faces."""

    kind: Kind = "face"

    def __init__(self, model: FaceFinder) -> None:
        self._model = model

    def seek(self, view: View, *, thorough: bool) -> list[Found]:
        """All faces of the picture."""
        size = fit(view.size, THOROUGH_SIDE if thorough else QUICK_SIDE)
        return self._model.find(view.bgr(), size, NEW)

    def near(self, view: View, box: Box) -> Found | None:
        """The face that shares most with `box`."""
        window = view.around(box, AROUND, NEAR_SIZE)
        if window is None:
            return None
        x0, y0 = window[:2]
        found = self._model.find(view.bgr(window), NEAR_SIZE, KNOWN)
        placed = [Found((b.box[0] + x0, b.box[1] + y0, b.box[2] + x0, b.box[3] + y0), b.score) for b in found]
        return max(placed, key=lambda each: _nearness(each.box, box), default=None)

    def sure(self, scores: list[float]) -> bool:
        """One clear look, or several fair ones."""
        return scores[0] >= 0.55 or (len(scores) >= 4 and scores[0] >= 0.45 and sum(scores[:4]) >= 1.5)


def _nearness(one: Box, other: Box) -> tuple[float, float]:
    """Intersection over union, then how near the middles are."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    apart = math.hypot(one[0] + one[2] - other[0] - other[2], one[1] + one[3] - other[1] - other[3])
    return width * height / max(areas - width * height, 1e-6), -apart
