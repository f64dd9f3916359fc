"""Areas are followed both ways, held, ended by cuts, and kept small."""

import numpy as np
import pytest

from openvod.engines.faces import Box, Found
from openvod.engines.tracks import Areas, Track, key_frames, made, ranges
from openvod.engines.tracks_follow import Cuts, Follower, Rhythm
from openvod.engines.tracks_motion import follow
from openvod.engines.tracks_view import LONGEST_SIDE, View, view

SIZE = (192, 320)
RHYTHM = Rhythm(thorough=8, quick=0, near=2, hold=10, back=60)
GROUND, OTHER, THING = (
    np.random.default_rng(seed).integers(30, 220, (30, 40)).astype(np.uint8) for seed in (1, 2, 3)
)


def enlarged(pattern: np.ndarray, times: int) -> np.ndarray:
    return np.kron(pattern, np.ones((times, times), np.uint8))


def place(frame: int) -> Box:
    """Where the thing is: 40 by 40 pixels, going right."""
    x = 20.0 + 3 * frame
    return x, 70.0, x + 40, 110.0


def picture(frame: int, shown: bool = True, ground: np.ndarray = GROUND, tint: int = 128) -> View:
    luma = enlarged(ground, 8)[: SIZE[0], : SIZE[1]].copy()
    if shown:
        x0, y0, x1, y1 = (int(edge) for edge in place(frame))
        luma[y0:y1, x0:x1] = enlarged(THING[:10, :10], 4)
    half = np.full((SIZE[0] // 2, SIZE[1] // 2), tint, np.uint8)
    return view(frame, luma, (half, 255 - half))


class Told:
    """A finder that knows the truth, in some frames only."""

    kind = "face"

    def __init__(self, frames: range | set[int], score: float = 0.9) -> None:
        self.frames, self.score = frames, score

    def seek(self, view: View, *, thorough: bool) -> list[Found]:
        return [Found(place(view.number), self.score)] if view.number in self.frames else []

    def near(self, view: View, box: Box) -> Found | None:
        return Found(place(view.number), self.score) if view.number in self.frames else None

    def sure(self, scores: list[float]) -> bool:
        return scores[0] > 0.5


def run(finder: Told, views: list[View]) -> list[Track]:
    follower, cuts = Follower(finder, RHYTHM), Cuts()
    for each in views:
        follower.push(each, cut=cuts.push(each))
    return follower.finish()


def covered(tracks: list[Track], frame: int) -> float:
    """Share of the true box that lies in the areas."""
    x0, y0, x1, y1 = place(frame)
    best = 0.0
    for _, box in Areas(tracks).at(frame):
        width = max(0.0, min(x1, box[2]) - max(x0, box[0]))
        best = max(best, width * max(0.0, min(y1, box[3]) - max(y0, box[1])) / 1600)
    return best


def test_a_thing_that_is_found_once_is_hidden_before_and_after() -> None:
    tracks = run(Told({32}), [picture(frame) for frame in range(64)])
    assert len(tracks) == 1
    assert min(covered(tracks, frame) for frame in range(64)) > 0.95


def test_a_thing_out_of_sight_is_held_and_then_given_up() -> None:
    views = [picture(frame, shown=frame < 24 or frame >= 30) for frame in range(80)]
    tracks = run(Told(range(24)), views)
    assert min(covered(tracks, frame) for frame in range(24)) > 0.95
    assert [covered(tracks, frame) > 0.5 for frame in (26, 29)] == [True, True]
    assert max(track.last for track in tracks) < 79


def test_a_cut_ends_a_track_and_begins_another() -> None:
    views = [picture(frame, tint=90) for frame in range(20)]
    views += [picture(frame, shown=frame >= 24, ground=OTHER, tint=170) for frame in range(20, 40)]
    tracks = run(Told({8, 32}), views)
    assert [(track.first >= 20, track.last) for track in tracks] == [(False, 19), (True, 39)]
    assert min(covered(tracks, frame) for frame in (*range(20), *range(24, 40))) > 0.95


def test_what_is_still_there_after_a_flash_stays_hidden() -> None:
    views = [picture(frame) for frame in range(30)]
    flash = np.full(SIZE, 250, np.uint8)
    half = np.full((SIZE[0] // 2, SIZE[1] // 2), 200, np.uint8)
    views[13] = view(13, flash, (half, half))
    tracks = run(Told(range(30)), views)
    assert all(covered(tracks, frame) > 0.95 for frame in range(30))


def test_what_is_never_sure_is_not_hidden() -> None:
    assert run(Told(range(30), score=0.4), [picture(frame) for frame in range(30)]) == []


def test_the_flow_follows_growth_and_knows_when_it_is_lost() -> None:
    cv2 = pytest.importorskip("cv2")
    before = picture(10)
    grown = cv2.warpAffine(before.luma, np.array([[1.05, 0, -4.0], [0, 1.05, -2.0]]), SIZE[::-1])
    after = view(11, grown, (before.chroma[..., 0], before.chroma[..., 1]))
    motion = follow(before, after, place(10))
    x0, y0, x1, y1 = place(10)
    assert motion.box == pytest.approx((x0 * 1.05 - 4, y0 * 1.05 - 2, x1 * 1.05 - 4, y1 * 1.05 - 2), abs=1.5)
    assert motion.trust > 0.8
    assert follow(before, picture(11, shown=False, ground=OTHER), place(10)).trust < 0.6


def test_tracks_are_compact_and_survive_json() -> None:
    boxes = [(x := 2.0 * frame, 50.0, x + 30, 90.0) for frame in range(100)]
    boxes += [(198.0, 50.0 + 3 * frame, 228.0, 90.0 + 3 * frame) for frame in range(50)]
    track = made("plate", 7, boxes, 0.71)
    assert (track.first, track.last) == (7, 156)
    assert len(track.keys) < 15
    again = Track.load(track.dump())
    areas = Areas([again])
    for frame in (7, 50, 107, 156):
        ((kind, box),) = areas.at(frame)
        true = boxes[frame - 7]
        assert kind == "plate"
        assert max(box[0] - true[0], box[1] - true[1], true[2] - box[2], true[3] - box[3]) <= 0
    assert list(areas.at(6)) == list(areas.at(157)) == []


def test_one_frame_is_a_track_too() -> None:
    track = made("face", 3, [(1.0, 2.0, 3.0, 4.0)], 0.6)
    assert (track.first, track.last, len(track.keys)) == (3, 3, 1)
    assert key_frames(np.zeros((2, 4))) == [0, 1]


def test_stretches_with_something_hidden_are_joined() -> None:
    box = (0.0, 0.0, 1.0, 1.0)
    spans = [(30, 40), (0, 9), (10, 12), (5, 7)]
    assert ranges(Track("face", ((a, box), (b, box)), 1.0) for a, b in spans) == [(0, 12), (30, 40)]


def test_large_pictures_are_kept_small() -> None:
    kept = view(0, np.zeros((1081, 1921), np.uint8), (np.zeros((541, 961), np.uint8),) * 2)
    assert max(kept.size) == LONGEST_SIDE
    assert kept.scale == pytest.approx(1921 / 1280)
    assert kept.bgr().shape == (720, 1280, 3)
    assert kept.bgr((10, 20, 30, 60)).shape == (40, 20, 3)
