"""How do clocks, JSON and strangers' words look the same on SQLite and PostgreSQL? Two functions and two column
kinds.
"""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Dialect, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder().decode


class now_ms(GenericFunction[int]):
    """The database's clock in a statement: milliseconds since 1970, UTC."""

    type = BigInteger()
    inherit_cache = True


@compiles(now_ms, "sqlite")
def _now_ms_sqlite(_element: Any, _compiler: SQLCompiler, **_: Any) -> str:
    # unixepoch('subsec') came with SQLite 3.42 only; a Julian day in a double is exact to 0.04 ms.
    # `sqlite.open_engine` puts another clock in the place of julianday where one is given.
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _now_ms_postgresql(_element: Any, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


class machine_ms(GenericFunction[int]):
    """`now_ms`, but of the machine even where the store was opened with another clock: for what processes promise one
    another, which nobody may move.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(machine_ms, "sqlite")
def _machine_ms_sqlite(_element: Any, _compiler: SQLCompiler, **_: Any) -> str:
    return "CAST(ROUND((CAST(strftime('%J', 'now') AS REAL) - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(machine_ms, "postgresql")
def _machine_ms_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return _now_ms_postgresql(element, compiler, **options)


class JsonText(TypeDecorator[Any]):
    """A JSON value as compact text: both databases then keep it byte for byte, key order included."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None]:  # noqa: ARG002
        """The function itself, as SQLAlchemy's own way around it costs more than most values."""
        return _json_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], Any]:  # noqa: ARG002
        """The way back, likewise."""
        return _json_value


def _json_text(value: Any) -> str | None:
    """None is NULL, anything else its JSON text."""
    if value is None:
        return None
    text = _encode(value)
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        return json.dumps(value, separators=(",", ":"))  # half a surrogate pair has no UTF-8, only an escape
    return text


def _json_value(text: str | None) -> Any:
    """Most lists are empty, and that needs no parser."""
    if text == "[]":
        return []
    return None if text is None else _decode(text)


class Words(TypeDecorator[str]):
    """Text that a stranger may have sent. What a database cannot hold (NUL, half a surrogate pair) becomes a
    mark, so that a name is kept without it and a look-up finds nothing, instead of failing.
    """

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:  # noqa: ARG002
        """The text as both databases can hold it."""
        return _words


def _words(value: str | None) -> str | None:
    if value is None or (value.isascii() and "\0" not in value):
        return value
    return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
