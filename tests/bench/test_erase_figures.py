"""The erase bench's own arithmetic: a judge that cannot say no is no judge."""

from itertools import pairwise

import numpy as np
import pytest
from benchmarks import (
    erase_cost,
    erase_residual,
    erase_run,
    erase_styles,
    erase_verdict,
    erase_whole,
    privacy,
)
from benchmarks.erase_cues import compare
from benchmarks.erase_metrics import Score, decibels, region
from benchmarks.erase_styles import Cue
from benchmarks.erase_truth import Case, Picture

from openvod.engines.erase.marks import Mark
from openvod.engines.ocr import Box
from openvod.engines.screen_text import Mask


def picture(luma, chroma=128):
    half = np.full((luma.shape[0] // 2, luma.shape[1] // 2), chroma, np.uint8)
    return Picture(luma, half, half.copy())


def flat(value, shape=(40, 60)):
    return np.full(shape, value, np.uint8)


def burned(clean, box=(10, 20, 30, 40), value=235):
    out = clean.copy()
    out[box[0] : box[2], box[1] : box[3]] = value
    return out


def mark(first, last, box, covered=None):
    mask = Mask.whole(box) if covered is None else Mask.of(box, covered)
    return Mark("caption", "fill", first, last, mask)


def test_the_region_is_what_changed_and_two_pixels_around():
    clean = flat(100)
    where = region(clean, burned(clean))
    assert where.sum() == 24 * 24
    assert where[8:32, 18:42].all()
    assert not region(clean, clean + np.uint8(4)).any()
    assert region(clean, clean + np.uint8(5)).all()


def test_psnr_is_pooled_over_the_regions_of_all_frames():
    clean = flat(100)
    laid = burned(clean)
    score = Score()
    score.push(picture(clean), laid, picture(clean))
    score.push(picture(clean), laid, picture(clean + np.uint8(10)))
    assert score.psnr == pytest.approx(10 * np.log10(255**2 / 50))
    assert Score().psnr == 100
    assert decibels(0, 10) == 100


def test_flicker_is_change_that_the_clean_clip_has_not():
    clean, score = flat(100), Score()
    laid = burned(clean)
    for by in (10, 10, 10):  # wrong, but wrong in the same way all the time
        score.push(picture(clean), laid, picture(clean + np.uint8(by)))
    assert score.flicker == 0
    restless = Score()
    for by in (10, 4, 10):
        restless.push(picture(clean), laid, picture(clean + np.uint8(by)))
    assert restless.flicker == 6


def test_what_is_wrong_outside_the_region_is_no_error_of_the_fill():
    clean = flat(100)
    out = clean.copy()
    out[0, 0] = 0
    score = Score()
    score.push(picture(clean), burned(clean), picture(out))
    assert score.psnr == 100


def test_boundaries_are_compared_cue_by_cue():
    bounds = compare([(10, 20), (30, 40), (50, 60)], [(10, 20), (29, 42), (70, 80)])
    assert bounds.errors == (0, 0, -1, 2, None, None)
    assert bounds.extra == 1
    assert bounds.within_one == pytest.approx(3 / 6)
    assert bounds.exact == pytest.approx(2 / 6)


def test_one_found_cue_does_not_stand_for_two_and_pieces_are_no_whole():
    assert compare([(0, 9), (10, 30)], [(0, 30)]).errors == (None, None, -10, 0)
    pieces = compare([(0, 29)], [(0, 9), (10, 29)])
    assert pieces.errors == (10, 0)
    assert pieces.extra == 1


def test_half_of_the_characters_in_their_order_is_readable():
    assert erase_residual.holds("  THE quick", "The quick fox")
    assert not erase_residual.holds("xof kciuq", "The quick fox")
    assert not erase_residual.holds("", "天气真好")
    assert erase_residual.holds("天气x", "天气真好")


def test_both_ends_of_a_cue_are_looked_at():
    assert erase_residual.moments(Cue(10, 30, "x")) == [10, 15, 20, 25, 30]
    assert erase_residual.moments(Cue(5, 5, "x")) == [5]


def test_a_sample_outside_the_mask_that_changed_is_counted_in_every_plane():
    given = picture(flat(100))
    laid = np.zeros((40, 60), bool)
    laid[10:30, 20:40] = True
    mask = erase_whole.mask_at([mark(3, 5, Box(20, 10, 40, 30))], 4, (40, 60))
    assert np.array_equal(mask, laid)
    assert not erase_whole.mask_at([mark(3, 5, Box(20, 10, 40, 30))], 6, (40, 60)).any()

    inside = Picture(burned(given.y), given.u.copy(), given.v.copy())
    inside.u[5:15, 10:20] = 7
    outside = erase_whole.Outside()
    outside.push(given, inside, mask, laid)
    assert (outside.differing, outside.needless) == (0, 0)
    assert (outside.burned, outside.covered) == (400, 400)

    inside.y[0, 20], inside.v[0, 10] = 0, 0
    outside.push(given, inside, mask, laid)
    assert outside.differing == 2
    assert outside.needless == 0  # still within sixteen pixels of it

    inside.y[39, 59] = 0
    outside.push(given, inside, mask, laid)
    assert outside.needless == 1


def test_a_mask_that_sticks_out_of_the_picture_is_cut():
    mask = erase_whole.mask_at([mark(0, 0, Box(-5, -5, 5, 5))], 0, (40, 60))
    assert mask.sum() == 25


def test_groups_in_which_nothing_changed():
    keys = [number % 4 == 0 for number in range(12)]
    assert erase_cost.untouched(keys, [(5, 6)]) == [0, 1, 2, 3, 8, 9, 10, 11]
    assert erase_cost.untouched(keys, [(3, 4)]) == [8, 9, 10, 11]
    assert erase_cost.untouched(keys, []) == list(range(12))


def test_frames_with_text_are_counted_once():
    assert sum(erase_cost._lengths([(0, 9), (5, 14), (20, 20)])) == 16


def test_a_run_shows_the_pictures_that_were_kept_and_the_others_as_they_were(tmp_path, monkeypatch):
    given = [picture(flat(value)) for value in (10, 20, 30)]
    monkeypatch.setattr(erase_run, "pictures", lambda _: iter(given))
    (tmp_path / "tap").mkdir()
    planes = (flat(99), given[1].u, given[1].v)
    (tmp_path / "tap" / "1.yuv").write_bytes(b"".join(plane.tobytes() for plane in planes))
    run = erase_run.Run(tmp_path / "x", tmp_path, 0.0, 0.0, ())
    assert [(int(each.y[0, 0]), edited) for each, edited in run.edited()] == [
        (10, False),
        (99, True),
        (30, False),
    ]


def row(name, gain, ours=1.0, theirs=2.0, **more):
    return {
        "name": name, "gain": gain, "calm": ours / theirs, "openvod": {"flicker": ours, "psnr": 30.0},
        "delogo": {"flicker": theirs}, "plain": {"psnr": 29.0}, "readable": 10, "residual": 0,
        "errors": [0] * 10, "extra": 0, "covered": 1.0, **more,
    }  # fmt: skip


def passed(verdicts):
    return [each.passed for each in verdicts]


def test_a_good_mean_does_not_excuse_a_bad_clip():
    assert passed(erase_verdict.subtitles("x", [row("a", 3.0), row("b", 3.2)])) == [True] * 4
    assert passed(erase_verdict.subtitles("x", [row("a", 9.0), row("b", -0.4)]))[0] is False
    assert passed(erase_verdict.subtitles("x", [row("a", 4), row("b", 4, 2.2, 2.0)]))[1] is False
    assert passed(erase_verdict.subtitles("x", [row("a", 4, residual=1)]))[2] is False
    assert passed(erase_verdict.subtitles("x", [row("a", 4, errors=[0] * 9 + [None])]))[3] is False
    reached = erase_verdict.subtitles("x", [row("a", 6.1)])
    assert [each.reached for each in reached] == [True] * 4


def test_a_run_that_fails_is_told_and_hides_nothing_else():
    rows = [row("a", 4), {"name": "b", "failed": "crashed"}]
    assert passed(erase_verdict.ended(rows)) == [False]
    assert passed(erase_verdict.ended(rows[:1])) == [True]
    assert passed(erase_verdict.subtitles("x", rows)) == [True] * 4
    assert erase_verdict.subtitles("x", rows[1:]) == []


def test_a_watermark_must_not_be_worse_than_plain_fill():
    assert passed(erase_verdict.watermarks("x", [row("a", 12)])) == [True]
    assert passed(erase_verdict.watermarks("x", [row("a", 12, plain={"psnr": 30.1})])) == [False]


def test_a_watermark_that_nobody_saw_is_not_taken_for_a_good_fill():
    assert passed(erase_verdict.watermarks("x", [row("a", 12, covered=0.0)])) == [False]


def test_exposed_faces_are_set_beside_the_peers():
    def figures(exposed, longest):
        return [
            {"tool": "openvod", "kind": "face", "frames": 9, "exposed": exposed, "longest": longest},
            {"tool": "deface", "kind": "face", "frames": 9, "exposed": 4, "longest": 2},
        ]

    assert passed(erase_verdict.privacy("x", figures(3, 1))) == [True]
    assert passed(erase_verdict.privacy("x", figures(3, 2))) == [False]
    assert erase_verdict.privacy("x", figures(0, 0))[0].reached


def test_cases_that_were_judged_apart_are_put_together():
    def result(name, exposed, longest, needless):
        row = {"tool": "openvod", "kind": "face", "frames": 10, "exposed": exposed, "longest": longest}
        figures = [{**row, "never": 0, "needless": needless}]
        return {"cases": [name], "figures": figures, "cpu_ms_per_frame": {"faces": 10.0}, "exposed": [name]}

    both = privacy.merged([result("a", 1, 1, 0.1), result("b", 4, 3, 0.3)])
    (row,) = both["figures"]
    assert (row["frames"], row["exposed"], row["longest"]) == (20, 5, 3)
    assert row["needless"] == pytest.approx(0.2)
    assert (both["cases"], both["exposed"]) == (["a", "b"], ["a", "b"])


def test_nothing_outside_and_all_copies_alike():
    copied = {"frames": 9, "frames_after": 9, "untouched": 4, "identical": 4, "times": True, "sound": True}
    clean = row("a", 1, differing_outside=0, needless_per_frame=0.0)
    assert passed(erase_verdict.outside([clean], copied)) == [True, True]
    assert passed(erase_verdict.outside([{**clean, "differing_outside": 1}], copied))[0] is False
    for name, value in (("identical", 3), ("sound", False), ("times", False), ("frames_after", 8)):
        assert passed(erase_verdict.outside([], {**copied, name: value})) == [False]
    assert passed(erase_verdict.outside([], {**copied, "untouched": 0, "identical": 0})) == [False]


def test_memory_must_be_flat_as_well_as_small():
    def films(*peaks):
        names = ("10s", "5min", "1h")
        return {
            name: {"peak_mb": peak, "seconds": 1, "cpu_ms_per_frame_with_text": 90}
            for name, peak in zip(names, peaks, strict=False)
        }

    assert passed(erase_verdict.cost(films(300, 320))) == [True, True]
    assert passed(erase_verdict.cost(films(300, 500)))[1] is False
    assert passed(erase_verdict.cost(films(901)))[1] is False


def test_held_out_styles_are_no_tuned_ones():
    assert not set(erase_styles.HELD_LOOKS) & set(erase_styles.LOOKS)
    assert not set(erase_styles.HELD_MARKS) & set(erase_styles.MARKS)


def test_subtitles_of_a_seed_are_always_the_same_and_stay_inside_of_the_clip():
    stage = erase_styles.Stage(640, 360, 25.0, 125)
    for name, look in (erase_styles.LOOKS | erase_styles.HELD_LOOKS).items():
        script, cues = erase_styles.subtitles(look, stage, 7)
        assert (script, cues) == erase_styles.subtitles(look, stage, 7), name
        assert all(0 <= cue.first <= cue.last < 125 for cue in cues)
        assert all(one.last < other.first for one, other in pairwise(cues))


def test_the_place_of_a_cue_is_all_of_its_frames(tmp_path):
    boxes = (None, (4, 4, 8, 8), (5, 3, 9, 7), None)
    case = Case(tmp_path, "x", "subtitle", 25.0, (60, 40), 4, (Cue(0, 3, "x"),), boxes)
    assert case.cue_box(case.cues[0]) == (4, 3, 9, 8)
    assert erase_whole._seen(case, 0, 3) == (1, 2)
