"""Which files does a media process get from its worker, and what can it make the worker read and write?"""

import os
from pathlib import Path
from typing import Any

import pytest

from openvod.core import asking
from openvod.core.settings import Settings
from openvod.media.sandbox import Crashed
from openvod.store.kept_files import KeptFiles
from openvod.worker.answering import Answering
from openvod.worker.endpoints import Endpoints
from tests.worker.test_endpoints import APP, Remembered

ABOUT = {"of": ["this"]}


def asker(data: Path, folder: Path, source: str = "md5") -> Answering:
    folder.mkdir(exist_ok=True)
    settings = Settings(free_disk_mb=0)
    shelf = KeptFiles(data, settings).shelf(APP, source)
    remembered: Any = Remembered()
    return Answering(remembered, Endpoints(settings), APP, folder, shelf=shelf)


def test_a_file_goes_from_one_job_to_the_next(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    ask = asker(tmp_path, first)
    (first / "made").write_bytes(b"segment")
    assert asking.recall_file(ask, "step/1", ABOUT, "here") is False
    asking.keep_file(ask, "step/1", ABOUT, "made")
    (first / "made").write_bytes(b"written afterwards")
    ask = asker(tmp_path, second)
    assert asking.recall_file(ask, "step/1", ABOUT, "here") is True
    assert (second / "here").read_bytes() == b"segment"
    (second / "here").write_bytes(b"changed by a media process")
    assert asking.recall_file(ask, "step/1", ABOUT, "there") is True
    assert (second / "there").read_bytes() == b"segment"


def test_a_process_that_opened_another_source_has_a_shelf_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    ask = asker(tmp_path, folder)
    (folder / "made").write_bytes(b"segment")
    asking.keep_file(ask, "step/1", ABOUT, "made")
    assert asking.recall_file(asker(tmp_path, folder, "another"), "step/1", ABOUT, "here") is False
    assert asking.recall_file(asking.nobody, "step/1", ABOUT, "here") is False


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/hostname", "", "..", "link", "hard", "pipe", "folder", "nothing", 1, None]
)
def test_only_files_of_the_job_are_kept(name: Any, tmp_path: Path) -> None:
    folder = tmp_path / "job"
    ask = asker(tmp_path, folder)
    (tmp_path / "secret").write_bytes(b"another job's")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "hard").hardlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    with pytest.raises(Crashed, match="wrong form"):
        ask({"keep_file": "step/1", "about": ABOUT, "file": name})
    assert asking.recall_file(ask, "step/1", ABOUT, "here") is False


@pytest.mark.parametrize("name", ["../secret", "link", "made", "loose", "folder", "", 1, None])
def test_nothing_is_overwritten_and_nothing_written_elsewhere(name: Any, tmp_path: Path) -> None:
    folder = tmp_path / "job"
    ask = asker(tmp_path, folder)
    (folder / "made").write_bytes(b"segment")
    asking.keep_file(ask, "step/1", ABOUT, "made")
    (tmp_path / "secret").write_bytes(b"another job's")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "loose").symlink_to(tmp_path / "new")
    (folder / "folder").mkdir()
    with pytest.raises(Crashed, match="wrong form"):
        ask({"recall_file": "step/1", "about": ABOUT, "file": name})
    assert (tmp_path / "secret").read_bytes() == b"another job's"
    assert not (tmp_path / "new").exists()


def test_a_question_without_what_it_is_about_is_wrong(tmp_path: Path) -> None:
    ask = asker(tmp_path, tmp_path / "job")
    for question in ({"recall_file": "s", "file": "a"}, {"keep_file": 1, "about": 1, "file": "a"}):
        with pytest.raises(Crashed, match="wrong form"):
            ask(question)
