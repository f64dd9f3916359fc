"""Which weights does a file hold that PyTorch wrote since version 1.6, read without PyTorch and without running it?

Such a file is a ZIP archive, not compressed, with one folder: `data.pkl` is the pickle that tells of the tensors, and
`data/KEY` are the elements of each storage (`torch/serialization.py`, `_load`).
"""

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openvod.engines.tensors import DAMAGED, Reader, Tensor, array

Floats = NDArray[np.float32]

BROKEN = (*DAMAGED, StopIteration, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, OSError)
"""What an archive is read with raises when bytes are not what they were: RuntimeError for one that calls itself encrypted,
OSError for places before its beginning."""
MOST_BYTES = 1 << 28
"""Of one entry of the archive: what says that it is longer is not read."""


def read(file: Path) -> dict[str, Floats]:
    """The float32 tensors of the saved mapping, by name. Raises ValueError for another file."""
    try:
        with zipfile.ZipFile(file) as archive:
            pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            folder = pickled.removesuffix("data.pkl")
            if archive.getinfo(pickled).file_size > MOST_BYTES:
                raise ValueError("the list of tensors is too long")
            with archive.open(pickled) as opened:
                saved = Reader(opened).load()
            tensors = {
                name: value
                for name, value in saved.items()
                if isinstance(value, Tensor) and value.element == "float32"
            }
            return {name: array(each, _storage(archive, folder, each)) for name, each in tensors.items()}
    except BROKEN as error:
        raise ValueError(f"{file.name} is not the checkpoint that was expected: {error}") from error


def _storage(archive: zipfile.ZipFile, folder: str, tensor: Tensor) -> Floats:
    entry = archive.getinfo(f"{folder}data/{tensor.storage}")
    if entry.file_size != 4 * tensor.elements or entry.file_size > MOST_BYTES:
        raise ValueError("a storage is not as long as the file says")
    return np.frombuffer(archive.read(entry), "<f4")
