"""ProcessMedia of the MPS API: the work that ProcessMediaByMPS accepts, asked for in the other API's words."""

from collections.abc import Iterator
from typing import Any

from openvod.actions import Call, action
from openvod.core import extended_parameter
from openvod.core.answers import library_of
from openvod.core.errors import ApiError
from openvod.core.models import Json, SubTask, new_task_id
from openvod.core.pulls import pull_of
from openvod.core.sub_tasks import asked_for
from openvod.core.walker import shown
from openvod.render.mps import KIND
from openvod.store.accounts import SubApp
from openvod.store.task_records import Notify
from openvod.store.tasks import FileGone, NewTask

UNBUILT = (
    "MediaProcessTask",
    "AiContentReviewTask",
    "AiRecognitionTask",
    "AiQualityControlTask",
    "AIDubbingTask",
    "ScheduleId",
    "Activities",
)
"""Asking for one of these is refused: what it would do is not done here."""
IGNORED = ("OutputDir", "ResourceId", "SkipMateData")
"""The work is the same without these: files are named by the library, and there is nothing to choose or to skip."""
IGNORED_IN_TASKS = ("OutputObjectPath", "UserExtPara")
TASKS = ("SmartSubtitlesTask", "SmartEraseTask")
"""Those that may name a storage of their own."""


@action("ProcessMedia", service="mps")
def process_media(call: Call) -> Json:
    """One task for everything that is asked of one file of the library, or of one that a URL leads to.

    Outputs go into the library of the file's application; another storage is refused.
    """
    asked = call.params
    for name in UNBUILT:
        if asked.get(name):
            raise ApiError("UnsupportedOperation/field", field=name)
    sub_app, file_id, pulls = _source(call)
    _check_storages(asked, sub_app.id)
    templates = call.templates(sub_app.id, asked.get("AiAnalysisTask", {}).get("ExtendedParameter", ""))
    task = NewTask(
        id=new_task_id(sub_app.id, "WorkflowTask") + "t0",
        sub_app_id=sub_app.id,
        kind=KIND,
        file_id=file_id,
        sub_tasks=(*pulls, *asked_for(asked, templates)),
        request=asked,
        notify=_notify(call),
        priority=asked.get("TasksPriority", 0),
        session_id=asked.get("SessionId", ""),
        session_context=asked.get("SessionContext", ""),
        warnings=(*call.warnings, *_left_out(asked), *extended_parameter.warnings(asked)),
    )
    try:
        call.accept(task)
    except FileGone as error:
        raise ApiError("InvalidParameterValue.InputInfo/file", file_id=file_id) from error
    return {"TaskId": task.id}


def _source(call: Call) -> tuple[SubApp, str, tuple[SubTask, ...]]:
    """The application, its file, and what is to be done first: a URL has no FileId until a worker has fetched it, and
    what it leads to is the task's alone.
    """
    given = call.params["InputInfo"]
    if given["Type"] == "VOD":
        inside = _needed(given, "VODInputInfo", "InputInfo")
        file_id: str = _needed(inside, "FileId", "InputInfo.VODInputInfo")
        return _application(call, inside.get("SubAppId")), file_id, ()
    if given["Type"] == "URL":
        url = _needed(given, "UrlInputInfo", "InputInfo")["Url"]
        call.check_url(url, "InputInfo.UrlInputInfo.Url")
        output = call.params.get("OutputStorage", {}).get("VODOutputStorage", {})
        pulled = pull_of(url, loopback=call.policy().loopback_allowed, temporary=True)
        return _application(call, output.get("SubAppId")), "", (pulled,)
    raise ApiError("UnsupportedOperation/field", field=f"InputInfo.Type = {given['Type']}")


def _needed(given: Json, field: str, at: str) -> Any:
    """A field that the Type asks for."""
    if not given.get(field):
        raise ApiError("MissingParameter", field=f"{at}.{field}")
    return given[field]


def _application(call: Call, number: int | None) -> SubApp:
    sub_app = call.application(number or None)
    if sub_app is None:
        raise ApiError("InvalidParameterValue.InputInfo/sub-app", sub_app=number)
    if sub_app.status != "On":
        raise ApiError("FailedOperation.InvalidMpsUser")
    return sub_app


def _check_storages(asked: Json, sub_app_id: int) -> None:
    """Whether every storage that is named is the library of the application."""
    places = [("", asked), *((f"{name}.", asked[name]) for name in TASKS if name in asked)]
    for at, holder in places:
        storage = holder.get("OutputStorage")
        if not storage:
            continue
        if storage["Type"] != "VOD":
            field = f"{at}OutputStorage.Type = {shown(storage['Type'])}"
            raise ApiError("UnsupportedOperation/field", field=field)
        number = storage.get("VODOutputStorage", {}).get("SubAppId") or sub_app_id
        if number != sub_app_id:
            field = f"{at}OutputStorage.VODOutputStorage.SubAppId = {number}"
            raise ApiError("UnsupportedOperation/field", field=field)


def _notify(call: Call) -> Notify:
    """Who hears of the task. Queues of other products do not exist here."""
    config = call.params.get("TaskNotifyConfig")
    if not config:
        return "Nobody"
    kind = config.get("NotifyType") or "TDMQ-CMQ"
    if kind != "URL":
        raise ApiError("UnsupportedOperation/field", field=f"TaskNotifyConfig.NotifyType = {kind}")
    if not config.get("NotifyUrl"):
        raise ApiError("MissingParameter", field="TaskNotifyConfig.NotifyUrl")
    call.check_url(config["NotifyUrl"], "TaskNotifyConfig.NotifyUrl")
    return "Change" if config.get("NotifyMode") == "Change" else "Finish"


def _left_out(asked: Json) -> Iterator[str]:
    """For the operator's eyes."""
    yield from (f"{name} was ignored" for name in IGNORED if asked.get(name))
    if asked.get("TaskType") == "Offline":
        yield "TaskType was ignored"
    for name in TASKS:
        yield from (
            f"{name}.{field} was ignored" for field in IGNORED_IN_TASKS if asked.get(name, {}).get(field)
        )
    ours = library_of(0)["VODOutputStorage"]
    storage = asked.get("OutputStorage", {}).get("VODOutputStorage", {})
    yield from (
        f"OutputStorage.VODOutputStorage.{field} was ignored"
        for field in ("Bucket", "Region")
        if storage.get(field, ours[field]) != ours[field]
    )
