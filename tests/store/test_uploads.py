import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from openvod.store.columns import now_ms
from openvod.store.tables import media, objects, uploads
from openvod.store.uploads import MultipartGone, UploadChanged, UploadClosed
from tests.store.conftest import APP, new_media


@pytest.fixture
def upload(store):
    return store.uploads.create(APP, "mp4", "Film", "png", {"MediaType": "mp4"})


@pytest.fixture
def put(store):
    return lambda data: store.blobs.put(store.blobs.new_key(), [data])


def owned(store):
    with store.db.read() as connection:
        return set(connection.execute(select(objects.c.key)).scalars())


def for_commit(store, stored, **changes):
    return new_media(store, **{"object_key": stored.key, "size": stored.size, "md5": stored.md5, **changes})


def expire(store):
    store.db.write(lambda c: c.execute(update(uploads).values(expires=now_ms())))


def test_what_is_minted_can_stand_on_a_command_line(upload):
    for minted in (upload.session_key, upload.token, upload.temp_secret_id, upload.temp_secret_key):
        assert minted.isalnum()


def test_a_session_is_found_by_its_keys(store, upload):
    other = store.uploads.create(APP, "mov")
    assert store.uploads.by_temp_key(upload.temp_secret_id) == upload
    assert store.uploads.by_session_key(upload.session_key) == upload
    assert (upload.media_name, upload.params, upload.file_id) == ("Film", {"MediaType": "mp4"}, None)
    assert upload.storage_path.endswith(".mp4")
    assert upload.cover_path.endswith(".png")
    assert other.cover_path is None
    assert upload.expires - upload.created == 86400_000
    keys = [
        {u.session_key, u.storage_path, u.temp_secret_id, u.temp_secret_key, u.token} for u in (upload, other)
    ]
    assert not keys[0] & keys[1]
    expire(store)
    assert store.uploads.by_temp_key(upload.temp_secret_id) is None
    assert store.uploads.by_session_key(upload.session_key) is None


def test_a_later_object_takes_the_place_of_an_earlier(store, upload, put):
    first, second = put(b"first"), put(b"second")
    store.uploads.put_object(upload.storage_path, first)
    store.uploads.put_object(upload.storage_path, second)
    assert store.uploads.object(upload.storage_path) == second
    assert set(store.blobs.keys()) == owned(store) == {second.key}
    assert store.uploads.object("/404") is None


def test_a_closed_session_takes_no_bytes_and_keeps_none(store, upload, put):
    upload_id = store.uploads.start_multipart(upload.storage_path)
    expire(store)
    for path in (upload.storage_path, "/404"):
        with pytest.raises(UploadClosed):
            store.uploads.put_object(path, put(b"late"))
        with pytest.raises(UploadClosed):
            store.uploads.start_multipart(path)
    store.uploads.put_part(upload_id, upload.storage_path, 1, part := put(b"part"))
    with pytest.raises(UploadClosed):
        store.uploads.complete_multipart(upload_id, upload.storage_path, [(1, part.md5)])
    assert set(store.blobs.keys()) == owned(store) == {part.key}


def test_parts_are_joined_in_the_order_wanted(store, upload, put):
    path = upload.storage_path
    upload_id = store.uploads.start_multipart(path)
    store.uploads.put_part(upload_id, path, 2, two := put(b"two"))
    store.uploads.put_part(upload_id, path, 1, put(b"old"))
    store.uploads.put_part(upload_id, path, 1, one := put(b"one "))
    store.uploads.put_part(upload_id, path, 9, put(b"unused"))
    assert [(p.number, p.size, p.md5) for p in store.uploads.parts(upload_id, path)][:2] == [
        (1, 4, one.md5), (2, 3, two.md5),
    ]  # fmt: skip
    for wrong in ([(1, two.md5)], [(3, one.md5)], []):
        with pytest.raises(ValueError, match="part"):
            store.uploads.complete_multipart(upload_id, path, wrong)
    wanted = [(1, one.md5.upper()), (2, two.md5)]
    with pytest.raises(ValueError, match="more than 6 bytes"):
        store.uploads.complete_multipart(upload_id, path, wanted, 6)
    joined = store.uploads.complete_multipart(upload_id, path, wanted, 7)
    assert joined.md5 == hashlib.md5(b"one two").hexdigest()
    assert store.uploads.object(path) == joined
    assert set(store.blobs.keys()) == owned(store) == {joined.key}
    with pytest.raises(MultipartGone):
        store.uploads.complete_multipart(upload_id, path, wanted)


def test_a_multipart_is_bound_to_its_path(store, upload, put):
    other = store.uploads.create(APP, "mp4")
    upload_id = store.uploads.start_multipart(upload.storage_path)
    for attempt in (
        lambda: store.uploads.put_part(upload_id, other.storage_path, 1, put(b"x")),
        lambda: store.uploads.parts(upload_id, other.storage_path),
        lambda: store.uploads.complete_multipart(upload_id, other.storage_path, []),
        lambda: store.uploads.put_part("404", upload.storage_path, 1, put(b"x")),
    ):
        with pytest.raises(MultipartGone):
            attempt()
    assert set(store.blobs.keys()) == set()
    store.uploads.abort_multipart(upload_id, other.storage_path)
    store.uploads.put_part(upload_id, upload.storage_path, 1, put(b"x"))
    store.uploads.abort_multipart(upload_id, upload.storage_path)
    store.uploads.abort_multipart(upload_id, upload.storage_path)
    with pytest.raises(MultipartGone):
        store.uploads.parts(upload_id, upload.storage_path)
    assert set(store.blobs.keys()) == owned(store) == set()


def test_what_is_under_way_is_listed_by_path_and_then_by_age(store, upload, put):
    ids = [store.uploads.start_multipart(upload.storage_path) for _ in range(3)]
    cover = store.uploads.start_multipart(upload.cover_path)
    store.uploads.start_multipart(store.uploads.create(APP, "mp4").storage_path)
    listed = store.uploads.multiparts([upload.storage_path, upload.cover_path])
    assert [row.upload_id for row in listed] == [cover, *ids]
    assert all(upload.created <= row.created for row in listed)
    store.uploads.put_part(cover, upload.cover_path, 1, put(b"x"), crc64="17")
    store.uploads.put_part(cover, upload.cover_path, 2, put(b"y"))
    came = store.uploads.parts(cover, upload.cover_path)
    assert [part.crc64 for part in came] == ["17", ""]
    assert all(part.created >= listed[0].created for part in came)
    assert [store.uploads.abort_multipart(cover, upload.cover_path) for _ in range(2)] == [True, False]
    assert store.uploads.multiparts([upload.cover_path]) == store.uploads.multiparts([]) == []


def test_a_commit_happens_once(store, upload, put):
    stored = put(b"film")
    store.uploads.put_object(upload.storage_path, stored)
    store.uploads.put_object(upload.cover_path, put(b"cover"))
    store.uploads.put_part(
        store.uploads.start_multipart(upload.storage_path), upload.storage_path, 1, put(b"left over")
    )
    news = [for_commit(store, stored, file_id=str(n)) for n in range(100, 108)]
    for orphan in set(store.blobs.keys()) - owned(store):
        store.blobs.delete(orphan)
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda new: store.uploads.commit(upload.session_key, new), news))
    assert len({row.file_id for row in rows}) == 1
    assert rows == [rows[0]] * 8
    with store.db.read() as connection:
        assert connection.execute(select(media.c.file_id)).all() == [(rows[0].file_id,)]
    assert set(store.blobs.keys()) == owned(store) == {stored.key}
    expire(store)
    assert store.uploads.by_session_key(upload.session_key).file_id == rows[0].file_id
    assert store.uploads.by_temp_key(upload.temp_secret_id) is None
    with pytest.raises(UploadClosed):
        store.uploads.put_object(upload.storage_path, put(b"late"))
    store.library.delete(rows[0].file_id, APP)
    assert store.uploads.commit(upload.session_key, news[0]).file_id == rows[0].file_id


def test_a_commit_of_another_object_is_refused(store, upload, put):
    first = put(b"looked at")
    store.uploads.put_object(upload.storage_path, first)
    new = for_commit(store, first)
    store.uploads.put_object(upload.storage_path, put(b"slipped in"))
    with pytest.raises(UploadChanged):
        store.uploads.commit(upload.session_key, new)
    with pytest.raises(UploadClosed):
        store.uploads.commit("unknown", new)
    assert store.uploads.by_session_key(upload.session_key).file_id is None
