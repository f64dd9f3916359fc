"""AiAnalysis.HighlightTask: the stretches of a video that stand out, each a clip with a cover, and why it was chosen."""

import json
from collections.abc import Sequence

from openvod.core.errors import TaskFault
from openvod.core.models import Json, library_storage, path_of, url_of
from openvod.core.texts import Text, listed
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.highlights import hht_options, highlight_clips, highlight_found
from openvod.engines.analysis.highlights.hht_options import Wish
from openvod.engines.analysis.highlights.highlight import Highlight
from openvod.engines.analysis.highlights.highlight_clips import Clip, Source
from openvod.engines.analysis.highlights.highlight_found import Found
from openvod.engines.analysis.text import said
from openvod.engines.analysis.text.said import Said
from openvod.engines.video import need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "highlight-evidence.json"
ENGINE = "openvod highlights 1"


def plan(job: Job) -> list[Json]:
    """What is said (unless `need_vad` is 0) and measured, in segments of some minutes. Raises TaskFault for what has no
    moving picture.
    """
    wish = hht_options.read(job.options)
    need_picture(job.facts)
    words = said.plan_if_any(job) if _listens(job, wish) else []
    return pieces.together(job, [*words, *measured.plan(job)])


def join(job: Job, results: list[Json]) -> Outcome:
    """Find them, cut them out, and tell why."""
    wish = hht_options.read(job.options)
    results = pieces.apart(results)
    film = measured.whole(job, results)
    if not len(film.looks):
        raise TaskFault("SourceFileError.NoVideoMedia")
    words = said.join_if_any(job, results) if _listens(job, wish) else Said((), said.UNKNOWN, "")
    found = highlight_found.find(Asker(job.ask), film, words, wish)
    groups = _groups(found.highlights, wish)
    source = Source(job.source, job.facts, film, job.folder, job.progress)
    clips = highlight_clips.make(source, groups) if groups else []
    document = {"engine": ENGINE, **highlight_found.evidence(clips, found, film)}
    (job.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    missing: list[Text] = [*words.missing, *found.missing]
    if not clips:
        missing.append(highlight_found.DULL)
    left_out = (f"left out: {fault['en']}" for fault in film.faults)
    notes = (note for clip in clips for note in clip.notes)
    return Outcome(
        {
            "HighlightSet": [_item(clip, found, words) for clip in clips],
            "OutputStorage": library_storage(),
        },
        (*_files(clips), OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence")),
        " / ".join(filter(None, (found.engine, ENGINE, words.engine))),
        (*wish.warnings, *words.left_out, *found.warnings, *left_out, *notes),
        notice=listed(missing),
    )


def _listens(job: Job, wish: Wish) -> bool:
    """Whether there is anything to hear, or to read in subtitles, that is to be heard."""
    return wish.hears_speech and bool(job.facts.get("audio") or job.subtitles)


def _groups(found: Sequence[Highlight], wish: Wish) -> list[list[Highlight]]:
    """What goes into each clip: one highlight, the best first; or all of them in order of time."""
    if wish.together and found:
        return [list(found)]
    return [[each] for each in sorted(found, key=lambda each: (-each.score, each.start))]


def _files(clips: Sequence[Clip]) -> list[OutputFile]:
    files = []
    for clip in clips:
        files.append(OutputFile(clip.file, clip.file, f"{KIND.type}.Video"))
        if clip.cover:
            files.append(OutputFile(clip.cover, clip.cover, f"{KIND.type}.Cover"))
    return files


def _item(clip: Clip, found: Found, words: Said) -> Json:
    """A MediaAiAnalysisHighlightItem."""
    return {
        "HighlightPath": path_of(clip.file),
        "CovImgPath": path_of(clip.cover) if clip.cover else "",
        "HighlightUrl": url_of(clip.file),
        "CovImgUrl": url_of(clip.cover) if clip.cover else "",
        "Confidence": max(each.confidence for each in clip.parts),
        "Duration": clip.seconds,
        "SegmentSet": [
            highlight_found.item(part, span, found, words)
            for part, span in zip(clip.parts, clip.spans, strict=True)
        ],
    }


KIND = Kind("AiAnalysis.HighlightTask", "AiAnalysisTaskHighlightOutput", plan, pieces.run, join)
