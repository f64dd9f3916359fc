"""PyTorch's newer files: tensors come out as they went in, and nothing that such a file names is ever called."""

import contextlib
import io
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openvod.engines.precise import checkpoint
from tests.engines.torch_files import Pickler, Storage, Tensor, name_torch


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    name_torch(monkeypatch)


class Newer(Pickler):
    older = False


def save(file: Path, saved: object, storages: list[Storage]) -> Path:
    pickled = io.BytesIO()
    Newer(pickled, 2).dump(saved)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        for each in storages:
            archive.writestr(f"archive/data/{each.key}", each.numbers.tobytes())
    return file


def small(file: Path) -> Path:
    shared = Storage("0", np.arange(12, dtype=np.float32))
    counted = Storage("1", np.arange(3))
    saved = OrderedDict(
        matrix=Tensor(shared, 2, (2, 3), (3, 1)),
        turned=Tensor(shared, 2, (3, 2), (1, 3)),
        seen=Tensor(counted, 0, (3,), (1,)),
    )
    return save(file, saved, [shared, counted])


def test_tensors_come_out_as_they_went_in(tmp_path: Path) -> None:
    found = checkpoint.read(small(tmp_path / "a.pth"))
    assert set(found) == {"matrix", "turned"}
    np.testing.assert_array_equal(found["matrix"], [[2, 3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(found["turned"], found["matrix"].T)


class Calls:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def test_what_a_file_wants_called_is_refused(tmp_path: Path) -> None:
    marker = tmp_path / "called"
    with pytest.raises(ValueError, match="names"):
        checkpoint.read(save(tmp_path / "a.pth", OrderedDict(bad=Calls(marker)), []))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("offset", "shape", "stride"),
    [(0, (4, 4), (4, 1)), (-1, (2,), (1,)), (0, (2,), (-1,)), (11, (2,), (1,)), (0, (0,), (1,))],
)
def test_a_tensor_stays_in_its_storage(
    tmp_path: Path, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    storage = Storage("0", np.arange(12, dtype=np.float32))
    saved = OrderedDict(a=Tensor(storage, offset, shape, stride))
    with pytest.raises(ValueError, match="beyond"):
        checkpoint.read(save(tmp_path / "a.pth", saved, [storage]))


def test_a_storage_of_another_length_is_refused(tmp_path: Path) -> None:
    storage, shorter = Storage("0", np.zeros(12, np.float32)), Storage("0", np.zeros(3, np.float32))
    saved = OrderedDict(a=Tensor(storage, 0, (2,), (1,)))
    with pytest.raises(ValueError, match="as long"):
        checkpoint.read(save(tmp_path / "a.pth", saved, [shorter]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_other_bytes_give_weights_or_a_clear_error(tmp_path: Path, place: int, put: bytes) -> None:
    whole = small(tmp_path / "a.pth").read_bytes()
    at = place % len(whole)
    (tmp_path / "b.pth").write_bytes(whole[:at] + put + whole[at + len(put) :])
    with contextlib.suppress(ValueError):
        assert set(checkpoint.read(tmp_path / "b.pth")) <= {"matrix", "turned"}


@pytest.mark.parametrize("content", [b"", b"PK", pickle.dumps({"a": 1})])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.pth"):
        checkpoint.read(tmp_path / "a.pth")
