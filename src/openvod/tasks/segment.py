"""AiAnalysis.SegmentTask: a film in segments by what it is about, each a file of its own, exact to the frame."""

import json
from collections.abc import Sequence

from openvod.core.errors import TaskFault
from openvod.core.models import Json, url_of
from openvod.core.texts import Text, listed
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions import des_options, evidence
from openvod.engines.analysis.segments import segment, segment_cutting
from openvod.engines.analysis.segments.segment import Segment, Segmented
from openvod.engines.analysis.segments.segment_cutting import Cut
from openvod.engines.analysis.text import said
from openvod.engines.analysis.text.passages import joined
from openvod.engines.analysis.text.said import Said
from openvod.engines.features import Features
from openvod.media import file_chapters
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "segment-evidence.json"
NOT_CUT = Text(
    "a file without a picture is not cut: its segments are told by their times",
    "没有画面的文件不会被切分,仅给出各片段的时间",
)


def plan(job: Job) -> list[Json]:
    """What is said and measured in segments of some minutes; what stands on the picture when that is asked for."""
    wish = des_options.read(job.options)
    words = said.plan_if_any(job, need_ocr=wish.need_ocr)
    return pieces.together(job, [*words, *measured.plan(job)])


def join(job: Job, results: list[Json]) -> Outcome:
    """Part it, and cut the parts out one after the other: a film is held in files, never in memory."""
    wish = des_options.read(job.options)
    results = pieces.apart(results)
    words, found = said.join_if_any(job, results), _measured(job, results)
    made = segment.segmented(job, words, found, file_chapters.own(job.source, job.facts), wish)
    cuts = _cuts(job, found, made.segments)
    (job.folder / EVIDENCE).write_text(
        json.dumps(_evidence(made, words), ensure_ascii=False), encoding="utf-8"
    )
    uncut = () if cuts else (NOT_CUT,)
    return Outcome(
        {
            "SegmentSet": [_item(each, made, one) for each, one in _rows(made.segments, cuts)],
            "Abstract": made.description.text if made.description else "",
        },
        (*_files(cuts), OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence")),
        " / ".join(filter(None, (made.engine, words.engine))),
        (*wish.warnings, *words.left_out, *made.warnings, *(note for each in cuts for note in each.notes)),
        notice=listed([*words.missing, *made.missing, *uncut]),
    )


def _measured(job: Job, results: Sequence[Json]) -> Features | None:
    """None for what has neither picture nor sound. Raises TaskFault for a video whose picture cannot be decoded."""
    return measured.whole(job, results) if any("measured" in each for each in results) else None


def _cuts(job: Job, found: Features | None, segments: Sequence[Segment]) -> list[Cut]:
    """None for sound alone, and for a subtitle file."""
    if job.facts["kind"] != "video" or found is None:
        return []
    if not found.frames:
        raise TaskFault("SourceFileError.NoVideoMedia")
    return segment_cutting.cut(job, found, segments)


def _rows(segments: Sequence[Segment], cuts: Sequence[Cut]) -> list[tuple[Segment, Cut | None]]:
    return [(each.segment, each) for each in cuts] or [(each, None) for each in segments]


def _item(each: Segment, made: Segmented, cut: Cut | None) -> Json:
    """A SegmentRecognitionItem."""
    language = made.description.language if made.description else ""
    return {
        "Confidence": each.confidence,
        "StartTimeOffset": cut.begin if cut else each.part.start,
        "EndTimeOffset": cut.end if cut else each.part.end,
        "SegmentUrl": url_of(cut.video) if cut else "",
        "CovImgUrl": url_of(cut.cover) if cut else "",
        "Title": each.part.title,
        "Summary": joined((statement.text for statement in each.part.summary), language),
        "Keywords": [keyword.phrase for keyword in each.part.keywords],
        "BeginTime": "",
        "EndTime": "",
        "PersonId": "",
    }


def _files(cuts: Sequence[Cut]) -> list[OutputFile]:
    """Videos first, in order."""
    videos = [OutputFile(each.video, each.video, f"{KIND.type}.Video") for each in cuts]
    covers = dict.fromkeys(each.cover for each in cuts)
    return [*videos, *(OutputFile(name, name, f"{KIND.type}.Cover") for name in covers)]


def _evidence(made: Segmented, words: Said) -> Json:
    """What the segments rest on; times in seconds."""
    if made.description:
        return evidence.of_description(made.description, words.passages)
    return {
        "engine": made.engine,
        "chapters": [
            {
                "start": each.part.start,
                "end": each.part.end,
                "title": each.part.title,
                "confidence": each.confidence,
                "begins_because": [text.en for text in each.part.because],
            }
            for each in made.segments
        ],
    }


KIND = Kind("AiAnalysis.SegmentTask", "AiAnalysisTaskSegmentOutput", plan, pieces.run, join)
