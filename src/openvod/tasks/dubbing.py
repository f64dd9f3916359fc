"""AiAnalysis.DubbingTask: a film that speaks another language, over its own sound; recognised, or by given subtitles."""

import json
from dataclasses import replace

from openvod.core import dubbing_files
from openvod.core.dubbing_files import SOURCE, SPEAKERS, TARGET
from openvod.core.errors import TaskFault
from openvod.core.models import Json, file_id_of, library_storage, path_of
from openvod.core.texts import Text, listed
from openvod.engines.analysis.text import said
from openvod.engines.dubbing import lines, wish
from openvod.engines.dubbing.dub import Dubbed, Tools, dub, translated
from openvod.engines.dubbing.lines import Line, Script
from openvod.engines.dubbing.wish import Wish
from openvod.engines.subtitling import request
from openvod.engines.translation.detect import language_of
from openvod.media import captions, cue_profiles
from openvod.media.captions import Cue
from openvod.tasks import Job, Kind, Outcome, OutputFile

GIVEN: Json = {"given": True}
"""The segment of a plan that has nothing to recognise."""


def plan(job: Job) -> list[Json]:
    """What is said, in segments of some minutes; one without work where the request brings the lines along."""
    wish.read(job.options)  # a wrong one fails now
    if job.facts["kind"] not in {"video", "audio"}:
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    for name in dubbing_files.urls(job.options):
        if not (job.folder / name).is_file():
            reason = Text("it could not be fetched", "无法下载")
            raise TaskFault("InvalidInput/given-file", field=dubbing_files.FIELDS[name], reason=reason)
    if dubbing_files.urls(job.options):
        return [GIVEN]
    return said.plan(job)


def run(job: Job, segment: Json) -> Json:
    """Recognise one segment."""
    return GIVEN if segment == GIVEN else said.run(job, segment)


def join(job: Job, results: list[Json]) -> Outcome:
    """The dubbed film, its lines as a speaker file, and its subtitles."""
    wanted = wish.read(job.options)
    profile = cue_profiles.chosen("", job.settings["cue_profile"])
    tools = Tools(job.ask, job.models, profile)
    script = translated(_script(job, results, wanted), tools)
    notice: list[Text] = []
    if not any(line.instead for line in script.lines):
        notice.append(Text("nobody speaks in the file", "文件中没有语音"))
    done = dub(request.media(job), script, wanted.prefix, wanted.template() if wanted.embed else None, tools)
    names = {kind: f"{wanted.prefix}.{ending}" for kind, ending in (("Speaker", "json"), ("Subtitle", "vtt"))}
    lines.write_document(script, job.folder / names["Speaker"])
    (job.folder / names["Subtitle"]).write_text(captions.write_vtt(done.cues), encoding="utf-8", newline="")
    files = (
        OutputFile(done.file, done.file, f"{KIND.type}.Video"),
        *(OutputFile(name, name, f"{KIND.type}.{kind}") for kind, name in names.items()),
    )
    return Outcome(
        _output(done, names),
        files,
        done.engine,
        (*wanted.warnings, *done.notes),
        notice=listed([*notice, *done.left_out]),
    )


def _output(done: Dubbed, names: dict[str, str]) -> Json:
    """An AiAnalysisTaskDubbingOutput."""
    return {
        "VideoPath": path_of(done.file),
        "VideoFileId": file_id_of(done.file),
        "SpeakerPath": path_of(names["Speaker"]),
        "SpeakerFileId": file_id_of(names["Speaker"]),
        "VoiceId": "",
        "OutputStorage": library_storage(),
        "ExtraOutput": json.dumps({"engine": done.engine}),
    }


def _script(job: Job, results: list[Json], wanted: Wish) -> Script:
    """What is said when: as the request has it, else as it is heard."""
    if (job.folder / SPEAKERS).is_file():
        return lines.read_speakers(job.folder / SPEAKERS, wanted.target)
    given = [name for name in (SOURCE, TARGET) if (job.folder / name).is_file()]
    if given:
        return _of_subtitles(job, given, wanted)
    found = said.join(job, results)
    cues = tuple(Line(each.start, each.end, each.text) for each in found.passages)
    return Script(cues, found.language, wanted.target, found.engine)


def _of_subtitles(job: Job, given: list[str], wanted: Wish) -> Script:
    """The lines of one subtitle, or of two whose cues stand at the same times."""
    read = {name: lines.read_subtitle(job.folder / name, name) for name in given}
    main = lines.of_cues(read[TARGET] if TARGET in read else read[SOURCE])
    source = (
        wanted.source
        if wanted.source != "auto"
        else language_of(cue_text(cue) for cue in read.get(SOURCE, ())) or ""
    )
    if TARGET not in read:
        return Script(main, source, wanted.target, "given subtitles")
    told = {round(cue.start, 1): cue_text(cue) for cue in read.get(SOURCE, ())}
    spoken = tuple(replace(line, said=told.get(round(line.start, 1), ""), instead=line.said) for line in main)
    return Script(spoken, source, wanted.target, "given subtitles")


def cue_text(cue: Cue) -> str:
    """What a cue says, in one line."""
    return " ".join(cue.lines)


KIND = Kind("AiAnalysis.DubbingTask", "AiAnalysisTaskDubbingOutput", plan, run, join)
