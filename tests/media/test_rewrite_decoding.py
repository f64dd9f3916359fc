"""Decoding from the middle must give what decoding from the start gives."""

import os
from pathlib import Path

import cv2
import numpy as np

from openvod.media.rewrite import decoding, examining
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.windows import planes_of
from tests import clips


def examined(source, folder):
    before = Path.cwd()
    os.chdir(folder)
    try:
        return VideoIndex.load(examining.examine({"source": str(source)}, lambda value: None))
    finally:
        os.chdir(before)


def alike(one, other):
    return all(map(np.array_equal, one, other))


def test_pictures_of_an_old_x264_are_taken_for_such_everywhere(tmp_path):
    """Its 4:4:4 is decoded in another way than that of a new one, and only the first packet tells which it is.

    A new one's that pretends to be an old one's has damage here and there, which is mended with what came before: where it
    has none, the pictures must be those of a decode from the start.
    """
    rough = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8), (5, 5), 1.2)
    pictures = [
        cv2.resize(rough[n // 2 : 120 - n // 2, n // 2 : 160 - n // 2], (160, 120)) for n in range(40)
    ]
    same = 0
    for factor in ("32", "38"):
        new = clips.video(
            tmp_path / "new.mp4",
            times=[n / 25 for n in range(40)],
            pictures=pictures,
            sound=[],
            g="10",
            pixels="yuv444p",
            preset="medium",
            crf=factor,
        )
        data = new.read_bytes()
        place = data.index(b"x264 - core ") + len(b"x264 - core ")
        old = tmp_path / "old.mp4"
        old.write_bytes(data[:place] + b"148" + data[place + 3 :])
        index = examined(old, tmp_path)
        times = Times.read(tmp_path / examining.TIMES)
        whole, other = (
            [[plane.copy() for plane in planes_of(frame)] for _, frame in decoding.everything(path)]
            for path in (old, new)
        )
        for first in (10, 20, 30):
            found = [
                alike(planes_of(frame), whole[number])
                for number, frame in decoding.stretch(old, index, times, first, 40)
            ]
            differs = not all(map(alike, whole[first:], other[first:]))
            same += differs and all(found)
    assert same
