"""How does a write that every accepted task makes cost little on SQLite? It is compiled once, and goes to the driver directly.

The same as `quick_reads` does for reads, and for the same reason; for constants of their module only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection, Insert, Select
from sqlalchemy.dialects.sqlite import dialect as SqliteDialect
from sqlalchemy.sql.compiler import SQLCompiler

from openvod.store import sqlite
from openvod.store.quick_reads import Snapshot

_DIALECT = SqliteDialect(paramstyle="named")


class Changes(Protocol):
    """A transaction that writes."""

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[Any] | None:
        """The statement's one row, or None."""

    def add(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, which all have the same columns."""


def changes_in(connection: Connection) -> Changes:
    """What `connection` does, at less cost where that is possible."""
    if connection.dialect.name == "sqlite":
        return _Quick(sqlite.raw(connection))
    return _Usual(connection)


class _Quick(Snapshot):
    """SQLite's driver without SQLAlchemy."""

    __slots__ = ()

    def add(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """See `Changes`."""
        sql, given = _prepared(statement, tuple(rows[0]))
        converted = [{**row, **{name: convert(row[name]) for name, convert in given}} for row in rows]
        self._connection.executemany(sql, converted)


@dataclass(frozen=True, slots=True)
class _Usual:
    """SQLAlchemy's own means; on PostgreSQL the way to the server is what costs."""

    _connection: Connection

    def row(self, statement: Select[*tuple[Any, ...]], **values: object) -> Sequence[Any] | None:
        return self._connection.execute(statement, values).one_or_none()

    def add(self, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        self._connection.execute(statement, list(rows))


@lru_cache(maxsize=64)
def _prepared(
    statement: Insert, columns: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """The statement for values of these columns as the driver takes it, and the values that their types convert."""
    compiled = statement.compile(dialect=_DIALECT, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    assert not compiled.insert_prefetch, "a default that Python makes"
    kinds = ((name, bind.type.bind_processor(_DIALECT)) for bind, name in compiled.bind_names.items())
    return str(compiled), tuple((name, convert) for name, convert in kinds if convert is not None)
