"""Which files are kept between tasks, for whom, and which of them are thrown away."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest

from openvod.core.settings import Settings
from openvod.store import Store
from openvod.store.kept_files import BLOCK, DAY_SECONDS, FOLDER, KeptFiles, Shelf

APP, OTHER = 1400000001, 1400000002


def kept_files(data: Path, **given: Any) -> KeptFiles:
    return KeptFiles(data, Settings(**{"free_disk_mb": 0, **given}))


def put(shelf: Shelf, about: Any, body: bytes, tmp_path: Path) -> None:
    file = tmp_path / "made"
    file.write_bytes(body)
    with file.open("rb") as opened:
        shelf.keep("step/1", about, opened)


def got(shelf: Shelf, about: Any, step: str = "step/1") -> bytes | None:
    file = shelf.recall(step, about)
    if file is None:
        return None
    with file:
        return file.read()


def files(data: Path) -> list[Path]:
    return [path for path in (data / FOLDER).rglob("*") if path.is_file()]


def test_they_are_kept_by_content_source_and_application(tmp_path: Path) -> None:
    kept = kept_files(tmp_path)
    put(kept.shelf(APP, "md5"), {"a": 1, "b": [2]}, b"segment", tmp_path)
    again = kept_files(tmp_path)  # as by another process
    assert got(again.shelf(APP, "md5"), {"b": [2], "a": 1}) == b"segment"
    assert got(again.shelf(APP, "md5"), {"a": 1}) is None
    assert got(again.shelf(APP, "md5"), {"a": 1, "b": [2]}, "step/2") is None
    assert got(again.shelf(APP, "other"), {"a": 1, "b": [2]}) is None
    assert got(again.shelf(OTHER, "md5"), {"a": 1, "b": [2]}) is None


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    put(kept_files(tmp_path).shelf(APP, "md5"), 1, b"segment", tmp_path)
    (file,) = files(tmp_path)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0


def test_what_is_kept_is_a_copy_and_the_latest_one_counts(tmp_path: Path) -> None:
    shelf = kept_files(tmp_path).shelf(APP, "md5")
    put(shelf, 1, b"torn", tmp_path)
    (tmp_path / "made").write_bytes(b"changed")
    assert got(shelf, 1) == b"torn"
    put(shelf, 1, b"whole", tmp_path)
    assert got(shelf, 1) == b"whole"
    assert len(files(tmp_path)) == 1


def test_a_file_that_grows_while_it_is_copied_is_cut_off(tmp_path: Path) -> None:
    class Growing(io.FileIO):  # as while another process writes
        def read(self, size: int | None = -1) -> bytes:
            with Path(self.name).open("ab") as more:
                more.write(bytes(BLOCK))
            return super().read(size)

    (tmp_path / "made").write_bytes(bytes(2 * BLOCK))
    shelf = kept_files(tmp_path).shelf(APP, "md5")
    with Growing(tmp_path / "made") as file:
        shelf.keep("step/1", 1, file)
    assert got(shelf, 1) == bytes(2 * BLOCK)


def test_what_was_long_not_asked_for_is_thrown_away(tmp_path: Path) -> None:
    kept = kept_files(tmp_path, kept_video_days=2)
    shelf = kept.shelf(APP, "md5")
    for about in (1, 2):
        put(shelf, about, b"segment", tmp_path)
    unfinished = tmp_path / FOLDER / str(APP) / "tmp1234"
    unfinished.write_bytes(b"by a process that died")
    assert kept.sweep() == 0
    for path in files(tmp_path):
        os.utime(path, (time.time() - 2.1 * DAY_SECONDS,) * 2)
    assert got(shelf, 1) == b"segment"
    assert kept.sweep() == 2
    assert not unfinished.exists()
    assert (got(shelf, 1), got(shelf, 2)) == (b"segment", None)


def test_the_least_recently_used_goes_first_when_there_is_too_much(tmp_path: Path) -> None:
    kept = kept_files(tmp_path, kept_video_mb=1)
    shelf = kept.shelf(APP, "md5")
    for number in range(40):
        put(shelf, number, bytes(30_000), tmp_path)
        for path in files(tmp_path):
            os.utime(path, (path.stat().st_mtime - 1,) * 2)
        assert got(shelf, 0) is not None, "used all the time"
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 2**20 * 9 / 8
    assert got(shelf, 1) is None
    assert got(shelf, 39) is not None


@pytest.mark.parametrize("given", [{"kept_video_mb": 0}, {"free_disk_mb": 2**40}])
def test_without_room_nothing_is_kept(given: dict[str, Any], tmp_path: Path) -> None:
    kept = kept_files(tmp_path, **given)
    put(kept.shelf(APP, "md5"), 1, b"segment", tmp_path)
    assert got(kept.shelf(APP, "md5"), 1) is None
    assert files(tmp_path) == []


def test_when_no_room_is_given_any_more_all_goes(tmp_path: Path) -> None:
    put(kept_files(tmp_path).shelf(APP, "md5"), 1, b"segment", tmp_path)
    assert kept_files(tmp_path, kept_video_mb=0).sweep() == 1
    assert files(tmp_path) == []


def test_what_cannot_be_written_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / FOLDER).write_bytes(b"no folder")
    shelf = kept_files(tmp_path).shelf(APP, "md5")
    put(shelf, 1, b"segment", tmp_path)
    assert "is not kept" in caplog.text


def test_the_store_sweeps_them(store: Store, settings: Settings) -> None:
    put(store.kept_files.shelf(APP, "md5"), 1, b"segment", settings.data)
    for path in files(settings.data):
        os.utime(path, (0, 0))
    store.sweep()
    assert files(settings.data) == []
