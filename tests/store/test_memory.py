"""What was worked out before, and what is forgotten of it."""

import pytest
from sqlalchemy import func, select, update

from openvod.store.memory import DAY_MS, DAYS, Memory
from openvod.store.tables import steps

APP, OTHER = 1400000001, 1400000002


def age(store, days):
    change = update(steps).values(used=steps.c.used - days * DAY_MS)
    store.db.write(lambda connection: connection.execute(change))


def kept(store):
    with store.db.read() as connection:
        return connection.execute(select(func.count()).select_from(steps)).scalar_one()


def test_it_is_kept_by_content_and_by_application(store):
    about = {"file": "ab12", "language": "en", "list": [1, {"b": 2, "a": 1}]}
    store.memory.keep(APP, "heard/1", [(about, {"text": "早上好"}), ({"file": "cd"}, {"text": ""})])
    same = {"list": [1, {"a": 1, "b": 2}], "language": "en", "file": "ab12"}
    assert store.memory.recall(APP, "heard/1", [{"file": "cd"}, same, {"file": "ef"}, same]) == [
        {"text": ""},
        {"text": "早上好"},
        None,
        {"text": "早上好"},
    ]
    assert store.memory.recall(APP, "heard/2", [about]) == [None]
    assert store.memory.recall(OTHER, "heard/1", [about]) == [None]


def test_the_same_step_is_kept_once(store):
    for _ in range(2):
        store.memory.keep(APP, "s", [({"a": 1}, {"b": 1}), ({"a": 1}, {"b": 1})])
    assert kept(store) == 1


def test_what_nobody_asks_for_is_forgotten(store):
    store.memory.keep(APP, "s", [({"n": 1}, {"v": 1}), ({"n": 2}, {"v": 2})])
    age(store, DAYS - 1)
    assert store.memory.recall(APP, "s", [{"n": 1}]) == [{"v": 1}]
    age(store, 2)
    assert store.memory.sweep() == 1
    assert store.memory.recall(APP, "s", [{"n": 1}, {"n": 2}]) == [{"v": 1}, None]


def test_the_least_recently_used_goes_first_when_there_is_too_much(store):
    small = Memory(store.db, most_bytes=400)
    for number in range(300):
        small.keep(APP, "s", [({"n": number}, {"v": number})])
        if number == 0:
            age(store, 2)
    assert small.sweep() == 300 - kept(store) > 0
    assert small.recall(APP, "s", [{"n": 0}]) == [None]


def test_without_room_nothing_is_kept(store):
    none = Memory(store.db, most_bytes=0)
    none.keep(APP, "s", [({}, {})])
    assert none.recall(APP, "s", [{}]) == [None]
    assert kept(store) == 0


@pytest.mark.parametrize("value", [{"v": "x" * 100}, {"v": list(range(50))}, {}])
def test_values_come_back_as_they_were(store, value):
    store.memory.keep(APP, "s", [({"of": 1}, value)])
    assert store.memory.recall(APP, "s", [{"of": 1}]) == [value]
