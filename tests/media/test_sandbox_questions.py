"""What a media process may ask of whoever started it."""

import threading
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.media import sandbox
from openvod.media.sandbox import Cancelled, Crashed, Limits

HERE = Path(__file__).parent
LIMITS = Limits(wall_seconds=60, cpu_seconds=30, memory_mb=1024, file_mb=4)


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(HERE)


def call(name, argument, folder, ask, **more):
    return sandbox.call(f"sandbox_targets:{name}", argument, folder, LIMITS, readable=[HERE], ask=ask, **more)


def test_questions_are_answered_in_turn(tmp_path):
    long = "语" * 300_000  # more than a pipe holds
    heard = call("asks_in_turn", {"times": 3}, tmp_path, lambda question: {**question, "text": long})
    assert heard == {"heard": [{"number": number, "text": long} for number in range(3)]}


def test_a_fault_goes_back_into_the_process(tmp_path):
    def ask(_question):
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what="singing")

    told = TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what="singing")
    assert call("asks_and_hears_a_fault", {}, tmp_path, ask) == {
        "key": told.key,
        "en": told.en,
        "zh": told.zh,
        "code": told.code,
    }


def test_another_failure_ends_the_call(tmp_path):
    def ask(_question):
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError, match="away"):
        call("asks_in_turn", {"times": 1}, tmp_path, ask)


def test_threads_of_the_process_ask_one_after_the_other(tmp_path):
    numbers = []
    asking = threading.Lock()

    def ask(question):
        assert asking.acquire(blocking=False)
        numbers.append(question["number"])
        asking.release()
        return {}

    assert call("asks_twice_at_once", {}, tmp_path, ask) == {}
    assert sorted(numbers) == [0, 1, 2, 3]


def test_it_is_watched_while_it_waits(tmp_path):
    asked, over = threading.Event(), threading.Event()

    def ask(_question):
        asked.set()
        over.wait(60)
        return {}

    with pytest.raises(Cancelled):
        call("asks_in_turn", {"times": 1}, tmp_path, ask, cancelled=asked.is_set)
    over.set()


def test_where_nobody_answers_a_question_is_wrong(tmp_path):
    with pytest.raises(Crashed) as caught:
        sandbox.call("sandbox_targets:asks_behind_our_back", {}, tmp_path, LIMITS, readable=[HERE])
    assert caught.value.kind == "output"
