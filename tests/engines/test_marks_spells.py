"""Are marks found that jump from place to place or stay for a while, and not what merely looks alike in two places?"""

from collections.abc import Sequence

import numpy as np
import pytest

from openvod.engines.marks_spells import Spell, _is_one, spells
from openvod.engines.marks_standing import gradient, lies_on_top, steadfast, straightness
from tests.engines.moving_pictures import texture
from tests.engines.test_marks_find import SIZE, found_in, laid, logo, moving

FRAMES = 60
CORNERS = ((8, 230), (140, 12), (8, 12))


def seen(pictures: np.ndarray) -> list[Sequence[Spell]]:
    stack = pictures.astype(np.float32)
    return spells(stack, np.stack([gradient(picture) for picture in stack]))


def jumping(pictures: np.ndarray, each: int, opacity: float) -> np.ndarray:
    done = pictures.copy()
    for turn, first in enumerate(range(0, len(done), each)):
        part = slice(first, first + each)
        done[part] = laid(done[part], logo(*CORNERS[turn % len(CORNERS)]), opacity)
    return done


@pytest.mark.parametrize("opacity", [0.3, 1.0])
@pytest.mark.parametrize("each", [10, 20])
def test_a_mark_that_jumps_is_found_in_each_place_for_its_time(each, opacity):
    (own,) = seen(jumping(moving(FRAMES), each, opacity))
    assert [(spell.first, spell.last) for spell in own] == [
        (at, at + each - 1) for at in range(0, FRAMES, each)
    ]
    for turn, spell in enumerate(own):
        where = logo(*CORNERS[turn % len(CORNERS)])
        assert (spell.covered & where).sum() > 0.95 * where.sum()
        assert spell.covered.sum() < 4 * where.sum()


def test_a_mark_that_stays_for_a_while_is_found_for_that_while():
    pictures = moving(FRAMES)
    pictures[17:40] = laid(pictures[17:40], logo(), 0.6)
    (own,) = seen(pictures)
    assert [(spell.first, spell.last) for spell in own] == [(17, 39)]


def test_nothing_jumps_where_nothing_was_laid_on():
    assert seen(moving(FRAMES)) == []


def test_what_comes_back_with_its_picture_is_no_mark():
    """Two cameras that stand still and take turns: each brings its own things along."""
    rng = np.random.default_rng(0)
    one, other = (
        laid(texture(*SIZE, seed=seed)[None], logo(*at))[0] for seed, at in ((5, (8, 230)), (6, (70, 20)))
    )
    shots = np.stack([one if at // 10 % 2 else other for at in range(FRAMES)])
    assert seen(shots + rng.normal(0, 1.5, shots.shape)) == []


def test_what_stands_for_good_is_left_to_others():
    assert seen(laid(moving(FRAMES), logo())) == []


def test_a_jumping_mark_is_told_once_for_each_of_its_stays():
    marks = found_in(jumping(moving(120), 40, 0.6))
    assert [mark.jumps for mark in marks] == [True] * 3
    for turn, mark in enumerate(marks):
        assert turn * 40 - 2 <= mark.first <= turn * 40
        assert turn * 40 + 39 <= mark.last <= turn * 40 + 42


def test_a_mark_that_stands_does_not_jump():
    assert [mark.jumps for mark in found_in(laid(moving(), logo()))] == [False]


def test_edges_are_the_marks_when_they_are_the_same_before_other_pictures():
    """A stone that comes with its shot is as steep, but not before another picture."""
    rng = np.random.default_rng(0)
    where, shots = logo(), [texture(*SIZE, seed=seed) for seed in range(4)]
    film = np.stack([shots[at // 10] for at in range(40)]) + rng.normal(0, 1.5, (40, *SIZE))
    stone = film.copy()
    stone[:30] = laid(film[:30], where)
    told = []
    for pictures in (laid(film, where), stone, film):
        stack = pictures.astype(np.float32)
        told.append(steadfast(stack, np.stack([gradient(each) for each in stack]), where))
    assert told[0] > 0.9
    assert told[1] < 0.85
    assert told[2] < 0.3
    still = np.repeat(laid(film[:1], where), 20, 0).astype(np.float32)
    assert not lies_on_top(still, np.stack([gradient(each) for each in still]), where)


def test_a_line_is_straight_and_a_ring_is_not():
    angles = np.linspace(0, 2 * np.pi, 50, endpoint=False, dtype=np.float32)
    assert straightness(np.stack([np.cos(angles), np.sin(angles)], 1)) == pytest.approx(1, abs=1e-4)
    assert straightness(np.full((50, 2), (3, 1), np.float32)) == pytest.approx(0, abs=1e-4)
    assert straightness(np.zeros((5, 2), np.float32)) == 0


def test_a_stay_that_is_shorter_than_a_look_is_found_with_the_longer_ones():
    pictures = jumping(moving(FRAMES), 20, 0.6)[:46]
    (own,) = seen(pictures)
    assert [(spell.first, spell.last) for spell in own] == [(0, 19), (20, 39), (40, 45)]


@pytest.mark.parametrize("likeness, one", [(0.9, True), (0.6, False)])
def test_what_is_half_alike_in_two_places_is_chance(likeness, one):
    rng = np.random.default_rng(0)
    shared, own = rng.normal(size=(400, 2)), rng.normal(size=(2, 400, 2))
    edges = np.sqrt(likeness) * shared + np.sqrt(1 - likeness) * own
    assert _is_one(edges.astype(np.float32)) is one


def test_a_straight_line_is_no_mark_however_alike_it_is():
    rng = np.random.default_rng(0)
    edges = np.stack([rng.normal(size=400), rng.normal(0, 0.05, 400)], 1)
    assert not _is_one(np.stack([edges, edges]).astype(np.float32))
