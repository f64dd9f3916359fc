"""ProcessMediaByMPS: accept work on a media file."""

from collections.abc import Iterator

from openvod.actions import Call, Soon, action
from openvod.core import extended_parameter, jsontext, spec
from openvod.core.errors import ApiError
from openvod.core.models import Json, new_task_id
from openvod.core.sub_tasks import asked_for
from openvod.core.walker import shown
from openvod.store.tasks import NewTask

PASSED_ON = "MPSProcessMediaParams"
OF_THEIR_OWN = ("OutputStorage", "OutputObjectPath", "UserExtPara")
"""Fields inside the tasks of MPSProcessMediaParams that are checked and mean nothing here."""


@action("ProcessMediaByMPS", pace="quick")
def process_media_by_mps(call: Call) -> Soon:
    """One task for everything that is asked of one file; several kinds of work become its sub-tasks."""
    sub_app = call.active_sub_app()
    file_id = call.params["FileId"]
    passed_on = call.params.get(PASSED_ON)
    asked, left_out = _passed_through(passed_on) if passed_on else (call.params, ())
    templates = call.templates(sub_app.id, asked.get("AiAnalysisTask", {}).get("ExtendedParameter", ""))
    task = NewTask(
        id=new_task_id(sub_app.id, "ProcessMediaByMPS"),
        sub_app_id=sub_app.id,
        kind="ProcessMediaByMPS",
        file_id=file_id,
        sub_tasks=asked_for(asked, templates, f"{PASSED_ON}." if passed_on else ""),
        request=call.params,
        priority=asked.get("TasksPriority", 0),
        session_id=asked.get("SessionId", ""),
        session_context=asked.get("SessionContext", ""),
        ext_info=call.params.get("ExtInfo", ""),
        warnings=(*call.warnings, *left_out, *extended_parameter.warnings(asked)),
    )
    # the file is looked up in the same transaction, so that it cannot go in between
    return call.accept_soon(task, ApiError("InvalidParameterValue.FileId", file_id=file_id))


def _passed_through(text: str) -> tuple[Json, tuple[str, ...]]:
    """What MPSProcessMediaParams asks for, and what of it was left out. Fields that only the media-processing API
    itself knows are ignored, as the vendor does; a transcoding is refused by name when it is all there is.
    """
    try:
        given = jsontext.parse(text)
    except jsontext.NotJson as error:
        raise ApiError("InvalidParameter/json", field=PASSED_ON, reason=error.text) from error
    asked = spec.load().check_struct(PASSED_ON, given, at=PASSED_ON, unknown="ignore")
    if given.get("MediaProcessTask") and not any(isinstance(value, dict) for value in asked.values()):
        raise ApiError("UnsupportedOperation/field", field="MediaProcessTask.TranscodeTaskSet")
    return asked, tuple(_left_out(given, asked))


def _left_out(given: Json, asked: Json) -> Iterator[str]:
    """For the operator's eyes; nulls are as good as absent."""
    for name, value in given.items():
        if value is not None and name not in asked:
            yield f"{PASSED_ON}.{shown(name)} was ignored"
    for name, task in asked.items():
        if isinstance(task, dict):
            yield from (f"{PASSED_ON}.{name}.{field} was ignored" for field in OF_THEIR_OWN if field in task)
