"""Questions to an endpoint that misbehaves: an answer is right, is put right, or there is none."""

import json

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines import providers
from openvod.engines.providers import Answer, Question
from openvod.engines.providers.chat import PAUSES
from tests.stand_in import Answer as Sent
from tests.stand_in import Call, Caller, Script, StandIn, says, standing_in

SCHEMA: Json = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer"}},
    "required": ["name", "age"],
}
GOOD = '{"name": "Ada", "age": 36}'
WRONG = '{"name": "Ada", "age": "many"}'


def question(**more: object) -> Question:
    messages = ({"role": "user", "content": "Who?"},)
    return Question(**{"step": "who/1", "messages": messages, "schema": SCHEMA, **more})  # type: ignore[arg-type]


def in_turn(*answers: Sent) -> Script:
    """Each once, then the last one for ever."""
    return lambda call: answers[min(call.number, len(answers) - 1)]


def asked(script: Script, waits: list[float] | None = None, **more: object) -> tuple[Answer, StandIn]:
    pauses: list[float] = [] if waits is None else waits
    with standing_in(script) as endpoint:
        done = providers.answered(Caller(endpoint.url, seconds=0.3), question(**more), pauses.append)
    return done, endpoint


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Of course! Here it is: {GOOD} Anything else?",
        f'<think>Perhaps {{"name": "Bob", "age": 1}}?</think>{GOOD}',
        f'{{"sketch": true}} {GOOD}',
        '{"name": "Ada", "age": 36, "more": [1, 2]}',
    ],
)
def test_an_answer_is_found_wherever_it_stands(text: str) -> None:
    done, endpoint = asked(in_turn(says(text)))
    assert (done.value["name"], done.value["age"]) == ("Ada", 36)
    assert done.engine == "chat stand-in"
    assert len(endpoint.calls) == 1


@pytest.mark.parametrize("bad", [WRONG, "I'd rather not.", "", "[1]", '{"name": NaN, "age": 3}', "{" * 5000])
def test_a_wrong_answer_is_sent_back_once_with_what_is_wrong(bad: str) -> None:
    done, endpoint = asked(in_turn(says(bad), says(GOOD)))
    assert done.value == {"name": "Ada", "age": 36}
    first, second = (call.json["messages"] for call in endpoint.calls)
    assert second[: len(first)] == first
    assert second[-2] == {"role": "assistant", "content": bad[:6000]}
    if bad == WRONG:
        assert "`answer.age` must be of type integer" in second[-1]["content"]


def test_an_answer_that_stays_wrong_is_none() -> None:
    with (
        pytest.raises(TaskFault, match="could be used") as caught,
        standing_in(in_turn(says(WRONG))) as endpoint,
    ):
        providers.answered(Caller(endpoint.url), question())
    assert caught.value.key == "InternalError/endpoint-answers"
    assert len(endpoint.calls) == 2


def test_an_answer_that_was_cut_off_is_asked_for_again_more_briefly() -> None:
    done, endpoint = asked(in_turn(says(GOOD[:12], finish="length"), says(GOOD)))
    assert done.value["age"] == 36
    assert "be briefer" in endpoint.calls[1].json["messages"][-1]["content"]


def test_what_the_asker_checks_is_put_right_or_told() -> None:
    def check(value: Json) -> list[str]:
        return [] if value["age"] < 100 else [f"nobody is {value['age']}"]

    old = '{"name": "Ada", "age": 200}'
    done, endpoint = asked(in_turn(says(old), says(GOOD)), check=check)
    assert (done.value["age"], done.faults) == (36, ())
    assert "nobody is 200" in endpoint.calls[1].json["messages"][-1]["content"]
    stubborn, _ = asked(in_turn(says(old)), check=check)
    assert (stubborn.value["age"], stubborn.faults) == (200, ("nobody is 200",))


def test_a_correction_that_is_worse_is_not_taken() -> None:
    def check(value: Json) -> list[str]:
        return ["too young"] if value["age"] < 40 else []

    done, _ = asked(in_turn(says(GOOD), says("Sorry!")), check=check)
    assert (done.value["age"], done.faults) == (36, ("too young",))


@pytest.mark.parametrize(
    "trouble",
    [Sent(b"slow down", 429), Sent(b"oops", 503), Sent(says(GOOD).body, fate="cut"), Sent(fate="silence")],
)
def test_trouble_that_passes_is_waited_for(trouble: Sent) -> None:
    waits: list[float] = []
    done, endpoint = asked(in_turn(trouble, trouble, says(GOOD)), waits)
    assert done.value["name"] == "Ada"
    assert waits == [*PAUSES[:2]]
    assert len(endpoint.calls) == 3


def test_an_endpoint_says_itself_how_long_to_wait() -> None:
    waits: list[float] = []
    asked(in_turn(Sent(b"later", 429, {"Retry-After": "7"}), says(GOOD)), waits)
    assert waits == [7.0]


def test_an_endpoint_that_stays_away_is_given_up_in_time() -> None:
    waits: list[float] = []
    with pytest.raises(TaskFault, match="HTTP 503: oops"):
        asked(in_turn(Sent(b"oops", 503)), waits)
    assert waits == [*PAUSES]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_is_not_tried_again(status: int) -> None:
    waits: list[float] = []
    with pytest.raises(TaskFault, match=f"HTTP {status}: no"):
        asked(in_turn(Sent(b"no", status)), waits)
    assert not waits


def test_an_endpoint_without_json_mode_is_asked_without() -> None:
    caller = Caller("")

    def script(call: Call) -> Sent:
        assert call.number < 2
        return says(GOOD) if call.number else Sent(b"unknown field response_format", 400)

    with standing_in(script) as endpoint:
        caller.url = endpoint.url
        assert providers.answered(caller, question()).value["age"] == 36
    assert [each["json"] for each in caller.questions if "call" in each] == [True, False]


def test_what_was_asked_is_not_asked_again() -> None:
    with standing_in(in_turn(says(GOOD))) as endpoint:
        caller = Caller(endpoint.url)
        first = providers.answered(caller, question())
        assert providers.answered(caller, question()) == first
        assert len(endpoint.calls) == 1
        providers.answered(caller, question(about={"image": "another"}))
        assert len(endpoint.calls) == 2


def test_without_an_endpoint_the_setting_is_named() -> None:
    with pytest.raises(TaskFault, match="chat_url"):
        providers.answered(Caller(), question())
    assert providers.name(Caller()) == ""


def test_a_question_travels_as_json() -> None:
    _, endpoint = asked(in_turn(says(GOOD)))
    assert json.dumps(endpoint.calls[0].json["messages"]) == '[{"role": "user", "content": "Who?"}]'
