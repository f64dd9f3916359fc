"""How are licence plates looked for in moving pictures: how large, how often, and when is it one?"""

from pathlib import Path
from typing import Protocol

from openvod.engines import ocr, plate_network, plates, plates_spots
from openvod.engines.faces import Box, Found, distinct, fit, shared
from openvod.engines.tracks import Kind
from openvod.engines.tracks_follow import Rhythm
from openvod.engines.tracks_view import View

SIDE = 480
"""Longer side of the picture in which lines are looked for; small plates are looked for apart (`plates_spots`)."""
SPOTS = 6
"""How many places are looked at closer."""
NEAR_HEIGHT = 24
"""Height that a known plate is looked at in, in pixels."""
AROUND, ENLARGED = 1.8, 1.5
"""How many times as wide and high as the plate its surroundings are, and how many times a small one is enlarged at most."""
KNOWN = 0.05
"""Score for a line of text in the place of a known plate, not read."""
NETWORK_LEAST = 0.25


def rhythm(rate: float) -> Rhythm:
    """For so many frames per second; every look at a whole picture costs as much as decoding 200."""
    second = max(rate, 5.0)
    return Rhythm(
        thorough=max(1, round(second * 0.6)), quick=0, near=4, hold=round(second), back=round(second * 3)
    )


class PlateSeeker:
    """A `tracks_follow.Finder` of plates by text and shape."""

    kind: Kind = "plate"

    def __init__(self, reader: plates.Reader) -> None:
        self._reader = reader

    @staticmethod
    def load(models: Path) -> "PlateSeeker | NetworkSeeker":
        """By the user's own detector if there is one. Raises TaskFault when a model is not installed or unfit."""
        own = plate_network.path(models)
        if own is not None:
            return NetworkSeeker(plate_network.PlateNetwork(own))
        return PlateSeeker(ocr.Ocr(models, plate_network.HIDING_PLATES))

    def seek(self, view: View, *, thorough: bool) -> list[Found]:
        """All plates of the picture; there is only a thorough look."""
        assert thorough
        picture = view.bgr()
        lines = self._reader.detect(picture, fit(view.size, SIDE))
        found = [plates.judge(self._reader, picture, line) for line, _ in lines]
        seen = [each for each in found if each is not None]
        clear = [each for each in seen if self.sure([each.score])]
        return distinct([*seen, *self._closer(view, picture, clear)])

    def _closer(self, view: View, picture: plates.Bgr, clear: list[Found]) -> list[Found]:
        """The small plates at places that look like some, enlarged; not where a plate is clear anyhow."""
        found = []
        for spot in plates_spots.spots(view.luma, SPOTS):
            if any(_holds(each.box, spot.x, spot.y) for each in clear):
                continue
            cutting = plates_spots.cutting(picture, spot)
            # Each by itself: the detector finds less in one picture of them all, where one part is louder than the others.
            for line, _ in self._reader.detect(cutting.picture, plates_spots.TILE):
                plate = plates.judge(self._reader, cutting.picture, line)
                if plate is not None:
                    found.append(Found(cutting.back(plate.box), plate.score))
        return found

    def near(self, view: View, box: Box) -> Found | None:
        """The line of text in the place of a known plate, with the plate around it; it is not read again."""
        longer = round(box[2] - box[0])
        window = view.around(box, AROUND, (longer, longer))
        if window is None:
            return None
        picture = view.bgr(window)
        scale = min(ENLARGED, NEAR_HEIGHT / max(1.0, box[3] - box[1]))
        lines = self._reader.detect(picture, ocr.fit_rows((picture.shape[1], picture.shape[0]), scale))
        known = (box[0] - window[0], box[1] - window[1], box[2] - window[0], box[3] - window[1])
        best: Found | None = None
        for line, _ in lines:
            found = plates.around(line, plates.framed(picture, line))
            alike = 0.6 < (found[2] - found[0]) / (box[2] - box[0]) < 1.6 and shared(found, known) > 0.6
            if alike and (best is None or shared(found, known) > shared(best.box, known)):
                best = Found(found, KNOWN)
        if best is None:
            return None
        x0, y0 = window[:2]
        edges = best.box
        return Found((edges[0] + x0, edges[1] + y0, edges[2] + x0, edges[3] + y0), best.score)

    def sure(self, scores: list[float]) -> bool:
        """A plate's text on a plate once, one of the two twice, or once and text in its place in several looks."""
        return scores[0] >= 0.5 or sum(scores[:2]) >= 0.7 or sum(scores) >= 0.6


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


class Network(Protocol):
    """`plate_network.PlateNetwork` is one."""

    def find(self, picture: plates.Bgr, least: float) -> list[Found]:
        """See `plate_network.PlateNetwork.find`."""


class NetworkSeeker:
    """A `tracks_follow.Finder` of plates by a network of the user's own."""

    kind: Kind = "plate"

    def __init__(self, network: Network) -> None:
        self._network = network

    def seek(self, view: View, *, thorough: bool) -> list[Found]:
        """All plates of the picture."""
        assert thorough
        return self._network.find(view.bgr(), NETWORK_LEAST)

    def near(self, view: View, box: Box) -> Found | None:
        """Nothing: the network sees whole pictures only, and the flow is followed between."""
        del view, box
        return None

    def sure(self, scores: list[float]) -> bool:
        """One clear look, or two."""
        return scores[0] >= 0.5 or sum(scores[:2]) >= 0.6
