"""Where in a model's answer is the JSON object? Alone, in a fence, after talk or after thinking aloud."""

import json
import re
from collections.abc import Iterator

from openvod.core.models import Json

LONGEST = 400_000
"""Characters of an answer that are looked at."""
MOST = 40
"""Places that are tried."""

_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def objects(answer: str) -> Iterator[Json]:
    """The JSON objects in an answer that stand in no other, in order."""
    text = _THOUGHT.sub("", answer[:LONGEST])
    at = text.find("{")
    for _ in range(MOST):
        if at < 0:
            return
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield value
        at = text.find("{", end)
