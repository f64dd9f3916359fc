"""Tasks through a real worker process and real media processes, nothing going wrong but the sub-tasks themselves."""

from collections.abc import Iterator

import pytest

from openvod.core.errors import TaskFault
from openvod.media import sandbox
from tests.worker.conftest import VTT, Bench, wait_for


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One worker for all tests here, with room for two media processes; names keep their stages apart."""
    bench = Bench(tmp_path_factory.mktemp("bench"), worker_slots=2, job_memory_mb=1024)
    bench.start()
    yield bench
    bench.close()


@pytest.fixture(autouse=True)
def gates_open_again(bench: Bench) -> Iterator[None]:
    """A test that fails shall not leave the worker waiting."""
    yield
    for gate in bench.gates:
        gate.touch()


def test_a_part_in_one_piece_is_one_stage(bench):
    task = bench.finished(bench.add({"name": "short", "output": {"Text": "你好"}}))
    (part,) = task.sub_tasks
    assert (part.status, part.err_code, part.message) == ("SUCCESS", "0", None)
    assert part.output == {"Results": None, "Text": "你好"}
    assert (part.engine, part.warnings) == ("scripted 1", ["only a test"])
    assert bench.stages("short") == {("short", "plan"): 1}


def test_segments_are_run_and_joined_in_order(bench):
    task = bench.finished(bench.add({"name": "long", "segments": 5}))
    assert task.sub_tasks[0].output == {"Results": [{"square": n * n} for n in range(5)]}
    assert bench.stages("long") == {
        ("long", stage): 1 for stage in ["plan", *(f"run/{n}" for n in range(5)), "join"]
    }


def test_segments_share_the_slots_of_the_worker(bench):
    gate = bench.gate("all")
    task_id = bench.add(
        {"name": "wide", "segments": 3, "do": {f"run/{n}": [["wait", str(gate)]] for n in range(3)}}
    )
    wait_for(lambda: len(bench.children(bench.workers[0])) == 2)
    assert sum(bench.stages("wide").values()) == 3  # the plan, and two segments
    assert bench.stages()["wide", "run/2"] == 0
    gate.touch()
    assert bench.finished(task_id).sub_tasks[0].status == "SUCCESS"


def test_output_files_enter_the_library(bench):
    output = {
        "Link": {"$url": "a.vtt"},
        "List": [{"Path": {"$path": "a.vtt"}, "FileId": {"$file_id": "a.vtt"}}],
    }
    (part,) = bench.finished(bench.add({"files": {"a.vtt": VTT}, "output": output})).sub_tasks
    (row,) = part.files
    media = bench.store.library.get(row["FileId"], bench.source.sub_app_id)
    assert row == {
        "FileType": "Test.File",
        "StorageMode": "Permanent",
        "FileId": media.file_id,
        "Url": {"$url": media.file_id},
        "Definition": "",
        "ExpiredTime": 0,
    }
    assert b"".join(bench.store.blobs.read(media.object_key)) == VTT.encode()
    assert (media.name, media.source_type, media.kind, media.extension) == (
        "A.VTT",
        "VideoProcessing",
        "subtitle",
        "vtt",
    )
    assert part.output["Link"] == {"$url": media.file_id}
    assert part.output["List"] == [{"Path": f"/{media.object_key}", "FileId": media.file_id}]


def test_a_fault_fails_its_part_at_once_and_no_other(bench):
    fault = ["fault", "SourceFileError.ContentUnsupported", {"reason": "it is a test"}]
    task = bench.finished(
        bench.add(
            {"name": "plan", "do": {"plan": [fault]}},
            {"name": "run", "segments": 2, "do": {"run/1": [fault]}},
            {"name": "join", "segments": 2, "do": {"join": [fault]}},
            {"name": "good"},
        )
    )
    assert [part.status for part in task.sub_tasks] == ["FAIL", "FAIL", "FAIL", "SUCCESS"]
    for part in task.sub_tasks[:3]:
        assert part.err_code == "60000"
        assert part.message == {
            "code": "SourceFileError.ContentUnsupported",
            "en": "it is a test",
            "zh": "it is a test",
        }
    assert set(bench.stages("plan", "run", "join").values()) == {1}
    assert ("run", "join") not in bench.stages("run")


def test_a_crash_is_tried_three_times_and_fails_only_its_part(bench):
    task = bench.finished(bench.add({"name": "bad", "do": {"plan": [["signal", 11]]}}, {"name": "good"}))
    bad, good = task.sub_tasks
    assert (bad.status, bad.err_code) == ("FAIL", "70000")
    assert bad.message["code"] == "InternalError"
    assert "SIGSEGV" in bad.message["en"]
    assert good.status == "SUCCESS"
    assert bench.stages("bad") == {("bad", "plan"): 3}


def test_too_much_memory_is_tried_twice(bench):
    (part,) = bench.finished(bench.add({"name": "big", "do": {"plan": [["memory"]]}})).sub_tasks
    assert "1024 MB" in part.message["en"]
    assert bench.stages("big") == {("big", "plan"): 2}


def test_a_kind_that_is_not_built_is_an_honest_failure(bench):
    """The real door of the media process, not the scripted one."""
    argument = {"type": "AiAnalysis.NoSuchTask", "stage": "plan"}
    with pytest.raises(TaskFault, match=r"AiAnalysis\.NoSuchTask"):
        sandbox.call("openvod.tasks:run_stage", argument, bench.folder / "job", sandbox.Limits(60, 60))


@pytest.mark.parametrize(
    "acts",
    [
        [["answer", {}]],
        [["answer", {"segments": []}]],
        [["answer", {"outcome": {"output": {}}}]],
        [["answer", {"outcome": {"output": {"U": {"$url": "x"}}, "files": [], "engine": "", "warnings": []}}]],
        [["link", "a.vtt", "/etc/passwd"], ["answer", {"outcome": {
            "output": {}, "engine": "", "warnings": [],
            "files": [{"name": "a.vtt", "title": "", "file_type": ""}]}}]],
        [["answer", {"outcome": {
            "output": {}, "engine": "", "warnings": [],
            "files": [{"name": "../../../openvod.db", "title": "", "file_type": ""}]}}]],
    ],
)  # fmt: skip
def test_a_media_process_in_strange_hands_gets_nothing(bench, acts):
    (part,) = bench.finished(bench.add({"do": {"plan": acts}})).sub_tasks
    assert (part.status, part.err_code, part.files) == ("FAIL", "70000", [])


def test_progress_is_noted(bench):
    gate = bench.gate("half")
    task_id = bench.add({"do": {"plan": [["progress", 0.5], ["wait", str(gate)]]}})
    wait_for(lambda: bench.task(task_id).sub_tasks[0].progress == 0.5)
    gate.touch()
    bench.finished(task_id)


def test_progress_counts_segments_by_their_number(bench):
    gate = bench.gate("second")
    task_id = bench.add({"segments": 2, "do": {"run/0": [["progress", 1]], "run/1": [["wait", str(gate)]]}})
    wait_for(lambda: bench.task(task_id).sub_tasks[0].progress == pytest.approx(0.45))
    gate.touch()
    bench.finished(task_id)
