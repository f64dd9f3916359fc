"""What came of it? Every client's steps, as rows of a matrix; `ok`, `failed`, or `not run` with what to install."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any, Literal

State = Literal["ok", "failed", "not run", "-"]
"""`-`: not a thing that this client does."""
WIDTH = 30


@dataclass(frozen=True)
class Cell:
    """What came of a step."""

    state: State
    remark: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Row:
    """What came of a client; a client that is not installed has no cells."""

    name: str
    cells: Mapping[str, Cell]
    not_run: str = ""


def tried(step: Callable[[], str | None]) -> Cell:
    """A step's outcome; whatever it raises is the reason why it failed, and the other steps go on."""
    began = monotonic()
    try:
        state, remark = "ok", step() or ""
    except Exception as error:  # it is shown, and the exit status tells of it
        place = traceback.extract_tb(error.__traceback__)[-1]
        state, remark = "failed", f"{type(error).__name__}: {str(error) or place.line}"
    return Cell(state, remark, round(monotonic() - began, 2))


def passed(rows: Iterable[Row], require_all: bool) -> bool:
    """Whether nothing failed, and something ran; with `require_all` also whether every client was there."""
    rows = list(rows)
    if require_all and any(row.not_run for row in rows):
        return False
    cells = [cell for row in rows for cell in row.cells.values()]
    return bool(cells) and all(cell.state == "ok" for cell in cells)


def shown(rows: Iterable[Row]) -> Iterable[str]:
    """The matrix as lines of text, then why steps failed, then how they went in how many clients."""
    rows = list(rows)
    steps = list(dict.fromkeys(name for row in rows for name in row.cells))
    widths = {step: max(len(step), len("failed")) for step in steps}
    yield " " * WIDTH + "  ".join(step.ljust(widths[step]) for step in steps)
    for row in rows:
        if row.not_run:
            yield f"{row.name:{WIDTH}}not run: {row.not_run}"
        else:
            cells = (row.cells.get(step, Cell("-")).state.ljust(widths[step]) for step in steps)
            yield f"{row.name:{WIDTH}}" + "  ".join(cells).rstrip()
    for row in rows:
        for step, cell in row.cells.items():
            if cell.state == "failed":
                yield f"{row.name}, {step}: {cell.remark}"
    for step in steps:
        good = [row.cells[step] for row in rows if step in row.cells and row.cells[step].state == "ok"]
        for remark, count in Counter(cell.remark for cell in good if cell.remark).items():
            yield f"{step}: {remark} ({count} of {len(good)} clients)"


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The same for a program."""
    return [asdict(row) for row in rows]
