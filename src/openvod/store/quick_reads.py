"""How does a read that every request makes cost little on SQLite? It is compiled once, and goes to the driver directly.

SQLAlchemy's own way to a row (checkout, execution context, result proxy) takes several times what SQLite itself does.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Select
from sqlalchemy.dialects.sqlite import dialect as SqliteDialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.compiler import SQLCompiler

T = TypeVar("T")
Convert = Callable[[Any], Any]

_DIALECT = SqliteDialect(paramstyle="named")
_KEPT_OPEN = 16
"""Idle connections; a burst opens more and closes them again."""
_KEPT_ROWS = 1000
_KEPT_LENGTHS = 64
"""Of a statement with lists, how many combinations of their lengths are kept written out."""


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """A statement with as many marks as its lists are long."""

    sql: str
    fixed: dict[str, Any]
    marks: dict[str, list[str]]
    """The names of each list's parameters."""
    given: tuple[tuple[str, Convert], ...]
    """Parameters that their column's type converts."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A SELECT as the driver takes it, and how to read what comes."""

    sql: str
    fixed: dict[str, Any]
    """Values that stand in the statement itself."""
    given: tuple[tuple[str, Convert], ...]
    """Parameters that their column's type converts."""
    columns: tuple[tuple[int, Convert], ...]
    """Columns that their type converts, by place."""
    lists: tuple[str, ...]
    """Parameters that are lists."""
    compiled: SQLCompiler
    by_lengths: dict[tuple[int, ...], WrittenOut] = field(default_factory=dict)

    def filled(self, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The statement and the parameters for the driver."""
        if self.lists:
            return self._written_out(values)
        every = {**self.fixed, **values}
        for name, convert in self.given:
            every[name] = convert(every[name])
        return self.sql, every

    def _written_out(self, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The same with lists. SQLAlchemy writes them out once for each length: that takes it longer than the query."""
        lengths = tuple(len(values[name]) for name in self.lists)
        known = self.by_lengths.get(lengths)
        if known is None:
            state = self.compiled.construct_expanded_state(values)
            known = WrittenOut(
                sql=state.statement,
                fixed=self.fixed,
                marks={name: list(state.parameter_expansion[name]) for name in self.lists},
                given=(*self.given, *state.processors.items()),
            )
            if len(self.by_lengths) >= _KEPT_LENGTHS:
                self.by_lengths.clear()
            self.by_lengths[lengths] = known
        every = {**known.fixed, **values}
        for name, marks in known.marks.items():
            items = every.pop(name)
            flat = chain.from_iterable(items) if len(marks) > len(items) else items  # of tuples, or of values
            every.update(zip(marks, flat, strict=True))
        for name, convert in known.given:
            every[name] = convert(every[name])
        return known.sql, every

    def row(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row from the driver with the values that its columns' types make of it."""
        row = list(raw)
        for place, convert in self.columns:
            row[place] = convert(row[place])
        return tuple(row)


@lru_cache(maxsize=256)
def prepare(statement: Select[*tuple[Any, ...]]) -> Prepared:
    """The statement made ready; a module's constant, since the statement object is the key under which it is kept."""
    compiled = statement.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler)
    parameters = {name: bind for bind, name in compiled.bind_names.items()}
    lists = tuple(name for name, bind in parameters.items() if bind.expanding)
    plain = {name: bind for name, bind in parameters.items() if not bind.expanding}
    converting = ((name, bind.type.bind_processor(_DIALECT)) for name, bind in plain.items())
    kinds = (column.type.result_processor(_DIALECT, None) for column in statement.selected_columns)
    return Prepared(
        sql=str(compiled),
        fixed={name: bind.value for name, bind in plain.items() if not bind.required},
        given=tuple((name, convert) for name, convert in converting if convert is not None),
        columns=tuple((place, convert) for place, convert in enumerate(kinds) if convert is not None),
        lists=lists,
        compiled=compiled,
    )


class QuickReads:
    """Connections for reading, lent to one thread at a time. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        """`engine` opens the connections, and sets them up; what it opens here is no part of its pool."""
        self._engine = engine
        self._idle: deque[_Line] = deque()

    @contextmanager
    def snapshot(self) -> Iterator["Snapshot"]:
        """What the database holds at one instant, for several statements.

        Raises sqlalchemy.exc.OperationalError for what the driver cannot do.
        """
        line = self._lent()
        try:
            line.connection.execute("BEGIN")
            yield Snapshot(line.connection)
            line.connection.execute("COMMIT")
        except BaseException as error:
            _give_up(line, error)
            raise
        self._take_back(line)

    def rows(self, statement: Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one statement, which needs no transaction. Raises as `snapshot`."""
        return self._asked(lambda line: _rows(line.connection, statement, values))

    def row_until_a_change(
        self, statement: Select[*tuple[Any, ...]], values: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """The one row of a statement, or None, remembered until anybody writes to the database: for what every request
        asks anew. Its values must be immutable, and it must not depend on the time. Raises as `snapshot`.
        """
        return self._asked(lambda line: line.remembered(statement, values))

    def _asked(self, ask: "Callable[[_Line], T]") -> T:
        line = self._lent()
        try:
            answer = ask(line)
        except BaseException as error:
            _give_up(line, error)
            raise
        self._take_back(line)
        return answer

    def _lent(self) -> "_Line":
        try:
            return self._idle.pop()
        except IndexError:
            return _Line(self._open())

    def _take_back(self, line: "_Line") -> None:
        if len(self._idle) < _KEPT_OPEN:
            self._idle.append(line)
        else:
            line.connection.close()

    def close(self) -> None:
        """Let go of every connection that is not lent."""
        while self._idle:
            self._idle.pop().connection.close()

    def _open(self) -> sqlite3.Connection:
        fairy = self._engine.raw_connection()
        connection = cast(sqlite3.Connection, fairy.driver_connection)
        fairy.detach()
        return connection


@dataclass(slots=True, eq=False)
class _Line:
    """A connection, and what it has read since the last change."""

    connection: sqlite3.Connection
    version: int = -1
    """SQLite's number of the state, which another connection's commit changes."""
    known: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict)

    def remembered(
        self, statement: Select[*tuple[Any, ...]], values: dict[str, Any]
    ) -> tuple[Any, ...] | None:
        """See `row_until_a_change`."""
        (version,) = self.connection.execute("PRAGMA data_version").fetchone()
        if version != self.version or len(self.known) >= _KEPT_ROWS:
            self.known.clear()
            self.version = version
        asked = (statement, *values.values())
        row = self.known.get(asked)
        if row is None:
            row = only(_rows(self.connection, statement, values))
            if row is not None:  # what is not there may be asked for under any number of long names
                self.known[asked] = row
        return row


def _give_up(line: _Line, error: BaseException) -> None:
    """A connection that failed is not used again. Raises the driver's error as SQLAlchemy's."""
    line.connection.close()
    if isinstance(error, sqlite3.Error):
        raise OperationalError(None, None, error) from error


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Reads that all see the same state."""

    _connection: sqlite3.Connection

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> tuple[Any, ...] | None:
        """The statement's one row, or None."""
        return only(_rows(self._connection, statement, values))

    def rows(self, statement: Select[*tuple[Any, ...]], **values: object) -> list[tuple[Any, ...]]:
        """All its rows."""
        return _rows(self._connection, statement, values)


def _rows(
    connection: sqlite3.Connection, statement: Select[*tuple[Any, ...]], values: dict[str, Any]
) -> list[tuple[Any, ...]]:
    prepared = prepare(statement)
    found = connection.execute(*prepared.filled(values)).fetchall()
    return [prepared.row(row) for row in found] if prepared.columns else found


def only(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """The one row, or None."""
    assert len(rows) < 2, "a statement that may find several rows"
    return rows[0] if rows else None
