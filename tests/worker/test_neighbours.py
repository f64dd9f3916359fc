"""Which files are named as likely episodes, in which order, and what a media process may have measured of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.media.sandbox import Crashed
from openvod.store import Store
from openvod.store.library import MediaRow, NewMedia
from openvod.worker.answering import Answering
from openvod.worker.endpoints import Endpoints
from openvod.worker.neighbours import MOST_SPANS, Neighbours, name_likeness


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(Settings(data=tmp_path / "data", secret_key="hidden"))
    yield opened
    opened.close()


def add(store: Store, name: str, **fields: Any) -> MediaRow:
    seconds = fields.pop("seconds", 100.0)
    key = store.blobs.new_key()
    stored = store.blobs.put(key, [fields.pop("body", name).encode()])
    values: Json = {
        "kind": "video",
        "extension": "mp4",
        "content_type": "video/mp4",
        "sub_app_id": 1,
        **fields,
    }
    facts = {"duration": seconds, "video": {"fps": 25}, "audio": {"codec": "aac"}}
    return store.library.add(
        NewMedia(name=name, object_key=key, size=stored.size, md5=stored.md5, facts=facts, **values)
    )


def never(media: MediaRow, argument: Json) -> Json:
    raise AssertionError(media.name, argument)


def test_the_likeliest_come_first_and_what_is_none_is_left_out(store: Store) -> None:
    own = add(store, "Show E01", class_id=7)
    add(store, "Holiday", class_id=0)
    add(store, "Show E02", class_id=7)
    add(store, "Another of the class", class_id=7)
    add(store, "Show E03 but an hour", class_id=7, seconds=3600.0)
    add(store, "the same bytes", class_id=7, body="Show E01")
    add(store, "made by a task", class_id=7, source_type="VideoProcessing")
    add(store, "sound", class_id=7, kind="audio")
    add(store, "Show E04", class_id=7, sub_app_id=2)
    gone = add(store, "Show E05", class_id=7)
    store.library.delete(gone.file_id, 1)
    listed = Neighbours(store.library, own, never).listed()
    assert [each["name"] for each in listed] == ["Show E02", "Another of the class", "Holiday"]
    assert listed[0].keys() == {"content", "name", "seconds"}


def test_only_what_was_named_is_measured(store: Store, tmp_path: Path) -> None:
    own, other = add(store, "E01"), add(store, "E02")
    asked: list[tuple[str, Json]] = []

    def measure(media: MediaRow, argument: Json) -> Json:
        asked.append((media.name, argument))
        return {"prints": []}

    neighbours = Neighbours(store.library, own, measure)
    answer = Answering(
        store.memory,
        Endpoints(Settings()),
        1,
        tmp_path,
        shelf=store.kept_files.shelf(1, ""),
        neighbours=neighbours,
    )
    wanted = {"neighbour": other.md5, "spans": [[0, 1.5]]}
    with pytest.raises(Crashed):
        answer(wanted)
    assert [each["content"] for each in answer({"neighbours": True})["neighbours"]] == [other.md5]
    assert answer(wanted) == {"prints": []}
    assert asked == [("E02", {"spans": [[0.0, 1.5]]})]
    for spans in ([[0, "x"]], [[0, float("nan")]], [[0]], [[0, 1]] * (MOST_SPANS + 1)):
        with pytest.raises(Crashed):
            answer({"neighbour": other.md5, "spans": spans})


def test_a_neighbour_that_breaks_its_process_breaks_nothing_else(store: Store) -> None:
    def measure(media: MediaRow, argument: Json) -> Json:
        raise Crashed("SIGSEGV", "signal")

    own, other = add(store, "E01"), add(store, "E02")
    neighbours = Neighbours(store.library, own, measure)
    neighbours.listed()
    with pytest.raises(TaskFault):
        neighbours.measured(other.md5, [])


def test_names_are_alike_but_for_their_numbers() -> None:
    assert name_likeness("Show S01E02.mp4", "show s1e13.MP4") == 1.0
    assert name_likeness("Show E1 The Fox", "Show E2 The Hen") > name_likeness("Show E1 The Fox", "Birds")
    assert name_likeness("1", "2") == 1.0
    assert name_likeness("", "a") == 0.0
