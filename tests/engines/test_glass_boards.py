"""A board that the picture shows through is measured where its text comes and goes, and turned round to a pixel."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.erase.boards import clear_of, cleared
from openvod.engines.erase.marks import Mark
from openvod.engines.fill import Form
from openvod.engines.ocr import Box
from openvod.engines.screen_text import Glass, Mask, glass
from openvod.engines.screen_text.glass import Pair, Told
from tests.engines.moving_pictures import pan

SIZE = (96, 320)
LINE = Box(60, 34, 260, 62)
BOARD = Box(52, 28, 268, 68)
FORM = Form(SIZE, (48, 160), 8)
LUMA, CHROMA = 30.0, (110.0, 140.0)
INSIDE = np.s_[BOARD.y0 : BOARD.y1, BOARD.x0 : BOARD.x1]

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


def letters() -> NDArray[np.bool_]:
    drawn = np.zeros(SIZE, np.uint8)
    cv2.putText(drawn, "THROUGH ICE", (62, 57), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    return drawn > 0


def pictures(speed: int) -> tuple[Planes, Planes]:
    """Two frames of a picture that moves."""
    scene = pan(2, SIZE, (0, speed), seed=3)
    one, other = ((scene.y[at], scene.u[at], scene.v[at]) for at in (0, 1))
    return one, other


def laid(planes: Planes, opacity: float) -> Planes:
    """The board and its letters on a frame."""
    done = [plane.astype(np.float64) for plane in planes]
    half = np.s_[BOARD.y0 // 2 : BOARD.y1 // 2, BOARD.x0 // 2 : BOARD.x1 // 2]
    for plane, where, level in zip(done, (INSIDE, half, half), (LUMA, *CHROMA), strict=True):
        plane[where] += opacity * (level - plane[where])
    done[0][letters()] = 235
    y, u, v = (np.rint(plane).astype(np.uint8) for plane in done)
    return y, u, v


def between(wide: int = 0) -> NDArray[np.bool_]:
    own = np.zeros(SIZE, bool)
    own[LINE.y0 : LINE.y1, LINE.x0 : LINE.x1] = True
    return own & ~(cv2.dilate(letters().astype(np.uint8), np.ones((3 + wide,) * 2, np.uint8)) > 0)


@pytest.mark.parametrize("opacity, speed", [(0.3, 0), (0.3, 3), (0.5, 0), (0.5, 3), (0.5, 12), (0.8, 0)])
def test_glass_is_measured_however_the_picture_moves(opacity: float, speed: int) -> None:
    before, after = pictures(speed)
    pair = Pair(before, laid(after, opacity))
    found = glass.agreed(list(glass.told([pair], between())))
    assert found is not None
    assert found.opacity == pytest.approx(opacity, abs=0.08)
    assert found.colour == pytest.approx((LUMA, *CHROMA), abs=14)
    board = glass.extent([pair], found, LINE, letters())
    assert board is not None
    for edge in ("x0", "y0", "x1", "y1"):
        grown = BOARD.grown(glass.RIM, SIZE[::-1])
        assert abs(getattr(board, edge) - getattr(grown, edge)) <= (0 if speed < 12 else 1)


@pytest.mark.parametrize("opacity", [0.0, 1.0])
@pytest.mark.parametrize("speed", [0, 3, 12])
def test_neither_no_board_nor_a_solid_one_is_glass(opacity: float, speed: int) -> None:
    before, after = pictures(speed)
    pair = Pair(before, laid(after, opacity))
    found = glass.agreed(list(glass.told([pair], between())))
    assert found is None or glass.extent([pair], found, LINE, letters()) is None


def test_texts_that_disagree_tell_nothing_together() -> None:
    grey = (100.0, 128.0, 128.0)
    own = [Told(opacity, grey, (100 - opacity * 84, 128.0, 128.0)) for opacity in (0.3, 0.5, 0.75)]
    assert glass.agreed(own) is None
    assert glass.agreed([own[1]] * 3 + [own[2]]) == Glass(0.5, (16.0, 128.0, 128.0))
    assert glass.agreed([]) is None


def marked() -> Mark:
    wide = BOARD.grown(glass.RIM, SIZE[::-1])
    own = cv2.dilate(letters().astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    cut = Mask.of(LINE, own[LINE.y0 : LINE.y1, LINE.x0 : LINE.x1])
    return Mark("caption", "fill", 0, 9, Mask.whole(wide), glass=Glass(0.5, (LUMA, *CHROMA)), letters=cut)


def clear_and_hidden() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    mark, (clear, hidden) = marked(), np.zeros((2, *SIZE), bool)
    own, box = clear_of(mark), mark.mask.box
    assert own is not None
    clear[box.y0 : box.y1, box.x0 : box.x1], hidden[box.y0 : box.y1, box.x0 : box.x1] = own, True
    return clear, hidden


def test_the_picture_comes_back_between_the_letters() -> None:
    _, clean = pictures(3)
    clear, hidden = clear_and_hidden()
    assert clear.sum() > 0.5 * BOARD.width * BOARD.height
    assert not (clear & letters()).any()
    done = cleared(laid(clean, 0.5), Glass(0.5, (LUMA, *CHROMA)), clear, hidden, FORM)
    assert done is not None
    planes, rest = done
    assert np.abs(planes[0].astype(int) - clean[0])[clear].max() <= 2
    assert not (rest & clear).any()
    assert (rest | clear)[INSIDE].all()
    coarse = FORM.coarse(clear) & ~FORM.coarse(rest)
    for plane, true in zip(planes[1:], clean[1:], strict=True):
        assert np.abs(plane.astype(int) - true)[coarse].max() <= 2


def test_a_board_that_is_not_there_is_not_turned_round() -> None:
    _, clean = pictures(3)
    bright = (np.clip(clean[0] // 2 + 60, 0, 255).astype(np.uint8), clean[1], clean[2])
    assert cleared(bright, Glass(0.5, (LUMA, *CHROMA)), *clear_and_hidden(), FORM) is None


def test_what_cannot_have_been_behind_it_stays_hidden() -> None:
    _, clean = pictures(3)
    seen = laid(clean, 0.5)
    seen[0][30:40, 54:60] = 250
    clear, hidden = clear_and_hidden()
    done = cleared(seen, Glass(0.5, (LUMA, *CHROMA)), clear, hidden, FORM)
    assert done is not None
    assert done[1][32:40, 56:60].all()


def test_a_mark_is_kept_with_its_glass() -> None:
    mark = marked()
    assert Mark.load(mark.dump()) == mark
