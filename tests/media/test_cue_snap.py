"""Cues beside shot changes: moved onto them or clear of them, unless that would cost the viewer."""

import pytest

from openvod.core.models import Utterance, Word
from openvod.media.cue_profiles import PROFILES
from openvod.media.cue_snap import Shown, snap
from openvod.media.cue_times import Span
from openvod.media.cues import conformance, lay_out

NETFLIX, SHORT = PROFILES["netflix"], PROFILES["short-video"]


def shown(start, end, voice_start, voice_end, reading=500.0):
    return Shown(start, end, Span(voice_start, voice_end), reading)


@pytest.mark.parametrize(
    "cut, start",
    [
        (5.2, 5200),  # the voice is heard a little before its picture
        (4.8, 4800),  # and a little after
        (4.6, 5100),  # too far to go with it: clear of it, by half a second
        (5.4, 4900),
        (4.4, 5000),  # far enough
        (5.0, 5000),
    ],
)
def test_a_cue_comes_with_its_shot_or_clear_of_it(cut, start):
    [span] = snap([shown(5000, 8000, 5000, 7900)], [cut], NETFLIX)
    assert span == (start, 8000)


@pytest.mark.parametrize(
    "cut, end",
    [
        (8.1, 8017),  # to two frames before the cut
        (7.9, 7817),
        (8.4, 8317),
        (8.6, 8000),
        (7.65, 8150),  # the voice goes on too long into the new shot: the cue does, too
    ],
)
def test_a_cue_goes_with_its_shot_or_clear_of_it(cut, end):
    [span] = snap([shown(5000, 8000, 5000, 7990)], [cut], NETFLIX)
    assert span == (5000, end)


def test_neighbours_part_at_the_cut():
    cues = [shown(1000, 4917, 1000, 4900), shown(5000, 8000, 5000, 7900)]
    assert snap(cues, [5.1], NETFLIX) == [(1000, 5017), (5100, 8000)]
    assert snap(cues, [4.9], NETFLIX) == [(1000, 4817), (4900, 8000)]


@pytest.mark.parametrize(
    "cue, cut",
    [
        (shown(5000, 6000, 5000, 5900, reading=1000.0), 5.2),  # would be too short to read
        (shown(5000, 6000, 5000, 5500, reading=1000.0), 5.7),  # so would it
        (shown(100, 3000, 100, 2500), 0.45),  # would come before the film
        (shown(5000, 11990, 5000, 11980), 12.2),  # would last more than 7 s
    ],
)
def test_a_cue_stays_where_moving_it_would_cost_the_viewer(cue, cut):
    assert snap([cue], [cut], NETFLIX) == [(cue.start, cue.end)]


def test_no_gap_opens_that_flickers_and_no_cue_runs_into_another():
    cues = [shown(1000, 4917, 1000, 4417), shown(5000, 8000, 5000, 7900)]
    assert snap(cues, [5.25], NETFLIX)[1].start == 5000  # the first one may not stay for longer
    crowded = [shown(1000, 4990, 1000, 4980, reading=3900.0), shown(5000, 8000, 5000, 7900)]
    assert snap(crowded, [4.8], NETFLIX)[0] == (
        1000,
        4990,
    )  # no time to spare for the one that would come sooner


def test_a_style_without_a_clear_zone_only_pulls():
    assert snap([shown(5000, 7000, 5000, 6900)], [4.7], SHORT) == [(5000, 7000)]
    assert snap([shown(5000, 7000, 5000, 6900)], [4.9], SHORT) == [(4900, 7000)]


def test_speech_is_set_to_the_shots():
    text = "I never said that. You said it twice. And then you left the room."
    words, clock = [], 1.0
    for word in text.split():
        words.append(Word(word, clock, clock + 0.3))
        clock += 0.7 if word.endswith(".") else 0.32
    speech = [Utterance(1.0, clock, text, 90.0, tuple(words))]
    plain = lay_out(speech)
    cuts = [plain[1].start + 0.12, plain[2].start - 0.12]
    before, cues = conformance(plain, speech, NETFLIX, cuts), lay_out(speech, NETFLIX, cuts)
    after = conformance(cues, speech, NETFLIX, cuts)
    assert before.shares["shot-change"].kept < 3
    assert after.shares["shot-change"].kept == after.shares["sync"].kept == 3
    assert [cue.start for cue in cues[1:]] == pytest.approx(cuts, abs=0.001)
    assert after.hard_violations == ()
