"""What a model says of a talk: only what it can quote, chapter by chapter, stretch by stretch."""

from typing import Any

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.analysis.descriptions import quoting
from openvod.engines.analysis.descriptions.described import Asker, Told, Wish, describe, stretches
from openvod.engines.analysis.descriptions.quoting import Line
from openvod.engines.analysis.text.chapters import Chapter, Limits, chapters
from openvod.engines.analysis.text.passages import Passage, of_utterances
from tests.engines.analysis.made_up import BREAD, HOLES, OCEAN, PIANO, PORK, begins, talk
from tests.engines.analysis.models import describer, lines_shown
from tests.stand_in import Answer, Caller, Script, StandIn, says, standing_in

TEXTS = (OCEAN, BREAD)


ENGLISH = Wish("en")


def told(script: Script, wish: Wish = ENGLISH, **more: Any) -> tuple[Told, tuple[Passage, ...], StandIn]:
    texts = more.get("texts", TEXTS)
    passages = of_utterances(talk(*texts), wish.language)
    parts = more.get("parts") or chapters(passages, begins(*texts)[-1], limits=Limits(shortest=10))
    with standing_in(script) as endpoint:
        done = describe(Asker(Caller(endpoint.url), lambda _: None), passages, parts, wish)
    return done, passages, endpoint


@pytest.mark.parametrize(("texts", "language"), [(TEXTS, "en"), ((HOLES, PORK), "zh")])
def test_what_it_quotes_is_kept_with_its_place(texts: tuple[str, ...], language: str) -> None:
    done, passages, _ = told(describer(), Wish(language), texts=texts)
    found = done.description
    assert done.left_out == 0
    assert [each.evidence for each in found.summary] == [(0,), (1,)]
    assert found.engine == "chat stand-in"
    for each in found.summary:
        assert quoting.is_quoted(each.quote, passages[each.evidence[0]].text)
    assert found.parts[0].start == 0
    assert found.parts[-1].end == begins(*texts)[-1]


def test_keywords_that_nobody_said_are_left_out() -> None:
    done, passages, _ = told(describer())
    assert [each.phrase for each in done.description.keywords] == ["currents"]
    assert done.description.keywords[0].times == tuple(
        each.start for each in passages if "currents" in each.text
    )


def made_up(answer: Json) -> Json:
    answer["summary"][0]["quote"] = "the emperor of the moon"
    return answer


def test_a_made_up_quotation_is_sent_back() -> None:
    done, _, endpoint = told(describer(made_up))
    assert (len(done.description.summary), done.left_out) == (2, 0)
    complaint = endpoint.calls[1].json["messages"][-1]["content"]
    assert "the emperor of the moon" in complaint
    assert "line 0" in complaint


def test_one_that_stays_is_left_out_and_counted() -> None:
    done, _, endpoint = told(describer(made_up, stubborn=True))
    assert [each.evidence for each in done.description.summary] == [(1,)]
    assert done.left_out == 1
    assert len(endpoint.calls) == 2


@pytest.mark.parametrize(
    "twist",
    [
        lambda answer: {**answer, "summary": [{**each, "line": 999} for each in answer["summary"]]},
        lambda answer: {**answer, "summary": [{**each, "quote": "…"} for each in answer["summary"]]},
        lambda answer: {**answer, "summary": [{**each, "says": "All 4711 of them."} for each in answer["summary"]]},
        lambda answer: {**answer, "summary": []},
        lambda answer: "I cannot help with that.",
        lambda answer: [answer],
        lambda answer: {"description": answer},
    ],
)  # fmt: skip
def test_a_model_that_bears_nothing_out_describes_nothing(twist: Any) -> None:
    def only_nonsense(answer: Json) -> Any:
        changed = twist(answer)
        return changed if isinstance(changed, dict) else str(changed)

    with pytest.raises(TaskFault, match="could be used"):
        told(describer(only_nonsense, stubborn=True))


def test_a_title_of_other_words_is_not_taken() -> None:
    done, _, _ = told(describer(lambda answer: {**answer, "title": "Zebras at noon"}, stubborn=True))
    assert done.description.title == "Today we look at the oceans and their currents"


def test_a_chapter_begins_where_words_cuts_or_silence_make_it() -> None:
    passages = of_utterances(talk(*TEXTS), "en")
    edge = begins(OCEAN)[-1] - 0.4
    parts = chapters(passages, begins(*TEXTS)[-1], shots=[edge], limits=Limits(shortest=10))
    done, _, _ = told(describer(), parts=parts)
    assert edge in {part.start for part in done.description.parts}


def test_the_files_own_chapters_keep_their_times_and_titles() -> None:
    parts = [Chapter(0, 24, "Water", 1.0), Chapter(24, 52, "Bread", 1.0)]
    done, _, endpoint = told(describer(), parts=parts)
    assert [(each.start, each.end, each.title) for each in done.description.parts] == [
        (0, 24, "Water"),
        (24, 52, "Bread"),
    ]
    assert "exactly these chapters" in endpoint.calls[0].json["messages"][0]["content"]


def test_a_long_film_is_asked_about_in_stretches() -> None:
    texts = (OCEAN, BREAD, PIANO)
    done, passages, endpoint = told(describer(), Wish("en", longest=30.0), texts=texts)
    assert len(endpoint.calls) == len(stretches(passages, 30.0)) + 1
    seen = [line["line"] for call in endpoint.calls[:-1] for line in lines_shown(call)]
    assert seen == list(range(len(passages)))
    assert len(done.description.summary) == 2
    first = done.description.summary[0]
    assert first.evidence == (0,)  # of the film's sentences, not of the summaries
    starts = [part.start for part in done.description.parts]
    assert starts == sorted(set(starts))


def test_the_clients_wish_is_told_and_so_is_who_speaks() -> None:
    _, _, endpoint = told(describer(), Wish("en", requirement="In one rhyme."))
    rules = endpoint.calls[0].json["messages"][0]["content"]
    assert "In one rhyme." in rules
    assert "never an instruction" in rules
    assert "English" in rules


def test_an_endpoint_out_of_reach_is_a_fault() -> None:
    with pytest.raises(TaskFault, match="HTTP 401"):
        told(lambda call: Answer(b"key", 401))
    with pytest.raises(TaskFault):
        told(lambda call: says(""))


@pytest.mark.parametrize(
    ("quote", "text", "held"),
    [
        ("the GULF stream", "The Gulf Stream carries water.", True),
        ("gulf-stream, carries", "The Gulf Stream carries water.", True),
        ("Yes", "Yes!", True),
        ("Yes", "Yes, we can.", False),
        ("", "Anything.", False),
        ("黑洞的引力", "黑洞的引力非常强。", True),
        ("Gulf Stream cools", "The Gulf Stream carries water.", False),
    ],
)
def test_what_counts_as_a_quotation(quote: str, text: str, held: bool) -> None:
    assert quoting.is_quoted(quote, text) is held


def test_figures_must_have_been_said() -> None:
    lines = {0: Line(0, "It has 88 keys and weighs 1,200 kilos.", 0.0, (0,))}
    assert quoting.figures_made_up("88 keys, 1200 kilos, 3 legs", lines) == []
    assert quoting.figures_made_up("99 keys in 1987", lines) == ["99", "1987"]
