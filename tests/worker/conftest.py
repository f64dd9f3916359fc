"""A data folder with a real store, real worker processes on it, and tasks whose parts follow a script."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from openvod.core.models import SubTask, new_task_id
from openvod.core.settings import Settings, without_secrets
from openvod.store import Store
from openvod.store.library import MediaRow, NewMedia
from openvod.store.tasks import NewTask, TaskRecord
from openvod.worker.supervisor import worker_environment

HERE = Path(__file__).parent
SUB_APP = 1400000001
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello\n"


def wait_for(true: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true value of `true`, asked often; TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (value := true()):
        if time.monotonic() > deadline:
            raise TimeoutError(true.__qualname__)
        pause.wait(0.02)
    return value


class Bench:
    """A data folder, its store, and the worker processes on it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = Settings(
            data=folder / "data",
            models=HERE / "kinds",
            secret_key="hidden",
            **{"worker_slots": 2, **settings},
        )
        self.store = Store.open(self.settings)
        self.log = folder / "stages.log"
        self.kills = folder / "kills"
        self.kills.mkdir()
        self.gates: list[Path] = []
        self.workers: list[subprocess.Popen[bytes]] = []
        self.source = self._source()

    def _source(self) -> MediaRow:
        key = self.store.blobs.new_key()
        stored = self.store.blobs.put(key, [b"only looked at by scripted kinds"])
        return self.store.library.add(
            NewMedia(
                sub_app_id=SUB_APP,
                name="source",
                kind="video",
                extension="mp4",
                content_type="video/mp4",
                object_key=key,
                size=stored.size,
                md5=stored.md5,
                facts={"duration": 2.5},
            )
        )

    def environment(self) -> dict[str, str]:
        """What a worker of this bench is started with."""
        return {
            **without_secrets(),
            **worker_environment(self.settings),
            "PYTHONPATH": os.pathsep.join([str(HERE / "kinds"), *(path for path in sys.path if path)]),
            "OPENVOD_LEASH": "1",  # so that none outlives a test run that was killed
            "WATCH_LOG": str(self.log),
            "WATCH_KILL": str(self.kills),
        }

    def start(self, ready: bool = True, **environment: str) -> subprocess.Popen[bytes]:
        """A worker process; by default one that has said that it is ready."""
        worker = subprocess.Popen(
            [sys.executable, str(HERE / "watched_worker.py")],
            env={**self.environment(), **environment},
            stdin=subprocess.PIPE,
        )
        self.workers.append(worker)
        if ready:
            wait_for(lambda: worker.pid in {executor.pid for executor in self.store.executors.live()})
        return worker

    def add(self, *parts: dict[str, Any], wake: bool = True) -> str:
        """A task with one sub-task per dict of options."""
        task = NewTask(
            id=new_task_id(SUB_APP, "ProcessMediaByMPS"),
            sub_app_id=SUB_APP,
            kind="ProcessMediaByMPS",
            file_id=self.source.file_id,
            sub_tasks=tuple(SubTask("Test", {}, options) for options in parts),
            request={},
        )
        self.store.tasks.add(task)
        if wake:
            self.store.executors.wake()
        return task.id

    def task(self, task_id: str) -> TaskRecord:
        """The record of a task that exists."""
        record = self.store.tasks.get(task_id)
        assert record is not None
        return record

    def finished(self, task_id: str, seconds: float = 30.0) -> TaskRecord:
        """The record of a task once it is finished."""
        wait_for(lambda: self.task(task_id).status == "FINISH", seconds)
        return self.task(task_id)

    def stages(self, *names: str) -> Counter[tuple[str, str]]:
        """How often each stage was begun, by (name, stage); of these names only, if there are any."""
        text = self.log.read_text() if self.log.exists() else ""
        begun = (line.split()[1:] for line in text.splitlines())
        return Counter((name, stage) for name, stage in begun if not names or name in names)

    def runners(self) -> set[int]:
        """The workers that ran stages."""
        return {int(line.split()[0]) for line in self.log.read_text().splitlines()}

    def wait_for_stage(self, name: str, stage: str, times: int = 1) -> None:
        """Until a stage was begun so often."""
        wait_for(lambda: self.stages()[name, stage] >= times)

    def gate(self, name: str) -> Path:
        """A file that does not exist yet; `["wait", …]` waits for it."""
        self.gates.append(self.folder / f"gate-{name}")
        return self.gates[-1]

    def children(self, worker: subprocess.Popen[bytes]) -> list[int]:
        """The media processes of a worker, while it lives."""
        found = Path(f"/proc/{worker.pid}/task").glob("*/children")  # of each thread that started some
        return [int(pid) for file in found for pid in file.read_text().split()]

    def close(self) -> None:
        """Kill what still runs."""
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
            assert worker.stdin is not None
            worker.stdin.close()
        self.store.close()


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    benches: list[Bench] = []

    def make(**settings: Any) -> Bench:
        benches.append(Bench(tmp_path, **settings))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench: Callable[..., Bench]) -> Bench:
    return make_bench()
