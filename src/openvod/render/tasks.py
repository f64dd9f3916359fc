"""The ProcessMediaByMPS structure, as DescribeTaskDetail and the event of the task's end show it."""

from openvod.core.answers import json_text, spelled_out
from openvod.core.models import Json
from openvod.render import Renderer
from openvod.store.tasks import SubTaskRecord, TaskRecord


def process_media_by_mps(renderer: Renderer, task: TaskRecord) -> Json:
    """The whole structure; its Status knows no WAITING, so a waiting task reads PROCESSING here."""
    return {
        "TaskId": task.id,
        "Status": "FINISH" if task.status in {"FINISH", "ABORTED"} else "PROCESSING",
        "ErrCode": task.err_code,
        "Message": renderer.message(task.message) or ("SUCCESS" if task.status == "FINISH" else ""),
        "SubTaskSet": [_sub_task(renderer, task, row) for row in task.sub_tasks],
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
