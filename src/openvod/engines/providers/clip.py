"""What does a picture show, by a CLIP model that the operator has put into the model folder, and by labels of the operator's?

The folder is `clip/`, with the files of a CLIP as ONNX (as Optimum and Transformers.js export them, in two parts):

- `image.onnx`: `pixel_values` float32 `[n, 3, side, side]` -> embeddings `[n, d]`;
- `text.onnx`: `input_ids` int64 `[n, 77]` (and `attention_mask`, where it asks for one) -> embeddings `[n, d]`;
- `tokenizer.json`: as the package `tokenizers` reads it;
- `labels.txt`: a label per line, and after `|` its categories, by commas: `a dog | animal, pet`.

A picture is compared with "a photo of" each label and with some sentences that say nothing; a label is named when it is the
likelier one (Radford and others, Learning transferable visual models from natural language supervision, 2021).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import onnx_strangers

FOLDER = "clip"
FILES = ("image.onnx", "text.onnx", "tokenizer.json", "labels.txt")
PACKAGE = "tokenizers"
TAGGING = Text("tags of what is in the picture", "根据画面内容打标签")
SIDE, LENGTH = 224, 77
"""Where the files do not tell: of the picture, and of a text in tokens."""
SCALE = 100.0
"""By which CLIP multiplies likenesses; what its training ends at."""
MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
SPREAD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)
NOTHING = ("a photo", "something", "a picture of nothing in particular", "a blurry picture")
LEAST = 0.35
"""Least probability of a label that is named."""
MOST_LABELS, LONGEST_LABEL = 2000, 100
HEAD = 1 << 16
"""Bytes of a file's both ends that stand for its content."""

Bgr = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Label:
    """What a picture may show."""

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A label that a picture bears out."""

    label: Label
    confidence: float
    """0 to 100."""


def installed(models: Path) -> Path | None:
    """The folder, where all of its files are."""
    folder = models / FOLDER
    return folder if all((folder / name).is_file() for name in FILES) else None


def version(folder: Path) -> str:
    """Tells it from another model or another list of labels: from sizes and ends of its files."""
    sum_ = hashlib.sha256()
    for name in FILES:
        path = folder / name
        size = path.stat().st_size
        with path.open("rb") as opened:
            sum_.update(b"%d" % size + opened.read(HEAD))
            opened.seek(max(0, size - HEAD))
            sum_.update(opened.read())
    return sum_.hexdigest()[:8]


def labels(folder: Path) -> list[Label]:
    """Of `labels.txt`; blank lines and those that begin with `#` are passed over."""
    found = []
    for line in (folder / "labels.txt").read_text("utf-8", "replace").splitlines():
        name, _, more = line.partition("|")
        if name.strip() and not name.lstrip().startswith("#"):
            categories = tuple(filter(None, (each.strip() for each in more.split(","))))
            found.append(Label(name.strip()[:LONGEST_LABEL], categories))
    return found[:MOST_LABELS]


class Clip:
    """The loaded model: one thread."""

    def __init__(self, folder: Path) -> None:
        """Raises TaskFault when a package is missing, or the files are no such model."""
        if find_spec(PACKAGE) is None:
            raise TaskFault(
                "InvalidInput.ConfigurationUnsupported/library", what=TAGGING, model=FOLDER, package=PACKAGE
            )
        self.labels = labels(folder)
        try:
            self._image, self._texts = onnx_strangers.session(folder / "image.onnx"), self._embedded(folder)
        except _refusals() as error:
            raise _unfit() from error

    def name(self, pictures: Sequence[Bgr]) -> list[list[Named]]:
        """Which labels each picture bears out, the surest first. Raises TaskFault when the model fails."""
        try:
            return [self._named(picture) for picture in pictures]
        except _refusals() as error:
            raise _unfit() from error

    def _named(self, picture: Bgr) -> list[Named]:
        (wanted,) = self._image.get_inputs()
        side = wanted.shape[-1] if isinstance(wanted.shape[-1], int) else SIDE
        seen = _unit(self._image.run(None, {wanted.name: prepared(picture, side)})[0])[0]
        likely = SCALE * (self._texts @ seen)
        shares = np.exp(likely - likely.max())
        shares /= shares.sum()
        found = [
            Named(label, round(100 * float(share), 2))
            for label, share in zip(self.labels, shares, strict=False)
            if share >= LEAST
        ]
        return sorted(found, key=lambda each: -each.confidence)

    def _embedded(self, folder: Path) -> Floats:
        """Of all labels, and of what says nothing: `[labels + len(NOTHING), d]`."""
        tokens = _tokenizer(folder / "tokenizer.json")
        tokens.enable_truncation(LENGTH)
        tokens.enable_padding(length=LENGTH)
        model = onnx_strangers.session(folder / "text.onnx")
        names = {each.name for each in model.get_inputs()}
        found = []
        for text in (*(f"a photo of {label.name}" for label in self.labels), *NOTHING):
            read = tokens.encode(text)
            given = {
                "input_ids": np.array([read.ids], np.int64),
                "attention_mask": np.array([read.attention_mask], np.int64),
            }
            found.append(model.run(None, {name: given[name] for name in names})[0][0])
        return _unit(np.array(found))


def prepared(picture: Bgr, side: int) -> Floats:
    """`[h, w, 3]` as the model takes it, `[1, 3, side, side]`: its middle square, in the colours' own units."""
    import cv2  # noqa: PLC0415 - only in media processes

    height, width = picture.shape[:2]
    scale = side / min(height, width)
    size = max(side, round(width * scale)), max(side, round(height * scale))
    scaled = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    top, left = (scaled.shape[0] - side) // 2, (scaled.shape[1] - side) // 2
    square = scaled[top : top + side, left : left + side, ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(((square - MEAN) / SPREAD).transpose(2, 0, 1)[None], np.float32)


def _unit(rows: Any) -> Floats:
    values = np.asarray(rows, np.float32)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(f"embeddings are [n, d], not {list(values.shape)}")
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-6), np.float32)


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer  # noqa: PLC0415

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # what the package raises has no other type
        raise _unfit() from error


def _refusals() -> tuple[type[Exception], ...]:
    """For files that fit together badly, too."""
    return (*onnx_strangers.refusals(), KeyError, IndexError)


def _unfit() -> TaskFault:
    return TaskFault("InvalidInput.ConfigurationUnsupported/model-form", what=TAGGING, model=FOLDER)
