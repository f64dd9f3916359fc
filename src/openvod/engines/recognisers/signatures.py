"""What kind of recogniser is in a folder or a file? Told by its content, not by its name.

Only heads of files are read. Whatever does not look exactly like one of the known kinds is none.
"""

import io
import json
import struct
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from openvod.engines.recognisers import Kind, codes

GGML_MAGIC = 0x67676D6C
WHISPER_CONTEXT = 1500
"""Positions of Whisper's encoder; other networks in the same file format have other numbers there."""
WHISPER_MELS = (80, 128)
ENGLISH_VOCABULARY = 51864
"""Tokens of Whisper's English-only vocabulary; the multilingual ones have more."""
SMALL_FILE = 16 << 20
"""Bytes; no text file of a model is larger."""
METADATA = 1 << 20
"""Bytes that one entry of an ONNX model's metadata may have."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What was recognised."""

    kind: Kind
    files: Mapping[str, str] = field(default_factory=dict)
    """As `Found.files`."""
    languages: frozenset[str] = frozenset()
    """As far as the files tell."""


def of_file(path: Path) -> Sign | None:
    """The sign of a lone file: a Whisper model in whisper.cpp's format."""
    head = _head(path, 56)
    if path.suffix != ".bin" or len(head) < 56:
        return None
    magic, vocabulary, context, *_, mels, _, filters, _ = struct.unpack("<14i", head)
    if magic != GGML_MAGIC or context != WHISPER_CONTEXT or mels not in WHISPER_MELS or filters != mels:
        return None
    if vocabulary <= ENGLISH_VOCABULARY:
        return Sign("whisper-ggml", languages=frozenset({"en"}))
    # 99 languages up to v2; Cantonese came with the one token more of v3.
    return Sign(
        "whisper-ggml",
        languages=_spoken(codes.WHISPER - (frozenset() if vocabulary > 51865 else {"yue"})),
    )


def of_folder(folder: Path, names: Sequence[str]) -> Sign | None:
    """The sign of a folder with these files and folders in it."""
    if {"model.bin", "config.json"} <= set(names):
        return _ctranslate2(folder, names)
    graphs = [name for name in names if name.endswith(".onnx")]
    tokens = next((name for name in names if name.endswith("tokens.txt")), "")
    if graphs and tokens:
        return _sherpa(folder, graphs, tokens)
    if ("am" in names or "final.mdl" in names) and _is_vosk(folder):
        return Sign("vosk")
    return None


def _ctranslate2(folder: Path, names: Sequence[str]) -> Sign | None:
    """`model.bin` begins with its format's version and the length and name of its specification."""
    head = _head(folder / "model.bin", 64)
    if len(head) < 8 or head[6 : 6 + struct.unpack("<H", head[4:6])[0]].rstrip(b"\0") != b"WhisperSpec":
        return None
    # Without it the library would ask the network for one.
    if "tokenizer.json" not in names:
        return None
    listed = next((name for name in ("vocabulary.json", "vocabulary.txt") if name in names), "")
    tokens = _tokens(_text(folder / listed)) if listed else set()
    if len(tokens) <= ENGLISH_VOCABULARY:
        return Sign("whisper-ctranslate2", languages=frozenset({"en"}))
    known = {code for code in codes.WHISPER if f"<|{codes.whisper(code)}|>" in tokens}
    return Sign("whisper-ctranslate2", languages=_spoken(known))


def _tokens(text: str) -> Set[str]:
    """A vocabulary: a JSON list, or a line for each token."""
    try:
        listed = json.loads(text)
    except ValueError:
        listed = text.splitlines()
    return {str(token) for token in listed} if isinstance(listed, list) else set()


def _spoken(known: Iterable[str]) -> frozenset[str]:
    return frozenset(codes.canonical(code) for code in known)


def _sherpa(folder: Path, graphs: Sequence[str], tokens: str) -> Sign | None:
    """The graph's metadata says what it is; of several precisions of one graph the quantised is taken."""
    roles = {role: _best(graphs, role) for role in ("encoder", "decoder", "joiner")}
    if all(roles.values()):
        streaming = "decode_chunk_len" in metadata(folder / roles["encoder"])
        return None if streaming else Sign("transducer", {**roles, "tokens": tokens})
    if roles["encoder"] and roles["decoder"]:
        stated = metadata(folder / roles["encoder"])
        if not stated.get("model_type", "").startswith("whisper"):
            return None
        listed = stated.get("all_language_codes", "").split(",")
        known = frozenset(filter(None, listed)) if stated.get("is_multilingual") == "1" else frozenset({"en"})
        return Sign(
            "sherpa-whisper",
            {"encoder": roles["encoder"], "decoder": roles["decoder"], "tokens": tokens},
            _spoken(known),
        )
    model = _best(graphs, "")
    stated = metadata(folder / model)
    files = {"model": model, "tokens": tokens}
    if stated.get("model_type") == "sense_voice_ctc":
        return Sign("sense-voice", files, codes.SENSE_VOICE)
    return Sign("paraformer", files) if stated.get("model_type") == "paraformer" else None


def _best(graphs: Sequence[str], role: str) -> str:
    fitting = sorted(name for name in graphs if role in name)
    return next((name for name in fitting if ".int8." in name), fitting[0] if fitting else "")


def _is_vosk(folder: Path) -> bool:
    """Kaldi's acoustic model begins with a mark of binary files; beside it are features' settings and a graph."""
    flat = (folder / "final.mdl", folder / "mfcc.conf", folder)
    model, features, graph = (
        flat
        if flat[0].is_file()
        else (
            folder / "am" / "final.mdl",
            folder / "conf" / "mfcc.conf",
            folder / "graph",
        )
    )
    graphs = ("HCLG.fst", "HCLr.fst", "Gr.fst")
    return (
        _head(model, 2) == b"\0B" and features.is_file() and any((graph / name).is_file() for name in graphs)
    )


def metadata(path: Path) -> dict[str, str]:
    """The key-value pairs of an ONNX model; empty when it is none. The graph itself is skipped, not read."""
    found: dict[str, str] = {}
    try:
        with path.open("rb") as opened:
            end = path.stat().st_size
            while opened.tell() < end:
                tag = _varint(opened)
                if tag & 7 == 0:
                    _varint(opened)
                    continue
                if tag & 7 != 2:
                    return {}
                size = _varint(opened)
                if tag >> 3 == 14 and size <= METADATA:  # metadata_props
                    key, value = _pair(opened.read(size))
                    found[key] = value
                else:
                    opened.seek(size, 1)
    except (OSError, ValueError, IndexError):
        return {}
    return found


def _varint(opened: BinaryIO) -> int:
    """A number of protocol buffers. Raises ValueError or IndexError where there is none."""
    value = shift = 0
    while shift < 64:
        byte = opened.read(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
        shift += 7
    raise ValueError("no number")


def _pair(message: bytes) -> tuple[str, str]:
    """StringStringEntryProto: field 1 the key, field 2 the value, lengths as varints."""
    opened, parts = io.BytesIO(message), dict[int, str]()
    while tag := opened.read(1):
        size = _varint(opened)
        parts[tag[0] >> 3] = opened.read(size).decode("utf-8", "replace")
    return parts.get(1, ""), parts.get(2, "")


def _head(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(size)
    except OSError:
        return b""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return opened.read(SMALL_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
