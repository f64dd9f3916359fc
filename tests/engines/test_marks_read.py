"""Are faint marks read in the corners of a picture that stands still, and nothing that is not there all the time?"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.marks_find import FoundMark
from openvod.engines.marks_read import CornerReader
from openvod.engines.ocr import Ocr
from openvod.media.frames import Planes
from tests.subtitled import Burned, draw, ground

FRAMES, RATE = 60, 10.0
NAME = Burned("NOVA 24", 0, FRAMES, y=40, x=480)


@pytest.fixture(scope="module")
def ocr(models: Path) -> Ocr:
    return Ocr(models)


def found_in(ocr: Ocr, picture: Callable[[int], NDArray[np.uint8]]) -> list[FoundMark]:
    reader, dice = CornerReader(), np.random.default_rng(3)
    half = np.full((180, 320), 128, np.uint8)
    for index in range(FRAMES):
        luma = picture(index).mean(2) + dice.normal(0, 3, (360, 640))
        clipped = np.clip(luma, 0, 255).astype(np.uint8)
        reader.add(Planes(index, index, index / RATE, clipped, (half, half), 0))
    return reader.finish(ocr)


def laid(index: int, opacity: float) -> NDArray[np.uint8]:
    still = ground(0)
    return (still + opacity * (draw(still.copy(), NAME, index).astype(float) - still)).astype(np.uint8)


def test_a_faint_mark_before_a_standing_picture_is_read(ocr: Ocr) -> None:
    (mark,) = found_in(ocr, lambda index: laid(index, 0.45))
    assert (mark.first, mark.last, mark.looks) == (0, FRAMES - 1, None)
    changed = np.abs(laid(0, 0.45).astype(int) - ground(0)).max(2) > 25
    covered = np.zeros(changed.shape, bool)
    box = mark.mask.box
    covered[box.y0 : box.y1, box.x0 : box.x1] = mark.mask.array() > 0
    assert (covered & changed).sum() > 0.95 * changed.sum()
    assert covered.sum() < 6 * changed.sum()


def test_what_is_there_for_a_half_of_the_time_is_none(ocr: Ocr) -> None:
    assert found_in(ocr, lambda index: laid(index, 0.6 if index < FRAMES // 2 else 0.0)) == []


def test_in_clean_corners_there_is_nothing(ocr: Ocr) -> None:
    assert found_in(ocr, lambda _: ground(0)) == []
    assert found_in(ocr, ground) == []
