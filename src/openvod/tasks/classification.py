"""AiAnalysis.ClassificationTask: what kind of file it is, by what is said, by signals, and by a model where one is set."""

import json
from collections.abc import Sequence

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text, listed
from openvod.engines import providers
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions import evidence
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.measured import Measured
from openvod.engines.analysis.tags import classification, classified
from openvod.engines.analysis.tags.classification import Found, Signals
from openvod.engines.analysis.text import said
from openvod.tasks import Job, Kind, Outcome, OutputFile

EVIDENCE = "classification-evidence.json"


def plan(job: Job) -> list[Json]:
    """What is said and measured, in segments of some minutes."""
    return pieces.together(job, [*said.plan_if_any(job), *measured.plan(job)])


def join(job: Job, results: list[Json]) -> Outcome:
    """The classes, and a document with what bears each out."""
    results = pieces.apart(results)
    words = said.join_if_any(job, results)
    missing = words.missing
    figures = measured.join(job, results)
    signals = _signals(job, figures)
    found = classification.classify(words.passages, signals)
    engine = classification.ENGINE
    if words.passages and (model := providers.name(job.ask)):
        try:
            told = classified.classify(Asker(job.ask), words.passages)
        except TaskFault as fault:
            missing = (*missing, Text(f"not by a model: {fault.en}", f"未使用大模型:{fault.zh}"))
        else:
            found, engine = _with_signals(told, signals), f"{model} / {engine}"
    if not found:
        missing = (*missing, Text("nothing tells what kind of file it is", "没有足以判断类别的依据"))
    document = {
        "classes": [_evidence(each) for each in found],
        "sentences": evidence.sentences(words.passages),
    }
    (job.folder / EVIDENCE).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return Outcome(
        {
            "ClassificationSet": [
                {"Classification": each.name, "Confidence": each.confidence} for each in found
            ]
        },
        (OutputFile(EVIDENCE, EVIDENCE, f"{KIND.type}.Evidence"),),
        " / ".join(filter(None, (engine, words.engine))),
        (*words.left_out, *figures.left_out),
        notice=listed(missing),
    )


def _signals(job: Job, figures: Measured) -> Signals:
    """What was measured, and the shape of the picture."""
    video = job.facts.get("video")
    portrait = False
    if video and job.facts["kind"] == "video":
        across, down = video["sample_aspect"]
        portrait = video["width"] * across < video["height"] * down
        portrait ^= job.facts.get("rotation", 0) % 180 == 90
    return Signals(
        seconds=float(job.facts.get("duration") or 0.0),
        speech=figures.speech,
        music=figures.music,
        portrait=portrait,
    )


def _with_signals(told: Sequence[Found], signals: Signals) -> list[Found]:
    """The model's classes, and what was measured beside them."""
    names = {each.name for each in told}
    measured = [each for each in classification.by_signals(signals) if each.name not in names]
    return [*told, *measured]


def _evidence(found: Found) -> Json:
    return {"class": found.name, "confidence": found.confidence, "evidence": found.evidence}


KIND = Kind("AiAnalysis.ClassificationTask", "AiAnalysisTaskClassificationOutput", plan, pieces.run, join)
