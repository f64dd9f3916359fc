import multiprocessing
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from openvod.store.columns import now_ms
from openvod.store.db import Database, WrongProcess
from openvod.store.group_commit import Closed, NotCommitted
from openvod.store.tables import secrets


@pytest.fixture
def db(database_url):
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_db(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'openvod.db'}")
    yield opened
    opened.close()


def put(name):
    return lambda connection: connection.execute(insert(secrets), {"name": name, "value": "v"})


def until(condition):
    deadline = monotonic() + 20
    while not condition():
        assert monotonic() < deadline


def names(db):
    with db.read() as connection:
        return set(connection.execute(select(secrets.c.name)).scalars())


def test_a_write_that_fails_harms_no_other(db):
    db.write(put("taken"))

    def attempt(n):
        try:
            if n % 3 == 0:
                db.write(put("taken"))
            elif n % 3 == 1:
                db.write(lambda connection: (put(f"half {n}")(connection), 1 / 0))
            else:
                db.write(put(f"whole {n}"), durable=n % 2 == 0)
        except (IntegrityError, ZeroDivisionError) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(attempt, range(60)))
    assert outcomes == [IntegrityError, ZeroDivisionError, None] * 20
    assert names(db) == {"taken"} | {f"whole {n}" for n in range(2, 60, 3)}


def test_reading_sees_one_state_and_cannot_write(db):
    with db.read() as connection:
        before = connection.execute(select(secrets.c.name)).all()
        db.write(put("later"))
        assert connection.execute(select(secrets.c.name)).all() == before
        with pytest.raises(DBAPIError):
            put("sneaked in")(connection)
    assert names(db) == {"later"}
    assert db.answers()


def test_json_and_words_survive_what_a_stranger_sends(store, media):
    strange = "nul \0 half \ud800 電影 🎬"
    file = media(name=strange, facts={strange: [strange, None, 1.5]})
    assert store.library.get(file.file_id, file.sub_app_id).facts == {strange: [strange, None, 1.5]}
    assert file.name == "nul \ufffd half ? 電影 🎬"
    assert store.library.get("\0", file.sub_app_id) is None
    assert store.accounts.key("\ud800") is None
    assert store.accounts.sub_app(2**64 - 1) is None


def test_many_writes_share_one_commit(sqlite_db):
    commits = []
    gate, inside = threading.Event(), threading.Event()
    sqlite_db._group._raw.set_trace_callback(
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )

    def wait(_connection):
        inside.set()
        assert gate.wait(10)

    with ThreadPoolExecutor(33) as pool:
        results = [pool.submit(sqlite_db.write, wait)]
        assert inside.wait(10)
        results += [pool.submit(sqlite_db.write, put(str(n))) for n in range(32)]
        until(lambda: sqlite_db._group._queue.qsize() == 32)
        gate.set()
        for result in results:
            result.result()
    assert len(commits) == 2
    assert len(names(sqlite_db)) == 32


def test_nobody_is_told_of_success_when_the_transaction_is_lost(sqlite_db):
    gate, inside = threading.Event(), threading.Event()

    def wait(_connection):
        inside.set()
        assert gate.wait(10)

    def lose(connection):
        sqlite_db._group._raw.execute("ROLLBACK")  # what SQLite does by itself on a full disk
        raise sqlite3.OperationalError("database or disk is full")

    with ThreadPoolExecutor(3) as pool:
        pool.submit(sqlite_db.write, wait)
        assert inside.wait(10)
        fine = pool.submit(sqlite_db.write, put("fine"))
        until(lambda: sqlite_db._group._queue.qsize() == 1)
        lost = pool.submit(sqlite_db.write, lose)
        until(lambda: sqlite_db._group._queue.qsize() == 2)
        gate.set()
        with pytest.raises(NotCommitted):
            fine.result()
        with pytest.raises(sqlite3.OperationalError, match="full"):
            lost.result()
    assert names(sqlite_db) == set()
    sqlite_db.write(put("afterwards"))
    assert names(sqlite_db) == {"afterwards"}


def test_a_busy_file_is_an_error_and_no_end(sqlite_db, tmp_path):
    sqlite_db._group._raw.execute("PRAGMA busy_timeout=1")
    other = sqlite3.connect(tmp_path / "openvod.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotCommitted, match="locked"):
        sqlite_db.write(put("x"))
    other.execute("ROLLBACK")
    other.close()
    sqlite_db.write(put("x"))


def test_a_write_inside_a_write_is_refused(sqlite_db):
    with pytest.raises(RuntimeError, match="inside"):
        sqlite_db.write(lambda _: sqlite_db.write(put("x")))


def test_closed_is_closed(sqlite_db):
    sqlite_db.write(put("x"))
    sqlite_db.close()
    with pytest.raises(Closed):
        sqlite_db.write(put("y"))


def _use_in_child(db, queue):
    for use in (lambda: db.write(put("child")), lambda: db.read().__enter__(), db.close):
        try:
            use()
        except WrongProcess:
            queue.put("refused")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_refused(db):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_use_in_child, args=(db, queue))
    child.start()
    assert [queue.get(timeout=20) for _ in range(3)] == ["refused"] * 3
    child.join(20)
    assert names(db) == set()


def test_commits_are_synced_and_files_are_private(sqlite_db, tmp_path):
    sqlite_db.write(put("x"))
    raw = sqlite_db._group._raw
    assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert raw.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    sqlite_db.write(put("y"), durable=False)
    assert raw.execute("PRAGMA synchronous").fetchone() == (1,)  # NORMAL
    sqlite_db.write(put("z"))
    assert raw.execute("PRAGMA synchronous").fetchone() == (2,)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("openvod.db*")}
    assert modes == dict.fromkeys(("openvod.db", "openvod.db-wal", "openvod.db-shm"), 384)


def test_other_databases_are_refused(tmp_path):
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Database("mysql://localhost/x")
    with pytest.raises(ValueError, match="file"):
        Database("sqlite://")


def test_a_database_that_is_away_does_not_answer(sqlite_db, tmp_path):
    sqlite_db.close()
    (tmp_path / "openvod.db").unlink()
    (tmp_path / "openvod.db").mkdir()
    assert not sqlite_db.answers()


def test_the_clock_is_the_databases(db):
    with db.read() as connection:
        ours = connection.execute(select(now_ms())).scalar()
        sql = "SELECT strftime('%s','now')" if db.dialect == "sqlite" else "SELECT extract(epoch from now())"
        theirs = float(connection.execute(text(sql)).scalar())
    assert abs(ours / 1000 - theirs) < 2
