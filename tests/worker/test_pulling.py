"""Fetching from servers that keep to the rules, and from those that do not."""

import fcntl
import gzip
import json
import os
import threading
import time

import pytest

from openvod.outbound import Failed, Network, Policy, Refused, Unwanted
from openvod.outbound.connection import dial
from openvod.worker import partial_file, pulling
from openvod.worker.pulling import Bounds, pull
from tests.worker.conftest import wait_for
from tests.worker.origin import drop, endless, origin, says, stall, status

FILM = bytes(range(256)) * 4096
"""1 MiB."""
HERE = Policy(loopback_allowed=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(pulling, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(pulling, "LONGEST_PAUSE", 0.02)


class NoRoom(Exception):
    pass


def bounds(**changes):
    return Bounds(
        **{
            "policy": HERE,
            "bytes": 2 * len(FILM),
            "seconds": 20,
            "retries": 2,
            "room": lambda _: None,
            **changes,
        }
    )


def pulled(
    source, folder, *, told=None, unwanted=lambda: False, network=pulling.NETWORK, url=None, **changes
):
    file = pull(
        url or source.url(),
        folder,
        bounds=bounds(**changes),
        progress=(told if told is not None else []).append,
        unwanted=unwanted,
        network=network,
    )
    return file.read_bytes()


def asked_for(source):
    return [(ask.get("Range"), ask.get("If-Range")) for ask in source.asked]


def test_a_file_comes_whole_with_its_progress_and_once(tmp_path):
    told = []
    with origin(FILM) as source:
        assert pulled(source, tmp_path, told=told) == FILM
        assert told == sorted(told)
        assert told[0] < told[-1] == 1.0
        assert pulled(source, tmp_path) == FILM  # it is here already
        assert len(source.asked) == 1
    assert (tmp_path / "body").stat().st_mode & 0o077 == 0


def test_what_was_dropped_goes_on_where_it_ended(tmp_path):
    with origin(FILM, breaches=[drop(300_000), drop(700_000)]) as source:
        assert pulled(source, tmp_path, retries=0) == FILM  # attempts that bring something are no retries
        assert asked_for(source) == [(None, None), ("bytes=300000-", '"v1"'), ("bytes=700000-", '"v1"')]
        assert source.sent == len(FILM)


@pytest.mark.parametrize("others", [{"ranges": False}, {"etag": ""}], ids=["no ranges", "no validator"])
def test_it_starts_anew_where_it_cannot_go_on(tmp_path, others):
    with origin(FILM, breaches=[drop(300_000)], **others) as source:
        assert pulled(source, tmp_path) == FILM
        assert source.sent == len(FILM) + 300_000


def test_a_file_that_changed_meanwhile_starts_anew(tmp_path):
    other = FILM[::-1]
    with origin(FILM, breaches=[drop(300_000)]) as source:
        with pytest.raises(Failed):
            pulled(source, tmp_path, retries=-1)
        source.body, source.etag = other, '"v2"'
        assert pulled(source, tmp_path) == other


def test_a_part_of_a_changed_file_is_not_taken_for_the_rest(tmp_path):
    """Of a server that ignores If-Range: told apart by the ETag of its answer, by its length, or by 416."""

    def ignores(ask):
        del ask.headers["If-Range"]
        ask.by_the_rules(etag='"v2"')

    with origin(FILM, breaches=[drop(300_000), ignores]) as source:
        assert pulled(source, tmp_path / "etag") == FILM
        assert asked_for(source)[-1] == (None, None)
    with origin(FILM, breaches=[drop(300_000)]) as source:
        with pytest.raises(Failed):
            pulled(source, tmp_path / "longer", retries=-1)
        source.body = FILM + b"more"
        assert pulled(source, tmp_path / "longer") == FILM + b"more"
        source.body, source.breaches = FILM, [drop(300_000)]
        with pytest.raises(Failed):
            pulled(source, tmp_path / "shorter", retries=-1)
        source.body = FILM[:1000]
        assert pulled(source, tmp_path / "shorter") == FILM[:1000]


def test_another_process_goes_on_from_what_is_on_the_disk(tmp_path):
    with origin(FILM, breaches=[drop(300_000)]) as source:
        with pytest.raises(Failed):
            pulled(source, tmp_path, retries=-1)
        with (tmp_path / "body").open("ab") as file:
            file.write(b"bytes that were never noted")
        assert pulled(source, tmp_path) == FILM
        assert asked_for(source)[-1] == ("bytes=300000-", '"v1"')


@pytest.mark.parametrize("note", ["", "{", "[]", '{"url": 1, "x": 2}'])
def test_a_broken_note_costs_a_new_start_only(tmp_path, note):
    with origin(FILM, breaches=[drop(300_000)]) as source:
        with pytest.raises(Failed):
            pulled(source, tmp_path, retries=-1)
        (path,) = tmp_path.glob("*.json")
        path.write_text(note)
        assert pulled(source, tmp_path) == FILM
        assert asked_for(source)[-1] == (None, None)


def test_another_url_starts_anew(tmp_path):
    with origin(FILM, breaches=[drop(300_000)]) as source:
        with pytest.raises(Failed):
            pulled(source, tmp_path, retries=-1)
        assert pulled(source, tmp_path, url=source.url("/other")) == FILM
        assert asked_for(source)[-1] == (None, None)


def test_a_process_that_was_thought_dead_writes_into_nothing(tmp_path):
    with open(os.open(tmp_path / "body", os.O_RDWR | os.O_CREAT), "r+b") as held, origin(FILM) as source:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert pulled(source, tmp_path) == FILM
        held.write(b"late")
        held.flush()
        assert (tmp_path / "body").read_bytes() == FILM


def test_what_is_noted_is_on_the_disk_first(tmp_path, monkeypatch):
    """While it comes, and never more than what was synced."""
    monkeypatch.setattr(partial_file, "SYNC_SECONDS", -1.0)
    synced = []
    monkeypatch.setattr(os, "fdatasync", lambda number: synced.append(os.fstat(number).st_size))
    seen = []

    def look(_):
        for note in tmp_path.glob("*.json"):
            seen.append(json.loads(note.read_text())["kept"])
            assert seen[-1] in (0, *synced)

    with origin(FILM) as source:
        assert pulled(source, tmp_path, room=look) == FILM
    assert len(set(seen)) > 2


def test_trouble_passes(tmp_path):
    with origin(FILM, breaches=[status(500), status(429)]) as source:
        assert pulled(source, tmp_path) == FILM
        assert len(source.asked) == 3


@pytest.mark.parametrize(
    "breach, key, times",
    [
        (status(404), "status", 1),
        (status(403), "status", 1),
        (status(503), "status", 3),
        (drop(0), "ended", 3),
        (says(gzip.compress(FILM), Content_Encoding="gzip"), "encoding", 1),
        (says(FILM, Content_Length=str(len(FILM) + 5)), "ended", 3 + 1),
        (says(b"", Content_Length=str(10**15)), "size", 1),
        (endless, "size", 1),
    ],
    ids=["404", "403", "503", "nothing", "gzip", "too few", "announced too large", "endless"],
)
def test_trouble_that_stays(tmp_path, breach, key, times):
    with origin(FILM, breaches=[breach] * 9) as source:
        with pytest.raises(Failed) as failure:
            pulled(source, tmp_path)
        assert failure.value.key == key
        assert len(source.asked) == times
        assert (tmp_path / "body").stat().st_size <= 2 * len(FILM)


def test_time_is_limited(tmp_path):
    with origin(FILM, breaches=[stall(1000)]) as source:
        began = time.monotonic()
        with pytest.raises(Failed) as failure:
            pulled(source, tmp_path, seconds=0.4)
        assert failure.value.key == "time"
        assert time.monotonic() - began < 2


def test_what_nobody_wants_any_more_ends_soon(tmp_path):
    no_more = threading.Event()
    with origin(FILM, breaches=[stall(1000)]) as source:
        threading.Thread(target=lambda: (wait_for(lambda: source.sent), no_more.set())).start()
        with pytest.raises(Unwanted):
            pulled(source, tmp_path, unwanted=no_more.is_set)
        stopped = time.monotonic()
        source.gate.set()
        assert pulled(source, tmp_path) == FILM  # and what came is not lost
        assert asked_for(source)[-1] == ("bytes=1000-", '"v1"')
    assert time.monotonic() - stopped < 5


def test_between_attempts_too(tmp_path, monkeypatch):
    monkeypatch.setattr(pulling, "FIRST_PAUSE", 15)
    monkeypatch.setattr(pulling, "LONGEST_PAUSE", 15)
    with origin(FILM, breaches=[status(500)]) as source:
        began = time.monotonic()
        with pytest.raises(Unwanted):
            pulled(source, tmp_path, unwanted=lambda: time.monotonic() > began + 0.1)
        assert time.monotonic() - began < 2


def test_no_room(tmp_path):
    def room(size):
        if size > 1000:
            raise NoRoom

    with origin(FILM) as source, pytest.raises(NoRoom):
        pulled(source, tmp_path, room=room)
    assert (tmp_path / "body").stat().st_size == 0  # refused by its announced size


@pytest.mark.parametrize(
    "where", ["http://169.254.169.254/latest", "http://127.0.0.1:{port}/film.mp4", "file:///etc/passwd"]
)
def test_a_redirect_to_where_nobody_may_call(tmp_path, where):
    """The origin's name leads to a public address; the connection to it ends here."""
    with origin(FILM) as source:
        source.breaches.append(status(302, where.format(port=source.port)))
        network = Network(
            resolve=lambda host, _: ["93.184.215.14"] if host == "origin.test" else [host],
            dial=lambda address, port, seconds: dial("127.0.0.1", port, seconds),
        )
        with pytest.raises(Refused) as refusal:
            pulled(source, tmp_path, network=network, policy=Policy(), url=source.url(host="origin.test"))
        assert refusal.value.key in {"address", "scheme"}
        assert len(source.asked) == 1
