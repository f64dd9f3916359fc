"""Which weights does a file hold that PyTorch wrote before version 1.6, read without PyTorch and without running it?

Such a file is a row of pickles (magic number, protocol, facts of the machine, the object, keys of its storages) and then
each storage: the number of its elements as 8 bytes, and the elements (`torch/serialization.py`, `_legacy_load`). A pickle
can name any function to be called, so the few names that stand for tensors are known here and any other is refused.
"""

import math
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
MOST = 1 << 26
"""Elements of a storage that are believed."""
DAMAGED = (
    pickle.UnpicklingError,
    EOFError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    MemoryError,
)
"""What unpickling raises when bytes are not what they were; MemoryError for a length that cannot be."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor's numbers are; they come after the pickle that tells of it."""

    storage: str
    elements: int
    """Of the whole storage, which several tensors may share."""
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read(file: Path, entry: str) -> dict[str, Floats]:
    """The float32 tensors of the mapping `entry` in the saved dictionary, by name. Raises ValueError for another file."""
    with file.open("rb") as opened:
        try:
            saved = _saved(opened)
            tensors = {name: value for name, value in saved[entry].items() if isinstance(value, _Tensor)}
            keys = _Reader(opened).load()
            sizes = {tensor.storage: tensor.elements for tensor in tensors.values()}
            storages = _storages(opened, keys, sizes)
            return {name: _array(tensor, storages) for name, tensor in tensors.items()}
        except DAMAGED as error:
            raise ValueError(f"{file.name} is not the checkpoint that was expected: {error}") from error


def _saved(opened: BinaryIO) -> Any:
    magic, protocol, machine, saved = (_Reader(opened).load() for _ in range(4))
    if (magic, protocol) != (MAGIC, PROTOCOL) or not machine["little_endian"]:
        raise ValueError("not a file that PyTorch wrote before version 1.6")
    return saved


class _Reader(pickle.Unpickler):
    """An unpickler that knows tensors and ordered mappings, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        known: Mapping[str, Callable[..., Any] | str] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _tensor,
            "torch.FloatStorage": "float32",
        }
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid: Any) -> tuple[str, int]:
        kind, element, key, _, elements, view = pid
        if (kind, element, view) != ("storage", "float32", None):
            raise pickle.UnpicklingError(f"it holds a {kind} of {element}")
        return key, elements


def _tensor(
    storage: tuple[str, int], offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    key, elements = storage
    return _Tensor(key, elements, offset, shape, stride)


def _storages(opened: BinaryIO, keys: list[str], sizes: Mapping[str, int]) -> dict[str, Floats]:
    """The storages that are wanted; reading ends with the last of them."""
    found: dict[str, Floats] = {}
    for key in keys:
        elements = int.from_bytes(opened.read(8), "little")
        if key not in sizes:
            opened.seek(4 * elements, 1)
            continue
        held = opened.read(4 * elements) if elements == sizes[key] < MOST else b""
        if len(held) != 4 * elements:
            raise ValueError("a storage is not as long as the file says")
        found[key] = np.frombuffer(held, "<f4")
        if len(found) == len(sizes):
            break
    return found


def _array(tensor: _Tensor, storages: Mapping[str, Floats]) -> Floats:
    whole = math.prod(tensor.shape)
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    storage = storages[tensor.storage]
    if (
        min(tensor.shape, default=1) < 1
        or min((tensor.offset, *tensor.stride)) < 0
        or max(last + 1, whole) > len(storage)
    ):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [step * storage.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides, writeable=False)
