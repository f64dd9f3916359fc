"""Nothing accepted is lost: the whole server is killed at any moment, started again, and the task ends as it should."""

import json
import os
import signal
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from openvod.core.settings import Settings
from openvod.store import Store
from tests import clips
from tests.conftest import FILE_ID, SUB_APP, Server, ends, start_server, stop_server
from tests.walk.conftest import Sdk


def kill(server: Server) -> list[int]:
    """SIGKILL the server only; the pids of what it leaves behind."""
    children = descendants(server.process.pid)
    server.process.kill()
    server.process.wait()
    assert server.process.stdout is not None
    server.process.stdout.close()
    return children


def descendants(root: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == root:
                found += [int(entry.name), *descendants(int(entry.name))]
    return found


def wait_until(done: Callable[[], bool], what: str, seconds: float = 30) -> None:
    if not ends(done, seconds):
        raise TimeoutError(what)


def gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def upload(server: Server, folder: Path) -> None:
    """A clip without speech: its tags need no model."""
    server.upload(clips.video(folder / "clip.mp4", seconds=3), "--file-id", FILE_ID)


def process(sdk: Sdk) -> str:
    answer = sdk.call(
        "ProcessMediaByMPS", FileId=FILE_ID, SubAppId=SUB_APP, AiAnalysisTask={"Definition": 21}
    )
    return str(answer["TaskId"])


@pytest.mark.needs("models")
@pytest.mark.parametrize("moment", ["at once", "while it runs"])
def test_a_killed_server_finishes_its_tasks_after_a_restart(tmp_path: Path, data: Path, moment: str) -> None:
    server = start_server(data)
    upload(server, tmp_path)
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    tasks = [process(sdk) for _ in range(3)]
    if moment == "while it runs":
        wait_until(lambda: sdk.call("DescribeTaskDetail", TaskId=tasks[0])["Status"] != "WAITING", "a start")
    orphans = kill(server)
    wait_until(lambda: all(map(gone, orphans)), "the workers and media processes did not die with the server")
    again = start_server(data)
    try:
        sdk = Sdk(again.address, again.secret_id, again.secret_key)
        for task in tasks:
            (row,) = sdk.wait(task)["ProcessMediaByMPSTask"]["SubTaskSet"]
            assert row["Status"] == "SUCCESS"
    finally:
        assert stop_server(again) == 0


@pytest.mark.needs("models")
def test_a_killed_worker_is_replaced_and_its_task_ends_once(tmp_path: Path, data: Path, talk: Path) -> None:
    server = start_server(data)
    try:
        server.upload(talk, "--file-id", FILE_ID)
        sdk = Sdk(server.address, server.secret_id, server.secret_key)
        asked = {"FileId": FILE_ID, "SubAppId": SUB_APP, "SmartSubtitlesTask": {"Definition": 200}}
        task = sdk.call("ProcessMediaByMPS", **asked)["TaskId"]
        wait_until(lambda: len(descendants(server.process.pid)) > 1, "a media process")
        os.kill(descendants(server.process.pid)[0], signal.SIGKILL)
        (row,) = sdk.wait(task)["ProcessMediaByMPSTask"]["SubTaskSet"]
        assert row["Status"] == "SUCCESS"
        assert len(row["Output"]["OutputFiles"]) == 2
    finally:
        stop_server(server)
    with Store.open(
        Settings(data=data)
    ) as store:  # the source, one subtitle file and its report: outputs were not doubled
        assert len(list(store.blobs.keys())) == 3


@pytest.mark.needs("models")
def test_a_file_deleted_while_its_task_runs(tmp_path: Path, data: Path) -> None:
    """Hidden at once, read to the end of the task, then gone from the disk."""
    server = start_server(data, "--workers", "0")
    upload(server, tmp_path)
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    task = process(sdk)
    sdk.call("DeleteMedia", FileId=FILE_ID)
    assert sdk.call("DescribeMediaInfos", FileIds=[FILE_ID])["NotExistFileIdSet"] == [FILE_ID]
    with pytest.raises(Exception, match=r"InvalidParameterValue\.FileId"):
        process(sdk)
    stop_server(server)
    with_workers = start_server(data)
    try:
        sdk = Sdk(with_workers.address, with_workers.secret_id, with_workers.secret_key)
        (row,) = sdk.wait(task)["ProcessMediaByMPSTask"]["SubTaskSet"]
        assert row["Status"] == "SUCCESS"
    finally:
        stop_server(with_workers)
    with Store.open(Settings(data=data)) as store:
        assert list(store.blobs.keys()) == []


def test_children_never_inherit_the_secrets(server: Server) -> None:
    environments = [
        (Path("/proc") / str(pid) / "environ").read_bytes() for pid in descendants(server.process.pid)
    ]
    assert environments
    assert all(server.secret_key.encode() not in each for each in environments)
    command_lines = [
        (Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in descendants(server.process.pid)
    ]
    assert all(server.secret_key.encode() not in each for each in command_lines)


def test_a_first_start_makes_a_key_and_shows_it_once(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENVOD_S")}
    command = [
        sys.executable,
        "-m",
        "openvod",
        "serve",
        "--port",
        "0",
        "--workers",
        "0",
        "--data",
        str(tmp_path / "d"),
    ]
    outputs = []
    for _ in range(2):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**environment, "PYTHONUNBUFFERED": "1"}
        ) as serving:
            assert serving.stdout is not None
            first_line = serving.stdout.readline()
            serving.terminate()  # as early as can be: the signal must not be lost
            rest = serving.stdout.read()
        assert serving.returncode == 0
        outputs.append(first_line + rest)
    note = tmp_path / "d" / "credentials.toml"
    assert note.stat().st_mode & 0o077 == 0
    secret = note.read_text().split('secret_key = "')[1].split('"')[0]
    assert secret in outputs[0]
    assert secret not in outputs[1]


def test_a_chosen_file_id_that_is_taken_is_refused(server: Server, tmp_path: Path) -> None:
    clip = clips.video(tmp_path / "clip.mp4")
    server.upload(clip, "--file-id", "1234567890123456")
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        server.upload(clip, "--file-id", "1234567890123456")
    assert "taken" in refusal.value.stderr


@pytest.mark.needs("models")
def test_a_built_wheel_serves_from_an_empty_venv(tmp_path: Path) -> None:
    """Built, installed elsewhere without the checkout, started from another folder. Its dependencies are those of this
    environment, which the locks have pinned.
    """
    root = Path(__file__).parents[2]
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(root)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    (packages,) = (home / "lib").glob("python*/site-packages")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--quiet",
        "--target",
        str(packages),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    dependencies = Path(next(path for path in sys.path if path.endswith("site-packages")))
    (packages / "dependencies.pth").write_text(f"{dependencies}\n")
    python = str(home / "bin" / "python")
    where = subprocess.run(
        [python, "-c", "import openvod; print(openvod.__file__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert where.stdout.startswith(str(packages))
    server = start_server(tmp_path / "data", python=python, folder=tmp_path)
    try:
        upload(server, tmp_path)
        sdk = Sdk(server.address, server.secret_id, server.secret_key)
        (row,) = sdk.wait(process(sdk))["ProcessMediaByMPSTask"]["SubTaskSet"]
        assert row["Status"] == "SUCCESS"
        assert isinstance(json.loads(row["Output"]["OutputText"])["TagSet"], list)
    finally:
        stop_server(server)
