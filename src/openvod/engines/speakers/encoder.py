"""What does a voice sound like, as a direction in a space where voices can be compared?

The network is Resemblyzer's: 40 mel bands of 1.6 s of sound through three LSTM layers of 256, the last state through a
rectified linear layer, and the result brought to length 1 (`resemblyzer/voice_encoder.py`; the method is that of
"Generalized End-to-End Loss for Speaker Verification"). Its weights are read as they are and run on ONNX Runtime.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import catalog
from openvod.engines.onnx_graph import Graph
from openvod.engines.speakers import checkpoint

Floats = NDArray[np.float32]

MODEL, FILE = "resemblyzer", "pretrained.pt"
NAME = "resemblyzer 0.1.4"
TELLING_SPEAKERS_APART = Text("telling speakers apart", "区分说话人")

RATE = 16000
WINDOW = 25600
"""Samples that are compared at a time: 1.6 s, as the network was trained."""
SIZE = 256
"""Numbers that describe a voice; none of them is negative."""
FFT, STEP, BANDS = 400, 160, 40
HIDDEN, LAYERS = 256, 3
LEVEL = 0.0316
"""Root mean square to which each window is brought, -30 dB of full scale: the network hears levels, and a voice is
not another one because it comes nearer to the microphone."""
BATCH = 32


class VoiceEncoder:
    """The loaded network: one thread, 7 ms of CPU per window."""

    def __init__(self, models: Path) -> None:
        """Raises TaskFault when the model is not installed, or its file is another one."""
        import onnxruntime  # noqa: PLC0415

        path = catalog.file(models, MODEL, FILE, TELLING_SPEAKERS_APART)
        try:
            graph = build(checkpoint.read(path, "model_state"))
        except (ValueError, KeyError) as error:
            raise TaskFault(
                "InvalidInput.ConfigurationUnsupported/model-form", what=TELLING_SPEAKERS_APART, model=MODEL
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def encode(self, windows: Floats) -> Floats:
        """`[n, 256]` directions of length 1 for `[n, samples]` of 16 kHz sound, -1 to 1."""
        found = [np.zeros((0, SIZE), np.float32)]
        for at in range(0, len(windows), BATCH):
            mels = np.stack([mel(levelled(window)) for window in windows[at : at + BATCH]], axis=1)
            found.append(self._session.run(["voice"], {"mel": mels})[0])
        voices = np.concatenate(found)
        return np.asarray(voices / np.maximum(np.linalg.norm(voices, axis=1, keepdims=True), 1e-6))


def build(weights: dict[str, Floats]) -> bytes:
    """The network as an ONNX model: `mel` float32 `[frames, n, 40]` to `voice` float32 `[n, 256]`.

    Raises KeyError when a weight is missing.
    """
    graph = Graph()
    value = graph.input("mel", "float32", ["frames", "n", BANDS])
    state = ""
    for layer in range(LAYERS):
        matrices = [
            graph.constant(_reordered(weights[f"lstm.weight_{side}_l{layer}"])[None]) for side in ("ih", "hh")
        ]
        biases = [_reordered(weights[f"lstm.bias_{side}_l{layer}"]) for side in ("ih", "hh")]
        inputs = [value, *matrices, graph.constant(np.concatenate(biases)[None])]
        outputs, state = graph.node("LSTM", inputs, 2, hidden_size=HIDDEN)
        value = graph.node("Squeeze", [outputs, graph.constant(np.array([1]))])[0]
    last = graph.node("Squeeze", [state, graph.constant(np.array([0]))])[0]
    matrix = graph.constant(np.ascontiguousarray(weights["linear.weight"].T))
    linear = graph.node("Gemm", [last, matrix, graph.constant(weights["linear.bias"])])[0]
    graph.node("Relu", [linear], ["voice"])
    graph.output("voice", "float32", ["n", SIZE])
    return graph.model()


def _reordered(gates: Floats) -> Floats:
    """PyTorch's order of an LSTM's gates (input, forget, cell, output) as ONNX's (input, output, forget, cell)."""
    enter, forget, cell, leave = np.split(gates, 4)
    return np.concatenate([enter, leave, forget, cell])


def levelled(sound: Floats) -> Floats:
    """The same sound at LEVEL; silence stays silence."""
    loudness = float(np.sqrt(np.mean(np.square(sound)))) if len(sound) else 0.0
    return sound * np.float32(LEVEL / loudness) if loudness > 1e-5 else sound


def mel(sound: Floats) -> Floats:
    """`[frames, 40]`: the power in each mel band every 10 ms, as librosa 0.9's `melspectrogram` gives it by default."""
    padded = np.pad(sound, FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT)[::STEP]
    window, bands = _constants()
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power.astype(np.float32) @ bands)


@cache
def _constants() -> tuple[Floats, Floats]:
    """The Hann window `[400]` and the mel bands `[201, 40]`: triangles of equal area, on Slaney's scale."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    edges = _hertz(np.linspace(0.0, _mel(RATE / 2), BANDS + 2))
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rising = (bins[:, None] - edges[None, :-2]) / np.diff(edges)[:-1]
    falling = (edges[None, 2:] - bins[:, None]) / np.diff(edges)[1:]
    bands = np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (edges[2:] - edges[:-2])
    return window.astype(np.float32), bands.astype(np.float32)


LINEAR_HERTZ, LINEAR_MELS, OCTAVE = 200 / 3, 15.0, np.log(6.4) / 27
"""Slaney's scale: linear up to 1 kHz (15 mels), logarithmic above."""


def _mel(hertz: float) -> float:
    return float(LINEAR_MELS + np.log(hertz / 1000.0) / OCTAVE) if hertz >= 1000 else hertz / LINEAR_HERTZ


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = 1000.0 * np.exp(OCTAVE * (mels - LINEAR_MELS))
    return np.where(mels >= LINEAR_MELS, above, LINEAR_HERTZ * mels)
