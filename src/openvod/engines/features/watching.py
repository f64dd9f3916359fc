"""What does a part of the picture track look like? One pass over its frames: looks, changes of shots; constant memory.

A part sees some seconds of its neighbours, so that parts put together are what one pass over the whole would be.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import faces
from openvod.engines.features.looks import Look, look
from openvod.engines.features.record import LOOKS_PER_SECOND, Face, Looks, pack_looks, packed
from openvod.engines.features.unseen import Calm, exact
from openvod.engines.picture import CHANGE, JUMP, LUMA
from openvod.engines.precise.network import Network
from openvod.engines.precise.second_look import SecondLook
from openvod.engines.shots import MARGIN, ShotFinder, Transition, mean_apart
from openvod.media import frames

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]

GRID = 10.0
"""Seconds after which the memory of what was held, and of faces, begins anew; parts begin at multiples of it."""
FACES_APART = 1.0
"""Seconds between looks for faces while the picture stays much the same."""
OTHER_PICTURE = 40.0
"""Levels that the thumbnails of two looks differ by, in the mean, when faces are looked for again at once."""
LEAST_FACE = 0.5
FACE_SIDE = 320
FINDING_FACES = Text("finding faces", "查找人脸")


@dataclass(frozen=True, slots=True)
class Part:
    """Frames shown from `begin` on and before `end`, in seconds; `begin` is a multiple of `GRID`."""

    begin: float = 0.0
    end: float = math.inf


def watch(
    source: Path,
    models: Path,
    part: Part,
    rate: float,
    progress: Callable[[float], None],
    *,
    precise: bool = False,
) -> Json:
    """Measure the part's frames, at about `rate` per second; `precise`: look at doubtful changes of shots again.

    The result is for `joining.watched`. Raises TaskFault for a file without a picture (only where the part begins with the
    file), and when the model that `precise` takes is not installed.
    """
    lead = (MARGIN + 8) / max(rate, 1.0) + 1.0
    finder = SecondLook(Network(models).judge, rate) if precise else ShotFinder()
    maker = LookMaker(_face_finder(models))
    found: list[Transition] = []
    times: list[float] = []
    seen: list[bool] = []
    first = last = None
    own = slice(0, 0)
    begin = math.floor(max(0.0, part.begin - lead) * 2) / 2
    calm = Calm(GRID)
    spare = None if precise else calm.is_calm
    for frame in frames.stream(source, LOOKS_PER_SECOND, begin, part.end + lead, spare=spare):
        calm.follow(frame)
        found += finder.push(frame.tiny, frame.time, is_seen=frame.is_seen)
        times.append(frame.time)
        seen.append(frame.is_seen)
        if frame.time < part.begin:
            maker.before(frame.tiny)
        elif frame.time < part.end:
            first, last = (frame if first is None else first), frame
            own = slice(own.start if own.stop else frame.index, frame.index + 1)
            maker.add(frame.time, frame.tiny, frame.sample)
        else:
            maker.close(frame.tiny)
        if frame.index % 250 == 0 and math.isfinite(part.end):
            progress(min(1.0, max(0.0, frame.time - part.begin) / (part.end - part.begin)))
    found += finder.finish()
    return {
        "frames": own.stop - own.start,
        "times": [times[own.start], times[own.stop - 1]] if first else [],
        "tiny": [packed(frame.tiny) for frame in (first, last) if frame],
        "size": list(first.display) if first else [0, 0],
        "changes": _own(exact(source, found, times, seen), times, own),
        "looks": pack_looks(maker.looks()),
        "moved": packed(maker.moved()),
        "missing": [] if maker.finds_faces else [faces.MODEL],
    }


def _face_finder(models: Path) -> faces.FaceFinder | None:
    try:
        return faces.FaceFinder(models, FINDING_FACES)
    except TaskFault as fault:
        if fault.code != "InvalidInput.ConfigurationUnsupported":
            raise
        return None


def _own(found: list[Transition], times: list[float], own: slice) -> list[Json]:
    """The changes whose first new frame is the part's: kind, the frame that the shots are divided at, counted from the
    part's first; when the last old, the first new and that frame are shown; and how clear it is."""
    rows: list[Json] = []
    for each in found:
        if own.start <= each.first < own.stop:
            border = (each.last + each.first + 1) // 2
            shown = [times[each.last], times[each.first], times[border]]
            rows.append(
                {"kind": each.kind, "border": border - own.start, "shown": shown, "score": each.score}
            )
    return rows


class LookMaker:
    """Makes looks of frames that stream by."""

    def __init__(self, finder: faces.FaceFinder | None) -> None:
        self._finder = finder
        self._luma: Floats | None = None
        self._tiny: Rgb | None = None
        """What `_luma` was worked out from."""
        self._held: Floats | None = None
        self._grid = -1
        self._looks: list[Look] = []
        self._times: list[float] = []
        self._moved: list[float] = []
        self._changes: list[list[float]] = []
        self._faces: list[tuple[Face, ...]] = []
        self._faced: tuple[float, Rgb] | None = None
        self._closed = False

    @property
    def finds_faces(self) -> bool:
        """Whether the model is installed."""
        return self._finder is not None

    def before(self, tiny: Rgb) -> None:
        """Take a frame before the first that counts."""
        self._luma = self._luma_of(tiny)

    def add(self, time: float, tiny: Rgb, sample: Rgb | None) -> None:
        """Take the next frame; `sample` when one is due (see `media.frames.Frame`), with the first one in any case."""
        luma = self._luma_of(tiny)
        self._move(luma)
        grid = math.floor(time / GRID + 1e-6)
        if sample is not None:
            self._looks.append(look(sample))
            self._times.append(time)
            self._moved.append(0.0)
            self._changes.append([math.nan, math.nan])
            self._faces.append(self._face(time, tiny, sample, anew=grid != self._grid))
        held = self._luma if grid != self._grid else self._held
        if held is not None and _is_unlike(luma, held):
            self._changes[-1] = [time if math.isnan(self._changes[-1][0]) else self._changes[-1][0], time]
            self._held = luma
        if grid != self._grid:
            self._held = luma
        self._grid, self._luma = grid, luma

    def close(self, tiny: Rgb) -> None:
        """Take the first frame after the last that counts; later ones are not minded."""
        if not self._closed:
            self._move(self._luma_of(tiny))
        self._closed = True

    def _luma_of(self, tiny: Rgb) -> Floats:
        """Worked out once for frames that show the same thumbnail: those that were not decoded."""
        if self._luma is None or tiny is not self._tiny:
            self._tiny = tiny
            return _luma(tiny)
        return self._luma

    def _move(self, luma: Floats) -> None:
        if self._luma is not None and self._moved:
            self._moved[-1] += min(JUMP, mean_apart(luma, self._luma))

    def _face(self, time: float, tiny: Rgb, sample: Rgb, *, anew: bool) -> tuple[Face, ...]:
        if self._finder is None:
            return ()
        if not anew and self._faced is not None:
            since, seen = self._faced
            apart = np.abs(tiny.astype(np.int16) - seen).mean()
            if time - since < FACES_APART - 1 / LOOKS_PER_SECOND / 2 and apart < OTHER_PICTURE:
                return self._faces[-1]
        self._faced = time, tiny
        height, width = sample.shape[:2]
        size = faces.fit((width, height), FACE_SIDE)
        found = self._finder.find(np.ascontiguousarray(sample[..., ::-1]), size, LEAST_FACE)
        return tuple(
            (b[0] / width, b[1] / height, b[2] / width, b[3] / height, each.score)
            for each in found
            for b in [each.box]
        )

    def looks(self) -> Looks:
        """All looks; `motion` is not known before it is known how long each was shown (`joining`)."""

        def figures(name: str) -> Floats:
            return np.array([getattr(each, name) for each in self._looks], np.float32)

        def flags(name: str) -> NDArray[np.bool_]:
            return np.array([getattr(each, name) for each in self._looks], bool)

        rows: list[Any] = [[b.bars.top, b.bars.bottom, b.bars.left, b.bars.right] for b in self._looks]
        return Looks(
            times=np.array(self._times, np.float64),
            **{
                name: figures(name)
                for name in ("sharpness", "brightness", "contrast", "colour", "saturation")
            },
            motion=np.zeros(len(self._looks), np.float32),
            changes=np.array(self._changes, np.float32).reshape(-1, 2),
            phash=np.array([each.phash for each in self._looks], np.uint64),
            saliency=np.array([each.saliency for each in self._looks], np.float32).reshape(-1, 3),
            bars=np.array(rows, np.float32).reshape(-1, 4),
            lit=flags("lit"),
            grey=flags("grey"),
            faces=tuple(self._faces),
        )

    def moved(self) -> Floats:
        """How much each look's points changed until the next, in levels."""
        return np.array(self._moved, np.float32)


def _luma(tiny: Rgb) -> Floats:
    luma: Floats = tiny.astype(np.float32) @ LUMA
    return luma


def _is_unlike(luma: Floats, held: Floats) -> bool:
    return bool(np.count_nonzero(np.abs(luma - held) > CHANGE) > 0.02 * luma.size)
