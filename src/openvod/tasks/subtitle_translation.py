"""SmartSubtitle.PureSubtitleTransTask: a subtitle file in other languages.

The file is the library file itself, or a subtitle that was added to a video. `SubtitleFormat` `original`, and the file's
own format, keep everything but the words: markup, positions, notes. Of another format only words and times are kept.
SubtitleType 2 puts the translation below the original text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json, file_id_of, library_storage, path_of
from openvod.core.texts import Text, listed
from openvod.engines.subtitling import request
from openvod.engines.translation import Errand, TranslatedCues, glossary, languages, translate_cues
from openvod.media import captions, dialogue, subtitle_files
from openvod.media.captions import Cue
from openvod.media.cue_profiles import Profile
from openvod.media.subtitle_files import Entry, SubtitleFile
from openvod.tasks import Job, Kind, Outcome, OutputFile

MOST_NAMED = 10


def plan(job: Job) -> list[Json]:
    """One segment for each target language."""
    _read(job)
    targets = request.targets(job.options)
    for target in targets:
        glossary.of(job.options.get("ExtInfo", ""), target)
    request.profile(job)
    return [{"target": target, "only": len(targets) == 1} for target in targets]


def run(job: Job, segment: Json) -> Json:
    """Translate into one language. A fault is this language's only, unless there is no other."""
    file = _read(job)
    source, target = job.options["VideoSrcLanguage"], segment["target"]
    errand = Errand(source, target, glossary.of(job.options.get("ExtInfo", ""), target))
    cues = [entry.marked.lines for entry in file.entries]
    try:
        done = translate_cues(cues, errand, job.ask, job.models, progress=job.progress)
    except TaskFault as fault:
        if segment["only"]:
            raise
        told = {"key": fault.key, "en": fault.en, "zh": fault.zh}
        return {"target": target, "source": source, "fault": told}
    return {"target": target, "source": done.source, "done": asdict(done)}


def join(job: Job, results: list[Json]) -> Outcome:
    """Write a file for each language that came."""
    faults = [
        (result["target"], TaskFault.told(**result["fault"])) for result in results if "fault" in result
    ]
    if len(faults) == len(results):
        raise faults[0][1]
    file = _read(job)
    rows: list[Json] = []
    files: list[OutputFile] = []
    engines: dict[str, None] = {}
    kept: list[tuple[str, Sequence[int]]] = []
    for result in results:
        row = {"Status": "Error", "TransSrc": result["source"], "TransDst": result["target"], "Path": ""}
        row |= {"SubtitleEmbedPath": "", "SubtitleFileId": ""}
        if done := result.get("done"):
            written = _write(job, file, result["target"], TranslatedCues(**done))
            files.append(written)
            row |= {"Status": "Success", "Path": path_of(written.name)}
            row |= {"SubtitleFileId": file_id_of(written.name)}
            engines[done["engine"]] = None
            kept.append((result["target"], done["kept"]))
        rows.append(row)
    return Outcome(
        output={"SubtitleResults": rows, "OutputStorage": library_storage()},
        files=tuple(files),
        engine=" / ".join(filter(None, engines)),
        warnings=tuple(_warnings(kept)),
        notice=_notice(faults, kept),
    )


def _read(job: Job) -> SubtitleFile:
    """The subtitle file to translate. Raises TaskFault when there is none, or when it cannot be read."""
    path = job.source if job.facts["kind"] == "subtitle" else _added(job)
    if path.stat().st_size > captions.MAX_BYTES:
        limit = captions.MAX_BYTES // 1_000_000
        raise TaskFault(
            "SourceFileError.ContentUnsupported/size", what=Text("the subtitle file", "字幕文件"), limit=limit
        )
    try:
        return subtitle_files.read(path.read_bytes())
    except subtitle_files.TooManyCues as error:
        limit = subtitle_files.MOST_CUES
        raise TaskFault("SourceFileError.ContentUnsupported/cues", limit=limit) from error
    except ValueError as error:
        raise TaskFault("SourceFileError.ContentMalformed", reason=str(error)) from error


def _added(job: Job) -> Path:
    """Of the subtitles that were added to a video: the last one in the source language, else the last one of all."""
    if not job.subtitles:
        raise TaskFault("SourceFileError.ContentUnsupported/no-subtitles")
    source = languages.base(job.options["VideoSrcLanguage"])
    fitting = [each for each in job.subtitles if languages.base(each.language) == source]
    return (fitting or job.subtitles)[-1].path


def _write(job: Job, file: SubtitleFile, target: str, done: TranslatedCues) -> OutputFile:
    wanted = job.options["SubtitleFormat"]
    form = file.format if wanted == "original" else wanted
    below = job.options["SubtitleType"] == request.BOTH
    profile = request.profile(job)
    if form == file.format:
        texts = [
            dialogue.in_lines(new, profile) if _is_new(entry, new) else None
            for entry, new in zip(file.entries, done.texts, strict=True)
        ]
        content = subtitle_files.rewritten(file, texts, below=below)
    else:
        content = captions.WRITERS[form](_cues(file, done, profile, below=below)).encode()
    name = f"subtitle-{target}.{form}"
    (job.folder / name).write_bytes(content)
    title = f"subtitle-{done.source}-{target}.{form}" if below else name
    return OutputFile(name, title, "SmartSubtitle.PureSubtitleTransTask.Subtitle")


def _cues(file: SubtitleFile, done: TranslatedCues, profile: Profile, *, below: bool) -> Iterator[Cue]:
    pairs = sorted(zip(file.entries, done.texts, strict=True), key=lambda pair: pair[0].start)
    for entry, new in pairs:
        old = dialogue.parts(entry.marked.lines)
        cue = Cue(entry.start, entry.end, entry.marked.lines, entry.speaker)
        above = old if below and _is_new(entry, new) else ()
        yield from dialogue.reset(cue, new, profile, above)


def _is_new(entry: Entry, texts: Sequence[str]) -> bool:
    return tuple(texts) != dialogue.parts(entry.marked.lines)


def _warnings(kept: Sequence[tuple[str, Sequence[int]]]) -> Iterator[str]:
    for target, places in kept:
        if places:
            shown = ", ".join(str(place + 1) for place in places[:MOST_NAMED])
            more = ", …" if len(places) > MOST_NAMED else ""
            yield f"{target}: {len(places)} cues keep their text: {shown}{more}"


def _notice(
    faults: Sequence[tuple[str, TaskFault]], kept: Sequence[tuple[str, Sequence[int]]]
) -> Text | None:
    """What was not done, in the words of the Message."""
    said = [Text(f"{target}: {fault.en}", f"{target}:{fault.zh}") for target, fault in faults]
    said += [
        Text(f"{target}: {len(places)} cues are left as they were", f"{target}:{len(places)} 条字幕保留原文")
        for target, places in kept
        if places
    ]
    return listed(said)


KIND = Kind("SmartSubtitle.PureSubtitleTransTask", "PureSubtitleTransResultOutput", plan, run, join)
