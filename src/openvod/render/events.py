"""The EventContent structure: what a client pulls, or is pushed without its handle.

The vendor shows all other `…Event` fields as explicit nulls; `Spec.fill` puts them there.
"""

from collections.abc import Callable, Mapping

from openvod.core.models import Json
from openvod.render import Renderer
from openvod.render.media import basic_info, metadata
from openvod.render.tasks import process_media_by_mps, pull_upload
from openvod.store.events import Event
from openvod.store.tasks import TaskRecord


class Untold(Exception):
    """What the event tells of is not there any more, or nobody knows how to tell it; it will not get better."""


def event_content(renderer: Renderer, event: Event, handle: str | None = None) -> Json:
    """The event as it is told now: a task by its record, an uploaded file by the library's.

    `handle` is the EventHandle; without one there is none. Raises Untold.
    """
    if event.type not in _CONTENTS:
        raise Untold(event.type)
    field, content = _CONTENTS[event.type](renderer, event)
    named = {} if handle is None else {"EventHandle": handle}
    return {**named, "EventType": event.type, field: content}


def _task_ended(renderer: Renderer, event: Event) -> tuple[str, Json]:
    return "ProcessMediaByMPSCompleteEvent", process_media_by_mps(renderer, _task_of(renderer, event))


def _pull_ended(renderer: Renderer, event: Event) -> tuple[str, Json]:
    return "PullCompleteEvent", pull_upload(renderer, _task_of(renderer, event))


def _task_of(renderer: Renderer, event: Event) -> TaskRecord:
    task = renderer.store.tasks.get(event.task_id or "")
    if task is None:
        raise Untold(event.task_id)
    return task


def _file_uploaded(renderer: Renderer, event: Event) -> tuple[str, Json]:
    """Also of a file that was deleted since: its row stays, and the event must not be lost."""
    media = renderer.store.library.ever(event.file_id or "")
    if media is None:
        raise Untold(event.file_id)
    belongings = renderer.store.library.belongings([media.file_id])
    return "FileUploadEvent", {
        "FileId": media.file_id,
        "MediaBasicInfo": basic_info(renderer, media, belongings.get(media.file_id)),
        "ProcedureTaskId": "",
        "ReviewAudioVideoTaskId": "",
        "MetaData": metadata(media),
    }


def _file_deleted(_: Renderer, event: Event) -> tuple[str, Json]:
    """Without `DeleteParts`: the whole file went."""
    return "FileDeleteEvent", {
        "FileIdSet": [event.file_id],
        "FileDeleteResultInfo": [{"FileId": event.file_id, "DeleteParts": []}],
    }


_CONTENTS: Mapping[str, Callable[[Renderer, Event], tuple[str, Json]]] = {
    "ProcessMediaByMPSComplete": _task_ended,
    "PullComplete": _pull_ended,
    "NewFileUpload": _file_uploaded,
    "FileDeleted": _file_deleted,
}
