"""How likely does each of a hundred frames begin or belong to a change of shots? TransNetV2 on ONNX Runtime.

Three blocks look at the frames, each by four convolutions over time that reach 1, 2, 4 and 8 frames far; how alike the frames
within 50 of each are, by what the blocks see and by their colours, is told beside it (`transnetv2_pytorch.py`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import catalog
from openvod.engines.onnx_graph import Graph
from openvod.engines.precise import checkpoint

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]

MODEL, FILE = "transnetv2", "transnetv2.pth"
PRECISE_SHOTS = Text("precise changes of shots", "精确镜头切分")

FRAMES = 100
"""That are judged together; the middle half of them is what is believed."""
HEIGHT, WIDTH = 27, 48
REACH = 50
"""Frames before and after each with which it is compared."""
BLOCKS, DILATIONS = 3, (1, 2, 4, 8)
EPSILON = 1e-3
"""Of the batch normalisation, as the network was trained."""
COLOURS = 512


class Network:
    """The loaded network: one thread."""

    def __init__(self, models: Path) -> None:
        """Raises TaskFault when the model is not installed, or its file is another one."""
        import onnxruntime  # noqa: PLC0415

        path = catalog.file(models, MODEL, FILE, PRECISE_SHOTS)
        try:
            graph = build(checkpoint.read(path))
        except (ValueError, KeyError) as error:
            raise TaskFault(
                "InvalidInput.ConfigurationUnsupported/model-form", what=PRECISE_SHOTS, model=MODEL
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def judge(self, frames: Rgb) -> Floats:
        """`[100]`, 0 to 1, of `[100, 27, 48, 3]` RGB: how likely each is the one in the middle of a change."""
        given = {"frames": frames, "colours": colours(frames)}
        return np.asarray(self._session.run(["likely"], given)[0], np.float32)


def colours(frames: Rgb) -> Floats:
    """`[n, 512]`: how often each of 8 x 8 x 8 colours is in each frame, brought to length 1."""
    bins = (frames >> 5).astype(np.int64)
    numbers = (bins[..., 0] << 6 | bins[..., 1] << 3 | bins[..., 2]).reshape(len(frames), -1)
    numbers += COLOURS * np.arange(len(frames))[:, None]
    counts = np.bincount(numbers.ravel(), minlength=COLOURS * len(frames)).reshape(len(frames), COLOURS)
    return np.asarray(counts / np.linalg.norm(counts, axis=1, keepdims=True), np.float32)


def build(weights: Mapping[str, Floats]) -> bytes:
    """The network as an ONNX model: `frames` uint8 `[100, 27, 48, 3]` and `colours` (see there) to `likely` `[100]`.

    How many filters it has, the weights tell. Raises KeyError when one is missing, ValueError for one of another form.
    """
    graph = Graph()
    frames = graph.input("frames", "uint8", [FRAMES, HEIGHT, WIDTH, 3])
    histograms = graph.input("colours", "float32", [FRAMES, COLOURS])
    [value] = graph.node("Cast", [frames], to=1)
    [value] = graph.node("Mul", [value, graph.constant(np.array(1 / 255, np.float32))])
    [value] = graph.node("Transpose", [value], perm=[0, 3, 1, 2])
    seen, size = [], (HEIGHT, WIDTH)
    for block in range(BLOCKS):
        value = _block(graph, weights, f"SDDCNN.{block}.DDCNN.", value, size)
        size = size[0] // 2, size[1] // 2
        seen += graph.node("ReduceMean", [value, graph.constant(np.array([2, 3]))], keepdims=0)
    [value] = graph.node("Transpose", [value], perm=[0, 2, 3, 1])
    [flat] = graph.node("Reshape", [value, graph.constant(np.array([FRAMES, -1]))])
    [means] = graph.node("Concat", seen, axis=1)
    alike = _compared(graph, weights, "frame_sim_layer", _directions(graph, weights, means))
    coloured = _compared(graph, weights, "color_hist_layer", histograms)
    [value] = graph.node("Concat", [coloured, alike, flat], axis=1)
    [value] = graph.node("Relu", [_linear(graph, weights, "fc1", value)])
    [value] = graph.node("Sigmoid", [_linear(graph, weights, "cls_layer1", value)])
    graph.node("Reshape", [value, graph.constant(np.array([FRAMES]))], ["likely"])
    graph.output("likely", "float32", [FRAMES])
    return graph.model()


def _block(graph: Graph, weights: Mapping[str, Floats], name: str, value: str, size: tuple[int, int]) -> str:
    """Two layers, their sum, and half the size."""
    [first] = graph.node("Relu", [_layer(graph, weights, f"{name}0.", value, size)])
    [second] = graph.node("Relu", [_layer(graph, weights, f"{name}1.", first, size)])
    [both] = graph.node("Add", [second, first])
    return graph.node("AveragePool", [both], kernel_shape=[2, 2], strides=[2, 2])[0]


def _layer(graph: Graph, weights: Mapping[str, Floats], name: str, value: str, size: tuple[int, int]) -> str:
    """Four convolutions, each over the picture and then over time, side by side, and normalised. `value`: `[100, c, h, w]`."""
    pictures = [weights[f"{name}Conv3D_{reach}.layers.0.weight"][:, :, 0] for reach in DILATIONS]
    spread = graph.constant(np.concatenate(pictures))
    [value] = graph.node("Conv", [value, spread], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    [value] = graph.node("Transpose", [value], perm=[1, 0, 2, 3])
    flat = np.array([1, sum(map(len, pictures)), FRAMES, size[0] * size[1]])
    [value] = graph.node("Reshape", [value, graph.constant(flat)])
    parts = graph.node("Split", [value], len(DILATIONS), axis=1, num_outputs=len(DILATIONS))
    scale, shift = _normalising(weights, f"{name}bn.")
    filters = len(scale) // len(DILATIONS)
    made = []
    for number, (part, reach) in enumerate(zip(parts, DILATIONS, strict=True)):
        own = slice(number * filters, (number + 1) * filters)
        over_time = weights[f"{name}Conv3D_{reach}.layers.1.weight"][..., 0] * scale[own, None, None, None]
        given = [part, graph.constant(over_time), graph.constant(shift[own])]
        made += graph.node(
            "Conv", given, kernel_shape=[3, 1], dilations=[reach, 1], pads=[reach, 0, reach, 0]
        )
    [value] = graph.node("Concat", made, axis=1)
    back = np.array([len(scale), FRAMES, *size])
    [value] = graph.node("Reshape", [value, graph.constant(back)])
    return graph.node("Transpose", [value], perm=[1, 0, 2, 3])[0]


def _normalising(weights: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    """Batch normalisation as what is multiplied and what is added."""
    mean, variance, weight, bias = (
        weights[name + part] for part in ("running_mean", "running_var", "weight", "bias")
    )
    scale = np.asarray(weight / np.sqrt(variance + EPSILON), np.float32)
    return scale, np.asarray(bias - mean * scale, np.float32)


def _directions(graph: Graph, weights: Mapping[str, Floats], value: str) -> str:
    """What the blocks see of each frame, projected and brought to length 1."""
    [value] = [_linear(graph, weights, "frame_sim_layer.projection", value)]
    [length] = graph.node("ReduceL2", [value, graph.constant(np.array([1]))], keepdims=1)
    [length] = graph.node("Max", [length, graph.constant(np.array(1e-12, np.float32))])
    return graph.node("Div", [value, length])[0]


def _compared(graph: Graph, weights: Mapping[str, Floats], name: str, value: str) -> str:
    """How alike each frame is to those within `REACH` of it, as the layer `name` takes it. `value`: `[100, n]` of length 1."""
    [turned] = graph.node("Transpose", [value], perm=[1, 0])
    [alike] = graph.node("MatMul", [value, turned])
    [padded] = graph.node("Pad", [alike, graph.constant(np.array([0, REACH, 0, REACH]))])
    [flat] = graph.node("Reshape", [padded, graph.constant(np.array([-1]))])
    row = np.arange(FRAMES)[:, None]
    places = row * (FRAMES + 2 * REACH) + row + np.arange(2 * REACH + 1)
    [near] = graph.node("Gather", [flat, graph.constant(places)])
    return graph.node("Relu", [_linear(graph, weights, f"{name}.fc", near)])[0]


def _linear(graph: Graph, weights: Mapping[str, Floats], name: str, value: str) -> str:
    matrix = graph.constant(np.ascontiguousarray(weights[f"{name}.weight"].T))
    bias = weights.get(f"{name}.bias")
    given = [value, matrix] if bias is None else [value, matrix, graph.constant(bias)]
    return graph.node("Gemm", given)[0]
