"""Covers at full size: upright, with square pixels, and the sharpest near the moment."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.analysis.covers import cover_frames
from openvod.engines.analysis.covers.cover_frames import Moment, Shown
from openvod.media import inner_process
from openvod.media.probe import probe
from tests import clips
from tests.media.test_excerpt import direct

RED = (200, 30, 30)
Picture = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inner_process, "call", direct)


def covers(path: Path, *moments: Moment, frames: int = 50) -> list[Shown]:
    facts = probe({"source": str(path)}, lambda _: None)
    return cover_frames.covers(path, facts, moments, path.parent, frames)


def blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 3.0), np.uint8)


def read(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def ground(count: int, size: tuple[int, int] = (160, 120)) -> list[Picture]:
    """A still of fine stripes, `count` times."""
    picture: Picture = np.full((size[1], size[0], 3), 90, np.uint8)
    picture[::4] = 160
    return [picture.copy() for _ in range(count)]


def test_the_sharpest_of_the_neighbours(tmp_path: Path) -> None:
    pictures = [blurred(each) for each in ground(50)]
    pictures[28] = ground(1)[0]
    path = clips.video(tmp_path / "v.mp4", pictures=pictures, seconds=2, sound=[])
    (shown,) = covers(path, Moment(1.0, (0.8, 1.3), "c.jpg"))
    assert shown.frame == 28
    assert shown.time == pytest.approx(1.12)
    assert shown.compared > 5


def test_no_flash_however_sharp(tmp_path: Path) -> None:
    pictures = ground(50)
    pictures[26] = np.where(pictures[26] > 100, 255, 190).astype(np.uint8)
    pictures[26][::2, ::2] = 0
    path = clips.video(tmp_path / "v.mp4", pictures=pictures, seconds=2, sound=[])
    (shown,) = covers(path, Moment(1.0, (0.8, 1.3), "c.jpg"))
    assert shown.frame != 26


def test_never_outside_the_window(tmp_path: Path) -> None:
    pictures = [blurred(each) for each in ground(50)]
    pictures[20] = pictures[30] = ground(1)[0]
    path = clips.video(tmp_path / "v.mp4", pictures=pictures, seconds=2, sound=[])
    (shown,) = covers(path, Moment(1.0, (0.9, 1.1), "c.jpg"))
    assert 22 <= shown.frame <= 28


@pytest.mark.parametrize(
    ("rotation", "aspect", "size"),
    [
        (0, Fraction(1), (160, 120)),
        (90, Fraction(1), (120, 160)),
        (0, Fraction(16, 12), (213, 120)),
        (90, Fraction(2), (120, 320)),
    ],
)
def test_upright_and_with_square_pixels(
    tmp_path: Path, rotation: int, aspect: Fraction, size: tuple[int, int]
) -> None:
    pictures = ground(10)
    for picture in pictures:
        picture[:30, :40] = RED
    path = clips.video(
        tmp_path / "v.mp4", pictures=pictures, seconds=0.4, sound=[], rotation=rotation, sample_aspect=aspect
    )
    (shown,) = covers(path, Moment(0.2, (0.1, 0.3), "c.jpg"), frames=10)
    picture = read(tmp_path / "c.jpg")
    assert shown.size == size == (picture.shape[1], picture.shape[0])
    corner = {0: picture[8, 8], 90: picture[8, -8]}[
        rotation
    ]  # turned clockwise, the top left is at the top right
    assert np.abs(corner[::-1].astype(int) - RED).max() < 40


def test_one_frame(tmp_path: Path) -> None:
    path = clips.video(tmp_path / "v.mp4", pictures=ground(1), times=[0.0], sound=[])
    (shown,) = covers(path, Moment(0.0, (0.0, 0.0), "c.jpg"), frames=1)
    assert (shown.frame, shown.compared, shown.size) == (0, 1, (160, 120))


def test_the_clock_is_that_of_the_features(tmp_path: Path) -> None:
    """Sound begins first: MP4 shows the picture later than its own zero, as the features do."""
    pictures = [np.full((120, 160, 3), 20 + 4 * n, np.uint8) for n in range(50)]
    path = clips.video(tmp_path / "v.mp4", pictures=pictures, times=[0.5 + n / 25 for n in range(50)])
    (shown,) = covers(path, Moment(1.5, (1.5, 1.5), "c.jpg"))
    assert shown.time == pytest.approx(1.5, abs=0.01)
    assert read(tmp_path / "c.jpg").mean() == pytest.approx(20 + 4 * 25, abs=6)


def test_a_damaged_video_is_written_anew(tmp_path: Path) -> None:
    whole = clips.video(tmp_path / "w.mp4", seconds=2, g="10", sound=[])
    path = clips.damaged(tmp_path / "v.mp4", whole, 30)
    (shown,) = covers(path, Moment(1.0, (0.8, 1.2), "c.jpg"))
    assert shown.size == (160, 120)
    assert not (tmp_path / "covers-work").exists()
