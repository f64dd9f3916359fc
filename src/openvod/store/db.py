"""How does a change become durable? The database: consistent reads, and writes that are on disk on return."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Row, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from openvod.store import schema, sqlite
from openvod.store.group_commit import GroupCommit

T = TypeVar("T")

_ALIVE = text("SELECT 1")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


class WrongProcess(RuntimeError):
    """The database was opened by another process; open one after the fork."""


class Database:
    """The database of one installation, SQLite or PostgreSQL. Thread-safe.

    SQLite: WAL, synchronous FULL, one writing thread per process that puts whatever waits into one commit;
    other processes write the same file in turn. PostgreSQL: plain pooled transactions, READ COMMITTED.
    """

    def __init__(self, url: str) -> None:
        """Opens the database, made or migrated as needed. `url` is SQLAlchemy's: `sqlite:////…`, `postgresql://…`."""
        parsed = make_url(url)
        self.dialect = parsed.get_backend_name()
        self._pid = os.getpid()
        self._group: GroupCommit | None = None
        if self.dialect == "sqlite":
            sqlite.make_private_file(parsed)
            self._writes = sqlite.open_engine(parsed, read_only=False)
            self._reads = sqlite.open_engine(parsed, read_only=True)
        elif self.dialect == "postgresql":
            self._writes = create_engine(
                parsed, pool_pre_ping=True, pool_size=5, max_overflow=35, hide_parameters=True
            )
            self._reads = self._writes.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        else:
            raise ValueError(f"the database must be SQLite or PostgreSQL, not {self.dialect}")
        try:
            schema.migrate(self._writes)
        except BaseException:
            self._writes.dispose()
            raise
        if self.dialect == "sqlite":
            self._group = GroupCommit(self._writes)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and cannot write. Keep it short."""
        self._check_process()
        with self._reads.connect() as connection:
            if self.dialect == "sqlite":
                sqlite.raw(connection).execute("BEGIN")
            yield connection

    def row(self, statement: Executable, **values: object) -> Row[*tuple[Any, ...]] | None:
        """The one row of a statement, or None. A single statement sees one state by itself, so on SQLite it
        goes without a transaction, which would cost as much again.
        """
        self._check_process()
        with self._reads.connect() as connection:
            return connection.execute(statement, values).one_or_none()

    def write(self, fn: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Run `fn` in a transaction and return its result once the commit is on disk; its exception undoes
        it.

        On SQLite `fn` runs in the writing thread, together with others: it must be quick, and only touch the
        connection. `durable=False` spares the wait for the disk: such a change survives the end of this
        process, but a power cut may take it, until the next durable write.
        """
        self._check_process()
        if self._group is not None:
            return self._group.run(fn, durable)
        with self._writes.begin() as connection:
            if not durable:
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            return fn(connection)

    def answers(self) -> bool:
        """Whether the database can be read now."""
        try:
            with self.read() as connection:
                return connection.execute(_ALIVE).scalar() == 1
        except (DBAPIError, sqlite3.Error):
            return False

    def close(self) -> None:
        """Finish what waits and let go of the database. Writes after this raise `group_commit.Closed`."""
        self._check_process()
        if self._group is not None:
            self._group.close()
        self._reads.dispose()
        self._writes.dispose()

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise WrongProcess(f"opened by process {self._pid}, used by {os.getpid()}")


def lock_in(connection: Connection, name: str) -> None:
    """Until the transaction ends, be the only one with that lock. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": name})
