"""Where and when is what is wanted in this video? The pass that finds the marks, in constant memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from openvod.core.models import Json
from openvod.engines import marks_find
from openvod.engines.erase import marks as marks_file
from openvod.engines.erase.marks import MARKS, Mark, Way, of_text, way_of
from openvod.engines.erase.needs import LOGO, TEXT
from openvod.engines.marks_read import LETTERS, READ_SURE, CornerReader
from openvod.engines.ocr import Box, Ocr
from openvod.engines.screen_text import Area, Finder, FoundText
from openvod.media import frames
from openvod.media.frames import Planes

BAND = (0.2, 0.6, 0.8, 1.0)
"""Left, top, right, bottom: where a text that never goes away is taken for a subtitle, and not for a watermark."""

IS_TEXT = 0.4
"""Share of a watermark's box from which a text that lies there is what was seen."""

FILMED = 0.75
"""Share of a mark's time for which a filmed text must have been read in its place to be what was seen."""
IN_PLACE = 0.5
"""Share of a text's time for which a mark that jumps must be in its place to be the same."""
IS_MARK = 0.7
"""Share of a text's lines from which a watermark that covers them is the same thing."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things count; anywhere when there are none."""

    texts: tuple[Area, ...]
    logos: tuple[Area, ...]

    @staticmethod
    def of(areas: Iterable[Sequence[Any]]) -> "_Places":
        """From what `seek` takes."""
        each = [(Area(*area[:6]), area[6]) for area in areas]
        texts, logos = (tuple(area for area, of in each if of in ("", what)) for what in ("text", "logo"))
        return _Places(texts, logos)

    def searched(self, *, texts: bool, logos: bool) -> tuple[Area, ...]:
        """Where text must be looked for, subtitles or watermarks."""
        wanted = [areas for areas, on in ((self.texts, texts), (self.logos, logos)) if on]
        return tuple(dict.fromkeys(chain(*wanted))) if all(wanted) else ()


class _Logos:
    """Finds watermarks, by what stays in a picture that changes and by reading what stays in its corners."""

    def __init__(self) -> None:
        self._standing, self._corners = marks_find.MarkFinder(), CornerReader()

    def add(self, frame: Planes) -> None:
        """The next frame."""
        self._standing.add(frame)
        self._corners.add(frame)

    def finish(
        self, ocr: Ocr, found: Sequence[FoundText], places: _Places, size: tuple[int, int]
    ) -> list[marks_find.FoundMark]:
        """All that are none of the texts that were found."""
        standing = [
            mark
            for mark in self._standing.finish()
            if _inside(mark.mask.box, places.logos, size)
            and (mark.jumps or not _is_text(mark, found))
            and _told(mark, ocr)
        ]
        known = [mark.mask.box for mark in standing] + [text.mask.box for text in found]
        return standing + [
            mark
            for mark in self._corners.finish(ocr)
            if _inside(mark.mask.box, places.logos, size) and not any(map(mark.mask.box.shared, known))
        ]


def seek(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `MARKS` into its folder.

    Takes `{"source", "models", "texts", "logos", "areas", "whole_boxes", "quick", "heights", "frames"}`: paths, what to
    look for, `[left, top, right, bottom, begin, end, of]` in shares and seconds, and about how many frames there are.
    Watermarks need the reader of texts, too: it tells them from subtitles and from what was filmed. Answers
    `{"frames", "turns", "lines"}`: how many frames there are, the quarter turns counter-clockwise that bring the stored
    pictures upright, and of each subtitle `[start, end, text, middle]`, seconds and a share of the height. Raises
    TaskFault.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    places = _Places.of(argument["areas"])
    ocr = Ocr(Path(argument["models"]), TEXT if argument["texts"] else LOGO)
    texts = Finder(ocr, places.searched(texts=argument["texts"], logos=argument["logos"]))
    logos = _Logos() if argument["logos"] else None
    last: Planes | None = None
    for frame in frames.planes(Path(argument["source"]), looking=True):
        texts.add(frame)
        if logos is not None:
            logos.add(frame)
        last = frame
        progress(min(1.0, (frame.index + 1) / max(1, argument["frames"])))
    assert last is not None  # `planes` has raised a fault otherwise
    size = (last.luma.shape[1], last.luma.shape[0])
    found = texts.finish()
    standing = logos.finish(ocr, found, places, size) if logos else []
    kept = [text for text in _kept(found, argument, size, places) if not _known(text, standing)]
    made = [_of_text(text, argument, size, last.turns) for text in kept]
    made += [_mark(mark, size, last.turns, quick=argument["quick"]) for mark in standing]
    marks_file.save(Path(MARKS), made)
    lines = [[t.start, t.end, t.text, _middle(t) / size[1]] for t in kept if t.kind == "caption"]
    return {"frames": last.index + 1, "turns": last.turns, "lines": lines if argument["texts"] else []}


def _of_text(text: FoundText, argument: Json, size: tuple[int, int], turns: int) -> Mark:
    way = way_of(text, quick=argument["quick"])
    return of_text(text, size, turns, whole=argument["whole_boxes"], way=way)


def _kept(
    found: Iterable[FoundText], argument: Json, size: tuple[int, int], places: _Places
) -> Iterator[FoundText]:
    """Of the texts that were found, those to be erased."""
    least, most = (share * size[1] for share in argument["heights"])
    for text in found:
        heights = [line.box.height for line in text.lines]
        if heights and not least <= sum(heights) / len(heights) <= most:
            continue
        box = text.mask.box
        wanted = False  # what was filmed stays
        if argument["texts"] and text.kind != "scene":
            lasting = text.kind == "logo" and not places.texts
            wanted = _inside(box, places.texts, size) and (not lasting or _in_band(text, size))
        if argument["logos"] and text.kind == "logo":
            wanted = wanted or _inside(box, places.logos, size)
        if wanted:
            yield text


def _in_band(text: FoundText, size: tuple[int, int]) -> bool:
    box = text.mask.box
    x, y = (box.x0 + box.x1) / 2 / size[0], (box.y0 + box.y1) / 2 / size[1]
    return BAND[0] <= x <= BAND[2] and BAND[1] <= y <= BAND[3]


def _inside(box: Box, areas: Sequence[Area], size: tuple[int, int]) -> bool:
    """Whether its middle lies in one of the areas, if there are any."""
    x, y = (box.x0 + box.x1) / 2 / size[0], (box.y0 + box.y1) / 2 / size[1]
    return not areas or any(a.left <= x <= a.right and a.top <= y <= a.bottom for a in areas)


def _is_text(mark: marks_find.FoundMark, found: Iterable[FoundText]) -> bool:
    """Whether it is a subtitle or filmed: the cue finder knows better what a text is. But a text that was read for a while
    only, in a place where the same stood for long, is that mark, and not filmed."""
    box = mark.mask.box
    return any(
        text.kind != "logo"
        and min(text.last, mark.last) - max(text.first, mark.first) + 1
        >= (1 if text.kind == "caption" else FILMED * (mark.last - mark.first + 1))
        and box.shared(text.mask.box) >= IS_TEXT * box.width * box.height
        for text in found
    )


def _told(mark: marks_find.FoundMark, ocr: Ocr) -> bool:
    """Whether it is a mark for certain: one that may have been filmed must be a text."""
    if mark.looks is None:
        return True
    read = ocr.read(np.repeat(mark.looks[..., None], 3, 2))
    return read.confidence >= READ_SURE and sum(letter.isalnum() for letter in read.text) >= LETTERS


def _known(text: FoundText, standing: Iterable[marks_find.FoundMark]) -> bool:
    """Whether a logo that was read is one that was found standing: its edges over the whole time tell what it covers better
    than its letters do. A text that is shown in several places in turn is one, too, whatever it was taken for and however long
    it was thought to be there."""
    areas = [line.box for line in text.lines]
    return any(
        (text.kind == "logo" or mark.jumps)
        and min(mark.last, text.last) - max(mark.first, text.first) + 1
        >= (IN_PLACE if mark.jumps else 1) * (text.last - text.first + 1)
        and sum(mark.mask.box.shared(area) for area in areas)
        >= IS_MARK * sum(a.width * a.height for a in areas)
        for mark in standing
    )


def _mark(found: marks_find.FoundMark, size: tuple[int, int], turns: int, *, quick: bool) -> Mark:
    text = FoundText(
        kind="logo",
        first=found.first,
        last=found.last,
        start=found.start,
        end=found.end,
        lines=(),
        fade_in=0,
        fade_out=0,
        mask=found.mask,
        boarded=False,
    )
    way: Way = "fill" if found.jumps else "standing"
    made = of_text(text, size, turns, whole=False, way="quick" if quick else way)
    return Mark("mark", made.way, made.first, made.last, made.mask, (), made.start, made.end)


def _middle(text: FoundText) -> float:
    return (text.mask.box.y0 + text.mask.box.y1) / 2
