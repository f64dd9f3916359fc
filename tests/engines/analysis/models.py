"""A stand-in for a model that describes and classifies: it quotes what it was shown, and makes up what a test wants."""

import json
from collections.abc import Callable
from typing import Any

from openvod.core.models import Json
from tests.stand_in import Answer, Call, Script, says

Twist = Callable[[Json], Any]
"""Changes an answer before it is sent; it sees the right one."""


def lines_shown(call: Call) -> list[Json]:
    """The numbered lines of a question."""
    return [json.loads(line) for line in call.json["messages"][1]["content"].splitlines()]


def statement(line: Json) -> Json:
    """Says something that the line bears out."""
    quote = line["text"][:24].strip()
    return {"says": f"It is told: {quote}.", "line": line["line"], "quote": quote.upper()}


def description(lines: list[Json], chapters: int = 2) -> Json:
    """A right answer about some lines."""
    firsts = [lines[len(lines) * number // chapters] for number in range(chapters)]
    words = [word.strip(".,") for word in lines[0]["text"].split()]
    return {
        "title": f"About {words[-1]}",
        "summary": [statement(line) for line in lines[:2]],
        "keywords": [words[-1], "teapot"],
        "chapters": [
            {
                "first": each["line"],
                "title": f"Part {each['line']}",
                "summary": [statement(each)],
                "keywords": [words[-1]],
            }
            for each in firsts
        ],
    }


def describer(twist: Twist | None = None, *, stubborn: bool = False) -> Script:
    """Describes. A twisted answer is put right when it is sent back, unless the model is stubborn."""

    def script(call: Call) -> Answer:
        lines = lines_shown(call)
        answer: Any = description(
            lines, 0 if "`chapters` is an empty list" in call.json["messages"][0]["content"] else 2
        )
        if twist and (stubborn or len(call.json["messages"]) == 2):
            answer = twist(answer)
        return says(answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False))

    return script


def classifier(name: str, quote: str | None = None) -> Script:
    """Says that it is of a class, with the first line as its proof, or some other quotation."""

    def script(call: Call) -> Answer:
        line = lines_shown(call)[0]
        row = {"class": name, "confidence": 88, "line": line["line"], "quote": quote or line["text"][:20]}
        return says(json.dumps({"classes": [row]}, ensure_ascii=False))

    return script
