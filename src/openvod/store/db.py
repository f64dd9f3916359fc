"""How does a change become durable? The database: consistent reads, and writes that are on disk on return."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Select, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from openvod.core.times import Clock
from openvod.store import schema, sqlite
from openvod.store.group_commit import GroupCommit
from openvod.store.quick_reads import QuickReads, only

T = TypeVar("T")

_ALIVE = text("SELECT 1")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


class WrongProcess(RuntimeError):
    """The database was opened by another process; open one after the fork."""


class Snapshot(Protocol):
    """Reads that all see the same state."""

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> tuple[Any, ...] | None:
        """The statement's one row, or None."""

    def rows(self, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[tuple[Any, ...]]:
        """All its rows."""


class Database:
    """The database of one installation, SQLite or PostgreSQL. Thread-safe.

    SQLite: WAL, synchronous FULL, one writing thread per process that puts whatever waits into one commit;
    other processes write the same file in turn. PostgreSQL: plain pooled transactions, READ COMMITTED.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Opens the database, made or migrated as needed. `url` is SQLAlchemy's: `sqlite:////…`, `postgresql://…`.

        Only SQLite can be given another clock than its own; raises ValueError.
        """
        parsed = make_url(url)
        self.dialect = parsed.get_backend_name()
        self._pid = os.getpid()
        self._group: GroupCommit | None = None
        self._quick: QuickReads | None = None
        if clock is not None and self.dialect != "sqlite":
            raise ValueError(f"{self.dialect} has a clock of its own")
        if self.dialect == "sqlite":
            sqlite.make_private_file(parsed)
            self._writes = sqlite.open_engine(parsed, read_only=False, clock=clock)
            self._reads = sqlite.open_engine(parsed, read_only=True, clock=clock)
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
            self._quick = QuickReads(self._reads)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one consistent state and cannot write. Keep it short."""
        self._check_process()
        with self._reads.connect() as connection:
            if self.dialect == "sqlite":
                sqlite.raw(connection).execute("BEGIN")
            yield connection

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """`read` for what every request asks: quicker, and for statements that are constants of their module."""
        self._check_process()
        return self._seen() if self._quick is None else self._quick.snapshot()

    @contextmanager
    def _seen(self) -> Iterator[Snapshot]:
        with self._reads.connect() as connection:
            yield seen_by(connection)

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> tuple[Any, ...] | None:
        """The one row of a statement that is a constant of its module, or None."""
        return only(self.rows(statement, **values))

    def rows(self, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[tuple[Any, ...]]:
        """All rows of such a statement."""
        self._check_process()
        if self._quick is not None:
            return self._quick.rows(statement, values)
        with self._reads.connect() as connection:
            return connection.execute(statement, values).all()

    def row_until_a_change(
        self, statement: Select[*tuple[Any, ...]], **values: object
    ) -> tuple[Any, ...] | None:
        """`row` for what every request asks anew, of immutable values and the same at any time: in a local file it is
        only looked up again after a change.
        """
        if self._quick is None:
            return self.row(statement, **values)
        self._check_process()
        return self._quick.row_until_a_change(statement, values)

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

    def write_soon(self, fn: Callable[[Connection], T]) -> Future[T]:
        """A durable `write` that is not waited for: in a local file, another thread does it. Its outcome is told there."""
        self._check_process()
        if self._group is not None:
            return self._group.submit(fn, True)
        done: Future[T] = Future()
        try:
            done.set_result(self.write(fn))
        except Exception as error:
            done.set_exception(error)
        return done

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
        if self._quick is not None:
            self._quick.close()
        self._reads.dispose()
        self._writes.dispose()

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise WrongProcess(f"opened by process {self._pid}, used by {os.getpid()}")


def seen_by(connection: Connection) -> Snapshot:
    """What a transaction sees."""
    return _Seen(connection)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A snapshot by SQLAlchemy's own means; on PostgreSQL the way to the server is what costs."""

    _connection: Connection

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> tuple[Any, ...] | None:
        return self._connection.execute(statement, values).one_or_none()

    def rows(self, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[tuple[Any, ...]]:
        return self._connection.execute(statement, values).all()


def lock_in(connection: Connection, name: str) -> None:
    """Until the transaction ends, be the only one with that lock. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"name": name})
