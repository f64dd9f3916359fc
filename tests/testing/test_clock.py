"""A moved clock moves everything that goes by the time, in the server and its workers, and nothing that must not."""

import ast
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tencentcloud.common.exception import TencentCloudSDKException

import openvod as package
from openvod.core import signing
from openvod.core.signing import Key
from openvod.store.db import Database
from openvod.testing import OpenVod, start
from openvod.testing.moved_clock import MovedClock
from tests.testing.conftest import Program
from tests.walk.conftest import cos

pytest_plugins = ["openvod.testing"]

DAY = 86400


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def refusal(program: Program, action: str, **params: object) -> str:
    with pytest.raises(TencentCloudSDKException) as refused:
        program.call(action, **params)
    return str(refused.value.code)


def link(program: Program, file_id: str) -> str:
    (media,) = program.call("DescribeMediaInfos", FileIds=[file_id])["MediaInfoSet"]
    return str(media["BasicInfo"]["MediaUrl"])


def test_a_link_expires(program: Program) -> None:
    file_id = program.upload()
    old = link(program, file_id)
    program.openvod.clock.advance(seconds=DAY - 60)
    assert status(old) == 200
    program.openvod.clock.advance(seconds=61)
    assert status(old) == 403
    assert status(link(program, file_id)) == 200


def test_an_event_that_nobody_confirms_comes_back(program: Program) -> None:
    program.ended_task()
    program.openvod.clock.freeze()
    (event,) = program.pull()
    program.openvod.clock.advance(seconds=29)
    assert program.to_pull() == 0
    program.openvod.clock.advance(seconds=1)
    (again,) = program.pull()
    assert again["EventHandle"] != event["EventHandle"]
    with pytest.raises(TencentCloudSDKException, match="30"):
        program.confirm(event)
    program.confirm(again)


def test_an_event_waits_for_four_days(program: Program) -> None:
    program.ended_task()
    program.openvod.clock.advance(days=3, hours=23)
    assert program.to_pull() == 1
    program.openvod.clock.advance(hours=1)
    assert program.to_pull() == 0


def test_a_session_is_taken_for_three_days(program: Program) -> None:
    file_id = program.upload()
    program.openvod.faults.fail_sub_task("AiAnalysis", code="60000", times=2)
    asked = {
        "SubAppId": program.openvod.sub_app_id,
        "FileId": file_id,
        "MPSProcessMediaParams": '{"AiAnalysisTask":{"Definition":21},"SessionId":"s"}',
    }
    program.call("ProcessMediaByMPS", **asked)
    program.openvod.clock.advance(days=3, seconds=-5)
    assert refusal(program, "ProcessMediaByMPS", **asked) == "InvalidParameterValue.SessionId"
    program.openvod.clock.advance(seconds=6)
    program.call("ProcessMediaByMPS", **asked)


def test_what_a_worker_notes_is_of_the_same_time(program: Program) -> None:
    stands = program.openvod.clock.freeze(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    detail = program.openvod.wait(program.ended_task())
    times = [detail["CreateTime"], detail["BeginProcessTime"], detail["FinishTime"]]
    assert times == ["2031-05-06T07:08:09Z"] * 3
    assert program.openvod.clock.now() == stands


def test_workers_stay_alive_however_the_clock_moves(program: Program) -> None:
    for moment in (datetime(2050, 1, 1), datetime(2001, 1, 1)):
        program.openvod.clock.set(moment)
        assert status(f"{program.openvod.url}/healthz") == 200
        program.ended_task()
    program.openvod.clock.freeze()
    program.ended_task()
    assert "declared dead" not in program.openvod.log


def test_signatures_may_be_of_either_time(program: Program) -> None:
    openvod = program.openvod
    key = Key(openvod.secret_id, openvod.secret_key)

    def answered(now: float) -> bytes:
        headers, body = signing.sign_tc3(key, openvod.endpoint, "DescribeEventsState", {}, now=int(now))
        request = urllib.request.Request(openvod.url, body, headers)
        with urllib.request.urlopen(request) as answer:
            return bytes(answer.read())

    moved = openvod.clock.advance(hours=73).timestamp()
    assert b"CountOfEventsToPull" in answered(time.time())
    assert b"CountOfEventsToPull" in answered(moved)
    assert b"AuthFailure.SignatureExpire" in answered(moved - 3600)
    assert b"AuthFailure.SignatureExpire" in answered(time.time() + 3600)


def test_uploads_go_on_working_and_expire(program: Program) -> None:
    program.openvod.clock.advance(hours=73)
    applied = program.call("ApplyUpload", MediaType="mp4")
    body = program.clip.read_bytes()
    server: Any = SimpleNamespace(address=program.openvod.endpoint)
    cos(server, applied).put_object(
        Bucket=applied["StorageBucket"], Body=body, Key=applied["MediaStoragePath"][1:]
    )
    assert program.call("CommitUpload", VodSessionKey=applied["VodSessionKey"])["FileId"]
    late = program.call("ApplyUpload", MediaType="mp4")
    program.openvod.clock.advance(days=7)
    assert refusal(program, "CommitUpload", VodSessionKey=late["VodSessionKey"]).startswith(
        "InvalidParameterValue"
    )


def test_a_frozen_clock_goes_on_from_where_it_stood(openvod: OpenVod) -> None:
    stands = openvod.clock.freeze()
    assert openvod.clock.now() == stands
    assert openvod.clock.advance(minutes=1) == stands + timedelta(minutes=1) == openvod.clock.now()
    went = openvod.clock.resume()
    assert timedelta() <= went - stands - timedelta(minutes=1) < timedelta(seconds=30)
    assert openvod.clock.now() > went
    assert abs(openvod.clock.reset() - datetime.now(UTC)) < timedelta(seconds=30)


def test_the_vendors_history_and_rates(second: Path) -> None:
    """With the vendor's limits, and no worker: nothing here needs one."""
    with start(vendor_limits=True, workers=0) as openvod:
        program = Program(openvod, second)
        task = program.process(program.upload())
        openvod.clock.advance(hours=71)
        assert program.call("DescribeTaskDetail", TaskId=task)["Status"] == "WAITING"
        openvod.clock.advance(hours=2)
        assert refusal(program, "DescribeTaskDetail", TaskId=task) == "InvalidParameterValue.TaskId"
        codes = []
        while "RequestLimitExceeded" not in codes and len(codes) < 500:
            try:
                program.call("DescribeEventConfig")
            except TencentCloudSDKException as error:
                codes.append(error.code)
            else:
                codes.append("ok")
        openvod.reset()
        assert program.call("DescribeEventConfig")["Mode"] == "PULL"


def test_the_clock_is_one_for_all_who_open_it(tmp_path: Path) -> None:
    mine, theirs = MovedClock(tmp_path), MovedClock(tmp_path)
    assert abs(theirs() - time.time()) < 1
    mine.set(1234.5, frozen=True)
    assert (theirs(), theirs.frozen) == (1234.5, True)
    mine.set(-5.25, frozen=True)
    assert theirs() == -5.25
    mine.set(1e9, frozen=False)
    assert 1e9 <= theirs() < 1e9 + 60
    assert theirs.near(1e9 + 50) < 1.1e9 < theirs.near(time.time())


def test_only_sqlite_takes_another_clock() -> None:
    with pytest.raises(ValueError, match="clock of its own"):
        Database("postgresql+psycopg://nobody@127.0.0.1:1/none", time.time)


MACHINE_TIME = {
    "app.py": "chooses the clock",
    "deliver/loop.py": "the same, for whoever gives it none",
    "core/signing.py": "a client's own time",
    "store/blob_folder.py": "ages of files on disk",
    "store/blob_bucket.py": "ages of objects in a bucket",
    "store/kept_files.py": "ages of files on disk",
    "engines/analysis/remakes/vertical.py": "a file's name, where a client asks for the time in it",
    "store/uploads.py": "ids in the order in which they were made, also while a clock stands",
    "worker/dbos_engine.py": "ages of the engine's records, which are by its own clock",
    "testing/moved_clock.py": "what a moved clock is ahead of",
}


def test_nobody_else_asks_the_machine_for_the_time() -> None:
    """Every other module is given the time, or a clock, or has the database tell it (`now_ms`)."""
    root = Path(package.__file__).parent
    asking = set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            if name in {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"}:
                asking.add(file.relative_to(root).as_posix())
    assert asking == MACHINE_TIME.keys()
