"""How is an ONNX model written without the onnx package?

An ONNX model is a protocol-buffers message (`onnx/onnx.proto`); the few fields that a graph of plain nodes needs are
written here by hand, which saves a dependency of 20 MB. Field numbers are those of onnx.proto.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Attribute = int | float | str | Sequence[int]

ELEMENT_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
IR_VERSION = 9
OPSETS = {"": 18, "com.microsoft": 1}


@dataclass(slots=True)
class Graph:
    """A graph while it is written: call `node` for each operation, in the order of their execution."""

    parts: list[bytes | memoryview] = field(default_factory=list)
    count: int = 0

    def node(
        self, operator: str, inputs: Sequence[str], outputs: int | Sequence[str] = 1, **attributes: Attribute
    ) -> list[str]:
        """Add an operation and answer the names of its outputs: as given, or that many new ones.

        Operators of ONNX Runtime's own set are written `com.microsoft.Name`.
        """
        domain, _, kind = operator.rpartition(".")
        names = [self._name() for _ in range(outputs)] if isinstance(outputs, int) else list(outputs)
        message = b"".join(framed(1, name) for name in inputs) + b"".join(framed(2, name) for name in names)
        message += framed(4, kind) + framed(7, domain)
        message += b"".join(framed(5, _attribute(name, value)) for name, value in attributes.items())
        self.parts.append(framed(1, message))
        return names

    def constant(self, value: Array) -> str:
        """Add a constant and answer its name."""
        name = self._name()
        data = np.ascontiguousarray(value)
        head = b"".join(_number(1, n) for n in value.shape) + _number(2, ELEMENT_TYPES[str(value.dtype)])
        head += framed(8, name) + _head(9, data.nbytes)
        self.parts += [_head(5, len(head) + data.nbytes), head, data.reshape(-1).view(np.uint8).data]
        return name

    def input(self, name: str, element: str, shape: Sequence[int | str]) -> str:
        """Declare an input; a dimension given as text may differ from run to run."""
        self.parts.append(framed(11, declared(name, element, shape)))
        return name

    def output(self, name: str, element: str, shape: Sequence[int | str]) -> None:
        """Declare the value `name` an output."""
        self.parts.append(framed(12, declared(name, element, shape)))

    def model(self) -> bytes:
        """The whole model, as `onnxruntime.InferenceSession` takes it."""
        head = _number(1, IR_VERSION)
        head += b"".join(framed(8, framed(1, domain) + _number(2, n)) for domain, n in OPSETS.items())
        name = framed(2, "graph")
        size = len(name) + sum(
            part.nbytes if isinstance(part, memoryview) else len(part) for part in self.parts
        )
        return b"".join([head, _head(7, size), name, *self.parts])

    def _name(self) -> str:
        self.count += 1
        return f"v{self.count}"


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers are written as 64-bit two's complement
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(index: int, value: int) -> bytes:
    return _varint(index << 3) + _varint(value)


def _head(index: int, size: int) -> bytes:
    return _varint(index << 3 | 2) + _varint(size)


def framed(index: int, value: bytes | str) -> bytes:
    """A field of a message that holds bytes, text or another message."""
    data = value.encode() if isinstance(value, str) else value
    return _head(index, len(data)) + data


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return framed(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return framed(1, name) + _number(3, value) + _number(20, 2)
    if isinstance(value, str):
        return framed(1, name) + framed(4, value) + _number(20, 3)
    return framed(1, name) + b"".join(_number(8, n) for n in value) + _number(20, 7)


def declared(name: str, element: str, shape: Sequence[int | str]) -> bytes:
    """The declaration (`ValueInfoProto`) of an input or output."""
    dims = b"".join(framed(1, framed(2, n) if isinstance(n, str) else _number(1, n)) for n in shape)
    tensor = _number(1, ELEMENT_TYPES[element]) + framed(2, dims)
    return framed(1, name) + framed(2, framed(1, tensor))
