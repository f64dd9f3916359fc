"""Films watched without the frames that nothing is made from: what is left of them is the same."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from openvod.media.frames import Frame, stream
from tests import clips

BETWEEN = {"preset": "veryfast", "bf": "3"}
"""With frames that no other one is made from."""


def always(time: float) -> bool:
    return True


def both(source: Path, **given: float) -> tuple[list[Frame], list[Frame]]:
    return list(stream(source, 2, **given)), list(stream(source, 2, spare=always, **given))


def seen(frames: list[Frame]) -> list[bool]:
    return [frame.is_seen for frame in frames]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg2video", "mpeg4", "libvpx-vp9"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_what_is_decoded_is_the_same_and_no_frame_is_lost(tmp_path: Path, codec: str, ending: str) -> None:
    lavish = {"deadline": "realtime", "lag-in-frames": "16"} if "vp9" in codec else BETWEEN
    ticks = 25 if "mpeg" in codec else 90000  # theirs are few
    source = clips.video(tmp_path / f"v.{ending}", seconds=4, sound=[], codec=codec, ticks=ticks, **lavish)
    whole, spared = both(source)
    assert all(seen(whole))
    assert [frame.time for frame in spared] == [frame.time for frame in whole]
    assert [frame.index for frame in spared] == list(range(100))
    assert all(seen(spared)) == (codec == "libvpx-vp9")
    for one, other in zip(whole, spared, strict=True):
        assert not other.is_seen or np.array_equal(one.tiny, other.tiny)
        assert (one.sample is None) == (other.sample is None)
        assert one.sample is None or np.array_equal(one.sample, other.sample)


@pytest.mark.parametrize("begin", [0.5, 1.0, 2.5])
def test_it_does_not_matter_where_watching_begins(tmp_path: Path, begin: float) -> None:
    source = clips.video(tmp_path / "v.mp4", seconds=4, sound=[], **BETWEEN, g="20")
    whole = [frame for frame in stream(source, 2, spare=always) if begin <= frame.time < begin + 1]
    part = list(stream(source, 2, begin, begin + 1, spare=always))
    assert [(frame.time, frame.is_seen) for frame in part] == [(frame.time, frame.is_seen) for frame in whole]
    for one, other in zip(whole, part, strict=True):
        assert np.array_equal(one.tiny, other.tiny)


def test_a_frame_that_is_left_out_shows_what_was_seen_last(tmp_path: Path) -> None:
    frames = list(stream(clips.video(tmp_path / "v.mp4", seconds=2, sound=[], **BETWEEN), spare=always))
    assert 15 < seen(frames).count(False) < 40
    for one, other in pairwise(frames):
        assert other.is_seen or np.array_equal(one.tiny, other.tiny)


def test_frames_at_no_even_rate_keep_their_times_and_samples(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    times = np.cumsum(chance.choice([0.02, 0.04, 0.11, 0.4], 100)).round(3).tolist()
    whole, spared = both(clips.video(tmp_path / "v.mkv", times=times, sound=[], **BETWEEN))
    assert not all(seen(spared))
    assert [frame.time for frame in spared] == [frame.time for frame in whole]
    for one, other in zip(whole, spared, strict=True):
        assert (one.sample is None) == (other.sample is None)


def test_fields_are_all_decoded(tmp_path: Path) -> None:
    laced = clips.video(tmp_path / "v.ts", sound=[], **BETWEEN, flags="+ildct+ilme", top="1")
    frames = list(stream(laced, spare=always))
    assert seen(frames).count(False) <= 3  # before the first picture tells
    assert len(frames) == 25


def test_damage_costs_frames_not_the_film(tmp_path: Path) -> None:
    whole = clips.video(tmp_path / "v.ts", seconds=4, sound=[], **BETWEEN)
    for seed in range(4):
        found = list(stream(clips.damaged(tmp_path / f"{seed}.ts", whole, 30 + seed), 2, spare=always))
        assert 40 < len(found) <= 100
        assert all(one.time <= other.time for one, other in pairwise(found))
