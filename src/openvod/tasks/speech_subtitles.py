"""SmartSubtitle.AsrFullTextTask: what is said, as subtitles in the language it is said in."""

from openvod.core.models import Json, library_storage, url_of
from openvod.engines.subtitling import files, hearing, request, rows, setting
from openvod.tasks import Job, Kind, Outcome, OutputFile


def plan(job: Job) -> list[Json]:
    """Find where somebody speaks, and share it out in segments of some minutes of speech."""
    request.profile(job)  # one that does not exist fails now, not in an hour
    return hearing.plan(hearing.sound_of(job))


def run(job: Job, segment: Json) -> Json:
    """Recognise one segment."""
    return hearing.hear(hearing.sound_of(job), segment)


def join(job: Job, results: list[Json]) -> Outcome:
    """Believe it or refuse it, set it as cues, and write what was asked for."""
    heard = hearing.heard(hearing.sound_of(job), results)
    spoken = setting.as_cues(job, heard)
    made = files.write(
        request.media(job),
        spoken.cues,
        spoken.report,
        f"subtitle-{heard.language}",
        request.wish(job.options),
    )
    output: Json = {
        "SegmentSet": rows.segments(spoken.cues, spoken.utterances, with_words=heard.aligned),
        "Path": made.told["Path"],
        "SubtitlePath": url_of(made.subtitle.name) if made.subtitle else "",
        "OutputStorage": library_storage(),
    }
    if made.files:
        output["SubtitleInfo"] = {"Language": heard.language, "Status": "Success", **made.told}
    return Outcome(
        output,
        tuple(OutputFile(each.name, each.name, f"{KIND.type}.{each.kind}") for each in made.files),
        heard.engine,
        (*heard.left_out, *spoken.shortfalls(), *made.notes),
        notice=files.notice(made.left_out),
    )


KIND = Kind("SmartSubtitle.AsrFullTextTask", "SmartSubtitleTaskAsrFullTextResultOutput", plan, run, join)
