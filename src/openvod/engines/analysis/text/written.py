"""What stands on the picture, sentence by sentence? Captions that come and go, read stretch by stretch and remembered."""

from collections.abc import Sequence

from openvod.core.models import Json
from openvod.engines import ocr
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.terms import terms
from openvod.engines.screen_text import readers, reading
from openvod.engines.subtitling.request import Job

ENGINE = ocr.ENGINE
AROUND = 3.0
"""Seconds around a caption in which it may be said as well."""
SAID = 0.6
"""Share of a caption's terms that are said at its time, from which it is a subtitle of what is said."""


def plan(job: Job) -> list[Json]:
    """Stretches of some minutes."""
    return reading.plan(_film(job))


def run(job: Job, segment: Json) -> Json:
    """Read one stretch, unless that is remembered. Raises TaskFault when the model is not installed."""
    return reading.read(_film(job), segment)


def join(results: Sequence[Json]) -> tuple[Passage, ...]:
    """The captions of all stretches, in order of time."""
    return tuple(
        Passage(
            round(one.start, 3),
            round(one.end, 3),
            " ".join(one.text.split()),
            "written",
            round(100 * one.confidence, 2),
        )
        for one in reading.joined(results)
        if one.text.strip()
    )


def beside(said: Sequence[Passage], captions: Sequence[Passage]) -> tuple[Passage, ...]:
    """What is said, and the captions that say something else."""
    new = [each for each in captions if not _is_said(each, said)]
    return tuple(sorted([*said, *new], key=lambda each: (each.start, each.end)))


def _is_said(caption: Passage, said: Sequence[Passage]) -> bool:
    own = set(terms(caption.text))
    near = {
        term
        for each in said
        if each.start < caption.end + AROUND and each.end > caption.start - AROUND
        for term in terms(each.text)
    }
    return bool(own) and len(own & near) >= SAID * len(own)


def _film(job: Job) -> reading.Film:
    return reading.Film(
        job.source,
        job.facts,
        job.content,
        job.models,
        readers.installed(job.models),
        ask=job.ask,
        progress=job.progress,
    )
