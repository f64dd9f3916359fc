"""AiAnalysis.CoverTask: the best full-size frames of a video, ranked, none like another."""

import json

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json, library_storage, path_of
from openvod.core.texts import Text
from openvod.engines.analysis import measured
from openvod.engines.analysis.covers import cover, cover_frames
from openvod.engines.analysis.covers.cover import Pick
from openvod.engines.analysis.covers.cover_frames import Moment, Shown
from openvod.engines.video import need_picture
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "cover-evidence.json"
ENGINE = "openvod covers 1"
ALL_BLACK = Text("every picture of the video is black or of one colour", "视频画面全黑或为纯色,无可用封面")
FLAWED = Text(
    "every picture of the video is dark, blurred or in a transition; the least bad ones are given",
    "视频画面均偏暗、模糊或处于转场,仅给出相对较好的画面",
)


def plan(job: Job) -> list[Json]:
    """The parts of measuring the file. Raises TaskFault for what has no moving picture."""
    need_picture(job.facts)
    return measured.plan(job)


def run(job: Job, segment: Json) -> Json:
    """Measure a part, unless that is remembered."""
    return measured.run(job, segment)


def join(job: Job, results: list[Json]) -> Outcome:
    """Choose the moments, and write the best frame near each."""
    found = measured.whole(job, results)
    picks = cover.picks(found)
    warnings = [
        f"ExtendedParameter: `{key}` means nothing to covers"
        for key in extended_parameter.parsed(job.options.get("ExtendedParameter") or "")
    ]
    warnings += [f"left out: {fault['en']}" for fault in found.faults]
    if not picks:
        if not len(found.looks):
            raise TaskFault("SourceFileError.NoVideoMedia")
        empty: Json = {"CoverSet": [], "OutputStorage": library_storage()}
        return Outcome(empty, engine=ENGINE, warnings=tuple(warnings), notice=ALL_BLACK)
    moments = [Moment(pick.time, pick.window, f"cover-{place}.jpg") for place, pick in enumerate(picks, 1)]
    shown = cover_frames.covers(job.source, job.facts, moments, job.folder, found.frames)
    rows = [_row(*each) for each in zip(moments, picks, shown, strict=True)]
    document = {"engine": ENGINE, "without_models": list(found.missing), "covers": rows}
    (job.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return Outcome(
        {
            "CoverSet": [
                {"CoverPath": path_of(moment.name), "Confidence": pick.confidence}
                for moment, pick in zip(moments, picks, strict=True)
            ],
            "OutputStorage": library_storage(),
        },
        (
            *(OutputFile(moment.name, moment.name, f"{KIND.type}.Cover") for moment in moments),
            OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence"),
        ),
        ENGINE,
        tuple(warnings),
        notice=FLAWED if picks[0].flawed else None,
    )


def _row(moment: Moment, pick: Pick, shown: Shown) -> Json:
    """What a cover was chosen for, and what it is at full size."""
    return {
        "file": moment.name,
        "frame": shown.frame,
        "time": shown.time,
        "size": list(shown.size),
        "confidence": pick.confidence,
        "chosen_from_frames": shown.compared,
        "sharpness": round(shown.sharpness, 1),
        "brightness": round(shown.brightness, 1),
        "contrast": round(shown.contrast, 1),
        "look": pick.figures,
    }


KIND = Kind("AiAnalysis.CoverTask", "AiAnalysisTaskCoverOutput", plan, run, join)
