"""AiAnalysis.HeadTailTask: when the opening ends and the ending begins, by what other episodes in the library have as well."""

import json

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.episodes import head_tail_search
from openvod.engines.analysis.episodes.head_tail import Match, Part
from openvod.engines.analysis.episodes.head_tail_search import Found
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "head-tail-evidence.json"
ENGINE = "openvod head-tail 1"
ALONE = Text(
    "there is no other episode in the library to compare with: a file of the same application, of about the same length",
    "媒体库中没有可供比对的其他剧集:同一应用内时长相近的文件",
)


def plan(job: Job) -> list[Json]:
    """What is measured of the file itself, in segments of some minutes. Raises TaskFault for what is neither film nor sound."""
    segments = measured.plan(job)
    if not segments:
        raise TaskFault("SourceFileError.ContentUnsupported/no-audio")
    return pieces.together(job, segments)


def join(job: Job, results: list[Json]) -> Outcome:
    """Compare it with the others. Without anything found both offsets are 0, and the Message tells why."""
    found = head_tail_search.search(job, measured.whole(job, pieces.apart(results)))
    (job.folder / EVIDENCE).write_text(json.dumps(_evidence(found), ensure_ascii=False), encoding="utf-8")
    return Outcome(
        {
            "HeadTimeOffset": found.head.end if found.head else 0.0,
            "TailTimeOffset": found.tail.begin if found.tail else 0.0,
        },
        (OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence"),),
        ENGINE,
        found.notes,
        _notice(found),
    )


def _notice(found: Found) -> Text | None:
    if not found.compared:
        return ALONE
    lacking = [
        name
        for part, name in ((found.head, ("opening", "片头")), (found.tail, ("ending", "片尾")))
        if not part
    ]
    if not lacking:
        return None
    count = len(found.compared)
    return Text(
        f"no {' and no '.join(en for en, _ in lacking)} that another episode has, too (compared with {count})",
        f"未发现与其他剧集相同的{'和'.join(zh for _, zh in lacking)}(已比对 {count} 个文件)",
    )


def _evidence(found: Found) -> Json:
    """What the offsets rest on; times in seconds."""
    return {
        "engine": ENGINE,
        "opening": _part(found.head),
        "ending": _part(found.tail),
        "compared": [each.name for each in found.compared],
    }


def _part(part: Part | None) -> Json | None:
    if part is None:
        return None
    return {
        "start": part.begin,
        "end": part.end,
        "confidence": part.confidence,
        "also_in": [_match(each) for each in part.matches],
    }


def _match(match: Match) -> Json:
    stretch = match.stretch
    return {
        "name": match.other.name,
        "start": round(stretch.begin + stretch.shift, 3),
        "end": round(stretch.end + stretch.shift, 3),
        "differing_bits": round(stretch.errors, 3),
        "pictures_alike": None if match.pictures is None else round(match.pictures, 3),
    }


KIND = Kind("AiAnalysis.HeadTailTask", "AiAnalysisTaskHeadTailOutput", plan, pieces.run, join)
