from dataclasses import replace

import pytest

from openvod.core.errors import aborted
from openvod.core.models import SubTask
from openvod.core.pulls import pull_of
from openvod.store.account_tasks import Wanted
from openvod.store.tasks import PartResult
from tests.store.conftest import new_task

DONE, FAILED = PartResult(status="SUCCESS", output={}), PartResult(status="FAIL", err_code="40000")


@pytest.fixture
def wanted(store):
    """The ended tasks of an account that has two applications."""
    account = store.accounts.create_account("mine")
    for number in (11, 12):
        store.accounts.create_sub_app(account.id, "app", number=number)
    other = store.accounts.create_account("theirs")
    store.accounts.create_sub_app(other.id, "app", number=21)
    return Wanted(account_id=account.id, kind="ProcessMediaByMPS", stage="FINISH", since=0)


def task_in(store, app, *results, **changes):
    """A task that has these results, or without any waits."""
    task = new_task("", len(results), sub_app_id=app, **changes)
    store.tasks.add(task)
    if results:
        store.tasks.claim("me", 100)
        for position, result in enumerate(results):
            store.tasks.finish_part(task.id, "me", position, result)
        store.tasks.finish(task.id, "me")
    return task.id


def ids(found):
    return [line.id for line in found[0]]


def test_all_applications_of_the_account_and_no_other_s(store, wanted):
    mine = {task_in(store, app, DONE) for app in (11, 12, 12)}
    task_in(store, 21, DONE)
    task_in(store, 11, DONE, kind="PullUpload")
    found = store.account_tasks.page(wanted, 10, None)
    assert (set(ids(found)), found[1]) == (mine, 3)
    line = found[0][0]
    assert line.types == ("Kind.0",)
    assert line.created <= line.began <= line.finished


def test_pages_are_in_order_and_meet(store, wanted):
    for app in (11, 12, 11, 12, 11):
        task_in(store, app, DONE)
    rows, total = store.account_tasks.page(wanted, 10, None)
    assert [(line.created, line.id) for line in rows] == sorted(
        [(line.created, line.id) for line in rows], reverse=True
    )
    seen = []
    place = None
    while page := store.account_tasks.page(wanted, 2, place)[0]:
        seen += page
        place = page[-1].created, page[-1].id
    assert (seen, total) == (rows, 5)


def test_every_filter(store, wanted):
    good, bad = task_in(store, 11, DONE, DONE), task_in(store, 11, DONE, FAILED)
    gone = task_in(store, 11)
    store.tasks.abort(gone, aborted(), running=False)
    waits = task_in(store, 11)
    assert set(ids(store.account_tasks.page(wanted, 9, None))) == {good, bad, gone}
    assert ids(store.account_tasks.page(replace(wanted, stage="WAITING"), 9, None)) == [waits]
    assert ids(store.account_tasks.page(replace(wanted, failed=True), 9, None)) == [bad]
    assert set(ids(store.account_tasks.page(replace(wanted, failed=False), 9, None))) == {good, gone}
    moment = store.tasks.get(good).created
    assert good not in ids(store.account_tasks.page(replace(wanted, until=moment), 9, None))
    assert good in ids(store.account_tasks.page(replace(wanted, since=moment), 9, None))
    assert store.account_tasks.page(replace(wanted, since=moment + 10**9), 9, None) == ([], 0)


def test_a_download_is_no_kind_of_work(store, wanted):
    pulled = pull_of("http://media.example/a.mp4", loopback=False, temporary=True)
    task = task_in(store, 11, sub_tasks=(pulled, SubTask("Kind.0", {}, {})))
    (line,), _ = store.account_tasks.page(replace(wanted, stage="WAITING"), 9, None)
    assert (line.id, line.types) == (task, ("Kind.0",))
