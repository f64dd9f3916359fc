"""What only several processes can show: kill -9, claims, take-overs."""

import json
import os
import signal
import subprocess
import sys

import pytest

from openvod.store import Store, processes
from openvod.store.tasks import PartResult
from tests.store.conftest import new_task

OPEN = """
import json, os, sys, threading
from pathlib import Path
from openvod.core.models import SubTask
from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.tasks import NewTask
data, url, name, file_id = sys.argv[1:]
store = Store.open(Settings(data=Path(data), database_url=url))
def say(value):
    os.write(1, (json.dumps(value) + "\\n").encode())
"""

STORM = (
    OPEN
    + """
def send(thread):
    for n in range(100000):
        id = f"{name}-{thread}-{n}"
        parts = tuple(SubTask("K", {"n": n}) for _ in range(3))
        store.tasks.add(NewTask(id=id, sub_app_id=1400000001, kind="K", file_id=file_id, sub_tasks=parts, request={}))
        say(id)
for thread in range(8):
    threading.Thread(target=send, args=(thread,)).start()
"""
)

CLAIMER = (
    OPEN
    + """
store.executors.register(name)
say("ready")
sys.stdin.readline()
while ids := store.tasks.claim(name, 3):
    say(ids)
store.close()
"""
)

EXECUTOR = (
    OPEN
    + """
store.executors.register(name)
say(store.tasks.claim(name, 1))
sys.stdin.readline()
"""
)


@pytest.fixture
def start(settings):
    running = []

    def start(program, name, file_id=""):
        command = [sys.executable, "-c", program, str(settings.data), settings.database_url, name, file_id]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(child)
        return child

    yield start
    for child in running:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def test_what_was_acknowledged_survives_kill_9_and_nothing_is_half_there(store, settings, media, start):
    child = start(STORM, "storm", media().file_id)
    told = [json.loads(child.stdout.readline()) for _ in range(300)]
    os.kill(child.pid, signal.SIGKILL)
    told += [json.loads(line) for line in child.stdout if line.endswith("\n")]
    with Store.open(settings) as reopened:
        for task_id in told:
            assert len(reopened.tasks.get(task_id).sub_tasks) == 3
        after, stored = None, []
        while rows := reopened.tasks.page(1400000001, limit=200, after=after):
            stored += [row.id for row in rows]
            after = (rows[-1].created, rows[-1].id)
        assert all(len(reopened.tasks.get(task_id).sub_tasks) == 3 for task_id in stored[:100])
        assert set(told) <= set(stored)
        reopened.tasks.add(new_task(media().file_id))


def test_two_processes_never_claim_the_same(store, media, start):
    file_id = media().file_id
    ids = []
    for _ in range(120):
        task = new_task(file_id, parts=0)
        store.tasks.add(task)
        ids.append(task.id)
    children = [start(CLAIMER, name) for name in ("one", "two")]
    for child in children:
        assert json.loads(child.stdout.readline()) == "ready"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    claimed = [task_id for child in children for line in child.stdout for task_id in json.loads(line)]
    assert sorted(claimed) == sorted(ids)
    assert sorted(store.tasks.owned("one") + store.tasks.owned("two")) == sorted(ids)


def test_a_killed_executor_is_seen_and_its_task_taken_over(store, media, start):
    store.tasks.add(new_task(media().file_id, parts=1))
    child = start(EXECUTOR, "victim")
    (task_id,) = json.loads(child.stdout.readline())
    store.executors.register("heir")
    assert store.executors.dead() == []
    assert {one.id for one in store.executors.live()} == {"victim", "heir"}
    child.kill()
    child.wait()
    assert store.executors.dead() == ["victim"]
    assert {one.id for one in store.executors.live()} == {"heir"}
    assert store.tasks.take_over("heir", store.executors.dead()) == [task_id]
    assert store.executors.dead() == []
    assert not store.executors.beat("victim")
    assert not store.tasks.finish_part(task_id, "victim", 0, PartResult(status="SUCCESS"))
    assert store.tasks.finish_part(task_id, "heir", 0, PartResult(status="SUCCESS"))


def test_a_process_is_known_by_its_start():
    pid, started = processes.this()
    assert (pid, started) == (os.getpid(), processes.started(os.getpid()))
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert processes.started(child.pid) not in {None, started}
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert processes.started(child.pid) is None  # dead, though its parent has not looked yet
    child.wait()
    assert processes.started(child.pid) is None
    assert processes.host() == processes.host()
