"""What goes from an area that somebody has pointed at? The strokes of the texts in it, or else all of it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openvod.core.models import Json
from openvod.engines.erase import marks as marks_file
from openvod.engines.erase.marks import MARKS, Mark, Way, of_text, stored_box, way_of
from openvod.engines.erase.needs import TEXT
from openvod.engines.ocr import Ocr
from openvod.engines.screen_text import Area, Finder, FoundText, Mask
from openvod.media import frames
from openvod.media.rewrite.index import Times, VideoIndex

WHOLE = 0.95
"""Share of the film from which an area is there for good, so that no other frame shows what is behind."""
HELD = 0.5
"""Share of a text that lies in an area of which it is a text."""


@dataclass(frozen=True, slots=True)
class _Span:
    """An area, and its frames."""

    area: Area
    strokes: bool
    first: int
    last: int
    start: float
    end: float


def point(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `MARKS` into its folder.

    Takes `{"source", "models", "areas", "size", "turns", "quick", "frames", "index", "times", "start"}`: paths,
    `[left, top, right, bottom, begin, end, strokes]` in shares of the upright picture of `size` (width, height) and
    seconds, about how many frames there are, `VideoIndex.dump()`, the path of the frames' times, and the time at which
    the file begins. Only texts have to be looked for: without, nothing is decoded. Answers as `seek.seek` does. Raises
    TaskFault.
    """
    size = (int(argument["size"][0]), int(argument["size"][1]))
    wanted = [(Area(*area[:6]), bool(area[6])) for area in argument["areas"]]
    index = VideoIndex.load(argument["index"])
    texts: list[FoundText] = []
    if index.ways[0] != "serial" and not any(strokes for _, strokes in wanted):
        count, spans = _by_times(wanted, index, argument)
    else:
        count, spans, texts = _by_decoding(wanted, argument, progress)
    made: list[Mark] = []
    for span in spans:
        made += _marks(span, texts, size, argument, lasting=span.last - span.first >= WHOLE * (count - 1))
    marks_file.save(Path(MARKS), made)
    return {"frames": count, "turns": argument["turns"], "lines": []}


def _by_times(
    wanted: Sequence[tuple[Area, bool]], index: VideoIndex, argument: Json
) -> tuple[int, list[_Span]]:
    times = Times.read(Path(argument["times"]))
    tick = index.time_base[0] / index.time_base[1]

    def seconds(frame: int) -> float:
        return times[frame] * tick - float(argument["start"])

    spans = []
    for area, strokes in wanted:
        first, end = (bisect_left(range(len(times)), at, key=seconds) for at in (area.start, area.end))
        if first < end:
            spans.append(_Span(area, strokes, first, end - 1, seconds(first), seconds(end - 1)))
    return len(times), spans


def _by_decoding(
    wanted: Sequence[tuple[Area, bool]], argument: Json, progress: Callable[[float], None]
) -> tuple[int, list[_Span], list[FoundText]]:
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    looked_at = [area for area, strokes in wanted if strokes]
    finder = Finder(Ocr(Path(argument["models"]), TEXT), looked_at) if looked_at else None
    spans: dict[int, _Span] = {}
    count = 0
    for frame in frames.planes(Path(argument["source"]), looking=True):
        count = frame.index + 1
        for place, (area, strokes) in enumerate(wanted):
            if area.start <= frame.time < area.end:
                begun = spans.get(place) or _Span(
                    area, strokes, frame.index, frame.index, frame.time, frame.time
                )
                spans[place] = replace(begun, last=frame.index, end=frame.time)
        if finder is not None:
            finder.add(frame)
        progress(min(1.0, count / max(1, argument["frames"])))
    return count, list(spans.values()), finder.finish() if finder is not None else []


def _marks(
    span: _Span, texts: Iterable[FoundText], size: tuple[int, int], argument: Json, *, lasting: bool
) -> Iterator[Mark]:
    box = span.area.box(size)
    if box.width <= 0 or box.height <= 0:
        return
    turns, quick = int(argument["turns"]), bool(argument["quick"])
    held = [each for each in texts if _held(each, span, size)] if span.strokes else []
    for text in held:
        # Whatever kind it is of: somebody has said that it must go.
        own = of_text(text, size, turns, whole=False, way=way_of(text, quick=quick))
        yield clipped(own, span.first, span.last)
    if not held:
        way: Way = "quick" if quick else "standing" if lasting else "fill"
        mask = Mask.whole(stored_box(box, size, turns))
        yield Mark("area", way, span.first, span.last, mask, (), span.start, span.end)


def _held(text: FoundText, span: _Span, size: tuple[int, int]) -> bool:
    box = text.mask.box
    there = text.first <= span.last and span.first <= text.last
    return there and box.shared(span.area.box(size)) >= HELD * box.width * box.height


def clipped(mark: Mark, first: int, last: int) -> Mark:
    """A mark in its frames from `first` to `last`; it must have some."""
    low, high = max(mark.first, first), min(mark.last, last)
    step = (mark.end - mark.start) / (mark.last - mark.first + 1)
    return replace(
        mark,
        first=low,
        last=high,
        path=mark.path[low - mark.first : high - mark.first + 1],
        fades=(max(0, mark.fades[0] - low + mark.first), max(0, mark.fades[1] - mark.last + high)),
        start=mark.start + (low - mark.first) * step,
        end=mark.end - (mark.last - high) * step,
    )
