import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from openvod.store.tables import events, usage
from openvod.store.tasks import FileGone, PartResult, SessionIdTaken
from tests.store.conftest import APP, new_media, new_task

DONE = PartResult(
    status="SUCCESS", output={"Text": "好"}, engine="test 1", media_seconds=12.5, warnings=("w",)
)
FAILED = PartResult(status="FAIL", err_code="70000", message={"code": "InternalError", "en": "e", "zh": "错"})


def test_what_goes_in_comes_out(store, media):
    task = new_task(
        media().file_id, priority=3, session_id="s", session_context="c", ext_info="x", warnings=("a",)
    )
    store.tasks.add(task)
    got = store.tasks.get(task.id)
    assert (got.id, got.sub_app_id, got.kind, got.file_id, got.status) == (
        task.id, APP, "ProcessMediaByMPS", task.file_id, "WAITING",
    )  # fmt: skip
    assert (got.priority, got.session_id, got.session_context, got.ext_info) == (3, "s", "c", "x")
    assert (got.warnings, got.request, got.attempt, got.owner) == (["a"], task.request, 0, None)
    assert [(p.position, p.type, p.input, p.options) for p in got.sub_tasks] == [
        (n, part.type, part.input, part.options) for n, part in enumerate(task.sub_tasks)
    ]
    assert {(p.status, p.progress, p.err_code) for p in got.sub_tasks} == {("PROCESSING", 0.0, "0")}
    assert store.tasks.get("unknown") is None


def test_a_task_needs_a_file_that_is_there(store, media):
    with pytest.raises(FileGone):
        store.tasks.add(new_task("404"))
    file = media()
    with pytest.raises(FileGone):
        store.tasks.add(new_task(file.file_id, sub_app_id=APP + 1))
    expired = media(expires=1)
    with pytest.raises(FileGone):
        store.tasks.add(new_task(expired.file_id))
    store.library.delete(file.file_id, APP)
    with pytest.raises(FileGone):
        store.tasks.add(new_task(file.file_id))


def test_a_session_id_is_taken_once_per_application(store, media):
    file_id = media().file_id
    other = media(sub_app_id=APP + 1).file_id
    tasks = [new_task(file_id, session_id="one") for _ in range(8)]

    def add(task):
        try:
            store.tasks.add(task)
        except SessionIdTaken:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, tasks)) == 1
    store.tasks.add(new_task(other, sub_app_id=APP + 1, session_id="one"))
    store.tasks.add(new_task(file_id, session_id="two"))


def test_claims_go_by_priority_then_age_and_never_twice(store, media):
    file_id = media().file_id
    tasks = [new_task(file_id, priority=priority) for priority in (0, 5, 0, -1)]
    for task in tasks:
        store.tasks.add(task)
    order = [tasks[n].id for n in (1, 0, 2, 3)]
    assert store.tasks.claim("one", 3) == order[:3]
    assert store.tasks.claim("two", 3) == order[3:]
    assert store.tasks.claim("two", 3) == []
    assert sorted(store.tasks.owned("one")) == sorted(order[:3])
    got = store.tasks.get(order[0])
    assert (got.status, got.owner, got.attempt) == ("PROCESSING", "one", 1)
    assert got.began >= got.created


def test_take_over_moves_running_tasks_of_the_dead_only(store, media):
    file_id = media().file_id
    for _ in range(3):
        store.tasks.add(new_task(file_id))
    (lost,) = store.tasks.claim("dead", 1)
    (kept,) = store.tasks.claim("alive", 1)
    assert store.tasks.take_over("heir", ["dead"]) == [lost]
    assert store.tasks.take_over("late heir", ["dead"]) == []
    assert store.tasks.owned("alive") == [kept]
    got = store.tasks.get(lost)
    assert (got.owner, got.attempt, got.status) == ("heir", 2, "PROCESSING")


def test_a_part_is_finished_once_with_its_files_and_its_usage(store, media):
    task = new_task(media().file_id)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    new = new_media(store, b"subtitle", file_id="123", source_type="VideoProcessing")
    row = {"FileType": "Subtitle", "FileId": "123"}
    result = PartResult(
        status="SUCCESS", output={"Text": "好"}, media=(new,), files=(row,), engine="e", media_seconds=9
    )
    assert store.tasks.finish_part(task.id, "me", 1, result)
    again = PartResult(status="FAIL", media=(new_media(store, b"other"),))
    assert store.tasks.finish_part(task.id, "me", 1, again)
    part = store.tasks.get(task.id).sub_tasks[1]
    assert (part.status, part.output, part.files, part.engine, part.progress) == (
        "SUCCESS",
        {"Text": "好"},
        [row],
        "e",
        1,
    )
    assert part.finished is not None
    assert store.library.get("123", APP).source_type == "VideoProcessing"
    with store.db.read() as connection:
        rows = connection.execute(select(usage.c.position, usage.c.type, usage.c.media_seconds)).all()
        assert rows == [(1, "Kind.1", 9.0)]
    with pytest.raises(KeyError):
        store.tasks.finish_part(task.id, "me", 2, DONE)


def test_a_failed_part_is_no_usage(store, media):
    task = new_task(media().file_id, parts=1)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    assert store.tasks.finish_part(task.id, "me", 0, FAILED)
    part = store.tasks.get(task.id).sub_tasks[0]
    assert (part.status, part.err_code, part.message) == ("FAIL", "70000", FAILED.message)
    with store.db.read() as connection:
        assert connection.execute(select(usage)).all() == []


def test_a_part_with_a_bad_file_leaves_nothing_behind(store, media):
    taken = media()
    task = new_task(taken.file_id, parts=1)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    fine, bad = new_media(store, b"1", file_id="77"), new_media(store, b"2", file_id=taken.file_id)
    with pytest.raises(Exception, match=taken.file_id):
        store.tasks.finish_part(task.id, "me", 0, PartResult(status="SUCCESS", media=(fine, bad)))
    assert store.library.get("77", APP) is None
    assert store.tasks.get(task.id).sub_tasks[0].status == "PROCESSING"


def test_who_lost_the_task_changes_nothing(store, media):
    task = new_task(media().file_id, parts=1)
    store.tasks.add(task)
    assert not store.tasks.finish_part(task.id, "me", 0, DONE)
    store.tasks.claim("me", 1)
    store.tasks.take_over("heir", ["me"])
    files = (new_media(store, file_id="55"),)
    assert not store.tasks.finish_part(task.id, "me", 0, PartResult(status="SUCCESS", media=files))
    assert not store.tasks.finish(task.id, "me")
    store.tasks.progress(task.id, 0, 0.9, "me")
    part = store.tasks.get(task.id).sub_tasks[0]
    assert (part.status, part.progress) == ("PROCESSING", 0.0)
    assert store.library.get("55", APP) is None
    store.tasks.progress(task.id, 0, 0.4, "heir")
    assert store.tasks.get(task.id).sub_tasks[0].progress == pytest.approx(0.4)
    assert store.tasks.finish_part(task.id, "heir", 0, DONE)
    store.tasks.progress(task.id, 0, 0.5)
    assert store.tasks.get(task.id).sub_tasks[0].progress == 1.0
    assert store.tasks.finish(task.id, "heir")


def test_a_task_is_finished_once_with_its_event(store, media):
    task = new_task(media().file_id, parts=1)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    with pytest.raises(ValueError, match="unfinished"):
        store.tasks.finish(task.id, "me")
    store.tasks.finish_part(task.id, "me", 0, DONE)
    assert store.tasks.finish(task.id, "me")
    assert store.tasks.finish(task.id, "me")
    assert not store.tasks.finish(task.id, "other")
    assert not store.tasks.finish_part(task.id, "me", 0, DONE)
    got = store.tasks.get(task.id)
    assert got.status == "FINISH"
    assert got.finished >= got.began
    assert store.tasks.owned("me") == []
    with store.db.read() as connection:
        rows = connection.execute(select(events.c.type, events.c.task_id, events.c.file_id)).all()
    assert rows == [("ProcessMediaByMPSComplete", task.id, task.file_id)]


def test_pages_meet_without_gap_or_overlap(store, media):
    file_id = media().file_id
    ids = set()
    for n in range(12):
        task = new_task(file_id, priority=n % 3, parts=0)
        store.tasks.add(task)
        ids.add(task.id)
    for task_id in store.tasks.claim("me", 5):
        store.tasks.finish(task_id, "me")
    for field in ("created", "finished"):
        for descending in (True, False):
            seen, after = [], None
            while rows := store.tasks.page(APP, limit=5, field=field, descending=descending, after=after):
                seen += rows
                after = (getattr(rows[-1], field), rows[-1].id)
            assert {row.id for row in seen} == ids
            assert len(seen) == len(ids)
            values = [
                (float("inf") if getattr(row, field) is None else getattr(row, field), row.id) for row in seen
            ]
            assert values == sorted(values, reverse=descending)


def test_pages_are_filtered(store, media):
    first, second = media().file_id, media().file_id
    tasks = [new_task(file_id, parts=0) for file_id in (first, second, first)]
    for task in tasks:
        store.tasks.add(task)
    (running,) = store.tasks.claim("me", 1)
    store.tasks.finish(running, "me")
    done = store.tasks.get(running)

    def found(**wanted):
        return {row.id for row in store.tasks.page(APP, limit=10, **wanted)}

    assert found(file_id=first) == {tasks[0].id, tasks[2].id}
    assert found(status="FINISH") == {running}
    assert found(finished=(done.finished, done.finished + 1)) == {running}
    assert found(finished=(None, done.finished)) == set()
    assert running in found(created=(done.created, None))
    assert running not in found(created=(done.created + 1, None))
    assert store.tasks.page(APP + 1, limit=10) == []


def test_a_deleted_file_is_hidden_at_once_and_goes_after_its_last_task(store, media):
    file = media(b"still needed")
    tasks = [new_task(file.file_id, parts=0) for _ in range(2)]
    for task in tasks:
        store.tasks.add(task)
    assert store.library.delete(file.file_id, APP)
    assert store.library.get(file.file_id, APP) is None
    assert store.library.find(file.file_id) is None
    assert not store.library.delete(file.file_id, APP)
    for task_id in store.tasks.claim("me", 2):
        source = store.tasks.source_of(task_id)
        assert b"".join(store.blobs.read(source.object_key)) == b"still needed"
        assert store.tasks.finish(task_id, "me")
    with pytest.raises(FileNotFoundError):
        store.blobs.size(file.object_key)
    with pytest.raises(KeyError):
        store.tasks.source_of("unknown")


def test_the_object_goes_once_whoever_is_last(store, media):
    """The deletion and the ends of two tasks race; the object must be gone after all three, whatever their order."""
    for _ in range(15):
        file = media()
        for _ in range(2):
            store.tasks.add(new_task(file.file_id, parts=0))
        claimed = store.tasks.claim("me", 2)
        gate = threading.Barrier(3)

        def finish(task_id, gate=gate):
            gate.wait()
            return store.tasks.finish(task_id, "me")

        def delete(file_id=file.file_id, gate=gate):
            gate.wait()
            return store.library.delete(file_id, APP)

        with ThreadPoolExecutor(3) as pool:
            results = [pool.submit(finish, task_id) for task_id in claimed] + [pool.submit(delete)]
            assert all(result.result() for result in results)
        with pytest.raises(FileNotFoundError):
            store.blobs.size(file.object_key)
