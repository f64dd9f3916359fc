"""Who starts the workers beside the server, and starts them again? Light, for the server imports it."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import fields

from openvod.core.settings import PREFIX, SECRETS, Settings, without_secrets
from openvod.store.executors import Executor

LEASH = f"{PREFIX}LEASH"
"""Set to 1: standard input is a pipe that ends with the process that started it; so shall the worker."""

GRACE_SECONDS = 5.0
BACK_OFF_SECONDS = (0.2, 1.0, 5.0, 30.0)
STEADY_SECONDS = 60.0
"""A worker that lived so long starts again at once."""

COMMAND = (sys.executable, "-m", "openvod.worker")

log = logging.getLogger(__name__)


def worker_environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, without secrets; they are the worker's only source."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    values["data"] = settings.data.resolve()
    told = {
        PREFIX + name.upper(): str(int(value)) if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None and name not in SECRETS
    }
    return {**told, f"{PREFIX}CONFIG": ""}


class Supervisor:
    """Keeps `count` worker processes running from `start` to `stop`."""

    def __init__(self, settings: Settings, count: int, command: Sequence[str] = COMMAND) -> None:
        self._environment = {**without_secrets(), **worker_environment(settings), LEASH: "1"}
        self._command = list(command)
        self._count = count
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self._keepers: list[threading.Thread] = []

    def start(self) -> None:
        """Start the workers; returns at once."""
        for place in range(self._count):
            keeper = threading.Thread(target=self._keep, args=(place,), name=f"worker-{place}", daemon=True)
            self._keepers.append(keeper)
            keeper.start()

    def pids(self) -> set[int]:
        """Of the workers that run now."""
        with self._lock:
            return {process.pid for process in self._processes.values()}

    def ready(self, live: Iterable[Executor]) -> bool:
        """Whether every worker is among the live executors, which it joins when it can take tasks."""
        pids = self.pids()
        return len(pids) == self._count and pids <= {executor.pid for executor in live}

    def stop(self) -> None:
        """End the workers: politely, then by force. Returns when they are gone."""
        self._stopping.set()
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for keeper in self._keepers:
            keeper.join(max(0.0, deadline - time.monotonic()))
        self._signal(signal.SIGKILL)
        for keeper in self._keepers:
            keeper.join()

    def _keep(self, place: int) -> None:
        crashes = 0
        while (process := self._spawn(place)) is not None:
            began = time.monotonic()
            with process:
                status = process.wait()
            with self._lock:
                del self._processes[place]
            if self._stopping.is_set():
                return
            crashes = 0 if time.monotonic() - began > STEADY_SECONDS else crashes + 1
            pause = BACK_OFF_SECONDS[min(crashes, len(BACK_OFF_SECONDS) - 1)]
            log.error("worker %d ended with status %d; a new one starts in %g s", process.pid, status, pause)
            if self._stopping.wait(pause):
                return

    def _spawn(self, place: int) -> subprocess.Popen[bytes] | None:
        """A new worker, unless it is time to stop. In a session of its own: Ctrl-C is for the server."""
        with self._lock:
            if self._stopping.is_set():
                return None
            process = subprocess.Popen(
                self._command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True
            )
            self._processes[place] = process
            return process

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            for process in self._processes.values():
                with suppress(ProcessLookupError):
                    os.kill(process.pid, number)
