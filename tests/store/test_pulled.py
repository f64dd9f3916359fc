"""A file that came from a URL enters the library, in lanes of its own, and within the room that there is."""

import shutil
from collections import namedtuple

import pytest
from sqlalchemy import select

from openvod.core.models import SubTask
from openvod.core.pulls import pull_of
from openvod.store.belongings import Attachment
from openvod.store.pulled import Pulled
from openvod.store.room import NoRoom, Room
from openvod.store.tables import events, usage
from openvod.store.tasks import PartResult, SessionIdTaken
from openvod.store.uploads import Uploads
from tests.store.conftest import APP, new_media, new_task

WHY = {"number": "40000", "code": "c", "en": "e", "zh": "z"}


def pull_task(**changes):
    work = changes.pop("work", ())
    pull = pull_of("http://example.org/a.mp4", loopback=False)
    return new_task("", sub_tasks=(pull, *work), **{"kind": "PullUpload", **changes})


def cover_of(store):
    stored = store.blobs.put(store.blobs.new_key(), [b"cover"])
    return Attachment(
        kind="cover",
        object_key=stored.key,
        extension="png",
        content_type="image/png",
        size=stored.size,
        md5=stored.md5,
    )


def rows(store, table):
    with store.db.read() as connection:
        return connection.execute(select(table)).all()


def running(store, **changes):
    task = pull_task(**changes)
    store.tasks.add(task)
    assert store.tasks.claim("me", 1, "pull") == [task.id]
    return task.id


def test_the_file_of_a_task_enters_the_library_with_its_cover_once(store):
    store.events.configure(APP, upload_switch="ON")
    task_id = running(store)
    new, cover = new_media(store, file_id="123"), cover_of(store)
    result = PartResult(status="SUCCESS", pulled=Pulled(new, cover))
    assert not store.tasks.finish_part(task_id, "another", 0, result)
    assert store.library.get("123", APP) is None
    assert store.tasks.finish_part(task_id, "me", 0, result)
    assert store.tasks.finish_part(task_id, "me", 0, result)
    assert store.tasks.finish(task_id, "me")
    assert store.tasks.get(task_id).file_id == "123"
    assert store.tasks.source_of(task_id).object_key == new.object_key
    assert store.library.belongings(["123"])["123"].cover == cover
    assert [row.type for row in rows(store, events)] == ["NewFileUpload", "PullComplete"]
    assert {row.file_id for row in rows(store, events)} == {"123"}
    assert rows(store, usage) == []
    assert store.sweep().orphans == 0


def test_an_upload_event_only_for_who_wants_one(store):
    task_id = running(store)
    store.tasks.finish_part(task_id, "me", 0, PartResult(status="SUCCESS", pulled=Pulled(new_media(store))))
    assert rows(store, events) == []


@pytest.mark.parametrize("end", ["finish", "abort"])
def test_a_temporary_file_goes_with_its_task(store, end):
    store.events.configure(APP, upload_switch="ON")
    task_id = running(store, work=(SubTask("Kind.1", {}, {}),))
    new = new_media(store, file_id="123")
    store.tasks.finish_part(
        task_id, "me", 0, PartResult(status="SUCCESS", pulled=Pulled(new, temporary=True))
    )
    assert rows(store, events) == []
    assert store.library.get("123", APP) is None
    assert store.library.find("123") is None
    assert store.blobs.size(store.tasks.source_of(task_id).object_key) == 4
    if end == "finish":
        store.tasks.finish_part(task_id, "me", 1, PartResult(status="SUCCESS"))
        store.tasks.finish(task_id, "me")
    else:
        store.tasks.abort(task_id, WHY, running=True)
    assert new.object_key not in set(store.blobs.keys())


def test_lanes_do_not_hold_up_each_other(store, media):
    pulls = [pull_task(priority=10) for _ in range(3)]
    for task in pulls:
        store.tasks.add(task)
    work = new_task(media().file_id)
    store.tasks.add(work)
    assert store.tasks.claim("me", 5) == [work.id]
    turns = sorted(pulls, key=lambda task: (store.tasks.get(task.id).created, task.id))
    assert store.tasks.claim("me", 2, "pull") == [task.id for task in turns[:2]]
    assert {store.tasks.get(task.id).lane for task in pulls} == {"pull"}
    assert store.tasks.get(work.id).lane == "media"


def test_a_session_id_is_taken_for_its_kind_of_task(store, media):
    store.tasks.add(pull_task(session_id="s"))
    store.tasks.add(new_task(media().file_id, session_id="s"))
    with pytest.raises(SessionIdTaken):
        store.tasks.add(pull_task(session_id="s"))


def test_room_ends_above_the_floor(tmp_path, monkeypatch):
    usage_of = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage_of(1000, 400, 600))
    Room(tmp_path, 0).check(10**9)
    Room(tmp_path, 600).check()
    Room(tmp_path, 500).check(100)
    for floor, more in ((601, 0), (500, 101)):
        with pytest.raises(NoRoom):
            Room(tmp_path, floor).check(more)


def test_joining_parts_needs_room_for_them_twice(store, monkeypatch):
    """For a while they are there as parts, and as the whole."""
    upload = store.uploads.create(APP, "mp4")
    path = upload.storage_path
    number = store.uploads.start_multipart(path)
    stored = store.blobs.put(store.blobs.new_key(), [b"part"])
    store.uploads.put_part(number, path, 1, stored)
    full = Uploads(store.db, store.library, store.blobs, Room(store.room.folder, 2**62))
    before = set(store.blobs.keys())
    with pytest.raises(NoRoom):
        full.complete_multipart(number, path, [(1, stored.md5)])
    assert set(store.blobs.keys()) == before
    assert store.uploads.complete_multipart(number, path, [(1, stored.md5)]).size == 4
