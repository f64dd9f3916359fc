"""Shots, on films whose transitions are known because they are composed here."""

import random
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.shots import STEP, ShotFinder, Transition, mean_apart, shots

Film = NDArray[np.uint8]


def scene(seed: int, frames: int) -> NDArray[np.float32]:
    """Coloured blobs that drift over a shaded ground, `[frames, 27, 48, 3]`; every seed is another place."""
    dice = np.random.default_rng(seed)
    y, x = np.mgrid[0:27, 0:48].astype(np.float32)
    ground = dice.uniform(20, 200, 3) + np.multiply.outer(x / 48 - 0.5, dice.uniform(-60, 60, 3))
    film = np.repeat(ground[None], frames, 0)
    for _ in range(5):
        at, speed = dice.uniform((0, 0), (27, 48)), dice.uniform(-0.15, 0.15, 2)
        colour, size = dice.uniform(0, 255, 3), dice.uniform(3, 9)
        for index in range(frames):
            near = (y - at[0] - speed[0] * index) ** 2 + (x - at[1] - speed[1] * index) ** 2 < size**2
            film[index][near] = colour
    return film + dice.normal(0, 1, film.shape)


def finished(parts: list[NDArray[np.float32]]) -> Film:
    return np.clip(np.concatenate(parts).round(), 0, 255).astype(np.uint8)


def found(film: Film, fps: float = 25) -> list[Transition]:
    finder = ShotFinder()
    transitions = []
    for index, picture in enumerate(film):
        transitions += finder.push(picture, index / fps)
    return transitions + finder.finish()


def dissolved(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    share = (np.arange(len(one)) + 1)[:, None, None, None] / (len(one) + 1)
    return one * (1 - share) + other * share


def test_cuts_are_found_to_the_frame() -> None:
    dice = random.Random(7)
    lengths = [dice.randint(15, 60) for _ in range(60)]
    film = finished([scene(seed, length) for seed, length in enumerate(lengths)])
    truth = np.cumsum(lengths)[:-1].tolist()
    cuts = [each.first for each in found(film) if each.kind == "cut"]
    hits = len(set(truth) & set(cuts))
    assert 2 * hits / (len(truth) + len(cuts)) >= 0.97


def test_a_long_take_has_no_transition() -> None:
    assert found(finished([scene(3, 400)])) == []


@pytest.mark.parametrize("length", [1, 2])
def test_a_flash_is_not_a_cut(length: int) -> None:
    take = scene(5, 120)
    take[60 : 60 + length] += 120
    assert found(finished([take])) == []


@pytest.mark.parametrize("length", [8, 15, 25])
def test_a_dissolve_is_one_transition_in_its_place(length: int) -> None:
    one, other = scene(1, 60 + length), scene(2, 60 + length)
    film = finished([one[:60], dissolved(one[60:], other[:length]), other[length:]])
    (transition,) = found(film)
    assert transition.kind == "dissolve"
    assert 59 <= (transition.last + transition.first) / 2 <= 60 + length


def test_a_fade_through_black_is_one_transition() -> None:
    one, other = scene(8, 70), scene(9, 70)
    fall = np.linspace(1, 0, 10)[:, None, None, None]
    film = finished([one[:60], one[60:] * fall, other[:10] * fall[::-1], other[10:]])
    (transition,) = found(film)
    assert transition.kind == "fade"
    assert 60 <= transition.first <= 80


def test_a_cut_out_of_a_black_head_is_found() -> None:
    film = finished([np.zeros((25, 27, 48, 3), np.float32), scene(4, 60)])
    assert [(each.kind, each.first) for each in found(film)] == [("cut", 25)]


def test_decisions_do_not_depend_on_where_the_steps_fall() -> None:
    lengths = [40 + 7 * index % 31 for index in range(40)]
    film = finished([scene(100 + seed, length) for seed, length in enumerate(lengths)])
    assert len(film) > 2 * STEP
    whole = [each.first for each in found(film)]
    for offset in (37, 200):
        part = [each.first + offset for each in found(film[offset:])]
        assert [first for first in part if first > offset + 40] == [
            first for first in whole if first > offset + 40
        ]


def test_memory_stays_bounded() -> None:
    finder = ShotFinder()
    film = finished([scene(1, 100)])
    for index in range(4 * STEP):
        finder.push(film[index % 100], index / 25)
        assert finder._look is None or len(finder._look) <= 2 * STEP


def test_times_follow_the_frames_own_clock() -> None:
    film = finished([scene(1, 50), scene(2, 50)])
    finder = ShotFinder()
    times = np.cumsum(np.tile([0.03, 0.05], 50))
    transitions = [
        each for picture, time in zip(film, times, strict=True) for each in finder.push(picture, time)
    ]
    (cut,) = transitions + finder.finish()
    assert cut.time == pytest.approx(times[50])


@pytest.mark.parametrize("count", [0, 1, 3, 7])
def test_a_few_frames_are_no_trouble(count: int) -> None:
    assert found(finished([scene(1, 8)])[:count]) == []


def test_shots_cover_the_film_without_overlap() -> None:
    changes = [Transition("cut", 9, 10, 0.4, 1), Transition("dissolve", 20, 30, 1, 1)]
    ranges = shots(50, changes)
    assert ranges == [(0, 9), (10, 24), (25, 49)]
    assert all(b + 1 == c for (_, b), (c, _) in pairwise(ranges))
    assert shots(0, []) == []


@pytest.mark.parametrize("shape", [(27, 48), (3, 9, 16), (1, 1)])
def test_the_short_way_to_a_mean_difference_is_exact(shape: tuple[int, ...]) -> None:
    one, other = np.random.default_rng(5).uniform(0, 255, (2, *shape)).astype(np.float32)
    before = one.copy()
    assert mean_apart(one, other) == float(np.abs(one - other).mean())
    assert (one == before).all()
    part = (slice(1, None),) if shape[0] > 1 else ()
    assert mean_apart(one[part], other[part]) == float(np.abs(one[part] - other[part]).mean())
