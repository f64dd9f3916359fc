"""What is repaired in a recogniser's writing, and what is none of its business."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.engines.punctuation import tidy


@pytest.mark.parametrize(
    "written, proper",
    [
        ("In short,, the period", "In short, the period"),
        ("of hope. it was the winter of despair.", "of hope. It was the winter of despair."),
        ("Really? yes! i see", "Really? Yes! I see"),
        ("That is it.. and so on", "That is it. And so on"),
        ("Well,. then", "Well. Then"),
        ("What?. no", "What? No"),
        ("first;, second", "first; second"),
    ],
)
def test_doubled_marks_go_and_sentences_begin_with_a_capital(written: str, proper: str) -> None:
    assert tidy(written) == proper
    assert tidy(proper) == proper


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "Wait... what was that?",
        "Mr. john and Dr. smith at 5 p.m. today, e.g. here",
        "by J. r. Tolkien",
        "What?! No!!",
        "it costs 3.5 or 1,000,000 and version 2.0. 4 more",
        "one, two; three: four",
        "at example.com now",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert tidy(text) == text


@given(st.text(alphabet="aBé1 .,;:?!'-\n", max_size=40))
def test_no_word_is_changed_or_lost(text: str) -> None:
    def words(written: str) -> str:
        return re.sub(r"[.,;:?!]", "", written).lower()

    assert words(tidy(text)) == words(text)
    assert len(tidy(text).split()) == len(text.split())
