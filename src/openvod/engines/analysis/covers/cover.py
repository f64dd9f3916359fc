"""Which moments of a film would make a good cover? Scored from its looks; the exact frame is chosen at full size later.

Never one that is black, blurred or half way between two shots. What a cover shows is not understood: sharpness, light,
colour, faces and calm are measured, and that is all the confidence stands for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.features import Face, Features, Looks, Shot

Floats = NDArray[np.float64]

MOST = 5
"""Covers of a film."""
UNLIKE, UNLIKE_IN_SHOT = 12, 20
"""Bits of the perceptual hash that two covers differ in at least; and two of one shot, where things only move."""
APART_IN_SHOT = 1.4
"""Seconds between two of one shot."""
DARK, FLAT = 12.0, 7.0
"""Mean brightness and contrast (levels of 255) from which on there is a picture at all."""
BARELY = 2.0
"""Contrast from which on there is something to see, where nothing better is."""
BLURRED = 25.0
"""Sharpness below which a look is blurred, whatever the others are; and a share of what the film usually has."""
BLURRED_SHARE = 0.2
FADED = 0.6
"""Share of its shot's usual brightness or contrast below which a look is in a fade, seen by the detector or not."""
FADE_REACH = 2.0
"""Seconds beside a shot's ends in which fades are."""
MARGIN = 0.12
"""Seconds to stay away from a change of shots, where the shot has them."""
REACH, FACE_REACH = 0.3, 0.1
"""Seconds beside a look in which its best frame is looked for; and where a face must not get away."""
KEPT, STILL = 0.35, 30.0
"""What is left of a face that was seen in the look before, when more than so many levels per second changed since."""
EDGE_FILM = 20.0
"""Seconds of a film from which on openings and credits count against its ends."""
OPENING, CREDITS = 0.03, 0.07
"""Shares of the film at its ends that are probably titles."""
AT_EDGE, SAME_SHOT = 0.6, 0.9
"""What is left of a score there, and of the second picture of a shot."""
MOST_WEIGHED = 2000
"""Looks, best first, that are compared with those chosen."""
WORST = 0.55
"""Share of the best one's score below which there is no further cover."""
MOST_SURE, UNSURE = 95.0, 25.0
"""Most that a confidence can be, and that of a film in which everything is dark or blurred."""

_WEIGHTS = {"sharpness": 0.32, "light": 0.2, "contrast": 0.14, "colour": 0.16, "calm": 0.1, "layout": 0.08}
_FACE = 0.55
"""Share of what is missing to a perfect score that a well placed face makes good."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A moment for a cover."""

    look: int
    """Number of the look."""
    time: float
    """Seconds, on the clock of the features."""
    window: tuple[float, float]
    """Between when the exact frame may be, seconds; one look's neighbourhood inside its shot."""
    score: float
    """0 to 1."""
    figures: Json
    """What it was chosen for, each part 0 to 1, and the measured values."""
    flawed: bool = False
    """Dark, blurred or in a change, as everything is."""

    @property
    def confidence(self) -> float:
        """0 to 100."""
        return round(min(UNSURE if self.flawed else MOST_SURE, 100 * self.score), 2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures are asked for."""

    most: int = MOST
    between: tuple[float, float] | None = None
    """Seconds from which and until which a look is taken; the whole film without."""


def picks(found: Features, wanted: Wanted | None = None) -> list[Pick]:
    """The best moments, best first, none like another. Empty when every picture is black or of one colour."""
    wanted = wanted or Wanted()
    looks = found.looks
    if not len(looks):
        return []
    shots = _shots_of(found)
    inside = _inside(looks, wanted.between)
    good = _good(found, shots) & inside
    flawed = not good.any()
    if flawed:
        good = _seen(looks, BARELY) & inside
    parts = _parts(looks)
    scores = _scores(parts) * _place(found)
    order = sorted(np.flatnonzero(good).tolist(), key=lambda look: (-scores[look], look))
    chosen: dict[int, float] = {}
    for look in order[:MOST_WEIGHED]:
        if not any(_alike(looks, shots, look, other) for other in chosen):
            same = sum(shots[other] is shots[look] for other in chosen)
            chosen[look] = float(scores[look]) * SAME_SHOT**same
    ranked = sorted(chosen, key=lambda look: (-chosen[look], look))[: wanted.most]
    kept = [look for look in ranked if chosen[look] >= WORST * chosen[ranked[0]]]
    return [
        Pick(
            look=look,
            time=float(looks.times[look]),
            window=_window(shots[look], float(looks.times[look]), has_face=parts["faces"][look] > 0),
            score=float(scores[look]),
            figures=_figures(looks, parts, look),
            flawed=flawed,
        )
        for look in sorted(kept, key=lambda look: (-scores[look], look))
    ]


def _alike(looks: Looks, shots: Sequence[Shot], one: int, other: int) -> bool:
    """Whether two looks would be the same cover twice."""
    apart = (int(looks.phash[one]) ^ int(looks.phash[other])).bit_count()
    if shots[one] is not shots[other]:
        return apart < UNLIKE
    return apart < UNLIKE_IN_SHOT or abs(float(looks.times[one] - looks.times[other])) < APART_IN_SHOT


def _window(shot: Shot, time: float, *, has_face: bool) -> tuple[float, float]:
    """Seconds around a moment in which frames are taken for it: near it, and while its shot is shown alone."""
    first, last = shot.settled
    margin = min(MARGIN, (last - first) / 4)
    reach = FACE_REACH if has_face else REACH
    low, high = max(first + margin, time - reach), min(last - margin, time + reach)
    if low > high:  # it is at a change: nowhere else
        return time, time
    return low, high


def _shots_of(found: Features) -> list[Shot]:
    """The shot of each look."""
    starts = np.array([each.start for each in found.shots])
    numbers = np.searchsorted(starts, found.looks.times + 1e-3, side="right") - 1
    return [found.shots[max(0, int(number))] for number in numbers]


def _inside(looks: Looks, between: tuple[float, float] | None) -> NDArray[np.bool_]:
    if between is None:
        return np.ones(len(looks), bool)
    inside: NDArray[np.bool_] = (looks.times >= between[0] - 1e-3) & (looks.times < between[1] - 1e-3)
    if not inside.any():  # shorter than half a second: the look before it
        inside[max(0, int(np.searchsorted(looks.times, between[0], side="right")) - 1)] = True
    return inside


def _seen(looks: Looks, contrast: float = FLAT) -> NDArray[np.bool_]:
    """Whether there is a picture."""
    return (looks.brightness >= DARK) & (looks.contrast >= contrast)


def _good(found: Features, shots: Sequence[Shot]) -> NDArray[np.bool_]:
    looks = found.looks
    seen = _seen(looks)
    usual = float(np.median(looks.sharpness[seen])) if seen.any() else 0.0
    sharp = looks.sharpness >= max(BLURRED, BLURRED_SHARE * usual)
    settled = np.array(
        [
            shot.settled[0] - 1e-3 <= time <= shot.settled[1] + 1e-3
            for shot, time in zip(shots, looks.times, strict=True)
        ]
    )
    good: NDArray[np.bool_] = seen & sharp & settled & ~_in_fade(looks, shots)
    return good


def _in_fade(looks: Looks, shots: Sequence[Shot]) -> NDArray[np.bool_]:
    """Near an end of its shot, and darker or flatter by far than it usually is."""
    faded = np.zeros(len(looks), bool)
    first = 0
    for look in range(1, len(looks) + 1):
        if look < len(looks) and shots[look] is shots[first]:
            continue
        own = slice(first, look)
        times, shot = looks.times[own], shots[first]
        near = (times - shot.start < FADE_REACH) | (shot.end - times < FADE_REACH)
        for figure in (looks.brightness[own], looks.contrast[own]):
            faded[own] |= near & (figure < FADED * np.percentile(figure, 75))
        first = look
    return faded


def _parts(looks: Looks) -> dict[str, Floats]:
    """What speaks for each look, each 0 to 1."""
    usual = float(np.percentile(looks.sharpness, 90)) or 1.0
    sharp = np.log1p(looks.sharpness) / np.log1p(max(usual, 200.0))
    light = np.interp(looks.brightness, [10, 80, 170, 245], [0, 1, 1, 0])
    calm = 1 / (1 + looks.motion / max(20.0, float(np.median(looks.motion))))
    x, y, spread = looks.saliency.T
    middle = np.hypot(x - 0.5, y - 0.5)
    return {
        "sharpness": np.clip(sharp.astype(np.float64), 0, 1),
        "light": light,
        "contrast": np.clip(looks.contrast / 60.0, 0, 1).astype(np.float64),
        "colour": np.interp(looks.colour, [0, 65, 110, 180], [0, 1, 1, 0.4]),
        "calm": calm.astype(np.float64),
        "layout": (np.clip(1 - middle / 0.35, 0, 1) * np.clip(1.5 - 2 * spread, 0, 1)).astype(np.float64),
        "faces": np.array([_faces(each) for each in looks.faces]) * _fresh(looks),
    }


def _fresh(looks: Looks) -> Floats:
    """How far the faces of each look can be trusted: they are looked for once a second, and kept in between."""
    kept = np.array(
        [bool(place) and each == looks.faces[place - 1] for place, each in enumerate(looks.faces)]
    )
    moved = np.concatenate([[0.0], looks.motion[:-1]]) > STILL
    return np.where(kept & moved, KEPT, 1.0)


def _faces(faces: Sequence[Face]) -> float:
    """How well the faces are placed, 0 to 1: large enough to see, whole, and not at the rim."""
    return max((_face(each) for each in faces[:5]), default=0.0)


def _face(face: Face) -> float:
    left, top, right, bottom, score = face
    tall = bottom - top
    size = float(np.interp(tall, [0.05, 0.2, 0.55, 0.95], [0, 1, 1, 0.3]))
    whole = min(1.0, 1 + 4 * min(left, top, 1 - right, 1 - bottom, 0.0))
    middle = (left + right) / 2, (top + bottom) / 2
    placed = float(np.interp(abs(middle[0] - 0.5), [0.2, 0.45], [1, 0.4]))
    placed *= float(np.interp(abs(middle[1] - 0.42), [0.2, 0.5], [1, 0.5]))
    return float(np.interp(score, [0.5, 0.8], [0.3, 1])) * size * max(0.0, whole) * placed


def _scores(parts: dict[str, Floats]) -> Floats:
    plain: Floats = np.sum([weight * parts[name] for name, weight in _WEIGHTS.items()], axis=0)
    return plain + _FACE * (1 - plain) * parts["faces"]


def _place(found: Features) -> Floats:
    """Less for what is probably a title or a credit."""
    times, length = found.looks.times, found.end - found.begin
    factor = np.ones(len(times))
    if length >= EDGE_FILM:
        share = (times - found.begin) / length
        factor[(share < OPENING) | (share > 1 - CREDITS)] = AT_EDGE
    return factor


def _figures(looks: Looks, parts: dict[str, Floats], look: int) -> Json:
    faces = looks.faces[look]
    return {
        "parts": {name: round(float(values[look]), 3) for name, values in parts.items()},
        "sharpness": round(float(looks.sharpness[look]), 1),
        "brightness": round(float(looks.brightness[look]), 1),
        "contrast": round(float(looks.contrast[look]), 1),
        "colourfulness": round(float(looks.colour[look]), 1),
        "motion": round(float(looks.motion[look]), 1),
        "faces": [[round(value, 3) for value in face] for face in faces[:5]],
    }
