"""When does a worker look for work, and for whose? Register, be woken, claim, take over from the dead."""

import logging
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from openvod.store import Store
from openvod.store.tasks import Lane
from openvod.worker.engine import Engine
from openvod.worker.job_folders import JobFolders
from openvod.worker.pull_part import Pulls

SWEEP_SECONDS = 2.0
"""How long a task waits at most when the datagram that tells of it was lost, and between two heartbeats."""
STRAY_SECONDS = 30.0
"""How often to look for tasks of this executor that nobody runs: their flow ended in an error."""
CHORES_SECONDS = 3600.0
"""How often to throw away what nobody needs, and how old an ended flow's records must be for that."""
WAKE_ADDRESS = "127.0.0.1"

log = logging.getLogger(__name__)


class Wake:
    """A UDP socket of this host that ends a wait. Any datagram means: look for work."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((WAKE_ADDRESS, 0))
        self.port: int = self._socket.getsockname()[1]

    def wait(self, seconds: float) -> None:
        """Return at a datagram, with all that came meanwhile taken, or after so many seconds."""
        try:
            self._socket.settimeout(max(seconds, 0.001))
            self._socket.recv(16)
            self._socket.setblocking(False)
            while True:
                self._socket.recv(16)
        except (TimeoutError, BlockingIOError):
            return

    def ring(self) -> None:
        """End the wait, from any thread or signal handler of this process."""
        self._socket.sendto(b"", (WAKE_ADDRESS, self.port))

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


@dataclass
class Loop:
    """Finds tasks for one executor until it is told to stop."""

    store: Store
    engine: Engine
    folders: JobFolders
    pulls: Pulls
    executor: str
    room: Mapping[Lane, int]
    """How many tasks of each lane it claims at a time; what it takes over comes on top and waits for room."""
    wake: Wake = field(default_factory=Wake)
    stopping: threading.Event = field(default_factory=threading.Event)
    _running: dict[str, Lane] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Register, which tells that this worker is ready; work until `stopping`. Start the engine first."""
        self.store.executors.register(self.executor, self.wake.port)
        threading.Thread(target=self._do_chores, name="chores", daemon=True).start()
        while not self.stopping.is_set():
            try:
                self._look()
            except (
                Exception
            ):  # the worker's door: the database is away, or a bug of ours; the next look may succeed
                log.exception("looking for work failed")
            self.wake.wait(self._next.get("sweep", 0.0) - time.monotonic())

    def done(self, task_id: str) -> None:
        """To be told by the engine: there is room for another task."""
        with self._lock:
            self._running.pop(task_id, None)
        self.wake.ring()

    def idle(self) -> bool:
        """Whether no flow runs here."""
        with self._lock:
            return not self._running

    def _look(self) -> None:
        if self._due("sweep", SWEEP_SECONDS):
            self._sweep()
        for lane, most in self.room.items():
            with self._lock:
                room = most - list(self._running.values()).count(lane)
            if room > 0:
                for task_id in self.store.tasks.claim(self.executor, room, lane):
                    self._start(task_id, lane, anew=True)

    def _sweep(self) -> None:
        if not self.store.executors.beat(self.executor):
            log.warning("declared dead while alive; another worker may have taken over what ran here")
            self.store.executors.register(self.executor, self.wake.port)
        if dead := self.store.executors.dead():
            for task_id in self.store.tasks.take_over(self.executor, dead):
                log.info("%s goes on here", task_id)
                self._start(task_id, self._lane_of(task_id), anew=False)
            self.folders.sweep({executor.id for executor in self.store.executors.live()})
        if self._due("strays", STRAY_SECONDS):
            for task_id in self.store.tasks.owned(self.executor):
                if task_id not in self._running:
                    self._start(task_id, self._lane_of(task_id), anew=False)

    def _lane_of(self, task_id: str) -> Lane:
        task = self.store.tasks.get(task_id)
        return "media" if task is None else task.lane

    def _start(self, task_id: str, lane: Lane, *, anew: bool) -> None:
        with self._lock:
            self._running[task_id] = lane
        try:
            if anew:
                self.engine.submit(task_id)
            else:
                self.engine.recover(task_id)
        except Exception:  # the worker's door: it is a stray now, and tried again
            log.exception("%s could not be started", task_id)
            with self._lock:
                self._running.pop(task_id, None)

    def _do_chores(self) -> None:
        """In a thread of its own: a large library takes a while, and a heartbeat must not wait for it."""
        while not self.stopping.wait(CHORES_SECONDS):
            try:
                self.engine.forget(CHORES_SECONDS, self._is_over)
                self.pulls.sweep(self._is_over)
                self.store.sweep()
            except Exception:  # the worker's door, as in `run`
                log.exception("the chores failed")

    def _is_over(self, task_id: str) -> bool:
        task = self.store.tasks.get(task_id)
        return task is None or task.status not in {"WAITING", "PROCESSING"}

    def _due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + seconds
        return True
