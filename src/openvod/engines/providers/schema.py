"""Does a JSON value have the form that was asked for? The part of JSON Schema that questions to a model need."""

from collections.abc import Callable, Iterator
from typing import Any

from openvod.core.models import Json

TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}
KEYWORDS = frozenset(
    "type enum properties required items minItems maxItems minLength maxLength minimum maximum".split()  # noqa: SIM905
)
"""What a schema may say, beside `description`. Properties that it does not name are ignored."""


def complaints(value: Any, schema: Json, at: str = "answer") -> Iterator[str]:
    """What is wrong with a value, in words that a model can act on. `at` is where it stands."""
    if unknown := schema.keys() - KEYWORDS - {"description"}:
        raise ValueError(f"a schema cannot say {sorted(unknown)} here")
    if not TYPES[schema["type"]](value):
        yield f"`{at}` must be of type {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"`{at}` must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, dict):
        yield from _of_object(value, schema, at)
    elif isinstance(value, list):
        yield from _bounds(len(value), schema, ("minItems", "maxItems"), f"`{at}` must have", "items")
        for number, item in enumerate(value):
            yield from complaints(item, schema["items"], f"{at}[{number}]")
    elif isinstance(value, str):
        length = len(value.strip())
        yield from _bounds(length, schema, ("minLength", "maxLength"), f"`{at}` must have", "characters")
    elif not isinstance(value, bool):
        yield from _bounds(value, schema, ("minimum", "maximum"), f"`{at}` must be", "")


def _of_object(value: Json, schema: Json, at: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"`{at}.{name}` is missing"
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            yield from complaints(value[name], inner, f"{at}.{name}")


def _bounds(figure: float, schema: Json, keys: tuple[str, str], begin: str, unit: str) -> Iterator[str]:
    least, most = (schema.get(key) for key in keys)
    if least is not None and figure < least:
        yield f"{begin} at least {least} {unit}".rstrip()
    if most is not None and figure > most:
        yield f"{begin} at most {most} {unit}".rstrip()
