"""How a file becomes a write-ahead database while others hold it."""

import sqlite3

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from openvod.store import sqlite


@pytest.fixture
def held(tmp_path):
    """A database with a rollback journal, and a writer at work in it: SQLite refuses at once to change the journal."""
    path = tmp_path / "held.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    yield path, writer
    writer.close()


def test_a_new_database_waits_for_the_write_ahead_log(held, monkeypatch):
    path, writer = held
    waited = []

    def wait(seconds):
        waited.append(seconds)
        writer.execute("COMMIT")

    monkeypatch.setattr(sqlite.time, "sleep", wait)
    engine = sqlite.open_engine(make_url(f"sqlite:///{path}"), read_only=False)
    with engine.connect() as connection:
        assert sqlite.raw(connection).execute("PRAGMA journal_mode").fetchone() == ("wal",)
    engine.dispose()
    assert waited == [sqlite.RETRY_SECONDS]


def test_it_gives_up_at_last(held, monkeypatch):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0)
    engine = sqlite.open_engine(make_url(f"sqlite:///{held[0]}"), read_only=False)
    with pytest.raises(OperationalError, match="locked"):
        engine.connect()
    engine.dispose()
