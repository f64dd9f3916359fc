"""A double starts from nothing, is reset at once, and leaves nothing behind; no other server has its levers."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.testing import Gone, OpenVod, Refused, start
from tests import clips
from tests.conftest import Server, ends_within
from tests.testing.conftest import Program, children, data_folder, reads

pytest_plugins = ["openvod.testing"]


def test_files_can_be_given_their_ids_and_applications(program: Program) -> None:
    file_id = program.openvod.upload(program.clip, file_id="966263619095884274", sub_app_id=221157)
    assert file_id == "966263619095884274"
    (media,) = program.call("DescribeMediaInfos", SubAppId=221157, FileIds=[file_id])["MediaInfoSet"]
    assert media["BasicInfo"]["Name"] == program.clip.name
    with pytest.raises(Refused, match="taken"):
        program.openvod.upload(program.clip, file_id=file_id)
    with pytest.raises(Refused, match="no file"):
        program.openvod.upload("/nowhere.mp4")
    with pytest.raises(Refused, match=r"test_double\.py: "):
        program.openvod.upload(__file__)


def test_waiting_is_no_call_and_ends(program: Program) -> None:
    program.openvod.faults.answer("DescribeTaskDetail", code="InternalError")
    task = program.ended_task()
    assert program.openvod.faults.left() != []
    with pytest.raises(TencentCloudSDKException):
        program.call("DescribeTaskDetail", TaskId=task)
    assert program.openvod.wait(task) == {
        name: value
        for name, value in program.call("DescribeTaskDetail", TaskId=task).items()
        if name != "RequestId"
    }
    with pytest.raises(Refused, match="no task"):
        program.openvod.wait("221157-ProcessMediaByMPS-nonet")


def test_a_reset_empties_all_and_keeps_the_keys(program: Program) -> None:
    openvod = program.openvod
    objects = data_folder(openvod) / "objects"
    task = program.ended_task()
    app = program.call("CreateSubAppId", Name="second")["SubAppId"]
    second = openvod.upload(program.clip, sub_app_id=app)
    program.call("ModifySubAppIdStatus", SubAppId=openvod.sub_app_id, Status="Off")
    openvod.faults.answer("DescribeTasks", code="InternalError", times=9)
    openvod.clock.freeze()
    (media,) = program.call("DescribeMediaInfos", SubAppId=app, FileIds=[second])["MediaInfoSet"]
    assert [path for path in objects.rglob("*") if path.is_file()]

    openvod.reset()

    assert program.call("DescribeTasks")["TaskSet"] == []
    assert program.call("SearchMedia")["TotalCount"] == 0
    assert program.to_pull() == 0
    (kept,) = program.call("DescribeSubAppIds")["SubAppIdInfoSet"]
    assert (kept["SubAppId"], kept["Status"]) == (openvod.sub_app_id, "On")
    assert openvod.faults.left() == []
    assert openvod.clock.now() < openvod.clock.now()
    assert [path for path in objects.rglob("*") if path.is_file()] == []
    with pytest.raises(TencentCloudSDKException):
        program.call("DescribeTaskDetail", TaskId=task)
    with pytest.raises(urllib.error.HTTPError, match="404") as gone:
        urllib.request.urlopen(media["BasicInfo"]["MediaUrl"])
    gone.value.close()
    assert program.ended_task()


def test_a_reset_is_quick(program: Program) -> None:
    program.ended_task(times=5)
    took = []
    for _ in range(5):
        began = monotonic()
        program.openvod.reset()
        took.append(monotonic() - began)
    assert min(took) < 0.1


@pytest.mark.needs("models")
def test_a_reset_stops_what_is_worked_on(openvod: OpenVod, second: Path, tmp_path: Path) -> None:
    program = Program(openvod, clips.video(tmp_path / "long.mp4", seconds=200, fps=1))
    (worker,) = children(openvod.pid)
    task = program.process(program.upload())
    deadline = monotonic() + 30
    while not any(reads(job, "/objects/") for job in children(worker)):
        assert monotonic() < deadline
    jobs = children(worker)
    for job in jobs:
        with suppress(ProcessLookupError):
            os.kill(job, signal.SIGSTOP)  # from here on it cannot come to its own end
    openvod.reset()
    assert all(ends_within(job, 30) for job in jobs)
    with pytest.raises(Refused, match="no task"):
        openvod.wait(task)
    program.clip = second
    program.ended_task()
    assert program.call("SearchMedia")["TotalCount"] == 1


def test_it_serves_while_a_test_asks_from_several_threads(openvod: OpenVod, program: Program) -> None:
    with ThreadPoolExecutor(4) as pool:
        uploaded = list(pool.map(lambda _: program.upload(), range(4)))
    assert len(set(uploaded)) == 4
    assert program.call("SearchMedia")["TotalCount"] == 4


@pytest.mark.parametrize("settings", [{"data": "elsewhere", "nonsense": 1}, {"workers": "many"}])
def test_settings_that_it_cannot_have_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(Refused), start(**settings):
        pass


def test_the_environment_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENVOD_DATA", str(tmp_path / "precious"))
    monkeypatch.setenv("OPENVOD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setenv("OPENVOD_SECRET_KEY", "precious")
    with start(workers=0, secret_id="AKIDmine", secret_key="mine", sub_app_id=221157) as openvod:
        assert (openvod.secret_id, openvod.secret_key, openvod.sub_app_id) == ("AKIDmine", "mine", 221157)
        program = Program(openvod, tmp_path)
        assert program.call("DescribeTasks")["TaskSet"] == []
        os.kill(openvod.pid, signal.SIGKILL)
        with pytest.raises(Gone):
            openvod.reset()
    assert not (tmp_path / "precious").exists()


KILLED = """
import json, os, signal, sys
import openvod.testing
with openvod.testing.start() as server:
    forked = os.fork()  # as multiprocessing does: it holds the line, too
    if not forked:
        signal.pause()
    print(json.dumps([server.pid, forked]), flush=True)
    signal.pause()
"""


def test_it_is_gone_when_the_tests_process_is_killed() -> None:
    test = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert test.stdout is not None
    with test, test.stdout:
        server, forked = json.loads(test.stdout.readline())
        (worker,) = children(server)
        environment = Path(f"/proc/{worker}/environ").read_text().split("\0")
        (data,) = (line.partition("=")[2] for line in environment if line.startswith("OPENVOD_DATA="))
        assert Path(data).is_dir()
        test.kill()
        try:
            assert ends_within(worker, 20)
            assert ends_within(server, 20)
        finally:
            os.kill(forked, signal.SIGKILL)
    assert not Path(data).exists()


PATHS = ("/control", "/testing", "/reset", "/_openvod/reset", "/clock", "/faults", "/healthz/reset")


def answered(url: str, method: str) -> tuple[int, str, bytes]:
    """Status, kind and the part of the body that is the same each time."""
    request = urllib.request.Request(url, b"{}" if method == "POST" else None, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()[:60]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()[:60]


def test_no_path_leads_to_the_levers(openvod: OpenVod, server: Server) -> None:
    """A double answers strange paths as any server does."""
    for path in PATHS:
        for method in ("GET", "POST", "DELETE"):
            ours = answered(openvod.url + path, method)
            assert ours == answered(server.url + path, method)
            assert ours[0] == 403, (path, method)


def test_the_plain_server_has_not_the_code() -> None:
    """Nor has its worker: the layers' contract lets nothing import what is for tests."""
    program = (
        "import sys, openvod.cli.serve; sys.exit(any('openvod.testing' in name for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_tests_process_loads_next_to_nothing() -> None:
    program = "import sys, openvod.testing; print(*(n for n in sys.modules if n.startswith(('openvod', 'pytest', 'sqla'))))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {
        "openvod",
        "openvod.testing",
        "openvod.testing.double",
        "openvod.testing.levers",
        "openvod.testing.line",
    }
