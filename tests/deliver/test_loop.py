import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from openvod.cli import main
from openvod.deliver.loop import Deliverer
from openvod.store.tables import events
from tests.deliver.conftest import APP, events_of, happen, wait_for
from tests.receiver import receiving


@pytest.fixture
def start(store, settings):
    """Start a deliverer, with some settings changed."""
    running = []

    def go(**changes):
        running.append(Deliverer(store, replace(settings, **changes)))
        running[-1].start()
        return running[-1]

    yield go
    for each in running:
        each.stop()


def files(bodies):
    return [file for body in bodies for file in body["FileDeleteEvent"]["FileIdSet"]]


def all_delivered(store, app=APP):
    return all(event.delivered for event in events_of(store, app))


def test_events_are_pushed_in_order_and_once(store, receiver, start):
    for number in range(20):
        happen(store, str(number))
    start()
    assert files(receiver.wait_for(20)) == [str(number) for number in range(20)]
    wait_for(lambda: all_delivered(store))
    happen(store, "later")
    assert files(receiver.wait_for(21))[-1] == "later"
    assert len(receiver.got) == 21


@pytest.mark.parametrize("status", [500, 404, 201, 302, 204])
def test_only_200_is_a_success(store, receiver, start, status):
    receiver.answers = [status]
    happen(store, "1")
    start()
    assert files(receiver.wait_for(2)) == ["1", "1"]
    wait_for(lambda: all_delivered(store))
    assert [event.attempts for event in events_of(store)] == [2]


def test_a_dead_letter_is_kept_shown_and_replayed(store, receiver, start, settings):
    receiver.answers = [503] * 4
    happen(store, "1")
    start()
    (dead,) = wait_for(store.events.letters)
    assert (dead.attempts, len(receiver.got)) == (4, 4)
    data = ["--data", str(settings.data)]
    listed = CliRunner().invoke(main, ["events", "list", *data], catch_exceptions=False).output
    assert "FileDeleted  1  dead after 4" in listed
    assert "it answered with the status 503" in listed
    refused = CliRunner().invoke(main, ["events", "replay", "99", *data])
    assert (refused.exit_code, refused.output) == (1, "Error: no dead letters: 99\n")
    assert CliRunner().invoke(main, ["events", "replay", *data]).exit_code == 2
    done = CliRunner().invoke(main, ["events", "replay", str(dead.id), *data])
    assert done.output == "1 event will be tried again\n"
    receiver.wait_for(5)
    wait_for(lambda: all_delivered(store))
    assert CliRunner().invoke(main, ["events", "list", *data]).output == ""
    everything = CliRunner().invoke(main, ["events", "list", "--all", "--sub-app", str(APP), *data])
    assert "delivered after 1" in everything.output


def test_a_receiver_that_does_not_answer_holds_up_nobody_else(store, receiver, start):
    stuck = threading.Event()
    receiver.on_post = lambda: stuck.wait(20)
    for number in range(3):
        happen(store, str(number))
    with receiving() as other:
        store.events.configure(APP + 1, mode="PUSH", url=other.url)
        for number in range(5):
            happen(store, str(number), APP + 1)
        start(event_seconds=20.0)
        receiver.wait_for(1)
        other.wait_for(5)
        wait_for(lambda: all_delivered(store, APP + 1))
        assert len(receiver.got) == 1
        stuck.set()
        receiver.wait_for(3)


def test_a_slow_answer_is_none(store, receiver, start):
    stuck = threading.Event()
    receiver.on_post = lambda: stuck.wait(20)
    happen(store, "1")
    start(event_seconds=0.1)
    (dead,) = wait_for(store.events.letters)
    stuck.set()
    assert dead.failure.endswith("it took too long")


def test_a_server_that_others_reach_does_not_push_to_itself(store, receiver, start):
    happen(store, "1")
    start(host="0.0.0.0")
    (dead,) = wait_for(store.events.letters)
    assert "not public" in dead.failure
    assert receiver.got == []


def test_what_tells_of_nothing_is_given_up(store, receiver, start):
    row = {"sub_app_id": APP, "type": "ProcessMediaByMPSComplete", "task_id": "gone"}
    store.db.write(lambda connection: connection.execute(events.insert(), row))
    happen(store, "1")
    start()
    assert files(receiver.wait_for(1)) == ["1"]
    (dead,) = wait_for(store.events.letters)
    assert dead.task_id == "gone"


def test_events_wait_for_a_url_and_may_be_pulled_instead(store, receiver, start):
    store.events.configure(APP, url="")
    happen(store, "1")
    start()
    store.events.configure(APP, mode="PULL")
    (event,) = store.events.pull(APP)
    store.events.confirm(APP, {(event.id, event.handle)})
    store.events.configure(APP, mode="PUSH", url=receiver.url)
    happen(store, "2")
    assert files(receiver.wait_for(1)) == ["2"]


def test_two_deliverers_share_the_work(store, receiver, start):
    for number in range(30):
        happen(store, str(number))
    start()
    start()
    assert sorted(files(receiver.wait_for(30)), key=int) == [str(number) for number in range(30)]
    wait_for(lambda: all_delivered(store))
    assert len(receiver.got) == 30


def test_killed_between_the_post_and_the_mark(store, receiver, start, settings):
    """The event comes again; none is lost, none is made up."""
    for number in range(3):
        happen(store, str(number))
    command = [sys.executable, str(Path(__file__).parent / "deliverer.py"), str(settings.data)]
    with subprocess.Popen(command) as process:
        receiver.on_post = process.kill
        receiver.wait_for(1)
        process.wait()
    receiver.on_post = lambda: None
    assert files(receiver.got) == ["0"]
    assert [event.delivered for event in events_of(store)] == [None] * 3
    assert store.events.claim_pushes(8, {APP}) == []
    store.db.write(  # as if its 30 seconds were over
        lambda connection: connection.execute(update(events).values(due=events.c.due - 30_000))
    )
    start()
    wait_for(lambda: all_delivered(store))
    assert sorted(files(receiver.got)) == ["0", "0", "1", "2"]
    assert len(events_of(store)) == 3
