"""What does a JSON text from outside say? Strict parsing that fails in one way only."""

import json
from typing import Any, NoReturn


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def parse(text: str) -> Any:
    """The value of `text`; the last of several equal keys counts.

    Raises ValueError, whose text is fit for a client: broken JSON, NaN and infinities, numbers of thousands
    of digits, and nesting beyond the interpreter's stack.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_object(text: str) -> dict[str, Any]:
    """The same for a text that must be a JSON object. Raises ValueError."""
    value = parse(text)
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    return value
