"""What is blended into the planes: colours, outline, board, chroma, and nothing anywhere else."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.burn.colours import HLG, PQ, Code
from openvod.engines.burn.fonts import Face, Fonts
from openvod.engines.burn.ink import Painter
from openvod.engines.burn.overlay import Frame, blend, overlay
from openvod.engines.burn.setting import Placed, Setter
from openvod.engines.burn.style import Board, Edge, Length, Style
from openvod.media.captions import Cue

FONTS = Fonts([Face("")])
SD = Code(8, False, 6)
PLAIN = Style(outline=None, shadow=None, size=Length(0.25), y=Length(0.3))
BOARD = Board(Length(0), Length(0.25), Length(0.5), Length(0.5), (255, 0, 0), 1.0)


def shapes(size: tuple[int, int], across: int = 2, down: int = 2) -> tuple[tuple[int, ...], ...]:
    width, height = size
    small = (-(-height // down), -(-width // across))
    return (height, width), small, small


def ground(frame: Frame) -> list[NDArray[np.uint8] | NDArray[np.uint16]]:
    """Noise that no picture has in its text's colour."""
    dice = np.random.default_rng(1)
    kind = np.uint16 if frame.code.depth > 8 else np.uint8
    step = 1 << (frame.code.depth - 8)
    return [dice.integers(60 * step, 120 * step, shape).astype(kind) for shape in frame.shapes]


def burned(frame: Frame, style: Style, *lines: str) -> tuple[list, list]:
    """The planes before and after."""
    setting = Setter(style, FONTS, frame.upright).set([Placed(Cue(0, 1, lines))])
    painter = Painter(style, FONTS, frame.upright, frame.code)
    painted = [painter.board(style.board)] if style.board else []
    painted += [painter.block(block) for block in setting.blocks]
    before = ground(frame)
    after = [plane.copy() for plane in before]
    blend(after, overlay(painted, frame))
    return before, after


def changed(before: list, after: list) -> list[NDArray[np.bool_]]:
    return [one != other for one, other in zip(before, after, strict=True)]


def rows_and_columns(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


@pytest.mark.parametrize(
    ("code", "white", "grey"),
    [
        (SD, 235, 128),
        (Code(8, True, 1), 255, 128),
        (Code(10, False, 9), 940, 512),
        (Code(12, False, 1), 3760, 2048),
    ],
)
def test_white_is_the_video_s_white(code: Code, white: int, grey: int) -> None:
    frame = Frame(shapes((320, 180)), 0, 1.0, code)
    before, after = burned(frame, replace(PLAIN, bold=True), "III")
    assert after[0].max() == white
    assert after[0].dtype == before[0].dtype
    inside = after[1][changed(before, after)[1]]
    assert abs(int(np.bincount(inside).argmax()) - grey) <= 1


@pytest.mark.parametrize(("matrix", "expected"), [(6, (81, 90, 240)), (1, (63, 102, 240))])
def test_red_is_red_by_the_video_s_own_matrix(matrix: int, expected: tuple[int, int, int]) -> None:
    frame = Frame(shapes((320, 180)), 0, 1.0, replace(SD, matrix=matrix))
    _, after = burned(frame, replace(PLAIN, board=BOARD, alpha=0.0), "a")
    assert after[0][60, 160] == expected[0]
    assert (after[1][30, 80], after[2][30, 80]) == expected[1:]


def test_a_video_that_does_not_tell_its_matrix_has_that_of_its_size() -> None:
    red = np.array([[[1, 0, 0, 1]]], np.float32)
    small, large = (Code(8, False, 2, lines=lines).planes(red)[0].item() for lines in (576, 720))
    assert (round(small), round(large)) == (81, 63)


@pytest.mark.parametrize(("transfer", "share"), [(PQ, 0.58), (HLG, 0.75)])
def test_white_does_not_blind_in_high_dynamic_range(transfer: int, share: float) -> None:
    red, green, blue = Code(10, False, 9, transfer, 9).signal((255, 255, 255))
    assert red == pytest.approx(green, abs=0.002)
    assert blue == pytest.approx(share, abs=0.005)


def test_the_board_is_where_the_template_says_and_as_translucent() -> None:
    frame = Frame(shapes((320, 180)), 0, 1.0, SD)
    before, after = burned(frame, replace(PLAIN, board=BOARD, alpha=0.0), "a")
    assert rows_and_columns(changed(before, after)[0]) == (45, 134, 80, 239)
    half = replace(BOARD, alpha=0.5, colour=(0, 0, 0))
    before, after = burned(frame, replace(PLAIN, board=half, alpha=0.0), "a")
    inside = np.s_[45:135, 80:240]
    assert np.abs(after[0][inside] - (before[0][inside] / 2 + 8)).max() <= 0.5
    assert np.array_equal(after[0][:45], before[0][:45])


def test_the_outline_has_its_width_and_colour() -> None:
    frame = Frame(shapes((640, 360)), 0, 1.0, SD)
    bare = changed(*burned(frame, PLAIN, "I"))[0]
    style = replace(PLAIN, outline=Edge(Length(6, "pixel"), (0, 0, 0)))
    before, after = burned(frame, style, "I")
    around = changed(before, after)[0]
    grown = [
        abs(one - other) for one, other in zip(rows_and_columns(around), rows_and_columns(bare), strict=True)
    ]
    assert all(5 <= each <= 7 for each in grown)
    top, _, left, right = rows_and_columns(bare)
    assert after[0][top + 20, left - 3] == 16
    assert after[0][top + 20, (left + right) // 2] == 235


def test_a_shadow_falls_to_the_lower_right() -> None:
    frame = Frame(shapes((640, 360)), 0, 1.0, SD)
    bare = rows_and_columns(changed(*burned(frame, PLAIN, "I"))[0])
    style = replace(PLAIN, shadow=Edge(Length(8, "pixel"), (0, 0, 255), 1.0))
    before, after = burned(frame, style, "I")
    with_shadow = rows_and_columns(changed(before, after)[0])
    assert np.abs(np.subtract(with_shadow, bare) - (0, 8, 0, 8)).max() <= 1
    assert after[0][bare[1] + 5, bare[3] + 5] == 41, "blue of BT.601"


def test_translucent_letters_let_the_picture_through_and_not_their_outline() -> None:
    frame = Frame(shapes((640, 360)), 0, 1.0, SD)
    style = replace(PLAIN, alpha=0.5, outline=Edge(Length(6, "pixel"), (0, 0, 0)))
    bare = rows_and_columns(changed(*burned(frame, PLAIN, "I"))[0])
    before, after = burned(frame, style, "I")
    place = bare[0] + 20, (bare[2] + bare[3]) // 2
    assert after[0][place] == pytest.approx(before[0][place] / 2 + 117.5, abs=1)


FORMS = list(product([(320, 180), (161, 121)], [(2, 2), (2, 1), (1, 1)], [8, 10], [0, 1, 2, 3]))


@pytest.mark.parametrize(("size", "steps", "depth", "turns"), FORMS)
def test_text_is_upright_for_the_viewer_and_nothing_else_is_touched(
    size: tuple[int, int], steps: tuple[int, int], depth: int, turns: int
) -> None:
    across, down = steps
    frame = Frame(shapes(size, across, down), turns, 1.0, Code(depth, False, 1))
    before, after = burned(frame, replace(PLAIN, size=Length(0.15)), "LE")
    reference = Frame(shapes(frame.upright, 1, 1), 0, 1.0, frame.code)
    plain = changed(*burned(reference, replace(PLAIN, size=Length(0.15)), "LE"))[0]
    assert plain.any()
    own = changed(before, after)
    upright = np.rot90(own[0], turns)
    assert np.count_nonzero(upright != plain) < 0.02 * np.count_nonzero(plain), (
        "noise may be of the text's colour"
    )
    near = np.repeat(np.repeat(own[1], down, 0), across, 1)[: size[1], : size[0]]
    reach = np.rot90(plain, -turns).copy()
    for step in range(-2, 3):
        reach |= np.roll(np.rot90(plain, -turns), step, 1) | np.roll(np.rot90(plain, -turns), step, 0)
    assert not (near & ~_spread(reach)).any(), "colour only where there is text"


def _spread(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = mask.copy()
    for rows, columns in product(range(-2, 3), repeat=2):
        found |= np.roll(mask, (rows, columns), (0, 1))
    return found


def test_wide_samples_make_narrow_letters() -> None:
    square = rows_and_columns(changed(*burned(Frame(shapes((640, 360)), 0, 1.0, SD), PLAIN, "OO"))[0])
    frame = Frame(shapes((320, 360)), 0, 2.0, SD)
    wide = rows_and_columns(changed(*burned(frame, PLAIN, "OO"))[0])
    assert wide[:2] == square[:2]
    assert np.abs(np.subtract(wide[2:], np.array(square[2:]) / 2)).max() <= 1.5


def test_a_board_over_the_whole_of_an_odd_picture_covers_its_last_samples() -> None:
    full = Board(Length(0), Length(0), Length(1.0), Length(1.0), (0, 0, 0), 1.0)
    frame = Frame(shapes((161, 121)), 0, 1.0, SD)
    _, after = burned(frame, replace(PLAIN, board=full, alpha=0.0), "a")
    assert (after[0] == 16).all()
    assert all((plane == 128).all() for plane in after[1:])


def test_grey_videos_have_one_plane() -> None:
    frame = Frame(((180, 320),), 0, 1.0, SD)
    before, after = burned(frame, PLAIN, "Hello")
    assert after[0].max() == 235
    assert changed(before, after)[0].mean() < 0.2
