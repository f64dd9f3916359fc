"""Words in time: pronunciations, the aligner, and the fallback."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.engines.alignment import Aligner, spread
from openvod.engines.pronunciation import sounds, spoken
from openvod.engines.silero import Span
from openvod.media import audio


@pytest.mark.parametrize(
    "written, said",
    [
        ("Hello,", "hello"),
        ("well-known", "well known"),
        ("don’t", "don't"),
        ("Mr.", "mister"),
        ("50%", "fifty percent"),
        ("1,050", "one thousand fifty"),
        ("1984", "nineteen eighty four"),
        ("1900", "nineteen hundred"),
        ("2005", "two thousand five"),
        ("007", "zero zero seven"),
        ("2,500,000", "two million five hundred thousand"),
        ("—", ""),
    ],
)
def test_what_is_written_and_what_is_said(written: str, said: str) -> None:
    assert " ".join(spoken(written)) == said


@given(st.text(max_size=20))
def test_any_text_can_be_said(text: str) -> None:
    for word in spoken(text):
        assert word
        assert sounds(word)


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=30), st.floats(0.2, 20))
def test_spread_words_are_in_order_and_off_the_pauses(words: list[str], seconds: float) -> None:
    pause = (10 + seconds * 0.4, 10 + seconds * 0.6)
    placed = spread(words, Span(10.0, 10.0 + seconds, (pause,)))
    assert [word.text for word in placed] == words
    times = [time for word in placed for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[0] >= 10.0 - 1e-3
    assert times[-1] <= 10 + seconds + 1e-3
    assert all(not pause[0] + 2e-3 < word.start < pause[1] - 2e-3 for word in placed)


def test_known_words_are_found_where_they_are_said(two_cities: Path) -> None:
    """Neither a word that no dictionary has nor a cut within the last word may lose the chunk."""
    sound = np.concatenate([*audio.decode(two_cities, 0.0, 5.0)])
    words = ["It", "was", "the", "best", "of", "times,", "it", "was", "the", "worst", "of", "times."]
    plain = Aligner().place(sound, words, offset=100.0)
    assert plain is not None
    assert [word.text for word in plain] == words
    assert all(a.end <= b.start + 0.02 for a, b in pairwise(plain))
    assert plain[0].start >= 100
    assert plain[-1].end <= 105
    odd = Aligner().place(sound, [*words[:3], "bhest", *words[4:]], offset=100.0)
    assert odd is not None
    assert max(abs(a.start - b.start) for a, b in zip(plain, odd, strict=True)) < 0.15

    cut = Aligner().place(sound[: 4 * audio.RATE], words, offset=100.0)
    assert cut is not None
    assert cut[-1].end <= 104
    assert max(abs(a.start - b.start) for a, b in zip(plain[:-1], cut, strict=False)) < 0.15


def test_nothing_to_say_and_sound_too_short_are_no_alignment() -> None:
    aligner = Aligner()
    assert aligner.place(np.zeros(16000, np.float32), ["—"]) is None
    assert aligner.place(np.zeros(800, np.float32), ["far", "too", "many", "words", "for", "this"]) is None
