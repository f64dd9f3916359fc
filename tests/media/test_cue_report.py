"""The conformance report: what is counted, what is blamed on the voice, and what its two forms hold."""

import json
import math

import pytest

from openvod.core.models import Utterance, Word
from openvod.media.captions import Cue
from openvod.media.cue_profiles import PROFILES
from openvod.media.cue_report import conformance
from openvod.media.cue_rules import HARD, RULES
from openvod.media.cues import lay_out

NETFLIX = PROFILES["netflix"]


def say(text, start, pace, speaker=None):
    words = tuple(
        Word(word, start + at * pace, start + (at + 1) * pace) for at, word in enumerate(text.split())
    )
    return Utterance(start, words[-1].end, text, 90.0, words, speaker)


def test_a_fast_voice_is_blamed_and_a_careless_setter_is_not():
    fast = [say("Nobody could possibly understand everything immediately.", 1.0, 0.2)]
    share = conformance(lay_out(fast), fast, NETFLIX).shares["reading-speed"]
    assert (share.kept, share.of, share.forced) == (0, 1, 1)
    assert (share.percent, share.percent_where_possible) == (0.0, 100.0)
    calm = [say("There is time enough.", 1.0, 0.5)]
    share = conformance([Cue(1.0, 1.4, ("There is time enough.",))], calm, NETFLIX).shares["reading-speed"]
    assert (share.kept, share.forced) == (0, 0)


def test_a_cue_that_could_share_its_neighbours_time_is_not_forced():
    speech = [say("Go away.", 1.0, 0.15), say("I never want to see you here again.", 1.3, 0.5)]
    apart = [
        Cue(1.0, 1.3, ("Go away.",)),
        Cue(1.3, 5.3, ("I never want to see you here again.",)),
    ]
    assert conformance(apart, speech, NETFLIX).shares["reading-speed"].forced == 0
    other = [say("Go away.", 1.0, 0.15, "A"), say("I never want to see you here again.", 1.3, 0.5, "B")]
    named = [Cue(cue.start, cue.end, cue.lines, name) for cue, name in zip(apart, "AB", strict=True)]
    assert conformance(named, other, NETFLIX).shares["reading-speed"].forced == 1


def test_speakers_are_never_mixed_and_always_named():
    speech = [say("Where were you?", 1.0, 0.4, "Speaker 1"), say("At home.", 2.3, 0.4, "Speaker 2")]
    cues = lay_out(speech)
    assert [(cue.speaker, cue.lines) for cue in cues] == [
        ("Speaker 1", ("Where were you?",)),
        ("Speaker 2", ("At home.",)),
    ]
    assert conformance(cues, speech, NETFLIX).hard_violations == ()
    mixed = [Cue(1.0, 3.5, ("Where were you?", "At home."), "Speaker 1")]
    [reason] = conformance(mixed, speech, NETFLIX).hard_violations
    assert "Speaker 1, Speaker 2" in reason
    swapped = [Cue(cue.start, cue.end, cue.lines) for cue in cues]
    assert len(conformance(swapped, speech, NETFLIX).hard_violations) == 2


def test_a_speaker_can_change_in_the_middle_of_an_utterance():
    words = (Word("Ready?", 1.0, 1.6), Word("Always.", 1.8, 2.6, "Bob"))
    cues = lay_out([Utterance(1.0, 2.6, "Ready? Always.", 90.0, words, "Ann")])
    assert [(cue.speaker, cue.lines) for cue in cues] == [("Ann", ("Ready?",)), ("Bob", ("Always.",))]


def test_breaks_that_part_a_phrase_are_counted():
    speech = [say("We were standing in the very old house of my mother.", 1.0, 0.4)]
    torn = [Cue(1.0, 5.6, ("We were standing in the", "very old house of my mother."))]
    report = conformance(torn, speech, NETFLIX)
    assert [offence.reason for offence in report.offences] == ["has a line break between 'the' and 'very'"]
    parted = [
        Cue(1.0, 3.5, ("We were standing in the very",)),
        Cue(3.5, 5.6, ("old house of my mother.",)),
    ]
    [offence] = [each for each in conformance(parted, speech, NETFLIX).offences if each.rule == "phrase"]
    assert (offence.cue, "'very'" in offence.reason) == (1, True)


def test_edges_beside_a_shot_change_are_counted():
    speech = [say("Hello there.", 1.0, 0.6)]
    cues = [Cue(1.0, 2.4, ("Hello there.",))]
    rule = "shot-change"
    assert rule not in conformance(cues, speech, NETFLIX).shares
    assert conformance(cues, speech, NETFLIX, [1.0, 2.483]).shares[rule].kept == 1
    assert conformance(cues, speech, NETFLIX, [1.2]).shares[rule].kept == 0
    assert conformance(cues, speech, NETFLIX, [2.3]).shares[rule].kept == 0


def test_a_translation_is_checked_without_its_voice():
    report = conformance([Cue(1.0, 2.4, ("你好。",))], [], NETFLIX)
    assert not {"words", "sync", "linger", "speaker"} & set(report.shares)
    assert report.to_json()["hard_rules_kept"] is True


def test_the_json_tells_every_offence_with_its_cue():
    speech = [say("Nobody could possibly understand everything immediately.", 1.0, 0.2)]
    cues = lay_out(speech)
    told = json.loads(json.dumps(conformance(cues, speech, NETFLIX).to_json(), allow_nan=False))
    assert (told["version"], told["profile"], told["cues"]) == (1, "netflix", 1)
    assert [row["rule"] for row in told["rules"]] == [rule for rule in RULES if rule != "shot-change"]
    assert {row["rule"] for row in told["rules"] if row["hard"]} == set(HARD)
    [row] = [each for each in told["offences"] if each["rule"] == "reading-speed"]
    assert (row["rule"], row["cue"], row["forced"], row["hard"]) == ("reading-speed", 1, True, False)
    assert row["text"] == "Nobody could possibly understand everything immediately."
    assert row["start"] == round(cues[0].start, 3)


@pytest.mark.parametrize("moment", [math.nan, math.inf, -math.inf, 1e300])
def test_the_json_of_broken_cues_is_still_json(moment):
    report = conformance([Cue(moment, moment, ("x",))], [], NETFLIX)
    assert json.loads(json.dumps(report.to_json(), allow_nan=False))["hard_rules_kept"] is False
    assert "HARD RULES BROKEN" in report.summary()


def test_the_summary_names_rules_and_offenders_and_stays_short():
    cues = [Cue(float(at), at + 0.1, ("Far too much text for that.",)) for at in range(60)]
    summary = conformance(cues, [], NETFLIX).summary()
    assert "60 cues by the profile `netflix`: all hard rules kept" in summary
    assert "  0.0 %  reading-speed (soft): 0 of 60" in summary
    assert "cue 1 has 0.10 s for text that takes 1.35 s to read" in summary
    assert "and 40 more" in summary
