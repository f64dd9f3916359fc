"""How is SQLite opened so that a commit is on disk, readers never wait, and nobody else reads the file?"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

from openvod.core.times import Clock

BUSY_SECONDS = 30
"""How long a process waits for another one's write to the same file."""
RETRY_SECONDS = 0.01
"""Between two tries at what SQLite itself doesn't wait for."""
WAL_BYTES = 64 * 2**20
"""What the write-ahead log is cut back to after a busy time."""
DAY_SECONDS = 86400.0
EPOCH_DAY = 2440587.5
"""1970-01-01T00:00:00Z as a Julian day, which is how SQLite tells times."""


def make_private_file(url: URL) -> None:
    """Make sure of an (empty) file that only its owner can read: SQLite gives its log the same mode."""
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file here: the server and its workers share it")
    os.close(os.open(Path(url.database), os.O_CREAT | os.O_RDWR, 0o600))


def open_engine(url: URL, *, read_only: bool, clock: Clock | None = None) -> Engine:
    """An engine that never begins a transaction by itself: we do, by `raw`. `clock` replaces SQLite's own in `now_ms`."""
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=56,
        hide_parameters=True,  # an error's text must not carry keys and tokens into the log
    )

    def prepare(connection: Any, _record: Any) -> None:
        _to_write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
        connection.execute(f"PRAGMA query_only={read_only:d}")
        if clock is not None:
            connection.create_function("julianday", 1, lambda _: clock() / DAY_SECONDS + EPOCH_DAY)

    event.listen(engine, "connect", prepare)
    return engine


def _to_write_ahead(connection: sqlite3.Connection) -> None:
    """Give a new file its write-ahead log. Where two processes start at once, SQLite refuses one of them at once
    instead of letting it wait (two that read and both want to write could wait for one another for ever), so
    the wait is ours. Raises sqlite3.OperationalError after `BUSY_SECONDS`."""
    given_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            if time.monotonic() > given_up:
                raise
        time.sleep(RETRY_SECONDS)


def raw(connection: Connection) -> sqlite3.Connection:
    """The driver's connection below SQLAlchemy's: BEGIN and SAVEPOINT cost less there."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)
