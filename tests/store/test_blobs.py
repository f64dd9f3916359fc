import errno
import hashlib
import os
import resource
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from openvod.store.blobs import Stored, new_key
from openvod.store.object_store import open_blobs

BLOCK = bytes(range(256)) * 1024


@pytest.fixture(params=["", "file://", "memory:///"])
def blobs(request, tmp_path):
    """Our own folder, and obstore over a folder and over memory: S3 speaks through the same code as those."""
    url = request.param
    if url == "file://":
        (tmp_path / "bucket").mkdir()
        url = f"file://{tmp_path / 'bucket'}"
    return open_blobs(url, tmp_path)


def content(blobs, key, *span):
    return b"".join(blobs.read(key, *span))


def test_what_goes_in_comes_out(blobs, tmp_path):
    key = blobs.new_key()
    stored = blobs.put(key, [b"ab", b"", b"cdef"])
    assert stored == Stored(key, 6, hashlib.md5(b"abcdef").hexdigest())
    assert blobs.size(key) == 6
    assert content(blobs, key) == b"abcdef"
    assert content(blobs, key, 2) == b"cdef"
    assert content(blobs, key, 1, 3) == b"bc"
    assert content(blobs, key, 4, 100) == b"ef"
    assert content(blobs, key, 3, 3) == b""
    source = tmp_path / "file"
    source.write_bytes(BLOCK * 3)
    other = blobs.put(blobs.new_key(), source)
    assert content(blobs, other.key) == BLOCK * 3
    empty = blobs.put(blobs.new_key(), [])
    assert (empty.size, content(blobs, empty.key)) == (0, b"")


def test_a_file_is_adopted(blobs, tmp_path):
    source = tmp_path / "file"
    source.write_bytes(BLOCK * 3)
    os.utime(source, (1, 1))
    key = blobs.new_key()
    assert blobs.adopt(key, source) == Stored(key, len(BLOCK) * 3, hashlib.md5(BLOCK * 3).hexdigest())
    source.unlink()
    assert content(blobs, key) == BLOCK * 3
    assert set(blobs.keys(older_than_seconds=60)) == set()  # it is as new as any other


def test_a_folder_adopts_without_a_copy_where_it_can(tmp_path, monkeypatch):
    folder = open_blobs("", tmp_path)
    source = tmp_path / "file"
    source.write_bytes(b"film")
    folder.adopt("m/aa/one", source)
    assert (tmp_path / "objects/m/aa/one").samefile(source)

    def refuse(*_):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert folder.adopt("m/aa/two", source).size == 4
    assert not (tmp_path / "objects/m/aa/two").samefile(source)
    assert content(folder, "m/aa/two") == b"film"


def test_concat_and_keys_and_delete(blobs):
    parts = [blobs.put(blobs.new_key(), [data]) for data in (b"one ", b"two ", b"three")]
    whole = blobs.concat([part.key for part in parts], blobs.new_key())
    assert content(blobs, whole.key) == b"one two three"
    assert whole.md5 == hashlib.md5(b"one two three").hexdigest()
    assert set(blobs.keys()) == {whole.key, *(part.key for part in parts)}
    assert set(blobs.keys("m")) == set(blobs.keys())
    assert set(blobs.keys(older_than_seconds=60)) == set()
    blobs.delete(whole.key)
    blobs.delete(whole.key)
    assert whole.key not in set(blobs.keys())


def test_a_missing_object_is_a_missing_file(blobs, tmp_path):
    key = new_key()
    for use in (blobs.size, lambda key: content(blobs, key), lambda key: blobs.local_path(key, tmp_path)):
        with pytest.raises(FileNotFoundError):
            use(key)
    with pytest.raises(FileNotFoundError):
        blobs.concat([key], new_key())
    assert set(blobs.keys()) == set()


def test_a_sender_that_stops_leaves_nothing(blobs, tmp_path):
    def half():
        yield b"half"
        raise ConnectionError("gone")

    key = blobs.new_key()
    with pytest.raises(ConnectionError):
        blobs.put(key, half())
    assert set(blobs.keys()) == set()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_media_process_gets_a_path(blobs, tmp_path):
    stored = blobs.put(blobs.new_key(), [b"film"])
    folder = tmp_path / "job"
    folder.mkdir()
    path = blobs.local_path(stored.key, folder)
    assert path.read_bytes() == b"film"
    assert path == blobs.local_path(stored.key, folder)
    assert path.suffix == ""


def test_only_the_owner_can_read(tmp_path):
    old = os.umask(0)
    try:
        blobs = open_blobs("", tmp_path)
        blobs.put(blobs.new_key(), [b"secret"])
    finally:
        os.umask(old)
    inside = list((tmp_path / "objects").rglob("*"))
    for path in [tmp_path / "objects", *inside]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "m/../../x", "m//x", "m/x/", "M/x", "m/x\n", "m/.x"]
)
def test_a_key_never_leaves_the_folder(tmp_path, key):
    blobs = open_blobs("", tmp_path)
    with pytest.raises(ValueError, match="not a key"):
        blobs.put(key, [b"x"])
    with pytest.raises(ValueError, match="not a key"):
        content(blobs, key)


def test_leftovers_of_a_crash_are_listed(tmp_path):
    """A process that is killed while it writes leaves a file aside, which the sweep has to find."""
    command = (
        "import os, signal; from pathlib import Path\n"
        "from openvod.store.blobs import new_key; from openvod.store.object_store import open_blobs\n"
        "def half():\n    yield b'x' * 1000000\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        f"open_blobs('', Path({str(tmp_path)!r})).put(new_key(), half())"
    )
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == -9
    (left,) = open_blobs("", tmp_path).keys()
    assert left.startswith("incoming/")


def test_an_object_is_on_disk_before_it_appears(tmp_path, monkeypatch):
    """Synced: the bytes before the rename, the folder after it, and new folders in those above."""
    steps = []
    sync, replace = os.fsync, Path.replace

    def fsync(handle):
        steps.append(("sync", Path(os.readlink(f"/proc/self/fd/{handle}")).relative_to(tmp_path).parts[:2]))
        sync(handle)

    def rename(self, target):
        steps.append(("rename", Path(target).relative_to(tmp_path).parts[:2]))
        return replace(self, target)

    blobs = open_blobs("", tmp_path)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", rename)
    blobs.put("m/ab/x", [b"x"])
    assert steps == [
        ("sync", ("objects", "incoming")),  # the bytes
        ("sync", ("objects",)),  # m/ in objects/
        ("sync", ("objects", "m")),  # ab/ in m/
        ("rename", ("objects", "m")),
        ("sync", ("objects", "m")),
    ]


@pytest.mark.parametrize("where", ["", "file://"])
def test_memory_does_not_grow_with_the_object(tmp_path, where):
    if where:
        (tmp_path / "bucket").mkdir()
        where = f"file://{tmp_path / 'bucket'}"
    blobs = open_blobs(where, tmp_path)
    blobs.put(blobs.new_key(), [b"warm"])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    try:
        first = blobs.put(blobs.new_key(), (BLOCK for _ in range(400)))
        whole = blobs.concat([first.key, first.key], blobs.new_key())
        assert whole.size == 2 * first.size == 800 * len(BLOCK)
        assert sum(len(block) for block in blobs.read(whole.key)) == whole.size
        assert tracemalloc.get_traced_memory()[1] < 16e6
    finally:
        tracemalloc.stop()
    assert (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 120_000
    )  # kilobytes; the object has 210,000
