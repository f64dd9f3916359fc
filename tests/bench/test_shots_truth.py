"""The truth that shot detectors are measured by: films put together by seed."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.features import matched, score
from benchmarks.shots_truth import Take, Truth, film, takes, write

from openvod.engines import features
from openvod.media.probe import probe
from tests import clips

SIZE = (160, 90)


@pytest.fixture(scope="module")
def choice(tmp_path_factory: pytest.TempPathFactory) -> list[Take]:
    """Stills of large blocks, each in colours of its own."""
    folder = tmp_path_factory.mktemp("stills")
    for seed in range(5):
        blocks = np.random.default_rng(seed).integers(0, 255, (4, 6, 3), np.uint8)
        clips.picture(folder / f"{seed}.png", blocks.repeat(60, 0).repeat(60, 1), "png")
    return takes([folder], (), ("0", "9"))


def test_the_same_seed_makes_the_same_film_and_its_length_is_told(choice: list[Take]) -> None:
    one, other = Truth(), Truth()
    frames = [*film(choice, 5, 8, SIZE, one)]
    again = [*film(choice, 5, 8, SIZE, other)]
    assert one == other
    assert len(frames) == one.frames
    assert len(one.changes) == 7
    assert all(np.array_equal(a, b) for a, b in zip(frames, again, strict=True))


def test_cuts_are_where_they_are_said_to_be(choice: list[Take]) -> None:
    truth = Truth()
    frames = np.stack([*film(choice, 11, 12, SIZE, truth)]).astype(np.int16)
    steps = np.abs(np.diff(frames, axis=0)).mean((1, 2, 3))
    cuts = [(last, first) for kind, last, first in truth.changes if kind == "cut"]
    assert cuts
    for last, first in cuts:
        assert first == last + 1
        assert steps[last] > 10
    gradual = [(last, first) for kind, last, first in truth.changes if kind != "cut"]
    assert all(first - last > 5 for last, first in gradual)


def test_changes_are_matched_one_to_one_within_two_frames() -> None:
    truth = Truth(100, [("cut", 9, 10), ("dissolve", 29, 45), ("cut", 59, 60)])
    assert matched(truth, [12, 40, 63]) == [True, True, False]
    assert matched(truth, [10, 11, 27]) == [True, False, False]
    figures = score([truth], [[10, 40, 41]])
    assert (figures["cut"], figures["dissolve"], figures["fade"]) == ("1/2", "1/1", "0/0")
    assert figures["f1"] == pytest.approx(100 * 2 * 2 / 6)


def test_the_detector_finds_most_of_a_made_film(choice: list[Take], tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    truth = write(path, choice, 7, 14, SIZE)
    facts = probe({"source": str(path)}, lambda done: None)
    found = features.features(features.Film(path, facts, "", Path("no-such-folder")))
    assert found.frames == truth.frames
    assert score([truth], [[shot.first for shot in found.shots[1:]]])["f1"] >= 90
