"""Is what a model says borne out by the lines that it was shown? It must name a line, and copy words of it.

A quotation is looked up letter by letter, whatever the case and the punctuation. Figures are looked up as well: they are what
models make up most easily.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openvod.core.models import Json
from openvod.engines.analysis.descriptions.description import Statement
from openvod.engines.translation.lines import folded

WORDS = "three to ten"
"""How many words are to be quoted, for the question."""
LEAST = 4
"""Letters that a quotation must have; or the whole line."""

STATEMENT: Json = {
    "type": "object",
    "properties": {
        "says": {"type": "string", "minLength": 1, "maxLength": 600},
        "line": {"type": "integer", "minimum": 0},
        "quote": {"type": "string", "maxLength": 400},
    },
    "required": ["says", "line", "quote"],
}
STATEMENTS: Json = {"type": "array", "items": STATEMENT, "minItems": 1, "maxItems": 12}

_FIGURE = re.compile(r"\d(?:[\d.,:]*\d)+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the model sees it."""

    number: int
    text: str
    start: float
    """Seconds."""
    evidence: tuple[int, ...]
    """Numbers of the sentences that it stands for."""


Lines = Mapping[int, Line]
"""Lines by their numbers."""


def faults(at: str, says: Json, lines: Lines) -> Iterator[str]:
    """What is wrong with a statement, in words for the model; `at` is where it stands."""
    line = lines.get(says["line"])
    if line is None:
        yield f"{at}: there is no line {says['line']}"
    elif not is_quoted(says["quote"], line.text):
        quote = json.dumps(says["quote"], ensure_ascii=False)
        yield f"{at}: line {line.number} does not hold the words {quote}"
    for figure in figures_made_up(says["says"], lines):
        yield f"{at}: the figure {figure} is in none of the lines; write figures as they are said"


def borne_out(rows: Sequence[Json], lines: Lines) -> tuple[Statement, ...]:
    """The statements without a fault."""
    return tuple(
        Statement(row["says"].strip(), lines[row["line"]].evidence, row["quote"])
        for row in rows
        if not any(faults("", row, lines))
    )


def is_quoted(quote: str, text: str) -> bool:
    """Whether a text holds a quotation."""
    copied, whole = folded(quote), folded(text)
    return bool(copied) and copied in whole and (len(copied) >= LEAST or copied == whole)


def figures_made_up(text: str, lines: Lines) -> list[str]:
    """The figures of two digits and more that no line has."""
    known = {folded(figure) for line in lines.values() for figure in _FIGURE.findall(line.text)}
    return [figure for figure in _FIGURE.findall(text) if folded(figure) not in known]
