"""What is done for one task? For every sub-task plan → run (per segment) → join, each a step that is kept."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.media.sandbox import Crashed
from openvod.store import Store
from openvod.store.tasks import PartResult
from openvod.worker import outputs
from openvod.worker.engine import Abandoned, Steps
from openvod.worker.media_jobs import MediaJobs, Part, Progress

log = logging.getLogger(__name__)

STORE_AGAIN_SECONDS = 5.0
FINISHED: Json = {"finished": True}
JOIN_SHARE = 0.1
"""What the join of several segments counts for in the progress."""


class TaskFlow:
    """The flow of a ProcessMediaByMPS task, as `engine.Flow`.

    Which steps it asks for depends on earlier steps' results only, never on what the store says now: that is
    looked at inside of steps. The step that ends a part also stores its result, so a process that dies in
    between repeats the step and leaves orphans in the object store at most.
    """

    def __init__(self, store: Store, executor: str, jobs: MediaJobs, stopping: threading.Event) -> None:
        self._store = store
        self._executor = executor
        self._jobs = jobs
        self._stopping = stopping

    def __call__(self, task_id: str, steps: Steps) -> None:
        """Run the task, or what is left of it. Does nothing if it is not this executor's to run."""
        task = self._store.tasks.get(task_id)
        if task is None or task.status != "PROCESSING" or task.owner != self._executor:
            raise Abandoned
        source = self._store.tasks.source_of(task_id)
        for row in task.sub_tasks:
            part = Part(task_id, row.position, row.type, row.options, source)
            self._run_part(part, steps, Progress(self._store, self._executor, part, row.progress))
        if not self._store.tasks.finish(task_id, self._executor):
            raise Abandoned

    def _run_part(self, part: Part, steps: Steps, progress: Progress) -> None:
        planned = steps.run(f"{part.position}/plan", partial(self._plan, part, progress))
        if planned == FINISHED:
            return
        progress.restart()
        segments: list[Json] = planned["segments"]
        share = (1 - JOIN_SHARE) / len(segments)
        results = steps.run_all(
            [
                (
                    f"{part.position}/run/{number}",
                    partial(self._segment, part, segment, progress.of(str(number), share)),
                )
                for number, segment in enumerate(segments)
            ]
        )
        join = partial(self._join, part, results, progress.of("join", JOIN_SHARE))
        steps.run(f"{part.position}/join", join)

    def _plan(self, part: Part, progress: Progress) -> Json:
        """`{"segments": […]}`, or FINISHED: a part in one piece is done here."""
        if self._is_finished(part):
            return FINISHED  # by an attempt whose steps were lost
        try:
            return self._jobs.run(
                part, {"stage": "plan"}, partial(self._planned, part), progress.of("plan", 1.0)
            )
        except TaskFault as fault:
            return self._finish(part, _failure(fault))

    def _planned(self, part: Part, answer: Json, folder: Path) -> Json:
        if "outcome" in answer:
            return self._take_in(part, answer, folder)
        segments = answer.get("segments")
        if not isinstance(segments, list) or not segments or not all(isinstance(s, dict) for s in segments):
            raise Crashed("a plan without segments", "output")
        return {"segments": segments}

    def _segment(self, part: Part, segment: Json, progress: Callable[[float], None]) -> Json:
        """`{"result": {…}}` or `{"fault": {…}}`."""
        try:
            return self._jobs.run(part, {"stage": "run", "segment": segment}, _result, progress)
        except TaskFault as fault:
            return {"fault": {"number": fault.number, **_message(fault)}}

    def _join(self, part: Part, results: list[Json], progress: Callable[[float], None]) -> Json:
        if fault := next((result["fault"] for result in results if "fault" in result), None):
            number = fault["number"]
            message = {name: fault[name] for name in ("code", "en", "zh")}
            return self._finish(part, PartResult(status="FAIL", err_code=number, message=message))
        stage = {"stage": "join", "results": [result["result"] for result in results]}
        try:
            return self._jobs.run(part, stage, partial(self._take_in, part), progress)
        except TaskFault as fault:
            return self._finish(part, _failure(fault))

    def _take_in(self, part: Part, answer: Json, folder: Path) -> Json:
        """Store what the part made."""
        if "outcome" not in answer:
            raise Crashed("a join without an outcome", "output")

        result = outputs.take_in(
            answer["outcome"], folder, self._store.blobs, part.source.sub_app_id, self._jobs.probe
        )
        return self._finish(part, replace(result, media_seconds=part.duration))

    def _finish(self, part: Part, result: PartResult) -> Json:
        while True:
            try:
                kept = self._store.tasks.finish_part(part.task_id, self._executor, part.position, result)
            except (
                OperationalError
            ):  # the database is locked, full or away: wait for it, rather than lose the work
                log.exception("the result of %s, part %d is not stored yet", part.task_id, part.position)
                if self._stopping.wait(STORE_AGAIN_SECONDS):
                    raise Abandoned from None
                continue
            if not kept:
                raise Abandoned
            return FINISHED

    def _is_finished(self, part: Part) -> bool:
        task = self._store.tasks.get(part.task_id)
        if task is None:
            raise Abandoned
        return any(row.position == part.position and row.status != "PROCESSING" for row in task.sub_tasks)


def _result(answer: Json, _: Path) -> Json:
    if not isinstance(answer.get("result"), dict):
        raise Crashed("a segment without a result", "output")
    return {"result": answer["result"]}


def _message(fault: TaskFault) -> Json:
    return {"code": fault.code, "en": fault.en, "zh": fault.zh}


def _failure(fault: TaskFault) -> PartResult:
    return PartResult(status="FAIL", err_code=fault.number, message=_message(fault))
