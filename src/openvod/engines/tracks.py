"""Which area moves how, over which frames? Tracks of hidden areas: made steady, made small, kept as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.faces import Box

Kind = Literal["face", "plate"]
Boxes = NDArray[np.float64]
"""`[n, 4]`: left, top, right, bottom in pixels."""

SMOOTH = 2.0
"""Standard deviation in frames of the smoothing in time."""
TOLERANCE = 0.02
"""How far an interpolated edge may be from the steady one, as a share of the area's longer side."""
MARGINS = {"face": (0.14, 0.22, 0.14, 0.14), "plate": (0.12, 0.3, 0.12, 0.3)}
"""What is added left, above, right and below, as a share of the width and height: hair, ears and chin; a frame."""

LEAST_MARGIN = 4.0
"""Pixels: of what is small, nobody finds the edge to within less."""


@dataclass(frozen=True, slots=True)
class Track:
    """An area that is to be hidden, from its first to its last key; between keys it moves in a straight line."""

    kind: Kind
    keys: tuple[tuple[int, Box], ...]
    """Frame number and area, in order of frames. Areas have their margin and may stick out of the picture."""
    score: float
    """0 to 1: how sure it is that this is what `kind` says."""

    @property
    def first(self) -> int:
        """Number of its first frame."""
        return self.keys[0][0]

    @property
    def last(self) -> int:
        """Number of its last frame."""
        return self.keys[-1][0]

    def dump(self) -> Json:
        """As JSON, for `load`."""
        keys = [[frame, *(round(edge, 1) for edge in box)] for frame, box in self.keys]
        return {"kind": self.kind, "score": round(self.score, 3), "keys": keys}

    @staticmethod
    def load(value: Json) -> "Track":
        """From what `dump` gave."""
        keys = tuple((int(frame), (x0, y0, x1, y1)) for frame, x0, y0, x1, y1 in value["keys"])
        return Track(value["kind"], keys, value["score"])


class Areas:
    """What is hidden in each frame; asked for frames in ascending order mostly, so that it is quick."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._tracks = sorted(tracks, key=lambda track: track.first)
        self._ends = np.maximum.accumulate([track.last for track in self._tracks] or [0])
        self._frames = [np.array([frame for frame, _ in track.keys]) for track in self._tracks]
        self._boxes = [np.array([box for _, box in track.keys]) for track in self._tracks]

    def at(self, frame: int) -> Iterator[tuple[Kind, Box]]:
        """The areas of one frame."""
        place = int(np.searchsorted(self._ends, frame))  # all before have ended
        for index in range(place, len(self._tracks)):
            track = self._tracks[index]
            if track.first > frame:
                return
            if track.last >= frame:
                edges = [np.interp(frame, self._frames[index], column) for column in self._boxes[index].T]
                yield track.kind, (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))


def ranges(tracks: Iterable[Track]) -> list[tuple[int, int]]:
    """First and last frame of each stretch in which anything is hidden, in order."""
    found: list[tuple[int, int]] = []
    for first, last in sorted((track.first, track.last) for track in tracks):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def made(kind: Kind, first: int, raw: Sequence[Box], score: float) -> Track:
    """A track out of the box of each frame from `first` on, with margins."""
    boxes = with_margin(kind, steady(np.array(raw, np.float64)))
    return Track(kind, tuple((first + at, _box(boxes[at])) for at in key_frames(boxes)), score)


def steady(raw: Boxes) -> Boxes:
    """`raw` smoothed in time; no area becomes smaller than what was found in its frame and the two beside it."""
    reach = int(3 * SMOOTH)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTH) ** 2)
    padded = np.pad(raw, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(column, weights / weights.sum(), mode="valid") for column in padded.T], 1)
    beside = np.stack([np.roll(padded, shift, 0)[reach:-reach] for shift in (-1, 0, 1)])
    low, high = beside[..., :2].min(0), beside[..., 2:].max(0)
    return np.hstack([np.minimum(smooth[:, :2], low), np.maximum(smooth[:, 2:], high)])


def with_margin(kind: Kind, boxes: Boxes) -> Boxes:
    """Grown by `MARGINS`."""
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    margins = np.maximum(sides * np.array(MARGINS[kind]), LEAST_MARGIN)
    grown: Boxes = boxes + margins * np.array([-1, -1, 1, 1])
    return grown


def key_frames(boxes: Boxes) -> list[int]:
    """Places from which all of `boxes` follow by straight lines, to within `TOLERANCE`; the first and last are in it."""
    keys = [0]
    while keys[-1] < len(boxes) - 1:
        start, reach, good = keys[-1], 2, keys[-1] + 1
        while start + reach < len(boxes) and _straight(boxes[start : start + reach + 1]):
            good, reach = start + reach, reach * 2
        low, high = good, min(start + reach, len(boxes) - 1)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if _straight(boxes[start : middle + 1]) else (low, middle - 1)
        keys.append(low)
    return keys if len(keys) > 1 or len(boxes) == 1 else [*keys, len(boxes) - 1]


def _straight(boxes: Boxes) -> bool:
    share = np.linspace(0, 1, len(boxes))[:, None]
    line = boxes[0] * (1 - share) + boxes[-1] * share
    sides = np.max(boxes[:, 2:] - boxes[:, :2], axis=1)
    return bool((np.abs(boxes - line).max(1) <= TOLERANCE * sides).all())


def _box(row: Boxes) -> Box:
    return float(row[0]), float(row[1]), float(row[2]), float(row[3])
