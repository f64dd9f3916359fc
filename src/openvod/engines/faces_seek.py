"""How are faces looked for in moving pictures: how large, how often, and from which score on?"""

import math

import numpy as np
from numpy.typing import NDArray

from openvod.engines.faces import SHARED, Bgr, Box, FaceFinder, Found, distinct, fit, shared
from openvod.engines.tracks import Kind
from openvod.engines.tracks_follow import Rhythm
from openvod.engines.tracks_view import View

Matrix = NDArray[np.float64]
"""`[2, 3]`: a picture's pixels into another one's."""

THOROUGH_SIDE, QUICK_SIDE = 1280, 320
"""Longer side of the picture that is looked at. Faces from 10 and from 30 of 1280 pixels in height are seen."""
NEAR_SIZE = (96, 128)
"""Size, width by height, in which the surroundings of a known face are looked at; the face is 30 by 40 of it."""
AROUND, ENLARGED = 3.2, 2
"""How many times as wide and high as the face these are, and how many times a small one is enlarged at most."""
NEW, KNOWN = 0.3, 0.15
"""Least score of a face where none was, and of one that is looked for."""
GUESS, GUESSES = 0.08, 12
"""Least score in a whole picture of what is looked at closer, and how many such places there are at most: a small face that
leans gets no more there, and a clear one enlarged."""
SMALL = 128
"""Height in pixels up to which a face may need closer and tilted looks. Larger ones are seen without, and what is as large and
is not seen so is more often none."""
CLOSER_SIZE, CLOSER = (192, 224), 0.5
"""Size of a closer look, with the face about 60 by 70 of it, and least score of what is a face then."""
TILTS = (-35.0, 35.0)
"""Degrees by which the surroundings are turned when nothing clear is there: the model knows upright faces, and gives those
that lean by more than 30 degrees a fraction of their score."""
TILTED_SIZE = (128, 128)
FAIR, TILTED = 0.3, 0.45
"""Score from which no tilted look is needed, and least score in one."""
CORNERS = 0.9
"""What of a leaning box's outline is kept: faces have no corners."""


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
        if not thorough:
            return self._model.find(view.bgr(), fit(view.size, QUICK_SIDE), NEW)
        found = self._model.find(view.bgr(), fit(view.size, THOROUGH_SIDE), GUESS)
        clear = [each for each in found if each.score >= NEW]
        small = [each for each in found[len(clear) :] if each.box[3] - each.box[1] <= SMALL]
        for guess in small[:GUESSES]:  # they come best first
            closer = self._closer(view, guess.box)
            if closer is not None:
                clear.append(closer)
        return distinct(clear)

    def near(self, view: View, box: Box) -> Found | None:
        """The face that shares most with `box`; what shares it in a clear look is preferred."""
        upright = self._look(view, box, NEAR_SIZE, 0.0)
        best = max(upright, key=lambda each: _nearness(each.box, box), default=None)
        if box[3] - box[1] > SMALL or (best is not None and best.score >= FAIR):
            return best
        leaning = [each for degrees in TILTS for each in self._look(view, box, TILTED_SIZE, degrees)]
        there = [each for each in leaning if shared(each.box, box) >= SHARED]
        if there:
            return max(there, key=lambda each: each.score)
        return best or max(leaning, key=lambda each: _nearness(each.box, box), default=None)

    def _closer(self, view: View, box: Box) -> Found | None:
        """What a guess is when it is looked at enlarged."""
        looks = ((CLOSER_SIZE, 0.0), *((TILTED_SIZE, degrees) for degrees in TILTS))
        for size, degrees in looks:
            for each in self._look(view, box, size, degrees):
                if each.score >= CLOSER and shared(each.box, box) >= SHARED:
                    return each
        return None

    def _look(self, view: View, box: Box, size: tuple[int, int], degrees: float) -> list[Found]:
        """Faces around `box` in a picture of `size` (width, height), turned by so much."""
        window = view.around(box, AROUND, (size[0] // ENLARGED, size[1] // ENLARGED))
        if window is None:
            return []
        x0, y0, x1, y1 = window
        picture = view.bgr(window)
        if not degrees:
            found = self._model.find(picture, size, KNOWN)
            return [Found(_moved(each.box, x0, y0), each.score) for each in found]
        tilt = _tilt((x1 - x0, y1 - y0), size, degrees)
        found = self._model.find(tilted(picture, tilt, size), size, TILTED)
        return [Found(_moved(upright(each.box, tilt), x0, y0), each.score) for each in found]

    def sure(self, scores: list[float]) -> bool:
        """One clear look, or several fair ones."""
        return scores[0] >= 0.55 or (len(scores) >= 4 and scores[0] >= 0.45 and sum(scores[:4]) >= 1.5)


def _moved(box: Box, x: float, y: float) -> Box:
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def _tilt(given: tuple[int, int], size: tuple[int, int], degrees: float) -> Matrix:
    """What brings a picture of `given` width and height into one of `size`, turned around its middle."""
    import cv2  # noqa: PLC0415

    middle = given[0] / 2, given[1] / 2
    scale = min(size[0] / given[0], size[1] / given[1])
    matrix = np.asarray(cv2.getRotationMatrix2D(middle, degrees, scale), np.float64)
    matrix[:, 2] += np.array(size) / 2 - middle
    return matrix


def tilted(picture: Bgr, tilt: Matrix, size: tuple[int, int]) -> Bgr:
    """The picture as `tilt` has it; boiled down first where it would lose lines."""
    import cv2  # noqa: PLC0415

    scale = math.hypot(tilt[0, 0], tilt[0, 1])
    if scale < 0.75:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        tilt = tilt * np.array([1 / scale, 1 / scale, 1.0])
    return np.asarray(cv2.warpAffine(picture, tilt, size), np.uint8)


def upright(box: Box, tilt: Matrix) -> Box:
    """The outline of a tilted picture's `box` in the picture itself."""
    back = np.linalg.inv(tilt[:, :2])
    middle = back @ (np.array([box[0] + box[2], box[1] + box[3]]) / 2 - tilt[:, 2])
    half = CORNERS * np.abs(back) @ (np.array([box[2] - box[0], box[3] - box[1]]) / 2)
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return x0, y0, x1, y1


def _nearness(one: Box, other: Box) -> tuple[float, float]:
    """Intersection over union, then how near the middles are."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    apart = math.hypot(one[0] + one[2] - other[0] - other[2], one[1] + one[3] - other[1] - other[3])
    return width * height / max(areas - width * height, 1e-6), -apart
