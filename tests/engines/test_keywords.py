"""Keywords of English speech."""

from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Utterance, Word
from openvod.engines.keywords import keywords, stop_words

TALK = (
    "Solar panels turn sunlight into power. On a cloudy day solar panels give less power than on a bright day.",
    "Most owners in Norway also buy a battery, because the battery keeps the power for the evening.",
    "If the battery is full, the inverter sends the rest to the grid, and the owners in Norway are paid for it.",
    "We have been thinking about it, you know, and solar panels are really the best thing that we have seen.",
)


def spoken(*texts: str) -> list[Utterance]:
    return [Utterance(10.0 * index, 10.0 * index + 8, text, 95.0) for index, text in enumerate(texts)]


def test_the_subject_comes_first() -> None:
    found = keywords(spoken(*TALK))
    phrases = [keyword.phrase for keyword in found]
    assert phrases[0] == "solar panels"
    assert {"battery", "power"} <= set(phrases[:5])
    assert "Norway" in " ".join(phrases)
    assert found[0].score == 1
    assert [keyword.score for keyword in found] == sorted((keyword.score for keyword in found), reverse=True)


def test_no_phrase_has_a_stop_word_or_repeats_another() -> None:
    words = [word.lower() for keyword in keywords(spoken(*TALK)) for word in keyword.phrase.split()]
    assert not set(words) & stop_words()
    assert len(words) == len(set(words))


def test_times_are_those_of_the_words() -> None:
    said = "rockets need fuel so rockets carry fuel in tanks and tanks of rockets weigh more than engines burning fuel"
    words = tuple(Word(text, index * 0.5, index * 0.5 + 0.4) for index, text in enumerate(said.split()))
    by_word = {each.phrase: each.times for each in keywords([Utterance(0, 10, said, 90, words)])}
    assert by_word["rockets"] == (0.0, 2.0, 6.0)


def test_times_without_words_are_shared_out_inside_the_utterance() -> None:
    for keyword in keywords(spoken(*TALK)):
        assert keyword.times
        assert all(0 <= time % 10 <= 8 for time in keyword.times)


def test_plural_and_singular_are_one_word() -> None:
    text = "A volcano erupts. Volcanos erupt with ash. The ash of volcanos and gas of every volcano cover stone, soil"
    (first, *_) = keywords(spoken(text + " and rivers, trees, roofs."))
    assert first.phrase == "volcano"
    assert len(first.times) == 4


def test_how_is_no_subject() -> None:
    found = {
        k.phrase for k in keywords(spoken(*TALK, "Originally a family of owners, then originally a family."))
    }
    assert "originally" not in found
    assert any("family" in phrase for phrase in found)


def test_little_talk_has_no_keywords() -> None:
    assert keywords([]) == []
    assert keywords(spoken("Hello there, how are you doing today?")) == []


@given(st.lists(st.text(max_size=80), max_size=6), st.integers(1, 5))
def test_any_text_is_taken(texts: list[str], count: int) -> None:
    found = keywords(spoken(*texts), count)
    assert len(found) <= count
    assert all(0 < keyword.score <= 1 and keyword.phrase.strip() for keyword in found)
