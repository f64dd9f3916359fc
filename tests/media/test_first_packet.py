"""What only a video's first packet tells holds wherever decoding begins."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from openvod.media import frames
from openvod.media.glance import Glances
from tests import clips

MARK = b"x264 - core "
COUNT, GROUP, RATE = 30, 10, 25


def zoom() -> list[np.ndarray]:
    rough = np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8)
    soft = cv2.GaussianBlur(rough, (5, 5), 1.2)
    return [cv2.resize(soft[n // 2 : 120 - n // 2, n // 2 : 160 - n // 2], (160, 120)) for n in range(COUNT)]


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A 4:4:4 video that an old x264 seems to have written: it is decoded in another way, and only the first packet says so.

    It was not, so some of its pictures are damaged, and what is mended there with what came before is not the same everywhere.
    """
    times = [n / RATE for n in range(COUNT)]
    new = clips.video(
        tmp_path / "new.mp4",
        times=times,
        pictures=zoom(),
        sound=[],
        g=str(GROUP),
        pixels="yuv444p",
        preset="medium",
        crf="42",
    )
    data = new.read_bytes()
    place = data.index(MARK) + len(MARK)
    made = tmp_path / "old.mp4"
    made.write_bytes(data[:place] + b"148" + data[place + 3 :])
    assert any(not np.array_equal(*both) for both in zip(decoded(new), decoded(made), strict=True))
    return made


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Levels, in the mean."""
    return float(np.abs(one.astype(np.int16) - other).mean())


def test_a_glance_at_an_old_x264s_picture_is_what_a_player_shows(old: Path) -> None:
    every = decoded(old)
    with Glances(old) as glances:
        for number in (GROUP, 2 * GROUP, 0):
            shown = glances.at(number / RATE)
            assert shown is not None
            assert apart(shown, every[number]) < 20  # 65 when it is taken for a new one's


def test_frames_of_an_old_x264_are_the_same_wherever_they_begin(old: Path) -> None:
    every = [each.luma for each in frames.planes(old)]
    for first in (GROUP, 2 * GROUP):
        begun = [each.luma for each in frames.planes(old, begin=first / RATE)]
        assert len(begun) == COUNT - first
        assert apart(begun[0], every[first]) < 2  # 5 when it is taken for a new one's
