from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from openvod.store import Store
from openvod.store.event_rows import KEPT_SECONDS
from openvod.store.events import EventConfig, HandleExpired, file_event_in
from openvod.store.tables import events
from tests.store.conftest import APP, new_media, new_task


@pytest.fixture
def happened(store):
    """Write so many events; their ids."""
    store.events.configure(APP, upload_switch="ON")

    def add(count=1, app=APP):
        if app != APP:
            store.events.configure(app, upload_switch="ON")

        def change(connection):
            for n in range(count):
                assert file_event_in(connection, app, "NewFileUpload", str(n))

        store.db.write(change)
        return [event.id for event in store.events.letters(dead=False, sub_app_id=app)][-count:]

    return add


def move_time(store, seconds, *ids):
    """As if so many seconds had passed for the events."""
    change = update(events).values(
        due=events.c.due - seconds * 1000, created=events.c.created - seconds * 1000
    )
    store.db.write(lambda connection: connection.execute(change.where(events.c.id.in_(ids))))


def named(pulled):
    return {(event.id, event.handle) for event in pulled}


def test_the_configuration_changes_field_by_field(store):
    assert store.events.config(APP) == EventConfig()
    store.events.configure(APP, mode="PUSH", url="http://a.example/")
    store.events.configure(APP, sign_key="k", delete_switch="ON")
    assert store.events.config(APP) == EventConfig("PUSH", "http://a.example/", "k", "OFF", "ON", "OFF")
    assert store.events.config(APP + 1) == EventConfig()


def test_file_events_are_made_on_demand_with_what_they_tell_of(store, media):
    def kinds():
        return [(event.type, event.file_id) for event in store.events.letters(dead=False)]

    store.library.delete(media().file_id, APP)
    assert kinds() == []
    store.events.configure(APP, upload_switch="ON", delete_switch="ON")
    upload = store.uploads.create(APP, "mp4")
    stored = store.blobs.put(store.blobs.new_key(), [b"film"])
    store.uploads.put_object(upload.storage_path, stored)
    new = new_media(store, object_key=stored.key)
    added = store.uploads.commit(upload.session_key, new)
    store.uploads.commit(upload.session_key, new)
    store.library.delete(added.file_id, APP)
    assert not store.library.delete(added.file_id, APP)
    assert kinds() == [("NewFileUpload", added.file_id), ("FileDeleted", added.file_id)]


def test_a_task_has_its_event_always(store, media):
    task = new_task(media().file_id, parts=0)
    store.tasks.add(task)
    store.tasks.claim("one", 1)
    assert store.tasks.finish(task.id, "one")
    assert store.tasks.finish(task.id, "one")
    (event,) = store.events.pull(APP)
    assert (event.type, event.task_id) == ("ProcessMediaByMPSComplete", task.id)


def test_pulled_events_come_back_until_they_are_confirmed(store, happened):
    ids = happened(18)
    first = store.events.pull(APP)
    assert [event.id for event in first] == ids[:16]
    assert store.events.to_pull(APP) == 2
    assert [event.id for event in store.events.pull(APP)] == ids[16:]
    assert store.events.pull(APP) == []
    store.events.confirm(APP, named(first[:10]))
    store.events.confirm(APP, named(first[:10]))  # the answer to the first may have been lost
    move_time(store, 31, *ids)
    with pytest.raises(HandleExpired):
        store.events.confirm(APP, named(first[9:11]))
    again = store.events.pull(APP)
    assert [event.id for event in again] == ids[10:]
    with pytest.raises(HandleExpired):
        store.events.confirm(APP, named(first[10:]))
    store.events.confirm(APP, named(again))
    move_time(store, 31, *ids)
    assert store.events.pull(APP) == []


def test_a_handle_opens_its_own_event_only(store, happened):
    happened(2)
    one, other = store.events.pull(APP)
    for given in ({(one.id, "0" * 32)}, {(other.id + 99, other.handle)}):
        with pytest.raises(HandleExpired):
            store.events.confirm(APP, given)
    with pytest.raises(HandleExpired):
        store.events.confirm(APP + 1, named([one]))
    store.events.confirm(APP, named([one, other]))


def test_many_pullers_share_the_events(settings, store, happened):
    ids = happened(200)
    with Store.open(settings) as other, ThreadPoolExecutor(8) as pool:
        pulls = list(pool.map(lambda n: (store, other)[n % 2].events.pull(APP), range(40)))
    got = [event.id for pull in pulls for event in pull]
    assert sorted(got) == ids
    assert max(map(len, pulls)) == 16


def test_who_has_events(store, happened):
    happened(3)
    happened(1, APP + 1)
    assert store.events.waiting([APP, APP + 1, APP + 2]) == {APP: 3, APP + 1: 1}
    store.events.pull(APP)
    assert store.events.waiting([APP]) == {}


def test_pushes_are_claimed_one_per_application_and_once(settings, store, happened):
    ids = happened(3)
    other_ids = happened(2, APP + 1)
    assert store.events.claim_pushes(8) == []
    store.events.configure(APP, mode="PUSH", url="http://a.example/")
    store.events.configure(APP + 1, mode="PUSH")
    assert [event.id for event in store.events.claim_pushes(8)] == ids[:1]
    store.events.configure(APP + 1, url="http://b.example/")
    assert [event.id for event in store.events.claim_pushes(8, {APP})] == other_ids[:1]
    assert store.events.claim_pushes(0) == []
    with Store.open(settings) as other, ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: (store, other)[n % 2].events.claim_pushes(8), range(16)))
    assert sorted(event.id for claim in claims for event in claim) == sorted(ids[1:] + other_ids[1:])


def test_the_life_of_a_push(store, happened):
    (number,) = happened()
    store.events.configure(APP, mode="PUSH", url="http://a.example/")
    (claim,) = store.events.claim_pushes(1)
    assert store.events.put_off(claim, 60, "busy")
    assert not store.events.pushed(claim)
    assert store.events.claim_pushes(1) == []
    move_time(store, 61, number)
    (claim,) = store.events.claim_pushes(1)
    assert (claim.attempts, claim.failure) == (2, "busy")
    move_time(store, 31, number)  # its process died
    (heir,) = store.events.claim_pushes(1)
    assert not store.events.give_up(claim, "late")
    assert store.events.give_up(heir, "refused")
    assert store.events.claim_pushes(1) == []
    (dead,) = store.events.letters()
    assert (dead.id, dead.failure, dead.dead is not None) == (number, "refused", True)
    assert store.events.replay([number], APP + 1) == []
    assert store.events.replay([number]) == [number]
    (again,) = store.events.claim_pushes(1)
    assert again.attempts == 1
    assert store.events.pushed(again)
    assert store.events.letters() == []
    assert store.events.replay() == []
    assert store.events.pull(APP) == []


def test_old_events_are_swept_and_dead_letters_later(store, happened):
    ids = happened(3)
    store.events.configure(APP, mode="PUSH", url="http://a.example/")
    (claim,) = store.events.claim_pushes(1)
    store.events.give_up(claim, "refused")
    move_time(store, KEPT_SECONDS - 10, *ids)
    assert store.events.sweep() == 0
    move_time(store, 20, *ids)
    assert store.events.sweep() == 2
    assert [event.id for event in store.events.letters(dead=False)] == [claim.id]
    move_time(store, 30 * 86400, *ids)
    assert store.events.sweep() == 1
    with store.db.read() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == 0
