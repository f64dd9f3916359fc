"""AiAnalysis.HorizontalToVerticalTask: a film in another shape, with what matters kept in the picture."""

from collections.abc import Sequence

from openvod.core.models import Json, library_storage, path_of
from openvod.core.texts import Text
from openvod.engines import catalog, faces
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.remakes import htv_options, making, vertical
from openvod.engines.video import need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

FINDING_FACES = Text("`htv.AlgorithmType` 3", "`htv.AlgorithmType` 3")


def plan(job: Job) -> list[Json]:
    """What is measured, in segments of some minutes. Raises TaskFault for what is not a film, before any work."""
    wish = htv_options.read(job.options)
    need_picture(job.facts)
    if wish.faces_only:
        catalog.file(job.models, faces.MODEL, "centerface.onnx", FINDING_FACES)
    return pieces.together(job, measured.plan(job))


def join(job: Job, results: list[Json]) -> Outcome:
    """The film in its new shape, and a document that tells how each shot is framed, and why."""
    wish = htv_options.read(job.options)
    features = measured.whole(job, pieces.apart(results))
    made = vertical.reframe(making.media(job), job.content, features, wish, job.ask)
    title = vertical.title(wish, making.session(job))
    return Outcome(
        {"Path": path_of(vertical.VIDEO), "OutputStorage": library_storage(), "Confidence": made.confidence},
        (
            OutputFile(vertical.VIDEO, f"{title}.mp4", f"{KIND.type}.Video"),
            OutputFile(vertical.EVIDENCE, f"{title}-evidence.json", f"{KIND.type}.Evidence"),
        ),
        f"{vertical.ENGINE} / {faces.ENGINE}",
        (*wish.warnings, *made.notes),
        notice=_notice(made.missing),
    )


def _notice(missing: Sequence[Text]) -> Text | None:
    """What the Message says in place of SUCCESS."""
    if not missing:
        return None
    return Text("; ".join(each.en for each in missing), ";".join(each.zh for each in missing))


KIND = Kind(
    "AiAnalysis.HorizontalToVerticalTask", "AiAnalysisTaskHorizontalToVerticalOutput", plan, pieces.run, join
)
