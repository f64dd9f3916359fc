"""What does a JSON text from outside say? Strict parsing that fails in one way only."""

import json
from typing import Any, NoReturn

from openvod.core.texts import Text


class NotJson(ValueError):
    """Why a text is not the JSON that it should be, fit for a client."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.text = Text(en, zh)


def _refuse(name: str) -> NoReturn:
    raise NotJson(f"`{name}` is not JSON", f"`{name}` 不属于 JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def parse(text: str) -> Any:
    """The value of `text`; the last of several equal keys counts.

    Raises NotJson: broken JSON, NaN and infinities, numbers of thousands of digits, and nesting beyond the
    interpreter's stack.
    """
    try:
        return _DECODER.decode(text)
    except RecursionError:
        raise NotJson("it is nested too deeply", "嵌套过深") from None
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
        where = f"it cannot be read at line {line}, column {column}"
        raise NotJson(where, f"第 {line} 行第 {column} 列无法解析") from None
    except NotJson:
        raise
    except ValueError:
        raise NotJson("it holds a number of too many digits", "其中的数字位数过多") from None


def parse_object(text: str) -> dict[str, Any]:
    """The same for a text that must be a JSON object. Raises NotJson."""
    value = parse(text)
    if not isinstance(value, dict):
        raise NotJson("it is not an object", "不是对象")
    return value
