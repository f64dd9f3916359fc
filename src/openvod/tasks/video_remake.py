"""AiAnalysis.VideoRemakeTask: a film that looks the same to people, and different to machines."""

import hashlib

from openvod.core.errors import TaskFault
from openvod.core.models import Json, library_storage, path_of
from openvod.engines.analysis import measured, remake, vremake_options
from openvod.engines.video import Media
from openvod.tasks import Job, Kind, Outcome, OutputFile

FILE_TYPE = "AiAnalysis.VideoRemakeTaskk"
"""With two k, as the API's own description has it; the kind's type has one."""


def plan(job: Job) -> list[Json]:
    """What is measured, in segments of some minutes. Raises TaskFault for what cannot be done, before any work."""
    vremake_options.read(job.options)
    if job.facts["kind"] != "video" or not job.facts.get("video"):
        raise TaskFault("SourceFileError.NoVideoMedia")
    return measured.together(job, measured.plan(job))


def run(job: Job, segment: Json) -> Json:
    """Measure one segment, unless that is remembered."""
    if "all" in segment:
        return {"all": [run(job, each) for each in segment["all"]]}
    return measured.run(job, segment)


def join(job: Job, results: list[Json]) -> Outcome:
    """The new film, and a document that tells what was done, and how unlike the two are."""
    wish = vremake_options.read(job.options)
    features = measured.whole(job, measured.apart(results))
    media = Media(job.source, job.facts, job.models, job.folder, job.progress)
    made = remake.remake(media, job.content, features, wish)
    session = hashlib.sha256(repr((job.source.name, job.content, job.options)).encode()).hexdigest()[:32]
    return Outcome(
        {"Path": path_of(remake.VIDEO), "OutputStorage": library_storage()},
        (
            OutputFile(remake.VIDEO, f"vremake-{session}.mp4", f"{FILE_TYPE}.Video"),
            OutputFile(remake.EVIDENCE, f"vremake-{session}-evidence.json", f"{FILE_TYPE}.Evidence"),
        ),
        remake.ENGINE,
        (*wish.warnings, *made.notes),
    )


KIND = Kind("AiAnalysis.VideoRemakeTask", "AiAnalysisTaskVideoRemakeOutput", plan, run, join)
