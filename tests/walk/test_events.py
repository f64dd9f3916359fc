"""Events through the official SDK: pulled and confirmed, pushed and signed, and how they are set up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from hashlib import md5
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import insert, update
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core import spec
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.tables import events
from tests import clips
from tests.conftest import Server
from tests.receiver import Receiver, receiving
from tests.walk.conftest import Sdk, cos

SWITCHES = ("UploadMediaCompleteEventSwitch", "DeleteMediaCompleteEventSwitch")
_apps = iter(range(1_450_000_001, 1_450_000_999))


class App:
    """An application of its own, so that tests do not hear of each other."""

    def __init__(self, server: Server, sdk: Sdk, clip: Path) -> None:
        self.id = next(_apps)
        self.server, self.sdk, self.clip = server, sdk, clip
        with Store.open(Settings(data=server.data)) as store:
            account, *_ = store.accounts.list_accounts()
            store.accounts.create_sub_app(account.id, f"events {self.id}", number=self.id)

    @cached_property
    def file_id(self) -> str:
        """A small file; ask for it before events of files are switched on."""
        return self.upload()

    def upload(self) -> str:
        """A file through ApplyUpload, COS and CommitUpload."""
        applied = self.call("ApplyUpload", MediaType="mp4")
        cos(self.server, applied).put_object(
            Bucket=applied["StorageBucket"],
            Body=self.clip.read_bytes(),
            Key=applied["MediaStoragePath"][1:],
        )
        return str(self.call("CommitUpload", VodSessionKey=applied["VodSessionKey"])["FileId"])

    def call(self, action: str, **params: Any) -> dict[str, Any]:
        answer = self.sdk.call(action, SubAppId=self.id, **params)
        spec.load().check_response(action, answer)
        return answer

    def task(self) -> str:
        """A task that soon ends: nobody clones voices here."""
        asked = {"Definition": 25, "ExtendedParameter": '{"delogo":{"CustomerAppId":"audio_clone_asr"}}'}
        return str(self.call("ProcessMediaByMPS", FileId=self.file_id, AiAnalysisTask=asked)["TaskId"])

    def pull(self, count: int = 1) -> list[dict[str, Any]]:
        """The next so many events, in as many polls as it takes."""
        found: list[dict[str, Any]] = []
        deadline = monotonic() + 60
        while len(found) < count:
            assert monotonic() < deadline
            found += self.call("PullEvents")["EventSet"] or []
        return found

    def refusal(self, action: str, **params: Any) -> str:
        with pytest.raises(TencentCloudSDKException) as refusal:
            self.call(action, **params)
        return str(refusal.value.code)

    def let_handles_expire(self) -> None:
        with Store.open(Settings(data=self.server.data)) as store:
            change = update(events).where(events.c.sub_app_id == self.id).values(due=0)
            store.db.write(lambda connection: connection.execute(change))


@pytest.fixture
def app(server: Server, sdk: Sdk, small_clip: Path) -> App:
    return App(server, sdk, small_clip)


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(tmp_path_factory.mktemp("events") / "clip.mp4", seconds=1)


@pytest.fixture
def receiver(app: App) -> Iterator[Receiver]:
    with receiving() as running:
        app.call("ModifyEventConfig", Mode="PUSH", NotificationUrl=running.url)
        yield running


def filled(event: dict[str, Any]) -> dict[str, Any]:
    """What an event tells; all other kinds must be there as explicit nulls."""
    assert event.keys() >= spec.load().fields("EventContent").keys() - {"EventHandle"}
    return {name: value for name, value in event.items() if value is not None}


def test_pull_and_confirm(app: App) -> None:
    task = app.task()
    (event,) = app.pull()
    assert filled(event).keys() == {"EventHandle", "EventType", "ProcessMediaByMPSCompleteEvent"}
    assert event["EventType"] == "ProcessMediaByMPSComplete"
    assert event["ProcessMediaByMPSCompleteEvent"]["TaskId"] == task
    detail = app.call("DescribeTaskDetail", TaskId=task)
    assert event["ProcessMediaByMPSCompleteEvent"] == detail["ProcessMediaByMPSTask"]
    assert app.call("DescribeEventsState")["CountOfEventsToPull"] == 0
    app.call("ConfirmEvents", EventHandles=[event["EventHandle"]])
    app.call("ConfirmEvents", EventHandles=[event["EventHandle"]])
    app.let_handles_expire()
    assert app.call("DescribeEventsState")["CountOfEventsToPull"] == 0


def test_an_event_that_cannot_be_told_keeps_no_other_back(app: App) -> None:
    file_id = app.file_id
    app.call("ModifyEventConfig", DeleteMediaCompleteEventSwitch="ON")
    with Store.open(Settings(data=app.server.data)) as store:
        row = {"sub_app_id": app.id, "type": "ProcessMediaByMPSComplete", "task_id": "gone"}
        store.db.write(lambda connection: connection.execute(insert(events), row))
        app.call("DeleteMedia", FileId=file_id)
        (event,) = app.pull()
        assert event["FileDeleteEvent"]["FileIdSet"] == [file_id]
        assert [letter.task_id for letter in store.events.letters(sub_app_id=app.id)] == ["gone"]


def test_an_unconfirmed_event_comes_back_under_a_new_handle(app: App) -> None:
    file_id = app.file_id
    app.call("ModifyEventConfig", DeleteMediaCompleteEventSwitch="ON")
    app.call("DeleteMedia", FileId=file_id)
    (first,) = app.pull()
    app.let_handles_expire()
    assert app.refusal("ConfirmEvents", EventHandles=[first["EventHandle"]]) == "InvalidParameterValue"
    assert app.call("DescribeEventsState")["CountOfEventsToPull"] == 1
    (again,) = app.pull()
    assert again["EventHandle"] != first["EventHandle"]
    assert again["FileDeleteEvent"] == first["FileDeleteEvent"]
    assert app.refusal("ConfirmEvents", EventHandles=[first["EventHandle"]]) == "InvalidParameterValue"
    app.call("ConfirmEvents", EventHandles=[again["EventHandle"]])


def test_files_are_told_of_when_it_is_asked_for(app: App) -> None:
    app.call("DeleteMedia", FileId=app.upload())
    app.call("ModifyEventConfig", **dict.fromkeys(SWITCHES, "ON"))
    uploaded = app.upload()
    app.call("DeleteMedia", FileId=uploaded)
    came, went = app.pull(2)
    assert filled(came).keys() == {"EventHandle", "EventType", "FileUploadEvent"}
    assert (came["EventType"], came["FileUploadEvent"]["FileId"]) == ("NewFileUpload", uploaded)
    assert came["FileUploadEvent"]["MediaBasicInfo"]["Category"] == "Video"
    assert came["FileUploadEvent"]["MetaData"]["Size"] == app.clip.stat().st_size
    assert filled(went).keys() == {"EventHandle", "EventType", "FileDeleteEvent"}
    assert went["FileDeleteEvent"]["FileIdSet"] == [uploaded]


def test_many_pollers_wait_without_stopping_the_api(app: App) -> None:
    """More than the API has threads. One event wakes one of them; the others go home empty-handed after five seconds."""
    file_id = app.file_id
    app.call("ModifyEventConfig", DeleteMediaCompleteEventSwitch="ON")

    def poll(_: int) -> tuple[int, float]:
        own = Sdk(app.server.address, app.server.secret_id, app.server.secret_key)
        began = monotonic()
        found = own.call("PullEvents", SubAppId=app.id)["EventSet"]
        return len(found or []), monotonic() - began

    with ThreadPoolExecutor(60) as pool:
        polls = [pool.submit(poll, n) for n in range(60)]
        times = []
        while len(times) < 20:
            began = monotonic()
            app.call("DescribeEventConfig")
            times.append(monotonic() - began)
        app.call("DeleteMedia", FileId=file_id)
        results = [each.result() for each in polls]
    assert sorted(times)[10] < 0.5
    assert sorted(count for count, _ in results) == [0] * 59 + [1]
    assert all(4.9 < seconds < 8 for count, seconds in results if not count)
    assert all(seconds < 4.5 for count, seconds in results if count)


def test_push_with_a_signature(app: App, receiver: Receiver) -> None:
    app.call("ModifyEventConfig", SignKey="k3y")
    task = app.task()
    (body,) = receiver.wait_for(1)
    assert filled(body).keys() == {"EventType", "ProcessMediaByMPSCompleteEvent", "Sign", "T"}
    assert body["ProcessMediaByMPSCompleteEvent"]["TaskId"] == task
    assert body["Sign"] == md5(f"k3y{body['T']}".encode()).hexdigest()
    app.call("ModifyEventConfig", SignKey="", DeleteMediaCompleteEventSwitch="ON")
    app.call("DeleteMedia", FileId=app.file_id)
    unsigned = receiver.wait_for(2)[1]
    assert filled(unsigned).keys() == {"EventType", "FileDeleteEvent"}


def test_a_push_is_repeated_until_it_is_accepted(app: App, receiver: Receiver) -> None:
    receiver.answers = [500]
    file_id = app.file_id
    app.call("ModifyEventConfig", DeleteMediaCompleteEventSwitch="ON")
    app.call("DeleteMedia", FileId=file_id)
    first, second = receiver.wait_for(2)
    assert first == second
    assert app.refusal("PullEvents") == "FailedOperation"


def test_the_configuration_reads_back(app: App) -> None:
    begin = app.call("DescribeEventConfig")
    assert (begin["Mode"], begin["NotificationUrl"]) == ("PULL", "")
    app.call("ModifyEventConfig", Mode="PUSH", NotificationUrl="https://hooks.example/x", SignKey="abc123")
    app.call("ModifyEventConfig", PersistenceCompleteEventSwitch="ON")
    now = app.call("DescribeEventConfig")
    assert (now["Mode"], now["NotificationUrl"]) == ("PUSH", "https://hooks.example/x")
    assert [now[f"{kind}CompleteEventSwitch"] for kind in ("UploadMedia", "DeleteMedia", "Persistence")] == [
        "OFF",
        "OFF",
        "ON",
    ]
    app.call("ModifyEventConfig", NotificationUrl="", Mode="PULL")
    assert app.call("DescribeEventConfig")["NotificationUrl"] == ""


@pytest.mark.parametrize(
    "params, code",
    [
        ({"Mode": "SMOKE"}, "InvalidParameterValue"),
        ({"UploadMediaCompleteEventSwitch": "on"}, "InvalidParameterValue"),
        ({"SignKey": "a" * 33}, "InvalidParameterValue"),
        ({"SignKey": "a-b"}, "InvalidParameterValue"),
        ({"NotificationUrl": "ftp://hooks.example/"}, "InvalidParameterValue"),
        ({"NotificationUrl": "http://u:p@hooks.example/"}, "InvalidParameterValue"),
        ({"NotificationUrl": "http://169.254.169.254/latest"}, "InvalidParameterValue"),
        ({"NotificationUrl": "http://metadata.tencentyun.com/"}, "InvalidParameterValue"),
        ({"NotificationUrl": "http://10.0.0.1/"}, "InvalidParameterValue"),
        ({"NotificationUrl": "http://[::ffff:127.0.0.1]/"}, "InvalidParameterValue"),
        ({"NotificationUrl": 7}, "InvalidParameter"),
    ],
)
def test_configurations_that_are_refused(app: App, params: dict[str, Any], code: str) -> None:
    before = app.call("DescribeEventConfig")
    assert app.refusal("ModifyEventConfig", **params) == code
    after = app.call("DescribeEventConfig")
    assert {**after, "RequestId": ""} == {**before, "RequestId": ""}


@pytest.mark.parametrize(
    "handles", [[], ["x"], ["1.0"], ["1." + "0" * 32], ["9" * 30 + "." + "0" * 32], ["a"] * 17]
)
def test_handles_that_are_refused(app: App, handles: list[str]) -> None:
    assert app.refusal("ConfirmEvents", EventHandles=handles) == "InvalidParameterValue"


@pytest.mark.parametrize(
    "action", ["PullEvents", "DescribeEventConfig", "ModifyEventConfig", "DescribeEventsState"]
)
def test_another_application_is_unknown(sdk: Sdk, action: str) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call(action, SubAppId=999)
    assert refusal.value.code == "InvalidParameterValue.SubAppId"
