"""Are watermarks found by staying while everything else changes, and is nothing else taken for one?"""

import numpy as np
import pytest

from openvod.engines.marks_find import FoundMark, MarkFinder
from openvod.media.frames import Planes
from tests.engines.moving_pictures import letters, pan, texture

SIZE = (180, 320)
RATE = 10.0
FRAMES = 70


def found_in(pictures: np.ndarray) -> list[FoundMark]:
    finder = MarkFinder()
    grey = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8)
    for number, luma in enumerate(pictures):
        finder.add(Planes(number, number, number / RATE, luma.astype(np.uint8), (grey, grey), 0))
    return finder.finish()


def moving(frames: int = FRAMES, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return pan(frames, SIZE, (1, 4), seed=seed).y + rng.normal(0, 1.5, (frames, *SIZE))


def logo(top: int = 8, left: int = 230) -> np.ndarray:
    """Upright strokes in a corner."""
    own = letters(range(1), 1, (96, 160))[0]
    rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
    own = own[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    where = np.zeros(SIZE, bool)
    where[top : top + own.shape[0], left : left + own.shape[1]] = own
    return where


def laid(pictures: np.ndarray, where: np.ndarray, opacity: float = 1.0, luma: float = 235) -> np.ndarray:
    return pictures + opacity * where * (luma - pictures)


def covered(mark: FoundMark) -> np.ndarray:
    whole = np.zeros(SIZE, bool)
    box = mark.mask.box
    whole[box.y0 : box.y1, box.x0 : box.x1] = mark.mask.array() > 0
    return whole


@pytest.mark.parametrize("opacity", [0.3, 0.6, 1.0])
def test_a_mark_over_a_moving_picture_is_found_all_the_time(opacity):
    where = logo()
    marks = found_in(laid(moving(), where, opacity))
    assert [(mark.first, mark.last, mark.looks) for mark in marks] == [(0, FRAMES - 1, None)]
    assert (covered(marks[0]) & where).sum() == where.sum()
    assert covered(marks[0]).sum() < 4 * where.sum()  # what is between the strokes belongs to it


def test_nothing_is_found_where_nothing_was_laid_on():
    assert found_in(moving()) == []


def test_what_a_standing_camera_films_is_no_mark():
    still = np.broadcast_to(texture(*SIZE), (FRAMES, *SIZE))
    rng = np.random.default_rng(0)
    pictures = still + rng.normal(0, 1.5, still.shape)
    assert [mark for mark in found_in(laid(pictures, logo(70, 120))) if mark.looks is None] == []


def test_a_shot_that_stands_among_others_has_no_marks():
    """Over the whole stretch its edges add up as well, and the picture does become another one."""
    rng = np.random.default_rng(0)
    still = texture(*SIZE, seed=5) + rng.normal(0, 1.5, (45, *SIZE))
    pictures = np.concatenate([moving(13), still, moving(12, seed=9)])
    there = (np.arange(FRAMES) // 13 == 2)[:, None, None]  # a stone within that shot
    assert found_in(laid(pictures, logo() * there)) == []


def test_a_mark_that_moves_to_another_corner_is_found_in_both():
    one, other = logo(8, 230), logo(140, 12)
    pictures = moving(120)
    pictures[:60], pictures[60:] = laid(pictures[:60], one), laid(pictures[60:], other)
    marks = found_in(pictures)
    assert len(marks) == 2
    assert marks[0].first == 0
    assert 58 <= marks[0].last <= 64
    assert 56 <= marks[1].first <= 62
    assert marks[1].last == 119
    assert (covered(marks[0]) & one).sum() > 0.95 * one.sum()
    assert (covered(marks[1]) & other).sum() > 0.95 * other.sum()


def test_a_mark_over_a_calm_corner_is_told_with_its_looks():
    """The picture around it says nothing, so whoever asks must read it."""
    pictures = moving()
    pictures[:, :70, 200:] = 150 + np.random.default_rng(1).normal(0, 1.5, (FRAMES, 70, 120))
    where = logo(20, 235)
    (mark,) = found_in(laid(pictures, where, 0.4))
    assert mark.looks is not None
    assert np.ptp(mark.looks) == 255
    assert (covered(mark) & where).sum() > 0.95 * where.sum()


def test_what_is_in_a_calm_corner_for_a_while_is_not_told():
    pictures = moving()
    pictures[:, :70, 200:] = 150 + np.random.default_rng(1).normal(0, 1.5, (FRAMES, 70, 120))
    pictures[:50] = laid(pictures[:50], logo(20, 235), 0.4)
    assert found_in(pictures) == []
