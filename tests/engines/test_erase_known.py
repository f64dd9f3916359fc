"""What was found in a file is found once, and again only when something of it is another."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openvod.core.models import Json
from openvod.engines.erase import known
from openvod.engines.video import Media
from tests.keeper import Keeper

ARGUMENT: Json = {"source": "/one", "models": "/m", "frames": 9, "areas": [[0.1, 0.2]]}


class Finder:
    """Counts how often it is asked."""

    def __init__(self, file: Path) -> None:
        self.file, self.asked = file, 0

    def __call__(self) -> Json:
        self.asked += 1
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(json.dumps([{"text": "字" * self.asked}]))
        return {"frames": self.asked}


@pytest.fixture
def media(tmp_path: Path) -> Media:
    (tmp_path / "models" / "faces").mkdir(parents=True)
    (tmp_path / "models" / "faces" / "a.onnx").write_bytes(b"1")
    return Media(
        tmp_path / "in", {}, tmp_path / "models", tmp_path, lambda done: None, Keeper(tmp_path), "hash"
    )


def ask(media: Media, finder: Finder, target: str = "a:b", **argument: Any) -> Json:
    return known.found(media, target, ARGUMENT | argument, finder.file, finder)


def test_after_a_crash_what_was_found_is_there_again(media: Media, tmp_path: Path) -> None:
    first, again = Finder(tmp_path / "job" / "marks.json"), Finder(tmp_path / "next" / "marks.json")
    answer = ask(media, first)
    assert ask(media, again, source="/elsewhere", models="/n") == answer
    assert (first.asked, again.asked) == (1, 0)
    assert json.loads(again.file.read_text()) == json.loads(first.file.read_text())


def test_what_is_asked_otherwise_is_found_anew(media: Media, tmp_path: Path) -> None:
    finder = Finder(tmp_path / "job" / "marks.json")
    ask(media, finder)
    ask(media, finder, areas=[])
    ask(media, finder, "a:other")
    ask(replace(media, content="another"), finder)
    assert finder.asked == 4
    (media.models / "faces" / "a.onnx").write_bytes(b"22")
    ask(media, finder)
    assert finder.asked == 5


def test_without_the_hash_of_its_bytes_nothing_is_remembered(media: Media, tmp_path: Path) -> None:
    finder = Finder(tmp_path / "job" / "marks.json")
    for _ in range(2):
        ask(replace(media, content=""), finder)
    assert finder.asked == 2


def test_what_is_too_long_is_not_kept(media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 3)
    finder = Finder(tmp_path / "job" / "marks.json")
    assert [ask(media, finder)["frames"] for _ in range(2)] == [1, 2]
