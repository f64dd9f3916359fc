"""What a test does to a double: calls through the official client, and looks at its processes from outside."""

import os
from pathlib import Path
from typing import Any

import pytest

from openvod.testing import OpenVod
from tests import clips
from tests.walk.conftest import Sdk

FAILING = {"Definition": 21}
"""An analysis; in these tests a script ends it before it needs a model."""


class Program:
    """A program that uses the double as its cloud."""

    def __init__(self, openvod: OpenVod, clip: Path) -> None:
        self.openvod, self.clip = openvod, clip
        self.sdk = Sdk(openvod.endpoint, openvod.secret_id, openvod.secret_key)
        self.call = self.sdk.call

    def upload(self) -> str:
        return self.openvod.upload(self.clip)

    def process(self, file_id: str, **more: Any) -> str:
        """A task, to end as it will."""
        wanted = {"SubAppId": self.openvod.sub_app_id, "FileId": file_id, "AiAnalysisTask": FAILING}
        return str(self.call("ProcessMediaByMPS", **wanted, **more)["TaskId"])

    def ended_task(self, times: int = 1) -> str:
        """The last of some tasks that have ended, each with an event."""
        self.openvod.faults.fail_sub_task("AiAnalysis", code="60000", times=times)
        file_id = self.upload()
        tasks = [self.process(file_id) for _ in range(times)]
        for task in tasks:
            self.openvod.wait(task)
        return tasks[-1]

    def pull(self) -> list[dict[str, Any]]:
        """What there is to be pulled, without waiting for more."""
        if not self.to_pull():
            return []
        events: list[dict[str, Any]] = self.call("PullEvents")["EventSet"]
        return events

    def confirm(self, *events: dict[str, Any]) -> None:
        self.call("ConfirmEvents", EventHandles=[event["EventHandle"] for event in events])

    def to_pull(self) -> int:
        return int(self.call("DescribeEventsState")["CountOfEventsToPull"])


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of sound and picture."""
    return clips.video(tmp_path_factory.mktemp("second") / "second.mp4", seconds=1)


@pytest.fixture
def program(openvod: OpenVod, second: Path) -> Program:
    return Program(openvod, second)


def children(pid: int) -> list[int]:
    """The processes that a process has started, while it lives."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for file in found for child in file.read_text().split()]


def data_folder(openvod: OpenVod) -> Path:
    """Where the double keeps its data, by its worker's environment."""
    (worker,) = children(openvod.pid)
    environment = Path(f"/proc/{worker}/environ").read_bytes().split(b"\0")
    (data,) = (line.partition(b"=")[2] for line in environment if line.startswith(b"OPENVOD_DATA="))
    return Path(os.fsdecode(data))


def reads(pid: int, part: str) -> bool:
    """Whether a process has a file open whose path contains that."""
    try:
        return any(part in str(handle.readlink()) for handle in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:  # it is gone, or not ours to look at
        return False
