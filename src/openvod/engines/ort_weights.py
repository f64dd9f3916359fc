"""Which weights does a model file in ONNX Runtime's `.ort` format hold?

The format is a flatbuffer (`onnxruntime/core/flatbuffers/schema/ort.fbs`). Only what is needed to take weights out is
read here: the tensors, and the matrix products in which they stand. Arrays are views into the file, which is mapped,
so nothing is copied and what is never touched is never read from disk.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

ELEMENT_TYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 9: "?"}
"""numpy's name for the ONNX element types that such files hold as raw data."""

# Positions of fields in the schema's tables.
SESSION_MODEL = 1
MODEL_GRAPH = 7
GRAPH_INITIALIZERS, GRAPH_NODES = 0, 2
TENSOR_NAME, TENSOR_DIMS, TENSOR_TYPE, TENSOR_DATA = 0, 2, 3, 4
NODE_OPERATOR, NODE_INPUTS, NODE_OUTPUTS, NODE_ATTRIBUTES = 5, 8, 9, 10
ATTRIBUTE_GRAPH = 7


@dataclass(frozen=True, slots=True)
class Product:
    """The constant side of a quantised matrix product: value = (weight - zero_point) * scale."""

    weight: Array
    """uint8, inputs x outputs."""
    scale: float
    zero_point: int
    bias: Array | None


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants of one model file: the tensors of its main graph, the products of its subgraphs too."""

    tensors: dict[str, Array]
    products: dict[str, Product]
    """By the name of the value that the product computes, e.g. `/layers.0/mlp/fc2/Add_output_0`."""


def read(file: Path) -> Weights:
    """The weights of `file`. Raises ValueError when it is not an `.ort` model."""
    with file.open("rb") as opened:
        data = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
    if bytes(data[4:8]) != b"ORTM":
        raise ValueError(f"{file} is not a model in ORT format")
    session = _Table(data, _Table(data, 0).pointer(0))
    main = session.table(SESSION_MODEL).table(MODEL_GRAPH)
    tensors = {t.text(TENSOR_NAME): _array(t) for t in main.tables(GRAPH_INITIALIZERS)}
    products: dict[str, Product] = {}
    for graph in _graphs(main):
        for node in graph.tables(GRAPH_NODES):
            products |= _product(node, tensors)
    return Weights(tensors, products)


def _product(node: "_Table", tensors: dict[str, Array]) -> dict[str, Product]:
    """The node's product by its output's name; nothing when the node is of another kind."""
    places = {"DynamicQuantizeMatMul": (1, 2, 3, 4), "MatMulIntegerToFloat": (1, 3, 5, 6)}
    if (where := places.get(node.text(NODE_OPERATOR))) is None:
        return {}
    inputs = [*node.texts(NODE_INPUTS), *[""] * 7]
    weight, scale, zero_point, bias = (inputs[i] for i in where)
    product = Product(tensors[weight], float(tensors[scale]), int(tensors[zero_point]), tensors.get(bias))
    return {node.texts(NODE_OUTPUTS)[0]: product}


def _graphs(graph: "_Table") -> Iterator["_Table"]:
    """A graph, and those inside its nodes (branches of `If`)."""
    yield graph
    for node in graph.tables(GRAPH_NODES):
        for attribute in node.tables(NODE_ATTRIBUTES):
            if attribute.has(ATTRIBUTE_GRAPH):
                yield from _graphs(attribute.table(ATTRIBUTE_GRAPH))


def _array(tensor: "_Table") -> Array:
    shape = tuple(np.frombuffer(tensor.raw(TENSOR_DIMS, 8), "<i8")) if tensor.has(TENSOR_DIMS) else ()
    element = ELEMENT_TYPES[tensor.number(TENSOR_TYPE)]
    if not tensor.has(TENSOR_DATA):
        return np.zeros(shape, element)
    return np.frombuffer(tensor.raw(TENSOR_DATA, 1), element).reshape(shape)


@dataclass(frozen=True, slots=True)
class _Table:
    """A flatbuffer table: fields are found through a table of offsets that stands somewhere before it."""

    data: memoryview
    at: int

    def pointer(self, at: int) -> int:
        return at + int(struct.unpack_from("<I", self.data, at)[0])

    def field(self, index: int) -> int:
        """Where the field stands; 0 when it is left out."""
        offsets = self.at - int(struct.unpack_from("<i", self.data, self.at)[0])
        if 4 + 2 * index >= struct.unpack_from("<H", self.data, offsets)[0]:
            return 0
        offset = int(struct.unpack_from("<H", self.data, offsets + 4 + 2 * index)[0])
        return self.at + offset if offset else 0

    def has(self, index: int) -> bool:
        return self.field(index) != 0

    def number(self, index: int) -> int:
        return int(struct.unpack_from("<i", self.data, self.field(index))[0])

    def table(self, index: int) -> "_Table":
        return _Table(self.data, self.pointer(self.field(index)))

    def raw(self, index: int, element_bytes: int) -> memoryview:
        start = self.pointer(self.field(index))
        length = int(struct.unpack_from("<I", self.data, start)[0])
        return self.data[start + 4 : start + 4 + length * element_bytes]

    def text(self, index: int) -> str:
        return str(self.raw(index, 1), "utf-8") if self.has(index) else ""

    def _entries(self, index: int) -> Iterator[int]:
        if self.has(index):
            start = self.pointer(self.field(index))
            for i in range(int(struct.unpack_from("<I", self.data, start)[0])):
                yield self.pointer(start + 4 + 4 * i)

    def tables(self, index: int) -> list["_Table"]:
        return [_Table(self.data, at) for at in self._entries(index)]

    def texts(self, index: int) -> list[str]:
        spans = [(at + 4, int(struct.unpack_from("<I", self.data, at)[0])) for at in self._entries(index)]
        return [str(self.data[start : start + length], "utf-8") for start, length in spans]
