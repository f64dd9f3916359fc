"""What goes wrong by script arrives in the official client as its own exception, exactly as often as it should."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.mps.v20190612.mps_client import MpsClient
from tencentcloud.vod.v20180717.vod_client import VodClient

from openvod.testing import OpenVod, Refused
from tests.receiver import receiving
from tests.testing.conftest import Program
from tests.walk.conftest import Sdk

pytest_plugins = ["openvod.testing"]


def outcome(call: Any, *args: Any, **params: Any) -> str:
    """The code of a call's refusal, or `ok`."""
    try:
        call(*args, **params)
    except TencentCloudSDKException as error:
        return str(error.code)
    return "ok"


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "InternalError", "FailedOperation.InvalidVodUser"])
def test_an_answer_is_refused_so_many_times(program: Program, code: str) -> None:
    program.openvod.faults.answer("DescribeTasks", code=code, message="for a test", times=2)
    with pytest.raises(TencentCloudSDKException) as refusal:
        program.call("DescribeTasks")
    assert (refusal.value.code, refusal.value.message) == (code, "for a test")
    assert outcome(program.call, "DescribeEventsState") == "ok"
    assert [outcome(program.call, "DescribeTasks") for _ in range(3)] == [code, "ok", "ok"]


def test_scripts_are_played_one_after_the_other(program: Program) -> None:
    program.openvod.faults.answer("DescribeTasks", code="One", times=2)
    program.openvod.faults.answer("DescribeTasks", code="Two")
    assert program.openvod.faults.left() == [
        {"kind": "answer", "about": "DescribeTasks", "times": 2, "code": "One"},
        {"kind": "answer", "about": "DescribeTasks", "times": 1, "code": "Two"},
    ]
    assert [outcome(program.call, "DescribeTasks") for _ in range(4)] == ["One", "One", "Two", "ok"]
    assert program.openvod.faults.left() == []


def test_the_count_is_exact_when_many_call_at_once(program: Program) -> None:
    program.openvod.faults.answer("DescribeTasks", code="RequestLimitExceeded", times=7)
    clients = [
        Sdk(program.openvod.endpoint, program.openvod.secret_id, program.openvod.secret_key) for _ in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: outcome(clients[number % 8].call, "DescribeTasks"), range(40)))
    assert (found.count("RequestLimitExceeded"), found.count("ok")) == (7, 33)


def test_calls_that_are_refused_anyway_do_not_count(program: Program) -> None:
    openvod = program.openvod
    openvod.faults.answer("DescribeTasks", code="RequestLimitExceeded")
    stranger = Sdk(openvod.endpoint, openvod.secret_id, "wrong")
    assert outcome(stranger.call, "DescribeTasks") == "AuthFailure.SignatureFailure"
    assert outcome(program.call, "DescribeTasks", Limit=1000).startswith("InvalidParameter")
    assert [outcome(program.call, "DescribeTasks") for _ in range(2)] == ["RequestLimitExceeded", "ok"]


def test_a_delayed_answer_is_late_though_the_work_is_done(program: Program) -> None:
    file_id = program.upload()
    program.openvod.faults.delay("ProcessMediaByMPS", seconds=1.0)
    program.openvod.faults.fail_sub_task("AiAnalysis", code="60000")
    impatient = Program(program.openvod, program.clip)
    http = HttpProfile(protocol="http", endpoint=program.openvod.endpoint, reqTimeout=0.5)  # type: ignore[arg-type]
    key = Credential(program.openvod.secret_id, program.openvod.secret_key)
    impatient.sdk.client = VodClient(key, "", ClientProfile(httpProfile=http))
    params = {"MPSProcessMediaParams": '{"AiAnalysisTask":{"Definition":21},"SessionId":"once"}'}
    wanted = {"SubAppId": program.openvod.sub_app_id, "FileId": file_id, **params}
    assert outcome(impatient.call, "ProcessMediaByMPS", **wanted) == "ClientNetworkError"
    assert outcome(program.call, "ProcessMediaByMPS", **wanted) == "InvalidParameterValue.SessionId"
    assert len(program.call("DescribeTasks")["TaskSet"]) == 1


def test_a_delay_holds_up_nobody_else(program: Program) -> None:
    program.openvod.faults.delay("DescribeTasks", seconds=1.0, times=50)
    clients = [Program(program.openvod, program.clip) for _ in range(50)]  # more than the server has threads
    with ThreadPoolExecutor(50) as pool:
        began = monotonic()
        late = [pool.submit(client.call, "DescribeTasks") for client in clients]
        program.call("DescribeEventsState")
        assert not all(each.done() for each in late)
        assert all("TaskSet" in each.result() for each in late)
    assert 1.0 <= monotonic() - began < 30.0


@pytest.mark.parametrize(
    "code, number, message",
    [
        ("60000", "60000", "the disk is full"),
        ("SourceFileError.Broken", "60000", "SourceFileError.Broken: the disk is full"),
        ("InternalError", "70000", "InternalError: the disk is full"),
    ],
)
def test_a_sub_task_fails_with_a_code(program: Program, code: str, number: str, message: str) -> None:
    program.openvod.faults.fail_sub_task("AiAnalysis.TagTask", code=code, message="the disk is full")
    detail = program.openvod.wait(program.process(program.upload()))
    (part,) = detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert (detail["Status"], part["TaskType"], part["Status"]) == ("FINISH", "AiAnalysis.TagTask", "FAIL")
    assert (part["ErrCode"], part["Message"]) == (number, message)
    assert program.openvod.faults.left() == []
    assert (
        program.call("DescribeTaskDetail", TaskId=detail["ProcessMediaByMPSTask"]["TaskId"])["Status"]
        == "FINISH"
    )


def test_only_so_many_sub_tasks_of_the_kind_fail(program: Program) -> None:
    """Those of other kinds, and those after them, are worked on: here it is an erasure from a file without a picture."""
    program.openvod.faults.fail_sub_task("AiAnalysisTask", code="12345", times=2)
    program.openvod.faults.fail_sub_task("SmartEraseTask", code="54321")
    file_id = program.upload()
    both = {"SmartEraseTask": {"Definition": 301}}
    ends = [
        [part["ErrCode"] for part in program.openvod.wait(task)["ProcessMediaByMPSTask"]["SubTaskSet"]]
        for task in (program.process(file_id, **both), program.process(file_id))
    ]
    assert ends == [["12345", "54321"], ["12345"]]
    assert program.openvod.faults.left() == []


def test_a_pull_fails_with_a_code(program: Program) -> None:
    program.openvod.faults.fail_sub_task("PullUpload", code="SourceFileError.Lost", message="nobody home")
    pulled = program.call("PullUpload", MediaUrl=f"{program.openvod.url}/film.mp4")
    detail = program.openvod.wait(pulled["TaskId"])["PullUploadTask"]
    assert (detail["Status"], detail["ErrCode"]) == ("FINISH", 60000)
    assert detail["Message"] == "SourceFileError.Lost: nobody home"
    assert program.openvod.faults.left() == []


def test_an_answer_of_the_other_api_is_refused_too(program: Program) -> None:
    program.openvod.faults.answer("ManageTask", code="InternalError", times=2)
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=program.openvod.endpoint))
    credential = Credential(program.openvod.secret_id, program.openvod.secret_key)
    mps = MpsClient(credential, "ap-guangzhou", profile)
    asked = {"TaskId": "1-WorkflowTask-0", "OperationType": "Abort"}
    codes = [
        outcome(mps.call, "ManageTask", asked),
        outcome(program.call, "ManageTask", TaskId="1", OperationType="Abort"),
    ]
    assert codes == ["InternalError"] * 2
    assert program.openvod.faults.left() == []


def test_an_event_comes_again_after_it_was_confirmed(program: Program) -> None:
    program.openvod.faults.deliver_event_twice(times=2)
    program.ended_task(times=3)
    first = program.pull()
    assert len(first) == 3
    program.confirm(*first)
    again = program.pull()
    assert len(again) == 2
    told = [event["ProcessMediaByMPSCompleteEvent"]["TaskId"] for event in first]
    assert {event["ProcessMediaByMPSCompleteEvent"]["TaskId"] for event in again} < set(told)
    program.confirm(*again)
    assert program.pull() == []
    assert program.openvod.faults.left() == []


def test_an_event_is_pushed_again_after_it_was_accepted(program: Program) -> None:
    program.openvod.faults.deliver_event_twice()
    with receiving() as receiver:
        program.call(
            "ModifyEventConfig",
            SubAppId=program.openvod.sub_app_id,
            Mode="PUSH",
            NotificationUrl=receiver.url,
        )
        tasks = [program.ended_task(), program.ended_task()]
        came = [body["ProcessMediaByMPSCompleteEvent"]["TaskId"] for body in receiver.wait_for(3)]
    assert sorted(came.count(task) for task in tasks) == [1, 2]
    assert program.openvod.faults.left() == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda faults: faults.answer("DescribeTask", code="InternalError"),
        lambda faults: faults.answer("DescribeTasks", code=""),
        lambda faults: faults.answer("DescribeTasks", code="InternalError", times=0),
        lambda faults: faults.delay("DescribeTasks", -1),
        lambda faults: faults.fail_sub_task("Tags", code="60000"),
    ],
)
def test_a_script_that_could_never_be_played_is_refused(openvod: OpenVod, wrong: Any) -> None:
    with pytest.raises(Refused):
        wrong(openvod.faults)
    assert openvod.faults.left() == []
