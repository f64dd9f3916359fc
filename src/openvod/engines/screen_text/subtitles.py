"""Which subtitles does a film show, when it was read stretch by stretch? What crosses a seam is one, and so are twins."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from openvod.core.models import Json
from openvod.engines.screen_text.found import FoundText

SEAM = 2.0
"""Seconds by which two stretches may differ on when a subtitle begins."""
SAME = 0.6
"""Share of characters from which two stretches read the same subtitle, seen at the same time."""
TWINS = 0.85
"""Share of characters from which two subtitles, one right after the other, say the same."""
BLINK = 0.25
"""Seconds that a subtitle may be away between two that say the same."""
NEAR = 0.03
"""Share of the picture's height by which lines in the same place differ at most."""
RECENT = 6
"""Subtitles back that are looked at for a twin: several may be on the screen at once."""
COUNTING = 3
"""Texts of figures in a row, in one place, that are a clock and no subtitles."""
FIGURES = frozenset("0123456789:./-% ")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a subtitle. Its edges are shares (0 to 1) of the upright picture."""

    text: str
    confidence: float
    """0 to 1."""
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Subtitle:
    """What is on the screen from the first frame that shows any of it to the first without it, in seconds."""

    start: float
    end: float
    lines: tuple[Line, ...]
    """From top to bottom."""

    @property
    def text(self) -> str:
        """The lines, joined by line breaks."""
        return "\n".join(line.text for line in self.lines)

    @property
    def confidence(self) -> float:
        """That of the line that was read worst, 0 to 1."""
        return min((line.confidence for line in self.lines), default=0.0)


def of_found(found: Iterable[FoundText], size: tuple[int, int]) -> Iterator[Subtitle]:
    """The subtitles among the texts of a picture of `size` (width, height): what lies on it, stands still, and goes."""
    width, height = size
    for text in found:
        if text.kind == "caption" and not text.path:
            lines = (
                Line(
                    line.text,
                    line.confidence,
                    round(line.box.x0 / width, 4),
                    round(line.box.y0 / height, 4),
                    round(line.box.x1 / width, 4),
                    round(line.box.y1 / height, 4),
                )
                for line in text.lines
            )
            yield Subtitle(round(text.start, 4), round(text.end, 4), tuple(lines))


def packed(subtitle: Subtitle) -> Json:
    """As JSON, for a step's result."""
    lines = [
        [line.text, line.confidence, line.left, line.top, line.right, line.bottom] for line in subtitle.lines
    ]
    return {"start": subtitle.start, "end": subtitle.end, "lines": lines}


def unpacked(row: Json) -> Subtitle:
    """From `packed`."""
    return Subtitle(row["start"], row["end"], tuple(Line(*line) for line in row["lines"]))


def joined(stretches: Sequence[tuple[float, float, Sequence[Subtitle]]]) -> list[Subtitle]:
    """The subtitles of a film out of those of its stretches, each with its begin and end, in order of time.

    Neighbouring stretches both tell what begins near their seam: the one in which it begins knows best.
    """
    told = [(begin <= one.start < end, one) for begin, end, found in stretches for one in found]
    kept: list[Subtitle] = []
    for one in [one for own, one in told if own] + [one for own, one in told if not own]:
        if not any(_same(one, other) for other in kept if abs(other.start - one.start) < SEAM):
            kept.append(one)
    return _merged(_without_clocks(sorted(kept, key=lambda one: (one.start, one.end))))


def _same(one: Subtitle, other: Subtitle) -> bool:
    """Whether two stretches saw the same subtitle."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    shorter = min(one.end - one.start, other.end - other.start)
    return shared > 0.5 * shorter and _here(one, other) and _alike(one, other) >= SAME


def _merged(subtitles: Sequence[Subtitle]) -> list[Subtitle]:
    """With those joined that say the same in the same place, one right after the other."""
    merged: list[Subtitle] = []
    for one in subtitles:
        recent = range(len(merged) - 1, max(-1, len(merged) - 1 - RECENT), -1)
        place = next((at for at in recent if _twins(merged[at], one)), None)
        if place is None:
            merged.append(one)
        else:
            better = max(merged[place], one, key=lambda each: each.confidence)
            merged[place] = replace(better, start=merged[place].start, end=max(merged[place].end, one.end))
    return merged


def _twins(one: Subtitle, other: Subtitle) -> bool:
    return -BLINK <= other.start - one.end <= BLINK and _here(one, other) and _alike(one, other) >= TWINS


def _here(one: Subtitle, other: Subtitle) -> bool:
    """Whether both begin in the same row."""
    return bool(one.lines and other.lines) and abs(one.lines[0].top - other.lines[0].top) <= NEAR


def _alike(one: Subtitle, other: Subtitle) -> float:
    return SequenceMatcher(None, _letters(one.text), _letters(other.text), autojunk=False).ratio()


def _letters(text: str) -> str:
    return "".join(text.split())


def _without_clocks(subtitles: Sequence[Subtitle]) -> list[Subtitle]:
    """Without figures that go on counting in one place."""
    runs: list[list[Subtitle]] = []
    for one in subtitles:
        if not FIGURES.issuperset(one.text):
            continue
        run = next(
            (r for r in runs[-RECENT:] if abs(one.start - r[-1].end) <= BLINK and _here(one, r[-1])), None
        )
        if run is None:
            runs.append([one])
        else:
            run.append(one)
    counting = {id(one) for run in runs if len(run) >= COUNTING for one in run}
    return [one for one in subtitles if id(one) not in counting]
