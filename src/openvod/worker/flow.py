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
from openvod.core.pulls import PULL
from openvod.media.sandbox import Crashed
from openvod.store import Store
from openvod.store.tasks import PartResult, SubTaskRecord
from openvod.worker import outputs
from openvod.worker.engine import Abandoned, Steps
from openvod.worker.media_jobs import MediaJobs, Part
from openvod.worker.progress import Place, Progress
from openvod.worker.pull_part import PullPart, Pulls

log = logging.getLogger(__name__)

STORE_AGAIN_SECONDS = 5.0
FINISHED: Json = {"finished": True}
JOIN_SHARE = 0.1
"""What the join of several segments counts for in the progress."""


FaultOf = Callable[[str, int, str], TaskFault | None]
"""Why a part, by its task, position and type, is to fail without being worked on; None to go on."""


def no_fault(_task_id: str, _position: int, _type: str) -> None:
    """Every part runs."""


class TaskFlow:
    """The flow of a task, as `engine.Flow`.

    Which steps it asks for depends on earlier steps' results only, never on what the store says now: that is
    looked at inside of steps. The step that ends a part also stores its result, so a process that dies in
    between repeats the step and leaves orphans in the object store at most.
    """

    def __init__(
        self,
        store: Store,
        executor: str,
        jobs: MediaJobs,
        stopping: threading.Event,
        *,
        pulls: Pulls,
        fault_of: FaultOf = no_fault,
    ) -> None:
        """`fault_of` is asked before each part, again if the step is repeated; a part without a fault runs."""
        self._store = store
        self._executor = executor
        self._jobs = jobs
        self._pulls = pulls
        self._stopping = stopping
        self._fault_of = fault_of

    def __call__(self, task_id: str, steps: Steps) -> None:
        """Run the task, or what is left of it. Does nothing if it is not this executor's to run."""
        task = self._store.tasks.get(task_id)
        if task is None or task.status != "PROCESSING" or task.owner != self._executor:
            raise Abandoned
        pulls = [row for row in task.sub_tasks if row.type == PULL]
        missed = next((fault for row in pulls if (fault := self._run_pull(task_id, row, steps))), None)
        for row in task.sub_tasks[len(pulls) :]:
            if missed:
                self._run_without_source(task_id, row, steps, missed)
                continue
            source = self._store.tasks.source_of(task_id)
            part = Part(task_id, row.position, row.type, row.options, source)
            self._run_part(part, steps, Progress(self._store, self._executor, part, row.progress))
        if not self._store.tasks.finish(task_id, self._executor):
            raise Abandoned

    def _run_pull(self, task_id: str, row: SubTaskRecord, steps: Steps) -> Json | None:
        """Fetch the file that the task works on; as in `_segment`, the fault if there is none to be had."""
        part = PullPart(task_id, row.position, row.options)
        progress = Progress(self._store, self._executor, part, row.progress).of("pull", 1.0)
        pulled = steps.run(f"{row.position}/pull", partial(self._pull, part, progress))
        fault: Json | None = pulled.get("fault")
        return fault

    def _pull(self, part: PullPart, progress: Callable[[float], None]) -> Json:
        """FINISHED or `{"fault": {…}}`."""
        if (row := self._finished(part)) is not None:
            known = {"number": row.err_code, **(row.message or {})}
            return FINISHED if row.status == "SUCCESS" else {"fault": known}
        answer = FINISHED
        try:
            if wanted := self._fault_of(part.task_id, part.position, PULL):
                raise wanted
            result = PartResult(status="SUCCESS", pulled=self._pulls.run(part, progress))
        except TaskFault as fault:
            result = _failure(fault)
            answer = {"fault": {"number": fault.number, **_message(fault)}}
        except Abandoned:
            if self._finished(part) is not None:  # the task was aborted
                self._pulls.clear(part.task_id)
            raise
        self._finish(part, result)
        self._pulls.clear(part.task_id)
        return answer

    def _run_without_source(self, task_id: str, row: SubTaskRecord, steps: Steps, missed: Json) -> None:
        part = PullPart(task_id, row.position, row.options)
        steps.run(f"{row.position}/without", partial(self._finish, part, _failed(missed)))

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
        if self._finished(part) is not None:
            return FINISHED  # by an attempt whose steps were lost
        if wanted := self._fault_of(part.task_id, part.position, part.type):
            return self._finish(part, _failure(wanted))
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
            return self._finish(part, _failed(fault))
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

    def _finish(self, part: Place, result: PartResult) -> Json:
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

    def _finished(self, part: Place) -> SubTaskRecord | None:
        task = self._store.tasks.get(part.task_id)
        if task is None:
            raise Abandoned
        rows = (row for row in task.sub_tasks if row.position == part.position)
        return next((row for row in rows if row.status != "PROCESSING"), None)


def _result(answer: Json, _: Path) -> Json:
    if not isinstance(answer.get("result"), dict):
        raise Crashed("a segment without a result", "output")
    return {"result": answer["result"]}


def _message(fault: TaskFault) -> Json:
    return {"code": fault.code, "en": fault.en, "zh": fault.zh}


def _failed(fault: Json) -> PartResult:
    """What `_segment` and `_pull` say of a fault, as the result of a part."""
    message = {name: fault[name] for name in ("code", "en", "zh")}
    return PartResult(status="FAIL", err_code=fault["number"], message=message)


def _failure(fault: TaskFault) -> PartResult:
    return PartResult(status="FAIL", err_code=fault.number, message=_message(fault))
