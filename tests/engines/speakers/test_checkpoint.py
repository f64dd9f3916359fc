"""PyTorch's older files: tensors come out as they went in, and nothing that such a file names is ever called."""

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openvod.engines.speakers import checkpoint
from tests.engines.torch_files import Pickler, Storage, Tensor, name_torch


@pytest.fixture(autouse=True)
def _torch(monkeypatch: pytest.MonkeyPatch) -> None:
    name_torch(monkeypatch)


def save(file: Path, saved: object, storages: list[Storage], magic: int = checkpoint.MAGIC) -> Path:
    with file.open("wb") as opened:
        for each in (magic, 1001, {"protocol_version": 1001, "little_endian": True}):
            pickle.dump(each, opened, 2)
        Pickler(opened, 2).dump(saved)
        pickle.dump([storage.key for storage in storages], opened, 2)
        for storage in storages:
            opened.write(len(storage.numbers).to_bytes(8, "little") + storage.numbers.tobytes())
    return file


def test_tensors_come_out_as_they_went_in(tmp_path: Path) -> None:
    unused = Storage("1", np.zeros(7, np.float32))
    shared = Storage("2", np.arange(12, dtype=np.float32))
    state = OrderedDict(
        matrix=Tensor(shared, 2, (2, 3), (3, 1)),
        turned=Tensor(shared, 2, (3, 2), (1, 3)),
        bias=Tensor(shared, 8, (4,), (1,)),
    )
    saved = {"step": 3, "state": state, "other": OrderedDict(unused=Tensor(unused, 0, (7,), (1,)))}
    found = checkpoint.read(save(tmp_path / "a.pt", saved, [unused, shared]), "state")
    assert found.keys() == {"matrix", "turned", "bias"}
    np.testing.assert_array_equal(found["matrix"], [[2, 3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(found["turned"], found["matrix"].T)
    np.testing.assert_array_equal(found["bias"], [8, 9, 10, 11])


class _Harm:
    def __reduce__(self) -> Any:
        return os.mkdir, ("harm",)


def test_a_file_that_names_another_function_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="mkdir"):
        checkpoint.read(save(tmp_path / "a.pt", {"state": _Harm()}, []), "state")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("offset", "shape", "stride"), [(5, (4,), (1,)), (0, (3, 3), (4, 1)), (4, (2,), (-1,))]
)
def test_a_tensor_beyond_its_storage_is_refused(
    tmp_path: Path, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]
) -> None:
    storage = Storage("1", np.zeros(8, np.float32))
    state = {"state": {"bad": Tensor(storage, offset, shape, stride)}}
    with pytest.raises(ValueError, match="beyond"):
        checkpoint.read(save(tmp_path / "a.pt", state, [storage]), "state")


def test_other_and_broken_files_are_refused(tmp_path: Path) -> None:
    storage = Storage("1", np.zeros(8, np.float32))
    good = save(tmp_path / "a.pt", {"state": {"w": Tensor(storage, 0, (8,), (1,))}}, [storage])
    whole = good.read_bytes()
    for broken in (b"", b"PK\x03\x04 a zip", whole[:30], whole[: len(whole) // 2], whole[:-4]):
        good.write_bytes(broken)
        with pytest.raises(ValueError, match=r"\S"):
            checkpoint.read(good, "state")
    with pytest.raises(ValueError, match=r"1\.6"):
        checkpoint.read(save(tmp_path / "b.pt", {"state": {}}, [], magic=7), "state")
    with pytest.raises(ValueError, match="other"):
        checkpoint.read(save(tmp_path / "c.pt", {"state": {}}, []), "other")


@given(st.integers(0, 400), st.binary(min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_refused_or_harmless(tmp_path: Path, at: int, bytes_: bytes) -> None:
    storage = Storage("1", np.zeros(8, np.float32))
    file = save(tmp_path / "a.pt", {"state": {"w": Tensor(storage, 0, (8,), (1,))}}, [storage])
    whole = file.read_bytes()
    file.write_bytes(whole[:at] + bytes_ + whole[at + len(bytes_) :])
    try:
        found = checkpoint.read(file, "state")
    except ValueError:
        return
    assert all(array.size <= 8 for array in found.values())
