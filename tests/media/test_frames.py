"""Thumbnails of real files."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.media.frames import Frame, stream
from tests import clips


def frames(source: Path, rate: float = 0.0) -> list[Frame]:
    return list(stream(source, rate))


def halves(width: int = 96, height: int = 64) -> np.ndarray:
    """Red above, blue below."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, :, 0], picture[height // 2 :, :, 2] = 220, 220
    return picture


def test_every_frame_comes_with_its_time(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.2, 0.24, 1.0]
    found = frames(clips.video(tmp_path / "v", times=times, sound=[], format="mp4"))
    assert [frame.index for frame in found] == [0, 1, 2, 3, 4]
    assert [frame.time for frame in found] == pytest.approx(times, abs=0.002)
    assert all(frame.tiny.shape == (27, 48, 3) and frame.tiny.dtype == np.uint8 for frame in found)


def test_samples_come_at_their_rate_and_keep_the_shape(tmp_path: Path) -> None:
    found = frames(clips.video(tmp_path / "v.mp4", seconds=2, size=(120, 160)), 2)
    sampled = [frame for frame in found if frame.sample is not None]
    assert [frame.time for frame in sampled] == pytest.approx([0, 0.5, 1, 1.5], abs=0.05)
    assert all(frame.sample is not None and frame.sample.shape == (320, 240, 3) for frame in sampled)
    assert all(frame.sample is None for frame in frames(tmp_path / "v.mp4"))


@pytest.mark.parametrize("rotation, red", [(0, "top"), (90, "right"), (180, "bottom"), (270, "left")])
def test_pictures_are_upright(tmp_path: Path, rotation: int, red: str) -> None:
    pictures = [halves()] * 3
    source = clips.video(
        tmp_path / "v.mp4", pictures=pictures, times=[0, 0.1, 0.2], sound=[], rotation=rotation
    )
    frame = frames(source, 1)[0]
    assert frame.sample is not None
    for picture in (frame.tiny, frame.sample):
        edges = {"top": picture[2], "bottom": picture[-3], "left": picture[:, 2], "right": picture[:, -3]}
        redness = {side: float(edge[:, 0].mean()) - float(edge[:, 2].mean()) for side, edge in edges.items()}
        assert max(redness, key=lambda side: redness[side]) == red
    assert frame.display == ((96, 64) if rotation % 180 == 0 else (64, 96))


def test_wide_pixels_widen_the_picture(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "v.mp4", sample_aspect=Fraction(2), size=(80, 80))
    assert frames(source)[0].display == (160, 80)


def test_time_begins_at_the_start_of_the_file(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "v.ts", times=[3600 + index / 25 for index in range(10)], sound=[])
    assert frames(source)[0].time == pytest.approx(0, abs=0.05)


def test_damage_costs_frames_not_the_film(tmp_path: Path) -> None:
    whole = clips.video(tmp_path / "v.ts", seconds=4)
    found = frames(clips.damaged(tmp_path / "d.ts", whole, 30))
    assert 40 < len(found) <= 100
    assert all(one.time <= other.time for one, other in pairwise(found))


@pytest.mark.parametrize("size", [(16, 16), (161, 121), (640, 64)])
def test_any_size_is_scaled(tmp_path: Path, size: tuple[int, int]) -> None:
    source = clips.video(tmp_path / "v.mp4", size=size, pixels="yuv444p")
    assert frames(source, 1)[0].tiny.shape == (27, 48, 3)


def test_a_still_is_one_frame(tmp_path: Path) -> None:
    (frame,) = frames(clips.picture(tmp_path / "p", halves(), "png"), 2)
    assert frame.time == 0
    assert frame.sample is not None


def test_a_cover_is_no_video(tmp_path: Path) -> None:
    source = clips.audio(tmp_path / "a.mp3", cover=True)
    with pytest.raises(TaskFault) as caught:
        frames(source)
    assert caught.value.code == "SourceFileError.NoVideoMedia"
