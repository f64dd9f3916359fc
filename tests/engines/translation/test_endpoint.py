"""Lines through an endpoint that misbehaves: none lost, none shifted, whatever it does."""

import json
import random
from pathlib import Path

import pytest

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.engines.translation import Errand, Line, Translated, translate
from tests.stand_in import (
    TRICKS,
    Answer,
    Call,
    Caller,
    rows_asked,
    says,
    standing_in,
    translated,
    translator,
)

NO_MODELS = Path("no-such-folder")
ERRAND = Errand("en", "zh", {})
WORDS = "the a river goes down to sea and nobody knows why it is so cold there today we shall see"


def script_of(seed: int, count: int) -> list[Line]:
    """Lines that look like subtitles; many begin alike, and some are the same."""
    dice = random.Random(seed)
    lines = []
    for number in range(count):
        text = " ".join(dice.choices(WORDS.split(), k=dice.randint(1, 9))).capitalize() + dice.choice(
            [".", "", "?"]
        )
        lines.append(Line(number * 3 + 1, text))
    return lines


def run(
    lines: list[Line], caller: Caller, errand: Errand = ERRAND, waits: list[float] | None = None
) -> Translated:
    pauses: list[float] = [] if waits is None else waits
    return translate(lines, errand, caller, NO_MODELS, wait=pauses.append)


def assert_whole(lines: list[Line], done: Translated) -> None:
    assert list(done.texts) == [line.id for line in lines]
    for line in lines:
        expected = line.text if line.id in done.kept else translated(line.text)
        assert done.texts[line.id] == expected


@pytest.mark.parametrize("trick", TRICKS)
def test_every_line_gets_its_own_translation_through_each_trick(trick: str) -> None:
    lines = script_of(1, 90)
    with standing_in(translator(3, [trick])) as endpoint:
        done = run(lines, Caller(endpoint.url, seconds=0.1 if trick == "silence" else 5.0))
    assert_whole(lines, done)
    assert trick == "echo" or len(done.kept) <= 2


@pytest.mark.parametrize("seed", range(40))
def test_no_line_is_lost_or_shifted_whatever_comes_together(seed: int) -> None:
    lines = script_of(seed, random.Random(seed).randint(1, 130))
    tricks = [trick for trick in TRICKS if trick not in ("silence", "cut", "broken", "busy")]
    with standing_in(translator(seed, [*tricks, "busy", "cut"], share=0.7)) as endpoint:
        done = run(lines, Caller(endpoint.url))
    assert_whole(lines, done)
    assert len(done.kept) < len(lines) / 4 + 2


def test_forty_lines_go_in_one_request_with_three_of_context_on_each_side() -> None:
    lines = script_of(2, 100)
    with standing_in(translator(0, [])) as endpoint:
        run(lines, Caller(endpoint.url))
        first, second, third = endpoint.calls
    assert [len(rows_asked(call)) for call in (first, second, third)] == [40, 40, 20]
    rows = [json.loads(row) for row in second.json["messages"][-1]["content"].splitlines()]
    assert [row.get("context") for row in rows[:3]] == [line.text for line in lines[37:40]]
    assert [row.get("translation") for row in rows[:3]] == [translated(line.text) for line in lines[37:40]]
    assert [row.get("context") for row in rows[-3:]] == [line.text for line in lines[80:83]]
    assert "translation" not in rows[-1]
    assert second.json["temperature"] == 0


def test_only_what_is_missing_is_asked_again() -> None:
    lines = [Line(number, f"{WORDS.split()[number % 20]} {number} and more of it.") for number in range(40)]

    def script(call: Call) -> Answer:
        good = json.loads(translator(0, [])(call).body)["choices"][0]["message"]["content"].splitlines()
        return says("\n".join(good[:-2]) if call.number == 0 else "\n".join(good))

    with standing_in(script) as endpoint:
        assert_whole(lines, run(lines, Caller(endpoint.url)))
        assert [row["id"] for row in rows_asked(endpoint.calls[1])] == [lines[-2].id, lines[-1].id]
        assert len(endpoint.calls) == 2


def test_a_line_that_nobody_can_translate_keeps_its_text_and_is_marked() -> None:
    lines = script_of(5, 12)
    hard = lines[7]

    def script(call: Call) -> Answer:
        rows = rows_asked(call)
        if "id" not in rows[0]:
            return says('"text": "cut off')
        kept = [row for row in rows if row["id"] != hard.id]
        return says(
            "\n".join(
                json.dumps({"id": r["id"], "of": r["text"], "text": translated(r["text"])}) for r in kept
            )
        )

    with standing_in(script) as endpoint:
        done = run(lines, Caller(endpoint.url))
    assert done.kept == (hard.id,)
    assert_whole(lines, done)


def test_a_model_that_only_repeats_is_not_asked_for_ever() -> None:
    lines = [Line(number, f"this is line number {number} of it") for number in range(40)]
    with standing_in(translator(0, ["echo"], share=1.0)) as endpoint:
        done = run(lines, Caller(endpoint.url))
        assert len(endpoint.calls) == 3
    assert done.kept == tuple(range(40))
    assert [done.texts[line.id] for line in lines] == [line.text for line in lines]


def test_a_name_may_stay_as_it_is() -> None:
    lines = [Line(1, "Amsterdam"), Line(2, "We are there.")]

    def script(call: Call) -> Answer:
        rows = rows_asked(call)
        texts = {1: "Amsterdam", 2: "我们到了。"}
        return says(
            "\n".join(json.dumps({"id": r["id"], "of": r["text"], "text": texts[r["id"]]}) for r in rows)
        )

    with standing_in(script) as endpoint:
        done = run(lines, Caller(endpoint.url))
        assert [[row["id"] for row in rows_asked(call)] for call in endpoint.calls] == [[1, 2], [1]]
    assert done.texts == {1: "Amsterdam", 2: "我们到了。"}
    assert done.kept == (1,)


def test_the_endpoint_is_given_the_time_it_asks_for() -> None:
    waits: list[float] = []
    lines = script_of(6, 3)

    def script(call: Call) -> Answer:
        if call.number < 2:
            return Answer(b"", 429, {"Retry-After": "7" if call.number == 0 else "9999"})
        return translator(0, [])(call)

    with standing_in(script) as endpoint:
        assert_whole(lines, run(lines, Caller(endpoint.url), waits=waits))
    assert waits == [7.0, 120.0]


@pytest.mark.parametrize("status", [503, 429])
def test_an_endpoint_that_stays_away_fails_the_task_soon(status: int) -> None:
    waits: list[float] = []
    with standing_in(lambda call: Answer(b"gone fishing", status)) as endpoint:
        with pytest.raises(TaskFault, match="gone fishing") as caught:
            run(script_of(7, 200), Caller(endpoint.url), waits=waits)
        assert len(endpoint.calls) <= 14
    assert caught.value.number == "70000"
    assert sum(waits) < 60


def test_a_wrong_key_fails_at_once() -> None:
    with standing_in(lambda call: Answer(b"invalid api key", 401)) as endpoint:
        with pytest.raises(TaskFault, match="invalid api key"):
            run(script_of(7, 200), Caller(endpoint.url))
        assert len(endpoint.calls) == 1


def test_a_model_that_never_answers_usably_is_given_up() -> None:
    with standing_in(lambda call: says("[I am a teapot]")) as endpoint:
        with pytest.raises(TaskFault, match="none of the chat endpoint's answers"):
            run(script_of(8, 400), Caller(endpoint.url))
        assert len(endpoint.calls) < 60


def test_an_endpoint_that_refuses_everything_is_quoted() -> None:
    with standing_in(lambda call: Answer(b"unknown parameter", 400)) as endpoint:
        with pytest.raises(TaskFault, match="HTTP 400: unknown parameter"):
            run(script_of(8, 400), Caller(endpoint.url))
        assert len(endpoint.calls) < 60


def test_after_one_corrected_line_only_that_line_is_asked_for() -> None:
    """Twice: in the middle of a text of whole sentences, and where its sentence runs on into the next line."""
    lines = [Line(number, f"This is the whole sentence number {number}.") for number in range(1000)]
    with standing_in(translator(0, [])) as endpoint:
        caller = Caller(endpoint.url)
        assert run(lines, caller).asked == 1000
        first = len(endpoint.calls)
        assert run(lines, caller).asked == 0
        assert len(endpoint.calls) == first == 25
        lines[500] = Line(500, "That is another sentence, number 500.")
        done = run(lines, caller)
        assert_whole(lines, done)
        assert done.asked == 1
        assert [row["id"] for row in rows_asked(endpoint.calls[-1])] == [500]
        lines[500] = Line(500, "That is another sentence that goes on")
        assert run(lines, caller).asked == 2
        assert len(endpoint.calls) == 27


def test_what_was_done_before_a_failure_is_not_done_again() -> None:
    lines = script_of(9, 100)

    def script(call: Call) -> Answer:
        return translator(0, [])(call) if call.number != 1 else Answer(b"no credit", 402)

    with standing_in(script) as endpoint:
        caller = Caller(endpoint.url)
        with pytest.raises(TaskFault, match="no credit"):
            run(lines, caller)
        done = run(lines, caller)
    assert_whole(lines, done)
    assert done.asked <= 60


def test_another_model_language_or_word_list_is_another_translation() -> None:
    lines = script_of(10, 10)
    term = lines[3].text.split()[0]
    with standing_in(translator(0, [])) as endpoint:
        memory: dict[str, object] = {}
        run(lines, Caller(endpoint.url, memory=memory))
        assert run(lines, Caller(endpoint.url, memory=memory)).asked == 0
        assert run(lines, Caller(endpoint.url, memory=memory, model="other")).asked == 10
        assert run(lines, Caller(endpoint.url, memory=memory), Errand("en", "ja", {})).asked == 10
        with_term = run(lines, Caller(endpoint.url, memory=memory), Errand("en", "zh", {term: "词"}))
        holding = [line for line in lines if term.casefold() in line.text.casefold()]
        assert with_term.asked == len(holding) < 10
        assert "词" in endpoint.calls[-1].json["messages"][0]["content"]


def test_what_holds_no_words_is_not_asked_for() -> None:
    lines = [Line(1, "♪ ♪"), Line(2, "Hello there."), Line(3, "42"), Line(4, "…")]
    with standing_in(translator(0, [])) as endpoint:
        done = run(lines, Caller(endpoint.url))
        assert [row["id"] for row in rows_asked(endpoint.calls[0])] == [2]
    assert done.texts == {1: "♪ ♪", 2: translated("Hello there."), 3: "42", 4: "…"}
    assert done.kept == ()


def test_the_source_language_is_found_when_its_script_tells() -> None:
    lines = [Line(1, "你好,世界。"), Line(2, "今天天气很好。")]
    with standing_in(translator(0, [])) as endpoint:
        caller = Caller(endpoint.url)
        assert run(lines, caller, Errand("auto", "en", {})).source == "zh"
        same = run(lines, caller, Errand("auto", "zh", {}))
        assert (same.asked, same.engine, list(same.texts.values())) == (0, "", [line.text for line in lines])
        assert run(lines, caller, Errand("auto", "zh-TW", {})).asked == 2


def test_without_an_engine_the_fault_says_what_to_set() -> None:
    with pytest.raises(TaskFault, match="OPENVOD_CHAT_URL") as caught:
        translate(script_of(1, 2), ERRAND, asking.nobody, NO_MODELS)
    assert caught.value.number == "40000"
    assert "English into Chinese" in caught.value.en
    assert "OPENVOD_CHAT_URL" in caught.value.zh


def test_a_line_beyond_all_measure_is_kept_and_never_sent() -> None:
    lines = [Line(1, "word " * 10_000), Line(2, "Hello there.")]
    with standing_in(translator(0, [])) as endpoint:
        done = run(lines, Caller(endpoint.url))
        assert len(endpoint.calls[0].body) < 10_000
    assert done.kept == (1,)
    assert done.texts[2] == translated("Hello there.")
