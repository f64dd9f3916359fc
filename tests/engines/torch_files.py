"""How tests write files as PyTorch does, without PyTorch."""

import pickle
import sys
from collections import OrderedDict
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray


class Storage:
    """Numbers that several tensors share."""

    def __init__(self, key: str, numbers: NDArray[np.float32] | NDArray[np.int64]) -> None:
        self.key, self.numbers = key, numbers


class Tensor:
    def __init__(self, storage: Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...]):
        hooks: OrderedDict[str, object] = OrderedDict()
        self.arguments = (storage, offset, shape, stride, False, hooks)

    def __reduce__(self) -> Any:
        return sys.modules["torch._utils"].__dict__["_rebuild_tensor_v2"], self.arguments


class Pickler(pickle.Pickler):
    older = True
    """Whether as before version 1.6."""

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, Storage):
            return None
        kind = "LongStorage" if obj.numbers.dtype == np.int64 else "FloatStorage"
        told = ("storage", sys.modules["torch"].__dict__[kind], obj.key, "cpu", len(obj.numbers))
        return (*told, None) if self.older else told


def name_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the names that such files hold where pickling looks for them; a test's fixture calls it."""
    torch, inner = ModuleType("torch"), ModuleType("torch._utils")

    class FloatStorage:
        pass

    class LongStorage:
        pass

    def _rebuild_tensor_v2(*_: object) -> None:
        raise AssertionError("nothing in the file may be called")

    for module, thing in ((torch, FloatStorage), (torch, LongStorage), (inner, _rebuild_tensor_v2)):
        thing.__module__, thing.__qualname__ = module.__name__, thing.__name__
        setattr(module, thing.__name__, thing)
        monkeypatch.setitem(sys.modules, module.__name__, module)
