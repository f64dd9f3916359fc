"""AiAnalysis.VideoRemakeTask: a film that looks the same to people, and different to machines."""

from openvod.core.models import Json, library_storage, path_of
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.remakes import making, remake, vremake_options
from openvod.engines.video import need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

FILE_TYPE = "AiAnalysis.VideoRemakeTaskk"
"""With two k, as the API's own description has it; the kind's type has one."""


def plan(job: Job) -> list[Json]:
    """What is measured, in segments of some minutes. Raises TaskFault for what cannot be done, before any work."""
    vremake_options.read(job.options)
    need_picture(job.facts)
    return pieces.together(job, measured.plan(job))


def join(job: Job, results: list[Json]) -> Outcome:
    """The new film, and a document that tells what was done, and how unlike the two are."""
    wish = vremake_options.read(job.options)
    features = measured.whole(job, pieces.apart(results))
    made = remake.remake(making.media(job), job.content, features, wish)
    session = making.session(job)
    return Outcome(
        {"Path": path_of(remake.VIDEO), "OutputStorage": library_storage()},
        (
            OutputFile(remake.VIDEO, f"vremake-{session}.mp4", f"{FILE_TYPE}.Video"),
            OutputFile(remake.EVIDENCE, f"vremake-{session}-evidence.json", f"{FILE_TYPE}.Evidence"),
        ),
        remake.ENGINE,
        (*wish.warnings, *made.notes),
    )


KIND = Kind("AiAnalysis.VideoRemakeTask", "AiAnalysisTaskVideoRemakeOutput", plan, pieces.run, join)
