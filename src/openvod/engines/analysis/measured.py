"""What was measured in a file that helps to tell its text's parts and kind? Shots, speech and music, from its features."""

from collections.abc import Sequence
from dataclasses import dataclass

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines import cue_tags, features
from openvod.engines.features import Features
from openvod.engines.subtitling.request import Job


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of a file; all empty where nothing was measured."""

    shots: tuple[float, ...] = ()
    """Seconds at which shots begin, but for the first."""
    speech: tuple[tuple[float, float], ...] = ()
    """Start and end in seconds of each stretch that is speech beyond doubt."""
    music: float = 0.0
    """How sure it is that there is music, 0 to 100."""
    left_out: tuple[str, ...] = ()
    """For the operator's eyes."""


def plan(job: Job) -> list[Json]:
    """Segments, apart from those of other work; none for what is neither film nor sound."""
    if job.facts["kind"] not in {"video", "audio"}:
        return []
    return [{"measured": part} for part in features.plan(film(job))]


def run(job: Job, segment: Json) -> Json:
    """Measure one segment, unless that is remembered."""
    return {"measured": features.measure(film(job), segment["measured"])}


def whole(job: Job, results: Sequence[Json]) -> Features:
    """Everything that was measured, from the results of all segments, in order; those of other work are passed over.
    Raises TaskFault when no track could be read.
    """
    return features.joined(film(job), [each["measured"] for each in results if "measured" in each])


def join(job: Job, results: Sequence[Json]) -> Measured:
    """From the results of all segments, in order; those of other work are passed over. What could not be read is left
    out: the words are there without it.
    """
    if not any("measured" in each for each in results):
        return Measured()
    try:
        found = whole(job, results)
    except TaskFault as fault:
        return Measured(left_out=(f"nothing measured: {fault.en}",))
    figures = found.sound.figures
    tags = {tag.name: tag.confidence for tag in cue_tags.sound_tags(figures)} if figures else {}
    return Measured(
        shots=tuple(shot.start for shot in found.shots[1:]),
        speech=tuple((each.span.start, each.span.end) for each in found.sound.stretches if each.certain),
        music=tags.get("music", 0.0),
        left_out=tuple(f"not measured: {fault['en']}" for fault in found.faults),
    )


def film(job: Job) -> features.Film:
    """The job's file, measured as its settings say."""
    precise = bool(job.settings.get("precise_shots"))
    return features.Film(
        job.source, job.facts, job.content, job.models, job.ask, precise=precise, progress=job.progress
    )
