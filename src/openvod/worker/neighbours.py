"""Which files of the library may be other episodes of one, and what do they sound or look like? For a media process that asks."""

import math
import re
from collections.abc import Callable
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media.sandbox import Crashed
from openvod.store.library import Library
from openvod.store.media_rows import MediaRow, folded

TARGET = "openvod.engines.analysis.episodes.neighbour:measure"
MOST = 20
"""Files that are named."""
LOOKED_AT = 500
"""Files among which they are chosen."""
MOST_SPANS = 8
LONGER = 2.0
"""An episode lasts no longer than so many of another's length."""
UNREADABLE = Text("it cannot be measured", "无法分析该文件")

Measure = Callable[[MediaRow, Json], Json]
"""Runs `TARGET` over a file, with what is to be measured. Raises TaskFault, Crashed, Cancelled, FileNotFoundError."""

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")


class Neighbours:
    """The files beside one, for one job. Nothing is looked up before somebody asks."""

    def __init__(self, library: Library, of: MediaRow, measure: Measure) -> None:
        self._library = library
        self._of = of
        self._measure = measure
        self._named: dict[str, MediaRow] = {}

    def listed(self) -> list[Json]:
        """See `core.asking.neighbours`."""
        rows = [row for row in self._library.beside(self._of, LOOKED_AT) if _fits(self._of, row)]
        rows.sort(key=lambda row: _likeness(self._of, row), reverse=True)
        self._named = {row.md5: row for row in reversed(rows[:MOST])}
        return [
            {"content": row.md5, "name": row.name, "seconds": _seconds(row)}
            for row in reversed(self._named.values())
        ]

    def measured(self, content: str, spans: list[Any]) -> Json:
        """See `core.asking.neighbour`. Raises KeyError, TypeError and ValueError for what was not named, or is no span."""
        row = self._named[content]
        wanted = [[_time(begin), _time(end)] for begin, end in spans]
        if len(wanted) > MOST_SPANS:
            raise ValueError(len(wanted))
        try:
            return self._measure(row, {"spans": wanted})
        except (Crashed, FileNotFoundError) as error:  # it is the other file's fault, or it is gone
            raise TaskFault("SourceFileError.ContentMalformed", reason=UNREADABLE) from error


def _time(value: Any) -> float:
    seconds = float(value)
    if not math.isfinite(seconds):
        raise ValueError(seconds)
    return seconds


def _seconds(row: MediaRow) -> float:
    return float(row.facts.get("duration") or 0.0)


def _fits(of: MediaRow, row: MediaRow) -> bool:
    own, other = _seconds(of), _seconds(row)
    has_picture, has_sound = bool(row.facts.get("video")), bool(row.facts.get("audio"))
    return (
        own > 0
        and own / LONGER <= other <= own * LONGER
        and (has_sound if of.facts.get("audio") else has_picture)
    )


def _likeness(of: MediaRow, row: MediaRow) -> float:
    """How likely two files are of one series: by class, by name but for the numbers in it, by length."""
    length = abs(math.log(_seconds(row) / _seconds(of)))
    return (row.class_id == of.class_id) + 2 * name_likeness(of.name, row.name) - length


def name_likeness(one: str, other: str) -> float:
    """1 for names that differ in their numbers only; else the share of their words that both have, at most 0.9."""
    a, b = folded(one), folded(other)
    if _DIGITS.sub("#", a) == _DIGITS.sub("#", b):
        return 1.0
    words, others = set(_WORD.findall(a)), set(_WORD.findall(b))
    return 0.9 * len(words & others) / max(1, len(words | others))
