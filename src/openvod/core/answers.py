"""How a stored output becomes an answer: references to library files turn into links that live now."""

import json
from collections.abc import Callable
from typing import Any


def with_links(value: Any, link: Callable[[str], str]) -> Any:
    """`value` with every `{"$url": FileId}` replaced by `link(FileId)`; see `core.models.url_of`."""
    if isinstance(value, dict):
        if value.keys() == {"$url"}:
            return link(value["$url"])
        return {name: with_links(inner, link) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_links(inner, link) for inner in value]
    return value


def json_text(value: Any) -> str:
    """JSON as the API embeds it in `Input` and `OutputText`: compact, Unicode as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
