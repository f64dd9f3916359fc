"""What shows through a mark that moves or jumps is found in all its places together, and lies where the mark does."""

from pathlib import Path

import numpy as np
import pytest

from openvod.engines.erase import places
from openvod.engines.erase.ahead import Film
from openvod.engines.erase.marks import Mark
from openvod.engines.erase.regions import Region, regions
from openvod.engines.ocr import Box
from openvod.engines.screen_text import Mask
from openvod.media import inner_process, rewrite
from openvod.media.rewrite import Work
from openvod.media.sandbox import Limits
from tests import clips
from tests.engines.test_marks_find import SIZE, laid, logo, moving

FRAMES, TURN = 60, 20
HEIGHT, WIDTH = SIZE
OPACITY = 0.5


def film_of(pictures: np.ndarray, folder: Path) -> Film:
    grey = [np.repeat(np.clip(each, 0, 255).astype(np.uint8)[..., None], 3, 2) for each in pictures]
    times = [number / 10 for number in range(len(pictures))]
    source = clips.video(folder / "v.mp4", pictures=grey, times=times, sound=[], crf="14", fps=10)
    index = rewrite.examine(source, Work(folder / "work", Limits(300, 0), call=inner_process.call))
    return Film.load(
        {"source": str(source), "index": index.dump(), "times": str(folder / "work" / "index" / "times")}
    )


def mark(top: int, left: int, first: int, last: int, path: tuple[tuple[int, int], ...] = ()) -> Mark:
    """As it was found: a little wider than what is covered."""
    where = logo(top, left)
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    box = Box(int(columns[0]) - 2, int(rows[0]) - 2, int(columns[-1]) + 3, int(rows[-1]) + 3)
    what = "logo" if path else "mark"
    return Mark(what, "fill", first, last, Mask.whole(box), path)


def lifted_at(region: Region, index: int, top: int, left: int) -> float:
    """The opacity that a region has where the logo is in a frame, in the median."""
    veil = region.veil_at(index)
    assert veil is not None
    whole = np.zeros(SIZE, np.float32)
    box = region.box
    whole[box.y0 : box.y1, box.x0 : box.x1] = veil.opacity
    where = logo(top, left)
    assert whole[~where].max() < 0.35  # where codec and half a pixel smear it
    return float(np.median(whole[where]))


def given(film: Film, marks: list[Mark]) -> list[Region]:
    own = regions(marks, (WIDTH, HEIGHT), (2, 2))
    (group,) = places.groups(own)
    veil, corners = places.veil(film, group, (WIDTH, HEIGHT))
    assert veil is not None
    for region, corner in zip(group, corners, strict=True):
        region.veil, region.carried = veil, corner
    return own


def test_a_mark_that_moves_carries_its_veil(tmp_path: Path) -> None:
    clean = moving(FRAMES)
    lefts = [20 + 3 * number for number in range(FRAMES)]
    pictures = np.stack(
        [laid(each, logo(30, left), OPACITY) for each, left in zip(clean, lefts, strict=True)]
    )
    path = tuple((left - lefts[0], 0) for left in lefts)
    (region,) = given(film_of(pictures, tmp_path), [mark(30, lefts[0], 0, FRAMES - 1, path)])
    for index in (0, 21, 59):
        assert lifted_at(region, index, 30, lefts[index]) == pytest.approx(OPACITY, abs=0.08)


def test_a_mark_that_jumps_has_its_veil_in_each_place(tmp_path: Path) -> None:
    corners = ((8, 230), (140, 14), (8, 14))
    clean = moving(FRAMES)
    pictures, marks = clean.copy(), []
    for turn, (top, left) in enumerate(corners):
        part = slice(turn * TURN, (turn + 1) * TURN)
        pictures[part] = laid(clean[part], logo(top, left), OPACITY)
        marks.append(mark(top, left, turn * TURN, (turn + 1) * TURN - 1))
    off = marks[1].mask.box.moved(1, -1)  # found a pixel beside where it is
    marks[1] = Mark("mark", "fill", marks[1].first, marks[1].last, Mask.whole(off))
    own = given(film_of(pictures, tmp_path), marks)
    for turn, (region, (top, left)) in enumerate(zip(own, corners, strict=True)):
        assert lifted_at(region, turn * TURN + 10, top, left) == pytest.approx(OPACITY, abs=0.08)


def test_marks_of_other_forms_are_not_put_together() -> None:
    small, large = Mask.whole(Box(0, 0, 20, 20)), Mask.whole(Box(100, 0, 180, 20))
    marks = [Mark("mark", "fill", 0, 9, small), Mark("mark", "fill", 20, 29, large)]
    assert places.groups(regions(marks, (WIDTH, HEIGHT), (2, 2))) == []
