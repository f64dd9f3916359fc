"""SmartSubtitle.AsrFullTextTask: what is said, as subtitles in the language it is said in."""

from openvod.core.models import Json, library_storage, url_of
from openvod.engines.subtitling import files, request, rows, said
from openvod.tasks import Job, Kind, Outcome, OutputFile


def join(job: Job, results: list[Json]) -> Outcome:
    """Believe it or refuse it, set it as cues, and write what was asked for."""
    speech = said.said(job, results)
    spoken, wish = speech.spoken, request.wish(job)
    made = files.write(request.media(job), spoken.cues, spoken.report, f"subtitle-{speech.language}", wish)
    output: Json = {
        "SegmentSet": rows.segments(spoken.cues, spoken.utterances, with_words=speech.aligned),
        "Path": made.told["Path"],
        "SubtitlePath": url_of(made.subtitle.name) if made.subtitle else "",
        "OutputStorage": library_storage(),
    }
    if made.files:
        output["SubtitleInfo"] = {"Language": speech.language, "Status": "Success", **made.told}
    return Outcome(
        output,
        tuple(OutputFile(each.name, each.name, f"{KIND.type}.{each.kind}") for each in made.files),
        speech.engine,
        (*speech.notes, *made.notes),
        notice=files.notice((*speech.ignored, *made.left_out)),
    )


KIND = Kind(
    "SmartSubtitle.AsrFullTextTask", "SmartSubtitleTaskAsrFullTextResultOutput", said.plan, said.run, join
)
