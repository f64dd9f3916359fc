"""Files whose tracks are not all known at the start."""

from pathlib import Path

import numpy as np
import pytest

from openvod.media import audio
from openvod.media.frames import stream
from openvod.media.packets import packets
from openvod.media.probe import open_media, probe
from tests import clips


def joined(path: Path) -> Path:
    """Transport streams one after the other; the middle one has more tracks, too far from both ends to be known at first."""
    chance = np.random.default_rng(1)
    noise = [chance.integers(0, 255, (120, 160, 3), np.uint8) for _ in range(200)]
    ends = clips.video(path / "ends.ts", pictures=noise, times=[index / 25 for index in range(200)])
    middle = clips.video(path / "middle.ts", seconds=1, sound=[clips.sine(1.0)] * 3)
    target = path / "joined.ts"
    target.write_bytes(ends.read_bytes() + middle.read_bytes() + ends.read_bytes())
    return target


def test_tracks_that_come_up_under_way_are_passed_over(tmp_path: Path) -> None:
    source = joined(tmp_path)
    with open_media(source) as container:
        known = len(container.streams)
        with pytest.raises(IndexError):
            list(container.demux())
    assert known == 2
    assert probe({"source": str(source)}, lambda done: None)["video"]
    assert len(list(stream(source))) >= 400
    assert sum(len(block) for block in audio.decode(source)) > 16000 * 2


def test_all_packets_come_and_an_empty_one_ends_each_track(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "v.mp4", seconds=1)
    with open_media(source) as container:
        sizes = np.array([packet.size for packet in packets(container)])
    assert (sizes[:-2] > 0).all()
    assert (sizes[-2:] == 0).all()
