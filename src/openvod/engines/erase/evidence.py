"""What was erased, and how well? An account for machines, a still for people, and a line of figures.

The account is JSON: everything that was erased with its times and areas, in the fields of an MPSEraseTimeArea, so that a
part of it can be asked for again as `CustomAreas`. The figures say how many of the erased texts can still be read in the
finished file, and how near the fill comes to the truth where that is known (`checks`).
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import private_areas
from openvod.engines.erase import checks, painter
from openvod.engines.erase import marks as marks_file
from openvod.engines.erase.ahead import Film
from openvod.engines.erase.checks import Checked
from openvod.engines.erase.marks import Mark, upright_box
from openvod.engines.erase.needs import CHECK
from openvod.engines.ocr import Box, Ocr
from openvod.engines.tracks import Areas
from openvod.media.glance import Glances

Rgb = NDArray[np.uint8]

ACCOUNT, STILL = "account.json", "still.jpg"
MOST_LOOKS = 24
"""Erased things that are looked at, spread over the film."""
STILLS = 3
CHECKS, EACH = 2, 12
"""Fills that are tried beside what was erased, at most, and of how many marks each is one: a short film is not to wait longer
for the look at it than for the work."""
PIECE = 1.0
"""Seconds of a moving thing that are told with one rectangle."""
READ = 0.5
"""Confidence from which a line counts as read, and share of the text's characters that it must hold."""
WIDEST = 960
"""Pixels of one picture of the still."""
MARGIN = 6
PIXELS = 2
"""MPSEraseArea.Unit."""


Place = tuple[float, float, Box]
"""From when to when, in seconds, and where in the upright picture."""


@dataclass(frozen=True, slots=True)
class Erased:
    """One thing that was erased."""

    what: str
    places: tuple[Place, ...]
    text: str = ""
    mark: Mark | None = None

    @property
    def middle(self) -> Place:
        """The middle one of its places."""
        return self.places[len(self.places) // 2]


def collect(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: writes `ACCOUNT` and, when there is something to show, `STILL` into its folder.

    Takes what `edit.edit` does, and `{"target", "tracks", "models", "size", "turns", "start"}`: paths (`tracks` of faces
    and plates, or empty, then there are marks), size (width, height) and quarter turns of the upright picture, and the
    time at which the file begins. Answers `{"quality"}`: figures in words, empty when nothing could be measured.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    size = (int(argument["size"][0]), int(argument["size"][1]))
    film = Film.load(argument)
    when = _Clock(film, float(argument["start"]))
    erased = sorted(
        _of_tracks(Path(argument["tracks"]), when, size)
        if argument["tracks"]
        else _of_marks(Path(argument["marks"]), when, size, argument["turns"]),
        key=lambda each: each.places[0][0],
    )
    looker = _Looker(argument, film)
    chosen = sorted(_spread(erased, MOST_LOOKS), key=lambda each: sum(each.middle[:2]))
    with Glances(Path(argument["source"])) as source, Glances(Path(argument["target"])) as target:
        for number, one in enumerate(chosen):
            looker.look(one, source, target)
            progress((number + 1) / (len(chosen) + 1))
    looker.check(erased)
    if looker.pairs:
        _write_still(looker.pairs, private=bool(argument["tracks"]))
    _write_account(erased, size, looker.figures())
    return {"quality": _in_words(looker.figures())}


class _Clock:
    """When frames are shown."""

    def __init__(self, film: Film, start: float) -> None:
        self._times, self._start = film.times, start
        self._tick = film.index.time_base[0] / film.index.time_base[1]
        self._rate = film.index.rate[0] / film.index.rate[1]

    def at(self, frame: int) -> float:
        """Seconds from the start of the file; by the mean rate where frames have no times."""
        if frame < len(self._times):
            return self._times[frame] * self._tick - self._start
        return self.at(len(self._times) - 1) + 1 / self._rate if len(self._times) else frame / self._rate

    def pieces(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The frames from `first` to `last` in stretches of about PIECE."""
        step = max(1, round(PIECE * self._rate))
        for begin in range(first, last + 1, step):
            yield begin, min(last, begin + step - 1)


class _Looker:
    """Compares the source with the result."""

    def __init__(self, argument: Json, film: Film) -> None:
        self._argument, self._film = argument, film
        self._ocr: Ocr | None = None
        self._left = self._read = 0
        self._checked: list[Checked] = []
        self.pairs: list[tuple[Box, Rgb, Rgb]] = []
        """The first few things, where they were, with the picture before and after."""

    def look(self, one: Erased, source: Glances, target: Glances) -> None:
        """Look at one thing in the middle of its time; at the source only for the still."""
        begin, end, box = one.middle
        shown = len(self.pairs) < STILLS
        if not shown and not one.text:
            return
        after = target.at((begin + end) / 2)
        if after is None:
            return
        if shown:
            before = source.at((begin + end) / 2)
            if before is not None and before.shape == after.shape:
                self.pairs.append((box, before, after))
        if one.text:
            self._ocr = self._ocr or Ocr(Path(self._argument["models"]), CHECK)
            self._read += 1
            self._left += _still_read(self._ocr, after, box, one.text)

    def check(self, erased: Sequence[Erased]) -> None:
        """Try the fill beside some marks."""
        marks = [one.mark for one in erased if one.mark is not None]
        if not marks:
            return
        paint = painter.load(self._argument["painter"])
        count = min(CHECKS, -(-len(marks) // EACH))
        for place in np.unique(np.linspace(0, len(marks) - 1, count + 2)[1:-1].round()).astype(int).tolist():
            found = checks.check(self._film, marks, marks[place], paint)
            if found is not None:
                self._checked.append(found)

    def figures(self) -> Json:
        """What was measured, for the account."""
        told: Json = {}
        if self._read:
            told |= {"Texts": self._read, "TextsLeft": self._left}
        pixels = sum(each.pixels for each in self._checked)
        if pixels:
            squared, flicker = (
                sum(getattr(each, name) * each.pixels for each in self._checked) / pixels
                for name in ("squared", "flicker")
            )
            psnr = min(99.0, 10 * math.log10(255**2 / max(squared, 1e-6)))
            told |= {"CheckPixels": pixels, "CheckPsnr": round(psnr, 2), "Flicker": round(flicker, 3)}
        return told


def _in_words(figures: Json) -> str:
    told = []
    if "Texts" in figures:
        told.append(f"{figures['TextsLeft']} of {figures['Texts']} erased texts can still be read")
    if "CheckPixels" in figures:
        told.append(
            f"pixels beside, filled the same way, come back with {figures['CheckPsnr']:.1f} dB "
            f"and {figures['Flicker']:.2f} levels of flicker"
        )
    return "quality: " + ", ".join(told) if told else ""


def _of_marks(path: Path, when: _Clock, size: tuple[int, int], turns: int) -> Iterator[Erased]:
    for mark in marks_file.read(path):
        stretches = when.pieces(mark.first, mark.last) if mark.path else [(mark.first, mark.last)]
        places = []
        for first, last in stretches:
            reach = mark.box_at(first)
            for frame in range(first + 1, last + 1) if mark.path else ():
                reach = reach.joined(mark.box_at(frame))
            places.append((when.at(first), when.at(last + 1), upright_box(reach, size, turns)))
        kept = _seen(places, size)
        if kept:
            yield Erased(mark.what, kept, mark.text, mark)


def _of_tracks(path: Path, when: _Clock, size: tuple[int, int]) -> Iterator[Erased]:
    for track in private_areas.load(path):
        areas = Areas([track])
        places = []
        for first, last in when.pieces(track.first, track.last):
            edges = np.array([box for frame in range(first, last + 1) for _, box in areas.at(frame)])
            low, high = np.floor(edges[:, :2].min(0)).astype(int), np.ceil(edges[:, 2:].max(0)).astype(int)
            box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
            places.append((when.at(first), when.at(last + 1), box))
        kept = _seen(places, size)
        if kept:
            yield Erased(track.kind, kept)


def _seen(places: Sequence[Place], size: tuple[int, int]) -> tuple[Place, ...]:
    """What of them lies in the picture."""
    inside = [(begin, end, box.grown(0, size)) for begin, end, box in places]
    return tuple(each for each in inside if each[2].width > 0 and each[2].height > 0)


def _spread(erased: Sequence[Erased], most: int) -> list[Erased]:
    places = np.unique(np.linspace(0, len(erased) - 1, min(most, len(erased))).astype(int))
    return [erased[place] for place in places.tolist()]


def _still_read(ocr: Ocr, picture: Rgb, place: Box, text: str) -> bool:
    """Whether half of a line's characters can still be read where it was."""
    box = place.grown(MARGIN, (picture.shape[1], picture.shape[0]))
    lines = text.split("\n")
    height = box.height / len(lines)
    for number, line in enumerate(lines):
        low, high = round(box.y0 + number * height), round(box.y0 + (number + 1) * height)
        if high - low < 4:
            continue
        seen = ocr.read(np.ascontiguousarray(picture[low:high, box.x0 : box.x1, ::-1]))
        matches = SequenceMatcher(None, line, seen.text, autojunk=False).get_matching_blocks()
        if seen.confidence >= READ and sum(match.size for match in matches) >= READ * len(line):
            return True
    return False


def _write_account(erased: Sequence[Erased], size: tuple[int, int], figures: Json) -> None:
    """A thing a line, so that it can be read by people, too."""
    rows = []
    for one in erased:
        for begin, end, box in one.places:
            edges = {"LeftTopX": box.x0, "LeftTopY": box.y0, "RightBottomX": box.x1, "RightBottomY": box.y1}
            row: Json = {
                "What": one.what,
                "BeginMs": round(begin * 1000),
                "EndMs": round(end * 1000),
                "Areas": [{**edges, "Unit": PIXELS}],
            }
            rows.append(json.dumps(row | ({"Text": one.text} if one.text else {}), ensure_ascii=False))
    head = json.dumps({"Width": size[0], "Height": size[1], "Quality": figures})
    body = ",\n".join(rows)
    Path(ACCOUNT).write_text(f'{head[:-1]}, "Erased": [\n{body}\n]}}\n', encoding="utf-8", newline="")


def _write_still(pairs: Sequence[tuple[Box, Rgb, Rgb]], *, private: bool) -> None:
    """Each pair side by side, what was before on the left; what is private is not shown again."""
    import cv2  # noqa: PLC0415

    rows: list[Any] = []
    for box, before, after in pairs:
        both = []
        for picture in (after,) if private else (before, after):
            shown = picture.copy()
            cv2.rectangle(shown, (box.x0, box.y0), (box.x1 - 1, box.y1 - 1), (255, 200, 0), 2)
            scale = min(1.0, WIDEST / shown.shape[1])
            both.append(cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
        rows.append(np.hstack(both))
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(np.vstack(rows)[..., ::-1]))
    if not done:
        raise TaskFault("InternalError", reason=Text("the still could not be encoded", "无法编码对比图"))
    Path(STILL).write_bytes(data.tobytes())
