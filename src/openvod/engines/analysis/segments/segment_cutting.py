"""How do segments become files of their own? Each cut out exactly, with a picture of it; together they hold each frame once."""

import math
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openvod.engines.analysis.segments import segment
from openvod.engines.analysis.segments.segment import Segment
from openvod.engines.features import Features
from openvod.engines.subtitling.request import Job
from openvod.media import excerpt, inner_process
from openvod.media.excerpt import FrameRange, Original, Work
from openvod.media.sandbox import Limits

PROCESSES = 2
NO_LIMITS = Limits(math.inf, 0)
"""Helpers inherit those of the process that starts them."""
_EXAMINED, _SHOWN = 0.05, 0.1
"""Shares of the work when the film is examined, and when the pictures are there."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A segment as a file."""

    segment: Segment
    begin: float
    end: float
    """When its first frame is shown in the source, and when its last one no longer is, in seconds."""
    frames: FrameRange
    video: str
    """Names of files in the job's folder."""
    cover: str
    notes: tuple[str, ...]
    """For the operator's eyes."""


def cut(job: Job, found: Features, segments: Sequence[Segment]) -> list[Cut]:
    """Write a video and a cover for each segment in which a frame is shown. For a media process. Raises TaskFault, Crashed."""
    work = Work(
        job.folder / "cutting",
        NO_LIMITS,
        processes=max(1, min(PROCESSES, len(os.sched_getaffinity(0)))),
        call=inner_process.call,
    )
    original = excerpt.examine(job.source, work, decoded=found.frames)
    job.progress(_EXAMINED)
    ranges = partition(original, segments)
    covers = _covers(original, found, ranges)
    names = {number: f"cover-{place:02}.jpg" for place, number in enumerate(dict.fromkeys(covers), 1)}
    excerpt.stills(original, dict(sorted(names.items())), job.folder, work)
    job.progress(_SHOWN)
    made = []
    for place, (each, frames) in enumerate(ranges):
        told = Work(
            work.folder, NO_LIMITS, work.processes, _share(job.progress, place, len(ranges)), call=work.call
        )
        name = f"segment-{place + 1:02}.mp4"
        result = excerpt.cut(original, [frames], job.folder / name, told)
        begin, end = original.seconds(frames)
        notes = tuple(f"{name}: {note}" for note in result.report.notes)
        made.append(Cut(each, round(begin, 3), round(end, 3), frames, name, names[covers[place]], notes))
    shutil.rmtree(work.folder, ignore_errors=True)
    return made


def partition(original: Original, segments: Sequence[Segment]) -> list[tuple[Segment, FrameRange]]:
    """The frames of each segment: the first begins with the first frame, each goes up to where the next begins, the last one
    to the end. Segments without a frame are left out.
    """
    starts = [original.between(each.part.start, each.part.start).first for each in segments]
    edges = [0, *starts[1:], original.index.frames]
    pairs = zip(segments, edges, edges[1:], strict=False)
    return [(each, FrameRange(first, end)) for each, first, end in pairs if first < end]


def _covers(original: Original, found: Features, ranges: Sequence[tuple[Segment, FrameRange]]) -> list[int]:
    """The number of the frame that stands for each segment."""
    numbers = []
    for _, frames in ranges:
        begin, end = original.seconds(frames)
        moment = segment.cover(found, begin, end)
        numbers.append(min(max(original.between(moment, moment).first, frames.first), frames.end - 1))
    return numbers


def _share(progress: Callable[[float], None], place: int, count: int) -> Callable[[float], None]:
    return lambda value: progress(_SHOWN + (1 - _SHOWN) * (place + value) / count)
