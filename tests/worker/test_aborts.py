"""Tasks that are aborted while a real worker runs them."""

import time
from pathlib import Path

from openvod.core.errors import aborted
from tests.worker.conftest import wait_for


def test_an_aborted_task_s_media_processes_are_gone_within_two_seconds(make_bench):
    bench = make_bench(worker_slots=2)
    worker = bench.start()
    gate = bench.gate("never")
    wait = [["wait", str(gate)]]
    task_id = bench.add(
        {"name": "done"},
        {"name": "busy", "segments": 3, "do": {f"run/{n}": wait for n in range(3)}},
        {"name": "later"},
    )
    wait_for(lambda: len(bench.children(worker)) == 2 and bench.stages()["busy", "run/1"])
    running = bench.children(worker)
    begin = time.monotonic()
    assert bench.store.tasks.abort(task_id, aborted(), running=True) == "PROCESSING"
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))
    assert time.monotonic() - begin < 2
    task = bench.task(task_id)
    assert task.status == "ABORTED"
    assert [part.status for part in task.sub_tasks] == ["SUCCESS", "FAIL", "FAIL"]
    # the room it took is free again, and nothing of it begins any more
    after = bench.finished(bench.add({"name": "next"}))
    assert after.sub_tasks[0].status == "SUCCESS"
    assert bench.stages("busy", "later")["busy", "run/2"] == 0
    assert bench.stages("later") == {}
    assert bench.task(task_id) == task


def test_a_task_that_is_aborted_while_no_worker_lives_is_not_taken_over(make_bench):
    bench = make_bench(worker_slots=1)
    first = bench.start()
    gate = bench.gate("stuck")
    task_id = bench.add({"name": "stuck", "do": {"plan": [["wait", str(gate)]]}})
    bench.wait_for_stage("stuck", "plan")
    first.kill()
    first.wait()
    assert bench.store.tasks.abort(task_id, aborted(), running=True) == "PROCESSING"
    bench.start()
    gate.touch()
    bench.finished(bench.add({"name": "other"}))
    assert bench.stages("stuck") == {("stuck", "plan"): 1}
    assert bench.task(task_id).status == "ABORTED"
