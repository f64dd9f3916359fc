"""AiAnalysis.FrameTagTask: what each shot shows, as tags: measured, read, and named by a CLIP where one is installed."""

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text, listed
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.frames import labelled, seen_text
from openvod.engines.analysis.frames.seen_text import Film, Seen
from openvod.engines.analysis.tags import frame_tags
from openvod.engines.features import Features, Shot
from openvod.engines.providers.clip import Named
from openvod.engines.video import need_picture
from openvod.tasks import Job, Kind, Outcome

ENGINE = "openvod frame tags 1"
MOST_SHOTS = 300
"""That frames are looked at of; further ones have what was measured."""
MOST_READ = 24
"""Frames whose text is read."""


def plan(job: Job) -> list[Json]:
    """The parts of measuring the file."""
    need_picture(job.facts)
    return pieces.together(job, measured.plan(job))


def join(job: Job, results: list[Json]) -> Outcome:
    """A row for each shot."""
    found = measured.whole(job, pieces.apart(results))
    film = Film(job.source, job.content, job.models, job.ask, job.progress)
    moments = {shot: (shot.settled[0] + shot.settled[1]) / 2 for shot in found.shots[:MOST_SHOTS]}
    labels = labelled.look(film, list(moments.values()))
    texts, missing = _texts(film, list(moments.values()))
    given = extended_parameter.parsed(job.options.get("ExtendedParameter") or "")
    return Outcome(
        {
            "SegmentSet": [
                _row(found, shot, texts, labels.get(moments.get(shot, -1.0), [])) for shot in found.shots
            ]
        },
        engine=" / ".join(filter(None, (ENGINE, labelled.engine(film)))),
        warnings=tuple(f"ExtendedParameter: `{key}` means nothing to frame tags" for key in given),
        notice=listed(missing),
    )


def _texts(film: Film, moments: list[float]) -> tuple[list[Seen], list[Text]]:
    """What is written on frames of the shots, on some of them where there are many."""
    apart = max(1, -(-len(moments) // MOST_READ))
    try:
        return seen_text.look(film, moments[::apart]), []
    except TaskFault as fault:
        if fault.code != "InvalidInput.ConfigurationUnsupported":
            raise
        return [], [Text(f"text is left out: {fault.en}", f"未识别画面文字:{fault.zh}")]


def _row(found: Features, shot: Shot, texts: list[Seen], named: list[Named]) -> Json:
    """A MediaAiAnalysisFrameTagSegmentItem."""
    return {
        "StartTimeOffset": round(shot.start, 3),
        "EndTimeOffset": round(shot.end, 3),
        "TagSet": [
            {"Tag": tag.name, "CategorySet": list(tag.categories), "Confidence": tag.confidence}
            for tag in frame_tags.of_shot(found, shot, texts, named)
        ],
    }


KIND = Kind("AiAnalysis.FrameTagTask", "AiAnalysisTaskFrameTagOutput", plan, pieces.run, join)
