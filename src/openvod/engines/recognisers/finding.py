"""Which recognisers has the operator put into the model folder, and can they be loaded here?

Any sub-folder is looked into, three levels deep. A model whose files do not tell its language has it from its folder's
name, as its publisher calls it, or from the operator, in a file `languages.txt` beside it (codes, by spaces).
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from openvod.engines.recognisers import Found, Kind, codes, signatures

DEPTH, MOST = 3, 5000
"""Levels of folders, and entries in all, that are looked at."""
STATED = "languages.txt"
HEAD = 1 << 16
"""Bytes of a file's head, and as many of its tail, that stand for its content: models are too large to be read whole
before every task."""

PACKAGES: dict[Kind, tuple[str, str]] = {
    "whisper-ctranslate2": ("faster_whisper", "faster-whisper"),
    "whisper-ggml": ("pywhispercpp", "pywhispercpp"),
    "sense-voice": ("sherpa_onnx", "sherpa-onnx"),
    "sherpa-whisper": ("sherpa_onnx", "sherpa-onnx"),
    "paraformer": ("sherpa_onnx", "sherpa-onnx"),
    "transducer": ("sherpa_onnx", "sherpa-onnx"),
    "vosk": ("vosk", "vosk"),
}
"""Module and package that load a kind."""
WHISPER_CPP = "whisper-cli"
"""The program that stands in for the library `pywhispercpp`."""

_VOSK = re.compile(r"vosk-model-(?:small-|big-|lgraph-)?([a-z]{2,3})\b")
_VOSK_CODES = {"cn": "zh", "ua": "uk", "kz": "kk", "gr": "el", "cz": "cs"}
"""Vosk names some models by country."""
_CODES_IN_NAMES = frozenset("zh en ja ko yue fr de es ru th vi ar pt id".split())  # noqa: SIM905


def find(models: Path) -> tuple[Found, ...]:
    """All of them, by their places in the folder."""
    return tuple(sorted(_found(models), key=lambda found: found.id))


def _found(models: Path) -> Iterator[Found]:
    seen = 0
    for place, folders, files in os.walk(models, followlinks=True):
        folder = Path(place)
        relative = folder.relative_to(models)
        seen += len(folders) + len(files)
        if len(relative.parts) >= DEPTH or seen > MOST:
            folders.clear()
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if relative.parts and (sign := signatures.of_folder(folder, [*folders, *files])):
            folders.clear()
            yield _described(sign, relative, folder)
            continue
        for name in sorted(files):
            if name.endswith(".bin") and (sign := signatures.of_file(folder / name)):
                yield _described(sign, relative / name, folder / name)


def _described(sign: signatures.Sign, relative: Path, path: Path) -> Found:
    module, package = PACKAGES[sign.kind]
    there = find_spec(module) is not None
    if sign.kind == "whisper-ggml":
        there = there or shutil.which(WHISPER_CPP) is not None
    found = Found(relative.as_posix(), sign.kind, frozenset(), path, sign.files, "" if there else package)
    return replace(found, languages=_languages(sign, relative, path), version=_version(path))


def _languages(sign: signatures.Sign, relative: Path, path: Path) -> frozenset[str]:
    stated = (path if path.is_dir() else path.parent) / STATED
    if stated.is_file():
        text = stated.read_text("utf-8", "replace")[:HEAD]
        return frozenset(codes.language(code).code for code in text.replace(",", " ").split())
    if sign.languages:
        return sign.languages
    name = relative.name.lower()
    if sign.kind == "vosk":
        told = _VOSK.match(name)
        return frozenset({_VOSK_CODES.get(told[1], codes.language(told[1]).code)}) if told else frozenset()
    parts = re.split(r"[^a-z]+", name)
    return frozenset(part for part in parts if part in _CODES_IN_NAMES) | frozenset(
        codes.ENGLISH_NAMES[part] for part in parts if part in codes.ENGLISH_NAMES
    )


def _version(path: Path) -> str:
    """A digest that changes with the model, at the price of reading a little of each of its files."""
    digest = hashlib.sha256()
    for file in sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]:
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        with file.open("rb") as opened:
            digest.update(opened.read(HEAD))
            opened.seek(max(size - HEAD, 0))
            digest.update(opened.read(HEAD))
    return digest.hexdigest()[:16]
