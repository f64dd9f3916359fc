"""Cuts near given moments, asked of key pictures: found where the encoder marked them, never made up."""

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.engines.cuts_near import cuts_near
from tests import clips

FPS = 25


def shot(seed, frames):
    """A picture of its own, in which a bright square moves."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 255, (6, 10, 3), np.uint8)
    ground = np.kron(coarse // 2, np.ones((16, 16, 1), np.uint8)) + random.integers(
        0, 99, (96, 160, 1), np.uint8
    )
    for number in range(frames):
        picture = ground.copy()
        picture[20:40, number % 130 : number % 130 + 20] = 255
        yield picture


def film(path, lengths, **options):
    pictures = [picture for seed, frames in enumerate(lengths) for picture in shot(seed, frames)]
    options = {"preset": "veryfast", "x264-params": "keyint=250:min-keyint=5:scenecut=40", **options}
    return clips.video(
        path, sound=[], pictures=pictures, fps=FPS, seconds=len(pictures) / FPS, size=(160, 96), **options
    )


LENGTHS = [40, 60, 35, 90]
CUTS = [1.6, 4.0, 5.4]


@pytest.mark.parametrize(
    "name, options", [("a.mp4", {}), ("a.mkv", {}), ("a.ts", {"format": "mpegts"})], ids=["mp4", "mkv", "ts"]
)
def test_cuts_are_found_to_the_picture(tmp_path, name, options):
    source = film(tmp_path / name, LENGTHS, **options)
    assert cuts_near(source, [0.5 * at for at in range(20)], 0.3) == pytest.approx(CUTS, abs=0.001)


def test_only_what_is_near_is_told(tmp_path):
    source = film(tmp_path / "a.mp4", LENGTHS)
    assert cuts_near(source, [4.3, 0.2], 0.4) == pytest.approx([4.0], abs=0.001)
    assert cuts_near(source, [4.5], 0.4) == cuts_near(source, [], 0.4) == []


def test_key_pictures_of_one_shot_are_no_cuts(tmp_path):
    regular = film(tmp_path / "a.mp4", LENGTHS, **{"x264-params": "keyint=20:min-keyint=20:scenecut=0"})
    assert cuts_near(regular, [0.3 * at for at in range(30)], 0.5) == []  # cuts or not: they tell nothing
    steady = film(tmp_path / "b.mp4", [130], **{"x264-params": "keyint=70:scenecut=0"})
    assert (
        cuts_near(steady, [0.3 * at for at in range(30)], 0.5) == []
    )  # the last one is as good as irregular


def test_a_file_without_pictures_is_refused(tmp_path):
    with pytest.raises(TaskFault) as refused:
        cuts_near(clips.audio(tmp_path / "a.wav"), [1.0], 0.5)
    assert refused.value.code == "SourceFileError.NoVideoMedia"


def test_a_file_that_breaks_off_gives_what_it_has(tmp_path):
    whole = film(tmp_path / "a.ts", LENGTHS, format="mpegts")
    cut = clips.truncated(tmp_path / "b.ts", whole, 0.5)
    found = cuts_near(cut, [0.5 * at for at in range(20)], 0.3)
    assert found
    assert all(any(abs(time - true) < 0.001 for true in CUTS) for time in found)
