"""How does a fill see the future? A second reader of the video runs ahead of the one that is written.

It decodes the marked stretches once more and keeps only the regions around the marks, so that hundreds of frames ahead
cost little memory; what comes out is the hidden samples of each frame, ready to be put in their places.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.models import Json
from openvod.engines.erase.boards import cleared
from openvod.engines.erase.regions import Region
from openvod.engines.fill import STANDING, FillStream, Form, Frame, Paint
from openvod.engines.tracks_follow import Cuts
from openvod.engines.tracks_view import look_of
from openvod.engines.unblend import lift
from openvod.media.rewrite import decoding
from openvod.media.rewrite.decoding import Mismatch
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.planning import FrameRange, merged
from openvod.media.rewrite.windows import planes_of

Plane = NDArray[Any]

SHORT = 1500
"""Frames up to which all are decoded to look at some of them."""
LEAD = 60
"""Frames with a mark that are looked at before the first wanted one, when the mark has been there for longer."""


@dataclass(frozen=True, slots=True)
class Film:
    """A video that can be read by the numbers of its frames."""

    source: Path
    index: VideoIndex
    times: Times

    @staticmethod
    def load(value: Json) -> "Film":
        """From `{"source", "index", "times"}`: paths and `VideoIndex.dump()`."""
        times = Times.read(Path(value["times"]))
        return Film(Path(value["source"]), VideoIndex.load(value["index"]), times)

    @property
    def depth(self) -> int:
        """Bits per sample of what `stretch` gives."""
        pixels = str(self.index.recipe["pixels"])
        return next((bits for bits in (10, 12) if pixels.endswith(f"{bits}le")), 8)

    def stretch(self, first: int, end: int) -> Iterator[tuple[int, tuple[Plane, ...]]]:
        """The frames `first` to `end` - 1, or to the last one, as planes in the format they are written in."""
        wanted, pixels = first, self.index.recipe["pixels"]
        for number, frame in self._decoded(first, end):
            if wanted <= number < end:
                wanted = number + 1
                plain = frame if frame.format.name == pixels else frame.reformat(format=pixels)
                yield number, planes_of(plain)
            if number >= end - 1:
                return

    def spread(self, first: int, last: int, count: int) -> Iterator[tuple[int, tuple[Plane, ...]]]:
        """About `count` frames between two; in a long stretch those that need no other to be decoded, where there are any."""
        starts = [g.first + g.leading for g in self.index.groups if first <= g.first + g.leading <= last]
        if last - first < SHORT or self.index.ways[0] == "serial" or len(starts) < count // 2:
            wanted = {int(number) for number in np.linspace(first, last, count)}
            yield from (each for each in self.stretch(first, last + 1) if each[0] in wanted)
            return
        for place in np.linspace(0, len(starts) - 1, min(count, len(starts))).astype(int).tolist():
            yield from self.stretch(starts[place], starts[place] + 1)

    def shots(self, first: int, end: int) -> Iterator[tuple[int, tuple[Plane, ...], bool]]:
        """As `stretch`, and whether each frame is the first of a new shot."""
        cuts = Cuts()
        for number, planes in self.stretch(first, end):
            yield number, planes, cuts.looks(look_of(number, _eight_bits(planes, self.depth)))

    def _decoded(self, first: int, end: int) -> Iterator[tuple[int, Any]]:
        if self.index.ways[0] != "serial":
            try:
                yield from decoding.stretch(
                    self.source, self.index, self.times, first, min(end, self.index.frames)
                )
                return
            except Mismatch:
                pass  # the numbers of a full decode are the ones that count then
        yield from decoding.everything(self.source)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The hidden samples of one region in one frame."""

    hidden: tuple[NDArray[np.bool_], ...]
    """Of each plane's part of the region."""
    values: tuple[Plane, ...]
    """As many as are hidden, for each plane."""


class Ahead:
    """Patches of all regions, from one frame on."""

    def __init__(self, film: Film, regions: Sequence[Region], paint: Paint, begin: int) -> None:
        """`paint` fills what no other frame shows; `begin` is the first frame that will be asked for."""
        self._film, self._paint = film, paint
        self._begin = begin
        self._wanted = [region for region in regions if region.last >= begin]
        self._streams: dict[int, _Stream] = {}
        self._frames = self._read()
        self._over = False

    def at(self, number: int) -> Iterator[tuple[Region, Patch]]:
        """What is to be put into frame `number`; ask for ascending numbers."""
        for place, region in enumerate(self._wanted):
            if region.first > number:
                return
            if region.last < number:
                self._streams.pop(place, None)
                continue
            while not self._over and not self._ready(place, number):
                self._next()
            patch = self._streams[place].take(number) if place in self._streams else None
            if patch is not None:
                yield region, patch

    def _ready(self, place: int, number: int) -> bool:
        return place in self._streams and self._streams[place].ready(number)

    def _next(self) -> None:
        """Take one more frame in."""
        item = next(self._frames, None)
        if item is None:
            self._over = True
            for stream in self._streams.values():
                stream.finish()
            return
        number, planes, cut = item
        for place, region in enumerate(self._wanted):
            if region.first > number + 1:
                return
            if self._from(region) <= number <= region.last + 1:
                if place not in self._streams:
                    self._streams[place] = _Stream(region, planes, self._film.depth, self._paint)
                self._streams[place].push(number, planes, cut=cut)

    def _from(self, region: Region) -> int:
        return max(region.first - 1, self._begin - LEAD)

    def _read(self) -> Iterator[tuple[int, tuple[Plane, ...], bool]]:
        parts = [FrameRange(self._from(region), region.last + 2) for region in self._wanted]
        for part in merged(parts, 1 << 60):
            yield from self._film.shots(part.first, part.end)


class _Stream:
    """One region's fill."""

    def __init__(self, region: Region, planes: Sequence[Plane], depth: int, paint: Paint) -> None:
        self._region = region
        self._parts = parts(region, planes)
        shapes = [plane[part].shape for plane, part in zip(planes, self._parts, strict=True)]
        self._grey = len(planes) == 1
        chroma = shapes[0] if self._grey else shapes[1]
        self._form = Form((shapes[0][0], shapes[0][1]), (chroma[0], chroma[1]), depth)
        self._filler = FillStream(self._form, paint, STANDING if region.standing else 0.0)
        self._waiting: deque[tuple[int, NDArray[np.bool_]]] = deque()
        self._done: dict[int, Patch] = {}
        self._passed = -1
        """Number of the last frame that is finished."""

    def ready(self, number: int) -> bool:
        """Whether all is known of a frame."""
        return number <= self._passed

    def take(self, number: int) -> Patch | None:
        """The patch of a frame; earlier ones are forgotten."""
        for old in [each for each in self._done if each < number]:
            del self._done[old]
        return self._done.pop(number, None)

    def push(self, number: int, planes: Sequence[Plane], *, cut: bool) -> None:
        """The next frame."""
        own = [plane[part] for plane, part in zip(planes, self._parts, strict=True)]
        if self._grey:
            own += [np.zeros_like(own[0])] * 2
        hidden = self._region.hidden(number)
        self._waiting.append((number, hidden))
        lifted = None
        if hidden.any() and (veil := self._region.veil_at(number)) is not None:
            lifted = lift((own[0], own[1], own[2]), hidden, veil, self._form)
        clear = self._region.clear(number)
        if clear is not None:
            glass, where = clear
            back = cleared(own, glass, where, hidden, self._form)
            if back is not None:
                own, hidden = back
        self._keep(self._filler.push(Frame(own[0], own[1], own[2], hidden, lifted, cut=cut)))
        if number > self._region.last:
            self.finish()

    def finish(self) -> None:
        """Nothing more will come."""
        self._keep(self._filler.finish())

    def _keep(self, filled: Sequence[tuple[Plane, ...]]) -> None:
        for planes in filled:
            self._passed, hidden = self._waiting.popleft()
            if hidden.any():
                self._done[self._passed] = patch(planes[:1] if self._grey else planes, hidden, self._form)


def parts(region: Region, planes: Sequence[Plane]) -> list[tuple[slice, slice]]:
    """The region's rows and columns in each plane."""
    height, width = planes[0].shape
    found = []
    for plane in planes:
        down, across = (-(-side // own) for side, own in zip((height, width), plane.shape, strict=True))
        box = region.box
        found.append(
            (
                slice(box.y0 // down, -(-box.y1 // down)),
                slice(box.x0 // across, -(-box.x1 // across)),
            )
        )
    return found


def patch(planes: Sequence[Plane], hidden: NDArray[np.bool_], form: Form) -> Patch:
    """What is hidden in the filled planes of a region."""
    masks = (hidden, *(form.coarse(hidden) for _ in planes[1:]))
    return Patch(masks, tuple(plane[mask] for plane, mask in zip(planes, masks, strict=True)))


def _eight_bits(planes: Sequence[Plane], depth: int) -> list[Plane]:
    """Y, U and V."""
    own = [(plane >> (depth - 8)).astype(np.uint8) if depth > 8 else plane for plane in planes]
    return own if len(own) == 3 else [*own, *[np.full((2, 2), 128, np.uint8)] * 2]
