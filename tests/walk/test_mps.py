"""The second door: the official MPS client on the same port, the same records, the same results."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest
import requests
from tencentcloud.common import credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.mps.v20190612 import models, mps_client

from openvod.core import signing, spec
from openvod.core.settings import Settings
from openvod.core.signing import Scope
from openvod.store import Store
from tests import clips
from tests.conftest import SUB_APP, Server, ends
from tests.receiver import Receiver, receiving
from tests.walk.conftest import Sdk
from tests.worker import origin as far

MPS = spec.load("mps")
TAGS: dict[str, Any] = {"AiAnalysisTask": {"Definition": 21, "ExtendedParameter": ""}}
WORK: dict[str, Any] = {"SmartSubtitlesTask": {"Definition": 200}, **TAGS}
QUICK: dict[str, Any] = {"SmartEraseTask": {"Definition": 301}}
"""What soon ends, whatever is installed: there is no picture to erase from in what `file_id` is."""


class Mps:
    """The official Python SDK; `call` takes and gives what is on the wire, and checks it."""

    def __init__(self, address: str, secret_id: str, secret_key: str, **profile: Any) -> None:
        http = HttpProfile(protocol="http", endpoint=address, reqMethod=profile.pop("method", "POST"))
        self.client = mps_client.MpsClient(
            credential.Credential(secret_id, secret_key),
            "ap-guangzhou",
            ClientProfile(httpProfile=http, language=profile.pop("language", "en-US"), **profile),
        )

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        """The answer's fields; raises TencentCloudSDKException."""
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(params))
        answer: dict[str, Any] = json.loads(getattr(self.client, action)(request).to_json_string())
        return answer

    def process(self, file_id: str, **work: Any) -> str:
        """ProcessMedia on a file of the library; the TaskId."""
        vod = {"FileId": file_id, "VodBasic": 1, "SubAppId": SUB_APP}
        return str(
            self.call("ProcessMedia", InputInfo={"Type": "VOD", "VODInputInfo": vod}, **work)["TaskId"]
        )

    def wait(self, task_id: str) -> dict[str, Any]:
        """DescribeTaskDetail, again and again until the task has ended."""
        detail: dict[str, Any] = {}

        def ended() -> bool:
            detail.update(self.call("DescribeTaskDetail", TaskId=task_id))
            return bool(detail["Status"] == "FINISH")

        if not ends(ended):
            raise TimeoutError(task_id)
        return detail

    def refusal(self, action: str, **params: Any) -> tuple[str, str]:
        with pytest.raises(TencentCloudSDKException) as refusal:
            self.call(action, **params)
        assert refusal.value.requestId
        return str(refusal.value.code), str(refusal.value.message)


@pytest.fixture
def mps(server: Server) -> Mps:
    return Mps(server.address, server.secret_id, server.secret_key)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.audio(tmp_path_factory.mktemp("sound") / "sound.m4a", clips.sine(0.5))


@pytest.fixture(scope="module")
def file_id(server: Server, sound: Path) -> str:
    return server.upload(sound)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def posted(
    server: Server, action: str, body: dict[str, Any], version: str = MPS.version, **scope: str
) -> dict[str, Any]:
    """A request signed by hand, as tccli makes it; the `Response`, checked if it is good."""
    payload, now = json.dumps(body).encode(), int(time())
    service = Scope(signing.utc_date(now), scope.get("service", "mps"))
    headers = ("application/json", f"http://{server.address}")
    canonical = signing.canonical_tc3(
        "POST", "", signing.SIGNED_HEADERS, headers, signing.payload_hash(payload)
    )
    signature = signing.tc3_signature(server.secret_key, service, str(now), canonical)
    answer = requests.post(
        server.url,
        payload,
        headers={
            "Content-Type": headers[0],
            "Host": headers[1],
            "X-TC-Action": action,
            "X-TC-Version": version,
            "X-TC-Timestamp": str(now),
            "Authorization": f"{signing.ALGORITHM} Credential={server.secret_id}/{service}, "
            f"SignedHeaders=content-type;host, Signature={signature}",
        },
        timeout=30,
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    fields: dict[str, Any] = answer.json()["Response"]
    if "Error" not in fields:
        MPS.check_response(action, fields)
    return fields


def code(answer: dict[str, Any]) -> str:
    return str(answer.get("Error", {}).get("Code", ""))


def test_tccli(server: Server, file_id: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TENCENTCLOUD_SECRET_ID": server.secret_id,
        "TENCENTCLOUD_SECRET_KEY": server.secret_key,
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }

    def tccli(action: str, *options: str) -> Any:
        command = [Path(sys.executable).with_name("tccli"), "mps", action, "--endpoint", server.url, *options]
        run = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    source = json.dumps({"Type": "VOD", "VODInputInfo": {"FileId": file_id}})
    made = tccli("ProcessMedia", "--InputInfo", source, "--SmartEraseTask", '{"Definition": 301}')
    waiter = '{"expr":"Status","to":"FINISH","timeout":60,"interval":1}'
    detail = tccli("DescribeTaskDetail", "--TaskId", made["TaskId"], "--waiter", waiter)
    assert detail["WorkflowTask"]["SmartEraseTaskResult"]["Status"] == "FAIL"


@pytest.fixture(scope="module")
def spoken(server: Server, talk: Path) -> str:
    return server.upload(talk)


@pytest.fixture(scope="module")
def worked(server: Server, spoken: str) -> str:
    """A task that listens to and looks at it, made at this door."""
    return Mps(server.address, server.secret_id, server.secret_key).process(spoken, **WORK)


@pytest.mark.needs("models")
def test_both_doors_give_the_same_result(sdk: Sdk, mps: Mps, spoken: str, worked: str) -> None:
    there = sdk.call("ProcessMediaByMPS", FileId=spoken, SubAppId=SUB_APP, **WORK)["TaskId"]
    told, vod = mps.wait(worked)["WorkflowTask"], sdk.wait(there)["ProcessMediaByMPSTask"]
    rows = {row["TaskType"]: row for row in vod["SubTaskSet"]}
    (subtitles,) = told["SmartSubtitlesTaskResult"]
    (tags,) = told["AiAnalysisResultSet"]
    assert (subtitles["Type"], tags["Type"]) == ("AsrFullTextRecognition", "Tag")
    for kind, result in (
        ("SmartSubtitle.AsrFullTextTask", subtitles["AsrFullTextTask"]),
        ("AiAnalysis.TagTask", tags["TagTask"]),
    ):
        assert (result["Status"], result["ErrCode"], result["ErrCodeExt"]) == ("SUCCESS", 0, "")
        assert result["Message"] == "SUCCESS"
        same = json.loads(rows[kind]["Output"]["OutputText"])
        assert result["Output"].keys() >= same.keys()
        for name in {"SegmentSet", "TagSet", "OutputStorage"} & same.keys():
            assert without_nulls(result["Output"][name]) == without_nulls(same[name])
            assert same[name]
    path = subtitles["AsrFullTextTask"]["Output"]["SubtitlePath"]
    assert requests.get(path, timeout=30).text.startswith("WEBVTT")
    assert told["MetaData"]["Duration"] == pytest.approx(12, abs=0.5)


def without_nulls(value: Any) -> Any:
    match value:
        case dict():
            return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [without_nulls(inner) for inner in value]
    return value


def test_a_task_is_told_at_both_doors(server: Server, sdk: Sdk, mps: Mps, file_id: str) -> None:
    here = mps.process(file_id, SessionContext="mine", TasksPriority=3, **QUICK)
    assert here.startswith(f"{SUB_APP}-WorkflowTask-")
    detail = mps.wait(here)
    assert (detail["TaskType"], detail["SessionContext"], detail["TasksPriority"]) == (
        "WorkflowTask",
        "mine",
        3,
    )
    assert detail["BeginProcessTime"] <= detail["FinishTime"]
    told = detail["WorkflowTask"]
    assert told["InputInfo"]["VODInputInfo"]["FileId"] == file_id
    assert told["MetaData"]["AudioStreamSet"][0]["Codec"]
    erasure = told["SmartEraseTaskResult"]
    row = sdk.wait(here)["ProcessMediaByMPSTask"]["SubTaskSet"][0]
    assert (erasure["Status"], row["Status"]) == ("FAIL", "FAIL")
    assert erasure["ErrCodeExt"] == "SourceFileError.NoVideoMedia"
    assert row["Message"] == f"{erasure['ErrCodeExt']}: {erasure['Message']}"
    assert erasure["Input"]["Definition"] == json.loads(row["Input"])["Definition"] == 301

    there = sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, **QUICK)["TaskId"]
    other = mps.wait(there)["WorkflowTask"]
    assert other["InputInfo"]["VODInputInfo"]["FileId"] == file_id
    assert other["SmartEraseTaskResult"]["Status"] == "FAIL"
    for task_id in (here, there):
        MPS.check_response("DescribeTaskDetail", posted(server, "DescribeTaskDetail", {"TaskId": task_id}))


@pytest.mark.parametrize("how", [{"method": "GET"}, {"signMethod": "HmacSHA256"}, {"signMethod": "HmacSHA1"}])
def test_every_form_and_signature(server: Server, file_id: str, how: dict[str, Any]) -> None:
    client = Mps(server.address, server.secret_id, server.secret_key, **how)
    task_id = client.process(file_id, **QUICK)
    assert client.call("DescribeTaskDetail", TaskId=task_id)["WorkflowTask"]["TaskId"] == task_id


def test_tasks_are_listed_page_by_page(server: Server, mps: Mps, file_id: str) -> None:
    made = [mps.process(file_id, **QUICK) for _ in range(3)]
    for task_id in made:
        mps.wait(task_id)
    first = posted(server, "DescribeTasks", {"Status": "FINISH", "Limit": 2})
    assert [row["TaskId"] for row in first["TaskSet"]] == made[:0:-1]
    row = first["TaskSet"][0]
    assert (row["TaskType"], row["SubTaskTypes"]) == ("WorkflowTask", ["SmartErase"])
    assert first["TotalCount"] >= 3
    second = posted(
        server, "DescribeTasks", {"Status": "FINISH", "Limit": 2, "ScrollToken": first["ScrollToken"]}
    )
    assert second["TaskSet"][0]["TaskId"] == made[0]
    for failed, count in ((True, first["TotalCount"]), (False, 0)):
        found = mps.call(
            "DescribeTasks", Status="FINISH", SubTaskHasFailed=failed, StartTime=row["CreateTime"]
        )
        assert (found["TotalCount"] > 0) is (count > 0)
    assert mps.call("DescribeTasks", Status="FINISH", EndTime="2001-01-01T00:00:00Z")["TotalCount"] == 0
    assert mps.refusal("DescribeTasks")[0] == "MissingParameter"
    token = {"Status": "WAITING", "ScrollToken": first["ScrollToken"]}
    assert mps.refusal("DescribeTasks", **token)[0] == "InvalidParameterValue"


URL = {"Type": "URL", "UrlInputInfo": {"Url": "http://media.example/a.mp4"}}
REFUSALS: list[tuple[dict[str, Any], str, str]] = [
    ({"InputInfo": None}, "MissingParameter", "InputInfo"),
    ({"InputInfo": {"Type": "FTP"}}, "InvalidParameterValue.InputInfo", "InputInfo.Type"),
    ({"InputInfo": {"Type": "VOD"}}, "MissingParameter", "InputInfo.VODInputInfo"),
    ({"InputInfo": {"Type": "VOD", "VODInputInfo": {"Bucket": "b"}}}, "MissingParameter", "FileId"),
    (
        {"InputInfo": {"Type": "VOD", "VODInputInfo": {"FileId": "1"}}},
        "InvalidParameterValue.InputInfo",
        "`1`",
    ),
    (
        {"InputInfo": {"Type": "VOD", "VODInputInfo": {"FileId": "1", "SubAppId": 7}}},
        "InvalidParameterValue.InputInfo",
        "7",
    ),
    (
        {"InputInfo": {"Type": "COS", "CosInputInfo": {"Bucket": "b", "Region": "r", "Object": "/o"}}},
        "UnsupportedOperation",
        "COS",
    ),
    (
        {"InputInfo": {"Type": "URL", "UrlInputInfo": {"Url": "http://169.254.169.254/"}}},
        "InvalidParameterValue",
        "InputInfo.UrlInputInfo.Url",
    ),
    (
        {"InputInfo": {"Type": "URL", "UrlInputInfo": {"Url": "file:///etc/passwd"}}},
        "InvalidParameterValue",
        "Url",
    ),
    (
        {"InputInfo": URL, "OutputStorage": {"Type": "VOD", "VODOutputStorage": {"SubAppId": 7}}},
        "InvalidParameterValue.InputInfo",
        "7",
    ),
    (
        {"OutputStorage": {"Type": "COS", "CosOutputStorage": {"Bucket": "b", "Region": "r"}}},
        "UnsupportedOperation",
        "OutputStorage.Type = COS",
    ),
    (
        {"OutputStorage": {"Type": "VOD", "VODOutputStorage": {"SubAppId": 7}}},
        "UnsupportedOperation",
        "SubAppId = 7",
    ),
    (
        {"SmartEraseTask": {"Definition": 301, "OutputStorage": {"Type": "COS"}}},
        "UnsupportedOperation",
        "SmartEraseTask.OutputStorage",
    ),
    ({"OutputDir": "out"}, "InvalidParameterValue", "OutputDir"),
    (
        {"MediaProcessTask": {"TranscodeTaskSet": [{"Definition": 30}]}},
        "UnsupportedOperation",
        "MediaProcessTask",
    ),
    ({"AiQualityControlTask": {"Definition": 30}}, "UnsupportedOperation", "AiQualityControlTask"),
    ({"ScheduleId": 5}, "UnsupportedOperation", "ScheduleId"),
    ({"SmartEraseTask": None}, "InvalidParameter", "No task"),
    ({"SmartEraseTask": {"Definition": 9999}}, "InvalidParameterValue", "9999"),
    ({"TaskNotifyConfig": {"NotifyType": "CMQ"}}, "UnsupportedOperation", "CMQ"),
    ({"TaskNotifyConfig": {"NotifyMode": "Finish"}}, "UnsupportedOperation", "TDMQ-CMQ"),
    ({"TaskNotifyConfig": {"NotifyType": "URL"}}, "MissingParameter", "NotifyUrl"),
    (
        {"TaskNotifyConfig": {"NotifyType": "URL", "NotifyUrl": "http://[::ffff:a9fe:a9fe]/"}},
        "InvalidParameterValue",
        "NotifyUrl",
    ),
    ({"SessionId": "x" * 51}, "InvalidParameterValue.SessionIdTooLong", ""),
    ({"SessionContext": "x" * 1001}, "InvalidParameterValue.SessionContextTooLong", ""),
    ({"TasksPriority": 11}, "InvalidParameterValue", "TasksPriority"),
    ({"Nonsense": 1}, "UnknownParameter", "Nonsense"),
    ({"SmartEraseTask": {"Definition": "301"}}, "InvalidParameter", "SmartEraseTask.Definition"),
]


@pytest.mark.parametrize("change, expected, named", REFUSALS)
def test_refusals(server: Server, file_id: str, change: dict[str, Any], expected: str, named: str) -> None:
    good = {"InputInfo": {"Type": "VOD", "VODInputInfo": {"FileId": file_id}}, **QUICK}
    answer = posted(server, "ProcessMedia", {**good, **change})
    assert code(answer) == expected
    assert named in answer["Error"]["Message"]


def test_a_session_is_one_at_both_doors(server: Server, sdk: Sdk, mps: Mps, file_id: str) -> None:
    session = f"both-{monotonic()}"
    mps.process(file_id, SessionId=session, **QUICK)
    passed_on = json.dumps({"SessionId": session, **QUICK})
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, MPSProcessMediaParams=passed_on)
    assert refusal.value.code == "InvalidParameterValue.SessionId"
    again = {"Type": "VOD", "VODInputInfo": {"FileId": file_id}}
    assert mps.refusal("ProcessMedia", InputInfo=again, SessionId=session, **QUICK)[0] == refusal.value.code


def test_actions_and_versions(server: Server, sdk: Sdk, mps: Mps) -> None:
    assert code(posted(server, "CreateTranscodeTemplate", {})) == "UnsupportedOperation"
    assert code(posted(server, "ParseNotification", {})) == "UnsupportedOperation"
    assert code(posted(server, "ProcessMediaByMPS", {})) == "InvalidAction"
    assert code(posted(server, "SearchMedia", {}, version="2018-07-17")) == "NoSuchVersion"
    assert code(posted(server, "DescribeTasks", {}, service="vod")) == "NoSuchVersion"
    assert code(posted(server, "DescribeTasks", {}, version="2020-01-01")) == "NoSuchVersion"
    other = posted(server, "DescribeTasks", {"Status": "WAITING"}, service="127")
    assert other["TaskSet"] == []


def test_a_stranger_sees_nothing(server: Server, mps: Mps, file_id: str) -> None:
    task_id = mps.process(file_id, **QUICK)
    mps.wait(task_id)
    with Store.open(Settings(data=server.data)) as store:
        account = store.accounts.create_account(f"stranger {monotonic()}")
        store.accounts.create_sub_app(account.id, "theirs")
        key = store.accounts.create_key(account.id)
    stranger = Mps(server.address, key.secret_id, key.secret_key)
    assert stranger.refusal("DescribeTaskDetail", TaskId=task_id)[0] == "InvalidParameterValue.TaskId"
    assert (
        stranger.refusal("ManageTask", OperationType="Abort", TaskId=task_id)[0]
        == "InvalidParameterValue.TaskId"
    )
    assert stranger.call("DescribeTasks", Status="FINISH")["TotalCount"] == 0
    for vod in ({"FileId": file_id}, {"FileId": file_id, "SubAppId": SUB_APP}):
        taken = {"Type": "VOD", "VODInputInfo": vod}
        assert (
            stranger.refusal("ProcessMedia", InputInfo=taken, **QUICK)[0] == "InvalidParameterValue.InputInfo"
        )


def test_ended_tasks_are_not_aborted(mps: Mps, file_id: str) -> None:
    task_id = mps.process(file_id, **QUICK)
    mps.wait(task_id)
    assert mps.refusal("ManageTask", OperationType="Abort", TaskId=task_id)[0] == "FailedOperation"
    wrong = mps.refusal("ManageTask", OperationType="Stop", TaskId=task_id)
    assert wrong[0] == "InvalidParameterValue.InvalidOperationType"


def test_a_notification_is_posted_and_signed(
    server: Server, mps: Mps, file_id: str, receiver: Receiver
) -> None:
    receiver.answers = [500]
    config = {"NotifyType": "URL", "NotifyUrl": receiver.url, "NotifyKey": "secret"}
    task_id = mps.process(file_id, SessionContext="mine", TaskNotifyConfig=config, **QUICK)
    _, body = receiver.wait_for(2)
    MPS.check_output("ParseNotificationResponse", body)
    assert (body["EventType"], body["SessionContext"]) == ("WorkflowTask", "mine")
    assert body["Sign"] == md5(f"{body['Timestamp']}secret".encode()).hexdigest()
    assert body["Timestamp"] == pytest.approx(time() + 600, abs=60)
    assert body["WorkflowTaskEvent"]["TaskId"] == task_id
    assert body["WorkflowTaskEvent"]["Status"] == "FINISH"
    detail = posted(server, "DescribeTaskDetail", {"TaskId": task_id})
    assert body["WorkflowTaskEvent"] == detail["WorkflowTask"]
    assert detail["TaskNotifyConfig"]["NotifyUrl"] == receiver.url
    assert "secret" not in json.dumps(detail)


def test_every_change_is_told_to_who_asks(
    server: Server, sdk: Sdk, mps: Mps, file_id: str, receiver: Receiver
) -> None:
    config = {"NotifyType": "URL", "NotifyUrl": receiver.url, "NotifyMode": "Change"}
    mps.process(file_id, TaskNotifyConfig=config, SmartSubtitlesTask={"Definition": 211}, **QUICK)
    bodies = receiver.wait_for(3)
    bodies = receiver.wait_until(lambda body: body["WorkflowTaskEvent"]["Status"] == "FINISH")
    assert {body["EventType"] for body in bodies} == {"WorkflowTask"}
    assert "Sign" not in bodies[0]


def test_a_notification_is_not_an_event_of_the_application(
    server: Server, sdk: Sdk, mps: Mps, file_id: str, receiver: Receiver
) -> None:
    config = {"NotifyType": "URL", "NotifyUrl": receiver.url}
    before = sdk.call("DescribeEventsState")["CountOfEventsToPull"]
    mps.wait(mps.process(file_id, TaskNotifyConfig=config, **QUICK))
    mps.wait(mps.process(file_id, **QUICK))
    receiver.wait_for(1)
    assert sdk.call("DescribeEventsState")["CountOfEventsToPull"] == before


@pytest.fixture
def origin(sound: Path) -> Iterator[far.Origin]:
    with far.origin(sound.read_bytes()) as running:
        yield running


def test_a_file_from_a_url_is_the_tasks_alone(
    server: Server, sdk: Sdk, mps: Mps, origin: far.Origin, receiver: Receiver
) -> None:
    source = {"Type": "URL", "UrlInputInfo": {"Url": origin.url()}}
    config = {"NotifyType": "URL", "NotifyUrl": receiver.url, "NotifyMode": "Change"}
    before = sdk.call("SearchMedia")["TotalCount"]
    task_id = mps.call("ProcessMedia", InputInfo=source, TaskNotifyConfig=config, **QUICK)["TaskId"]
    mps.wait(task_id)
    told = posted(server, "DescribeTaskDetail", {"TaskId": task_id})["WorkflowTask"]
    assert told["InputInfo"]["UrlInputInfo"]["Url"] == origin.url()
    assert (told["MetaData"]["Size"], told["ErrCode"]) == (len(origin.body), 0)
    assert told["SmartEraseTaskResult"]["ErrCodeExt"] == "SourceFileError.NoVideoMedia"
    (row,) = sdk.call("DescribeTaskDetail", TaskId=task_id)["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["TaskType"] == "SmartErase"
    (line,) = posted(server, "DescribeTasks", {"Status": "FINISH", "Limit": 1})["TaskSet"]
    assert (line["TaskId"], line["SubTaskTypes"]) == (task_id, ["SmartErase"])
    assert len(receiver.wait_for(2)) == 2
    assert sdk.call("SearchMedia")["TotalCount"] == before
    with Store.open(Settings(data=server.data)) as store:
        media = store.tasks.source_of(task_id)
        assert media.deleted is not None
        assert sdk.call("DescribeMediaInfos", FileIds=[media.file_id])["NotExistFileIdSet"] == [media.file_id]
        with pytest.raises(FileNotFoundError):
            b"".join(store.blobs.read(media.object_key, 0, 1))


@pytest.mark.parametrize(
    "body, breach, expected",
    [
        (b"no media at all", None, "SourceFileError"),
        (b"", far.status(404), "SourceFileError"),
    ],
)
def test_a_source_that_cannot_be_had_is_told(
    mps: Mps, origin: far.Origin, body: bytes, breach: far.Breach | None, expected: str
) -> None:
    origin.body = body
    origin.breaches += [breach] if breach else []
    source = {"Type": "URL", "UrlInputInfo": {"Url": origin.url()}}
    told = mps.wait(mps.call("ProcessMedia", InputInfo=source, **QUICK)["TaskId"])["WorkflowTask"]
    assert told["ErrCode"] == 60000
    assert told["Message"].startswith(expected)
    erasure = told["SmartEraseTaskResult"]
    assert (erasure["Status"], erasure["ErrCodeExt"].partition(".")[0]) == ("FAIL", expected)


@pytest.mark.needs("models")
def test_a_file_from_a_url_gives_the_same_result(mps: Mps, sdk: Sdk, talk: Path, worked: str) -> None:
    with far.origin(talk.read_bytes()) as origin:
        source = {"Type": "URL", "UrlInputInfo": {"Url": origin.url()}}
        task_id = mps.call("ProcessMedia", InputInfo=source, **TAGS)["TaskId"]
        told = mps.wait(task_id)["WorkflowTask"]
    rows = {row["TaskId"]: row for row in sdk.call("DescribeTasks", SubAppId=SUB_APP, Limit=100)["TaskSet"]}
    assert rows[task_id]["FileId"] == ""  # it is no file of the library
    there = mps.wait(worked)["WorkflowTask"]
    (result,), (other,) = told["AiAnalysisResultSet"], there["AiAnalysisResultSet"]
    assert result["TagTask"]["Status"] == "SUCCESS", result
    assert result["TagTask"]["Output"]["TagSet"] == other["TagTask"]["Output"]["TagSet"] != []


def test_what_is_left_out_is_noted(server: Server, mps: Mps, file_id: str) -> None:
    task_id = mps.process(
        file_id,
        OutputDir="/out/",
        ResourceId="r",
        TaskType="Offline",
        OutputStorage={"Type": "VOD", "VODOutputStorage": {"SubAppId": SUB_APP, "Bucket": "theirs"}},
        SmartEraseTask={"Definition": 301, "OutputObjectPath": "/x.mp4"},
    )
    with Store.open(Settings(data=server.data)) as store:
        task = store.tasks.get(task_id)
    assert task is not None
    assert {warning.partition(" ")[0] for warning in task.warnings} == {
        "OutputDir",
        "ResourceId",
        "TaskType",
        "OutputStorage.VODOutputStorage.Bucket",
        "SmartEraseTask.OutputObjectPath",
    }
