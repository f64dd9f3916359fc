"""PullUpload through the official SDK, from servers that keep to the rules and from those that do not."""

import gzip
import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from qcloud_cos.cos_exception import CosServiceError
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core import spec
from openvod.core.settings import Settings
from openvod.store import Store
from tests import clips
from tests.conftest import SUB_APP, Server, start_server, stop_server
from tests.walk.conftest import Sdk, cos
from tests.walk.test_survival import descendants, wait_until
from tests.worker.origin import Origin, drop, endless, origin, says, stall, status, trickle


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2).read_bytes()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Of its own: it gives up soon, and takes small files only."""
    running = start_server(
        tmp_path_factory.mktemp("pulls") / "data", OPENVOD_PULL_RETRIES="1", OPENVOD_UPLOAD_LIMIT_MB="2"
    )
    yield running
    left = running.data / "pulls"
    assert not list(left.glob("*/*"))  # nothing stays of what came, whatever became of it
    assert stop_server(running) == 0


@pytest.fixture(scope="module")
def site(clip: bytes) -> Iterator[Origin]:
    with origin(clip) as made:
        yield made


@pytest.fixture(autouse=True)
def lawful(site: Origin, clip: bytes) -> None:
    site.breaches, site.body, site.etag = [], clip, '"v1"'
    site.asked.clear()


def ask(sdk: Sdk, action: str, **params: Any) -> dict[str, Any]:
    """What is on the wire."""
    answer: dict[str, Any] = sdk.client.call_json(action, params)["Response"]
    spec.load().check_response(action, answer)
    return answer


def pull(sdk: Sdk, url: str, **params: Any) -> str:
    return str(ask(sdk, "PullUpload", MediaUrl=url, **params)["TaskId"])


def pulled(sdk: Sdk, url: str, **params: Any) -> dict[str, Any]:
    """The PullUploadTask of a task that has ended."""
    task_id = pull(sdk, url, **params)
    sdk.wait(task_id)
    detail = ask(sdk, "DescribeTaskDetail", TaskId=task_id)
    assert detail["TaskType"] == "PullUpload"
    task: dict[str, Any] = detail["PullUploadTask"]
    assert task["Status"] == "FINISH"
    return task


def failed(sdk: Sdk, url: str, **params: Any) -> tuple[int, str]:
    task = pulled(sdk, url, **params)
    assert (task["FileId"], task["FileUrl"], task["MediaBasicInfo"]) == ("", "", None)
    assert "MetaData" not in task
    code, _, text = task["Message"].partition(": ")
    assert text
    return task["ErrCode"], code


def refused(sdk: Sdk, **params: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call("PullUpload", **params)
    return str(refusal.value.code)


def test_a_pulled_file_is_in_the_library_with_all_that_was_said_of_it(
    sdk: Sdk, site: Origin, clip: bytes, tmp_path: Path
) -> None:
    cover = clips.picture(tmp_path / "cover", codec="png").read_bytes()
    before = ask(sdk, "DescribeMediaProcessUsageData", **_today())
    with origin(cover) as pictures:
        asked = {
            "MediaName": "name ünï",
            "MediaType": "mp4",
            "CoverUrl": pictures.url("/c.png"),
            "ExpireTime": "2999-01-01T00:00:00Z",
            "ClassId": 7,
            "SourceContext": "source",
            "SessionContext": "context",
            "SessionId": "whole",
            "StorageRegion": "ap-guangzhou",
            "ExtInfo": "ext",
            "TasksPriority": 3,
        }
        task_id = pull(sdk, site.url("/a/film.mp4?x=1"), **asked)
        assert task_id.startswith(f"{SUB_APP}-pull-")
        detail = sdk.wait(task_id)
    task = detail["PullUploadTask"]
    assert (task["TaskId"], task["ErrCode"], task["Message"], task["Progress"]) == (
        task_id,
        0,
        "SUCCESS",
        100,
    )
    assert (task["SessionContext"], task["SessionId"], task["ProcedureTaskId"]) == ("context", "whole", "")
    assert httpx.get(task["FileUrl"]).content == clip
    assert httpx.get(task["MediaBasicInfo"]["CoverUrl"]).content == cover
    (media,) = ask(sdk, "DescribeMediaInfos", FileIds=[task["FileId"]])["MediaInfoSet"]
    basic = media["BasicInfo"]
    assert (basic["Name"], basic["Type"], basic["Category"]) == ("name ünï", "mp4", "Video")
    assert (basic["ClassId"], basic["ExpireTime"]) == (7, "2999-01-01T00:00:00Z")
    source = basic["SourceInfo"]
    assert (source["SourceType"], source["SourceContext"]) == ("Upload", "source")
    assert media["MetaData"]["Md5"] == task["MetaData"]["Md5"] == hashlib.md5(clip).hexdigest()
    assert media["MetaData"] == task["MetaData"]
    rows = ask(sdk, "DescribeTasks", FileId=task["FileId"])["TaskSet"]
    assert [(row["TaskId"], row["TaskType"], row["SessionId"]) for row in rows] == [
        (task_id, "PullUpload", "whole")
    ]
    assert ask(sdk, "DescribeMediaProcessUsageData", **_today()) == {**before, "RequestId": _ANY}
    sdk.call("DeleteMedia", FileId=task["FileId"])
    told = ask(sdk, "DescribeTaskDetail", TaskId=task_id)["PullUploadTask"]
    assert (told["FileId"], told["FileUrl"], told["MediaBasicInfo"]["MediaUrl"]) == (task["FileId"], "", "")


class _Any(str):
    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = str.__hash__


_ANY = _Any()


def _today() -> dict[str, str]:
    day = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime())
    return {"StartTime": day, "EndTime": day}


def test_without_a_name_the_url_has_one(sdk: Sdk, site: Origin) -> None:
    for path, name in (
        ("/a/%E7%94%B5%E5%BD%B1.mp4", "电影.mp4"),
        ("/", "127.0.0.1"),
        (f"/{'x' * 80}", "x" * 64),
    ):
        assert pulled(sdk, site.url(path))["MediaBasicInfo"]["Name"] == name


@pytest.mark.parametrize(
    "params, code",
    [
        ({"MediaUrl": "ftp://example.org/a.mp4"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "file:///etc/passwd"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "no url"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": ""}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "http://169.254.169.254/latest/meta-data"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "http://10.0.0.1/a.mp4"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "http://[::ffff:a9fe:a9fe]/"}, "InvalidParameterValue.MediaUrl"),
        ({"MediaUrl": "http://key:secret@example.org/a.mp4"}, "InvalidParameterValue.MediaUrl"),
        ({"CoverUrl": "http://192.168.0.1/a.jpg"}, "InvalidParameterValue.CoverUrl"),
        ({"MediaType": "../x"}, "InvalidParameterValue.MediaType"),
        ({"MediaType": "m3u8"}, "InvalidParameterValue.MediaType"),
        ({"MediaUrl": "http://example.org/a.m3u8?b"}, "InvalidParameterValue.MediaType"),
        ({"Procedure": "P"}, "InvalidParameterValue.Procedure"),
        ({"ExpireTime": "2001-01-01T00:00:00Z"}, "InvalidParameterValue.ExpireTime"),
        ({"ExpireTime": "soon"}, "InvalidParameterValue.ExpireTime"),
        ({"SessionId": "x" * 51}, "InvalidParameterValue.SessionIdTooLong"),
        ({"SessionContext": "x" * 1001}, "InvalidParameterValue.SessionContextTooLong"),
        ({"TasksPriority": 11}, "InvalidParameterValue"),
        ({"SubAppId": 1}, "InvalidParameterValue.SubAppId"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(sdk: Sdk, params: dict[str, Any], code: str) -> None:
    assert refused(sdk, **{"MediaUrl": "http://example.org/a.mp4", **params}) == code


def test_a_session_id_counts_once_for_pulls(sdk: Sdk, site: Origin) -> None:
    pulled(sdk, site.url(), SessionId="once")
    assert refused(sdk, MediaUrl=site.url(), SessionId="once") == "InvalidParameterValue.SessionId"
    media = pulled(sdk, site.url(), SessionId="once again")["FileId"]
    passed_on = json.dumps({"SmartEraseTask": {"Definition": 301}, "SessionId": "once"})
    asked = {"FileId": media, "SubAppId": SUB_APP, "MPSProcessMediaParams": passed_on}
    assert sdk.call("ProcessMediaByMPS", **asked)["TaskId"]  # another kind of task has ids of its own


def test_a_connection_that_drops_and_trouble_that_passes(sdk: Sdk, site: Origin, clip: bytes) -> None:
    half = len(clip) // 2
    site.breaches = [drop(half), status(500)]
    assert pulled(sdk, site.url())["MetaData"]["Md5"] == hashlib.md5(clip).hexdigest()
    assert [ask.get("Range") for ask in site.asked] == [None, f"bytes={half}-", f"bytes={half}-"]


def test_a_source_that_changes_half_way(sdk: Sdk, site: Origin, clip: bytes, tmp_path: Path) -> None:
    other = clips.video(tmp_path / "other.mp4", seconds=1).read_bytes()

    def change(ask: Any) -> None:
        drop(len(clip) // 2)(ask)
        site.body, site.etag = other, '"v2"'

    site.breaches = [change]
    assert pulled(sdk, site.url())["MetaData"]["Md5"] == hashlib.md5(other).hexdigest()


PAGE = b"<!doctype html><html><body>Please sign in</body></html>"


@pytest.mark.parametrize(
    "breach, code, text_code",
    [
        (status(404), 60000, "SourceFileError.DownloadNotAccessible"),
        (status(500), 60000, "SourceFileError.DownloadNotAccessible"),
        (says(gzip.compress(PAGE), Content_Encoding="gzip"), 60000, "SourceFileError.DownloadNotAccessible"),
        (says(PAGE, Content_Type="text/html"), 60000, "SourceFileError.ContentUnsupported"),
        (says(b""), 60000, "SourceFileError.ContentMalformed"),
        (says(bytes(range(256)) * 64), 60000, "SourceFileError.ContentUnsupported"),
        (says(PAGE, Content_Length="1000"), 60000, "SourceFileError.DownloadNotAccessible"),
        (endless, 60000, "SourceFileError.ContentUnsupported"),
        (status(302, "http://169.254.169.254/latest/"), 40000, "InvalidInput"),
        (status(302, "file:///etc/passwd"), 40000, "InvalidInput"),
    ],
    ids=["404", "500", "gzip", "page", "empty", "junk", "short", "endless", "metadata", "file"],
)
def test_what_is_no_file_is_an_honest_failure(
    sdk: Sdk, site: Origin, breach: Any, code: int, text_code: str
) -> None:
    site.breaches = [breach] * 9
    assert failed(sdk, site.url()) == (code, text_code)


def test_a_cover_that_is_none(sdk: Sdk, site: Origin, clip: bytes) -> None:
    assert failed(sdk, site.url(), CoverUrl=site.url("/cover.jpg")) == (
        60000,
        "SourceFileError.ContentUnsupported",
    )
    site.breaches = [status(404)]
    assert failed(sdk, site.url(), CoverUrl=site.url("/cover.jpg")) == (
        60000,
        "SourceFileError.DownloadNotAccessible",
    )
    assert all(ask[":path"] == "/cover.jpg" for ask in site.asked)  # nothing large came for nothing


def test_the_end_is_an_event_and_so_is_the_upload(sdk: Sdk, site: Origin, server: Server) -> None:
    app = ask(sdk, "CreateSubAppId", Name="pull events")["SubAppId"]
    switch = {"UploadMediaCompleteEventSwitch": "ON", "Mode": "PULL"}
    ask(sdk, "ModifyEventConfig", SubAppId=app, **switch)
    task = pulled(sdk, site.url(), SubAppId=app, SourceContext="source")
    site.breaches = [status(404)]
    lost = pulled(sdk, site.url(), SubAppId=app)
    events: list[dict[str, Any]] = []
    while len(events) < 3:
        given = ask(sdk, "PullEvents", SubAppId=app)["EventSet"]
        ask(sdk, "ConfirmEvents", SubAppId=app, EventHandles=[event["EventHandle"] for event in given])
        events += given
    upload, end, loss = events
    assert [event["EventType"] for event in events] == ["NewFileUpload", "PullComplete", "PullComplete"]
    assert upload["FileUploadEvent"]["FileId"] == end["PullCompleteEvent"]["FileId"] == task["FileId"]
    assert upload["FileUploadEvent"]["MediaBasicInfo"]["SourceInfo"]["SourceContext"] == "source"
    assert end["PullCompleteEvent"]["MetaData"] == task["MetaData"]
    assert (loss["PullCompleteEvent"]["TaskId"], loss["PullCompleteEvent"]["ErrCode"]) == (
        lost["TaskId"],
        60000,
    )


def test_an_aborted_pull_lets_go_within_two_seconds(
    sdk: Sdk, site: Origin, server: Server, clip: bytes
) -> None:
    site.breaches = [stall(len(clip) // 2)]
    task_id = pull(sdk, site.url())
    left = server.data / "pulls" / task_id
    wait_until(lambda: any(file.stat().st_size for file in left.glob("*/body")), "half of it")
    began = time.monotonic()
    ask(sdk, "ManageTask", TaskId=task_id, OperationType="Abort")
    detail = ask(sdk, "DescribeTaskDetail", TaskId=task_id)
    assert (detail["Status"], detail["PullUploadTask"]["ErrCode"]) == ("ABORTED", 40000)
    wait_until(lambda: not left.exists(), "the end")
    assert time.monotonic() - began < 2


def test_slow_pulls_hold_up_no_other_work(sdk: Sdk, site: Origin, clip: bytes) -> None:
    media = pulled(sdk, site.url())["FileId"]
    site.breaches = [stall(1000)] * 3
    stuck = [pull(sdk, site.url()) for _ in range(3)]  # more than there are media processes
    wait_until(lambda: len(site.asked) >= 4, "the pulls")
    asked = {"FileId": media, "SubAppId": SUB_APP, "SmartEraseTask": {"Definition": 301}}
    assert sdk.wait(sdk.call("ProcessMediaByMPS", **asked)["TaskId"])["Status"] == "FINISH"
    for task_id in stuck:
        ask(sdk, "ManageTask", TaskId=task_id, OperationType="Abort")


def test_nobody_sees_another_s_pull(sdk: Sdk, site: Origin, server: Server) -> None:
    with Store.open(Settings(data=server.data)) as store:
        account = store.accounts.create_account("other")
        key = store.accounts.create_key(account.id)
        store.accounts.create_sub_app(account.id, "theirs")
    theirs = Sdk(server.address, key.secret_id, key.secret_key)
    task = pulled(sdk, site.url(), SessionId="ours")
    for action, params in (
        ("DescribeTaskDetail", {"TaskId": task["TaskId"]}),
        ("ManageTask", {"TaskId": task["TaskId"], "OperationType": "Abort"}),
        ("PullUpload", {"MediaUrl": site.url(), "SubAppId": SUB_APP}),
    ):
        with pytest.raises(TencentCloudSDKException) as refusal:
            theirs.call(action, **params)
        assert refusal.value.code in {"InvalidParameterValue.TaskId", "InvalidParameterValue.SubAppId"}
    assert task["FileId"] in ask(theirs, "DescribeMediaInfos", FileIds=[task["FileId"]])["NotExistFileIdSet"]
    assert pulled(theirs, site.url(), SessionId="ours")["ErrCode"] == 0
    assert len(ask(theirs, "DescribeTasks")["TaskSet"]) == 1


def test_a_killed_worker_s_pull_goes_on_where_it_ended(
    sdk: Sdk, site: Origin, server: Server, clip: bytes
) -> None:
    """What is on the disk is not fetched again, and the file is there once."""
    half = len(clip) // 2
    site.breaches = [trickle(half)]
    before = ask(sdk, "SearchMedia")["TotalCount"]
    task_id = pull(sdk, site.url())

    def noted() -> int:
        notes = (server.data / "pulls" / task_id).glob("*/*.json")
        return max((json.loads(note.read_text())["kept"] for note in notes), default=0)

    wait_until(lambda: noted() >= half, "half of it on the disk")
    wait_until(
        lambda: ask(sdk, "DescribeTaskDetail", TaskId=task_id)["PullUploadTask"]["Progress"] >= 49, "progress"
    )
    (worker,) = [pid for pid in descendants(server.process.pid) if b"openvod.worker" in command_line(pid)]
    os.kill(worker, signal.SIGKILL)
    task = sdk.wait(task_id)["PullUploadTask"]
    assert (task["ErrCode"], task["MetaData"]["Md5"]) == (0, hashlib.md5(clip).hexdigest())
    assert int(site.asked[-1]["Range"].removeprefix("bytes=").rstrip("-")) >= half
    assert ask(sdk, "SearchMedia")["TotalCount"] == before + 1


def command_line(pid: int) -> bytes:
    return (Path("/proc") / str(pid) / "cmdline").read_bytes()


def test_a_server_that_others_reach_calls_none_of_its_own(tmp_path: Path, site: Origin) -> None:
    """Not by its address, and not by a name that leads there."""
    with serving(tmp_path / "data", "--host", "0.0.0.0") as (_, sdk):
        assert refused(sdk, MediaUrl=site.url()) == "InvalidParameterValue.MediaUrl"
        assert failed(sdk, site.url(host="localhost")) == (40000, "InvalidInput")
    assert site.asked == []


@contextmanager
def serving(data: Path, *options: str, **environment: str) -> Iterator[tuple[Server, Sdk]]:
    running = start_server(data, *options, **environment)
    try:
        yield (
            running,
            Sdk(f"127.0.0.1:{running.url.rpartition(':')[2]}", running.secret_id, running.secret_key),
        )
    finally:
        assert stop_server(running) == 0


def test_a_disk_that_is_nearly_full_takes_nothing(tmp_path: Path, clip: bytes) -> None:
    with serving(tmp_path / "data", "--workers", "0") as (_, sdk):
        applied = sdk.call("ApplyUpload", MediaType="mp4")
    with serving(tmp_path / "data", "--workers", "0", OPENVOD_FREE_DISK_MB=str(10**12)) as (server, sdk):
        assert refused(sdk, MediaUrl="http://example.org/a.mp4") == "ResourceInsufficient"
        with pytest.raises(TencentCloudSDKException, match="ResourceInsufficient"):
            sdk.call("ApplyUpload", MediaType="mp4")
        key = {"Bucket": applied["StorageBucket"], "Key": applied["MediaStoragePath"][1:]}
        with pytest.raises(CosServiceError) as refusal:
            cos(server, applied).put_object(Body=clip, **key)
        assert refusal.value.get_status_code() == 507
    assert not list((tmp_path / "data" / "objects").rglob("*/*/*"))
