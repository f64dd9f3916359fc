"""What does an ExtendedParameter hold, and which of its keys are known? The others are a warning, kept with the task.

The API takes any key, because the vendor's staff hand out more of them than are documented.
"""

from collections.abc import Iterator
from typing import Any

from openvod.core import facts, jsontext
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.walker import shown

MOST_WARNINGS = 20


def parsed(text: str, field: str = "ExtendedParameter") -> Json:
    """What a sub-task is given as JSON, here or in another `field`; blank text is an empty object. Raises TaskFault
    `InvalidInput/json`.
    """
    if not text.strip():
        return {}
    try:
        return jsontext.parse_object(text)
    except jsontext.NotJson as error:
        raise TaskFault("InvalidInput/json", field=field, reason=error.text) from error


def section(given: Json, name: str) -> Json:
    """The object at a path such as `des.split`, empty where there is none. Raises TaskFault `InvalidInput/object` for what is
    no object.
    """
    found: Any = given
    parts = name.split(".")
    for depth, part in enumerate(parts, 1):
        found = found.get(part) if part in found else {}
        if found is None:
            found = {}
        if not isinstance(found, dict):
            raise TaskFault("InvalidInput/object", field=f"`{'.'.join(parts[:depth])}` in ExtendedParameter")
    section: Json = found
    return section


def switch(value: Any) -> bool:
    """Whether a value says yes: `true`, 1, and the texts of these."""
    return str(value).strip().lower() in {"true", "1"}


def number(value: Any, field: str) -> float:
    """A number from 0 on, or its text. Raises TaskFault `InvalidInput/number`, naming the field, for anything else."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found < float("inf"):
        raise TaskFault("InvalidInput/number", field=f"{field} in ExtendedParameter")
    return found


def warnings(asked: Json) -> list[str]:
    """For the task that a request's fields ask for."""
    text = asked.get("AiAnalysisTask", {}).get("ExtendedParameter", "")
    return [f"ExtendedParameter: `{path}` is not a known key" for path in unknown_keys(text)]


def unknown_keys(text: str) -> list[str]:
    """Paths of the keys that are not known, at most `MOST_WARNINGS`. Text that is not a JSON object has none: it fails its
    sub-task.
    """
    try:
        given = jsontext.parse_object(text) if text.strip() else {}
    except ValueError:
        return []
    found = _unknown(given, facts.read("extended_parameter"), "")
    return [path for path, _ in zip(found, range(MOST_WARNINGS), strict=False)]


def _unknown(given: Any, known: Any, at: str) -> Iterator[str]:
    """`known` is an object of known keys, a list of the one form that its items have, or null for any value."""
    if isinstance(known, list) and isinstance(given, list):
        for item in given:
            yield from _unknown(item, known[0], at)
    elif isinstance(known, dict) and isinstance(given, dict):
        for name, value in given.items():
            path = f"{at}.{shown(name)}" if at else shown(name)
            if name in known:
                yield from _unknown(value, known[name], path)
            else:
                yield path
