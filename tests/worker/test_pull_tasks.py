"""Tasks that begin with a download, by real worker processes: what follows works on what came, or fails for its reason."""

import sqlite3

import pytest

from openvod.core.models import SubTask, new_task_id
from openvod.core.pulls import pull_of
from openvod.store.tasks import NewTask
from openvod.worker.partial_file import PartialFile
from openvod.worker.pull_part import Pulls
from tests import clips
from tests.worker.conftest import SUB_APP, VTT, wait_for
from tests.worker.origin import origin, stall, status


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1).read_bytes()


def add(bench, url, *parts, kind="ProcessMediaByMPS", loopback=True, **about):
    pull = pull_of(url, loopback=loopback, name="n", **about)
    work = tuple(SubTask("Test", {}, options) for options in parts)
    task = NewTask(
        id=new_task_id(SUB_APP, "pull"),
        sub_app_id=SUB_APP,
        kind=kind,
        file_id="",
        sub_tasks=(pull, *work),
        request={},
    )
    bench.store.tasks.add(task)
    bench.store.executors.wake()
    return task.id


def objects(bench):
    return set(bench.store.blobs.keys()) - {bench.source.object_key}


def count(bench, table):
    with sqlite3.connect(bench.settings.data / "openvod.db") as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def assert_nothing_is_left(bench):
    wait_for(lambda: not list((bench.settings.data / "pulls").glob("*")))


def test_work_on_a_temporary_file(bench, clip):
    """It is the task's source, nobody else's, and is gone with the task; what was made of it stays."""
    gate = bench.gate("work")
    with origin(clip) as site:
        bench.start()
        task_id = add(
            bench,
            site.url(),
            {"name": "w", "do": {"plan": [["wait", str(gate)]]}, "files": {"a.vtt": VTT}},
            temporary=True,
        )
        bench.wait_for_stage("w", "plan")
    source = bench.store.tasks.source_of(task_id)
    assert (source.kind, source.size, source.deleted is not None) == ("video", len(clip), True)
    assert objects(bench) == {source.object_key}
    assert bench.store.library.get(source.file_id, SUB_APP) is None
    assert bench.store.events.letters(dead=False) == []
    gate.touch()
    task = bench.finished(task_id)
    assert [part.status for part in task.sub_tasks] == ["SUCCESS", "SUCCESS"]
    (made,) = task.sub_tasks[1].files
    kept = bench.store.library.get(made["FileId"], SUB_APP)
    wait_for(lambda: objects(bench) == {kept.object_key})
    assert count(bench, "usage") == 1  # the work, and not the download
    assert_nothing_is_left(bench)


def test_without_a_source_all_parts_fail_for_that_reason(bench):
    with origin(b"", breaches=[status(404)]) as site:
        bench.start()
        task = bench.finished(add(bench, site.url(), {"name": "a"}, {"name": "b"}))
    assert [(part.status, part.err_code) for part in task.sub_tasks] == [("FAIL", "60000")] * 3
    assert {part.message["code"] for part in task.sub_tasks} == {"SourceFileError.DownloadNotAccessible"}
    assert bench.stages() == {}
    assert_nothing_is_left(bench)


def test_the_server_that_accepted_the_url_decides_about_loopback(bench, clip):
    with origin(clip) as site:
        bench.start()
        task = bench.finished(add(bench, site.url(), loopback=False))
        assert (task.sub_tasks[0].err_code, site.asked) == ("40000", [])


@pytest.mark.parametrize("call", ["finish_part", "finish"])
def test_killed_with_the_file_in_hand(bench, clip, call):
    """Before the row says so: stored again, without a download. After it: not again."""
    (bench.kills / call).touch()
    with origin(clip) as site:
        worker = bench.start()
        task_id = add(bench, site.url(), kind="PullUpload")
        worker.wait(timeout=20)
        bench.start()
        task = bench.finished(task_id)
        assert len(site.asked) == 1
    assert task.sub_tasks[0].status == "SUCCESS"
    assert count(bench, "media") == 2  # with the bench's own
    assert [event.type for event in bench.store.events.letters(dead=False)] == ["PullComplete"]
    assert_nothing_is_left(bench)


def test_a_lost_workflow_database_costs_no_second_download(bench, clip):
    gate = bench.gate("after")
    with origin(clip) as site:
        worker = bench.start()
        task_id = add(bench, site.url(), {"name": "w", "do": {"plan": [["wait", str(gate)]]}})
        bench.wait_for_stage("w", "plan")
        worker.kill()
        worker.wait()
        for file in bench.settings.data.glob("workflows.db*"):
            file.unlink()
        gate.touch()
        bench.start()
        assert bench.finished(task_id).sub_tasks[1].status == "SUCCESS"
        assert len(site.asked) == 1


def test_the_folder_is_the_object_store_s_neighbour(bench, clip):
    """A file that came is not copied once more: the object is the very file."""
    with origin(clip) as site:
        (bench.kills / "finish_part").touch()
        worker = bench.start()
        add(bench, site.url(), kind="PullUpload")
        worker.wait(timeout=20)
    (body,) = (bench.settings.data / "pulls").glob("*/*/body")
    (key,) = objects(bench)
    assert body.samefile(bench.settings.data / "objects" / key)


def test_an_application_that_ends_takes_its_pulls_along(bench, clip):
    with origin(clip, breaches=[stall(100)]) as site:
        bench.start()
        task_id = add(bench, site.url(), kind="PullUpload")
        wait_for(lambda: site.sent)
        bench.store.sub_apps.destroy(SUB_APP, {"number": "40000", "code": "c", "en": "e", "zh": "z"})
        assert_nothing_is_left(bench)
    assert bench.task(task_id).status == "ABORTED"


def test_a_worker_that_is_told_to_stop_leaves_what_came_to_the_next(bench, clip):
    half = len(clip) // 2
    with origin(clip, breaches=[stall(half)]) as site:
        worker = bench.start()
        task_id = add(bench, site.url(), kind="PullUpload")
        bodies = bench.settings.data / "pulls" / task_id
        wait_for(lambda: any(body.stat().st_size for body in bodies.glob("*/body")) or site.sent == half)
        worker.terminate()
        assert worker.wait(timeout=10) == 0
        assert bench.task(task_id).status == "PROCESSING"
        bench.start()
        assert bench.finished(task_id).sub_tasks[0].status == "SUCCESS"
        assert site.asked[-1]["Range"] == f"bytes={half}-"


def test_what_was_left_for_tasks_that_are_over_is_swept(bench):
    pulls = Pulls(bench.store, bench.settings, jobs=None)
    pulls.sweep(lambda _: True)  # there is no folder yet
    for task_id in ("over", "running"):
        PartialFile(bench.settings.data / "pulls" / task_id / "0-file", "http://example.org/").__exit__(
            None, None, None
        )
    pulls.sweep(lambda task_id: task_id == "over")
    assert [folder.name for folder in (bench.settings.data / "pulls").iterdir()] == ["running"]
