"""What a talk is about, in its own words: nothing that was not said, and where it was said."""

import pytest

from openvod.engines.analysis.descriptions.description import Description, extract, shortened
from openvod.engines.analysis.text import chinese_phrases
from openvod.engines.analysis.text.chapters import Limits, chapters
from openvod.engines.analysis.text.passages import Passage, of_utterances
from openvod.engines.analysis.text.terms import bare
from tests.engines.analysis.made_up import BREAD, CARS, HOLES, OCEAN, PIANO, PORK, begins, talk

ENGLISH, CHINESE = (OCEAN, BREAD, PIANO), (HOLES, PORK, CARS)
SUBJECTS = {
    "en": [
        {"currents", "oceans", "Gulf Stream"},
        {"bread", "dough", "crust"},
        {"piano", "strings", "concert"},
    ],
    "zh": [{"黑洞", "引力波"}, {"红烧肉", "五花肉"}, {"电动汽车", "电池"}],
}


def described(texts: tuple[str, ...], language: str) -> tuple[Description, tuple[Passage, ...]]:
    passages = of_utterances(talk(*texts), language)
    parts = chapters(passages, begins(*texts)[-1], limits=Limits(shortest=10))
    return extract(passages, parts, language), passages


def is_said(phrase: str, text: str) -> bool:
    """In whatever number: `ocean` is said where `oceans` is."""
    stems = [bare(word.strip(".").lower()) for word in text.split()]
    return phrase in text or all(bare(word.lower()) in stems for word in phrase.split())


@pytest.mark.parametrize(("texts", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_each_chapter_is_named_by_its_subject(texts: tuple[str, ...], language: str) -> None:
    found, _ = described(texts, language)
    assert len(found.parts) == 3
    for part, words in zip(found.parts, SUBJECTS[language], strict=True):
        named = {each.phrase for each in part.keywords}
        assert words <= named
        assert any(word.lower() in part.title.lower() for word in words)


@pytest.mark.parametrize(("texts", "language"), [(ENGLISH, "en"), (CHINESE, "zh")])
def test_nothing_is_said_that_was_not(texts: tuple[str, ...], language: str) -> None:
    found, passages = described(texts, language)
    statements = [*found.summary, *(each for part in found.parts for each in part.summary)]
    assert len(found.summary) == 4
    for each in statements:
        assert [passages[number].text for number in each.evidence] == [each.text]
    for keyword in found.keywords:
        for time in keyword.times:
            assert any(
                each.start <= time <= each.end and is_said(keyword.phrase, each.text) for each in passages
            )
    assert found.confidence == 90.0


def test_statements_of_a_chapter_are_said_in_it() -> None:
    found, passages = described(ENGLISH, "en")
    for part in found.parts:
        assert part.summary
        assert all(part.start <= passages[n].start < part.end for each in part.summary for n in each.evidence)


def test_a_summary_does_not_repeat_itself() -> None:
    passages = of_utterances(talk(OCEAN, OCEAN, OCEAN), "en")
    found = extract(passages, chapters(passages, 100.0), "en")
    assert len({each.text for each in found.summary}) == len(found.summary)


@pytest.mark.parametrize("text", ["Yes.", "一", "..."])
def test_hardly_a_word_is_hardly_a_description(text: str) -> None:
    passages = (Passage(0, 1, text),)
    found = extract(passages, chapters(passages, 1.0), "en")
    assert found.keywords == ()
    assert found.text in {"", text, f"{text}."}


def test_another_language_is_summed_up_without_keywords() -> None:
    said = "Das Meer ist tief. Die Strömungen im Meer tragen warmes Wasser. Das Wasser kühlt im Norden ab."
    passages = of_utterances(talk(said), "de")
    found = extract(passages, chapters(passages, 12.0), "de")
    assert found.summary
    assert found.keywords == ()
    assert found.title


def test_a_title_is_cut_between_words() -> None:
    long = "The harbour " * 12
    assert shortened(long, "en").endswith("harbour…")
    assert len(shortened(long, "en")) <= 61
    assert shortened("Short enough.", "en") == "Short enough"
    assert len(shortened("黑洞" * 50, "zh")) == 61


def test_a_chinese_phrase_is_whole_and_named_once() -> None:
    found = [each.phrase for each in chinese_phrases.phrases(of_utterances(talk(HOLES, PORK, CARS), "zh"))]
    assert found[:5] == ["电动汽车", "黑洞", "引力波", "红烧肉", "五花肉"]
    assert not any(one != other and one in other for one in found for other in found)


def test_names_in_latin_letters_count_in_chinese() -> None:
    said = [Passage(1.0, 2.0, "我们用GPU训练模型。"), Passage(5.0, 6.0, "没有GPU就很慢。")]
    (found,) = chinese_phrases.phrases(said)
    assert (found.phrase, found.times) == ("GPU", (1.0, 5.0))
