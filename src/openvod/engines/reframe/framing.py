"""How is each shot shown in the new shape? A window that keeps its faces, the whole picture over a ground, or two windows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.features import Shot
from openvod.engines.reframe.geometry import Geometry, simple
from openvod.engines.reframe.path import Tube, solve
from openvod.engines.reframe.scenes import Rect, Scene, Tile, still
from openvod.engines.reframe.subjects import Track, main, tracks
from openvod.engines.reframe.tubes import Double, Rules, Whole, moments, salient, span, tube_of
from openvod.engines.reframe.watching import Sighting

Floats = NDArray[np.float64]
Layout = Literal["whole", "window", "fitted", "two windows"]

APART = 0.15
"""Share of the time that two faces may not fit into one window before that counts as far apart."""
FAR_APART = "faces too far apart for one window"
CONFIDENCE: dict[str, float] = {"whole": 100.0, "fitted": 90.0}
"""Where nothing is left out, or nothing but size is lost."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A shot in its new shape."""

    scene: Scene
    layout: Layout
    why: str
    confidence: float
    """0 to 100: how sure it is that what matters is seen."""
    faces: list[Json] = field(default_factory=list)
    inside: float | None = None
    """Share of the time with faces at which all that matter are believed to be wholly inside; None without faces."""
    path: list[list[float]] = field(default_factory=list)
    """Seconds, and the window's left, top, width and height in shares, where it turns; empty without a window."""

    def evidence(self, shot: Shot) -> Json:
        """For the account."""
        return {
            "start": round(shot.start, 3),
            "end": round(shot.end, 3),
            "entry": shot.entry,
            "layout": self.layout,
            "why": self.why,
            "confidence": round(self.confidence, 1),
            "faces_inside": None if self.inside is None else round(self.inside, 3),
            "faces": self.faces,
            "path": self.path,
        }


def frame(shot: Shot, seen: Sequence[Sighting], geometry: Geometry, rules: Rules) -> Framed:
    """Decide how a shot is shown, by what was seen in it."""
    if rules.blurred:
        return _fitted(shot, geometry, "asked for", rules)
    if geometry.spare < 0.004:
        scene = Scene(shot.start, (still(geometry.whole, _over(geometry)),))
        return Framed(scene, "whole", "the picture has this shape", CONFIDENCE["whole"])
    found = main(tracks(seen), seen, rules.score)
    if not found:
        if rules.no_face:
            return _fitted(shot, geometry, "no faces", rules, how=rules.no_face)
        return _window(shot, geometry, salient(shot, seen, geometry, rules), _Sight(), rules)
    told = [_told(track) for track in found]
    grid = moments(shot)
    boxes = np.stack([track.at(grid) for track in found])
    low, high, there = span(boxes, geometry.axis)
    wide = there & (high - low > geometry.window[geometry.axis])
    if len(found) > 1 and there.any() and wide[there].mean() > APART:
        if rules.double == "SplitScreenVertical":
            return _two(shot, geometry, found, told, rules)
        return _fitted(shot, geometry, FAR_APART, rules, how=rules.double, told=told)
    boxes = np.where(wide[None, :, None] & (np.arange(len(found)) > 0)[:, None, None], np.nan, boxes)
    sight = _Sight(boxes, told, float(np.mean([track.score for track in found])))
    return _window(
        shot, geometry, tube_of(boxes, geometry, geometry.axis, geometry.window, rules), sight, rules
    )


def _over(geometry: Geometry) -> Rect:
    return 0.0, 0.0, float(geometry.size[0]), float(geometry.size[1])


def _told(track: Track) -> Json:
    return {
        "from": round(track.times[0], 3),
        "until": round(track.times[-1], 3),
        "seen": len(track.times),
        "score": round(track.score, 3),
        "height": round(track.height, 3),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """Who a window is to keep."""

    boxes: Floats | None = None
    told: list[Json] = field(default_factory=list)
    score: float = 0.0


def _window(shot: Shot, geometry: Geometry, tube: Tube, sight: _Sight, rules: Rules) -> Framed:
    """One window over the whole new picture."""
    places, way = solve(tube, 0.3 + 1.2 * rules.smooth)
    grid = moments(shot)
    rects = _rects(geometry, geometry.axis, places, geometry.window)
    if way == "still":
        grid, rects = grid[:1], rects[:1]
    pixels = rects * np.tile(np.array(geometry.stored, float), 2)
    if way == "still":
        pixels[:, :2] = np.round(pixels[:, :2] / 2) * 2  # on whole samples of colour: copied as it is
    kept = simple(grid, pixels)
    target = np.array([_over(geometry)] * len(kept))
    scene = Scene(shot.start, (Tile(grid[kept], pixels[kept], target),))
    path = [[round(float(v), 4) for v in (grid[n], *rects[n])] for n in kept]
    why = f"{'faces' if sight.boxes is not None else 'what stands out and moves'}; {way}"
    inside = None if sight.boxes is None else _inside(sight.boxes, rects)
    confidence = _confidence(tube, geometry) if inside is None else 100 * inside * (0.5 + sight.score / 2)
    return Framed(scene, "window", why, confidence, sight.told, inside, path)


def _confidence(tube: Tube, geometry: Geometry) -> float:
    """Without faces: more where what draws the eye stays in one place. A guess, and low as such."""
    return float(20 + 30 * (1 - min(1.0, tube.target.std() / max(1e-6, geometry.spare / 2))))


def _rects(geometry: Geometry, axis: int, places: Floats, window: tuple[float, float]) -> Floats:
    rects = np.empty((len(places), 4))
    rects[:, 2:] = window
    inner = geometry.inner
    spare = inner.right - inner.left - window[0], inner.bottom - inner.top - window[1]
    rects[:, 0], rects[:, 1] = inner.left + max(0, spare[0]) / 2, inner.top + max(0, spare[1]) / 2
    rects[:, axis] = places
    return rects


def _inside(boxes: Floats, rects: Floats) -> float:
    """Share of the times with a face at which all boxes `[tracks, n, 4]` are inside."""
    there: NDArray[np.bool_] = np.asarray(~np.isnan(boxes[:, :, 0]))
    ends = rects[:, :2] + rects[:, 2:]
    whole = np.clip(boxes, 0, 1)
    fine = (whole[:, :, :2] >= rects[:, :2] - 1e-6).all(2) & (whole[:, :, 2:] <= ends + 1e-6).all(2)
    kept: NDArray[np.bool_] = np.asarray((fine | ~there).all(0))
    anybody: NDArray[np.bool_] = np.asarray(there.any(0))
    return float(kept[anybody].mean())


def _fitted(
    shot: Shot,
    geometry: Geometry,
    why: str,
    rules: Rules,
    *,
    how: Whole | Double = "Scale",
    told: Sequence[Json] = (),
) -> Framed:
    """The whole picture over its own blurred enlargement, or over black."""
    tile = still(geometry.whole, geometry.fitted())
    ground: Literal["black", "blurred"] = "black" if how == "ScaleWithoutBlur" else "blurred"
    scene = Scene(shot.start, (tile,), ground, rules.blur, geometry.whole)
    inside = 1.0 if told else None
    return Framed(scene, "fitted", why, CONFIDENCE["fitted"], list(told), inside)


def _two(shot: Shot, geometry: Geometry, found: Sequence[Track], told: list[Json], rules: Rules) -> Framed:
    """The two largest faces, each in a window of its own, the one further left above."""
    width, height = geometry.size
    upper = height // 4 * 2
    pair = sorted(found[:2], key=lambda track: float(np.median([box[0] for box in track.boxes])))
    places = (
        (0.0, 0.0, float(width), float(upper)),
        (0.0, float(upper), float(width), float(height - upper)),
    )
    made = [_half(shot, geometry, track, place, rules) for track, place in zip(pair, places, strict=True)]
    scene = Scene(shot.start, tuple(tile for tile, _ in made), "black")
    inside = float(np.mean([share for _, share in made]))
    score = float(np.mean([track.score for track in pair]))
    return Framed(
        scene,
        "two windows",
        FAR_APART,
        100 * inside * (0.5 + score / 2),
        told,
        inside,
    )


def _half(
    shot: Shot, geometry: Geometry, track: Track, place: tuple[float, float, float, float], rules: Rules
) -> tuple[Tile, float]:
    """A window on one face, and the share of the time that it keeps it."""
    inner = geometry.inner
    across, down = (
        (inner.right - inner.left) * geometry.shown[0],
        (inner.bottom - inner.top) * geometry.shown[1],
    )
    shape = place[2] / place[3]
    tall = min(down, across / shape, max(place[3], 3.0 * track.height * geometry.shown[1]))
    window = tall * shape / geometry.shown[0], tall / geometry.shown[1]
    grid = moments(shot)
    boxes = track.at(grid)[None]
    rects = _rects(geometry, 0, np.zeros(len(grid)), window)
    for axis in (0, 1):
        rects[:, axis] = solve(tube_of(boxes, geometry, axis, window, rules), 0.3 + 1.2 * rules.smooth)[0]
    pixels = rects * np.tile(np.array(geometry.stored, float), 2)
    kept = simple(grid, pixels)
    return Tile(grid[kept], pixels[kept], np.array([place] * len(kept))), _inside(boxes, rects)
