"""Valid parameters for any action, made from the facts themselves."""

from typing import Any

from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.walker import SPANS

SPEC = spec.load()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def _value(kind: str, row: dict[str, Any]) -> st.SearchStrategy[Any]:
    if row.get("time") or kind == "datetime_iso":
        return st.sampled_from(["2026-05-12T09:56:58Z", "2026-05-12T17:56:58+08:00", "9999-12-31T23:59:59Z"])
    if row.get("enum"):
        values = st.sampled_from(row["enum"])
        if "split" in row:
            return values | st.lists(values.filter(bool), min_size=1, max_size=3).map(row["split"].join)
        return values
    if "pattern" in row:
        return st.from_regex(row["pattern"], fullmatch=True)
    if kind == "string":
        return TEXT.map(lambda text: text[: row.get("length", 12)])
    low, high = SPANS[kind]
    low, high = max(low, row.get("min", low)), min(high, row.get("max", high))
    if kind == "float":
        return st.floats(low, high) | st.integers(max(-1000, int(low)), int(min(high, 1000)))
    return st.integers(low, high)


def struct(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """A structure of a request, never empty: flat forms cannot say empty object or list."""
    must, may = {}, {}
    for field, facts in SPEC.fields(name).items():
        row = SPEC.limits(name, field)
        inner = row.get("each", {}) if facts.many else row
        value = struct(facts.type) if facts.nested else _value(facts.type, inner)
        if facts.many:
            fewest, most = row.get("items", (1, 3))
            value = st.lists(value, min_size=max(1, fewest), max_size=min(most, 3))
        (must if facts.required else may)[field] = value
    return st.fixed_dictionaries(must, optional=may).filter(bool)


def params(action: str) -> st.SearchStrategy[dict[str, Any]]:
    """Parameters of an action; an action without required ones may have none."""
    fields = SPEC.fields(f"{action}Request")
    made = struct(f"{action}Request")
    return made if any(field.required for field in fields.values()) else made | st.just({})
