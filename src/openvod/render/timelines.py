"""Which stretches of its video has a finished task found? Its stored outputs as timelines for editors and players."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openvod.core import remembered
from openvod.core.models import Json
from openvod.media import timelines
from openvod.media.timecode import rate_of
from openvod.media.timelines import Span, Timeline
from openvod.store import Store
from openvod.store.tasks import TaskRecord

_NAME = 80
"""Characters of a span's name where it is made of words that were said."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that timelines are written as."""

    write: Callable[[Timeline], str]
    """Raises ValueError where the timeline does not fit into the format."""
    extension: str
    content_type: str


FORMATS = {
    "edl": Format(timelines.edl, "edl", "text/plain; charset=utf-8"),
    "otio": Format(timelines.otio, "otio", "application/json"),
    "chapters": Format(timelines.chapters, "vtt", "text/vtt; charset=utf-8"),
    "ffmetadata": Format(timelines.ffmetadata, "txt", "text/plain; charset=utf-8"),
}


def timelines_of(store: Store, task: TaskRecord, *, drops: bool | None = None) -> list[Timeline]:
    """What each part that succeeded has found in the task's video, e.g. `Segment`, `Highlight 2`, and `Shots` as long as they
    are remembered; parts without times are left out.

    `drops` as for `rate_of`, whose ValueError passes. Raises KeyError for a task without a file in the library, and
    ValueError for a source without pictures.
    """
    media = store.tasks.source_of(task.id)
    video = media.facts.get("video")
    if not video or not video["fps"]:
        raise ValueError(f"{media.file_id} is no video: it has no frames to count")
    rate = rate_of(video["fps"], drops=drops)
    seconds = float(media.facts["duration"])
    known = store.memory.recall(task.sub_app_id, remembered.SHOTS, [remembered.about_shots(media.md5)])[0]
    found = [
        each
        for part in task.sub_tasks
        if part.status == "SUCCESS" and part.output
        for each in _found(part.type, part.output, seconds)
    ]
    return [
        Timeline(
            name=name,
            source=media.name,
            rate=rate,
            seconds=seconds,
            spans=spans,
            has_sound=bool(media.facts["audio"]),
            is_steady=not video["variable_rate"],
            first=timelines.phase([span.begin for span in spans], rate),
        )
        for name, spans in (*found, *_shots(known))
    ]


def _shots(known: Json | None) -> Iterator[tuple[str, tuple[Span, ...]]]:
    rows = known["shots"] if known else []
    spans = tuple(
        Span(begin, end, f"Shot {number}", entry) for number, (begin, end, entry) in enumerate(rows, 1)
    )
    if spans:
        yield "Shots", spans


def _found(kind: str, output: Json, seconds: float) -> Iterator[tuple[str, tuple[Span, ...]]]:
    """The lists of spans in an output, each with its name."""
    name = kind.rpartition(".")[2].removesuffix("Task")
    clips = output.get("HighlightSet") or []
    for number, clip in enumerate(clips, 1):
        if spans := tuple(_spans(clip.get("SegmentSet") or [])):
            yield name if len(clips) == 1 else f"{name} {number}", spans
    if spans := tuple(_spans(output.get("SegmentSet") or [])):
        yield name, spans
    if spans := tuple(_programme(output, seconds)):
        yield name, spans


def _spans(rows: Iterable[Json]) -> Iterator[Span]:
    for row in rows:
        begin, end = row.get("StartTimeOffset"), row.get("EndTimeOffset")
        if isinstance(begin, int | float) and isinstance(end, int | float) and 0 <= begin < end:
            tags = [_word(tag) for tag in [*(row.get("SegmentTags") or []), *(row.get("TagSet") or [])]]
            name = row.get("Title") or ", ".join(tags) or str(row.get("Text") or "")[:_NAME]
            note = row.get("Summary") or (", ".join(tags) if row.get("Title") else "")
            yield Span(float(begin), float(end), str(name), str(note))


def _word(tag: Any) -> str:
    return str(tag.get("Tag") or "") if isinstance(tag, dict) else str(tag)


def _programme(output: Json, seconds: float) -> Iterator[Span]:
    """What lies before, between and after the ends of opening and programme."""
    head, tail = (float(output.get(name) or 0) for name in ("HeadTimeOffset", "TailTimeOffset"))
    if not head and not tail:
        return
    tail = tail if head < tail < seconds else seconds
    parts = (("Opening", 0.0, head), ("Programme", head, tail), ("Ending", tail, seconds))
    yield from (Span(begin, end, name) for name, begin, end in parts if begin < end)
