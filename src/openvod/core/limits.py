"""Which values may a field have? The rows of `facts/limits.json` as functions.

A row holds any of: `enum` (values; `@Name` stands for a list of `enums.json`), `split` (the text is several
enum values joined by this mark), `min`, `max`, `length` (most characters), `items` ([fewest, most] list
items), `each` (a row for the items), `time` (an ISO 8601 text), `pattern` with `means` ([English, Chinese]), `default` (for
readers of the facts; nothing fills it in), `key` (the error of this field, see `core.errors`; default
`InvalidParameterValue/range`), `fact` (the name under which that error's text shows the value), `few` and
`many` (errors of a list's size). Where nothing limits a text or a list, LONGEST and MOST_ITEMS do.
"""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from openvod.core import facts
from openvod.core.models import Json
from openvod.core.texts import Text

RANGE = "InvalidParameterValue/range"
LONGEST = 4096
"""Characters of a text for which no limit is documented: ours, so that no row or message grows without end."""
MOST_ITEMS = 1000
"""The same for the items of a list."""
FLOAT_MAX = sys.float_info.max
"""Between this and its opposite every number is finite, and NaN is not between them."""
SHOWN = 20
"""So many values of an enumeration are named in an error; the language lists are far longer."""

Expectation = Callable[[Any], Text | None]
"""What is expected instead of this value; None if the value is fine."""

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def row_of(type_name: str, field: str) -> Json:
    """The row of a field; empty when nothing limits it.

    The structures inside MPSProcessMediaParams are named as VOD's without `MPS` and have the same limits.
    `*` limits a field of that name everywhere: ids must fit what stores and clients hold in signed 64 bits.
    """
    rows = facts.read("limits")
    for key in (f"{type_name}.{field}", f"MPS{type_name}.{field}", f"*.{field}"):
        if key in rows:
            row: Json = rows[key]
            return row
    return {}


def values_of(row: Json) -> tuple[Any, ...]:
    """The enumeration of a row, written out; empty when it has none."""
    values: list[Any] = []
    for value in row.get("enum", ()):
        if isinstance(value, str) and value.startswith("@"):
            values += facts.read("enums")[value[1:]]
        else:
            values.append(value)
    return tuple(dict.fromkeys(values))


def written_out(row: Json) -> Json:
    """A copy of a row whose enumerations name every value."""
    copy = dict(row)
    if "enum" in row:
        copy["enum"] = list(values_of(row))
    if "each" in row:
        copy["each"] = written_out(row["each"])
    return copy


def of_text(row: Json, kind: str) -> list[Expectation]:
    """What limits a text of this row and wire type."""
    bounded = row.keys() & {"length", "enum", "pattern", "time"} or kind == "datetime_iso"
    found: list[Expectation] = []
    if "length" in row or not bounded:
        found.append(_length(row.get("length", LONGEST)))
    if "enum" in row:
        found.append(_enum(values_of(row), row.get("split")))
    if "pattern" in row:
        found.append(_pattern(re.compile(row["pattern"]), Text(*row["means"])))
    if row.get("time") or kind == "datetime_iso":
        found.append(_time)
    return found


def of_number(row: Json, low: float, high: float) -> list[Expectation]:
    """What limits a number of this row, whose wire type spans `low` to `high`."""
    found: list[Expectation] = [_span(max(low, row.get("min", low)), min(high, row.get("max", high)))]
    if "enum" in row:
        found.append(_enum(values_of(row), None))
    return found


def _length(most: int) -> Expectation:
    expected = Text(f"at most {most} characters long", f"不超过 {most} 个字符")
    return lambda value: None if len(value) <= most else expected


def _span(low: float, high: float) -> Expectation:
    expected = Text("a finite number", "有限数值")
    if low > -FLOAT_MAX:
        expected = Text(f"at least {low}", f"不小于 {low} 的数")
    if low > -FLOAT_MAX and high < FLOAT_MAX:
        expected = Text(f"{low} to {high}", f"{low} 到 {high}")
    return lambda value: None if low <= value <= high else expected


def _enum(values: tuple[Any, ...], split: str | None) -> Expectation:
    allowed = frozenset(values)
    shown = ", ".join(f"`{value}`" for value in values[:SHOWN]) + (", ..." if len(values) > SHOWN else "")
    expected = Text(f"one of {shown}", f"{shown} 之一")
    if split:
        expected = Text(
            f"{expected.en}, or several joined by `{split}`", f"{expected.zh},或以 `{split}` 连接的多个"
        )

    def check(value: Any) -> Text | None:
        if value in allowed or (split and all(part and part in allowed for part in value.split(split))):
            return None
        return expected

    return check


def _pattern(pattern: re.Pattern[str], means: Text) -> Expectation:
    return lambda value: None if pattern.fullmatch(value) else means


def _time(value: str) -> Text | None:
    expected = Text(
        "an ISO 8601 time such as 2026-05-12T09:56:58Z", "ISO 8601 格式的时间,例如 2026-05-12T09:56:58Z"
    )
    if not _TIME.fullmatch(value):
        return expected
    try:
        moment = datetime.fromisoformat(value)
        (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return expected
    return None
