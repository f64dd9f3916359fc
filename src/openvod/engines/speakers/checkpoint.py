"""Which weights does a file hold that PyTorch wrote before version 1.6, read without PyTorch and without running it?

Such a file is a row of pickles (magic number, protocol, facts of the machine, the object, keys of its storages) and then
each storage: the number of its elements as 8 bytes, and the elements (`torch/serialization.py`, `_legacy_load`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from openvod.engines.tensors import DAMAGED, Reader, Tensor, array

Floats = NDArray[np.float32]

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
MOST = 1 << 26
"""Elements of a storage that are believed."""


def read(file: Path, entry: str) -> dict[str, Floats]:
    """The float32 tensors of the mapping `entry` in the saved dictionary, by name. Raises ValueError for another file."""
    with file.open("rb") as opened:
        try:
            saved = _saved(opened)
            tensors = {name: value for name, value in saved[entry].items() if _is_float(value)}
            keys = Reader(opened).load()
            sizes = {tensor.storage: tensor.elements for tensor in tensors.values()}
            storages = _storages(opened, keys, sizes)
            return {name: array(tensor, storages[tensor.storage]) for name, tensor in tensors.items()}
        except DAMAGED as error:
            raise ValueError(f"{file.name} is not the checkpoint that was expected: {error}") from error


def _saved(opened: BinaryIO) -> Any:
    magic, protocol, machine, saved = (Reader(opened).load() for _ in range(4))
    if (magic, protocol) != (MAGIC, PROTOCOL) or not machine["little_endian"]:
        raise ValueError("not a file that PyTorch wrote before version 1.6")
    return saved


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.element == "float32"


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
