import pytest
from sqlalchemy import select, update

from openvod.store import leftovers
from openvod.store.columns import now_ms
from openvod.store.leftovers import Swept, sweep
from openvod.store.library import FileIdTaken
from openvod.store.tables import media as media_table
from openvod.store.tables import objects, uploads
from tests.store.conftest import APP, new_media, new_task


def owned(store):
    with store.db.read() as connection:
        return set(connection.execute(select(objects.c.key)).scalars())


def test_a_file_comes_out_as_it_went_in(store):
    new = new_media(store, description="d", source_context="s", class_id=7, expires=4102444800000)
    row = store.library.add(new)
    assert store.library.get(row.file_id, APP) == row
    assert store.library.find(row.file_id) == row
    for name in type(new).__slots__:
        if name != "file_id":
            assert getattr(row, name) == getattr(new, name)
    assert (row.deleted, row.created) == (None, row.updated)
    assert row.file_id.isdigit()
    assert owned(store) == {row.object_key}


def test_an_application_sees_its_own_files_only(store, media):
    mine, other = media(), media(sub_app_id=APP + 1)
    assert store.library.get(other.file_id, APP) is None
    assert store.library.get_many([mine.file_id, other.file_id, "404"], APP) == {mine.file_id: mine}
    assert store.library.get_many([], APP) == {}
    assert not store.library.delete(other.file_id, APP)
    assert store.library.find(other.file_id) == other


def test_a_file_id_is_given_once_for_ever(store, media):
    first = media(file_id="4242")
    assert store.library.taken("4242")
    with pytest.raises(FileIdTaken):
        media(file_id="4242")
    store.library.delete("4242", APP)
    with pytest.raises(FileIdTaken):
        media(file_id="4242", sub_app_id=APP + 1)
    assert not store.library.taken("4243")
    assert first.file_id == "4242"


def test_a_deleted_file_is_gone_with_its_object(store, media):
    file = media()
    assert store.library.delete(file.file_id, APP)
    assert store.library.get_many([file.file_id], APP) == {}
    assert not store.library.delete(file.file_id, APP)
    assert owned(store) == set()
    with pytest.raises(FileNotFoundError):
        store.blobs.size(file.object_key)


def test_an_expired_file_is_hidden_then_swept_when_no_task_needs_it(store, media):
    free, needed, lasting = media(), media(), media(expires=4102444800000)
    store.tasks.add(new_task(needed.file_id, parts=0))
    past = update(media_table).where(media_table.c.file_id.in_([free.file_id, needed.file_id]))
    store.db.write(lambda c: c.execute(past.values(expires=now_ms())))
    assert store.library.get(free.file_id, APP) is None
    assert not store.library.delete(free.file_id, APP)
    assert sweep(store.db, store.blobs) == Swept(2, 0, 0)
    assert owned(store) == {needed.object_key, lasting.object_key}
    (task_id,) = store.tasks.claim("me", 1)
    store.tasks.finish(task_id, "me")
    assert owned(store) == set(store.blobs.keys()) == {lasting.object_key}


def test_orphans_are_swept_when_they_are_old(store, media, monkeypatch):
    monkeypatch.setattr(leftovers, "PAGE", 2)
    kept = {media().object_key for _ in range(3)}
    orphans = {store.blobs.put(store.blobs.new_key(), [b"x"]).key for _ in range(5)}
    assert store.sweep() == Swept(0, 0, 0)
    assert set(store.blobs.keys()) == kept | orphans
    assert sweep(store.db, store.blobs, age_seconds=0) == Swept(0, 0, 5)
    assert set(store.blobs.keys()) == kept


def test_an_abandoned_upload_is_swept_with_its_bytes(store):
    upload = store.uploads.create(APP, "mp4", cover_type="png")
    whole = store.blobs.put(store.blobs.new_key(), [b"whole"])
    part = store.blobs.put(store.blobs.new_key(), [b"part"])
    store.uploads.put_object(upload.storage_path, whole)
    store.uploads.put_part(store.uploads.start_multipart(upload.cover_path), upload.cover_path, 1, part)
    assert store.sweep() == Swept(0, 0, 0)
    store.db.write(lambda c: c.execute(update(uploads).values(expires=now_ms() - 2 * 86400 * 1000)))
    assert store.sweep() == Swept(0, 1, 0)
    assert owned(store) == set(store.blobs.keys()) == set()
