"""Reads that every request makes: the same answers as SQLAlchemy's own way, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as testing
from hypothesis import strategies as st
from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from openvod.store.db import Database, seen_by
from openvod.store.tables import media, secrets, tasks
from tests.store.conftest import APP, new_task

VALUE = select(secrets.c.value).where(secrets.c.name == bindparam("name"))
ALL = select(secrets.c.name, secrets.c.value).order_by(secrets.c.name)
SOME = (
    select(secrets.c.name)
    .where(secrets.c.name.in_(bindparam("names", expanding=True)))
    .order_by(secrets.c.name)
)
TASK = select(tasks.c.id, tasks.c.request, tasks.c.warnings, tasks.c.began).where(
    tasks.c.sub_app_id == bindparam("app"), tasks.c.status == "WAITING"
)
NAMED = select(media.c.file_id, media.c.facts).where(media.c.name == bindparam("name"))


@pytest.fixture
def db(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


def put(name, value="v"):
    return lambda connection: connection.execute(insert(secrets), {"name": name, "value": value})


@testing(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.sets(st.text(max_size=8), max_size=5),
    asked=st.lists(st.text(max_size=8) | st.sampled_from(["a", "", "名"]), max_size=6),
)
def test_a_list_finds_what_it_names(db, names, asked):
    def fill(connection):
        connection.execute(secrets.delete())
        for name in names:
            put(name)(connection)

    db.write(fill)
    with db.snapshot() as state, db.read() as connection:
        assert [*map(tuple, state.rows(ALL))] == [*map(tuple, connection.execute(ALL))]
        found = [tuple(row) for row in state.rows(SOME, names=asked)]
        assert found == [tuple(row) for row in connection.execute(SOME, {"names": asked})]
        assert [*map(tuple, seen_by(connection).rows(SOME, names=asked))] == found


def test_values_come_as_their_columns_say(store, media):
    file = media()
    store.tasks.add(new_task(file.file_id, warnings=("one", "两")))
    row = store.db.row(TASK, app=APP)
    assert row is not None
    assert tuple(row)[1:] == ({"FileId": file.file_id}, ["one", "两"], None)
    found = store.db.row(NAMED, name="Film 电影.mp4")
    assert found is not None
    assert tuple(found) == (file.file_id, file.facts)
    assert store.db.row(NAMED, name="\0") is None  # what no database holds finds nothing, and breaks nothing


def test_a_snapshot_does_not_see_what_comes_after_it(db):
    db.write(put("before"))
    with db.snapshot() as state:
        assert len(state.rows(ALL)) == 1
        db.write(put("after"))
        assert len(state.rows(ALL)) == 1
        assert state.row(VALUE, name="after") is None
    with db.snapshot() as state:
        assert len(state.rows(ALL)) == 2


def test_many_readers_beside_a_writer(db):
    db.write(put("0"))
    stop = threading.Event()

    def read():
        seen = 0
        while not stop.is_set():
            with db.snapshot() as state:
                count = len(state.rows(ALL))
                assert count == len(state.rows(ALL))
            assert count >= seen
            seen = count
        return seen

    with ThreadPoolExecutor(20) as pool:
        readers = [pool.submit(read) for _ in range(20)]
        try:
            for n in range(1, 30):
                db.write(put(str(n)))
        finally:
            stop.set()
        assert all(1 <= reader.result() <= 30 for reader in readers)


def test_what_cannot_be_read_is_an_error_of_the_database_and_harms_no_later_read(db):
    missing = select(secrets.c.value.label("v")).where(secrets.c.name == bindparam("name"))
    db.write(lambda connection: connection.exec_driver_sql("ALTER TABLE secrets RENAME TO gone"))
    with pytest.raises(DBAPIError):
        db.row(missing, name="x")
    db.write(lambda connection: connection.exec_driver_sql("ALTER TABLE gone RENAME TO secrets"))
    db.write(put("x"))
    assert db.row(missing, name="x") is not None


def test_what_is_remembered_is_looked_up_again_after_a_change(db, database_url):
    assert db.row_until_a_change(VALUE, name="a") is None
    db.write(put("a", "old"))
    assert (
        tuple(db.row_until_a_change(VALUE, name="a"))
        == tuple(db.row_until_a_change(VALUE, name="a"))
        == ("old",)
    )
    other = Database(database_url)
    try:  # as another process would
        other.write(lambda connection: connection.execute(secrets.update().values(value="new")))
        assert tuple(db.row_until_a_change(VALUE, name="a")) == ("new",)
        other.write(lambda connection: connection.execute(secrets.delete()))
        assert db.row_until_a_change(VALUE, name="a") is None
    finally:
        other.close()
