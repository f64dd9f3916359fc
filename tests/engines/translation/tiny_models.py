"""Translation models that know a few words: real CTranslate2 and sentencepiece files, made on the spot.

The weights are set by hand: the encoder passes its words on, the decoder adds their mean to its own last word, and the
projection says the translation of the word that came in, and the end of the sentence after any translation.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

WIDTH = 32
HEAD = ("<blank>", "<unk>", "<s>", "</s>")


def argos(folder: Path, words: Mapping[str, str], pair: tuple[str, str]) -> Path:
    """An unpacked Argos package."""
    _weights(folder / "model", words)
    _pieces(folder / "sentencepiece.model", words)
    told = {"from_code": pair[0], "to_code": pair[1], "package_version": "1.9"}
    (folder / "metadata.json").write_text(json.dumps(told))
    return folder


def opus(folder: Path, words: Mapping[str, str], tags: Sequence[str] = ()) -> Path:
    """A converted Marian model; with tags it wants to be told the target language."""
    _weights(folder, words, tags)
    _pieces(folder / "source.spm", words)
    _pieces(folder / "target.spm", words)
    return folder


def nllb(folder: Path, words: Mapping[str, str], tags: Sequence[str]) -> Path:
    _weights(folder, words, tags)
    _pieces(folder / "sentencepiece.bpe.model", words)
    return folder


def _pieces(path: Path, words: Mapping[str, str]) -> None:
    """Whole words as pieces."""
    import sentencepiece  # noqa: PLC0415 - optional

    known = [*words, *words.values()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(known * 3),
        model_prefix=str(path.with_suffix("")),
        vocab_size=len(set(known)) + 3,
        model_type="word",
        minloglevel=2,
    )
    path.with_suffix(".vocab").unlink()
    path.with_suffix(".model").rename(path)


def _weights(folder: Path, words: Mapping[str, str], tags: Sequence[str] = ()) -> None:
    from ctranslate2.specs import transformer_spec  # noqa: PLC0415 - optional

    pieces = [f"▁{word}" for word in dict.fromkeys([*words, *words.values()])]
    vocabulary = [*HEAD, *tags, *pieces]
    spec = transformer_spec.TransformerSpec.from_config((1, 1), 1)
    for name, value in list(spec.variables().items()):
        if value is None:
            _set(spec, name, _shaped(name, len(vocabulary)))
    spec.decoder.layer[0].attention.linear[1].weight[WIDTH:] = np.eye(WIDTH)
    spec.decoder.layer[0].attention.linear[2].weight[:] = np.eye(WIDTH)
    spec.decoder.projection.weight = _projection(vocabulary, words)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def _projection(vocabulary: Sequence[str], words: Mapping[str, str]) -> np.ndarray:
    place = {word: at for at, word in enumerate(vocabulary)}
    weight = np.zeros((len(vocabulary), WIDTH), np.float32)
    for source, target in words.items():
        weight[place[f"▁{target}"], place[f"▁{source}"]] = 5
        weight[place["</s>"], place[f"▁{target}"]] = 50
    return weight


def _shaped(name: str, size: int) -> np.ndarray:
    if "embeddings" in name:
        return np.eye(size, WIDTH, dtype=np.float32)
    if name.endswith(("gamma", "beta")):
        return np.full(WIDTH, name.endswith("gamma"), np.float32)
    rows = {"self_attention/linear_0": 3 * WIDTH, "attention/linear_1": 2 * WIDTH}
    if "self_attention/linear_1" in name:
        rows = {}
    height = next((count for part, count in rows.items() if part in name), WIDTH)
    if "projection" in name:
        height = size
    return np.zeros((height, WIDTH), np.float32)


def _set(spec: object, name: str, value: np.ndarray) -> None:
    *path, last = name.split("/")
    for part in path:
        stem, _, number = part.rpartition("_")
        is_numbered = number.isdecimal() and not hasattr(spec, part)
        spec = getattr(spec, stem)[int(number)] if is_numbered else getattr(spec, part)
    setattr(spec, last, value)
