"""Texts of cues: one, or one for each speaker, and how another language's stand in their place."""

from itertools import pairwise

import pytest

from openvod.media import dialogue
from openvod.media.captions import Cue
from openvod.media.cue_profiles import PROFILES


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ((), ()),
        (("One", "text."), ("One text.",)),
        (("- Who?", "- Me."), ("- Who?", "- Me.")),
        (("–Who?", "–Me.", "–You?"), ("–Who?", "–Me.", "–You?")),
        (("- Who was it", "that came?"), ("- Who was it that came?",)),
        (("-", "-"), ("- -",)),
        (("你好", "世界"), ("你好世界",)),
        (("你好,", "世界"), ("你好,世界",)),
        (("안녕", "하세요"), ("안녕 하세요",)),
    ],
)
def test_texts_of_a_cue(lines: tuple[str, ...], parts: tuple[str, ...]) -> None:
    assert dialogue.parts(lines) == parts


def test_a_cue_keeps_its_time_and_each_speaker_a_line() -> None:
    cue = Cue(1.0, 3.0, ("- Who?", "- Me."), "Bob")
    assert dialogue.reset(cue, ("- Wer?", "- Ich.")) == [Cue(1.0, 3.0, ("- Wer?", "- Ich."), "Bob")]
    both = dialogue.reset(cue, ("- Wer?", "- Ich."), above=cue.lines)
    assert both == [Cue(1.0, 3.0, ("- Who?", "- Me.", "- Wer?", "- Ich."), "Bob")]


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("languages", [1, 2])
@pytest.mark.parametrize(
    "text", ["Kurz.", "Ein Satz von vielen Wörtern, der nicht auf eine Zeile passt. " * 3, "长句子" * 20]
)
def test_the_rules_hold_whatever_the_length(name: str, languages: int, text: str) -> None:
    profile = PROFILES[name]
    cue = Cue(1.0, 5.0, ())
    above = ("Once there was a sentence that somebody said.",) if languages == 2 else ()
    cues = dialogue.reset(cue, (text,), profile, above)
    assert all(profile.fits(line) for each in cues for line in each.lines)
    assert all(len(each.lines) <= languages * profile.max_lines for each in cues)
    assert (cues[0].start, cues[-1].end) == (1.0, 5.0)
    assert all(one.end <= two.start for one, two in pairwise(cues))
    said = "".join("".join(each.lines) for each in cues).replace(" ", "")
    assert text.replace(" ", "")[-10:] in said


def test_a_file_whose_cues_must_stay_gets_the_lines_it_takes() -> None:
    lines = dialogue.in_lines(("word " * 60,))
    assert len(lines) > 2
    assert all(PROFILES["netflix"].fits(line) for line in lines)
    assert " ".join(lines).split() == ["word"] * 60
