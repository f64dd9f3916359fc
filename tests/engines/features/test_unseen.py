"""Cuts among frames that were not decoded."""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.features import Film, features
from openvod.engines.features.unseen import Calm
from openvod.media.frames import Frame, stream
from openvod.media.probe import probe
from tests import clips

FPS = 25
LENGTHS = (31, 40, 37, 28, 45, 34, 50, 33, 41, 30, 35, 46)
EVEN = {"preset": "veryfast", "bf": "3", "sc_threshold": "0", "g": "250", "b_strategy": "0"}
"""An encoder that takes no notice of cuts, so that many lie among frames that nothing is made from."""


def places() -> Iterator[NDArray[np.uint8]]:
    """Shots of drifting blocks, each another place."""
    for seed, length in enumerate(LENGTHS):
        ground = np.random.default_rng(seed).integers(0, 255, (3, 4, 3), np.uint8).repeat(24, 0).repeat(32, 1)
        for index in range(length):
            yield np.roll(ground, index // 2, 1)


@pytest.mark.parametrize("form", ["mp4", "matroska", "mpegts"])
def test_cuts_are_exact_where_they_were_not_seen(tmp_path: Path, form: str) -> None:
    pictures = [*places()]
    times = [index / FPS for index in range(len(pictures))]
    source = clips.video(tmp_path / "film", pictures=pictures, times=times, sound=[], format=form, **EVEN)
    borders = [*accumulate(LENGTHS)][:-1]
    decoded = [frame.is_seen for frame in stream(source, 2, spare=lambda time: True)]
    assert sum(not decoded[border - 1] for border in borders) >= 2
    film = Film(source, probe({"source": str(source)}, lambda done: None), "", Path("no-such-folder"))
    assert [shot.first for shot in features(film).shots] == [0, *borders]


def frame(index: int, level: int, *, is_seen: bool = True) -> Frame:
    return Frame(index, index / FPS, np.full((27, 48, 3), level, np.uint8), None, (48, 27), is_seen)


def test_every_frame_counts_where_much_moves_and_from_then_on_for_a_while() -> None:
    calm = Calm(grid=10)
    assert calm.is_calm(0.0)
    for index, level in enumerate([20, 21, 22, 42, 43]):
        calm.follow(frame(index, level))
    assert not calm.is_calm(5 / FPS)
    assert calm.is_calm(4 / FPS + 0.6)


def test_frames_that_were_left_out_do_not_hide_motion() -> None:
    calm = Calm(grid=10)
    for index, level in enumerate([20, 20, 40]):
        calm.follow(frame(index, level, is_seen=index != 1))
    assert not calm.is_calm(3 / FPS)


def test_it_is_forgotten_where_parts_may_begin() -> None:
    calm = Calm(grid=10)
    for index, level in enumerate([20, 60, 90], 247):
        calm.follow(frame(index, level))
    assert not calm.is_calm(9.99)
    assert calm.is_calm(10.0)
