"""Which tensors does a pickle of PyTorch's tell of? Read without PyTorch, and without running what a pickle can name.

A pickle can name any function to be called, so the few names that stand for tensors are known here and any other is refused.
"""

import math
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

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
class Tensor:
    """Where a tensor's numbers are."""

    storage: str
    element: str
    """Of numpy: `float32` or `int64`."""
    elements: int
    """Of the whole storage, which several tensors may share."""
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class Reader(pickle.Unpickler):
    """An unpickler that knows tensors and ordered mappings, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """What the pickle means by a name; see `pickle.Unpickler`."""
        known: Mapping[str, Callable[..., Any] | str] = {
            "collections.OrderedDict": OrderedDict,
            "torch._utils._rebuild_tensor_v2": _tensor,
            "torch.FloatStorage": "float32",
            "torch.LongStorage": "int64",
        }
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"it names {module}.{name}")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid: Any) -> tuple[str, str, int]:
        """Which storage is meant: its key, the kind of its elements, and their number."""
        kind, element, key, _, elements, *view = pid
        if kind != "storage" or element not in {"float32", "int64"} or any(view):
            raise pickle.UnpicklingError(f"it holds a {kind} of {element}")
        return key, element, elements


def _tensor(
    storage: tuple[str, str, int], offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> Tensor:
    key, element, elements = storage
    return Tensor(key, element, elements, offset, shape, stride)


def array(tensor: Tensor, storage: Floats) -> Floats:
    """The tensor's numbers, a view into its storage. Raises ValueError where it reaches beyond it."""
    whole = math.prod(tensor.shape)
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    if (
        min(tensor.shape, default=1) < 1
        or min((tensor.offset, *tensor.stride)) < 0
        or max(last + 1, whole) > len(storage)
    ):
        raise ValueError("a tensor reaches beyond its storage")
    strides = [step * storage.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, strides, writeable=False)
