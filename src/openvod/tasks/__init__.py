"""What each kind of sub-task does. One module per kind; each is plan → run (per segment) → join.

All three functions run in a limited media process (see `media.sandbox`), never in the worker or the server. They get
paths and plain values, and return plain values; the worker stores the outcome. A segment is a JSON object that `plan`
made; its result is a JSON object that `run` made. Both are kept as durable steps, so keep them small (text and numbers).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from openvod.core.asking import Ask, nobody
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text


@dataclass(frozen=True, slots=True)
class Attached:
    """A subtitle that the source's owner has put in (AddSubtitles)."""

    id: str
    name: str
    language: str
    path: Path
    """A WebVTT file."""
    content: str
    """A hash of its bytes."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a kind of sub-task may touch while it runs."""

    source: Path
    """The media file. It has no extension; never trust its name."""
    facts: Json
    """What `media.probe` found when the file entered the library (see `media.probe.MediaFacts`)."""
    options: Json
    """The sub-task's resolved parameters, in wire spelling."""
    folder: Path
    """The job's private folder, which is also the working directory; output files are written here."""
    models: Path
    """The model folder."""
    settings: Json
    """Operator's settings that change results, e.g. `word_times`."""
    progress: Callable[[float], None]
    """Tell how far this stage is, 0 to 1. Cheap to call often."""
    ask: Ask = nobody
    """Asks the worker for what a media process cannot do itself, see `core.asking`."""
    content: str = ""
    """A hash of the source's bytes, for `asking.once`."""
    subtitles: tuple[Attached, ...] = ()
    """Those of the source, oldest first."""
    font: str = ""
    """Name of a file in the folder: the font that a template for burning in brings along; empty without one."""


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file the sub-task made; it enters the media library."""

    name: str
    """Its name in the job's folder, e.g. `subtitle.vtt`; outputs refer to it by this name (`core.models.url_of`)."""
    title: str
    """Its name in the library."""
    file_type: str
    """`MPSOutputFile.FileType`, e.g. `SmartSubtitle.AsrFullTextTask.Subtitle`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sub-task came to."""

    output: Json
    """The `OutputText` structure in wire spelling; see `core.models.url_of` for references to files."""
    files: tuple[OutputFile, ...] = ()
    engine: str = ""
    """Engine, model and version that made it, e.g. `moonshine-tiny-en 0.1.0 / silero-vad 6.2.3`."""
    warnings: tuple[str, ...] = ()
    """What was asked for and left out, for the operator's eyes."""
    notice: Text | None = None
    """What the sub-task's Message says in place of `SUCCESS`: a part that was asked for could not be done."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sub-task: its place on the wire, and the three functions that do it."""

    type: str
    """`MPSSubTaskResult.TaskType`."""
    output: str
    """Name of its `OutputText` structure."""
    plan: Callable[[Job], list[Json]]
    """Cut the work into segments that can run apart from each other, in any order, on any machine."""
    run: Callable[[Job, Json], Json]
    """Do one segment."""
    join: Callable[[Job, list[Json]], Outcome]
    """Put the segments' results, in the plan's order, together."""


MODULES = {
    "AiAnalysis.ClassificationTask": "classification",
    "AiAnalysis.CoverTask": "cover",
    "AiAnalysis.DeLogo": "delogo",
    "AiAnalysis.DescriptionTask": "description",
    "AiAnalysis.DubbingTask": "dubbing",
    "AiAnalysis.FrameTagTask": "frame_tag",
    "AiAnalysis.HeadTailTask": "head_tail",
    "AiAnalysis.HighlightTask": "highlight",
    "AiAnalysis.HorizontalToVerticalTask": "horizontal_to_vertical",
    "AiAnalysis.SegmentTask": "segment",
    "AiAnalysis.TagTask": "tag",
    "AiAnalysis.VideoComprehensionTask": "video_comprehension",
    "AiAnalysis.VideoRemakeTask": "video_remake",
    "SmartErase": "smart_erase",
    "SmartSubtitle.AsrFullTextTask": "speech_subtitles",
    "SmartSubtitle.OcrFullTextTask": "screen_subtitles",
    "SmartSubtitle.PureSubtitleTransTask": "subtitle_translation",
    "SmartSubtitle.TransTextTask": "translated_subtitles",
}
"""The module of each kind, whose `KIND` it is. A table, as every stage is a process: importing all engines costs a second."""


def kind_of(type_: str) -> Kind | None:
    """The kind of this type; None where there is none."""
    module = MODULES.get(type_)
    if module is None:
        return None
    kind: Kind = import_module(f"{__name__}.{module}").KIND
    return kind


def run_stage(argument: Json, progress: Callable[[float], None], ask: Ask = nobody) -> Json:
    """The door of the media process: runs one stage of one sub-task in the current folder.

    `argument` holds `type`, `stage`, `source`, `content`, `subtitles`, `font`, `facts`, `options`, `models`, `settings`, and for
    `run` the `segment`, for `join` the `results`. Stages `plan` and `run` answer `{"segments": […]}` and
    `{"result": {…}}`; `join` answers `{"outcome": {…}}`. `plan` goes straight on to the outcome when there is only one
    segment: a short file is one step.
    """
    kind = kind_of(argument["type"])
    if kind is None:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/not-built", what=argument["type"])
    job = Job(
        source=Path(argument["source"]),
        facts=argument["facts"],
        options=argument["options"],
        folder=Path.cwd(),
        models=Path(argument["models"]),
        settings=argument["settings"],
        progress=progress,
        ask=ask,
        content=argument.get("content", ""),
        subtitles=tuple(
            Attached(**{**row, "path": Path(row["path"])}) for row in argument.get("subtitles", ())
        ),
        font=argument.get("font", ""),
    )
    if argument["stage"] == "run":
        return {"result": kind.run(job, argument["segment"])}
    if argument["stage"] == "join":
        return {"outcome": asdict(kind.join(job, argument["results"]))}
    segments = kind.plan(job)
    if len(segments) > 1:
        return {"segments": segments}
    return {"outcome": asdict(kind.join(job, [kind.run(job, segment) for segment in segments]))}
