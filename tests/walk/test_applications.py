"""Applications, usage and the end of waiting tasks through the official SDK. No worker runs: tasks wait."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core import spec
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.tables import usage
from tests import clips
from tests.conftest import SUB_APP, Server, serving
from tests.walk.conftest import Sdk

TAGS = [{"TagKey": "组", "TagValue": "a"}, {"TagKey": "env", "TagValue": "test"}]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("applications") / "data", "--workers", "0") as running:
        yield running


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


def ask(sdk: Sdk, action: str, **params: Any) -> dict[str, Any]:
    answer = sdk.call(action, **params)
    spec.load().check_response(action, answer)
    return answer


def refused(sdk: Sdk, action: str, **params: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call(action, **params)
    return str(refusal.value.code)


def create(sdk: Sdk, name: str, **about: Any) -> int:
    return int(ask(sdk, "CreateSubAppId", Name=name, **about)["SubAppId"])


def info(sdk: Sdk, sub_app: int) -> dict[str, Any]:
    rows = ask(sdk, "DescribeSubAppIds")["SubAppIdInfoSet"]
    (row,) = [row for row in rows if row["SubAppId"] == sub_app]
    return dict(row)


def process(sdk: Sdk, sub_app: int, file_id: str) -> str:
    task = {"AiAnalysisTask": {"Definition": 21}, "SmartSubtitlesTask": {"Definition": 200}}
    return str(ask(sdk, "ProcessMediaByMPS", FileId=file_id, SubAppId=sub_app, **task)["TaskId"])


def test_an_application_is_made_found_and_renamed(sdk: Sdk) -> None:
    made = create(
        sdk,
        "first 应用",
        Description="d",
        Type="Professional",
        Mode="fileid",
        StorageRegion="ap-chongqing",
        Tags=TAGS,
    )
    other = create(sdk, "second", Tags=TAGS[:1])
    row = info(sdk, made)
    assert row["Name"] == row["SubAppIdName"] == "first 应用"
    assert (row["Description"], row["Status"], row["Mode"]) == ("d", "On", "fileid")
    assert (row["StorageRegions"], row["Tags"]) == (["ap-chongqing"], TAGS)

    def found(**wanted: Any) -> list[int]:
        answer = ask(sdk, "DescribeSubAppIds", **wanted)
        assert answer["TotalCount"] >= len(answer["SubAppIdInfoSet"])
        return [row["SubAppId"] for row in answer["SubAppIdInfoSet"]]

    assert found(Name="second") == [other]
    assert found(Tags=TAGS[:1]) == [made, other]
    assert found(Tags=TAGS) == [made]
    assert found(Tags=[{"TagKey": "env", "TagValue": "no"}]) == []
    assert found(Tags=TAGS[:1], Offset=1, Limit=1) == [other]
    assert found()[0] == SUB_APP
    ask(sdk, "ModifySubAppIdInfo", SubAppId=other, Name="new name")
    ask(sdk, "ModifySubAppIdInfo", SubAppId=other, Description="new text")
    assert (info(sdk, other)["Name"], info(sdk, other)["Description"]) == ("new name", "new text")
    ask(sdk, "ModifySubAppIdInfo", SubAppId=other, Description="")
    assert info(sdk, other)["Description"] == ""


@pytest.mark.parametrize(
    "params, code",
    [
        ({"Name": ""}, "InvalidParameterValue"),
        ({"Name": "x" * 41}, "InvalidParameterValue"),
        ({"Name": "x", "Description": "x" * 301}, "InvalidParameterValue"),
        ({"Name": "x", "Mode": "path"}, "InvalidParameterValue"),
        ({"Name": "x", "Type": "Free"}, "InvalidParameterValue"),
        ({"Name": "x", "Mode": "fileid+path"}, "MissingParameter"),
        ({"Name": "x", "Tags": [{"TagKey": "k"}]}, "MissingParameter"),
        ({}, "MissingParameter"),
    ],
)
def test_what_an_application_cannot_be(sdk: Sdk, params: dict[str, Any], code: str) -> None:
    assert refused(sdk, "CreateSubAppId", **params) == code


def test_path_mode_is_kept(sdk: Sdk) -> None:
    made = create(sdk, "paths", Mode="fileid+path", StorageRegion="ap-shanghai")
    assert info(sdk, made)["Mode"] == "fileid+path"


def test_an_application_that_is_off_can_be_read_and_takes_no_new_work(
    server: Server, sdk: Sdk, clip: Path
) -> None:
    app = create(sdk, "switched")
    file_id = server.upload(clip, "--sub-app", str(app))
    task_id = process(sdk, app, file_id)
    ask(sdk, "ModifySubAppIdStatus", SubAppId=app, Status="Off")
    assert info(sdk, app)["Status"] == "Off"
    refusals = {
        refused(sdk, "ProcessMediaByMPS", FileId=file_id, SubAppId=app, AiAnalysisTask={"Definition": 21}),
        refused(sdk, "ApplyUpload", MediaType="mp4", SubAppId=app),
        refused(sdk, "DeleteMPSTemplate", SubAppId=app, TemplateType="SmartErase", Definition=30001),
    }
    assert refusals == {"FailedOperation.InvalidVodUser"}
    assert ask(sdk, "DescribeTaskDetail", TaskId=task_id)["Status"] == "WAITING"
    assert sdk.call("DescribeMediaInfos", FileIds=[file_id], SubAppId=app)["NotExistFileIdSet"] == []
    ask(sdk, "ModifySubAppIdStatus", SubAppId=app, Status="On")
    process(sdk, app, file_id)


def test_a_destroyed_application_is_empty(server: Server, sdk: Sdk, clip: Path) -> None:
    app = create(sdk, "doomed")
    file_id = server.upload(clip, "--sub-app", str(app))
    task_id = process(sdk, app, file_id)
    ask(sdk, "ModifySubAppIdStatus", SubAppId=app, Status="Destroyed")
    assert info(sdk, app)["Status"] == "Destroyed"
    assert ask(sdk, "DescribeTaskDetail", TaskId=task_id)["Status"] == "ABORTED"
    assert sdk.call("DescribeMediaInfos", FileIds=[file_id], SubAppId=app)["MediaInfoSet"] == []
    assert refused(sdk, "ApplyUpload", MediaType="mp4", SubAppId=app) == "FailedOperation.InvalidVodUser"
    ask(sdk, "ModifySubAppIdStatus", SubAppId=app, Status="On")
    assert info(sdk, app)["Status"] == "On"
    again = {"FileId": file_id, "SubAppId": app, "AiAnalysisTask": {"Definition": 21}}
    assert refused(sdk, "ProcessMediaByMPS", **again) == "InvalidParameterValue.FileId"


def test_statuses_that_cannot_be(sdk: Sdk) -> None:
    assert refused(sdk, "ModifySubAppIdStatus", SubAppId=SUB_APP, Status="Destroyed") == "FailedOperation"
    assert (
        refused(sdk, "ModifySubAppIdStatus", SubAppId=SUB_APP, Status="Destroying") == "InvalidParameterValue"
    )
    for action, about in (("ModifySubAppIdStatus", {"Status": "Off"}), ("ModifySubAppIdInfo", {"Name": "x"})):
        assert refused(sdk, action, SubAppId=1, **about) == "InvalidParameterValue.SubAppId"


def test_a_waiting_task_is_aborted_once(server: Server, sdk: Sdk, clip: Path) -> None:
    task_id = process(sdk, SUB_APP, server.upload(clip))
    ask(sdk, "ManageTask", TaskId=task_id, OperationType="Abort", SubAppId=SUB_APP)
    detail = ask(sdk, "DescribeTaskDetail", TaskId=task_id)
    assert (detail["Status"], detail["BeginProcessTime"]) == ("ABORTED", "")
    assert detail["FinishTime"] >= detail["CreateTime"]
    inner = detail["ProcessMediaByMPSTask"]
    assert (inner["Status"], inner["ErrCode"]) == ("FINISH", 0)
    assert "aborted" in inner["Message"]
    for row in inner["SubTaskSet"]:
        assert (row["Status"], row["ErrCode"]) == ("FAIL", "40000")
        assert row["Message"].startswith("InvalidInput: the task was aborted")
    assert refused(sdk, "ManageTask", TaskId=task_id, OperationType="Abort") == "FailedOperation"


def test_what_cannot_be_managed(server: Server, sdk: Sdk, clip: Path) -> None:
    task_id = process(sdk, SUB_APP, server.upload(clip))
    other = create(sdk, "other")
    abort = {"TaskId": task_id, "OperationType": "Abort"}
    assert refused(sdk, "ManageTask", **{**abort, "OperationType": "Pause"}) == (
        "InvalidParameterValue.InvalidOperationType"
    )
    assert refused(sdk, "ManageTask", **{**abort, "TaskId": "221157-x"}) == "InvalidParameterValue.TaskId"
    assert refused(sdk, "ManageTask", **abort, SubAppId=other) == "InvalidParameterValue.TaskId"
    assert refused(sdk, "ManageTask", TaskId=task_id) == "MissingParameter"
    assert ask(sdk, "DescribeTaskDetail", TaskId=task_id)["Status"] == "WAITING"


def worked(server: Server, app: int, rows: list[tuple[str, str, float]]) -> None:
    """Put usage on record: (TaskType, ISO time, seconds)."""
    values = [
        {
            "task_id": f"{app}-{number}",
            "position": 0,
            "sub_app_id": app,
            "type": kind,
            "media_seconds": seconds,
            "finished": int(datetime.fromisoformat(time).timestamp() * 1000),
        }
        for number, (kind, time, seconds) in enumerate(rows)
    ]
    with Store.open(Settings(data=server.data)) as store:
        store.db.write(lambda connection: connection.execute(insert(usage), values))


def test_usage_by_kind_and_day(server: Server, sdk: Sdk) -> None:
    app = create(sdk, "busy")
    day = datetime.now(UTC).date() - timedelta(days=10)
    first, second, third = (str(day + timedelta(days=n)) for n in range(3))
    worked(
        server,
        app,
        [
            ("AiAnalysis.TagTask", f"{first}T00:00:00+08:00", 10.4),
            ("AiAnalysis.FrameTagTask", f"{first}T23:59:59+08:00", 20.0),
            ("AiAnalysis.TagTask", f"{third}T12:00:00+08:00", 30.0),
            ("SmartErase", f"{second}T12:00:00+08:00", 5.0),
            ("AiAnalysis.TagTask", f"{day - timedelta(days=1)}T23:59:59+08:00", 1000.0),
        ],
    )
    span = {"SubAppId": app, "StartTime": f"{first}T10:00:00+08:00", "EndTime": f"{third}T01:00:00+08:00"}
    answer = ask(sdk, "DescribeMediaProcessUsageData", **span)

    def data(*pairs: tuple[int, int]) -> list[dict[str, Any]]:
        times = [f"{date}T00:00:00+08:00" for date in (first, second, third)]
        return [
            {"Time": time, "Count": count, "Usage": seconds}
            for time, (count, seconds) in zip(times, pairs, strict=True)
        ]

    assert answer["MediaProcessDataSet"] == [
        {
            "TaskType": "RemoveWatermark",
            "Summary": data((0, 0), (1, 5), (0, 0)),
            "Details": [{"Specification": "SmartErase", "Data": data((0, 0), (1, 5), (0, 0))}],
        },
        {
            "TaskType": "VideoTag",
            "Summary": data((2, 30), (0, 0), (1, 30)),
            "Details": [
                {"Specification": "AiAnalysis.FrameTagTask", "Data": data((1, 20), (0, 0), (0, 0))},
                {"Specification": "AiAnalysis.TagTask", "Data": data((1, 10), (0, 0), (1, 30))},
            ],
        },
    ]
    (only,) = ask(sdk, "DescribeMediaProcessUsageData", **span, Type="RemoveWatermark")["MediaProcessDataSet"]
    assert only == answer["MediaProcessDataSet"][0]
    (nothing,) = ask(sdk, "DescribeMediaProcessUsageData", **span, Type="Transcoding")["MediaProcessDataSet"]
    assert nothing == {"TaskType": "Transcoding", "Summary": data((0, 0), (0, 0), (0, 0)), "Details": []}
    assert (
        refused(sdk, "DescribeMediaProcessUsageData", **span, Type="Cooking") == "InvalidParameterValue.Type"
    )
    utc = {"SubAppId": app, "StartTime": f"{first}T00:00:00Z", "EndTime": f"{first}T23:59:59Z"}
    rows = ask(sdk, "DescribeMediaProcessUsageData", **utc)["MediaProcessDataSet"]
    assert [(row["TaskType"], row["Summary"]) for row in rows] == [
        ("VideoTag", [{"Time": f"{first}T00:00:00Z", "Count": 1, "Usage": 20}])
    ]
    assert (
        ask(sdk, "DescribeMediaProcessUsageData", **{**span, "SubAppId": SUB_APP})["MediaProcessDataSet"]
        == []
    )


@pytest.mark.parametrize(
    "start, end, code",
    [
        (1, 2, "InvalidParameterValue.EndTime"),
        (92, 1, "InvalidParameterValue.EndTime"),
        (90, 0, ""),
        (364, 300, ""),
        (367, 300, "InvalidParameterValue.StartTime"),
    ],
)
def test_how_far_usage_reaches(sdk: Sdk, start: int, end: int, code: str) -> None:
    now = datetime.now(UTC)
    times = [(now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (start, end)]
    span = {"StartTime": times[0], "EndTime": times[1]}
    if code:
        assert refused(sdk, "DescribeMediaProcessUsageData", **span) == code
    else:
        assert ask(sdk, "DescribeMediaProcessUsageData", **span)["MediaProcessDataSet"] == []


def test_usage_times_must_be_times(sdk: Sdk) -> None:
    span = {"StartTime": "yesterday", "EndTime": "2026-01-01T00:00:00Z"}
    assert refused(sdk, "DescribeMediaProcessUsageData", **span) == "InvalidParameterValue"
