"""Who hears of a task: its application, or the URL of the request."""

import pytest
from sqlalchemy import select

from openvod.core.errors import aborted
from openvod.store.tables import events
from openvod.store.tasks import PartResult
from tests.store.conftest import APP, new_task

DONE = PartResult(status="SUCCESS", output={})


def told(store):
    with store.db.read() as connection:
        return list(connection.execute(select(events.c.type).order_by(events.c.id)).scalars())


def ended(store, notify, parts=2):
    task = new_task("", parts, notify=notify)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    for position in range(parts):
        for _ in range(2):  # a step that is repeated tells nothing twice
            store.tasks.finish_part(task.id, "me", position, DONE)
    for _ in range(2):
        assert store.tasks.finish(task.id, "me")
    return task.id


@pytest.mark.parametrize(
    "notify, types",
    [
        ("Event", ["ProcessMediaByMPSComplete"]),
        ("Nobody", []),
        ("Finish", ["WorkflowTask"]),
        ("Change", ["WorkflowTask"] * 3),
    ],
)
def test_the_end_is_told_as_asked(store, notify, types):
    ended(store, notify)
    assert told(store) == types


def test_an_abort_is_told_as_asked(store):
    for notify in ("Change", "Nobody"):
        task = new_task("", notify=notify)
        store.tasks.add(task)
        store.tasks.abort(task.id, aborted(), running=False)
    assert told(store) == ["WorkflowTask"]


@pytest.mark.parametrize("mode", ["PULL", "PUSH"])
def test_a_notification_goes_out_whatever_the_application_s_way_is(store, mode):
    store.events.configure(APP, mode=mode, url="http://vod.example")
    task_id = ended(store, "Finish")
    assert store.events.to_pull(APP) == 0
    assert store.events.pull(APP) == []
    assert store.events.waiting([APP]) == {}
    (event,) = store.events.claim_pushes(8)
    assert (event.type, event.task_id) == ("WorkflowTask", task_id)
    assert store.events.claim_pushes(8) == []
    assert store.events.put_off(event, 0.0, "")
    (again,) = store.events.claim_pushes(8)
    assert (again.id, again.attempts) == (event.id, 2)
    assert store.events.pushed(again)
    assert store.events.claim_pushes(8) == []


def test_what_waits_to_be_pulled_is_not_pushed_and_one_goes_out_at_a_time(store):
    ended(store, "Event")
    first, second = ended(store, "Finish"), ended(store, "Finish")
    assert [event.task_id for event in store.events.claim_pushes(8)] == [first]
    assert store.events.claim_pushes(8, [APP]) == []
    assert [event.task_id for event in store.events.claim_pushes(8)] == [second]
    assert store.events.to_pull(APP) == 1
