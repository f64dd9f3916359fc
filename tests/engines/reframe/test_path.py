"""The taut string: whatever the tube, the path lies in it, and no other through it is shorter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from openvod.engines.reframe.path import Tube, solve, taut

Floats = NDArray[np.float64]
steps = st.floats(-3, 3, width=32)
NEAR = 1e-9


def tube(low: list[float], wide: list[float]) -> Tube:
    lows = np.cumsum(np.array(low, float))
    highs = lows + np.array(wide, float)
    return Tube(lows, highs, (lows + highs) / 2)


tubes = st.lists(st.tuples(steps, st.floats(0, 5, width=32)), min_size=1, max_size=80).map(
    lambda rows: tube([row[0] for row in rows], [row[1] for row in rows])
)


@given(tubes, st.floats(0, 3))
def test_the_path_never_leaves_the_tube(given: Tube, ease: float) -> None:
    path, _ = solve(given, ease)
    assert len(path) == len(given.low)
    assert (path >= given.low - NEAR).all()
    assert (path <= given.high + NEAR).all()


@given(tubes, st.randoms(use_true_random=False))
def test_no_other_path_is_shorter(given: Tube, chance: object) -> None:
    start, end = float(given.target[0]), float(given.target[-1])
    path = taut(given.low, given.high, start, end)
    rng = np.random.default_rng(chance.randrange(10**6))  # type: ignore[attr-defined]
    for _ in range(5):
        other = rng.uniform(given.low, given.high)
        other[0], other[-1] = start, end
        assert np.abs(np.diff(path)).sum() <= np.abs(np.diff(other)).sum() + 1e-6
        assert (np.diff(path) ** 2).sum() <= (np.diff(other) ** 2).sum() + 1e-6


def test_it_rests_where_it_can() -> None:
    path, way = solve(tube([0, 0.1, -0.1, 0.2, 0], [1, 1, 1, 1, 1]), 1.0)
    assert way == "still"
    assert len(set(path.tolist())) == 1


def test_it_pans_evenly_where_that_is_enough() -> None:
    path, way = solve(tube([0.0] + [1.0] * 20, [1.5] * 21), 1.0)
    assert way == "even"
    assert np.diff(path) == pytest.approx(np.full(20, 1.0))


def test_turns_are_rounded() -> None:
    """There and back: the string has a sharp corner, the path none that is sharper than its easing."""
    low = [0.0] + [0.5] * 40 + [-0.5] * 40
    wide = [2.0] * 81
    path, way = solve(tube(low, wide), 1.0)
    assert way == "winding"
    given = tube(low, wide)
    sharp = taut(given.low, given.high, float(path[0]), float(path[-1]))
    assert np.abs(np.diff(path, n=2)).max() < np.abs(np.diff(sharp, n=2)).max() / 2


def test_a_long_string_is_made_in_one_go() -> None:
    rng = np.random.default_rng(3)
    walk = np.cumsum(rng.normal(0, 0.1, 20_000))
    path = taut(walk - 1, walk + 1, float(walk[0]), float(walk[-1]))
    assert (np.abs(path - walk) <= 1 + 1e-6).all()
    assert np.abs(np.diff(path)).sum() < 0.1 * np.abs(np.diff(walk)).sum()
