"""Sentences out of what was recognised, each with its own times."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Utterance, Word
from openvod.engines.analysis.text.passages import LONGEST, Passage, joined, of_utterances, packed, unpacked
from tests.engines.analysis.made_up import HOLES, OCEAN, sentences, talk


def test_an_utterance_of_several_sentences_is_parted_at_the_words_times() -> None:
    words = [Word("It", 1, 2), Word("rains.", 2, 3), Word("Nobody", 7, 8), Word("knows.", 8, 9)]
    first, second = of_utterances([Utterance(1, 9, "It rains. Nobody knows.", 80, tuple(words))], "en")
    assert (first.text, first.start) == ("It rains.", 1)
    assert (second.text, second.start, second.end) == ("Nobody knows.", 7, 9)
    assert first.end <= 7


def test_a_sentence_over_several_utterances_is_one() -> None:
    parts = [
        Utterance(0, 1, "We went down", 90),
        Utterance(1.2, 2, "to the river.", 70),
        Utterance(9, 10, "Oh", 80),
    ]
    found = of_utterances(parts, "en")
    assert [(each.text, each.start, each.end, each.confidence) for each in found] == [
        ("We went down to the river.", 0, 2, 70),
        ("Oh", 9, 10, 80),
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("What?! Really… Yes.", ["What?!", "Really…", "Yes."]),
        ("Mr. Smith met Dr. Who. At 3.5 metres.", ["Mr. Smith met Dr. Who.", "At 3.5 metres."]),
        (
            "他说:“你好\uff01”然后走了。真的吗\uff1f\uff01是的。",
            ["他说:“你好\uff01”", "然后走了。", "真的吗\uff1f\uff01", "是的。"],
        ),
        ("no full stop", ["no full stop"]),
        (" \n ", []),
    ],
)
def test_where_sentences_end(text: str, parts: list[str]) -> None:
    assert [each.text for each in of_utterances([Utterance(0, 5, text, 90)], "zh")] == parts


def test_chinese_is_put_together_without_spaces() -> None:
    parts = [Utterance(0, 1, "黑洞是宇宙中", 90), Utterance(1.1, 2, "最神秘的天体。", 90)]
    assert [each.text for each in of_utterances(parts, "zh")] == ["黑洞是宇宙中最神秘的天体。"]
    assert joined(["黑洞", "很远。"], "zh") == "黑洞。很远。"
    assert joined(["One", "Two!"], "en") == "One. Two!"


def test_every_sentence_of_a_talk_comes_back() -> None:
    for text, language in ((OCEAN, "en"), (HOLES, "zh")):
        found = of_utterances(talk(text), language)
        assert [each.text for each in found] == sentences(text)
        assert unpacked(packed(found)) == found


@given(
    st.lists(
        st.tuples(st.floats(0, 50), st.floats(0, 5), st.text(alphabet="ab .!?。!?\n…”(", max_size=700)),
        max_size=5,
    )
)
def test_no_letter_is_lost_whatever_was_recognised(rows: list[tuple[float, float, str]]) -> None:
    rows.sort()
    found = of_utterances([Utterance(start, start + length, text, 50) for start, length, text in rows], "en")
    letters = "".join("".join(text.split()) for _, _, text in rows)
    assert "".join("".join(each.text.split()) for each in found) == letters
    assert all(isinstance(each, Passage) and len(each.text) <= LONGEST for each in found)
