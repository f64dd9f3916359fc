"""Which chapters does a media file name itself? Of MP4, Matroska and others, as their table says, unjudged."""

from dataclasses import dataclass
from pathlib import Path

from openvod.core.models import Json
from openvod.media.probe import open_media

MOST = 1000
LONGEST_TITLE = 300
"""Characters; a file may claim anything."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A chapter; times in seconds from the start of the file."""

    start: float
    end: float
    title: str = ""


def own(source: Path, facts: Json) -> tuple[Mark, ...]:
    """`read` of a file as `media.probe` found it; none of what is neither film nor sound."""
    if facts["kind"] not in {"video", "audio"}:
        return ()
    return read(source, float(facts.get("start") or 0.0))


def read(source: Path, begin: float = 0.0) -> tuple[Mark, ...]:
    """The file's chapters, in its order. `begin` is its first time stamp (`MediaFacts.start`).

    Runs in media processes only. Raises TaskFault as `probe.open_media` does.
    """
    with open_media(source) as container:
        rows = container.chapters()[:MOST]
    marks = []
    for row in rows:
        unit = float(row["time_base"] or 0)
        start, end = row["start"] * unit - begin, row["end"] * unit - begin
        title = " ".join(row.get("metadata", {}).get("title", "")[:LONGEST_TITLE].split())
        marks.append(Mark(round(start, 3), round(end, 3), title))
    return tuple(marks)
