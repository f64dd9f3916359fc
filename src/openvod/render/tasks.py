"""The structures of tasks, as DescribeTaskDetail and the event of a task's end show them."""

from openvod.core.answers import json_text, spelled_out
from openvod.core.models import Json
from openvod.core.pulls import PULL
from openvod.render import Renderer
from openvod.render.media import basic_info, metadata
from openvod.store.tasks import SubTaskRecord, TaskRecord


def process_media_by_mps(renderer: Renderer, task: TaskRecord) -> Json:
    """The whole structure."""
    rows = [_sub_task(renderer, task, row) for row in task.sub_tasks if row.type != PULL]
    return {**outcome(renderer, task), "SubTaskSet": rows}


def outcome(renderer: Renderer, task: TaskRecord) -> Json:
    """What its structure says of a task as a whole, in either API. Its Status knows no WAITING, so a waiting task reads
    PROCESSING here; its ErrCode tells of a source that could not be had, not of its sub-tasks.
    """
    pulls = (row for row in task.sub_tasks if row.type == PULL and task.status != "ABORTED")
    missed = next((row for row in pulls if row.status == "FAIL"), None)
    message = missed.message if missed else task.message
    return {
        "TaskId": task.id,
        "Status": "FINISH" if task.status in {"FINISH", "ABORTED"} else "PROCESSING",
        "ErrCode": int(missed.err_code) if missed else task.err_code,
        "Message": renderer.message(message) or ("SUCCESS" if task.status == "FINISH" else ""),
    }


def pull_upload(renderer: Renderer, task: TaskRecord) -> Json:
    """The PullUploadTask structure. The file is told of even if it was deleted since, then without links."""
    (part,) = task.sub_tasks
    media = renderer.store.library.ever(task.file_id) if task.file_id else None
    found: Json = {} if media is None else {"MetaData": metadata(media)}
    return {
        "TaskId": task.id,
        "Status": "FINISH" if task.status in {"FINISH", "ABORTED"} else "PROCESSING",
        "ErrCode": int(part.err_code),
        "Message": renderer.message(part.message) or ("SUCCESS" if part.status == "SUCCESS" else ""),
        "FileId": task.file_id,
        "MediaBasicInfo": None if media is None else basic_info(renderer, media),
        **found,
        "FileUrl": renderer.link(media),
        "ProcedureTaskId": "",
        "ReviewAudioVideoTaskId": "",
        "SessionContext": task.session_context,
        "SessionId": task.session_id,
        "Progress": int(part.progress * 100),
    }


def _sub_task(renderer: Renderer, task: TaskRecord, row: SubTaskRecord) -> Json:
    def link(file_id: str) -> str:
        return renderer.link(renderer.store.library.get(file_id, task.sub_app_id))

    output = spelled_out(row.output, link, task.sub_app_id)
    return {
        "TaskType": row.type,
        "Status": row.status,
        "ErrCode": row.err_code,
        "Message": renderer.message(row.message) or ("SUCCESS" if row.status == "SUCCESS" else ""),
        "Input": json_text(row.input),
        "Output": {
            "OutputFiles": spelled_out(row.files, link, task.sub_app_id),
            "OutputText": "" if output is None else json_text(output),
        },
    }
