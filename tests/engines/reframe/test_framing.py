"""How shots are framed, by what was seen in them: windows, fallbacks, and what is told of it."""

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.faces import FaceFinder, Found
from openvod.engines.features import Face, Shot
from openvod.engines.reframe import geometry, watching
from openvod.engines.reframe.framing import Framed, frame
from openvod.engines.reframe.geometry import Geometry, Inner
from openvod.engines.reframe.subjects import main, tracks
from openvod.engines.reframe.tubes import Rules
from openvod.engines.reframe.watching import Sighting
from tests import clips

Rgb = NDArray[np.uint8]
SHOT = Shot(0, 99, 0.0, 4.0, "start")
WIDE = geometry.of((1280, 720), (1280.0, 720.0), Inner(), 9 / 16)


def face(x: float, y: float = 0.4, height: float = 0.2, score: float = 0.9) -> Face:
    width = height * 0.75 * 9 / 16
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2, score


def seen(*ways: Any) -> list[Sighting]:
    """Faces at 5 looks a second; each way tells the face at a time, or None."""
    return [
        Sighting(t, tuple(f for way in ways if (f := way(t)) is not None), (0.5, 0.5, 0.5), None)
        for t in np.arange(0, 4, 0.2).tolist()
    ]


def window(framed: Framed, time: float) -> tuple[float, float]:
    """Left and right of the window in shares."""
    (tile,) = framed.scene.tiles
    (left, _, width, _), _ = tile.at(time)
    return left / 1280, (left + width) / 1280


def test_a_window_follows_who_walks() -> None:
    framed = frame(SHOT, seen(lambda t: face(0.2 + 0.15 * t)), WIDE, Rules())
    assert framed.layout == "window"
    assert framed.inside == 1.0
    for t in np.arange(0, 3.9, 0.04).tolist():
        left, right = window(framed, t)
        who = face(0.2 + 0.15 * t)
        assert left <= who[0]
        assert who[2] <= right


def test_it_rests_on_who_stands_though_they_sway() -> None:
    framed = frame(SHOT, seen(lambda t: face(0.7 + 0.02 * np.sin(4 * t))), WIDE, Rules())
    assert "still" in framed.why
    assert window(framed, 0) == window(framed, 3.9)
    assert len(framed.path) == 1


def test_more_smoothness_moves_less() -> None:
    def moved(smooth: float) -> float:
        framed = frame(SHOT, seen(lambda t: face(0.5 + 0.1 * np.sin(2 * t))), WIDE, Rules(smooth=smooth))
        return sum(
            abs(window(framed, t)[0] - window(framed, t + 0.1)[0]) for t in np.arange(0, 3.8, 0.1).tolist()
        )

    assert moved(1.0) < moved(0.0)


def test_two_who_are_near_share_a_window() -> None:
    framed = frame(SHOT, seen(lambda t: face(0.45), lambda t: face(0.58)), WIDE, Rules())
    left, right = window(framed, 1)
    assert left < face(0.45)[0]
    assert right > face(0.58)[2]
    assert len(framed.faces) == 2


@pytest.mark.parametrize(
    ("double", "layout", "ground"),
    [("Scale", "fitted", "blurred"), ("ScaleWithoutBlur", "fitted", "black"), ("SplitScreenVertical", "two windows", "black")],
)  # fmt: skip
def test_two_who_are_far_apart(double: Any, layout: str, ground: str) -> None:
    framed = frame(SHOT, seen(lambda t: face(0.15), lambda t: face(0.85)), WIDE, Rules(double=double))
    assert (framed.layout, framed.scene.ground) == (layout, ground)
    assert framed.inside == 1.0
    assert "far apart" in framed.why


def test_who_is_far_behind_does_not_count() -> None:
    framed = frame(
        SHOT, seen(lambda t: face(0.15, height=0.3), lambda t: face(0.85, height=0.1)), WIDE, Rules()
    )
    assert framed.layout == "window"
    assert window(framed, 1)[0] < face(0.15, height=0.3)[0]


def test_what_is_only_guessed_is_no_face() -> None:
    framed = frame(SHOT, seen(lambda t: face(0.1, score=0.4)), WIDE, Rules())
    assert framed.inside is None
    assert framed.why.startswith("what stands out")


def test_without_faces_what_moves_is_followed() -> None:
    moving = [Sighting(t, (), (0.2, 0.5, 0.3), (0.8, 0.5, 0.1)) for t in np.arange(0, 4, 0.2).tolist()]
    framed = frame(SHOT, moving, WIDE, Rules())
    left, right = window(framed, 2)
    assert left < 0.7 < right
    assert framed.confidence <= 50


@pytest.mark.parametrize(("no_face", "ground"), [("Scale", "blurred"), ("ScaleWithoutBlur", "black")])
def test_without_faces_as_asked(no_face: Any, ground: str) -> None:
    framed = frame(SHOT, seen(), WIDE, Rules(no_face=no_face))
    assert (framed.layout, framed.scene.ground, framed.why) == ("fitted", ground, "no faces")


def test_a_look_without_anything_rests_in_the_middle() -> None:
    framed = frame(SHOT, [Sighting(0.0, (), None, None)], WIDE, Rules())
    left, right = window(framed, 0)
    assert (left + right) / 2 == pytest.approx(0.5, abs=0.01)


def test_an_upright_film_becomes_wide_around_the_face() -> None:
    upright = geometry.of((720, 1280), (720.0, 1280.0), Inner(), 16 / 9)
    assert (upright.size, upright.axis) == ((720, 404), 1)
    low = lambda t: (0.4, 0.75, 0.6, 0.85, 0.9)  # noqa: E731
    framed = frame(SHOT, seen(low), upright, Rules())
    (tile,) = framed.scene.tiles
    (_, top, _, height), _ = tile.at(1.0)
    assert top / 1280 < 0.75
    assert (top + height) / 1280 > 0.85


def test_a_film_of_that_shape_stays_whole() -> None:
    square = geometry.of((400, 400), (400.0, 400.0), Inner(), 1.0)
    assert frame(SHOT, seen(), square, Rules()).layout == "whole"


def test_bars_are_no_part_of_the_window() -> None:
    barred = geometry.of((1280, 720), (1280.0, 720.0), Inner(0.0, 0.125, 1.0, 0.875), 9 / 16)
    assert barred.size == (302, 540)
    framed = frame(SHOT, seen(lambda t: face(0.02)), barred, Rules())
    (tile,) = framed.scene.tiles
    (left, top, _, height), _ = tile.at(0)
    assert left == 0
    assert top >= 90
    assert top + height <= 630


def test_samples_that_are_not_square() -> None:
    wide: Geometry = geometry.of((720, 576), (1024.0, 576.0), Inner(), 9 / 16)
    assert wide.size == (324, 576)
    assert wide.window[0] == pytest.approx(324 / 1024)


def test_faces_are_followed_where_they_cross() -> None:
    """Two that pass each other at different heights stay two."""
    found = tracks(seen(lambda t: face(0.2 + 0.15 * t, 0.25), lambda t: face(0.8 - 0.15 * t, 0.7)))
    assert sorted(len(track.times) for track in found) == [20, 20]
    assert len(main(found, seen())) == 2


def test_who_is_lost_for_a_moment_is_still_there() -> None:
    gaps = seen(lambda t: None if 1.5 < t < 2.3 else face(0.3 + 0.1 * t))
    (track,) = tracks(gaps)
    assert track.at(np.array([1.9]))[0, 0] == pytest.approx(face(0.49)[0], abs=0.01)
    assert np.isnan(track.at(np.array([9.0]))).all()


def test_who_hurries_through_the_picture_is_one() -> None:
    """One and a half widths of the face from one look to the next."""
    hurrying = seen(lambda t: face(0.1 + 0.6 * t, height=0.19) if t < 1.1 else None)
    (track,) = tracks(hurrying)
    assert len(track.times) == 6
    assert frame(SHOT, hurrying, WIDE, Rules()).layout == "window"


def test_who_turns_away_does_not_become_the_audience_in_steps() -> None:
    """A head in front that is lost after a second, before smaller and smaller faces."""
    behind = {1.2: 0.34, 1.6: 0.22, 2.0: 0.14}

    def front(t: float) -> Face | None:
        if t < 1.1:
            return face(0.7, height=0.6)
        height = behind.get(round(t, 1))
        return height and face(0.7 - 0.1 * t, height=height)

    largest = max(tracks(seen(front)), key=lambda track: track.height)
    assert len(largest.times) == 7
    assert float(largest.at(np.array([1.3]))[0, 0]) > 0.5


class Sees:
    """Finds one face, as clear as it is told for looks of a width."""

    def __init__(self, scores: dict[int, float]) -> None:
        self.scores = scores
        self.asked: list[tuple[int, int]] = []

    def find(self, picture: Rgb, size: tuple[int, int], least: float) -> list[Found]:
        self.asked.append(size)
        score = self.scores.get(size[0], 0.0)
        wide, high = picture.shape[1], picture.shape[0]
        return [Found((0.4 * wide, 0.4 * high, 0.5 * wide, 0.6 * high), score)] if score >= least else []


@pytest.mark.parametrize(
    ("scores", "asked", "score"),
    [
        ({320: 0.9, 640: 0.9}, [320], 0.9),
        ({640: 0.8}, [320, 640], 0.8),
        ({320: 0.3, 640: 0.4}, [320, 640], 0.4),
    ],
)
def test_small_faces_get_a_closer_look(
    tmp_path: Path, scores: dict[int, float], asked: list[int], score: float
) -> None:
    source = clips.video(tmp_path / "a.mp4", seconds=0.4, size=(640, 352))
    finder = Sees(scores)
    rows = watching.look(source, cast(FaceFinder, finder), [(0.0, 0.2)], 5.0, lambda _: None)
    assert [size[0] for size in finder.asked] == asked
    assert [row["faces"] for row in rows] == [[[0.4, 0.4, 0.5, 0.6, score]]]


def test_what_moves_is_found_though_the_camera_pans() -> None:
    rng = np.random.default_rng(0)
    rough = rng.uniform(60, 160, (15, 40)).astype(np.float32)
    ground = cv2.resize(rough, (120, 45), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    before, now = ground[:, :80].copy(), ground[:, 3:83].copy()
    before[10:17, 10:17], now[10:17, 20:27] = 230, 230
    spot = watching.moved(before, now)
    assert spot is not None
    assert 0.1 < spot[0] < 0.4
    assert 0.2 < spot[1] < 0.45
    assert watching.moved(now, now) is None
