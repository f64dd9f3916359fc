"""How are steps made durable? The engine port on DBOS Transact, by its public calls only.

Flows are started directly, without a queue: the store's task table is the queue. Only a flow that was cut off
passes through a DBOS queue, because that is DBOS' public way to hand it to another process: a queue of this
executor's own, registered when it is first needed, so an idle worker polls nothing for it.
"""

import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import URL, create_engine, event
from sqlalchemy import Engine as Pool

from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.worker.engine import Flow, Work

FILE = "workflows.db"
SCHEMA = "openvod_workflows"
VERSION = "1"
"""Part of every record. To be raised when steps change their names or order: older flows then start anew."""

QUEUE_POLL_SECONDS = 0.5
FORGET_BATCH = 500
ENDED = ("SUCCESS", "ERROR")


class DbosEngine:
    """DBOS on its own SQLite file in the data folder, or in its own schema of the PostgreSQL database.

    One per process: DBOS keeps its state in globals.
    """

    def __init__(self, settings: Settings, executor: str, slots: int) -> None:
        self._config = _config(settings, executor)
        self._queue = f"recovery-{executor}"
        self._queue_made = False
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="segment")
        self._workflow: Callable[[str], None] | None = None

    def start(self, flow: Flow, done: Callable[[str], None]) -> None:
        """See `engine.Engine`."""
        steps = DbosSteps(self._pool)

        @DBOS.workflow(name="task")
        def task(task_id: str) -> None:
            try:
                flow(task_id, steps)
            finally:
                done(task_id)

        self._workflow = task
        DBOS(config=self._config)
        DBOS.listen_queues([self._queue])
        DBOS.launch()

    def submit(self, task_id: str) -> None:
        """See `engine.Engine`."""
        assert self._workflow is not None
        with SetWorkflowID(task_id):
            DBOS.start_workflow(self._workflow, task_id)

    def recover(self, task_id: str) -> None:
        """See `engine.Engine`. A flow that goes on starts within two seconds."""
        status = DBOS.get_workflow_status(task_id)
        if status is not None and status.status not in ENDED and status.app_version == VERSION:
            self._make_queue()
            DBOS.resume_workflow(task_id, queue_name=self._queue)
            return
        if status is not None:
            DBOS.delete_workflow(task_id)
        self.submit(task_id)

    def forget(self, older_than_seconds: float, finished: Callable[[str], bool]) -> int:
        """See `engine.Engine`."""
        before = datetime.fromtimestamp(time.time() - older_than_seconds, UTC).isoformat()
        dropped = 0
        offset = 0
        while True:
            page = DBOS.list_workflows(
                end_time=before, limit=FORGET_BATCH, offset=offset, load_input=False, load_output=False
            )
            old = [record.workflow_id for record in page if finished(record.workflow_id)]
            if old:
                DBOS.delete_workflows(old)
            dropped += len(old)
            offset += len(page) - len(old)
            if len(page) < FORGET_BATCH:
                return dropped

    def _make_queue(self) -> None:
        if not self._queue_made:
            DBOS.register_queue(
                self._queue, polling_interval_sec=QUEUE_POLL_SECONDS, on_conflict="always_update"
            )
            self._queue_made = True


class DbosSteps:
    """The steps of the flow that runs in the current thread."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def run(self, name: str, work: Work) -> Json:
        """See `engine.Steps`."""
        return DBOS.run_step({"name": name}, work)

    def run_all(self, steps: Sequence[tuple[str, Work]]) -> list[Json]:
        """See `engine.Steps`. The steps' numbers are drawn here, in order, so threads cannot mix them up."""
        futures: list[Future[Json]] = []
        for name, work in steps:
            run = partial(DBOS.reserve_step().run, {"name": name}, work)
            context = contextvars.copy_context()  # DBOS finds the flow by it
            futures.append(self._pool.submit(context.run, run))
        wait(futures)
        return [future.result() for future in futures]


def _config(settings: Settings, executor: str) -> DBOSConfig:
    config = DBOSConfig(
        name="openvod",
        executor_id=executor,
        application_version=VERSION,
        serializer=DBOSPortableJSONSerializer(),  # the default is pickle
        enable_otlp=False,
        log_level="WARNING",
        scheduler_polling_interval_sec=3600.0,  # nobody here makes schedules
    )
    if settings.database_url.startswith("postgresql"):
        return {**config, "system_database_url": settings.database_url, "dbos_system_schema": SCHEMA}
    return {**config, "system_database_engine": _sqlite(settings.data / FILE)}


def _sqlite(file: Path) -> Pool:
    """SQLite for several processes, made for its owner only. The records can be rebuilt from the store's
    tables, so they need not be on disk at every commit: synchronous NORMAL is ten times as quick.
    """
    file.touch(mode=0o600)
    pool = create_engine(URL.create("sqlite", database=str(file)), pool_size=10, max_overflow=50)

    @event.listens_for(pool, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    return pool
