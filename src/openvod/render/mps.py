"""How does a task look to the MPS API? The WorkflowTask structure, in answers and in notifications.

A sub-task's Input and Output are stored in the shape of this API, so they are nested here as they are; the VOD API
shows the same objects as JSON texts.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from openvod.core import spec
from openvod.core.answers import library_of, spelled_out
from openvod.core.models import Json
from openvod.core.times import iso
from openvod.render import Renderer
from openvod.render.media import metadata
from openvod.render.tasks import outcome
from openvod.store.tasks import SubTaskRecord, TaskRecord

KIND = "ProcessMediaByMPS"
"""The kind of stored task that this API knows, through whichever door it came."""
NOT_YET = "0000-00-00T00:00:00Z"
"""A time that has not come, as the vendor's page about DescribeTasks shows it."""
SIGN_SECONDS = 600
"""How long a notification counts; the vendor documents it."""
VIDEO_REMAKE = "VRemake"
"""The vendor's description says `VideoRemake`; its own client found that this is what really comes."""
ANALYSES: Mapping[str, tuple[str, str]] = {
    "AiAnalysis.ClassificationTask": ("Classification", "ClassificationTask"),
    "AiAnalysis.CoverTask": ("Cover", "CoverTask"),
    "AiAnalysis.TagTask": ("Tag", "TagTask"),
    "AiAnalysis.FrameTagTask": ("FrameTag", "FrameTagTask"),
    "AiAnalysis.HighlightTask": ("Highlight", "HighlightTask"),
    "AiAnalysis.DeLogo": ("DeLogo", "DeLogoTask"),
    "AiAnalysis.SegmentTask": ("SegmentRecognition", "SegmentTask"),
    "AiAnalysis.HeadTailTask": ("HeadTailRecognition", "HeadTailTask"),
    "AiAnalysis.DescriptionTask": ("Description", "DescriptionTask"),
    "AiAnalysis.HorizontalToVerticalTask": ("HorizontalToVertical", "HorizontalToVerticalTask"),
    "AiAnalysis.DubbingTask": ("Dubbing", "DubbingTask"),
    "AiAnalysis.VideoRemakeTask": (VIDEO_REMAKE, "VideoRemakeTask"),
    "AiAnalysis.VideoComprehensionTask": ("VideoComprehension", "VideoComprehensionTask"),
    "AiAnalysis.CutoutTask": ("Cutout", "CutoutTask"),
    "AiAnalysis.ReelTask": ("Reel", "ReelTask"),
}
"""`Type` and field of an AiAnalysisResult by the kind of sub-task."""
SUBTITLES: Mapping[str, tuple[str, str]] = {
    "SmartSubtitle.AsrFullTextTask": ("AsrFullTextRecognition", "AsrFullTextTask"),
    "SmartSubtitle.TransTextTask": ("TransTextRecognition", "TransTextTask"),
    "SmartSubtitle.PureSubtitleTransTask": ("PureSubtitleTrans", "PureSubtitleTransTask"),
    "SmartSubtitle.OcrFullTextTask": ("OcrFullTextRecognition", "OcrFullTextTask"),
}
"""The same of a SmartSubtitlesResult."""
ERASURE = "SmartErase"


def moment(milliseconds: int | None) -> str:
    """A time as this API shows it."""
    return iso(milliseconds) or NOT_YET


def stage(task: TaskRecord) -> str:
    """A task's status in the words of this API, which has none for one that was aborted."""
    return "FINISH" if task.status == "ABORTED" else task.status


def notify_config(task: TaskRecord) -> Json | None:
    """The TaskNotifyConfig that the task was asked for with; its key is never shown."""
    given: Json = task.request.get("TaskNotifyConfig") or {}
    return {name: value for name, value in given.items() if name != "NotifyKey"} or None


def notification(renderer: Renderer, task: TaskRecord) -> tuple[str, Json]:
    """Where a notification of the task goes, and what it says: a ParseNotificationResponse, with a NotifyKey signed."""
    config: Json = task.request["TaskNotifyConfig"]
    until = int(renderer.now) + SIGN_SECONDS
    told: Json = {
        "EventType": "WorkflowTask",
        "WorkflowTaskEvent": workflow_task(renderer, task),
        "SessionId": task.session_id,
        "SessionContext": task.session_context,
        "Timestamp": until,
    }
    if key := config.get("NotifyKey"):
        told["Sign"] = hashlib.md5(f"{until}{key}".encode(), usedforsecurity=False).hexdigest()
    return config["NotifyUrl"], spec.load("mps").fill("ParseNotificationResponse", told)


def workflow_task(renderer: Renderer, task: TaskRecord) -> Json:
    """The whole structure. What this server does not do is an empty list or null."""
    rows = task.sub_tasks
    return {
        **outcome(renderer, task),
        "InputInfo": task.request.get("InputInfo") or _library_file(task),
        "MetaData": _metadata(renderer, task),
        "MediaProcessResultSet": [],
        "AiContentReviewResultSet": [],
        "AiAnalysisResultSet": [
            _in_set(renderer, task, row, "AiAnalysisResult", ANALYSES) for row in rows if row.type in ANALYSES
        ],
        "AiRecognitionResultSet": [],
        "SmartSubtitlesTaskResult": [
            _in_set(renderer, task, row, "SmartSubtitlesResult", SUBTITLES)
            for row in rows
            if row.type in SUBTITLES
        ],
        "SmartEraseTaskResult": next(
            (_result(renderer, task, row, "SmartEraseTaskResult") for row in rows if row.type == ERASURE),
            None,
        ),
    }


def _in_set(
    renderer: Renderer,
    task: TaskRecord,
    row: SubTaskRecord,
    struct: str,
    names: Mapping[str, tuple[str, str]],
) -> Json:
    type_, field = names[row.type]
    inner = spec.load("mps").fields(struct)[field].type
    return {"Type": type_, field: _result(renderer, task, row, inner)}


def _result(renderer: Renderer, task: TaskRecord, row: SubTaskRecord, struct: str) -> Json:
    """A sub-task's result, with those of the fields that its structure has."""

    def link(file_id: str) -> str:
        return renderer.link(renderer.store.library.get(file_id, task.sub_app_id))

    fields = spec.load("mps").fields(struct)
    code = row.message["code"] if row.message else ""
    if row.message and "ErrCodeExt" in fields:  # a structure without it has the code in its message
        message = renderer.message({**row.message, "code": ""})
    else:
        message = renderer.message(row.message)
    told = {
        "Status": row.status,
        "ErrCode": int(row.err_code),
        "ErrCodeExt": code,
        "Message": message or ("SUCCESS" if row.status == "SUCCESS" else ""),
        "Input": row.input,
        "Output": spelled_out(row.output, link, task.sub_app_id),
        "Progress": int(row.progress * 100),
        "BeginProcessTime": moment(task.began),
        "FinishTime": moment(row.finished),
    }
    return {name: value for name, value in told.items() if name in fields}


def _library_file(task: TaskRecord) -> Json:
    """The MediaInputInfo of a task that came through the VOD API."""
    library: Json = library_of(task.sub_app_id)["VODOutputStorage"]
    return {"Type": "VOD", "VODInputInfo": {**library, "FileId": task.file_id}}


def _metadata(renderer: Renderer, task: TaskRecord) -> Json | None:
    """Of the source, even if it was deleted since."""
    media = renderer.store.library.ever(task.file_id) if task.file_id else None
    return None if media is None else _fitting("MediaMetaData", metadata(media))


def _fitting(struct: str, told: Json) -> Json:
    """Those of the fields that this API's structure of that name has, too."""
    fields = spec.load("mps").fields(struct)
    fitting: dict[str, Any] = {}
    for name, value in told.items():
        if name not in fields:
            continue
        field = fields[name]
        fitting[name] = [_fitting(field.type, each) for each in value] if field.nested else value
    return fitting
