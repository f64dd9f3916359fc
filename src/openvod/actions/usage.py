"""DescribeMediaProcessUsageData: what was worked, per kind of task and day."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from openvod.actions import Call, action
from openvod.core import facts
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.walker import shown
from openvod.store.usage import DayOfUsage

MOST_DAYS = 90
"""How far apart StartTime and EndTime may be."""
OLDEST_DAYS = 365
"""How long ago StartTime may be."""
DAY = timedelta(days=1)
KINDS: Mapping[str, str] = {
    "AiAnalysis.TagTask": "VideoTag",
    "AiAnalysis.FrameTagTask": "VideoTag",
    "AiAnalysis.ClassificationTask": "VideoClassification",
    "AiAnalysis.CoverTask": "VideoCover",
    "AiAnalysis.SegmentTask": "VideoSegment",
    "AiAnalysis.HighlightTask": "VideoHighlight",
    "AiAnalysis.DeLogo": "RemoveWatermark",
    "SmartErase": "RemoveWatermark",
    "AiAnalysis.HorizontalToVerticalTask": "VideoProduce",
    "AiAnalysis.VideoRemakeTask": "VideoProduce",
    "AiAnalysis.ReelTask": "VideoProduce",
    "AiAnalysis.DubbingTask": "VoiceTranslation",
    "SmartSubtitle.TransTextTask": "VoiceTranslation",
    "SmartSubtitle.PureSubtitleTransTask": "VoiceTranslation",
}
"""The kind of usage that a sub-task counts as (our choice: the vendor names the kinds only); others are recognition."""
OTHERS = "ContentRecognition"


@action("DescribeMediaProcessUsageData")
def describe_media_process_usage_data(call: Call) -> Json:
    """Usage of whole days, from StartTime's to EndTime's, whose midnights are those of StartTime's UTC offset.

    A kind is listed if anything was worked in that time, or if `Type` asks for it; then every day has a row. The
    specifications of a kind are the sub-tasks' types. Usage is seconds of media.
    """
    first, days = _span(call)
    since = int(first.timestamp() * 1000)
    found = call.store.usage.days(call.sub_app().id, since, since + days * 86_400_000)
    wanted = call.params.get("Type")
    if wanted and wanted not in facts.read("enums")["MediaProcessUsage.Type"]:
        raise ApiError("InvalidParameterValue.Type", value=shown(wanted))
    kinds = [wanted] if wanted else sorted({_kind(row) for row in found})
    times = [(first + number * DAY).isoformat().replace("+00:00", "Z") for number in range(days)]
    return {"MediaProcessDataSet": [_statistics(kind, found, times) for kind in kinds]}


def _span(call: Call) -> tuple[datetime, int]:
    """The first midnight, and the number of days."""
    start, end = _moment(call.params["StartTime"]), _moment(call.params["EndTime"])
    if (
        start < datetime.fromtimestamp(call.now, UTC) - OLDEST_DAYS * DAY - DAY
    ):  # the day in which that moment lies
        raise ApiError("InvalidParameterValue.StartTime", days=OLDEST_DAYS)
    if not timedelta() <= end - start <= MOST_DAYS * DAY:
        raise ApiError("InvalidParameterValue.EndTime", days=MOST_DAYS)
    first = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return first, (end - first) // DAY + 1


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)  # the spec has checked that it is a time
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kind(row: DayOfUsage) -> str:
    return KINDS.get(row.type, OTHERS)


def _statistics(kind: str, found: Iterable[DayOfUsage], times: list[str]) -> Json:
    """A `TaskStatData`; its summary is the sum of its details, to the second."""
    rows = [row for row in found if _kind(row) == kind]
    details = [
        {"Specification": name, "Data": _data([row for row in rows if row.type == name], times)}
        for name in sorted({row.type for row in rows})
    ]
    return {"TaskType": kind, "Summary": _data(rows, times), "Details": details}


def _data(rows: list[DayOfUsage], times: list[str]) -> list[Json]:
    data: list[Json] = [{"Time": time, "Count": 0, "Usage": 0} for time in times]
    for row in rows:
        data[row.day]["Count"] += row.count
        data[row.day]["Usage"] += round(row.seconds)
    return data
