"""AiAnalysis.DescriptionTask: what a file is about: title, summary, keywords, chapters, and a mind map of these."""

import json
from collections.abc import Sequence

from openvod.core.errors import TaskFault
from openvod.core.models import Json, library_storage, path_of, url_of
from openvod.core.texts import Text, listed
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions import des_options, describing, evidence, mind_map
from openvod.engines.analysis.descriptions.description import Description, Part
from openvod.engines.analysis.text import chapters, said
from openvod.engines.analysis.text.passages import joined
from openvod.engines.analysis.text.said import Said
from openvod.media import captions, cue_profiles, cues, file_chapters
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "description-evidence.json"


def plan(job: Job) -> list[Json]:
    """What is said and measured in segments of some minutes; what stands on the picture when that is asked for."""
    wish = des_options.read(job.options)
    return pieces.together(job, [*said.plan(job, need_ocr=wish.need_ocr), *measured.plan(job)])


def join(job: Job, results: list[Json]) -> Outcome:
    """Describe it, and write what belongs to the description."""
    wish = des_options.read(job.options)
    results = pieces.apart(results)
    words, figures = said.join(job, results), measured.join(job, results)
    if not words.passages:
        silent = Text("there are no words in the file to describe", "文件中没有可供描述的语音或文字")
        return Outcome(
            {"DescriptionSet": []},
            engine=words.engine,
            warnings=(*wish.warnings, *words.left_out),
            notice=listed([*words.missing, silent]),
        )
    parts = chapters.chapters(
        words.passages,
        max(float(job.facts.get("duration") or 0.0), *(each.end for each in words.passages)),
        shots=figures.shots,
        own=file_chapters.own(job.source, job.facts),
        limits=chapters.Limits(longest=wish.longest),
    )
    made = describing.describe(job, words, parts, wish)
    files, missing, notes = _files(job, words, made.description)
    return Outcome(
        {"DescriptionSet": [_item(made.description, files)]},
        files,
        " / ".join(filter(None, (made.description.engine, words.engine))),
        (*wish.warnings, *words.left_out, *figures.left_out, *made.warnings, *notes),
        notice=listed([*words.missing, *made.missing, *missing]),
    )


def _files(
    job: Job, words: Said, description: Description
) -> tuple[tuple[OutputFile, ...], tuple[Text, ...], tuple[str, ...]]:
    """The files, why one is missing, and notes for the operator."""
    document = evidence.of_description(description, words.passages)
    (job.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    files = [OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence")]
    if words.utterances:
        files.append(_subtitle(job, words))
    try:
        notes = mind_map.draw(description, job.models, job.folder)
    except TaskFault as fault:
        return tuple(files), (Text(f"no mind map: {fault.en}", f"无思维导图:{fault.zh}"),), ()
    files.append(OutputFile(mind_map.FILE, mind_map.FILE, f"{KIND.type}.MindMap"))
    return tuple(files), (), notes


def _subtitle(job: Job, words: Said) -> OutputFile:
    """What was recognised, as a subtitle file."""
    profile = cue_profiles.chosen("", job.settings["cue_profile"])
    name = f"subtitle-{words.language}.vtt"
    text = captions.write_vtt(cues.lay_out(words.utterances, profile))
    (job.folder / name).write_text(text, encoding="utf-8", newline="")
    return OutputFile(name, name, f"{KIND.type}.Subtitle")


def _item(description: Description, files: Sequence[OutputFile]) -> Json:
    """A MediaAiAnalysisDescriptionItem."""
    named = {each.file_type.rpartition(".")[2]: each.name for each in files}
    picture, subtitle = named.get("MindMap"), named.get("Subtitle")
    return {
        "Description": description.text,
        "Confidence": description.confidence,
        "Title": description.title,
        "Keywords": [each.phrase for each in description.keywords],
        "Paragraphs": [_paragraph(part, description.language) for part in description.parts],
        "MindMapUrl": url_of(picture) if picture else "",
        "MindMapPath": path_of(picture) if picture else "",
        "SubtitlePath": path_of(subtitle) if subtitle else "",
        "OutputStorage": library_storage(),
    }


def _paragraph(part: Part, language: str) -> Json:
    """An AiParagraphInfo."""
    return {
        "Summary": joined((each.text for each in part.summary), language),
        "Title": part.title,
        "Keywords": [each.phrase for each in part.keywords],
        "StartTimeOffset": part.start,
        "EndTimeOffset": part.end,
    }


KIND = Kind("AiAnalysis.DescriptionTask", "AiAnalysisTaskDescriptionOutput", plan, pieces.run, join)
