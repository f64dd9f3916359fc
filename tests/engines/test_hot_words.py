"""Hot words in English: where they may have been misheard, and whether the recogniser believes in them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core.models import Utterance
from openvod.engines import hot_words, speech
from openvod.engines.hot_words import Place, overlap, places
from openvod.media import audio


def found(text: str, *hot: str) -> list[tuple[str, str]]:
    words = text.split()
    return [(" ".join(words[place.first : place.last + 1]), place.word) for place in places(words, hot)]


@pytest.mark.parametrize(
    "text, run, hot",
    [
        ("opened by Krishna Murthy who", "Krishna Murthy", "Krishnamurthy"),
        ("runs on Cooper Netties these days", "Cooper Netties", "Kubernetes"),
        ("left Ningpo on Tuesday", "Ningpo", "Ningbo"),
        ("installed open vod on it", "open vod", "OpenVOD"),
        ("the string of hope it was", "string of hope", "spring of hope"),
    ],
)
def test_words_that_sound_like_it_are_a_place(text: str, run: str, hot: str) -> None:
    assert (run, hot) in found(text, hot, "Reykjavik")
    assert not [each for each in found(text, hot, "Reykjavik") if each[1] == "Reykjavik"]


@pytest.mark.parametrize(
    "text, hot",
    [
        ("left Ningbo on Tuesday", "Ningbo"),
        ("you may rose and go", "Rose"),  # a capital alone is the sentence's business
        ("an answer to it", "an"),  # too short to be told by its sound
        ("left on Tuesday", "宁波"),
        ("", "Ningbo"),
    ],
)
def test_there_is_nothing_to_do(text: str, hot: str) -> None:
    assert (hot, hot) not in found(text, hot)
    assert all(run.lower() != hot.lower() for run, _ in found(text, hot))


def test_what_is_written_otherwise_is_a_place() -> None:
    assert ("elastic search", "Elasticsearch") in found("by elastic search in it", "Elasticsearch")
    assert ("openvod", "OpenVOD") in found("with openvod here", "OpenVOD")


@given(
    words=st.lists(st.text("abcdeknort'é1-", max_size=12), max_size=40),
    hot=st.lists(st.text("abcdeknort é1宁", max_size=20), max_size=6),
)
def test_places_are_inside_and_apart(words: list[str], hot: list[str]) -> None:
    chosen = places(words, hot)
    assert len(chosen) <= hot_words.MOST_PLACES
    for i, place in enumerate(chosen):
        assert 0 <= place.first <= place.last < len(words)
        assert place.word in hot
        assert hot_words.ALIKE <= place.likeness <= 1
        assert not any(overlap(place, each) for each in chosen[:i] if each.word == place.word)


def test_overlap_is_a_word_in_common() -> None:
    assert overlap(Place(1, 3, "", 1), Place(3, 4, "", 1))
    assert not overlap(Place(1, 2, "", 1), Place(3, 4, "", 1))


@pytest.mark.needs("models")
class TestRecogniser:
    def heard(self, models: Path, clip: Path, *hot: str) -> list[Utterance]:
        spans = speech.find_speech(audio.decode(clip, 0.0, 24.0), models)
        return speech.recognise(clip, spans, speech.Listener.load(models, word_times=False, hot_words=hot))

    def text(self, models: Path, clip: Path, *hot: str) -> str:
        return " ".join(utterance.text for utterance in self.heard(models, clip, *hot))

    def test_what_was_misheard_is_written(self, models: Path, two_cities: Path) -> None:
        assert "string of hope" in self.text(models, two_cities)
        told = self.heard(models, two_cities, "spring of hope", "Reykjavik")
        text = " ".join(utterance.text for utterance in told)
        assert text == self.text(models, two_cities).replace("string of hope", "spring of hope")
        assert [word.text for utterance in told for word in utterance.words] == text.split()

    def test_what_is_not_said_is_not_written(self, models: Path, two_cities: Path) -> None:
        """Words that sound much like some that are said."""
        others = (
            "Sezun",
            "Fulishness",
            "Bilif",
            "Worsted",
            "Epic",
            "Wisden",
            "Winterton",
            "Deere",
            "OpenVOD",
        )
        assert self.text(models, two_cities, *others) == self.text(models, two_cities)
