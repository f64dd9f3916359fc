"""Which video is cut, and which of its frames are shown when? Examined once, for any number of clips."""

from bisect import bisect_left
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from openvod.core.errors import TaskFault
from openvod.media import rewrite
from openvod.media.excerpt.planning import end_of
from openvod.media.rewrite import Editor, FrameRange, Work
from openvod.media.rewrite.conduct import NOT_ALIKE
from openvod.media.rewrite.index import Times, VideoIndex

if TYPE_CHECKING:
    from openvod.media.rewrite.windows import Window

UNCHANGED = Editor("openvod.media.excerpt.original:unchanged", {})


@dataclass(frozen=True, slots=True)
class Original:
    """A video that clips can be cut from. Frames are numbered in order of display, from 0."""

    path: Path
    """The source, or where its packets cannot be trusted a copy of it, in the folder of the work."""
    index: VideoIndex
    folder: Path
    """Of what was found out about it, as `Work.folder`."""
    notes: tuple[str, ...] = ()
    is_settled: bool = False
    """Whether it is such a copy."""

    @property
    def times(self) -> Path:
        """A file of `Times`: when each frame is shown."""
        return (self.folder / "index" / "times").resolve()

    def between(self, begin: float, end: float) -> FrameRange:
        """The frames that begin to be shown from `begin` until `end`, both in seconds from the start of the video.

        A time within a third of a frame before a frame's means that frame: times are rounded on their way. At least one
        frame: the one shown at `begin`.
        """
        times = Times.read(self.times)
        slack = self.index.step // 3

        def ticks(seconds: float) -> int:
            return round(Fraction(seconds) / Fraction(*self.index.time_base)) + self.index.origin

        def number(time: int) -> int:
            return bisect_left(range(len(times)), time - slack, key=times.__getitem__)

        first = number(ticks(begin))
        if first == len(times) or (first and times[first] > ticks(begin) + slack):
            first -= 1  # what is shown then began earlier
        return FrameRange(first, max(first + 1, number(ticks(end))))

    def seconds(self, part: FrameRange) -> tuple[float, float]:
        """When a stretch begins and ends to be shown, in seconds from the start of the video."""
        times = Times.read(self.times)
        tick, origin = Fraction(*self.index.time_base), self.index.origin
        end = end_of(self.index, times, part)
        return float((times[part.first] - origin) * tick), float((end - origin) * tick)


def examine(source: Path, work: Work, *, decoded: int | None = None) -> Original:
    """Find out what `cut` must know of `source`.

    `decoded` is how many frames a full decode has given, by which frames are numbered. A file where that is not what its
    packets promise, or whose time stamps cannot be trusted, is written anew first, counting alike. Raises TaskFault,
    `sandbox.Crashed`, `sandbox.Cancelled`.
    """
    index = rewrite.examine(source, work)
    if index.ways[0] == "serial" or decoded not in (None, index.frames):
        return settled(Original(source.resolve(), index, work.folder), work)
    return Original(source.resolve(), index, work.folder)


def settled(original: Original, work: Work) -> Original:
    """A copy of the video in which every picture that decodes has a packet with its time. Raises TaskFault for a copy."""
    note = original.index.reason or "it does not decode to as many frames as it has packets"
    if original.is_settled:
        raise TaskFault("SourceFileError.ContentMalformed", reason=NOT_ALIKE)
    path = work.folder / "settled.mp4"
    made = rewrite.plan(original.index, [], 0, without=("copy", "whole"))
    report = rewrite.rewrite(original.path, path, made, UNCHANGED, work)
    inner = replace(work, folder=work.folder / "settled", progress=lambda _: None)
    index = rewrite.examine(path, inner)
    if index.ways[0] == "serial":
        raise TaskFault("SourceFileError.ContentMalformed", reason=NOT_ALIKE)
    notes = (f"written anew before it was cut: {note}", *report.notes)
    return Original(path.resolve(), index, inner.folder, notes, is_settled=True)


def unchanged(window: "Window") -> None:
    """An editor that leaves everything as it is."""
    del window
