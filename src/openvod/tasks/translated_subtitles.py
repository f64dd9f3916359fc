"""SmartSubtitle.TransTextTask: what is said, as subtitles in other languages."""

from openvod.core.models import Json, library_storage, url_of
from openvod.engines.subtitling import files, rows, said, translating
from openvod.tasks import Job, Kind, Outcome, OutputFile


def join(job: Job, results: list[Json]) -> Outcome:
    """Set it as cues, translate these, and write what was asked for in each language."""
    speech = said.said(job, results)
    spoken = speech.spoken
    versions = translating.versions(job, spoken, speech.language)
    done = [each for each in versions if each.fault is None]
    first = done[0]
    output: Json = {
        "SegmentSet": rows.segments(
            spoken.cues, spoken.utterances, with_words=speech.aligned, translations=first.texts
        ),
        "SubtitlePath": url_of(first.made.subtitle.name) if first.made.subtitle else "",
        "OutputStorage": library_storage(),
        "Path": first.made.told["Path"],
        "SubtitleResults": [each.told for each in versions],
    }
    return Outcome(
        output,
        tuple(
            OutputFile(file.name, file.name, f"{KIND.type}.{file.kind}")
            for each in done
            for file in each.made.files
        ),
        " / ".join(dict.fromkeys([speech.engine, *(each.engine for each in done if each.engine)])),
        (*speech.notes, *(note for each in done for note in (*each.notes, *each.made.notes))),
        notice=files.notice([text for each in versions for text in each.left_out]),
    )


KIND = Kind(
    "SmartSubtitle.TransTextTask", "SmartSubtitleTaskTransTextResultOutput", said.plan, said.run, join
)
