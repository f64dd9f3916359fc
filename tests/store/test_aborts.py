import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from openvod.core.errors import aborted
from openvod.store.tables import events, usage
from openvod.store.tasks import FileGone, PartResult
from tests.store.conftest import APP, new_task

DONE = PartResult(status="SUCCESS", output={"Text": "好"}, media_seconds=2)


def event_rows(store):
    with store.db.read() as connection:
        return connection.execute(select(events.c.type, events.c.task_id).order_by(events.c.id)).all()


def test_a_waiting_task_ends_at_once_with_its_event(store, media):
    task = new_task(media().file_id)
    store.tasks.add(task)
    assert store.tasks.abort(task.id, aborted(), running=False) == "WAITING"
    got = store.tasks.get(task.id)
    assert (got.status, got.began, got.err_code) == ("ABORTED", None, 0)
    assert got.finished >= got.created
    assert got.message["code"] == ""
    for part in got.sub_tasks:
        assert (part.status, part.err_code, part.message["code"]) == ("FAIL", "40000", "InvalidInput")
        assert part.finished is not None
    assert store.tasks.claim("me", 1) == []
    assert event_rows(store) == [("ProcessMediaByMPSComplete", task.id)]


def test_a_running_task_keeps_what_is_finished_and_its_worker_owns_nothing_any_more(store, media):
    task = new_task(media().file_id)
    store.tasks.add(task)
    store.tasks.claim("me", 1)
    store.tasks.finish_part(task.id, "me", 0, DONE)
    assert store.tasks.abort(task.id, aborted(), running=False) == "PROCESSING"
    assert store.tasks.get(task.id).status == "PROCESSING"
    assert store.tasks.abort(task.id, aborted(), running=True) == "PROCESSING"
    got = store.tasks.get(task.id)
    assert [(part.status, part.output) for part in got.sub_tasks] == [
        ("SUCCESS", {"Text": "好"}),
        ("FAIL", None),
    ]
    assert store.tasks.owned("me") == []
    assert store.tasks.take_over("heir", ["me"]) == []
    assert not store.tasks.finish_part(task.id, "me", 1, DONE)
    assert not store.tasks.finish(task.id, "me")
    with store.db.read() as connection:
        assert connection.execute(select(usage.c.position)).scalars().all() == [0]
    assert len(event_rows(store)) == 1


def test_what_has_ended_stays_as_it_is(store, media):
    finished, gone = new_task(media().file_id, parts=0), new_task(media().file_id, parts=0)
    for task in (finished, gone):
        store.tasks.add(task)
    (first,) = store.tasks.claim("me", 1)
    assert store.tasks.finish(first, "me")
    assert store.tasks.abort(first, aborted(), running=True) == "FINISH"
    (second,) = {finished.id, gone.id} - {first}
    assert store.tasks.abort(second, aborted(), running=True) == "WAITING"
    assert store.tasks.abort(second, aborted(), running=True) == "ABORTED"
    assert store.tasks.abort("unknown", aborted(), running=True) is None
    assert len(event_rows(store)) == 2


def test_the_object_of_a_deleted_file_goes_with_the_aborted_task(store, media):
    file = media()
    task = new_task(file.file_id)
    store.tasks.add(task)
    assert store.library.delete(file.file_id, APP)
    assert store.blobs.size(file.object_key)
    store.tasks.abort(task.id, aborted(), running=False)
    with pytest.raises(FileNotFoundError):
        store.blobs.size(file.object_key)


def test_an_abort_and_an_end_that_race_leave_one_event(store, media):
    file_id = media().file_id
    for _ in range(15):
        task = new_task(file_id, parts=0)
        store.tasks.add(task)
        store.tasks.claim("me", 1)
        gate = threading.Barrier(2)

        def finish(task_id=task.id, gate=gate):
            gate.wait()
            return store.tasks.finish(task_id, "me")

        def abort(task_id=task.id, gate=gate):
            gate.wait()
            return store.tasks.abort(task_id, aborted(), running=True) == "PROCESSING"

        with ThreadPoolExecutor(2) as pool:
            outcomes = [pool.submit(finish), pool.submit(abort)]
            assert sorted(outcome.result() for outcome in outcomes) == [False, True]
        assert [row.task_id for row in event_rows(store)].count(task.id) == 1


def test_a_destroyed_application_is_empty_and_works_on_nothing(store, media):
    app = store.accounts.create_sub_app(1, "doomed").id
    other = media()
    files = [media(sub_app_id=app) for _ in range(3)]
    waiting, running = new_task(files[0].file_id, sub_app_id=app), new_task(other.file_id)
    store.tasks.add(waiting)
    store.tasks.add(running)
    store.templates.add(app, "AIAnalysis", "", "", {})
    upload = store.uploads.create(app, "mp4")
    store.sub_apps.destroy(app, aborted())
    assert store.accounts.sub_app(app).status == "Destroyed"
    assert store.tasks.get(waiting.id).status == "ABORTED"
    assert store.tasks.get(running.id).status == "WAITING"
    assert store.library.get_many([file.file_id for file in files], app) == {}
    assert store.library.get(other.file_id, APP) is not None
    assert store.templates.list(app, "AIAnalysis") == []
    assert store.uploads.by_session_key(upload.session_key) is None
    with pytest.raises(FileGone):
        store.tasks.add(new_task(files[1].file_id, sub_app_id=app))
    assert store.sweep().files == 3
    store.sub_apps.switch(app, "On")
    assert store.accounts.sub_app(app).status == "On"
    store.templates.add(app, "AIAnalysis", "", "", {})
    assert store.templates.list(app, "AIAnalysis")[0].definition == 30002


def test_an_application_keeps_what_it_was_made_with(store):
    tags = [{"TagKey": "组", "TagValue": "a"}]
    about = {"mode": "fileid+path", "storage_region": "ap-chongqing", "tags": tags}
    made = store.accounts.create_sub_app(1, "name", "text", **about)
    assert store.accounts.sub_app(made.id) == made
    assert (made.mode, made.storage_region, made.tags) == ("fileid+path", "ap-chongqing", tags)
    store.sub_apps.describe(made.id, name="new")
    store.sub_apps.describe(made.id)
    store.sub_apps.switch(made.id, "Off")
    got = store.accounts.sub_app(made.id)
    assert (got.name, got.description, got.status) == ("new", "text", "Off")
