"""Which workers are alive, and how are they woken? The register of executors."""

import socket
import threading
import time
from dataclasses import dataclass, fields

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, text, update

from openvod.store import processes
from openvod.store.columns import machine_ms
from openvod.store.db import Database
from openvod.store.tables import executors, tasks

SILENCE_SECONDS = 30.0
"""How long an executor may be silent before others take it for dead."""
ADDRESSES_SECONDS = 1.0
"""How long `wake` trusts the addresses it read."""
CHANNEL = "openvod_wake"
"""What a worker on another machine listens to, on PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Executor:
    """A process that runs tasks. Times are milliseconds since 1970, by the database's clock."""

    id: str
    host: str
    pid: int
    process_started: str
    wake_port: int | None
    """UDP port on the loopback address where a datagram means: look for work."""
    heartbeat: int
    stopped: int | None


_COLUMNS = tuple(executors.c[field.name] for field in fields(Executor))
_ALL = select(*_COLUMNS).order_by(executors.c.id)
_SINCE = executors.c.heartbeat > machine_ms() - bindparam("silence")
_LIVE = _ALL.where(executors.c.stopped.is_(None), _SINCE)
_SILENT = select(executors.c.id).where(or_(executors.c.stopped.is_not(None), ~_SINCE))
_FORGOTTEN = (
    select(tasks.c.owner)
    .distinct()
    .where(tasks.c.status == "PROCESSING", tasks.c.owner.not_in(select(executors.c.id)))
)
_FORGET = delete(executors).where(executors.c.id == bindparam("executor"))
_BEAT = (
    update(executors)
    .where(executors.c.id == bindparam("executor"), executors.c.stopped.is_(None))
    .values(heartbeat=machine_ms())
)
_STOP = update(executors).where(executors.c.id == bindparam("executor")).values(stopped=machine_ms())
_NOTIFY = text(f"NOTIFY {CHANNEL}")


class Executors:
    """The register of executors."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._host = processes.host()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._addresses: tuple[float, list[int]] = (float("-inf"), [])
        self._lock = threading.Lock()

    def register(self, executor_id: str, wake_port: int | None = None) -> None:
        """Enter this process as an executor, in place of an earlier process under the same id."""
        pid, started = processes.this()
        values = {"id": executor_id, "host": self._host, "pid": pid, "process_started": started}

        def change(connection: Connection) -> None:
            connection.execute(_FORGET, {"executor": executor_id})
            connection.execute(insert(executors), {**values, "wake_port": wake_port})

        self._db.write(change, durable=False)

    def beat(self, executor_id: str) -> bool:
        """Say that the executor lives; False if it was taken for dead and has to register again."""
        wanted = {"executor": executor_id}
        return (
            self._db.write(lambda connection: connection.execute(_BEAT, wanted).rowcount, durable=False) > 0
        )

    def stop(self, executor_id: str) -> None:
        """Say that the executor ends of its own will; what it still owns may be taken over at once."""
        wanted = {"executor": executor_id}
        self._db.write(lambda connection: connection.execute(_STOP, wanted), durable=False)

    def live(self, within_seconds: float = SILENCE_SECONDS) -> list[Executor]:
        """Executors that beat within that time, did not stop, and whose process is not seen to be gone."""
        with self._db.read() as connection:
            rows = connection.execute(_LIVE, {"silence": int(within_seconds * 1000)}).all()
        return [one for one in (Executor(*row) for row in rows) if not self._gone(one)]

    def dead(self, after_seconds: float = SILENCE_SECONDS) -> list[str]:
        """Executors to take tasks over from: stopped, silent for that long, not registered, or without their
        process.
        """
        with self._db.read() as connection:
            silent = connection.execute(_SILENT, {"silence": int(after_seconds * 1000)}).scalars().all()
            forgotten = connection.execute(_FORGOTTEN).scalars().all()
            everyone = [Executor(*row) for row in connection.execute(_ALL)]
        gone = [one.id for one in everyone if self._gone(one)]
        return sorted({*silent, *gone, *(owner for owner in forgotten if owner is not None)})

    def wake(self) -> None:
        """Tell every live executor that there is work; a lost message only costs a wait."""
        for port in self._ports():
            try:
                self._socket.sendto(b"\n", ("127.0.0.1", port))
            except BlockingIOError:
                continue  # its buffer is full of wake-ups already
        if self._db.dialect == "postgresql":
            self._db.write(lambda connection: connection.execute(_NOTIFY), durable=False)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _ports(self) -> list[int]:
        with self._lock:
            read, ports = self._addresses
            if time.monotonic() - read > ADDRESSES_SECONDS:
                ports = [
                    one.wake_port
                    for one in self.live()
                    if one.host == self._host and one.wake_port is not None
                ]
                self._addresses = (time.monotonic(), ports)
            return ports

    def _gone(self, executor: Executor) -> bool:
        """Whether its process can be seen to be over: only on its own host."""
        return executor.host == self._host and processes.started(executor.pid) != executor.process_started
