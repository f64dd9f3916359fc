"""How does a read that every request makes cost little on SQLite? It is compiled once, and goes to the driver directly.

SQLAlchemy's own way to a row (checkout, execution context, result proxy) takes several times what SQLite itself does.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Engine, Select
from sqlalchemy.dialects.sqlite import dialect as SqliteDialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]

_DIALECT = SqliteDialect(paramstyle="named")
_KEPT_OPEN = 16
"""Idle connections; a burst opens more and closes them again."""


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
    expanding: SQLCompiler | None
    """Set for a statement with a list among its parameters: it has as many marks as the list is long."""

    def filled(self, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The statement and the parameters for the driver."""
        if self.expanding is not None:
            state = self.expanding.construct_expanded_state(values)
            every = dict(state.parameters)
            for name, expanded in state.processors.items():
                every[name] = expanded(every[name])
            return state.statement, every
        every = {**self.fixed, **values}
        for name, convert in self.given:
            every[name] = convert(every[name])
        return self.sql, every

    def row(self, raw: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row from the driver with the values that its columns' types make of it."""
        if not self.columns:
            return raw
        row = list(raw)
        for place, convert in self.columns:
            row[place] = convert(row[place])
        return tuple(row)


@lru_cache(maxsize=256)
def prepare(statement: Select[*tuple[Any, ...]]) -> Prepared:
    """The statement made ready; a module's constant, since the statement object is the key under which it is kept."""
    compiled = statement.compile(dialect=_DIALECT)
    assert isinstance(compiled, SQLCompiler)
    parameters = compiled.binds
    converting = ((name, bind.type.bind_processor(_DIALECT)) for name, bind in parameters.items())
    kinds = (column.type.result_processor(_DIALECT, None) for column in statement.selected_columns)
    return Prepared(
        sql=str(compiled),
        fixed={name: bind.value for name, bind in parameters.items() if not bind.required},
        given=tuple((name, convert) for name, convert in converting if convert is not None),
        columns=tuple((place, convert) for place, convert in enumerate(kinds) if convert is not None),
        expanding=compiled if any(bind.expanding for bind in parameters.values()) else None,
    )


class QuickReads:
    """Connections for reading, lent to one thread at a time. Thread-safe."""

    def __init__(self, engine: Engine) -> None:
        """`engine` opens the connections, and sets them up; what it opens here is no part of its pool."""
        self._engine = engine
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def snapshot(self, *, several: bool) -> Iterator["Snapshot"]:
        """What the database holds at one instant, for `several` statements or just one (which needs no transaction).

        Raises sqlalchemy.exc.OperationalError for what the driver cannot do.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            if several:
                connection.execute("BEGIN")
            yield Snapshot(connection)
            if several:
                connection.execute("COMMIT")
        except BaseException as error:
            connection.close()
            if isinstance(error, sqlite3.Error):
                raise OperationalError(None, None, error) from error
            raise
        if len(self._idle) < _KEPT_OPEN:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Let go of every connection that is not lent."""
        while self._idle:
            self._idle.pop().close()

    def _open(self) -> sqlite3.Connection:
        fairy = self._engine.raw_connection()
        connection = cast(sqlite3.Connection, fairy.driver_connection)
        fairy.detach()
        return connection


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Reads that all see the same state."""

    _connection: sqlite3.Connection

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> tuple[Any, ...] | None:
        """The statement's one row, or None."""
        found = self.rows(statement, **values)
        assert len(found) < 2, "a statement that may find several rows"
        return found[0] if found else None

    def rows(self, statement: Select[*tuple[Any, ...]], **values: object) -> list[tuple[Any, ...]]:
        """All its rows."""
        prepared = prepare(statement)
        found = self._connection.execute(*prepared.filled(values)).fetchall()
        return [prepared.row(row) for row in found]
