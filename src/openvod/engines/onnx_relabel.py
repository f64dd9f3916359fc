"""How is a published ONNX graph that was exported for one picture size made to take any?

Layers of convolutions do not care about sizes, only the declarations at the graph's ends do. They are rewritten in the
protocol-buffers message itself (field numbers of onnx.proto), without the onnx package.
"""

from collections.abc import Iterator, Mapping, Sequence

from openvod.engines.onnx_graph import declared, framed

GRAPH = 7
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
TENSOR_NAME, VALUE_NAME = 8, 1

Shape = Sequence[int | str]


def relabelled(model: bytes, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> bytes:
    """`model` with other shapes for its float32 `inputs` and `outputs`; a dimension given as text may differ by run.

    Weights that older exporters also list as inputs no longer are, so that they can be folded; what was written down
    about sizes in between is left out. Raises ValueError when an input or output is not there or this is no model.
    """
    parts = []
    seen: set[str] = set()
    for field, payload, raw in _fields(model):
        if field == GRAPH:
            parts.append(framed(GRAPH, _graph(payload, {**inputs, **outputs}, seen)))
        else:
            parts.append(raw)
    if missing := {*inputs, *outputs} - seen:
        raise ValueError(f"the graph has no {', '.join(sorted(missing))}")
    return b"".join(parts)


def _graph(graph: bytes, shapes: Mapping[str, Shape], seen: set[str]) -> bytes:
    fields = list(_fields(graph))
    weights = {_name(payload, TENSOR_NAME) for field, payload, _ in fields if field == INITIALIZER}
    parts = []
    for field, payload, raw in fields:
        if field not in (INPUT, OUTPUT, VALUE_INFO):
            parts.append(raw)
            continue
        name = _name(payload, VALUE_NAME)
        if field == VALUE_INFO or (field == INPUT and name in weights):
            continue
        if name in shapes:
            seen.add(name)
            raw = framed(field, declared(name, "float32", shapes[name]))  # noqa: PLW2901
        parts.append(raw)
    return b"".join(parts)


def _name(message: bytes, field: int) -> str:
    return next((payload.decode() for number, payload, _ in _fields(message) if number == field), "")


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, content (empty for plain numbers) and whole bytes of each field of a message."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        kind = key & 7
        payload = b""
        if kind == 2:
            size, at = _varint(message, at)
            payload = message[at : at + size]
            at += size
        elif kind == 0:
            _, at = _varint(message, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError("not an ONNX model")
        if at > len(message):
            raise ValueError("not an ONNX model, or not all of it")
        yield key >> 3, payload, message[start:at]


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message):
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("not an ONNX model, or not all of it")
