"""Whose words: utterances are cut where the speaker changes, and nothing of them is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Utterance, Word
from openvod.engines.speakers import Turn, assign


def spoken(text: str, start: float = 0.0, each: float = 0.5) -> Utterance:
    words = tuple(Word(word, start + i * each, start + (i + 1) * each) for i, word in enumerate(text.split()))
    return Utterance(start, words[-1].end, text, 90.0, words)


def test_an_utterance_is_cut_where_the_speaker_changes() -> None:
    heard = spoken("How are you? Fine, thank you.")
    found = assign([heard], [Turn(0.0, 1.5, 1, 1.0), Turn(1.5, 3.0, 2, 1.0)])
    assert [(part.text, part.speaker) for part in found] == [
        ("How are you?", "Speaker 1"),
        ("Fine, thank you.", "Speaker 2"),
    ]
    assert [(part.start, part.end) for part in found] == [(0.0, 1.5), (1.5, 3.0)]
    assert [word.text for part in found for word in part.words] == heard.text.split()


def test_a_change_is_moved_to_the_end_of_the_sentence() -> None:
    turns = [Turn(0.0, 1.25, 1, 1.0), Turn(1.25, 3.0, 2, 1.0)]
    found = assign([spoken("How are you? Fine, thank you.")], turns)
    assert [part.text for part in found] == ["How are you?", "Fine, thank you."]


def test_a_single_word_within_a_phrase_does_not_change_hands() -> None:
    turns = [Turn(0.0, 1.0, 1, 1.0), Turn(1.0, 1.5, 2, 1.0), Turn(1.5, 3.0, 1, 1.0)]
    (found,) = assign([spoken("we went down to the river")], turns)
    assert found.speaker == "Speaker 1"


def test_names_follow_the_first_words_not_the_first_sounds() -> None:
    turns = [Turn(0.0, 1.0, 1, 1.0), Turn(2.0, 4.0, 2, 1.0), Turn(5.0, 7.0, 1, 1.0)]
    found = assign([spoken("good morning", 2.0), spoken("and to you", 5.0)], turns)
    assert [part.speaker for part in found] == ["Speaker 1", "Speaker 2"]


def test_words_between_turns_are_the_nearest_ones() -> None:
    found = assign(
        [spoken("Yes.", 1.2), spoken("No.", 4.4)], [Turn(0.0, 1.0, 1, 1.0), Turn(5.0, 7.0, 2, 1.0)]
    )
    assert [part.speaker for part in found] == ["Speaker 1", "Speaker 2"]


def test_without_word_times_an_utterance_is_its_main_speakers() -> None:
    heard = Utterance(0.0, 4.0, "How are you? Fine.", 90.0)
    (found,) = assign([heard], [Turn(0.0, 1.0, 1, 1.0), Turn(1.0, 4.0, 2, 1.0)])
    assert (found.text, found.speaker) == (heard.text, "Speaker 1")


def test_a_text_that_is_not_its_words_is_left_whole() -> None:
    heard = Utterance(0.0, 2.0, "twenty one", 90.0, (Word("21", 0.0, 2.0),))
    (found,) = assign([heard], [Turn(0.0, 1.0, 1, 1.0), Turn(1.0, 2.0, 2, 1.0)])
    assert found.text == "twenty one"


def test_scripts_without_spaces_are_cut_between_words() -> None:
    text = "你好吗。很好。"
    parts = (("你好吗。", 0.0, 1.0), ("很好。", 1.0, 2.0))
    heard = Utterance(0.0, 2.0, text, 90.0, tuple(Word(*part) for part in parts))
    found = assign([heard], [Turn(0.0, 1.0, 1, 1.0), Turn(1.0, 2.0, 2, 1.0)])
    assert [part.text for part in found] == ["你好吗。", "很好。"]


def test_without_turns_nothing_changes() -> None:
    heard = [spoken("How are you?")]
    assert assign(heard, []) == heard


WORDS = st.lists(st.sampled_from(["yes", "no.", "well,", "I", "see?", "你"]), min_size=1, max_size=20)
EDGES = st.lists(st.floats(0, 10), min_size=2, max_size=12)


@given(WORDS, EDGES, st.data())
def test_no_word_is_lost_or_altered(words: list[str], edges: list[float], data: st.DataObject) -> None:
    heard = spoken(" ".join(words))
    turns = [Turn(start, end, data.draw(st.integers(1, 3)), 1.0) for start, end in pairwise(sorted(edges))]
    found = assign([heard], turns)
    assert " ".join(part.text for part in found) == heard.text
    assert [word for part in found for word in part.words] == [*heard.words]
    assert (found[0].start, found[-1].end) == (heard.start, heard.end)
    assert found[0].speaker == "Speaker 1"
    assert all(a.speaker != b.speaker for a, b in pairwise(found))
