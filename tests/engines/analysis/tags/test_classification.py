"""What kind of file it is: told by enough words of one kind, or not at all."""

import pytest

from openvod.core.errors import TaskFault
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.tags import classes, classified
from openvod.engines.analysis.tags.classification import Found, Signals, by_signals, by_words, classify
from openvod.engines.analysis.text.passages import Passage
from tests.engines.analysis.models import classifier
from tests.stand_in import Caller, Script, standing_in

SAID = {
    "Food": "Fry the onion and the garlic in butter. Then add the sauce and simmer it with a pinch of salt.",
    "Finance": "The central bank left the interest rate where it was. Investors sold shares, and the bond yield rose.",
    "Cars": "这款车型的发动机马力很大。变速箱很平顺。底盘和轮胎也换了新的。",
    "Health": "高血压患者要按时吃药。医生建议先做检查再治疗。",
}
NOTHING = [
    "We met on Tuesday and talked until the lights went out.",
    "Oven. Goal. Theorem. Passport. Parliament. Lipstick. Guitar.",
    "那天我们聊了很久,后来就各自回家了。",
    "",
]


def passages(text: str) -> list[Passage]:
    return [Passage(10.0, 20.0, text)]


@pytest.mark.parametrize("name", SAID)
def test_a_class_is_named_with_the_words_that_tell(name: str) -> None:
    (found,) = by_words(passages(SAID[name]))
    assert found.name == name
    assert 50 < found.confidence <= 95
    words = found.evidence["words"]
    assert len(words) >= 3
    assert all(times == [10.0] * len(times) for times in words.values())


@pytest.mark.parametrize("text", NOTHING)
def test_without_evidence_there_is_no_class(text: str) -> None:
    assert by_words(passages(text)) == []


def test_more_words_are_surer() -> None:
    short = "Fry the onion in butter with garlic."
    (some,), (more,) = (
        by_words(passages(short)),
        by_words(passages(f"{short} {SAID['Food']} Whisk flour into the dough.")),
    )
    assert more.confidence > some.confidence


def test_a_word_within_a_longer_one_counts_once() -> None:
    (found,) = by_words(passages(SAID["Health"]))
    assert "高血压" in found.evidence["words"]
    assert "血压" not in found.evidence["words"]


def test_every_word_of_the_table_is_of_its_class_only_once() -> None:
    for each in classes.table():
        assert len(each.words) >= 15, each.name
        assert len(set(each.signs)) == len(each.signs) >= 10, each.name


@pytest.mark.parametrize(
    ("signals", "names"),
    [
        (Signals(100, ((0.0, 70.0),)), ["Talk"]),
        (Signals(100, ((0.0, 20.0),)), []),
        (Signals(20, ((0.0, 19.0),)), []),
        (Signals(100, (), music=75.0), ["Music"]),
        (Signals(100, ((0.0, 60.0),), music=75.0), ["Talk"]),
        (Signals(30, portrait=True), ["Short video"]),
        (Signals(300, portrait=True), []),
        (Signals(), []),
    ],
)
def test_what_signals_tell(signals: Signals, names: list[str]) -> None:
    found = by_signals(signals)
    assert [each.name for each in found] == names
    assert all(each.evidence and 50 <= each.confidence <= 95 for each in found)


def test_a_class_told_twice_is_named_once() -> None:
    text = "The singer and her band play a melody on the guitar in concert."
    found = classify(passages(text), Signals(100, (), music=60.0))
    assert [each.name for each in found] == ["Music"]
    assert found[0].confidence > 60


def judged(script: Script) -> list[Found]:
    with standing_in(script) as endpoint:
        return classified.classify(Asker(Caller(endpoint.url), lambda _: None), passages(SAID["Food"]))


def test_a_models_class_comes_with_its_quotation() -> None:
    (found,) = judged(classifier("Travel"))
    assert (found.name, found.confidence) == ("Travel", 88)
    assert found.evidence == {"quote": SAID["Food"][:20], "times": [10.0]}


def test_a_class_without_a_true_quotation_is_left_out() -> None:
    assert judged(classifier("Travel", "we boarded the train")) == []


def test_a_class_that_there_is_not_is_no_answer() -> None:
    with pytest.raises(TaskFault, match="could be used"):
        judged(classifier("Gossip"))
