"""What the server answers, field by field; every answer is checked by the spec, and pages are read through the SDK."""

import base64
import hashlib
import hmac
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core import spec
from openvod.core.signing import Key, sign_tc3
from tests import clips
from tests.conftest import FILE_ID, SUB_APP, Server, start_server, stop_server
from tests.walk.conftest import Sdk

SPEC = spec.load()
TASK_ID = rf"{SUB_APP}-ProcessMediaByMPS-[0-9a-f]{{32}}t"
REQUEST_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
TAGS = {"Definition": 21}
FILE = {"FileId": FILE_ID, "SubAppId": SUB_APP}
MANY = 25


def ask(server: Server, action: str, key: Key | None = None, **params: Any) -> dict[str, Any]:
    """The answer's fields without the RequestId, after checking them; an error is `{"Error": …}`."""
    headers, body = sign_tc3(key or Key(server.secret_id, server.secret_key), server.address, action, params)
    return answered(httpx.post(server.url, headers=headers, content=body), action)


def answered(answer: httpx.Response, action: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    envelope = answer.json()
    assert envelope.keys() == {"Response"}
    fields: dict[str, Any] = envelope["Response"]
    if "Error" not in fields:
        SPEC.check_response(action, fields)
    assert re.fullmatch(REQUEST_ID, fields.pop("RequestId"))
    return fields


def code(answer: dict[str, Any]) -> str:
    return str(answer["Error"]["Code"])


def process(server: Server, **params: Any) -> dict[str, Any]:
    return ask(server, "ProcessMediaByMPS", **{**FILE, **params})


def passed_on(server: Server, params: Any) -> dict[str, Any]:
    text = params if isinstance(params, str) else json.dumps(params)
    return process(server, MPSProcessMediaParams=text)


def detail(server: Server, task_id: str) -> dict[str, Any]:
    return ask(server, "DescribeTaskDetail", TaskId=task_id)


def inputs(server: Server, task_id: str) -> dict[str, str]:
    """The Input of each sub-task, by its type."""
    rows = detail(server, task_id)["ProcessMediaByMPSTask"]["SubTaskSet"]
    return {row["TaskType"]: row["Input"] for row in rows}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose tasks wait for ever: it has no workers. It holds one small file."""
    folder = tmp_path_factory.mktemp("quiet")
    running = start_server(folder / "data", "--workers", "0")
    try:
        running.upload(clips.subtitles(folder / "small.srt"), "--file-id", FILE_ID, "--sub-app", str(SUB_APP))
        yield running
    finally:
        status = stop_server(running)
    assert status == 0


@pytest.fixture
def quiet_sdk(quiet: Server) -> Sdk:
    return Sdk(quiet.address, quiet.secret_id, quiet.secret_key)


@pytest.fixture(scope="module")
def stranger(quiet: Server) -> Key:
    """The key of another account."""
    command = [sys.executable, "-m", "openvod", "accounts", "create", "other", "--data", str(quiet.data)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    values = dict(line.split() for line in printed.splitlines())
    return Key(values["SecretId"], values["SecretKey"])


# ProcessMediaByMPS

EXAMPLES = {
    "pass-through": (
        b'{\n    "FileId": "966263619095884274",\n    "SubAppId": 221157,\n    "MPSProcessMediaParams": '
        b'"{\\"AiAnalysisTask\\":{\\"Definition\\": 21,\\"ExtendedParameter\\":\\"\\"}}"\n}'
    ),
    "structured": (
        b'{\n    "FileId": "966263619095884274",\n    "SubAppId": 221157,\n    "AiAnalysisTask": {\n'
        b'        "Definition": 21,\n        "ExtendedParameter": ""\n    }\n}'
    ),
}
"""The documented examples, byte for byte."""


def signed_by_hand(server: Server, action: str, body: bytes) -> dict[str, str]:
    """The headers of a TC3 request after the documentation alone, with the third signed header that it shows."""
    now = int(time.time())
    date = datetime.fromtimestamp(now, UTC).date().isoformat()
    kind = "application/json; charset=utf-8"
    names = "content-type;host;x-tc-action"
    canonical = "\n".join(
        [
            *("POST", "/", "", f"content-type:{kind}", f"host:{server.address}"),
            *(f"x-tc-action:{action.lower()}", "", names, hashlib.sha256(body).hexdigest()),
        ]
    )
    scope = f"{date}/vod/tc3_request"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{server.secret_key}".encode()
    for part in (date, "vod", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return {
        "Host": server.address,
        "Content-Type": kind,
        "X-TC-Action": action,
        "X-TC-Version": "2018-07-17",
        "X-TC-Timestamp": str(now),
        "Authorization": f"TC3-HMAC-SHA256 Credential={server.secret_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}",
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_documented_examples_byte_for_byte(quiet: Server, name: str) -> None:
    headers = signed_by_hand(quiet, "ProcessMediaByMPS", EXAMPLES[name])
    answer = answered(httpx.post(quiet.url, headers=headers, content=EXAMPLES[name]), "ProcessMediaByMPS")
    assert answer.keys() == {"TaskId"}
    assert re.fullmatch(TASK_ID, answer["TaskId"])
    assert inputs(quiet, answer["TaskId"]) == {"AiAnalysis.TagTask": '{"Definition":21}'}


def test_several_tasks_are_one_task_with_several_rows(quiet: Server) -> None:
    raw = {"SubtitleType": 0, "VideoSrcLanguage": "en"}
    answer = process(
        quiet,
        AiAnalysisTask=TAGS,
        SmartSubtitlesTask={"RawParameter": raw},
        SmartEraseTask={"Definition": 301},
    )
    assert inputs(quiet, answer["TaskId"]) == {
        "AiAnalysis.TagTask": '{"Definition":21}',
        "SmartSubtitle.AsrFullTextTask": (
            '{"Definition":0,"RawParameter":{"SubtitleType":0,"VideoSrcLanguage":"en"}}'
        ),
        "SmartErase": '{"Definition":301}',
    }


def test_what_is_passed_on_wins_over_its_structured_twins(quiet: Server) -> None:
    answer = process(
        quiet,
        MPSProcessMediaParams='{"SmartSubtitlesTask":{"Definition":200}}',
        AiAnalysisTask=TAGS,
        SmartEraseTask={"Definition": 999},
    )
    assert inputs(quiet, answer["TaskId"]) == {"SmartSubtitle.AsrFullTextTask": '{"Definition":200}'}
    answer = process(quiet, MPSProcessMediaParams="", AiAnalysisTask=TAGS)
    assert inputs(quiet, answer["TaskId"]) == {"AiAnalysis.TagTask": '{"Definition":21}'}


@pytest.mark.parametrize(
    "params",
    [
        {"AiAnalysisTask": {**TAGS, "Foo": 1}, "Bar": [], "InputInfo": {"Type": "URL"}, "OutputDir": "/x"},
        {"AiAnalysisTask": {**TAGS, "ExtendedParameter": None}, "SmartEraseTask": None, "SessionId": None},
        {"AiAnalysisTask": TAGS, "TasksPriority": None, "SessionContext": ""},
        {"AiAnalysisTask": TAGS, "TasksPriority": -10, "ScheduleId": 20073},
        {"AiAnalysisTask": TAGS, "MediaProcessTask": {"TranscodeTaskSet": [{"Definition": 100}]}},
        '{"AiAnalysisTask":{"Definition":9999},"AiAnalysisTask":{"Definition":21}}',
        ' \n{ "AiAnalysisTask" : {"Definition":21} }\n',
    ],
)
def test_what_only_media_processing_knows_is_ignored(quiet: Server, params: Any) -> None:
    assert inputs(quiet, passed_on(quiet, params)["TaskId"]) == {"AiAnalysis.TagTask": '{"Definition":21}'}


@pytest.mark.parametrize(
    ("params", "expected", "named"),
    [
        ("{", "InvalidParameter", "MPSProcessMediaParams"),
        ("null", "InvalidParameter", "MPSProcessMediaParams"),
        ("[]", "InvalidParameter", "MPSProcessMediaParams"),
        ("[" * 100_000, "InvalidParameter", "MPSProcessMediaParams"),
        ('{"AiAnalysisTask":{"Definition":NaN}}', "InvalidParameter", "MPSProcessMediaParams"),
        ({}, "InvalidParameter", "No task"),
        ({"AiAnalysisTask": None}, "InvalidParameter", "No task"),
        ({"InputInfo": {}, "SessionId": "only"}, "InvalidParameter", "No task"),
        (
            {"MediaProcessTask": {"TranscodeTaskSet": [{"Definition": 1}]}},
            "UnsupportedOperation",
            "Transcode",
        ),
        ({"AiAnalysisTask": []}, "InvalidParameter", "AiAnalysisTask"),
        ({"AiAnalysisTask": {}}, "MissingParameter", "AiAnalysisTask.Definition"),
        ({"AiAnalysisTask": {"Definition": "21"}}, "InvalidParameter", "AiAnalysisTask.Definition"),
        ({"AiAnalysisTask": {"Definition": 21.0}}, "InvalidParameter", "AiAnalysisTask.Definition"),
        ({"AiAnalysisTask": {"Definition": 20}}, "InvalidParameterValue", "AiAnalysisTask.Definition"),
        ({"SmartSubtitlesTask": {"Definition": 1}}, "InvalidParameterValue", "SmartSubtitlesTask.Definition"),
        ({"SmartEraseTask": {"Definition": 104}}, "InvalidParameterValue", "SmartEraseTask.Definition"),
        ({"SmartEraseTask": {}}, "MissingParameter", "SmartEraseTask.RawParameter"),
        (
            {"SmartSubtitlesTask": {"RawParameter": {"SubtitleType": 1, "VideoSrcLanguage": "en"}}},
            "InvalidParameter",
            "SmartSubtitlesTask.RawParameter.SubtitleType",
        ),
        ({"AiAnalysisTask": TAGS, "TasksPriority": 11}, "InvalidParameterValue", "TasksPriority"),
        ({"AiAnalysisTask": TAGS, "TasksPriority": "1"}, "InvalidParameter", "TasksPriority"),
        ({"AiAnalysisTask": TAGS, "SessionId": 5}, "InvalidParameter", "SessionId"),
        ({"AiAnalysisTask": TAGS, "SessionId": "\ud800"}, "InvalidParameterValue", "SessionId"),
        ({"AiAnalysisTask": TAGS, "SessionId": "x" * 51}, "InvalidParameterValue.SessionIdTooLong", "50"),
        (
            {"AiAnalysisTask": TAGS, "SessionContext": "x" * 1001},
            "InvalidParameterValue.SessionContextTooLong",
            "1000",
        ),
    ],
)
def test_what_is_passed_on_is_checked(quiet: Server, params: Any, expected: str, named: str) -> None:
    answer = passed_on(quiet, params)
    assert code(answer) == expected
    assert named in answer["Error"]["Message"]
    assert "Task." not in named or f"MPSProcessMediaParams.{named}" in answer["Error"]["Message"]


def test_sessions_are_no_parameters_of_the_call_itself(quiet: Server) -> None:
    assert code(process(quiet, AiAnalysisTask=TAGS, SessionId="x")) == "UnknownParameter"


def test_the_same_session_at_the_same_instant_is_one_task(quiet: Server) -> None:
    asked = {"SessionId": "once", "SessionContext": "mine 我的", "AiAnalysisTask": TAGS}
    refused = passed_on(quiet, {**asked, "AiAnalysisTask": {"Definition": 20}})
    assert code(refused) == "InvalidParameterValue"  # and takes no SessionId
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: passed_on(quiet, asked), range(8))]
    (made,) = [answer for answer in answers if "Error" not in answer]
    assert [code(answer) for answer in answers if answer is not made] == [
        "InvalidParameterValue.SessionId"
    ] * 7
    rows = ask(quiet, "DescribeTasks", Limit=100)["TaskSet"]
    (row,) = [row for row in rows if row["SessionId"] == "once"]
    assert (row["TaskId"], row["SessionContext"]) == (made["TaskId"], "mine 我的")
    assert "TaskId" in passed_on(quiet, {**asked, "SessionId": "twice"})


# DescribeTaskDetail


def test_a_waiting_task_in_full(quiet: Server) -> None:
    task_id = process(quiet, AiAnalysisTask=TAGS)["TaskId"]
    answer = detail(quiet, task_id)
    assert re.fullmatch(TIME, answer.pop("CreateTime"))
    filled = {name: value for name, value in answer.items() if value is not None}
    row = {
        "TaskType": "AiAnalysis.TagTask",
        "Status": "PROCESSING",
        "ErrCode": "0",
        "Message": "",
        "Input": '{"Definition":21}',
        "Output": {"OutputFiles": [], "OutputText": ""},
    }
    assert filled == {
        "TaskType": "ProcessMediaByMPS",
        "Status": "WAITING",
        "BeginProcessTime": "",
        "FinishTime": "",
        "ProcessMediaByMPSTask": {
            "TaskId": task_id,
            "Status": "PROCESSING",
            "ErrCode": 0,
            "Message": "",
            "SubTaskSet": [row],
        },
    }
    others = {name for name, field in SPEC.fields("DescribeTaskDetailResponse").items() if field.nullable}
    assert answer.keys() - filled.keys() == others - {"ProcessMediaByMPSTask"}


def test_a_task_that_failed_is_finished_and_says_why(server: Server, tmp_path: Path) -> None:
    file_id = server.upload(clips.subtitles(tmp_path / "a.srt"), "--sub-app", str(SUB_APP))
    task_id = process(server, FileId=file_id, AiAnalysisTask=TAGS)["TaskId"]
    answer = ended(server, task_id)
    assert answer["Status"] == "FINISH"
    times = [answer[name] for name in ("CreateTime", "BeginProcessTime", "FinishTime")]
    assert times == sorted(times)
    assert all(re.fullmatch(TIME, moment) for moment in times)
    task = answer["ProcessMediaByMPSTask"]
    assert (task["Status"], task["ErrCode"], task["Message"]) == ("FINISH", 0, "SUCCESS")
    (row,) = task["SubTaskSet"]
    assert (row["Status"], row["ErrCode"]) == ("FAIL", "60000")
    assert row["Message"].startswith("SourceFileError.ContentUnsupported: ")
    assert row["Output"] == {"OutputFiles": [], "OutputText": ""}


def ended(server: Server, task_id: str) -> dict[str, Any]:
    deadline = monotonic() + 120
    while (answer := detail(server, task_id))["Status"] != "FINISH":
        assert monotonic() < deadline
    return answer


@pytest.mark.needs("models")
def test_what_speech_comes_to_in_full(server: Server, seed_file: str) -> None:
    task_id = process(server, FileId=seed_file, SmartSubtitlesTask={"Definition": 200})["TaskId"]
    (row,) = ended(server, task_id)["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert (row["Status"], row["ErrCode"], row["Message"]) == ("SUCCESS", "0", "SUCCESS")
    assert row["Input"] == '{"Definition":200}'
    file, report = row["Output"]["OutputFiles"]
    assert report["FileType"] == "SmartSubtitle.AsrFullTextTask.Report"
    assert file == {
        "FileType": "SmartSubtitle.AsrFullTextTask.Subtitle",
        "StorageMode": "Permanent",
        "FileId": file["FileId"],
        "Url": file["Url"],
        "Definition": "",
        "ExpiredTime": 0,
    }
    output = json.loads(row["Output"]["OutputText"])
    SPEC.check_output("SmartSubtitleTaskAsrFullTextResultOutput", output)
    segments = output.pop("SegmentSet")
    path = output["Path"]
    assert re.fullmatch(r"/[\w/]+", path)
    assert output == {
        "Path": path,
        "SubtitlePath": file["Url"],
        "SubtitleInfo": {
            "Language": "en",
            "Status": "Success",
            "Path": path,
            "SubtitleEmbedPath": "",
            "SubtitleFileId": file["FileId"],
        },
        "OutputStorage": {
            "Type": "VOD",
            "CosOutputStorage": None,
            "S3OutputStorage": None,
            "VODOutputStorage": {
                "Bucket": "openvod-1300000000",
                "Region": "ap-guangzhou",
                "SubAppId": SUB_APP,
                "VodBasic": 1,
            },
        },
    }
    for segment in segments:
        assert 0 < segment["Confidence"] <= 100
        said = [word["Word"] for word in segment["Wordlist"]]
        assert "".join(said).replace(" ", "") == segment["Text"].replace(" ", "")
        assert segment["StartTimeOffset"] < segment["EndTimeOffset"]
        assert all(word["Start"] <= word["End"] for word in segment["Wordlist"])
    (media,) = ask(server, "DescribeMediaInfos", FileIds=[file["FileId"]])["MediaInfoSet"]
    assert media["BasicInfo"]["StoragePath"] == path


def test_other_accounts_see_nothing(quiet: Server, stranger: Key) -> None:
    task_id = process(quiet, AiAnalysisTask=TAGS)["TaskId"]
    for sub_app in ({}, {"SubAppId": SUB_APP}):
        hidden = ask(quiet, "DescribeTaskDetail", stranger, TaskId=task_id, **sub_app)
        assert code(hidden) == "InvalidParameterValue.TaskId"
    assert ask(quiet, "DescribeTasks", stranger) == {"TaskSet": [], "ScrollToken": ""}
    assert code(ask(quiet, "DescribeTasks", stranger, SubAppId=SUB_APP)) == "InvalidParameterValue.SubAppId"
    assert ask(quiet, "DescribeMediaInfos", stranger, FileIds=[FILE_ID]) == {
        "MediaInfoSet": [],
        "NotExistFileIdSet": [FILE_ID],
    }
    assert code(ask(quiet, "DeleteMedia", stranger, FileId=FILE_ID)) == "InvalidParameterValue.FileId"
    (own,) = ask(quiet, "DescribeSubAppIds", stranger)["SubAppIdInfoSet"]
    taken = ask(
        quiet, "ProcessMediaByMPS", stranger, FileId=FILE_ID, SubAppId=own["SubAppId"], AiAnalysisTask=TAGS
    )
    assert code(taken) == "InvalidParameterValue.FileId"
    foreign = ask(quiet, "ProcessMediaByMPS", stranger, **FILE, AiAnalysisTask=TAGS)
    assert code(foreign) == "InvalidParameterValue.SubAppId"


def test_tasks_that_do_not_exist(quiet: Server) -> None:
    task_id = process(quiet, AiAnalysisTask=TAGS)["TaskId"]
    assert detail(quiet, task_id) == ask(quiet, "DescribeTaskDetail", TaskId=task_id, SubAppId=SUB_APP)
    for wrong in ({"TaskId": task_id[:-1]}, {"TaskId": ""}, {"TaskId": task_id, "SubAppId": 1}):
        assert code(ask(quiet, "DescribeTaskDetail", **wrong)) == "InvalidParameterValue.TaskId"


# DescribeTasks


@pytest.fixture(scope="module")
def many(quiet: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str]]:
    """A file and its 25 tasks, in the order they were accepted."""
    file_id = quiet.upload(
        clips.subtitles(tmp_path_factory.mktemp("many") / "a.srt"), "--sub-app", str(SUB_APP)
    )
    sdk = Sdk(quiet.address, quiet.secret_id, quiet.secret_key)
    asked = {"FileId": file_id, "SubAppId": SUB_APP, "AiAnalysisTask": TAGS}
    return file_id, [sdk.call("ProcessMediaByMPS", **asked)["TaskId"] for _ in range(MANY)]


def pages(sdk: Sdk, **params: Any) -> list[list[dict[str, Any]]]:
    """Every page."""
    found, token = [], None
    while token != "":
        answer = sdk.call("DescribeTasks", **params, **({"ScrollToken": token} if token else {}))
        found.append(answer["TaskSet"])
        token = answer["ScrollToken"]
    return found


@pytest.mark.parametrize("order", [None, "Desc", "Asc"])
@pytest.mark.parametrize("field", ["CreateTime", "FinishTime"])
def test_pages_hold_every_task_once(
    quiet_sdk: Sdk, many: tuple[str, list[str]], order: str | None, field: str
) -> None:
    file_id, task_ids = many
    sort = {"Sort": {"Field": field, "Order": order}} if order else {}
    found = pages(quiet_sdk, FileId=file_id, SubAppId=SUB_APP, **sort)
    assert [len(page) for page in found] == [10, 10, 5]
    listed = [row["TaskId"] for page in found for row in page]
    assert sorted(listed) == sorted(task_ids)
    if (
        field == "CreateTime" or order is None
    ):  # tasks of the same millisecond stand in the order of their ids
        times = [row["CreateTime"] for page in found for row in page]
        assert times == sorted(times, reverse=order != "Asc")


def test_a_row_and_a_page_that_ends_exactly(quiet_sdk: Sdk, many: tuple[str, list[str]]) -> None:
    file_id, _ = many
    found = pages(quiet_sdk, FileId=file_id, Limit=5)
    assert [len(page) for page in found] == [5] * 5
    row = found[0][0]
    assert re.fullmatch(TIME, row.pop("CreateTime"))
    assert re.fullmatch(TASK_ID, row.pop("TaskId"))
    assert row == {
        "Status": "WAITING",
        "FileId": file_id,
        "TaskType": "ProcessMediaByMPS",
        "BeginProcessTime": "",
        "FinishTime": "",
        "SessionId": "",
        "SessionContext": "",
    }


def test_pages_stay_as_they_were_while_tasks_are_added(quiet: Server) -> None:
    before = ask(quiet, "DescribeTasks", Limit=2)
    process(quiet, AiAnalysisTask=TAGS)
    after = ask(quiet, "DescribeTasks", Limit=3)["TaskSet"]
    assert [row["TaskId"] for row in after[1:]] == [row["TaskId"] for row in before["TaskSet"]]
    following = ask(quiet, "DescribeTasks", Limit=2, ScrollToken=before["ScrollToken"])["TaskSet"]
    ahead = ask(quiet, "DescribeTasks", Limit=5)["TaskSet"][3:]
    assert following == ahead


def forged(*values: Any, **params: Any) -> str:
    """A token as the server makes them, which keeps no secret."""
    made_for = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps([*values, made_for]).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "é",
        base64.urlsafe_b64encode(b"\xff").decode(),
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
        base64.urlsafe_b64encode(b"{}").decode(),
        forged(),
        forged(10**30, "x"),
        forged(-1, "x"),
        forged(1.5, "x"),
        forged(1, 2),
        forged(1, "\ud800"),
        forged(1, "\0"),
        forged(1, "x", Limit=5),
    ],
)
def test_scroll_tokens_that_are_not_ours(quiet: Server, token: str) -> None:
    answer = ask(quiet, "DescribeTasks", ScrollToken=token)
    assert code(answer) == "InvalidParameterValue"
    assert "ScrollToken" in answer["Error"]["Message"]


def test_a_scroll_token_belongs_to_its_filter(quiet: Server, many: tuple[str, list[str]]) -> None:
    token = ask(quiet, "DescribeTasks", Limit=1, Status="WAITING")["ScrollToken"]
    assert code(ask(quiet, "DescribeTasks", ScrollToken=token)) == "InvalidParameterValue"
    assert len(ask(quiet, "DescribeTasks", Limit=9, Status="WAITING", ScrollToken=token)["TaskSet"]) == 9
    assert ask(quiet, "DescribeTasks", Limit=9, ScrollToken="")["TaskSet"]  # empty is none


def test_filters_of_tasks(quiet: Server, many: tuple[str, list[str]]) -> None:
    file_id, _ = many

    def count(**params: Any) -> int:
        return len(ask(quiet, "DescribeTasks", FileId=file_id, Limit=100, **params)["TaskSet"])

    assert count() == count(Status="WAITING") == MANY
    assert count(Status="PROCESSING") == count(Status="FINISH") == 0
    assert count(FinishTime={"After": "2000-01-01T00:00:00Z"}) == 0
    rows = ask(quiet, "DescribeTasks", FileId=file_id, Limit=100)["TaskSet"]
    times = [row["CreateTime"] for row in rows]
    first, last = min(times), max(times)
    in_first = times.count(first)
    assert count(CreateTime={"After": first}) == MANY  # from, inclusive
    assert count(CreateTime={"Before": first}) == 0  # until, exclusive
    moment = datetime.fromisoformat(first) + timedelta(seconds=1)
    assert count(CreateTime={"Before": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}) == in_first
    there = moment.astimezone(timezone(timedelta(hours=8))).isoformat()
    assert count(CreateTime={"After": there}) == MANY - in_first
    late = (datetime.fromisoformat(last) + timedelta(seconds=1)).isoformat()
    assert count(CreateTime={"After": first, "Before": late}) == MANY
    assert ask(quiet, "DescribeTasks", FileId="1")["TaskSet"] == []


@pytest.mark.parametrize(
    ("params", "expected", "named"),
    [
        ({"Sort": {"Field": "Status", "Order": "Asc"}}, "InvalidParameterValue", "Sort.Field"),
        ({"Sort": {"Field": "CreateTime", "Order": "asc"}}, "InvalidParameterValue", "Sort.Order"),
        ({"Sort": {"Order": "Asc"}}, "MissingParameter", "Sort.Field"),
        ({"Status": "ABORTED"}, "InvalidParameterValue", "Status"),
        ({"Limit": 101}, "InvalidParameterValue", "Limit"),
        ({"CreateTime": {"After": "today"}}, "InvalidParameterValue", "CreateTime.After"),
        ({"SubAppId": 1}, "InvalidParameterValue.SubAppId", "1"),
    ],
)
def test_refused_lists(quiet_sdk: Sdk, params: dict[str, Any], expected: str, named: str) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        quiet_sdk.call("DescribeTasks", **params)
    assert refusal.value.code == expected
    assert named in refusal.value.message


# The media library


def test_a_file_without_filters_shows_all_there_is(quiet: Server) -> None:
    answer = ask(quiet, "DescribeMediaInfos", FileIds=["1", FILE_ID, "2"])
    assert answer["NotExistFileIdSet"] == ["1", "2"]
    (info,) = answer["MediaInfoSet"]
    basic, meta = info.pop("BasicInfo"), info.pop("MetaData")
    assert info["FileId"] == FILE_ID
    others = {name for name, field in SPEC.fields("MediaInfo").items() if field.nullable}
    assert others - {"BasicInfo", "MetaData"} <= info.keys()  # an explicit null where there is nothing
    assert info["TranscodeInfo"] is None
    assert (basic["ExpireTime"], basic["TagSet"], basic["Status"]) == ("9999-12-31T23:59:59Z", [], "Normal")
    assert (meta["VideoStreamSet"], meta["AudioStreamSet"], meta["Container"]) == ([], [], "srt")
    assert httpx.get(basic["MediaUrl"]).content[:1] == b"1"
    assert hashlib.md5(httpx.get(basic["MediaUrl"]).content).hexdigest() == meta["Md5"]


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ([], {"BasicInfo", "MetaData"}),
        (["basicInfo"], {"BasicInfo"}),
        (["metaData", "subtitleInfo"], {"MetaData"}),
        (["mpsAiMediaInfo"], set()),
    ],
)
def test_filters_of_media(quiet: Server, filters: list[str], shown: set[str]) -> None:
    (info,) = ask(quiet, "DescribeMediaInfos", FileIds=[FILE_ID], Filters=filters)["MediaInfoSet"]
    assert info["FileId"] == FILE_ID
    assert {name for name in ("BasicInfo", "MetaData") if info[name] is not None} == shown


def test_a_silent_video_has_an_empty_list_of_sounds(quiet: Server, tmp_path: Path) -> None:
    """A client reads `[]` as no audio track, and would stumble over null."""
    file_id = quiet.upload(clips.video(tmp_path / "a.mp4", sound=()), "--sub-app", str(SUB_APP))
    (info,) = ask(quiet, "DescribeMediaInfos", FileIds=[file_id], Filters=["metaData"])["MediaInfoSet"]
    assert info["MetaData"]["AudioStreamSet"] == []
    assert len(info["MetaData"]["VideoStreamSet"]) == 1


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("DescribeMediaInfos", {"FileIds": []}, "InvalidParameterValue.FileIds"),
        ("DescribeMediaInfos", {"FileIds": ["1"] * 21}, "InvalidParameterValue.FileIdsTooMany"),
        ("DescribeMediaInfos", {"FileIds": ["1"], "Filters": ["BasicInfo"]}, "InvalidParameterValue"),
        ("DescribeMediaInfos", {"FileIds": ["1"], "SubAppId": 1}, "InvalidParameterValue.SubAppId"),
        ("DeleteMedia", {"FileId": "1"}, "InvalidParameterValue.FileId"),
        ("ApplyUpload", {"MediaType": "../x"}, "InvalidParameterValue.MediaType"),
        ("ApplyUpload", {"MediaType": "mp4", "CoverType": "?"}, "InvalidParameterValue.CoverType"),
        (
            "ApplyUpload",
            {"MediaType": "mp4", "ExpireTime": "2001-01-01T00:00:00Z"},
            "InvalidParameterValue.ExpireTime",
        ),
        ("ApplyUpload", {"MediaType": "mp4", "Procedure": "p"}, "InvalidParameterValue.Procedure"),
        ("CommitUpload", {"VodSessionKey": "x"}, "InvalidParameterValue.VodSessionKey"),
    ],
)
def test_refusals_of_the_library(quiet: Server, action: str, params: dict[str, Any], expected: str) -> None:
    assert code(ask(quiet, action, **params)) == expected


def test_an_upload_in_full(quiet: Server) -> None:
    answer = ask(quiet, "ApplyUpload", MediaType="mp4", CoverType="png", MediaName="x")
    certificate = answer["TempCertificate"]
    assert 0 < certificate["ExpiredTime"] - time.time() <= 86400
    assert certificate.keys() == {"SecretId", "SecretKey", "Token", "ExpiredTime"}
    assert answer["MediaStoragePath"].startswith("/")
    assert answer["MediaStoragePath"].endswith(".mp4")
    assert answer["CoverStoragePath"].endswith(".png")
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*[A-Za-z0-9]", answer["StorageBucket"])
    assert ask(quiet, "ApplyUpload", MediaType="mp4")["CoverStoragePath"] == ""
    early = ask(quiet, "CommitUpload", VodSessionKey=answer["VodSessionKey"])
    assert code(early) == "FailedOperation.UploadCosFail"


def test_a_deleted_file_is_gone_at_once(quiet: Server, tmp_path: Path) -> None:
    file_id = quiet.upload(clips.subtitles(tmp_path / "a.srt"), "--sub-app", str(SUB_APP))
    assert ask(quiet, "DeleteMedia", FileId=file_id) == {}
    assert code(ask(quiet, "DeleteMedia", FileId=file_id)) == "InvalidParameterValue.FileId"
    assert code(process(quiet, FileId=file_id, AiAnalysisTask=TAGS)) == "InvalidParameterValue.FileId"
    assert ask(quiet, "DescribeMediaInfos", FileIds=[file_id])["NotExistFileIdSet"] == [file_id]


def test_applications_in_full(quiet: Server) -> None:
    answer = ask(quiet, "DescribeSubAppIds")
    (row,) = answer["SubAppIdInfoSet"]
    assert re.fullmatch(TIME, row.pop("CreateTime"))
    assert row == {
        "SubAppId": SUB_APP,
        "SubAppIdName": "default",
        "Name": "default",
        "Description": "",
        "Status": "On",
        "Mode": "fileid",
        "StorageRegions": ["ap-guangzhou"],
        "Tags": [],
    }
    assert answer["TotalCount"] == 1
    assert ask(quiet, "DescribeSubAppIds", Offset=1) == {"SubAppIdInfoSet": [], "TotalCount": 1}
    nothing: dict[str, Any] = {"SubAppIdInfoSet": [], "TotalCount": 0}
    assert ask(quiet, "DescribeSubAppIds", Name="no") == nothing
    assert ask(quiet, "DescribeSubAppIds", Tags=[{"TagKey": "a", "TagValue": "b"}]) == nothing
