import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from openvod.store.belongings import Attachment, KeyFrame
from openvod.store.media_edits import LIMITS, Changes, Edit, SubtitleIdTaken, TooMany
from openvod.store.tables import attachments, key_frames, media_tags, objects
from tests.store.conftest import APP, new_task


@pytest.fixture
def attachment(store):
    """A stored object as a subtitle, or as a cover."""

    def put(**changes):
        stored = store.blobs.put(store.blobs.new_key(), [b"bytes"])
        values = {"kind": "subtitle", "id": "a", "name": "English", "language": "en", "extension": "vtt"}
        about = {"object_key": stored.key, "content_type": "text/vtt", "size": stored.size, "md5": stored.md5}
        return Attachment(**{**values, **about, **changes})

    return put


def owned(store):
    with store.db.read() as connection:
        return set(connection.execute(select(objects.c.key)).scalars())


def rows_left(store):
    with store.db.read() as connection:
        return [connection.execute(select(table)).all() for table in (attachments, key_frames, media_tags)]


def edit(store, file, **changes):
    return store.library.edit(file.file_id, APP, Edit(**changes))


def test_columns_change_and_the_others_stay(store, media):
    file = media(description="old", class_id=3)
    edit(store, file, values={"name": "Neu", "expires": 4102444800000})
    changed = store.library.get(file.file_id, APP)
    assert (changed.name, changed.description, changed.class_id) == ("Neu", "old", 3)
    assert changed.expires == 4102444800000
    assert changed.updated >= file.updated
    edit(store, file, values={"expires": None, "description": ""})
    assert store.library.get(file.file_id, APP).expires is None


def test_collections_shrink_then_grow(store, media):
    file = media()
    now = edit(
        store,
        file,
        tags=Changes(add=["二次元", "b", "b"]),
        key_frames=Changes(add=[KeyFrame(2.5, "two"), KeyFrame(1.0, "one")]),
    )
    assert now.tags == ("二次元", "b")
    assert now.key_frames == (KeyFrame(1.0, "one"), KeyFrame(2.5, "two"))
    now = edit(
        store,
        file,
        tags=Changes(add=["c"], delete={"二次元", "unknown"}),
        key_frames=Changes(add=[KeyFrame(1.0, "uno")], delete={2.5}),
    )
    assert now.tags == ("b", "c")
    assert now.key_frames == (KeyFrame(1.0, "uno"),)
    assert edit(store, file, tags=Changes(clear=True)).tags == ()
    assert store.library.belongings([file.file_id])[file.file_id] == now.__class__((), now.key_frames)


def test_too_many_change_nothing(store, media, attachment):
    file = media()
    full = [str(n) for n in range(LIMITS["tags"])]
    edit(store, file, tags=Changes(add=full))
    assert len(edit(store, file, tags=Changes(add=["more"], delete={"0"})).tags) == LIMITS["tags"]
    with pytest.raises(TooMany, match="tags"):
        edit(
            store,
            file,
            tags=Changes(add=["again"]),
            values={"name": "x"},
            cover=attachment(kind="cover", id=""),
        )
    assert store.library.get(file.file_id, APP).name == file.name
    frames = [KeyFrame(float(n), "x") for n in range(LIMITS["key_frames"] + 1)]
    with pytest.raises(TooMany, match="key_frames"):
        edit(store, file, key_frames=Changes(add=frames))
    many = [attachment(id=str(n)) for n in range(LIMITS["subtitles"] + 1)]
    with pytest.raises(TooMany, match="subtitles"):
        edit(store, file, subtitles=Changes(add=many))
    assert set(store.blobs.keys()) == owned(store) == {file.object_key}


def test_subtitles_and_covers_are_objects_of_the_file(store, media, attachment):
    file = media()
    first, second = attachment(id="a"), attachment(id="b")
    cover, better = attachment(kind="cover", id=""), attachment(kind="cover", id="")
    now = edit(store, file, subtitles=Changes(add=[first, second]), cover=cover)
    assert (now.subtitles, now.cover) == ((first, second), cover)
    with pytest.raises(SubtitleIdTaken):
        edit(store, file, subtitles=Changes(add=[attachment(id="a")]))
    again = attachment(id="a")
    now = edit(store, file, subtitles=Changes(add=[again], delete={"a"}), cover=better)
    assert (set(now.subtitles), now.cover) == ({second, again}, better)
    left = {file.object_key, second.object_key, again.object_key, better.object_key}
    assert set(store.blobs.keys()) == owned(store) == left
    assert edit(store, file, subtitles=Changes(clear=True)).subtitles == ()
    store.library.delete(file.file_id, APP)
    assert set(store.blobs.keys()) == owned(store) == set()
    assert rows_left(store) == [[], [], []]


def test_another_application_s_file_cannot_be_changed(store, media, attachment):
    file = media(sub_app_id=APP + 1)
    assert edit(store, file, values={"name": "mine"}, cover=attachment(kind="cover", id="")) is None
    assert store.library.find(file.file_id) == file
    assert owned(store) == set(store.blobs.keys()) == {file.object_key}


def test_a_stripped_file_keeps_its_name_and_loses_its_bytes(store, media, attachment):
    file = media()
    edit(store, file, tags=Changes(add=["t"]), cover=attachment(kind="cover", id=""))
    store.tasks.add(new_task(file.file_id, parts=0))
    store.library.strip(file.file_id, APP + 1)
    assert store.library.get(file.file_id, APP).stripped is None
    store.library.strip(file.file_id, APP)
    assert owned(store) == {file.object_key}  # a task still reads it
    with pytest.raises(Exception, match=file.file_id):
        store.tasks.add(new_task(file.file_id, parts=0))
    (task_id,) = store.tasks.claim("me", 1)
    assert store.tasks.source_of(task_id).object_key == file.object_key
    store.tasks.finish(task_id, "me")
    assert owned(store) == set(store.blobs.keys()) == set()
    assert store.library.belongings([file.file_id])[file.file_id].tags == ("t",)
    assert store.library.delete(file.file_id, APP)


@given(st.lists(st.integers(0, 5)), st.sets(st.integers(0, 5)), st.lists(st.integers(0, 5)), st.booleans())
def test_what_is_added_is_there_and_what_is_deleted_is_not(old, gone, new, clear):
    result = Changes(add=new, delete=gone, clear=clear).applied(list(dict.fromkeys(old)), lambda each: each)
    assert len(result) == len(set(result))
    assert set(result) == (set() if clear else set(old) - gone) | set(new)
