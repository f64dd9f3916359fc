"""Another text in a cue's time: lines within the rules, the time shared out, nothing lost."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openvod.media.captions import Cue
from openvod.media.cue_profiles import PROFILES
from openvod.media.cue_report import conformance
from openvod.media.cues import bilingual, relaid

NETFLIX = PROFILES["netflix"]
CUE = Cue(1.0, 4.0, ("Where have you been?",), "Speaker 1")
TEXTS = st.text(alphabet="abc de, fg. 你好的在我们\uff0c。 ", max_size=400)


def test_a_translation_takes_the_cues_place():
    [cue] = relaid(CUE, "Wo bist du denn\n gewesen?")
    assert cue == Cue(1.0, 4.0, ("Wo bist du denn gewesen?",), "Speaker 1")
    [cue] = relaid(CUE, "Ich habe dich überall gesucht, aber du warst nirgends zu finden.")
    assert cue.lines == ("Ich habe dich überall gesucht,", "aber du warst nirgends zu finden.")
    assert relaid(CUE, " \n") == []


@given(TEXTS, st.integers(1, 4000), st.sampled_from(sorted(PROFILES)))
@example("x" * 400, 3, "short-video")
def test_whatever_is_too_long_shares_the_time(text, milliseconds, name):
    profile = PROFILES[name]
    cue = Cue(2.0, (2000 + milliseconds) / 1000, ())
    cues = relaid(cue, text, profile)
    shown = "".join("".join(each.lines) for each in cues)
    assert "".join(shown.split()) == "".join(text.split())
    if not cues:
        return
    assert (cues[0].start, cues[-1].end) == (cue.start, cue.end)
    assert all(one.end == two.start for one, two in pairwise(cues))
    rules = {offence.rule for offence in conformance(cues, [], profile).offences if offence.cue}
    crowded = len(cues) == 1 and len(cues[0].lines) > profile.max_lines  # more parts than milliseconds
    assert not rules & {"line-length", "duration", "overlap"}
    assert "lines" not in rules or (crowded and milliseconds < len(cues[0].lines))


def test_time_is_shared_by_length():
    cues = relaid(
        CUE, "One short line that fits. " + "And a very much longer sentence follows after it, " * 3
    )
    lengths = [sum(map(len, cue.lines)) / (cue.end - cue.start) for cue in cues]
    assert len(cues) > 1
    assert max(lengths) < 1.2 * min(lengths)


def test_two_languages_stand_one_below_the_other():
    [cue] = bilingual(CUE, ["Where have you been?", "你去哪儿了?"])
    assert cue.lines == ("Where have you been?", "你去哪儿了?")
    [cue] = bilingual(CUE, ["I looked for you in every room of this house.", "我在这座房子里找你。"])
    assert cue.lines == ("I looked for you", "in every room of this house.", "我在这座房子里找你。")
    [cue] = bilingual(CUE, ["", "你去哪儿了?"])
    assert cue.lines == ("你去哪儿了?",)


def test_the_shorter_language_waits_for_the_longer_one():
    cues = bilingual(CUE, ["Yes. " + "And then he told me everything. " * 4, "对。"])
    assert len(cues) > 1
    assert {cue.lines[-1] for cue in cues} == {"对。"}


@pytest.mark.parametrize("text", ["x" * 200_000, "a " * 1_500], ids=["one word", "many words"])
def test_a_hostile_text_takes_linear_time(text):
    assert len(relaid(Cue(0.0, 1e6, ()), text)) > 30
