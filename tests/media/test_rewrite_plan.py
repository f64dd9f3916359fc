"""The planner over any division into groups, and windows over any ranges."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.media.rewrite import planning
from openvod.media.rewrite.index import Group, VideoIndex
from openvod.media.rewrite.planning import FrameRange, Segment, plan
from openvod.media.rewrite.windows import Picture, cut, edited


def index_of(groups, ways=("copy", "whole", "serial")):
    return VideoIndex(
        codec="h264",
        width=64,
        height=48,
        stored_pixels="yuv420p",
        time_base=(1, 25),
        rate=(25, 1),
        frames=sum(group.frames for group in groups),
        origin=0,
        last_duration=1,
        reorder=0,
        length_size=4,
        ways=ways,
        reason="",
        identity="",
        recipe={"pixels": "yuv420p"},
        groups=tuple(groups),
    )


@st.composite
def indexes(draw):
    shapes = st.tuples(st.integers(1, 200), st.integers(0, 2), st.booleans(), st.booleans())
    groups, first, packet = [], 0, 0
    for frames, hidden, entry, joint in draw(st.lists(shapes, min_size=1, max_size=20)):
        groups.append(
            Group(first, frames, packet, frames + hidden, int(not entry), entry and joint, hidden > 0)
        )
        first, packet = first + frames, packet + frames + hidden
    return index_of(groups)


ranges = st.lists(st.builds(FrameRange, st.integers(-5, 2500), st.integers(-5, 2500)), max_size=6)


def frames_of(parts):
    return {frame for part in parts for frame in range(part.first, part.end)}


@given(indexes(), ranges, st.sampled_from([(), ("copy",), ("copy", "whole")]))
def test_every_changed_frame_is_edited_once_and_groups_stay_whole(index, changed, without):
    made = plan(index, changed, 5, without=without)
    wanted = frames_of(changed) & set(range(index.frames))
    assert frames_of(part for segment in made.segments for part in segment.edited) == wanted
    starts = {group.first for group in index.groups}
    seen = 0
    for segment in made.segments:
        assert segment.first >= seen
        assert segment.frames > 0
        assert made.way == "serial" or segment.first in starts
        for part in segment.edited:
            assert segment.first <= part.first < part.end <= segment.first + segment.frames
        seen = segment.first + segment.frames
    if made.way != "copy":
        assert made.encoded == index.frames


@given(indexes(), ranges)
def test_copied_parts_begin_where_nothing_older_is_needed(index, changed):
    made = plan(index, changed, 5)
    if made.way != "copy":
        return
    wanted = frames_of(changed)
    encoded = {
        frame for segment in made.segments for frame in range(segment.first, segment.first + segment.frames)
    }
    for before, group in pairwise(index.groups):
        if (before.first in encoded) != (group.first in encoded):
            assert group.joint  # both a copy after new pictures, and new pictures after a copy
    for group in index.groups:
        frames = set(range(group.first, group.first + group.frames))
        assert not (group.hidden and group.first not in encoded)
        assert frames & wanted <= encoded
    parts = planning._joined(index.groups)
    for first, end in parts:
        part = {
            frame
            for group in index.groups[first:end]
            for frame in range(group.first, group.first + group.frames)
        }
        if not part & wanted and not any(group.hidden for group in index.groups[first:end]):
            assert not part & encoded  # nothing is encoded without need


@given(indexes())
def test_index_and_segments_survive_json(index):
    assert VideoIndex.load(index.dump()) == index
    for segment in plan(index, [FrameRange(0, 10)], 3).segments:
        assert Segment.load(segment.dump()) == segment


def test_a_count_that_differs_from_the_packets_means_one_go():
    index = index_of([Group(0, 100, 0, 100, 0, True), Group(100, 100, 100, 100, 0, True)])
    assert plan(index, [FrameRange(0, 10)], 3, decoded=200).way == "copy"
    made = plan(index, [FrameRange(0, 10), FrameRange(240, 260)], 3, decoded=250)
    assert made.way == "serial"
    assert made.segments[0].edited == (FrameRange(0, 10), FrameRange(240, 250))


@pytest.mark.parametrize(
    ("frames", "lengths"), [(250, [150, 100]), (100, [100]), (500, [250, 250]), (1000, [250] * 4)]
)
def test_a_short_video_keeps_two_processors_busy(frames, lengths):
    groups = [Group(first, 50, first, 50, 0, True, False) for first in range(0, frames, 50)]
    made = plan(index_of(groups), [FrameRange(0, frames)], 0)
    assert [segment.frames for segment in made.segments] == lengths


def test_nothing_to_change_encodes_nothing():
    index = index_of([Group(0, 100, 0, 100, 0, True)])
    made = plan(index, [], 3)
    assert (made.way, made.segments, made.copied_share) == ("copy", (), 1.0)


@given(ranges, st.integers(0, 9), st.integers(1, 40), st.integers(0, 200))
def test_windows_show_originals_around_every_edited_frame(changed, context, longest, frames):
    wanted = planning.merged(changed, frames)
    windows = cut(wanted, longest)
    alive = [0]
    seen = []

    def pictures():
        for number in range(frames):
            alive[0] = max(alive[0], number - emitted[0])
            yield Picture(number, number, (np.full((1, 1), number % 251, "uint8"),))

    def call(before, inner, after):
        first, end = inner[0].number, inner[-1].number + 1
        assert [p.number for p in before] == list(range(max(0, first - context), first))
        assert [p.number for p in after] == list(range(end, min(frames, end + context)))
        assert all(p.planes[0][0, 0] == p.number % 251 for p in [*before, *after])
        assert len(inner) <= longest
        for picture in inner:
            seen.append(picture.number)
            picture.planes[0][:] = 255

    emitted = [0]
    for expected, picture in enumerate(edited(pictures(), windows, context, call)):
        assert picture.number == expected
        assert picture.planes[0][0, 0] == (255 if expected in frames_of(wanted) else expected % 251)
        emitted[0] = expected
    assert sorted(seen) == sorted(frames_of(wanted))
    assert alive[0] <= longest + context + 1  # constant memory
