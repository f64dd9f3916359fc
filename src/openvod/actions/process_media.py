"""ProcessMediaByMPS: accept work on a media file."""

import json

from openvod.actions import Call, action
from openvod.core import spec, templates
from openvod.core.errors import ApiError
from openvod.core.models import Json, new_task_id
from openvod.core.sub_tasks import Templates, asked_for
from openvod.store.tasks import FileGone, NewTask, SessionIdTaken

TASK_INPUTS = {
    "AiAnalysisTask": "MPSAiAnalysisTaskInput",
    "SmartSubtitlesTask": "MPSSmartSubtitlesTaskInput",
    "SmartEraseTask": "MPSSmartEraseTaskInput",
}
PASSED_ON = "MPSProcessMediaParams"
SESSION_ID_LIMIT = 50
SESSION_CONTEXT_LIMIT = 1000
PRIORITIES = range(-10, 11)


@action("ProcessMediaByMPS")
def process_media_by_mps(call: Call) -> Json:
    """One task for everything that is asked of one file; several kinds of work become its sub-tasks."""
    sub_app = call.active_sub_app()
    file_id = call.params["FileId"]
    asked = _passed_through(call.params[PASSED_ON]) if call.params.get(PASSED_ON) else call.params
    task = NewTask(
        id=new_task_id(sub_app.id, "ProcessMediaByMPS"),
        sub_app_id=sub_app.id,
        kind="ProcessMediaByMPS",
        file_id=file_id,
        sub_tasks=asked_for(asked, Templates(templates.analysis, templates.subtitle, templates.erase)),
        request=call.params,
        priority=asked.get("TasksPriority", 0),
        session_id=asked.get("SessionId", ""),
        session_context=asked.get("SessionContext", ""),
        ext_info=call.params.get("ExtInfo", ""),
        warnings=tuple(asked.get("warnings", ())),
    )
    try:
        call.store.tasks.add(task)
    except SessionIdTaken as error:
        raise ApiError("InvalidParameterValue.SessionId") from error
    except FileGone as error:  # looked up in the same transaction, so that no file can go in between
        raise ApiError("InvalidParameterValue.FileId", file_id=file_id) from error
    call.store.executors.wake()
    return {"TaskId": task.id}


def _passed_through(text: str) -> Json:
    """What MPSProcessMediaParams asks for. Fields that only the media-processing API itself knows are ignored, as the
    vendor does; a transcoding is refused by name when it is all there is.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ApiError("InvalidParameter/json", field=PASSED_ON, reason=str(error)) from error
    if not isinstance(given, dict):
        raise ApiError("InvalidParameter/type", field=PASSED_ON, expected="JSON object")
    facts = spec.load()
    asked: Json = {
        name: facts.check_struct(struct, given[name], at=f"{PASSED_ON}.{name}", unknown="ignore")
        for name, struct in TASK_INPUTS.items()
        if given.get(name) is not None
    }
    if not asked and given.get("MediaProcessTask"):
        raise ApiError("UnsupportedOperation/field", field="MediaProcessTask.TranscodeTaskSet")
    return {**asked, **_session(given), "warnings": _left_out(given)}


def _session(given: Json) -> Json:
    session = {}
    for name in ("SessionId", "SessionContext"):
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise ApiError("InvalidParameter/type", field=f"{PASSED_ON}.{name}", expected="string")
        session[name] = value
    if len(session.get("SessionId", "")) > SESSION_ID_LIMIT:
        raise ApiError("InvalidParameterValue.SessionIdTooLong")
    if len(session.get("SessionContext", "")) > SESSION_CONTEXT_LIMIT:
        raise ApiError("InvalidParameterValue.SessionContextTooLong")
    priority = given.get("TasksPriority", 0)
    if not isinstance(priority, int) or isinstance(priority, bool) or priority not in PRIORITIES:
        raise ApiError(
            "InvalidParameterValue/range", field=f"{PASSED_ON}.TasksPriority", expected="-10 to 10"
        )
    return {**session, "TasksPriority": priority}


def _left_out(given: Json) -> list[str]:
    understood = {*TASK_INPUTS, "SessionId", "SessionContext", "TasksPriority"}
    return [f"{PASSED_ON}.{name} was ignored" for name in given if name not in understood]
