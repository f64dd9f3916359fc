"""Which moments become covers: never a bad one while there is a good one, none like another."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from openvod.engines.analysis.covers import cover
from openvod.engines.features import Face, Features, Shot
from tests.engines.analysis.films import film

FACE = (0.4, 0.25, 0.6, 0.6, 0.9)
SAME = np.full(8, 77, np.uint64)


def times(found: Features, **wanted: Any) -> list[float]:
    return [pick.time for pick in cover.picks(found, cover.Wanted(**wanted))]


@pytest.mark.parametrize(
    ("bad", "values"),
    [
        ("black", {"brightness": {2: 4.0}, "contrast": {2: 2.0}}),
        ("of one colour", {"contrast": {2: 3.0}}),
        ("blurred", {"sharpness": {2: 20.0}}),
        (
            "blurred for its film",
            {"sharpness": np.array([900, 900, 120, 900, 900, 900, 900, 900], np.float32)},
        ),
    ],
)
def test_never_what_cannot_be_looked_at(bad: str, values: dict[str, Any]) -> None:
    assert 1.0 not in times(film(4, **values), most=8), bad


def test_never_in_a_transition() -> None:
    found = film(8, cuts=[4.0])
    mixed = (Shot(0, 99, 0, 4.0, "start", (0.0, 3.4)), Shot(100, 199, 4.0, 8, "dissolve", (4.6, 7.96)))
    chosen = times(replace(found, shots=mixed), most=50)
    assert chosen
    assert not {3.5, 4.0, 4.5} & set(chosen)


def test_never_in_a_fade_that_nobody_saw() -> None:
    """The last second of the shot darkens; the detector saw a cut only."""
    found = film(8, cuts=[4.0], brightness={6: 60.0, 7: 30.0})
    assert not {3.0, 3.5} & set(times(found, most=50))


def test_the_exact_frame_is_looked_for_within_the_shot() -> None:
    found = film(8, cuts=[2.1, 4.0])
    for pick in cover.picks(found):
        shot = next(each for each in found.shots if each.start <= pick.time < each.end)
        first, last = pick.window
        assert shot.settled[0] < first <= last < shot.settled[1] or first == last == pick.time


def test_none_is_like_another() -> None:
    assert len(times(film(4, phash=SAME))) == 1
    hashes = [int(found) for found in film(30).looks.phash]
    chosen = [pick.look for pick in cover.picks(film(30))]
    assert len(chosen) == cover.MOST
    for one in chosen:
        for other in set(chosen) - {one}:
            assert (hashes[one] ^ hashes[other]).bit_count() >= cover.UNLIKE_IN_SHOT


def test_the_better_one_comes_first_and_says_why() -> None:
    found = film(6, cuts=[2.0, 4.0], faces={5: (FACE,)})
    best, *others = cover.picks(found)
    assert best.time == 2.5
    assert best.figures["parts"]["faces"] > 0.9
    assert best.figures["faces"] == [list(FACE)]
    assert all(best.confidence > each.confidence for each in others)


def test_a_face_that_was_seen_before_all_moved_counts_little() -> None:
    found = film(6, faces={5: (FACE,), 6: (FACE,)}, motion={5: 200.0})
    parts = {pick.look: pick.figures["parts"]["faces"] for pick in cover.picks(found, cover.Wanted(most=20))}
    assert parts[5] > 0.9
    assert parts.get(6, 0.0) < 0.4


@pytest.mark.parametrize(
    "face", [(0.9, 0.2, 1.2, 0.7, 0.9), (0.4, 0.4, 0.42, 0.43, 0.9), (0.4, 0.25, 0.6, 0.6, 0.5)]
)
def test_a_face_that_is_cut_off_small_or_doubtful_counts_less(face: Face) -> None:
    assert cover._face(face) < 0.5 * cover._face(FACE)


def test_titles_at_the_ends_come_last() -> None:
    found = film(60, cuts=[2.0, 56.0], colour={1: 60.0, 30: 60.0, 118: 60.0})
    assert cover.picks(found)[0].look == 30


def test_only_within_a_stretch() -> None:
    assert all(2 <= time < 4 for time in times(film(10), between=(2.0, 4.0)))
    assert times(film(10), between=(2.1, 2.3)) == [2.0]  # no look of its own


def test_a_bad_film_has_the_least_bad_and_says_so() -> None:
    (pick,) = cover.picks(film(2, sharpness=np.full(4, 9, np.float32), phash=SAME[:4]))
    assert pick.flawed
    assert pick.confidence <= cover.UNSURE


def test_a_black_film_has_none() -> None:
    nothing = np.zeros(4, np.float32)
    assert not cover.picks(film(2, brightness=nothing, contrast=nothing, sharpness=nothing))


def test_a_long_film_takes_no_longer_than_it_must() -> None:
    assert len(cover.picks(film(7200, cuts=[float(n) for n in range(5, 7200, 5)]))) == cover.MOST
