"""The limited media process: what passes in and out, how it ends, what it cannot touch, what survives it."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.media import sandbox
from openvod.media.sandbox import Cancelled, Crashed, Limits
from tests.conftest import ends_within

HERE = Path(__file__).parent
LIMITS = Limits(wall_seconds=60, cpu_seconds=30, memory_mb=1024, file_mb=4)


def call(name, argument, folder, limits=LIMITS, readable=(), **more):
    return sandbox.call(
        f"sandbox_targets:{name}", argument, folder, limits, readable=[HERE, *readable], **more
    )


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """The child finds modules where its parent does."""
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture(scope="session")
def in_force():
    return " ".join(sandbox.confinement())


@pytest.fixture
def landlock(in_force):
    if "Landlock" not in in_force:
        pytest.skip("this kernel has no Landlock")


@pytest.fixture
def seccomp(in_force):
    if "network" not in in_force:
        pytest.skip("this kernel or processor has no seccomp filter of ours")


def pids(folder, seconds=20):
    """Process ids of child and grandchild, as soon as the child has written them."""
    deadline = time.monotonic() + seconds
    while not (folder / "pids").exists():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
    return [int(pid) for pid in (folder / "pids").read_text().split()]


# What passes in and out


def test_the_argument_and_the_answer_pass_unchanged(tmp_path):
    argument = {
        "text": "中文 \n\r\u2028 😀",
        "number": 2**60,
        "float": 0.1,
        "none": None,
        "list": [{}],
        "": True,
    }
    assert call("echo", argument, tmp_path) == argument


def test_a_large_argument_and_answer_pass(tmp_path):
    argument = {"much": ["0123456789" * 10] * 50_000}
    assert call("echo", argument, tmp_path) == argument


def test_what_libraries_print_is_no_answer(tmp_path):
    assert call("print_and_answer", {}, tmp_path) == {"from": "return"}


def test_progress_is_throttled_and_ends_with_the_last_value(tmp_path):
    told = []
    call("count", {"steps": 200_000}, tmp_path, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) < 50


def test_a_fault_comes_out_as_it_was_raised(tmp_path):
    with pytest.raises(TaskFault) as caught:
        call("fault", {}, tmp_path)
    original = TaskFault("SourceFileError.ContentMalformed", reason="a reason – 原因")
    for name in ("key", "code", "number", "en", "zh"):
        assert getattr(caught.value, name) == getattr(original, name)
    assert str(caught.value) == str(original)


def test_it_lives_in_its_own_folder_with_little_around_it(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENVOD_SECRET_KEY", "hush")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    folder = tmp_path / "new" / "job"
    found = call("surroundings", {}, folder)
    assert found["folder"] == str(folder)
    assert found["mode"] == "0o700"
    assert "hush" not in found["environment"].values()
    assert found["environment"]["OMP_NUM_THREADS"] == "1"
    assert found["environment"]["TMPDIR"] == str(folder)
    assert (
        len(found["descriptors"]) == 7
    )  # three standard streams, leash, answers, replies, and the listing itself
    assert not {"numpy", "av", "onnxruntime", "sqlalchemy", "starlette"} & set(found["modules"])


def test_calls_from_several_threads_do_not_hold_each_others_pipes(tmp_path):
    """An answer pipe or a leash that leaked into a neighbour would be an eighth descriptor there."""
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda n: call("surroundings", {}, tmp_path / str(n)), range(18)))
    assert [len(each["descriptors"]) for each in found] == [7] * 18
    assert [Path(each["folder"]).name for each in found] == [str(n) for n in range(18)]


# How it ends


@pytest.mark.parametrize(
    "target, kind, reason",
    [
        ("segfault", "signal", "SIGSEGV"),
        ("leave", "exit", "exit code 3"),
        ("leave_in_silence", "exit", "exit code 0"),
        ("print_and_fail", "exit", "ValueError: the last straw"),
        ("no_such_function", "exit", "no_such_function"),
        ("eat_memory", "memory", "MemoryError"),
        ("bad_alloc", "memory", "SIGABRT"),
        ("killed", "memory", "SIGKILL"),
        ("write_much", "output", "File too large"),
        ("answer_much", "output", "16 MB"),
        ("answer_nan", "exit", "ValueError"),
    ],
)
def test_a_crash_says_what_happened(target, kind, reason, tmp_path):
    with pytest.raises(Crashed) as caught:
        call(target, {}, tmp_path)
    assert caught.value.kind == kind
    assert reason in caught.value.reason
    assert len(caught.value.detail.encode()) <= 4096


def test_a_segfault_leaves_the_python_traceback(tmp_path):
    with pytest.raises(Crashed) as caught:
        call("segfault", {}, tmp_path)
    assert "in segfault" in caught.value.detail


def test_cpu_time_is_limited(tmp_path):
    with pytest.raises(Crashed, match="CPU time") as caught:
        call("burn", {}, tmp_path, Limits(wall_seconds=30, cpu_seconds=1))
    assert caught.value.kind == "time"


def test_wall_time_is_limited(tmp_path):
    with pytest.raises(Crashed, match=r"stopped after 0\.5 seconds") as caught:
        call("hang", {}, tmp_path, Limits(wall_seconds=0.5, cpu_seconds=10))
    assert caught.value.kind == "time"


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[1]",
        '{"answer": 1}',
        '{"answer": {"a": NaN}}',
        '{"answer": {"a": 1e999}}',
        '{"answer": {"a": "\\ud800"}}',
        '{"progress": "half"}',
        '{"fault": {"key": "NoSuchKey", "en": "", "zh": ""}}',
        '{"answer": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        '{"answer": {"a": ' + "9" * 10_000 + "}}",
    ],
    ids=lambda line: line[:24],
)
def test_a_hostile_child_can_only_crash(line, tmp_path):
    with pytest.raises(Crashed) as caught:
        call("say", {"line": line}, tmp_path)
    assert caught.value.kind == "output"


def test_progress_stays_in_range_whatever_the_child_says(tmp_path):
    told = []
    with pytest.raises(Crashed):
        call("say", {"line": '{"progress": 1e999}\nend'}, tmp_path, progress=told.append)
    call("count", {"steps": 1}, tmp_path, progress=told.append)
    assert all(0 <= done <= 1 for done in told)


def test_no_descriptor_stays_behind(tmp_path):
    def descriptors():
        return sorted(os.listdir("/proc/self/fd"))

    before = descriptors()
    for target in ("echo", "fault", "leave", "segfault"):
        try:
            call(target, {}, tmp_path)
        except (TaskFault, Crashed):
            continue
    assert descriptors() == before


# Nothing survives


def test_cancelling_kills_the_whole_group_at_once(tmp_path):
    asked = []

    def cancelled():
        asked.append(time.monotonic())
        return (tmp_path / "pids").exists()

    with pytest.raises(Cancelled):
        call("family_and_hang", {}, tmp_path, cancelled=cancelled)
    assert time.monotonic() - asked[-1] < 1
    assert all(ends_within(pid, 10) for pid in pids(tmp_path))


def test_the_caller_is_asked_at_least_five_times_a_second(tmp_path):
    asked = [time.monotonic()]

    def cancelled():
        asked.append(time.monotonic())
        return len(asked) > 6

    with pytest.raises(Cancelled):
        call("hang", {}, tmp_path, cancelled=cancelled)
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(asked))
    assert gaps[len(gaps) // 2] < 0.2


def test_an_error_of_the_caller_kills_the_whole_group(tmp_path):
    def cancelled():
        if (tmp_path / "pids").exists():
            raise LookupError("the caller's own")
        return False

    with pytest.raises(LookupError):
        call("family_and_hang", {}, tmp_path, cancelled=cancelled)
    assert all(ends_within(pid, 10) for pid in pids(tmp_path))


def test_the_answer_ends_the_whole_group(tmp_path):
    call("family", {}, tmp_path)
    assert all(ends_within(pid, 10) for pid in pids(tmp_path))


@pytest.mark.parametrize("target", ["family_and_hang", "ask_for_parents_death"])
def test_kill_9_of_the_parent_ends_child_and_grandchild(target, tmp_path):
    """Also when native code keeps the child's interpreter from doing anything about it."""
    script = (
        "import sys; from pathlib import Path; from openvod.media import sandbox\n"
        f"sandbox.call('sandbox_targets:{target}', {{}}, Path({str(tmp_path)!r}), sandbox.Limits(60, 30),\n"
        f"    readable=[Path({str(HERE)!r})])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as parent:
        family = pids(tmp_path)
        parent.send_signal(signal.SIGKILL)
    assert all(ends_within(pid, 10) for pid in family)


# What it cannot touch


@pytest.fixture
def neighbour(tmp_path):
    path = tmp_path / "neighbour.txt"
    path.write_text("secret")
    return path


def refused(name, argument, folder, **more):
    with pytest.raises(Crashed) as caught:
        call(name, argument, folder, **more)
    return "PermissionError" in caught.value.detail


def test_it_reaches_no_network(tmp_path, seccomp):
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert refused("connect", {"port": server.getsockname()[1]}, tmp_path)


def test_it_reaches_no_socket_of_this_machine(tmp_path, seccomp):
    path = str(tmp_path / "engine.sock")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        assert refused("connect_unix", {"path": path}, tmp_path)


def test_it_reads_only_what_it_was_given(tmp_path, neighbour, landlock):
    assert refused("read", {"path": str(neighbour)}, tmp_path / "job")
    for given in (neighbour, neighbour.parent):
        answer = call("read", {"path": str(neighbour)}, tmp_path / "job", readable=[given])
        assert answer == {"text": "secret"}


def test_a_program_that_it_starts_reads_no_more(tmp_path, neighbour, landlock):
    with pytest.raises(Crashed, match="CalledProcessError"):
        call("read_by_program", {"path": str(neighbour)}, tmp_path / "job")
    assert (
        "secret"
        in call("read_by_program", {"path": str(neighbour)}, tmp_path / "job", readable=[neighbour])["text"]
    )


def test_it_reads_no_secrets_of_its_parent(tmp_path, landlock):
    assert refused("read", {"path": f"/proc/{os.getpid()}/environ"}, tmp_path)


def test_it_writes_only_to_its_folder(tmp_path, neighbour, landlock):
    for path in (tmp_path / "new", neighbour):
        assert refused("write", {"path": str(path)}, tmp_path / "job", readable=[tmp_path])
    assert neighbour.read_text() == "secret"
    call("write", {"path": str(tmp_path / "job" / "new")}, tmp_path / "job")
    assert (tmp_path / "job" / "new").read_text() == "written"


@pytest.mark.parametrize("change", ["open_to_all", "touch"])
def test_it_cannot_change_who_may_read_a_file(change, tmp_path, neighbour, seccomp):
    """Landlock alone lets it: not even a file that it may read is another one's business."""
    before = neighbour.stat()
    for readable in ([], [neighbour]):
        assert refused(change, {"path": str(neighbour)}, tmp_path / "job", readable=readable)
    assert (neighbour.stat().st_mode, neighbour.stat().st_mtime) == (before.st_mode, before.st_mtime)


def test_it_cannot_limit_its_parent(tmp_path, seccomp):
    assert refused("limit_parent", {}, tmp_path)


def test_it_cannot_leave_its_process_group(tmp_path, seccomp):
    assert refused("leave_group", {}, tmp_path)


def test_it_cannot_signal_others(tmp_path, in_force):
    if "signals" not in in_force:
        pytest.skip("this kernel's Landlock does not hold back signals")
    assert refused("signal_parent", {}, tmp_path)


def test_root_cannot_raise_its_own_limits(tmp_path):
    with pytest.raises(Crashed, match="not allowed to raise maximum limit"):
        call("raise_limit", {}, tmp_path)


def test_confinement_names_at_least_the_limits():
    assert "memory, CPU time and file size are limited" in sandbox.confinement()
