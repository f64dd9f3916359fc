"""Whatever the groups are: a clip has the frames that were asked for, and copies only what a decoder can begin with."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from openvod.media.excerpt.planning import Piece, laid, plan
from openvod.media.rewrite import FrameRange
from openvod.media.rewrite.index import Group, Times, VideoIndex


def index(groups, codec="h264", ways=("copy", "whole", "serial")):
    frames = sum(group.frames for group in groups)
    return VideoIndex(
        codec, 160, 120, "yuv420p", (1, 1000), (25, 1), frames, 0, 40, 2, 4, ways, "", "x", {}, tuple(groups)
    )  # fmt: skip


@st.composite
def groups(draw):
    made, first, packet = [], 0, 0
    for _ in range(draw(st.integers(1, 12))):
        frames = draw(st.sampled_from([1, 2, 10, 250]))
        joint, hidden = draw(st.booleans()), draw(st.integers(0, 5)) == 0
        packets = frames + hidden
        made.append(Group(first, frames, packet, packets, 0 if joint else min(2, frames - 1), joint, hidden))
        first, packet = first + frames, packet + packets
    return made


@given(groups(), st.data(), st.sampled_from(["h264", "hevc", "mpeg4"]))
def test_pieces_are_the_frames_in_order(made, data, codec):
    ways = ("copy", "whole", "serial") if codec == "h264" else ("whole", "serial")
    video = index(made, codec, ways)
    edges = st.lists(st.integers(0, video.frames), min_size=2, max_size=2, unique=True).map(sorted)
    stretches = [FrameRange(*pair) for pair in data.draw(st.lists(edges, min_size=1, max_size=3))]
    cut = plan(video, stretches)
    assert cut is not None
    numbers = [number for piece in cut.pieces for number in range(piece.first, piece.end)]
    assert numbers == [number for part in stretches for number in range(part.first, part.end)]
    firsts = {group.first: group for group in made}
    for piece in cut.pieces:
        assert Piece.load(piece.dump()) == piece
        if piece.packets:
            group = firsts[piece.first]
            assert group.joint
            assert (piece.first_packet, piece.packets) == (group.first_packet, piece.frames)
            assert not any(each.hidden for each in made if piece.first <= each.first < piece.end)
    copied = [piece for piece in cut.pieces if piece.packets]
    assert (cut.way == "copy") == bool(copied)
    if codec == "hevc" and copied:
        assert not cut.segments
    if codec == "mpeg4":
        assert not copied
    assert plan(video, stretches, without=["copy", "whole"]) is None
    whole = plan(video, stretches, without=["copy"])
    assert whole is not None
    assert not any(piece.packets for piece in whole.pieces)


@given(st.lists(st.integers(1, 500), min_size=2, max_size=30), st.data())
def test_frames_are_shown_as_long_as_they_were(gaps, data):
    ticks = array("q", [100])
    for gap in gaps:
        ticks.append(ticks[-1] + gap)
    times = Times(ticks)
    video = index([Group(0, len(times), 0, len(times), 0, True)])
    lengths = [*gaps, video.last_duration]
    edges = st.lists(st.integers(0, len(times)), min_size=2, max_size=2, unique=True).map(sorted)
    stretches = [FrameRange(*pair) for pair in data.draw(st.lists(edges, min_size=1, max_size=3))]
    shown, begins = laid(video, times, stretches)
    wanted = [lengths[number] for part in stretches for number in range(part.first, part.end)]
    ends = [*(shown[place] for place in range(1, len(shown))), begins[-1]]
    assert [end - shown[place] for place, end in enumerate(ends)] == wanted
    assert begins[0] == shown[0] == 0
    assert len(begins) == len(stretches) + 1
