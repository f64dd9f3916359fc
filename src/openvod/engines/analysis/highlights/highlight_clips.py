"""How do highlights become files? Each a clip, exact to the frame, and a cover; in a media process."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.analysis.covers import cover, cover_frames
from openvod.engines.analysis.covers.cover_frames import Moment, Shown, Video
from openvod.engines.analysis.highlights.highlight import Highlight
from openvod.engines.features import Features
from openvod.media import excerpt
from openvod.media.excerpt import Work

CUT_SHARE = 0.9
"""Share of the work that is cutting."""


@dataclass(frozen=True, slots=True)
class Source:
    """The film that is cut."""

    path: Path
    facts: Json
    found: Features
    folder: Path
    """Files are written here."""
    progress: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Clip:
    """A file with one highlight or more."""

    parts: tuple[Highlight, ...]
    spans: tuple[tuple[float, float], ...]
    """When each of them begins and ends in the film, by its frames."""
    seconds: float
    file: str
    cover: str
    """Empty where every picture of it is black."""
    shown: Shown | None
    notes: tuple[str, ...]
    """For the operator's eyes."""


def make(source: Source, groups: Sequence[Sequence[Highlight]]) -> list[Clip]:
    """A clip of each group, in the order given: `hht-1.mp4` and `hht-1.jpg`, and so on. Raises TaskFault and
    `sandbox.Crashed`."""
    work = cover_frames.work_in(source.folder / "highlights-work")
    try:
        video = cover_frames.examined(source.path, source.facts, work)
        clips = []
        for place, group in enumerate(groups):
            told = _within(source.progress, place, len(groups))
            clips.append(_cut(source, video, group, replace(work, progress=told), f"hht-{place + 1}"))
        return _with_covers(source, video, clips, work)
    finally:
        shutil.rmtree(work.folder, ignore_errors=True)


def _within(progress: Callable[[float], None], place: int, count: int) -> Callable[[float], None]:
    return lambda value: progress(CUT_SHARE * (place + value) / count)


def _cut(source: Source, video: Video, group: Sequence[Highlight], work: Work, stem: str) -> Clip:
    ranges = [video.frames(each.start, each.end) for each in group]
    made = excerpt.cut(video.original, ranges, source.folder / f"{stem}.mp4", work)
    report = made.report
    note = f"{stem}: {report.encoded} of {report.frames} frames encoded anew ({report.way})"
    spans = tuple((round(begin, 3), round(end, 3)) for begin, end in map(video.seconds, ranges))
    return Clip(tuple(group), spans, round(made.seconds, 3), f"{stem}.mp4", "", None, (note, *report.notes))


def _with_covers(source: Source, video: Video, clips: Sequence[Clip], work: Work) -> list[Clip]:
    moments = {place: moment for place, clip in enumerate(clips) if (moment := _moment(source.found, clip))}
    if not moments:
        return [*clips]
    wanted = [*moments.values()]
    try:
        shown = cover_frames.write(video, wanted, source.folder, replace(work, progress=lambda _: None))
    except TaskFault as fault:
        if fault.code != cover_frames.DAMAGED:
            raise
        shown = cover_frames.covers(source.path, source.facts, wanted, source.folder, source.found.frames)
    by_place = dict(zip(moments, shown, strict=True))
    return [
        replace(clip, cover=moments[place].name, shown=by_place[place]) if place in by_place else clip
        for place, clip in enumerate(clips)
    ]


def _moment(found: Features, clip: Clip) -> Moment | None:
    """The best picture of a clip, inside it."""
    picks = [
        (pick, span) for span in clip.spans for pick in cover.picks(found, cover.Wanted(most=1, between=span))
    ]
    if not picks:
        return None
    best, (begin, end) = max(picks, key=lambda each: each[0].score)
    frame = 1 / found.rate if found.rate else 0.0
    inside = [min(max(time, begin), max(begin, end - frame)) for time in (best.time, *best.window)]
    return Moment(inside[0], (inside[1], inside[2]), f"{Path(clip.file).stem}.jpg")
