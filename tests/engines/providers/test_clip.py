"""A CLIP of the operator's: tiny graphs that tell red, green and blue."""

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from openvod.core.errors import TaskFault
from openvod.engines.onnx_graph import Graph
from openvod.engines.providers import clip
from openvod.engines.providers.clip import Clip, Label

WORDS = {"[UNK]": 0, "red": 1, "green": 2, "blue": 3}
LABELS = "# colours\nred | colour, warm\n\ngreen|colour\nblue\n"


def folder_of(models: Path, labels: str = LABELS) -> Path:
    """A model whose embeddings are the three colours."""
    folder = models / "clip"
    folder.mkdir(parents=True)
    (folder / "labels.txt").write_text(labels)
    tokens = Tokenizer(WordLevel(WORDS, unk_token="[UNK]"))
    tokens.pre_tokenizer = Whitespace()
    tokens.save(str(folder / "tokenizer.json"))
    texts = Graph()
    ids = texts.input("input_ids", "int64", ["n", 77])
    table = np.vstack([np.zeros(3), np.eye(3)]).astype(np.float32)
    rows = texts.node("Gather", [texts.constant(table), ids])
    axis = texts.constant(np.array([1], np.int64))
    texts.node("ReduceSum", [*rows, axis], ["text"], keepdims=0)
    texts.output("text", "float32", ["n", 3])
    (folder / "text.onnx").write_bytes(texts.model())
    images = Graph()
    pixels = images.input("pixel_values", "float32", ["n", 3, 8, 8])
    axes = images.constant(np.array([2, 3], np.int64))
    images.node("ReduceMean", [pixels, axes], ["image"], keepdims=0)
    images.output("image", "float32", ["n", 3])
    (folder / "image.onnx").write_bytes(images.model())
    return folder


def test_pictures_are_named_by_the_labels(tmp_path: Path) -> None:
    model = Clip(folder_of(tmp_path))
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 2] = 255
    ((first,), (second,)) = model.name([red, np.roll(red, 1, axis=2)])
    assert first.label == Label("red", ("colour", "warm"))
    assert first.confidence > 90
    assert second.label.name == "blue"


def test_a_picture_of_nothing_has_no_name(tmp_path: Path) -> None:
    model = Clip(folder_of(tmp_path))
    assert model.name([np.zeros((30, 30, 3), np.uint8)]) == [[]]


def test_it_is_there_when_all_of_its_files_are(tmp_path: Path) -> None:
    assert clip.installed(tmp_path) is None
    folder = folder_of(tmp_path)
    assert clip.installed(tmp_path) == folder
    before = clip.version(folder)
    (folder / "labels.txt").write_text("cat\n")
    assert clip.version(folder) != before
    (folder / "text.onnx").unlink()
    assert clip.installed(tmp_path) is None


@pytest.mark.parametrize("name", ["image.onnx", "text.onnx", "tokenizer.json"])
def test_what_is_no_model_is_told(tmp_path: Path, name: str) -> None:
    folder = folder_of(tmp_path)
    (folder / name).write_bytes(b"no model")
    with pytest.raises(TaskFault) as raised:
        Clip(folder)
    assert raised.value.key == "InvalidInput.ConfigurationUnsupported/model-form"


def test_the_middle_of_a_picture_is_seen() -> None:
    picture = np.zeros((10, 30, 3), np.uint8)
    picture[:, 10:20] = 255
    assert clip.prepared(picture, 8).shape == (1, 3, 8, 8)
    assert clip.prepared(picture, 8).min() > 1
