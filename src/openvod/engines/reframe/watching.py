"""Where are faces, and where does it move, several times a second? A second, finer look at the stretches that need it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines import faces
from openvod.engines.faces import FaceFinder
from openvod.engines.features import Face, Features, Shot
from openvod.media import frames

RATES = {"Balance": 5.0, "Precision": 10.0}
"""Looks per second by `FaceAccuracy`; `Efficiency` has none beyond the features'."""
STIRRED = 1.5
"""Mean motion of a shot, as `Looks.motion` has it, from which on it is looked at again."""
SIDE, CLOSER_SIDE = 320, 640
"""Longer side of the picture in which faces are looked for, and of that where none is seen in it: the closer look costs four
times as much, and sees faces half as large."""
CLEAR = 0.5
"""Score of a face from which on no closer look is needed."""
CHANGED = 12.0
"""Levels of brightness that a point changes by when something moves there."""
_SMALL = (80, 45)
_FARTHEST = (6, 12)
"""Rows and columns of the small picture that the camera may have shifted it by."""

Rgb = NDArray[np.uint8]
Spot = tuple[float, float, float]
"""Where something is: x and y in shares of the picture, and how much of it there is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen at one moment. Places are shares of the upright picture."""

    time: float
    faces: tuple[Face, ...]
    stands_out: Spot | None
    """The middle of what stands out; the third number is how compact it is."""
    moves: Spot | None
    """The middle of what moves against the rest of the picture; the third number is the share of points that do."""


def of_features(features: Features, shot: Shot, score: float) -> list[Sighting]:
    """What the features say of a shot, twice a second."""
    looks = features.looks
    found = []
    for at in np.flatnonzero((looks.times >= shot.start - 1e-3) & (looks.times < shot.end - 1e-3)):
        x, y, spread = (float(each) for each in looks.saliency[at])
        seen = tuple(face for face in looks.faces[at] if face[4] >= score)
        out = (x, y, max(0.0, 1 - 2.5 * spread)) if looks.lit[at] else None
        found.append(Sighting(float(looks.times[at]), seen, out, None))
    return found


def wanting(features: Features, accuracy: str) -> list[Shot]:
    """The shots that two looks a second are too few for."""
    if accuracy not in RATES:
        return []
    if accuracy == "Precision":
        return list(features.shots)
    return [shot for shot in features.shots if _stirs(features, shot)]


def _stirs(features: Features, shot: Shot) -> bool:
    looks = features.looks
    inside = (looks.times >= shot.start - 1e-3) & (looks.times < shot.end - 1e-3)
    if inside.sum() < 3:
        return True
    counts = {len(looks.faces[at]) for at in np.flatnonzero(inside)}
    return len(counts) > 1 or float(looks.motion[inside].mean()) >= STIRRED


def look(
    source: Path,
    finder: FaceFinder | None,
    spans: Sequence[tuple[float, float]],
    rate: float,
    progress: Callable[[float], None],
) -> list[Json]:
    """Sightings within the spans (seconds, in order, apart from each other), `rate` times a second, as JSON for
    `sightings`; without a `finder` nobody's face is seen.
    """
    begin, end = spans[0][0], spans[-1][1]
    rows: list[Json] = []
    place, before = 0, None
    for frame in frames.stream(source, rate, int(begin * rate) / rate, end, sample_side=CLOSER_SIDE):
        while place < len(spans) and frame.time >= spans[place][1] - 1e-3:
            place, before = place + 1, None
        if place == len(spans):
            break
        if frame.sample is None or frame.time < spans[place][0] - 1e-3:
            continue
        small = _small(frame.sample)
        moving = None if before is None else moved(before, small)
        rows.append(
            {"time": frame.time, "faces": _faces(finder, frame.sample) if finder else [], "moves": moving}
        )
        before = small
        progress(min(1.0, (frame.time - begin) / max(1e-6, end - begin)))
    return rows


def sightings(rows: Sequence[Json], coarse: Sequence[Sighting], shot: Shot, score: float) -> list[Sighting]:
    """The fine sightings of a shot; what stands out is that of the nearest coarse one. The coarse ones where there are no
    others."""
    fine = []
    times = np.array([each.time for each in coarse])
    for row in rows:
        if not shot.start - 1e-3 <= row["time"] < shot.end - 1e-3:
            continue
        near = coarse[int(np.abs(times - row["time"]).argmin())] if len(times) else None
        seen = tuple((f[0], f[1], f[2], f[3], f[4]) for f in row["faces"] if f[4] >= score)
        moves = (row["moves"][0], row["moves"][1], row["moves"][2]) if row["moves"] else None
        fine.append(Sighting(row["time"], seen, near.stands_out if near else None, moves))
    return fine or list(coarse)


def _faces(finder: FaceFinder, sample: Rgb) -> list[list[float]]:
    height, width = sample.shape[:2]
    picture = np.ascontiguousarray(sample[..., ::-1])
    found = finder.find(picture, faces.fit((width, height), SIDE), 0.2)
    if all(each.score < CLEAR for each in found):
        found = finder.find(picture, faces.fit((width, height), CLOSER_SIDE), 0.2)
    sides = (width, height, width, height)
    return [
        [*(round(edge / side, 4) for edge, side in zip(each.box, sides, strict=True)), round(each.score, 3)]
        for each in found
    ]


def _small(sample: Rgb) -> NDArray[np.float32]:
    import cv2  # noqa: PLC0415

    grey = cv2.cvtColor(sample, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)


def moved(before: NDArray[np.float32], now: NDArray[np.float32]) -> list[float] | None:
    """The middle of what changed between two small pictures once the camera's own shift is undone; None where nothing
    did, or everything (a cut, a flash)."""
    import cv2  # noqa: PLC0415

    down, across = _FARTHEST
    inner = now[down:-down, across:-across]
    apart_at = cv2.matchTemplate(before, inner, cv2.TM_SQDIFF)
    row, column = divmod(int(apart_at.argmin()), apart_at.shape[1])
    shift = np.array([[1, 0, across - column], [0, 1, down - row]], np.float32)
    before = cv2.warpAffine(before, shift, _SMALL, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    apart = cv2.GaussianBlur(np.abs(now - before), (0, 0), 1.0)
    weight = np.where(apart > CHANGED, apart, 0)
    share = float((weight > 0).mean())
    if not 0.003 < share < 0.5:
        return None
    rows, columns = np.mgrid[0 : now.shape[0], 0 : now.shape[1]]
    total = float(weight.sum())
    x, y = float((weight * (columns + 0.5)).sum() / total), float((weight * (rows + 0.5)).sum() / total)
    return [round(x / now.shape[1], 4), round(y / now.shape[0], 4), round(share, 4)]
