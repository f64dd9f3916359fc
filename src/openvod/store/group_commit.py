"""How do many small writes share one fsync? One thread writes to SQLite and commits what waits together."""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from openvod.store.sqlite import raw

T = TypeVar("T")

BATCH = 256
"""Writes in one commit at the most, so that nobody waits long behind others."""


class Closed(RuntimeError):
    """The database was closed."""


class NotCommitted(RuntimeError):
    """The commit failed, so nothing of this write was kept; the cause is attached."""


@dataclass(slots=True, eq=False)
class _Job:
    """One caller's write, and where the caller waits for its outcome."""

    fn: Callable[[Connection], Any]
    durable: bool
    outcome: Future[Any] = field(default_factory=Future)
    value: Any = None
    error: BaseException | None = None


class GroupCommit:
    """A thread that owns the writing connection. Each write has a savepoint, so one that fails leaves the
    others.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()
        self._raw = raw(self._connection)
        self._synchronous = True
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._open = True
        self._thread = threading.Thread(target=self._serve, name="openvod-group-commit", daemon=True)
        self._thread.start()

    def run(self, fn: Callable[[Connection], T], durable: bool) -> T:
        """Have `fn` run and committed; its result, or its exception. Raises Closed and NotCommitted."""
        return self.submit(fn, durable).result()

    def submit(self, fn: Callable[[Connection], T], durable: bool) -> Future[T]:
        """The same without waiting for it. What is to be called when it is done is called in the writing thread."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a write inside a write: pass the connection on instead")
        job = _Job(fn, durable)
        job.outcome.set_running_or_notify_cancel()  # from now on nobody can take it back
        with self._gate:
            if not self._open:
                raise Closed("the database is closed")
            self._queue.put(job)
        return job.outcome

    def close(self) -> None:
        """Commit what waits and end the thread."""
        with self._gate:
            was_open, self._open = self._open, False
            if was_open:
                self._queue.put(None)
        self._thread.join()
        if was_open:
            self._connection.close()

    def _serve(self) -> None:
        while self._open or not self._queue.empty():
            if batch := self._next():
                self._commit(batch)

    def _next(self) -> list[_Job]:
        """Whatever waits: it gathers while the batch before is being synced. Empty if this was the call to
        close.
        """
        batch = [self._queue.get()]
        while len(batch) < BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except Empty:
                break
        return [job for job in batch if job is not None]

    def _commit(self, batch: list[_Job]) -> None:
        """Run and commit a batch, then wake its callers: never before the commit, always after."""
        try:
            self._synchronise(any(job.durable for job in batch))
            self._raw.execute("BEGIN IMMEDIATE")
            for job in batch:
                self._attempt(job)
            self._raw.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.OperationalError):  # on a full disk SQLite has rolled back by itself
                self._raw.execute("ROLLBACK")
            for job in batch:
                failure = NotCommitted(f"nothing was written: {error}")
                failure.__cause__ = error
                job.outcome.set_exception(job.error or failure)
            return
        for job in batch:
            if job.error is None:
                job.outcome.set_result(job.value)
            else:
                job.outcome.set_exception(job.error)

    def _attempt(self, job: _Job) -> None:
        """Run one write in its savepoint. Raises only when the whole transaction is lost."""
        self._raw.execute("SAVEPOINT job")
        try:
            job.value = job.fn(self._connection)
        except BaseException as error:
            job.error = error
            self._raw.execute("ROLLBACK TO job")  # fails if the whole transaction is gone
        self._raw.execute("RELEASE job")

    def _synchronise(self, durable: bool) -> None:
        """FULL syncs the WAL in every commit; NORMAL leaves that to the next FULL commit or checkpoint."""
        if durable != self._synchronous:
            self._raw.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")
            self._synchronous = durable
