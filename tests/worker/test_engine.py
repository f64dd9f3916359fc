"""The engine port on DBOS: what is kept of a flow, and how it goes on after it was cut off."""

import sqlite3
import threading

import pytest
from dbos import DBOS

from openvod.core.settings import Settings
from openvod.worker.dbos_engine import DbosEngine
from openvod.worker.engine import Abandoned
from tests.worker.conftest import wait_for


class Rig:
    """One engine for all tests here, as DBOS wants it; each test runs a flow of its own."""

    def __init__(self, folder):
        self.file = folder / "workflows.db"
        self.flows = {}
        self.ended = []
        self.engine = DbosEngine(Settings(data=folder), "rig", 4)
        self.engine.start(lambda task_id, steps: self.flows[task_id](steps), self.ended.append)

    def run(self, task_id, flow, start):
        """Run a flow until it ends, well or not, and the engine has noted what it is going to note."""
        self.flows[task_id] = flow
        before = self.ended.count(task_id)
        start(task_id)
        wait_for(lambda: self.ended.count(task_id) > before)

    def status(self, task_id):
        status = DBOS.get_workflow_status(task_id)
        return status and status.status


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    yield Rig(tmp_path_factory.mktemp("engine"))
    DBOS.destroy(destroy_registry=True)


class Counting:
    """Step bodies that count how often they ran."""

    def __init__(self):
        self.runs = []
        self.fail = None

    def step(self, name):
        def work():
            self.runs.append(name)
            if self.fail and self.fail[0] == name:
                raise self.fail[1]
            return {"from": name}

        return name, work


def test_a_flow_that_was_abandoned_goes_on_where_it_was(rig):
    steps, results = Counting(), []

    def flow(run):
        run.run(*steps.step("plan"))
        results.extend(run.run_all([steps.step(f"run/{n}") for n in range(5)]))
        run.run(*steps.step("join"))

    steps.fail = ("run/3", Abandoned())
    rig.run("cut", flow, rig.engine.submit)
    assert rig.status("cut") == "PENDING"
    first = list(steps.runs)
    assert sorted(first) == ["plan", *(f"run/{n}" for n in range(5))]
    steps.fail = None
    rig.run("cut", flow, rig.engine.recover)
    assert steps.runs[len(first) :] == ["run/3", "join"]
    assert results == [{"from": f"run/{n}"} for n in range(5)]
    wait_for(lambda: rig.status("cut") == "SUCCESS")


def test_a_flow_that_ended_in_an_error_starts_anew(rig):
    steps = Counting()

    def flow(run):
        run.run(*steps.step("one"))
        run.run(*steps.step("two"))

    steps.fail = ("two", OSError("no space left"))
    rig.run("error", flow, rig.engine.submit)
    wait_for(lambda: rig.status("error") == "ERROR")
    steps.fail = None
    rig.run("error", flow, rig.engine.recover)
    assert steps.runs == ["one", "two", "one", "two"]
    wait_for(lambda: rig.status("error") == "SUCCESS")


def test_a_flow_without_a_record_starts(rig):
    steps = Counting()
    rig.run("unknown", lambda run: run.run(*steps.step("one")), rig.engine.recover)
    assert steps.runs == ["one"]


def test_the_same_task_twice_runs_once(rig):
    steps, gate = Counting(), threading.Event()

    def flow(run):
        gate.wait(20)
        run.run(*steps.step("one"))

    rig.flows["twice"] = flow
    rig.engine.submit("twice")
    rig.engine.submit("twice")
    gate.set()
    wait_for(lambda: rig.status("twice") == "SUCCESS")
    assert steps.runs == ["one"]


def test_a_run_that_lost_its_flow_to_another_is_fenced(rig):
    """As after a pause: while the first run is in a step, the flow goes on elsewhere; the first cannot record any more."""
    steps, gate = Counting(), threading.Event()
    first = threading.Event()

    def flow(run):
        def slow():
            if not first.is_set():
                first.set()
                gate.wait(20)
            return {}

        run.run("slow", slow)
        run.run(*steps.step("after"))

    rig.flows["paused"] = flow
    rig.engine.submit("paused")
    assert first.wait(20)
    rig.engine.recover("paused")
    wait_for(lambda: rig.status("paused") == "SUCCESS")
    gate.set()
    wait_for(lambda: rig.ended.count("paused") == 2)
    assert steps.runs == ["after"]


def test_forgetting_keeps_what_is_young_or_unfinished(rig):
    steps = Counting()
    for name in ("old", "busy"):
        rig.run(name, lambda run: run.run(*steps.step("one")), rig.engine.submit)
        wait_for(lambda name=name: rig.status(name) == "SUCCESS")
    assert rig.engine.forget(3600, lambda _: True) == 0
    assert rig.engine.forget(-1, lambda task_id: task_id == "old") == 1
    assert (rig.status("old"), rig.status("busy")) == (None, "SUCCESS")


def test_records_are_json_and_private(rig):
    rig.run("json", lambda run: run.run("one", lambda: {"text": "你好"}), rig.engine.submit)
    with sqlite3.connect(rig.file) as db:
        rows = db.execute(
            "SELECT output, serialization FROM operation_outputs WHERE workflow_uuid = 'json'"
        ).fetchall()
        mode = db.execute("PRAGMA journal_mode").fetchone()[0]
    assert rows == [('{"text":"你好"}', "portable_json")]
    assert mode == "wal"
    assert rig.file.stat().st_mode & 0o777 == 0o600
