"""In which pieces is the work on a file planned and done? What is said and what is measured, alone or together."""

from collections.abc import Sequence

from openvod.core.models import Json
from openvod.engines.analysis import measured
from openvod.engines.analysis.text import said
from openvod.engines.subtitling.request import Job

SHORT = 120.0
"""Seconds; all that is done for a shorter file is one piece: starting a process costs more than the work."""


def together(job: Job, segments: Sequence[Json]) -> list[Json]:
    """The segments of all work on a file: as one for a short file."""
    if float(job.facts.get("duration") or 0.0) <= SHORT:
        return [{"all": list(segments)}]
    return list(segments)


def run(job: Job, segment: Json) -> Json:
    """Recognise, read or measure what one segment of `together` asks for, unless that is remembered: `run` of each kind
    that plans by it.
    """
    if "all" in segment:
        return {"all": [run(job, each) for each in segment["all"]]}
    return measured.run(job, segment) if "measured" in segment else said.run(job, segment)


def apart(results: Sequence[Json]) -> list[Json]:
    """The results of all segments, whether these were put together or not."""
    return [inner for each in results for inner in each.get("all", (each,))]
