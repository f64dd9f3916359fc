"""Is a mark found before a camera that trembles, and nothing that such a camera films?"""

import cv2
import numpy as np
import pytest

from openvod.engines.marks_find import MarkFinder
from openvod.engines.marks_trembling import untrembling
from openvod.media.frames import Planes
from tests.engines.moving_pictures import letters, texture

SIZE = (180, 320)
FRAMES = 30
ROOM = 12
"""Pixels of picture beyond what the camera sees."""


def filmed(ways: np.ndarray) -> np.ndarray:
    """`[frames, h, w]`: a picture that lies `ways`, (right, down), from its place."""
    whole = texture(SIZE[0] + 2 * ROOM, SIZE[1] + 2 * ROOM, seed=3)
    noise = np.random.default_rng(1).normal(0, 1.0, (len(ways), *SIZE))
    seen = [
        cv2.warpAffine(
            whole, np.array([[1, 0, x - ROOM], [0, 1, y - ROOM]]), SIZE[::-1], flags=cv2.INTER_CUBIC
        )
        for x, y in ways
    ]
    return (np.stack(seen) + noise).astype(np.float32)


def trembling(by: float = 0.7) -> np.ndarray:
    return np.random.default_rng(0).normal(0, by, (FRAMES, 2))


def mark(top: int = 12, left: int = 228) -> np.ndarray:
    own = letters(range(1), 1, (96, 160))[0]
    rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
    own = own[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    where = np.zeros(SIZE, bool)
    where[top : top + own.shape[0], left : left + own.shape[1]] = own
    return where


def laid(pictures: np.ndarray, where: np.ndarray, opacity: float) -> np.ndarray:
    return pictures + np.float32(opacity) * where * (np.float32(235) - pictures)


@pytest.mark.parametrize("opacity", [0.4, 1.0])
@pytest.mark.parametrize("place", [(12, 228), (140, 12)])
def test_what_stands_before_a_trembling_picture_is_found(opacity, place):
    where = mark(*place)
    found = list(untrembling(laid(filmed(trembling()), where, opacity)))
    assert found
    covered = np.any(found, axis=0)
    assert (covered & where).sum() > 0.8 * where.sum()
    near = cv2.dilate(where.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert not (covered & ~near).any()


def test_what_trembles_with_the_picture_was_filmed():
    where = mark()
    whole = np.pad(where.astype(np.float32), ROOM)
    ways = trembling()
    moved = np.stack(
        [
            cv2.warpAffine(
                whole, np.array([[1, 0, x - ROOM], [0, 1, y - ROOM]]), SIZE[::-1], flags=cv2.INTER_CUBIC
            )
            for x, y in ways
        ]
    )
    assert list(untrembling(laid(filmed(ways), np.clip(moved, 0, 1), 1.0))) == []


def test_nothing_is_told_before_a_camera_that_stands_quite_still():
    assert list(untrembling(laid(filmed(np.zeros((FRAMES, 2))), mark(), 0.6))) == []


def test_nothing_is_told_of_a_slow_pan():
    """A figure of a cartoon stands before its background as a mark would."""
    slow = np.stack([np.linspace(-3, 3, FRAMES), np.zeros(FRAMES)], 1)
    assert list(untrembling(laid(filmed(slow), mark(), 1.0))) == []


def test_nothing_is_told_of_a_few_frames():
    assert list(untrembling(laid(filmed(trembling())[:5], mark(), 1.0))) == []


@pytest.mark.parametrize("size", [(16, 16), (90, 40), (36, 320), (60, 80)])
def test_pictures_may_be_tiny(size):
    noise = np.random.default_rng(1).normal(0, 1, (FRAMES, *size))
    assert list(untrembling((texture(*size, seed=3) + noise).astype(np.float32))) == []


def test_a_film_from_the_hand_has_a_mark_for_certain():
    """Nothing needs to be read: edges alone tell it, and from the first frame to the last."""
    grey = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8)
    finder = MarkFinder()
    for number, luma in enumerate(laid(filmed(trembling()), mark(), 0.6)):
        finder.add(
            Planes(number, number, number / 5, np.clip(luma, 0, 255).astype(np.uint8), (grey, grey), 0)
        )
    sure = [each for each in finder.finish() if each.looks is None]
    assert [(each.first, each.last) for each in sure] == [(0, FRAMES - 1)]
    box = sure[0].mask.box
    assert box.x0 <= 230
    assert box.y0 <= 14
