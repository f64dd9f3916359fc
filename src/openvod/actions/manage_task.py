"""ManageTask: end a task before its time."""

from openvod.actions import Call, action
from openvod.core.errors import ApiError, aborted
from openvod.core.models import Json


@action("ManageTask")
def manage_task(call: Call) -> Json:
    """Abort a task, the only OperationType there is: its unfinished sub-tasks fail, its event is written.

    Aborting a task that is already worked on is an extension; the vendor's limits take it away.
    """
    task = call.task()
    running = not call.settings.vendor_limits
    was = call.store.tasks.abort(task.id, aborted(), running=running)
    if was != "WAITING" and not (was == "PROCESSING" and running):
        raise ApiError("FailedOperation/task-status", status=was)
    return {}


manage_task_at_mps = action("ManageTask", service="mps")(manage_task.run)
"""The same request and the same answer."""
