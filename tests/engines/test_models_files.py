"""Reading weights out of an `.ort` file, and writing graphs without the onnx package."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from openvod.engines import catalog, ort_weights
from openvod.engines.onnx_graph import Graph


def test_a_written_graph_runs() -> None:
    graph = Graph()
    x = graph.input("x", "float32", [1, "n"])
    weight = graph.constant(np.array([[2.0], [-1.0]], np.float32))
    (product,) = graph.node("MatMul", [x, weight])
    graph.node("LeakyRelu", [product], ["y"], alpha=0.25)
    graph.output("y", "float32", [1, 1])
    session = onnxruntime.InferenceSession(graph.model(), providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": np.array([[1.0, 4.0]], np.float32)})
    assert y.tolist() == [[-0.5]]


def test_another_file_is_no_ort_model(tmp_path: Path) -> None:
    (tmp_path / "model.ort").write_bytes(b"PK\x03\x04 not a model at all")
    with pytest.raises(ValueError, match="not a model in ORT format"):
        ort_weights.read(tmp_path / "model.ort")


@pytest.mark.needs("models")
def test_the_decoders_weights_are_all_found(models: Path) -> None:
    weights = ort_weights.read(catalog.file(models, "moonshine-tiny-en", "decoder_model_merged.ort"))
    logits = weights.products["logits"]
    assert logits.weight.shape == (288, 32768)
    assert 0 < logits.scale < 1
    assert len(weights.products) == 6 * 10 + 1


@pytest.mark.needs("models")
def test_the_rewritten_network_hears_what_the_published_one_does(models: Path, two_cities: Path) -> None:
    """The published encoder and ours on the same sound: the decoder's view of it must agree."""
    from openvod.engines import moonshine_graphs  # noqa: PLC0415
    from openvod.media import audio  # noqa: PLC0415

    folder = models / "moonshine-tiny-en"
    sound = np.concatenate([*audio.decode(two_cities, 0.0, 3.0)])[None]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3

    def load(model: str | bytes) -> onnxruntime.InferenceSession:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    published = load(str(folder / "encoder_model.ort"))
    mask = np.ones(sound.shape, np.int64)
    (hidden,) = published.run(None, {"input_values": sound, "attention_mask": mask})
    text = ort_weights.read(folder / "decoder_model_merged.ort")
    ours = load(moonshine_graphs.encoder(ort_weights.read(folder / "encoder_model.ort"), text))
    key = ours.run(["key0"], {"sound": sound})[0][0]
    product = text.products["/model/decoder/layers.0/encoder_attn/k_proj/MatMul_output_0"]
    weight = (product.weight.astype(np.float32) - product.zero_point) * product.scale
    expected = (hidden[0] @ weight).reshape(-1, 8, 36).transpose(1, 2, 0)
    assert key.shape == expected.shape
    assert np.corrcoef(key.ravel(), expected.ravel())[0, 1] > 0.99
