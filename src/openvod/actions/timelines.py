"""DescribeTimelines, of our own API: what a finished task has found in its video, as files for editors and players."""

from openvod.actions import Call, action
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.media.timelines import Timeline
from openvod.render.timelines import FORMATS, Format, timelines_of

USUAL = "edl"


@action("DescribeTimelines", service="openvod")
def describe_timelines(call: Call) -> Json:
    """Every timeline of the task in one format (`FORMATS`); none while it is not finished, without a video, or where none fits
    the format.
    """
    task = call.task()
    form = FORMATS.get(call.params.get("Format", USUAL))
    if form is None:
        raise ApiError("InvalidParameterValue/range", field="Format", expected=" / ".join(FORMATS))
    if task.status != "FINISH":
        return {"TimelineSet": []}
    try:
        found = timelines_of(call.store, task)
        return {"TimelineSet": [_row(task.id, each, form) for each in found]}
    except (KeyError, ValueError):
        return {"TimelineSet": []}


def _row(task_id: str, timeline: Timeline, form: Format) -> Json:
    name = timeline.name.replace(" ", "-").lower()
    return {
        "Name": timeline.name,
        "Count": len(timeline.spans),
        "FileName": f"{task_id}-{name}.{form.extension}",
        "ContentType": form.content_type,
        "Content": form.write(timeline),
    }
