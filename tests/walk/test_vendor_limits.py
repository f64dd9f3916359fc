"""The settings `vendor_limits` and `tolerate_unknown`, through the official SDK. No worker runs: tasks wait."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core.settings import Settings
from openvod.core.signing import Key
from openvod.store import Store
from openvod.store.tables import tasks
from tests import clips
from tests.conftest import SUB_APP, Server, start_server, stop_server
from tests.walk.conftest import Sdk
from tests.walk.test_contract import ask

TAGS = {"SubAppId": SUB_APP, "AiAnalysisTask": {"Definition": 21}}
HOUR_MS = 3600 * 1000


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("limited") / "data", "--workers", "0", "--vendor-limits")
    yield running
    assert stop_server(running) == 0


@pytest.fixture(scope="module")
def tolerant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tolerant") / "data"
    running = start_server(folder, "--workers", "0", OPENVOD_TOLERATE_UNKNOWN="true")
    yield running
    assert stop_server(running) == 0


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1)


def sdk_of(server: Server) -> Sdk:
    return Sdk(server.address, server.secret_id, server.secret_key)


def code_of(sdk: Sdk, action: str, **params: Any) -> str:
    try:
        sdk.call(action, **params)
    except TencentCloudSDKException as error:
        return str(error.code)
    return ""


def test_twenty_calls_a_second_and_no_more(limited: Server) -> None:
    """The rate is looked at before the request is: what is refused for its fields counts, too."""
    begin = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        codes = list(
            pool.map(
                lambda _: code_of(sdk_of(limited), "ProcessMediaByMPS", FileId="1", SubAppId=SUB_APP),
                range(60),
            )
        )
    seconds = time.monotonic() - begin
    assert set(codes) == {"InvalidParameter", "RequestLimitExceeded"}
    passed = codes.count("InvalidParameter")
    assert 20 <= passed <= 20 + 20 * seconds + 1
    assert passed < 60
    assert code_of(sdk_of(limited), "DescribeTasks") == ""  # another action has a rate of its own


def test_a_limit_counts_an_account_not_a_key(limited: Server) -> None:
    with Store.open(Settings(data=limited.data)) as store:
        (first,) = store.accounts.list_accounts()
        second_key = store.accounts.create_key(first.id)
        stranger = store.accounts.create_account("stranger")
        their_key = store.accounts.create_key(stranger.id)
        store.accounts.create_sub_app(stranger.id, "theirs")

    def create(sdk: Sdk) -> str:
        return code_of(sdk, "CreateSubAppId")

    keys = [Key(limited.secret_id, limited.secret_key), Key(second_key.secret_id, second_key.secret_key)]
    clients = [Sdk(limited.address, key.secret_id, key.secret_key) for key in keys]
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(create, clients * 30))
    assert codes.count("RequestLimitExceeded") > 0
    theirs = Sdk(limited.address, their_key.secret_id, their_key.secret_key)
    assert create(theirs) == "MissingParameter"


def test_an_unsigned_call_is_refused_before_it_counts(limited: Server) -> None:
    wrong = Sdk(limited.address, limited.secret_id, "wrong")
    assert {code_of(wrong, "DeleteMPSTemplate") for _ in range(25)} == {"AuthFailure.SignatureFailure"}
    assert code_of(sdk_of(limited), "DeleteMPSTemplate") == "MissingParameter"


def test_without_vendor_limits_there_is_no_limit(tolerant: Server) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda _: code_of(sdk_of(tolerant), "ProcessMediaByMPS"), range(60)))
    assert codes == {"MissingParameter"}


def age(server: Server, task_id: str, hours: int) -> None:
    """Let a task have been created so long ago."""
    change = update(tasks).where(tasks.c.id == task_id).values(created=tasks.c.created - hours * HOUR_MS)
    with Store.open(Settings(data=server.data)) as store:
        store.db.write(lambda connection: connection.execute(change))


def add_task(server: Server, clip: Any) -> str:
    file_id = server.upload(clip)
    while code_of(sdk_of(server), "ProcessMediaByMPS") == "RequestLimitExceeded":
        pass  # what the test before took comes back within a second
    return str(sdk_of(server).call("ProcessMediaByMPS", FileId=file_id, **TAGS)["TaskId"])


@pytest.mark.parametrize("which, remembered", [("limited", False), ("tolerant", True)])
def test_the_history_of_72_hours(
    request: pytest.FixtureRequest, which: str, remembered: bool, clip: Any
) -> None:
    server: Server = request.getfixturevalue(which)
    sdk = sdk_of(server)
    task_id = add_task(server, clip)

    def listed(**wanted: Any) -> bool:
        answer = sdk.call("DescribeTasks", Limit=100, **wanted)
        return task_id in {row["TaskId"] for row in answer["TaskSet"]}

    age(server, task_id, 71)
    assert code_of(sdk, "DescribeTaskDetail", TaskId=task_id) == ""
    assert listed()
    age(server, task_id, 2)
    assert code_of(sdk, "DescribeTaskDetail", TaskId=task_id) == (
        "" if remembered else "InvalidParameterValue.TaskId"
    )
    assert listed() is remembered
    assert listed(CreateTime={"After": "2000-01-01T00:00:00Z"}) is remembered
    assert not listed(CreateTime={"Before": "2000-01-01T00:00:00Z"})


@pytest.mark.parametrize("which, code", [("limited", "FailedOperation"), ("tolerant", "")])
def test_a_running_task_can_be_aborted_unless_the_vendor_s_limits_hold(
    request: pytest.FixtureRequest, which: str, code: str, clip: Any
) -> None:
    server: Server = request.getfixturevalue(which)
    sdk = sdk_of(server)
    task_id = add_task(server, clip)
    with Store.open(Settings(data=server.data)) as store:
        assert task_id in store.tasks.claim("a worker", 100)
    assert code_of(sdk, "ManageTask", TaskId=task_id, OperationType="Abort") == code
    status = sdk.call("DescribeTaskDetail", TaskId=task_id)["Status"]
    assert status == ("PROCESSING" if code else "ABORTED")


def test_unknown_fields_become_warnings_kept_with_the_task(tolerant: Server, clip: Any) -> None:
    params = {
        **TAGS,
        "FileId": tolerant.upload(clip),
        "Future": {"Deep": [1, {}]},
        "AiAnalysisTask": {"Definition": 21, "Depth": 3, "ExtendedParameter": '{"tag": {"deep": 1}}'},
    }
    answer = ask(tolerant, "ProcessMediaByMPS", **params)
    with Store.open(Settings(data=tolerant.data)) as store:
        task = store.tasks.get(answer["TaskId"])
    assert task is not None
    assert set(task.warnings) == {
        "Future was ignored",
        "AiAnalysisTask.Depth was ignored",
        "ExtendedParameter: `tag.deep` is not a known key",
    }
    assert "Future" not in task.request
    assert "Error" not in ask(tolerant, "DescribeTasks", Whatever=1)
    wrong = ask(tolerant, "DescribeTasks", Whatever=1, Limit="x")
    assert wrong["Error"]["Code"] == "InvalidParameter"


def test_a_flood_of_unknown_fields_is_named_in_part(tolerant: Server, clip: Any) -> None:
    flood = {f"Field{number}": number for number in range(1000)}
    answer = ask(tolerant, "ProcessMediaByMPS", FileId=tolerant.upload(clip), **TAGS, **flood)
    with Store.open(Settings(data=tolerant.data)) as store:
        task = store.tasks.get(answer["TaskId"])
    assert task is not None
    assert len(task.warnings) == 32


def test_unknown_fields_are_refused_by_default(limited: Server) -> None:
    assert ask(limited, "DescribeTasks", Whatever=1)["Error"]["Code"] == "UnknownParameter"
