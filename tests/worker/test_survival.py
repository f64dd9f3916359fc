"""Workers that die at every point, come back or do not: tasks finish, finished steps rest, nothing is there twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.store import postgres
from tests.worker.conftest import VTT, wait_for

FILES = {"files": {"a.vtt": VTT}}


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.wait()


def library(bench):
    """FileIds of what tasks made."""
    with sqlite3.connect(bench.settings.data / "openvod.db") as db:
        return [
            row[0] for row in db.execute("SELECT file_id FROM media WHERE source_type = 'VideoProcessing'")
        ]


def rows(bench, table):
    with sqlite3.connect(bench.settings.data / "openvod.db") as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def assert_made_once(bench, task):
    assert [part.status for part in task.sub_tasks] == ["SUCCESS"] * len(task.sub_tasks)
    assert library(bench) == [row["FileId"] for part in task.sub_tasks for row in part.files]
    assert rows(bench, "usage") == len(task.sub_tasks)
    assert rows(bench, "events") == 1


def test_killed_during_plan(bench):
    gate = bench.gate("plan")
    worker = bench.start()
    task_id = bench.add({"name": "p", "do": {"plan": [["wait", str(gate)]]}, **FILES})
    bench.wait_for_stage("p", "plan")
    (child,) = wait_for(lambda: bench.children(worker))
    kill(worker)
    wait_for(lambda: not os.path.exists(f"/proc/{child}"))
    gate.touch()
    bench.start()
    assert_made_once(bench, bench.finished(task_id))
    assert bench.stages() == {("p", "plan"): 2}
    assert bench.task(task_id).attempt == 2


def test_killed_between_segments_and_in_join(make_bench):
    bench = make_bench(worker_slots=1)
    second, join = bench.gate("second"), bench.gate("join")
    worker = bench.start()
    task_id = bench.add(
        {"name": "done"},
        {
            "name": "s",
            "segments": 3,
            "do": {"run/1": [["wait", str(second)]], "join": [["wait", str(join)]]},
            **FILES,
        },
    )
    bench.wait_for_stage("s", "run/1")
    kill(worker)
    second.touch()
    worker = bench.start()
    bench.wait_for_stage("s", "join")
    kill(worker)
    join.touch()
    bench.start()
    task = bench.finished(task_id)
    assert_made_once(bench, task)
    assert task.sub_tasks[1].output == {"Results": [{"square": 0}, {"square": 1}, {"square": 4}]}
    assert bench.stages() == {
        ("done", "plan"): 1,
        ("s", "plan"): 1,
        ("s", "run/0"): 1,
        ("s", "run/1"): 2,
        ("s", "run/2"): 1,
        ("s", "join"): 2,
    }


@pytest.mark.parametrize("call, runs", [("finish_part", 2), ("finish", 1)])
def test_killed_with_the_result_in_hand(bench, call, runs):
    """After the outputs are in the object store, before the row says so; and after that, before the task is closed."""
    (bench.kills / call).touch()
    worker = bench.start()
    task_id = bench.add({"name": "r", **FILES})
    assert worker.wait(timeout=20) == -signal.SIGKILL
    bench.start()
    assert_made_once(bench, bench.finished(task_id))
    assert bench.stages() == {("r", "plan"): runs}


def test_a_lost_workflow_database_costs_only_the_unfinished_part(bench):
    gate = bench.gate("second")
    worker = bench.start()
    task_id = bench.add({"name": "first", **FILES}, {"name": "second", "do": {"plan": [["wait", str(gate)]]}})
    bench.wait_for_stage("second", "plan")
    kill(worker)
    for file in bench.settings.data.glob("workflows.db*"):
        file.unlink()
    gate.touch()
    bench.start()
    assert_made_once(bench, bench.finished(task_id))
    assert bench.stages() == {("first", "plan"): 1, ("second", "plan"): 2}


def test_another_worker_takes_over_from_one_that_never_returns(make_bench):
    bench = make_bench(worker_slots=1)  # so run/0 is done when run/1 begins
    gate = bench.gate("slow")
    lost = bench.start()
    task_id = bench.add({"name": "t", "segments": 2, "do": {"run/1": [["wait", str(gate)]]}})
    bench.wait_for_stage("t", "run/1")
    other = bench.start()
    began = time.monotonic()
    kill(lost)
    gate.touch()
    bench.finished(task_id)
    assert time.monotonic() - began < 10
    assert bench.stages() == {("t", "plan"): 1, ("t", "run/0"): 1, ("t", "run/1"): 2, ("t", "join"): 1}
    assert str(other.pid) in bench.task(task_id).owner


def test_leftover_folders_of_the_dead_are_swept(bench):
    worker = bench.start()
    bench.add({"name": "f", "do": {"plan": [["wait", str(bench.gate("f"))]]}})
    jobs = bench.settings.data / "jobs"
    bench.wait_for_stage("f", "plan")
    (folder,) = jobs.iterdir()
    kill(worker)
    bench.gate("f").touch()
    bench.start()
    wait_for(lambda: not folder.exists())


def test_two_workers_share_the_tasks_and_run_none_twice(bench):
    workers = [bench.start(ready=False) for _ in range(2)]
    wait_for(lambda: len(bench.store.executors.live()) == 2)
    tasks = [bench.add({"name": f"n{n}"}) for n in range(20)]
    for task_id in tasks:
        bench.finished(task_id)
    assert bench.stages() == {(f"n{n}", "plan"): 1 for n in range(20)}
    assert bench.runners() == {worker.pid for worker in workers}


def test_sigterm_ends_the_worker_its_children_and_nothing_else(make_bench):
    bench = make_bench(worker_slots=1)
    gate = bench.gate("term")
    worker = bench.start()
    task_id = bench.add({"name": "q", "segments": 2, "do": {"run/1": [["wait", str(gate)]]}})
    bench.wait_for_stage("q", "run/1")
    children = wait_for(lambda: bench.children(worker))
    began = time.monotonic()
    worker.terminate()
    assert worker.wait(timeout=10) == 0
    assert time.monotonic() - began < 2
    assert not any(os.path.exists(f"/proc/{child}") for child in children)
    assert bench.task(task_id).status == "PROCESSING"
    assert not list((bench.settings.data / "jobs").iterdir())
    gate.touch()
    bench.start()
    assert bench.finished(task_id).sub_tasks[0].status == "SUCCESS"
    assert bench.stages()["q", "plan"] == bench.stages()["q", "run/0"] == 1


def test_a_task_that_was_taken_away_is_let_go(bench):
    """A worker that was paused for too long finds another one at work on its task: its media process is stopped."""
    gate = bench.gate("away")
    worker = bench.start()
    task_id = bench.add({"name": "a", "do": {"plan": [["wait", str(gate)]]}})
    bench.wait_for_stage("a", "plan")
    wait_for(lambda: bench.children(worker))
    owner = bench.task(task_id).owner
    bench.store.executors.register("elsewhere", None)
    assert bench.store.tasks.take_over("elsewhere", [owner]) == [task_id]
    wait_for(lambda: not bench.children(worker))
    assert bench.task(task_id).owner == "elsewhere"
    assert worker.poll() is None


def test_the_leash_ends_a_worker_whose_parent_was_killed(bench):
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    command = [sys.executable, "-c", program, sys.executable, "-m", "openvod.worker"]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, env=bench.environment(), text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        wait_for(bench.store.executors.live)
        parent.kill()
        parent.wait()
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), 5)
    assert not bench.store.executors.live()


@pytest.mark.needs("postgresql")
def test_killed_and_taken_over_on_postgresql(make_bench):
    folder = postgres.binaries()
    assert folder is not None
    with postgres.server(folder) as url:
        bench = make_bench(worker_slots=1, database_url=url)
        gate = bench.gate("pg")
        worker = bench.start()
        task_id = bench.add({"name": "pg", "segments": 2, "do": {"run/1": [["wait", str(gate)]]}, **FILES})
        bench.wait_for_stage("pg", "run/1")
        kill(worker)
        gate.touch()
        bench.start()
        assert bench.finished(task_id).sub_tasks[0].status == "SUCCESS"
        assert bench.stages() == {
            ("pg", "plan"): 1,
            ("pg", "run/0"): 1,
            ("pg", "run/1"): 2,
            ("pg", "join"): 1,
        }
        bench.close()
