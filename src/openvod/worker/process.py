"""What does a worker process consist of, and how does it end? Its parts are put together here."""

import logging
import os
import re
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from openvod.core.settings import Settings
from openvod.core.times import Clock
from openvod.store import Store
from openvod.store.tasks import Lane
from openvod.worker.dbos_engine import DbosEngine
from openvod.worker.flow import FaultOf, TaskFlow, no_fault
from openvod.worker.loop import Loop
from openvod.worker.media_jobs import STAGES, MediaJobs
from openvod.worker.progress import LOOK_SECONDS
from openvod.worker.pull_part import Pulls
from openvod.worker.supervisor import LEASH

STOP_SECONDS = 1.5
"""How long running media processes get to be gone; they are killed, which takes a tenth of a second."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker consists of, where tests and a test double have their own."""

    target: str = STAGES
    """What media processes call, see `tasks.run_stage`."""
    clock: Clock | None = None
    """What the store goes by; None is the database's own."""
    fault_of: FaultOf = no_fault
    """See `TaskFlow`."""
    look_seconds: float = LOOK_SECONDS
    """See `MediaJobs`."""


USUAL = Parts()


def run(settings: Settings, env: Mapping[str, str] = os.environ, parts: Parts = USUAL) -> NoReturn:
    """Work until SIGTERM, SIGINT, or the end of the leash; then leave with status 0."""
    os.umask(0o077)  # folders that appear on the way to a private one are private, too
    executor = new_executor_id()
    slots = settings.worker_slots or os.cpu_count() or 1
    store = Store.open(settings, parts.clock)
    stopping = threading.Event()
    jobs = MediaJobs(
        store,
        settings,
        executor,
        slots=slots,
        stopping=stopping,
        target=parts.target,
        look_seconds=parts.look_seconds,
    )
    engine = DbosEngine(settings, executor, slots)
    pulls = Pulls(store, settings, jobs)
    room: dict[Lane, int] = {"media": slots, "pull": settings.pull_slots}
    loop = Loop(store, engine, jobs.folders, pulls, executor, room, stopping=stopping)

    def stop() -> None:
        stopping.set()
        loop.wake.ring()

    _stop_on_signals(stop)
    if env.get(LEASH) == "1":
        threading.Thread(target=_stop_at_end_of_leash, args=(stop,), name="leash", daemon=True).start()
    engine.start(TaskFlow(store, executor, jobs, stopping, pulls=pulls, fault_of=parts.fault_of), loop.done)
    log.info("worker %s is ready, with room for %d tasks", executor, slots)
    loop.run()
    _end(loop)


def new_executor_id() -> str:
    """A name for this process that no other one ever has, fit for a folder's name."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname()) or "host"
    return f"{host}-{os.getpid()}-{secrets.token_hex(4)}"


def _stop_on_signals(stop: Callable[[], None]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def _stop_at_end_of_leash(stop: Callable[[], None]) -> None:
    """Standard input ends when the process that started this one is gone, even by SIGKILL."""
    while sys.stdin.buffer.read(1):
        pass
    stop()


def _end(loop: Loop) -> NoReturn:
    """Leave as soon as the media processes are gone, and say so: what ran here can be taken over at once.

    The engine is not ended tidily: its records of running flows must stay as they are.
    """
    deadline = time.monotonic() + STOP_SECONDS
    while not loop.idle() and time.monotonic() < deadline:
        loop.wake.wait(deadline - time.monotonic())  # rung when a flow ends
    loop.folders.close()
    loop.store.executors.stop(loop.executor)
    loop.store.close()
    logging.shutdown()
    os._exit(0)
