"""Archives of strangers: what is taken, where it lands, and what is refused."""

import contextlib
import hashlib
import io
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.engines import model_archives
from openvod.engines.catalog import ModelError


def zipped(path: Path, entries: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names that are twice in it
        for name, data in entries:
            archive.writestr(name, data)
    return path


def test_the_folder_around_everything_is_left_out(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", [("m/", b""), ("m/am/final.mdl", b"1"), ("m/words.txt", b"22")])
    model_archives.unpack(archive, tmp_path / "out", 3)
    assert {path.name: path.read_bytes() for path in tmp_path.glob("out/**/*") if path.is_file()} == {
        "final.mdl": b"1",
        "words.txt": b"22",
    }
    assert (tmp_path / "out" / "am" / "final.mdl").is_file()


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([("../evil", b"x")], id="above"),
        pytest.param([("m/../../evil", b"x")], id="above, from inside"),
        pytest.param([("/evil", b"x")], id="absolute"),
        pytest.param([("..\\evil", b"x")], id="another system's separator"),
        pytest.param([("c:evil", b"x")], id="a drive"),
        pytest.param([("m/\x1b[2Jevil", b"x")], id="control characters"),
        pytest.param([("m/" + "e" * 300, b"x")], id="a long name"),
        pytest.param([(link("m/evil"), b"/etc/passwd")], id="a link"),
        pytest.param([("m/a", b"x"), ("m/A", b"y")], id="one name twice"),
        pytest.param([("m/a", b"x"), ("m/a/b", b"y")], id="a file that is a folder"),
        pytest.param([(f"m/{i}", b"") for i in range(1001)], id="many"),
        pytest.param([("m/a", b"0" * 1_000_001)], id="large"),
    ],
)
def test_a_hostile_archive_is_refused(
    entries: list[tuple[str | zipfile.ZipInfo, bytes]], tmp_path: Path
) -> None:
    inner = tmp_path / "in" / "side"
    inner.mkdir(parents=True)
    with pytest.raises(ModelError):
        model_archives.unpack(zipped(inner / "a.zip", entries), inner / "out", 1_000_000)
    assert not list(tmp_path.rglob("evil"))


def test_no_more_is_written_than_was_announced(tmp_path: Path) -> None:
    """The sizes in the archive's table are false: a hundred bytes that become a million."""
    archive = zipped(tmp_path / "a.zip", [("bomb", b"0" * 1_000_000)])
    true, false = (1_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(true, false))
    with pytest.raises(ModelError):
        model_archives.unpack(archive, tmp_path / "out", 1000)
    assert sum(path.stat().st_size for path in tmp_path.glob("out/*")) <= 1000


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", [("a", bytes(range(256)) * 100)])
    whole = archive.read_bytes()
    archive.write_bytes(whole[:40] + bytes(40) + whole[80:])
    with pytest.raises(ModelError, match="cannot be unpacked"):
        model_archives.unpack(archive, tmp_path / "out", 1_000_000)


@given(data=st.binary(max_size=300), cut=st.integers(0, 200), at=st.integers(0, 200))
def test_whatever_it_is_nothing_lands_outside(
    data: bytes, cut: int, at: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("m/a", b"text")
    whole = made.getvalue()
    (folder / "a.zip").write_bytes(whole[:at] + data + whole[min(at + cut, len(whole)) :])
    with contextlib.suppress(ModelError):
        model_archives.unpack(folder / "a.zip", folder / "out", 1000)
    assert {path.name for path in folder.iterdir()} <= {"a.zip", "out"}


def test_a_folder_takes_the_place_of_another_in_one_step(tmp_path: Path) -> None:
    for name in ("ready", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "what").write_text(name)
    model_archives.install(tmp_path / "ready", tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there" / "what").read_text() == "ready"


def test_another_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    model_archives.check(path, 3, hashlib.sha256(b"abc").hexdigest())
    with pytest.raises(ModelError, match="3 bytes instead of 4"):
        model_archives.check(path, 4, hashlib.sha256(b"abcd").hexdigest())
    with pytest.raises(ModelError, match="sha256"):
        model_archives.check(path, 3, hashlib.sha256(b"abd").hexdigest())
