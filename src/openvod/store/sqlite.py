"""How is SQLite opened so that a commit is on disk, readers never wait, and nobody else reads the file?"""

import os
import sqlite3
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_SECONDS = 30
"""How long a process waits for another one's write to the same file."""
WAL_BYTES = 64 * 2**20
"""What the write-ahead log is cut back to after a busy time."""


def make_private_file(url: URL) -> None:
    """Make sure of an (empty) file that only its owner can read: SQLite gives its log the same mode."""
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file here: the server and its workers share it")
    os.close(os.open(Path(url.database), os.O_CREAT | os.O_RDWR, 0o600))


def open_engine(url: URL, *, read_only: bool) -> Engine:
    """An engine that never begins a transaction by itself: we do, by `raw`."""
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        max_overflow=56,
        hide_parameters=True,  # an error's text must not carry keys and tokens into the log
    )

    def prepare(connection: Any, _record: Any) -> None:
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA journal_size_limit={WAL_BYTES}")
        connection.execute(f"PRAGMA query_only={read_only:d}")

    event.listen(engine, "connect", prepare)
    return engine


def raw(connection: Connection) -> sqlite3.Connection:
    """The driver's connection below SQLAlchemy's: BEGIN and SAVEPOINT cost less there."""
    return cast(sqlite3.Connection, connection.connection.driver_connection)
