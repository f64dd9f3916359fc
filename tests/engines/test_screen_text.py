"""Cues in films made on the spot: frames, text, kinds and masks."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from openvod.engines.ocr import Ocr
from openvod.engines.screen_text import find
from openvod.engines.screen_text.found import Area, FoundText
from openvod.media.frames import planes
from tests import clips
from tests.subtitled import SIZE, Burned, altered, film, ground

pytestmark = pytest.mark.needs("models")


@pytest.fixture(scope="module")
def ocr(models: Path) -> Ocr:
    return Ocr(models)


def captions(source: Path, ocr: Ocr, areas: Sequence[Area] = ()) -> list[FoundText]:
    return [text for text in find(planes(source), ocr, areas) if text.kind == "caption"]


def letters(text: str) -> str:
    return "".join(text.split())


def spans(found: Sequence[FoundText]) -> list[tuple[int, int, str]]:
    return [(text.first, text.last, letters(text.text)) for text in found]


def test_cues_are_found_to_the_frame(tmp_path: Path, ocr: Ocr) -> None:
    burned = [
        Burned("Hello again my friend", 8, 30),
        Burned("We counted 42 boats", 31, 43),
        Burned("Nobody answered", 50, 70, colour=(255, 230, 0)),
    ]
    found = captions(film(tmp_path / "f.mp4", burned), ocr)
    assert spans(found) == [(b.first, b.last, letters(b.text)) for b in burned]
    assert [(text.start, text.end) for text in found] == [
        (pytest.approx(b.first / 25, abs=0.001), pytest.approx((b.last + 1) / 25, abs=0.001)) for b in burned
    ]
    for text, truth in zip(found, burned, strict=True):
        mask = np.zeros((SIZE[1], SIZE[0]), bool)
        box = text.mask.box
        mask[box.y0 : box.y1, box.x0 : box.x1] = text.mask.array() > 0
        covered = altered(truth, (truth.first + truth.last) // 2)
        assert (mask & covered).sum() >= 0.995 * covered.sum()
        assert mask.sum() <= 2.5 * covered.sum()
        assert all(line.confidence > 0.8 for line in text.lines)


def test_two_lines_are_one_cue_and_fades_belong_to_it(tmp_path: Path, ocr: Ocr) -> None:
    burned = [
        Burned("Hello again my friend", 12, 60, y=40, fade=5),
        Burned("We counted 42 boats", 12, 60, y=80, fade=5),
    ]
    (found,) = captions(film(tmp_path / "f.mp4", burned), ocr)
    assert [letters(line.text) for line in found.lines] == [letters(b.text) for b in burned]
    assert abs(found.first - 12) <= 1
    assert abs(found.last - 60) <= 1
    assert 3 <= found.fade_in <= 7
    assert 3 <= found.fade_out <= 7


@pytest.mark.parametrize("speed", [1, 5, -6])
def test_what_moves_over_the_picture_is_followed(tmp_path: Path, ocr: Ocr, speed: int) -> None:
    burned = Burned("Hello again", 8, 40, x=200 if speed > 0 else 380, y=200, speed=speed)
    (found,) = captions(film(tmp_path / "f.mp4", [burned], frames=52), ocr)
    assert spans([found]) == [(8, 40, "Helloagain")]
    assert found.path[0] == (0, 0)
    assert abs(found.path[-1][0] - 32 * speed) <= 1
    for index in (8, 24, 40):
        part = found.mask_at(index, SIZE)
        assert part is not None
        mask = np.zeros((SIZE[1], SIZE[0]), bool)
        mask[part.box.y0 : part.box.y1, part.box.x0 : part.box.x1] = part.array() > 0
        covered = altered(burned, index)
        assert (mask & covered).sum() >= 0.99 * covered.sum()
        assert mask.sum() <= 2.5 * covered.sum()


def test_the_same_text_twice_is_two_cues(tmp_path: Path, ocr: Ocr) -> None:
    burned = [Burned("Hello again my friend", 8, 30), Burned("Hello again my friend", 33, 55)]
    assert [s[:2] for s in spans(captions(film(tmp_path / "f.mp4", burned), ocr))] == [(8, 30), (33, 55)]


def test_how_much_shows_through_a_board_is_seen_where_it_comes_and_goes(tmp_path: Path, ocr: Ocr) -> None:
    text = Burned("Hello again my friend", 10, 40, board=True)
    (found,) = find(planes(film(tmp_path / "v.mp4", [text], 55, speed=7)), ocr)
    assert found.glass is not None
    assert found.glass.opacity == pytest.approx(0.7, abs=0.06)
    assert found.glass.colour[0] == pytest.approx(16, abs=10)
    assert found.letters is not None
    strokes = found.letters.array() > 0
    assert strokes.sum() < 0.6 * (found.mask.array() > 0).sum()
    plain = replace(text, board=False)
    (bare,) = find(planes(film(tmp_path / "w.mp4", [plain], 55, speed=7)), ocr)
    assert bare.glass is None


def test_texts_on_boards_follow_each_other(tmp_path: Path, ocr: Ocr) -> None:
    burned = [
        Burned("Hello again my friend", 8, 30, board=True),
        Burned("Nobody answered it", 31, 60, board=True),
    ]
    found = captions(film(tmp_path / "f.mp4", burned), ocr)
    assert [s[:2] for s in spans(found)] == [(8, 30), (31, 60)]
    assert all(text.boarded for text in found)


@pytest.mark.parametrize("speed", [0, 3])
def test_a_film_without_text_has_none(tmp_path: Path, ocr: Ocr, speed: int) -> None:
    assert find(planes(film(tmp_path / "f.mp4", [], speed=speed)), ocr) == []


def test_what_stays_in_a_corner_is_a_logo(tmp_path: Path, ocr: Ocr) -> None:
    burned = [Burned("ACME", 0, 74, y=40, x=540), Burned("Hello again my friend", 20, 50)]
    found = find(planes(film(tmp_path / "f.mp4", burned)), ocr)
    assert [(text.kind, text.first, text.last) for text in found] == [("logo", 0, 74), ("caption", 20, 50)]


def test_what_moves_with_the_picture_is_no_caption(tmp_path: Path, ocr: Ocr) -> None:
    burned = [Burned("CAFE CENTRAL", 0, 74, y=150, x=500, speed=-4)]
    assert captions(film(tmp_path / "f.mp4", burned, speed=4), ocr) == []


def test_areas_restrict_the_search_in_place_and_time(tmp_path: Path, ocr: Ocr) -> None:
    burned = [Burned("Hello again my friend", 8, 60), Burned("Nobody answered it", 8, 60, y=60)]
    source = film(tmp_path / "f.mp4", burned)
    assert [letters(t.text) for t in captions(source, ocr, [Area(0, 0.7, 1, 1)])] == ["Helloagainmyfriend"]
    assert captions(source, ocr, [Area(0, 0.7, 1, 1, start=2.6)]) == []


def test_a_standing_picture_is_read_too(tmp_path: Path, ocr: Ocr) -> None:
    size = (360, 640)
    burned = [Burned("Hello again", 10, 40, y=600)]
    (found,) = captions(film(tmp_path / "f.mp4", burned, frames=60, size=size), ocr)
    assert spans([found]) == [(10, 40, "Helloagain")]


def test_small_letters_that_hardly_stand_out_are_found_where_captions_mostly_stand(
    tmp_path: Path, ocr: Ocr
) -> None:
    """Their edges are not steep, and in a look at the whole picture they are five pixels high."""
    said, shown = "The keys and the map", range(12, 58)
    small, font = np.zeros((720, 1280), np.uint8), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(small, said, (480, 680), font, 0.9, 255, 2, cv2.LINE_AA)
    over = 0.2 * small[..., None] / 255
    pictures = []
    for index in range(70):
        picture = cv2.resize(ground(index, (320, 180)), (1280, 720), interpolation=cv2.INTER_CUBIC)
        pictures.append((picture * (1 - over) + 255 * over).astype(np.uint8) if index in shown else picture)
    times = [index / 25 for index in range(70)]
    path = clips.video(tmp_path / "f.mp4", pictures=pictures, times=times, sound=[], crf="18")
    assert spans(captions(path, ocr)) == [(shown[0], shown[-1], letters(said))]
