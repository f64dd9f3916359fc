"""Where chapters begin: between sentences, where the words change, at the cut or in the silence that is there."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Utterance
from openvod.engines.analysis.text.chapters import Limits, chapters
from openvod.engines.analysis.text.passages import Passage, of_utterances
from openvod.media.file_chapters import Mark
from tests.engines.analysis.made_up import BREAD, CARS, HOLES, OCEAN, PIANO, PORK, begins, talk

TALKS = [
    pytest.param((OCEAN, BREAD, PIANO), "en", id="English"),
    pytest.param((HOLES, PORK, CARS), "zh", id="Chinese"),
]
SHORT = Limits(shortest=10)


@pytest.mark.parametrize(("texts", "language"), TALKS)
def test_subjects_are_told_apart(texts: tuple[str, ...], language: str) -> None:
    passages = of_utterances(talk(*texts), language)
    found = chapters(passages, begins(*texts)[-1], limits=SHORT)
    assert [each.start for each in found] == pytest.approx(begins(*texts)[:-1], abs=0.6)
    assert all("words change" in each.because[0].en for each in found[1:])


@pytest.mark.parametrize("text", [OCEAN, BREAD, PIANO])
def test_one_subject_is_one_chapter(text: str) -> None:
    passages = of_utterances(talk(text), "en")
    assert len(chapters(passages, begins(text)[-1], limits=SHORT)) == 1


def test_a_cut_between_two_sentences_is_where_the_chapter_begins() -> None:
    passages = of_utterances(talk(OCEAN, BREAD), "en")
    edge = begins(OCEAN)[-1]
    shots = [3.0, edge - 0.47, edge + 9.0]
    first, second = chapters(passages, begins(OCEAN, BREAD)[-1], shots=shots, limits=SHORT)
    assert (first.end, second.start) == (edge - 0.47, edge - 0.47)
    assert any("shot changes" in text.en for text in second.because)


def test_a_boundary_lies_in_the_silence() -> None:
    passages = of_utterances(talk(OCEAN, BREAD), "en")
    edge = begins(OCEAN)[-1]
    _, second = chapters(
        passages, begins(OCEAN, BREAD)[-1], silences=[(edge - 0.3, edge - 0.1)], limits=SHORT
    )
    assert second.start == pytest.approx(edge - 0.2)


def test_the_files_own_chapters_go_before_all_else() -> None:
    passages = of_utterances(talk(OCEAN, BREAD), "en")
    own = [Mark(0.5, 20, " Water "), Mark(20, 30, "Bread"), Mark(900, 950, "Beyond")]
    found = chapters(passages, 52.0, own=own)
    assert [(each.start, each.end, each.title) for each in found] == [(0, 20, "Water"), (20, 52, "Bread")]
    assert "own" in found[0].because[0].en


def test_one_chapter_of_the_files_own_says_nothing() -> None:
    passages = of_utterances(talk(OCEAN, BREAD), "en")
    assert len(chapters(passages, 52.0, own=[Mark(0, 52, "All")], limits=SHORT)) == 2


def test_without_words_a_cut_in_a_long_silence_parts_a_film() -> None:
    found = chapters((), 200.0, silences=[(99.0, 102.0), (150.0, 150.2)], shots=[50.0, 100.5, 150.1])
    assert [each.start for each in found] == [0.0, 100.5]
    assert len(chapters((), 200.0, shots=[50.0, 100.5])) == 1


def test_a_chapter_is_no_longer_than_was_asked_for() -> None:
    passages = of_utterances(talk(OCEAN, OCEAN, OCEAN), "en")
    found = chapters(passages, begins(OCEAN, OCEAN, OCEAN)[-1], limits=Limits(shortest=5, longest=20))
    assert len(found) >= 4
    assert all(each.end - each.start <= 20 for each in found)
    assert any("at the most" in text.en for each in found for text in each.because)


WORDS = st.sampled_from(["ocean", "current", "water", "bread", "dough", "oven", "piano", "string"])
TALK = st.lists(
    st.tuples(st.floats(0.2, 6), st.floats(0, 4), st.lists(WORDS, min_size=1, max_size=6)), max_size=40
)


@given(TALK, st.lists(st.floats(0, 200), max_size=10), st.floats(0, 50), st.floats(20, 300))
def test_chapters_fill_the_film_and_part_no_sentence(
    rows: list[tuple[float, float, list[str]]], shots: list[float], tail: float, longest: float
) -> None:
    passages, at = [], 0.0
    for length, pause, words in rows:
        passages.append(Passage(at, at + length, " ".join(words)))
        at += length + pause
    seconds = at + tail + 1.0
    found = chapters(passages, seconds, shots=sorted(shots), limits=Limits(longest=longest))
    assert found[0].start == 0
    assert found[-1].end == round(seconds, 3)
    assert all(one.end == other.start for one, other in pairwise(found))
    assert all(each.end > each.start for each in found)
    if longest >= seconds:
        for chapter in found[1:]:
            assert not any(each.start + 0.26 < chapter.start < each.end - 0.26 for each in passages)


def test_speakers_who_overlap_are_not_parted() -> None:
    rows = [Utterance(0, 10, "ocean current water.", 90), Utterance(8, 30, "bread dough oven.", 90)]
    assert len(chapters(of_utterances(rows, "en"), 60.0, limits=Limits(shortest=1))) == 1
