"""A thing that was lost and found again is covered on its way, and no area grows without end."""

from itertools import pairwise

import pytest

from openvod.engines.faces import Box, Found, shared
from openvod.engines.tracks_trail import ALONE, MOST, ROOM, Trail
from tests.engines.test_tracks import OTHER, picture, place

END = 20


def off(box: Box, by: float) -> Box:
    return box[0], box[1] + by, box[2], box[3] + by


def astray(by: float) -> Trail:
    """Led right until frame 9, and onto something else from then on."""
    boxes = [place(frame) if frame < 10 else off(place(9), by) for frame in range(END)]
    return Trail(0, boxes, [0.9], unseen=10, seen=place(9))


def test_the_way_back_from_where_it_was_found_again_counts_too() -> None:
    trail = astray(30)
    trail.see_again(Found(place(END - 1), 0.8), [picture(frame) for frame in range(END)])
    assert trail.box == place(END - 1)
    assert not trail.lost
    ((first, boxes),) = trail.asides
    assert first + len(boxes) == END
    assert 8 <= first <= 10
    for frame in range(10, END):
        assert shared(boxes[frame - first], place(frame)) > 0.9


def test_a_thing_that_was_followed_rightly_has_one_way_only() -> None:
    trail = Trail(0, [place(frame) for frame in range(END)], [0.9], unseen=10, seen=place(9))
    trail.see_again(Found(place(END - 1), 0.8), [picture(frame) for frame in range(END)])
    assert trail.asides == []


def test_what_is_held_grows_up_to_a_limit() -> None:
    x0, y0, x1, y1 = place(3)
    trail = Trail(3, [place(3)], [0.9], seen=place(3))
    shown, gone = picture(3), picture(3, shown=False, ground=OTHER)
    for _ in range(4):
        trail.step(shown, gone)
    assert trail.lost
    assert 1.05 < (trail.box[2] - trail.box[0]) / (x1 - x0) < 1.3
    for _ in range(60):
        trail.step(shown, gone)
    assert trail.box[2] - trail.box[0] == pytest.approx(MOST * (x1 - x0))
    assert trail.box[3] - trail.box[1] == pytest.approx(MOST * (y1 - y0))


def test_what_the_flow_alone_has_led_for_long_is_given_some_room() -> None:
    views = [picture(frame) for frame in range(END + 20)]
    trail = Trail(0, [place(0)], [0.9], seen=place(0))
    for before, after in pairwise(views):
        trail.step(before, after)
    assert not any(box[2] - box[0] > 42 for box in trail.boxes[: ALONE + 1])
    assert 1.1 * 40 < trail.box[2] - trail.box[0] < (ROOM + 0.1) * 40
    assert shared(trail.box, place(END + 19)) > 0.95
