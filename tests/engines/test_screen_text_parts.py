"""Edges of cues, masks and the nouns, without models."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.engines.ocr import Box
from openvod.engines.screen_text import boards, reach
from openvod.engines.screen_text.drift import drift_between
from openvod.engines.screen_text.edges import THERE, Edge, Pattern, before_that, edge
from openvod.engines.screen_text.ends import End
from openvod.engines.screen_text.found import Area, FoundText, Mask, TextLine, coded_mask
from openvod.engines.screen_text.judge import Judged
from openvod.engines.screen_text.masks import Strokes, plain_strokes, strokes
from openvod.engines.screen_text.means import Mean
from openvod.engines.screen_text.strips import Ring
from openvod.engines.screen_text.style import Style, joined
from openvod.engines.screen_text.tracks import open_track
from openvod.engines.screen_text.watch import Watch
from openvod.media.frames import Planes
from tests.subtitled import Burned, altered, draw, ground


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture.mean(axis=2).astype(np.uint8)


@pytest.mark.parametrize("first", [1, 5, 20])
def test_a_step_is_found_in_its_frame(first: int) -> None:
    dice = np.random.default_rng(first)
    series = np.r_[np.zeros(first), np.ones(30)] + dice.normal(0, 0.03, first + 30)
    found = edge(series)
    assert found is not None
    assert (found.first, found.fade) == (first, 0)


@pytest.mark.parametrize("length", [4, 5, 8, 12])
def test_a_fade_is_found_from_its_first_frame(length: int) -> None:
    ramp = np.arange(1, length + 1) / (length + 1)
    series = np.r_[np.zeros(15), ramp, np.ones(25)] + np.random.default_rng(length).normal(
        0, 0.005, length + 40
    )
    found = edge(series)
    assert found is not None
    assert abs(found.first - 15) <= 1
    assert abs(found.fade - length) <= 2


@pytest.mark.parametrize("series", [[], [1.0], [1.0] * 20, [0.0] * 20])
def test_where_nothing_begins_no_edge_is_found(series: list[float]) -> None:
    assert edge(series) is None


def test_a_pattern_knows_its_text_on_another_ground() -> None:
    box = np.s_[300:345, 150:500]
    one, other = Burned("Hello again my friend", 0, 99), Burned("Farewell for ever now", 0, 99)
    pattern = Pattern(grey(draw(ground(0), one, 0))[box])
    for index in range(1, 12):
        pattern.learn(grey(draw(ground(index), one, index))[box])
    share, agreement = pattern.measure(grey(draw(ground(60), one, 60))[box])
    assert share == pytest.approx(1, abs=0.1)
    assert agreement > 0.9
    assert pattern.measure(grey(ground(60))[box])[1] < 0.3
    assert pattern.measure(grey(draw(ground(60), other, 60))[box])[1] < 0.5


def test_a_picture_as_bright_as_a_text_may_hide_it_and_another_one_may_not() -> None:
    box = np.s_[300:345, 150:500]
    text = Burned("Hello again my friend", 0, 99)
    pattern = Pattern(grey(draw(ground(0), text, 0))[box])
    for index in range(1, 12):
        pattern.learn(grey(draw(ground(index), text, index))[box])
    bright = np.full_like(ground(0), 252)
    assert pattern.blends(grey(bright)[box])
    assert pattern.blends(grey(draw(bright, text, 0))[box])
    assert not pattern.blends(grey(ground(60))[box])


@pytest.mark.parametrize(("hidden", "first"), [(True, 2), (False, 7)])
def test_a_text_begins_before_the_picture_that_hides_it(hidden: bool, first: int) -> None:
    without, faint, shown = (0.0, 0.1, False), (0.3, 0.9, True), (1.0, 1.0, True)
    lost = (0.02, 0.1, hidden)
    measured = [without] * 2 + [shown, shown, faint] + [lost] * 2 + [shown] * 20
    assert before_that(Edge(7, 0, 1.0), measured) == Edge(first, 0, 1.0)


def test_a_text_that_is_in_all_frames_begins_nowhere() -> None:
    assert before_that(Edge(3, 0, 1.0), [(0.5, 0.9, True)] * 3 + [(1.0, 1.0, True)] * 20) is None


def test_a_mean_tells_what_stands_still() -> None:
    text = Burned("Hello again my friend", 0, 99)
    mean = Mean(Box(0, 290, 640, 350))
    half = np.full((180, 320), 128, np.uint8)
    for index in range(0, 90, 6):
        picture = grey(draw(ground(index), text, index))
        mean.add(Planes(index, index, index / 25, picture, (half, half), 0), Box(0, 290, 640, 350))
    bright = mean.luma() > 250
    assert mean.count == 15
    assert mean.picture().shape == (60, 640, 3)
    assert bright.sum() > 500
    assert float(np.median(mean.wavers()[bright])) < 2 < 15 < float(np.median(mean.wavers()[~bright]))


@pytest.mark.parametrize("board", [False, True])
def test_a_mask_covers_all_that_was_altered_and_little_more(board: bool) -> None:
    text = Burned("Hello again my friend", 10, 99, board=board)
    rows = slice(280, 360)
    shown = np.mean([grey(draw(ground(i), text, i)) for i in range(10, 60)], axis=0)
    change = np.abs(grey(draw(ground(10), text, 10)).astype(np.float32) - grey(ground(9)))
    xs = np.flatnonzero(altered(Burned("Hello again my friend", 10, 99), 30).any(0))
    line = Box(int(xs[0]), 308 - rows.start, int(xs[-1]) + 1, 338 - rows.start)
    found = strokes(shown[rows].astype(np.float32), line, [change[rows]])
    truth = altered(text, 30)[rows]
    assert found.boarded is not None
    assert (found.boarded > 0.85) is board
    assert (found.boarded < 0.15) is not board
    covered = found.covered
    if board:
        assert found.board is not None
        covered[found.board.y0 : found.board.y1, found.board.x0 : found.board.x1] = True
    assert (truth & covered).sum() >= 0.995 * truth.sum()
    assert covered.sum() <= 2.2 * truth.sum()


def test_what_moves_behind_a_text_is_neither_a_board_nor_covered() -> None:
    text = Burned("Hello again my friend", 10, 99)
    rows, truth = slice(280, 360), altered(text, 30)[280:360]
    shown = np.mean([grey(draw(ground(i), text, i)) for i in range(10, 60)], axis=0)
    change = np.abs(grey(draw(ground(10), text, 10)).astype(np.float32) - grey(ground(9)))[rows]
    xs = np.flatnonzero(truth.any(0))
    line = Box(int(xs[0]), 308 - rows.start, int(xs[-1]) + 1, 338 - rows.start)
    change[20:, line.x0 + 40 : line.x0 + 200][~truth[20:, line.x0 + 40 : line.x0 + 200]] = 25
    found = strokes(shown[rows].astype(np.float32), line, [change])
    assert found.board is None
    assert found.boarded is None or found.boarded < 0.5
    assert (truth & found.covered).sum() >= 0.995 * truth.sum()
    assert found.covered.sum() <= 2.2 * truth.sum()


def test_the_faintest_frame_of_a_fade_is_not_missed() -> None:
    ramp = (np.arange(6) + 0.15) / 6
    series = np.r_[np.zeros(15), ramp, np.ones(25)]
    found = edge(series)
    assert found is not None
    assert found.first == 15


def test_what_one_caption_does_not_show_the_others_tell() -> None:
    def line(boarded: float | None, board: Box | None) -> Judged:
        seen = Strokes(np.ones((20, 100), bool), 2, True, boarded, board)
        box = Box(10, 10, 110, 30)
        end = End(0, 0.0)
        return Judged(TextLine("a", 1.0, box), end, end, Mask.whole(box), seen, board, True, False, False)

    sure, unsure, bare = line(1.0, Box(4, 6, 116, 34)), line(None, None), line(0.0, None)
    style = Style.of([sure, sure, unsure])
    assert [style.boarded(one) for one in (sure, unsure, bare)] == [True, True, False]
    assert joined(style.masks(unsure)).box == Box(2, 4, 118, 36)
    assert not Style.of([bare, unsure]).boarded(unsure)


@pytest.mark.parametrize("speed", [(7, 0), (0, -5), (-3, 2)])
def test_a_moving_text_is_found_again_and_extrapolated(speed: tuple[int, int]) -> None:
    box = Box(250, 150, 410, 180)

    def frame(index: int) -> Planes:
        picture = ground(index)
        at = (252 + speed[0] * index, 174 + speed[1] * index)
        cv2.putText(picture, "Follow me", at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (255, 255, 255), 2, cv2.LINE_AA)
        return Planes(index, index, index / 25, grey(picture), (grey(picture)[::2, ::2],) * 2, 0)

    drift = drift_between(frame(0), frame(2), box)
    assert drift is not None
    for index in range(3, 20):
        drift.step(frame(index))
        if index % 4 == 0:
            drift.look_around(frame(index - 4), frame(index))
    assert drift.at(19) == (19 * speed[0], 19 * speed[1])
    assert drift.at(-4) == (-4 * speed[0], -4 * speed[1])
    assert not drift.with_the_picture


def test_the_detector_looks_only_where_dense_edges_are_new() -> None:
    watch, clean = Watch(), grey(ground(0))
    shown = grey(draw(ground(0), Burned("Hello again my friend", 0, 9), 5))
    assert watch.windows(clean, []) == []
    ((window, tall),) = watch.windows(shown, [])
    line = Box(180, 305, 460, 335)
    assert window.shared(line) > 0.9 * line.width * line.height
    assert tall < 60
    assert watch.windows(shown, []) == []
    assert watch.windows(clean, []) == []
    assert watch.windows(shown, [line]) == []


def test_masks_are_kept_small_and_turn_with_the_picture() -> None:
    covered = np.random.default_rng(1).random((7, 11)) > 0.5
    mask = Mask.of(Box(3, 2, 14, 9), covered)
    assert len(mask.bits) == 10
    assert np.array_equal(mask.array() > 0, covered)
    upright = np.zeros((40, 30), np.uint8)
    upright[2:9, 3:14] = mask.array()
    for turns in range(4):
        coded = np.rot90(upright, -turns)
        turned = coded_mask(mask, (30, 40), turns)
        box = turned.box
        assert np.array_equal(coded[box.y0 : box.y1, box.x0 : box.x1], turned.array())


def test_the_mask_of_a_moving_text_moves_and_is_cut_at_the_border() -> None:
    text = FoundText(
        "caption",
        5,
        7,
        0.2,
        0.3,
        (),
        0,
        0,
        Mask.whole(Box(2, 2, 10, 6)),
        False,
        path=((0, 0), (-4, 0), (-12, 0)),
    )
    masks = [text.mask_at(index, (40, 20)) for index in range(4, 9)]
    assert [mask and mask.box for mask in masks] == [None, Box(2, 2, 10, 6), Box(0, 2, 6, 6), None, None]
    assert masks[2] is not None
    assert masks[2].array().shape == (4, 6)


def test_an_area_is_a_share_of_the_picture() -> None:
    assert Area(0.1, 0.5, 0.9, 1.0).box((1280, 720)) == Box(128, 360, 1152, 720)
    assert Area(-1, 0, 2, 1).box((10, 10)) == Box(0, 0, 10, 10)


def test_another_text_that_comes_to_look_alike_does_not_bring_the_first_one_back() -> None:
    """The second line is 0.5 like the first one to begin with, and 0.6 after six frames, when the picture has changed."""
    size = (640, 360)
    half = np.full((180, 320), 128, np.uint8)
    box, ring = Box(150, 300, 500, 345), Ring(10)
    one, other = Burned("Hello again my friend", 0, 99), Burned("Farewell for ever now", 0, 99)

    def frame(index: int, likeness: float) -> Planes:
        first, second = (grey(draw(ground(index, size), text, index)) for text in (one, other))
        mixed = cv2.addWeighted(first, likeness, second, 1 - likeness, 0).astype(np.uint8)
        return Planes(index, index, index / 25, mixed, (half, half), 0)

    def follow(index: int, likeness: float) -> bool:
        ring.add(frame(index, likeness))
        return track.follow(frame(index, likeness), ring)

    ring.add(frame(0, 1))
    track = open_track(frame(0, 1), box, 0)
    assert all(follow(index, 1) for index in range(1, 30))
    agreed = {
        share: track.pattern.measure(track.look(frame(36, share)))[1] for share in np.linspace(0, 1, 101)
    }
    alike = next(share for share, found in agreed.items() if THERE + 0.02 < found < 0.7)
    assert all(follow(index, 0) for index in range(30, 36))
    assert follow(36, alike)
    assert track.doubt
    track.settle_doubt(frame(36, alike), ring, same=False)
    assert track.stop is not None
    assert track.stop.index == 29


@pytest.mark.parametrize(("board", "speed"), [(True, 9), (False, 9), (True, 0)])
def test_a_board_is_what_stays_still_before_a_restless_picture(board: bool, speed: int) -> None:
    text, band, line = Burned("Hello again my friend", 0, 99), Box(0, 270, 640, 360), Box(180, 40, 460, 66)
    mean, half = Mean(band), np.full((180, 320), 128, np.uint8)
    for index in range(0, 60, 2):
        picture = ground(index, speed=speed)
        if board:
            cv2.rectangle(picture, (170, 304), (469, 339), (10, 10, 10), -1)
        luma = grey(draw(picture, text, index))
        mean.add(Planes(index, index, index / 25, luma, (half, half), 0), band)
    found = boards.still(mean.wavers(), plain_strokes(mean.luma(), line), line)
    if not (board and speed):
        assert found is None
        return
    assert found is not None
    edges = (found.x0, found.y0, found.x1, found.y1)
    assert np.abs(np.subtract(edges, (170, 34, 470, 70))).max() <= 3, edges


def test_an_outline_as_dark_as_the_picture_is_reached_by_the_pixels_that_it_alters() -> None:
    """Of the pixels of a stroke's outline half are altered, of those around the text more than of those between strokes."""
    dice = np.random.default_rng(3)
    distance = np.tile(np.abs(np.arange(60) - 30).astype(np.float32), (80, 1))
    near = np.zeros((80, 60), bool)
    near[20:60] = True
    share = np.where(distance < 2, 0.8, np.where(distance < 4, 0.5, 0.05))
    altered_ = dice.random((80, 60)) < np.where(near, share, 0.4)
    assert reach.unseen(altered_, distance, near, 40) == 3
    assert reach.seen(altered_, distance, near, 40) < 3
    assert reach.unseen(np.zeros_like(altered_), distance, near, 40) == 0


def test_a_board_holds_its_line_also_where_it_was_not_seen_to_come() -> None:
    """Over something of its own colour a board changes nothing."""
    box, part = Box(100, 300, 400, 330), Box(180, 294, 405, 336)
    seen = Strokes(np.zeros((0, 0), bool), 2, True, 1.0, part)
    line = Judged(
        TextLine("text", 1.0, box),
        End(0, 0.0),
        End(9, 0.4),
        Mask.whole(box),
        seen,
        part,
        laid_on=True,
        corner=False,
        at_start=False,
    )
    (mask,) = Style.of([line]).masks(line)
    assert mask.box == Box(100, 294, 405, 336)
