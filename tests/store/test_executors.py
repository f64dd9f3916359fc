import socket

import pytest
from sqlalchemy import select, text, update

from openvod.store import executors as executors_module
from openvod.store.columns import now_ms
from openvod.store.tables import executors
from tests.store.conftest import new_task


def age(store, executor_id, seconds):
    change = update(executors).where(executors.c.id == executor_id)
    store.db.write(lambda c: c.execute(change.values(heartbeat=now_ms() - int(seconds * 1000))))


def live(store, *given):
    return [one.id for one in store.executors.live(*given)]


def test_silence_is_death_and_a_beat_is_life(store):
    for name in ("a", "b"):
        store.executors.register(name)
    assert live(store) == ["a", "b"]
    age(store, "a", 40)
    assert (live(store), store.executors.dead()) == (["b"], ["a"])
    assert (live(store, 60), store.executors.dead(60)) == (["a", "b"], [])
    assert store.executors.beat("a")
    assert (live(store), store.executors.dead()) == (["a", "b"], [])
    assert not store.executors.beat("unknown")


def test_a_stopped_executor_leaves_its_tasks_at_once(store, media):
    store.tasks.add(new_task(media().file_id))
    store.executors.register("a")
    (task_id,) = store.tasks.claim("a", 1)
    store.executors.stop("a")
    assert (live(store), store.executors.dead()) == ([], ["a"])
    assert not store.executors.beat("a")
    store.executors.register("b")
    assert store.tasks.take_over("b", ["a"]) == [task_id]
    store.executors.register("a")
    assert live(store) == ["a", "b"]


def test_an_owner_nobody_knows_is_dead(store, media):
    store.tasks.add(new_task(media().file_id))
    store.tasks.claim("never registered", 1)
    assert store.executors.dead() == ["never registered"]


@pytest.mark.parametrize("change", [{"process_started": "long ago"}, {"pid": 2**22 + 1}])
def test_a_process_that_is_gone_is_dead_only_on_its_own_host(store, change):
    store.executors.register("a")
    store.db.write(lambda c: c.execute(update(executors).values(change)))
    assert (live(store), store.executors.dead()) == ([], ["a"])
    store.db.write(lambda c: c.execute(update(executors).values(host="elsewhere")))
    assert (live(store), store.executors.dead()) == (["a"], [])


def test_a_wake_up_reaches_the_executors_of_this_host(store):
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far,
    ):
        for end in (near, far):
            end.bind(("127.0.0.1", 0))
            end.settimeout(10)
        store.executors.register("far", far.getsockname()[1])
        store.db.write(lambda c: c.execute(update(executors).values(host="elsewhere")))
        store.executors.register("near", near.getsockname()[1])
        store.executors.register("deaf")
        store.executors.wake()
        assert near.recv(10)
        far.setblocking(False)
        with pytest.raises(BlockingIOError):
            far.recv(10)
        store.executors.wake()
        assert near.recv(10)


def test_on_postgresql_other_hosts_are_notified(store):
    if store.db.dialect != "postgresql":
        assert store.executors.wake() is None
        return
    raw = store.db._writes.raw_connection()
    try:
        raw.driver_connection.autocommit = True
        raw.driver_connection.execute(f"LISTEN {executors_module.CHANNEL}")
        store.executors.wake()
        (notice,) = raw.driver_connection.notifies(timeout=10, stop_after=1)
        assert notice.channel == executors_module.CHANNEL
        raw.driver_connection.execute("UNLISTEN *")
        raw.driver_connection.autocommit = False
    finally:
        raw.close()


def test_registering_again_is_one_row(store):
    store.executors.register("a", 1)
    store.executors.register("a", 2)
    with store.db.read() as connection:
        assert connection.execute(select(executors.c.wake_port)).all() == [(2,)]
        assert connection.execute(text("SELECT count(*) FROM executors")).scalar() == 1
