"""A second look adds what the detector missed and takes back what it only took for a change; all else stands."""

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.precise.network import FRAMES
from openvod.engines.precise.second_look import LIKELY, UNCLEAR, UNLIKELY, Judge, SecondLook, doubtful, judged
from openvod.engines.shots import ShotFinder, Transition, describe

Film = NDArray[np.uint8]
Floats = NDArray[np.float32]
FPS = 25


def scene(seed: int, frames: int) -> Film:
    """A place of coloured blocks that stands still, with a little noise."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(20, 235, (3, 4, 3)).repeat(9, 0).repeat(12, 1)
    return np.clip(ground + rng.normal(0, 1, (frames, *ground.shape)), 0, 255).astype(np.uint8)


def wiped(one: Film, other: Film) -> Film:
    """The other picture comes in from the left."""
    film = one.copy()
    for number, picture in enumerate(other):
        edge = round(48 * (number + 1) / (len(other) + 1))
        film[number, :, :edge] = picture[:, :edge]
    return film


CALM = np.concatenate([scene(1, 300), scene(2, 300)])
WIPE = np.concatenate([scene(1, 700), wiped(scene(1, 24), scene(2, 24)), scene(2, 500)])
"""From frame 700 to 723 one picture is wiped off by the other."""
MIDDLE = 712


def found(film: Film, finder: ShotFinder | SecondLook, begin: int = 0) -> list[Transition]:
    rows = []
    for number in range(begin, len(film)):
        rows += finder.push(film[number], number / FPS)
    return [*rows, *finder.finish()]


def never(frames: Film) -> Floats:
    raise AssertionError("nothing was doubtful")


def half_wiped(asked: list[Film] | None = None) -> Judge:
    """Says a change where both of the wipe's pictures are seen, half each."""
    sides = [scene(seed, 1)[0].astype(int) for seed in (1, 2)]

    def judge(frames: Film) -> Floats:
        assert frames.shape == (FRAMES, 27, 48, 3)
        if asked is not None:
            asked.append(frames)
        off = [np.abs(frames - side).mean((1, 2, 3)) for side in sides]
        return (1 - np.abs(off[0] - off[1]) / np.maximum(off[0], off[1])).astype(np.float32)

    return judge


def test_what_is_clear_is_not_looked_at_again() -> None:
    assert [each.first for each in found(CALM, ShotFinder())] == [300]
    assert found(CALM, SecondLook(never, FPS)) == found(CALM, ShotFinder())


def test_a_change_that_the_detector_missed_is_found() -> None:
    assert found(WIPE, ShotFinder()) == []
    asked: list[Film] = []
    [change] = found(WIPE, SecondLook(half_wiped(asked), FPS))
    assert change.kind == "dissolve"
    assert 699 <= change.last < MIDDLE < change.first <= 725
    assert len(asked) <= 2 * 2, "only what lies about the doubtful place is judged"


def test_it_does_not_depend_on_where_watching_begins() -> None:
    whole = found(WIPE, SecondLook(half_wiped(), FPS))
    for begin in (333, 450):
        later = found(WIPE, SecondLook(half_wiped(), FPS), begin)
        assert [(each.last + begin, each.first + begin, each.score) for each in later] == [
            (each.last, each.first, each.score) for each in whole
        ]


def test_what_the_network_does_not_see_is_none() -> None:
    assert found(WIPE, SecondLook(lambda frames: np.zeros(len(frames), np.float32), FPS)) == []


def test_a_change_between_two_pictures_that_are_alike_is_none() -> None:
    look = describe(scene(1, 200), np.arange(200) / FPS)
    likely = np.zeros(200, np.float32)
    likely[100] = 1
    assert judged(look, [], likely) == []


@pytest.mark.parametrize(
    ("kind", "score", "said", "stands"),
    [
        ("dissolve", UNCLEAR - 0.05, 0.0, False),
        ("dissolve", UNCLEAR - 0.05, UNLIKELY + 0.01, True),
        ("dissolve", UNCLEAR + 0.05, 0.0, True),
        ("cut", 0.5, 0.0, True),
        ("fade", 0.5, 0.0, True),
    ],
)
def test_only_an_unclear_dissolve_is_taken_back(kind: str, score: float, said: float, stands: bool) -> None:
    look = describe(WIPE[600:900], np.arange(300) / FPS)
    own = Transition(kind, 99, 124, 4.48, score)  # type: ignore[arg-type]
    likely = np.full(300, said, np.float32)
    assert judged(look, [own], likely) == ([own] if stands else [])
    assert doubtful(look, [own])[100:124].all() == (kind == "dissolve" and score < UNCLEAR)


def test_the_detector_keeps_its_own_place() -> None:
    look = describe(WIPE[600:900], np.arange(300) / FPS)
    own = Transition("dissolve", 99, 124, 4.48, 0.9)
    likely = np.zeros(300, np.float32)
    likely[112:120] = LIKELY
    assert judged(look, [own], likely) == [own]


def test_a_cut_that_was_missed_is_a_cut() -> None:
    look = describe(CALM[200:400], np.arange(200) / FPS)
    likely = np.zeros(200, np.float32)
    likely[98:101] = (0.5, 0.9, 0.7)
    [cut] = judged(look, [], likely)
    assert (cut.kind, cut.last, cut.first, cut.time) == ("cut", 99, 100, 4.0)


def test_a_film_of_no_or_few_frames_has_none() -> None:
    for frames in (0, 1, 5):
        assert found(CALM[:frames], SecondLook(never, FPS)) == []
