"""Model files of every kind that is recognised, as small as their loaders take them. Weights are random or planned: what
they hear is nonsense, or a text that was built in.
"""

import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

import numpy as np

from openvod.engines.onnx_graph import Graph, framed

SPACE = "\u0120"
"""How byte-level BPE spells a space. Alone it is never written: loaders suppress it, as a beginning of signs."""
FRAMES_PER_TOKEN = 8
"""Of Whisper's encoder, 50 a second: how long a planned network takes for a token."""
MOST_FRAMES = 1000
"""A minute of SenseVoice's frames."""
TEXT_TOKENS = 50257
"""Whisper's own number of tokens that are text: both loaders tell English-only models by it."""


def sense_voice(folder: Path, heard: Sequence[str], lang: str = "zh", event: str = "Speech") -> Path:
    """A SenseVoice that hears the same tokens in whatever sound: one token after the other, eight frames apart."""
    folder.mkdir(parents=True)
    marks = [f"<|{lang}|>", "<|NEUTRAL|>", f"<|{event}|>", "<|withitn|>"]
    tokens = ["<blank>", *dict.fromkeys([*marks, *heard])]
    (folder / "tokens.txt").write_text(
        "".join(f"{token} {i}\n" for i, token in enumerate(tokens)), encoding="utf-8"
    )
    logits = np.zeros((1, MOST_FRAMES, len(tokens)), np.float32)
    logits[:, :, 0] = 5.0
    for i, mark in enumerate(marks):
        logits[0, i, tokens.index(mark)] = 10.0
    for i, token in enumerate(heard):
        logits[0, 4 + 8 * i, tokens.index(token)] = 10.0
    graph = Graph()
    graph.input("x", "float32", ("N", "T", 560))
    for name in ("x_length", "language", "text_norm"):
        graph.input(name, "int32", ("N",))
    # As long as the sound, and the four marks before it.
    (shape,) = graph.node("Shape", ["x"])
    first, second, four = (graph.constant(np.array([n], np.int64)) for n in (1, 2, 4))
    (frames,) = graph.node("Slice", [shape, first, second])
    (longer,) = graph.node("Add", [frames, four])
    start = graph.constant(np.array([0], np.int64))
    graph.node("Slice", [graph.constant(logits), start, longer, first], ["logits"])
    graph.output("logits", "float32", ("N", "T", len(tokens)))
    ones = ",".join(["1"] * 560)
    stated = {
        "model_type": "sense_voice_ctc",
        "vocab_size": len(tokens),
        "lfr_window_size": 7,
        "lfr_window_shift": 6,
        "normalize_samples": 0,
        "neg_mean": ones,
        "inv_stddev": ones,
        "lang_auto": 0,
        "lang_zh": 3,
        "lang_en": 4,
        "lang_yue": 7,
        "lang_ja": 11,
        "lang_ko": 12,
        "with_itn": 14,
        "without_itn": 15,
    }
    (folder / "model.onnx").write_bytes(graph.model() + properties(stated))
    return folder


def properties(stated: Mapping[str, object]) -> bytes:
    """`metadata_props` of an ONNX model."""
    return b"".join(framed(14, framed(1, key) + framed(2, str(value))) for key, value in stated.items())


def vocabulary() -> list[str]:
    """Whisper's multilingual tokens, with filler in place of most text. Bytes are spelled as byte-level BPE spells them."""
    text = [*byte_letters().values(), *(SPACE + letter for letter in ascii_lowercase)]
    text += [f"filler{i}" for i in range(TEXT_TOKENS - 1 - len(text))]
    text.append("")  # by which CTranslate2 tells the multilingual vocabulary
    languages = [f"<|{code}|>" for code in WHISPER_ORDER]
    tasks = [
        "<|translate|>",
        "<|transcribe|>",
        "<|startoflm|>",
        "<|startofprev|>",
        "<|nospeech|>",
        "<|notimestamps|>",
    ]
    times = [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
    return [*text, "<|endoftext|>", "<|startoftranscript|>", *languages, *tasks, *times]


WHISPER_ORDER = [
    "en",
    "zh",
    "de",
    "es",
    "ru",
    "ko",
    "fr",
    "ja",
    "pt",
    "tr",
    "pl",
    "ca",
    "nl",
    "ar",
    "sv",
    "it",
    "id",
    "hi",
    "fi",
    "vi",
    "he",
    "uk",
    "el",
    "ms",
    "cs",
    "ro",
    "da",
    "hu",
    "ta",
    "no",
    "th",
    "ur",
    "hr",
    "bg",
    "lt",
    "la",
    "mi",
    "ml",
    "cy",
    "sk",
    "te",
    "fa",
    "lv",
    "bn",
    "sr",
    "az",
    "sl",
    "kn",
    "et",
    "mk",
    "br",
    "eu",
    "is",
    "hy",
    "ne",
    "mn",
    "bs",
    "kk",
    "sq",
    "sw",
    "gl",
    "mr",
    "pa",
    "si",
    "km",
    "sn",
    "yo",
    "so",
    "af",
    "oc",
    "ka",
    "be",
    "tg",
    "sd",
    "gu",
    "am",
    "yi",
    "lo",
    "uz",
    "fo",
    "ht",
    "ps",
    "tk",
    "nn",
    "mt",
    "sa",
    "lb",
    "my",
    "bo",
    "tl",
    "mg",
    "as",
    "tt",
    "haw",
    "ln",
    "ha",
    "ba",
    "jw",
    "su",
]
"""Whisper's languages, in the order of their tokens."""


def byte_letters() -> dict[int, str]:
    """GPT-2's printable letter for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    letters = {byte: chr(byte) for byte in plain} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    return dict(sorted(letters.items(), key=lambda pair: [*plain, *others].index(pair[0])))


def said(text: str, tokens: Sequence[str], seconds: float) -> list[int]:
    """The tokens of a text that begins at 0 and ends so late, as Whisper writes them."""
    letters = byte_letters()
    number = {token: i for i, token in enumerate(tokens)}
    spelled = [
        number[token] for token in re.findall(f"{SPACE}?.", "".join(letters[b] for b in text.encode()))
    ]
    return [number["<|0.00|>"], *spelled, number[f"<|{seconds:.2f}|>"], number["<|endoftext|>"]]


def plan(text: str, language: str, seconds: float, before: int) -> dict[int, int]:
    """What a planned network writes after each position: first the language, then the text after three marks, and after so
    many tokens `before` them."""
    tokens = vocabulary()
    return {0: tokens.index(f"<|{language}|>")} | {
        before + 2 + i: token for i, token in enumerate(said(text, tokens, seconds))
    }


STATE = 64
"""Width of the planned networks: as many positions can be told apart."""


def whisper_ctranslate2(
    folder: Path, text: str, language: str = "en", seconds: float = 1.0, before: int = 0
) -> Path:
    """A Whisper that hears the same text in whatever sound, by its positions: attention is switched off."""
    from ctranslate2.specs import WhisperSpec  # noqa: PLC0415 — only some environments have it
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers  # noqa: PLC0415

    folder.mkdir(parents=True)
    tokens = vocabulary()
    spec = WhisperSpec(1, 1, 1, 1)
    _fill_encoder(spec.encoder)
    _fill_decoder(spec.decoder, len(tokens), plan(text, language, seconds, before))
    spec.register_vocabulary(tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in WHISPER_ORDER]
    spec.config.alignment_heads = [(0, 0)]
    spec.validate()
    spec.save(str(folder))
    words = {token: i for i, token in enumerate(tokens[:TEXT_TOKENS])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[(SPACE, letter) for letter in ascii_lowercase]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in tokens[TEXT_TOKENS:]])
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def _zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def _fill_norm(norm: object) -> None:
    norm.gamma, norm.beta = np.ones(STATE, np.float32), _zeros(STATE)


def _fill_linear(linear: object, rows: int, columns: int = STATE) -> None:
    linear.weight, linear.bias = _zeros(rows, columns), _zeros(rows)


def _fill_layer(layer: object) -> None:
    _fill_norm(layer.self_attention.layer_norm)
    _fill_linear(layer.self_attention.linear[0], 3 * STATE)
    _fill_linear(layer.self_attention.linear[1], STATE)
    _fill_norm(layer.ffn.layer_norm)
    _fill_linear(layer.ffn.linear_0, 4 * STATE)
    _fill_linear(layer.ffn.linear_1, STATE, 4 * STATE)


def _fill_encoder(encoder: object) -> None:
    encoder.conv1.weight, encoder.conv1.bias = _zeros(STATE, 80, 3), _zeros(STATE)
    encoder.conv2.weight, encoder.conv2.bias = _zeros(STATE, STATE, 3), _zeros(STATE)
    encoder.position_encodings.encodings = _directions(np.arange(1500) // FRAMES_PER_TOKEN)
    _fill_norm(encoder.layer_norm)
    for layer in encoder.layer:
        _fill_layer(layer)


def _fill_decoder(decoder: object, size: int, planned: Mapping[int, int]) -> None:
    decoder.embeddings.weight = _zeros(size, STATE)
    decoder.position_encodings.encodings = _positions()
    decoder.projection.weight = _projection(size, planned)
    _fill_norm(decoder.layer_norm)
    for layer in decoder.layer:
        _fill_layer(layer)
        _fill_norm(layer.attention.layer_norm)
        # Each position looks at a stretch of sound of its own, and takes nothing from it: for the words' times.
        layer.attention.linear[0].weight, layer.attention.linear[0].bias = (
            np.eye(STATE, dtype=np.float32),
            _zeros(STATE),
        )
        both = np.eye(2 * STATE, STATE, dtype=np.float32)
        layer.attention.linear[1].weight, layer.attention.linear[1].bias = both, _zeros(2 * STATE)
        _fill_linear(layer.attention.linear[2], STATE)


def _positions() -> np.ndarray:
    return _directions(np.arange(448))


def _directions(numbers: np.ndarray) -> np.ndarray:
    """Each number is a direction of its own; from the last on, they are the same."""
    return np.eye(STATE, dtype=np.float32)[np.minimum(numbers, STATE - 1)]


def _projection(size: int, planned: Mapping[int, int], height: float = 4.0) -> np.ndarray:
    weights = _zeros(size, STATE)
    for position, token in planned.items():
        weights[token, position] = height
    return weights


def whisper_ggml(path: Path, text: str, language: str = "en", seconds: float = 1.0, before: int = 0) -> Path:
    """The same for whisper.cpp: header, mel filters, text tokens, tensors."""
    tokens = vocabulary()
    planned = plan(text, language, seconds, before)
    parts = [struct.pack("<I", 0x67676D6C)]
    parts.append(struct.pack("<11i", len(tokens), 1500, STATE, 1, 1, 448, STATE, 1, 1, 80, 1))
    parts += [struct.pack("<2i", 80, 201), np.zeros((80, 201), np.float32).tobytes()]
    letters = {letter: byte for byte, letter in byte_letters().items()}
    parts.append(struct.pack("<i", TEXT_TOKENS))
    for token in tokens[:TEXT_TOKENS]:
        spelled = bytes(map(letters.__getitem__, token)) if set(token) <= set(letters) else token.encode()
        parts += [struct.pack("<I", len(spelled)), spelled]
    # The output shares the input's embedding here: tiny beside the positions, then made large again.
    parts.append(
        _tensor("decoder.token_embedding.weight", _projection(len(tokens), planned, 0.01), half=True)
    )
    parts.append(_tensor("decoder.positional_embedding", 8 * _positions()))
    parts += [
        _tensor("decoder.ln.weight", np.full(STATE, 400.0)),
        _tensor("decoder.ln.bias", np.zeros(STATE)),
    ]
    parts += [_tensor("encoder.positional_embedding", np.zeros((1500, STATE)))]
    for name, inputs in (("conv1", 80), ("conv2", STATE)):
        parts.append(_tensor(f"encoder.{name}.weight", np.zeros((STATE, inputs, 3)), half=True))
        parts.append(_tensor(f"encoder.{name}.bias", np.zeros((STATE, 1))))
    parts += [_tensor(f"encoder.ln_post.{part}", np.ones(STATE)) for part in ("weight", "bias")]
    for side in ("encoder", "decoder"):
        parts += _block(f"{side}.blocks.0", ("attn", "cross_attn") if side == "decoder" else ("attn",))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(parts))
    return path


def _block(at: str, attentions: Sequence[str]) -> list[bytes]:
    parts = []
    for norm in ("mlp", *attentions):
        parts += [_tensor(f"{at}.{norm}_ln.{part}", np.ones(STATE)) for part in ("weight", "bias")]
    for name, rows, columns in (("mlp.0", 4 * STATE, STATE), ("mlp.2", STATE, 4 * STATE)):
        parts.append(_tensor(f"{at}.{name}.weight", np.zeros((rows, columns)), half=True))
        parts.append(_tensor(f"{at}.{name}.bias", np.zeros(rows)))
    for attention in attentions:
        for name in ("query", "key", "value", "out"):
            parts.append(_tensor(f"{at}.{attention}.{name}.weight", np.zeros((STATE, STATE)), half=True))
            if name != "key":
                parts.append(_tensor(f"{at}.{attention}.{name}.bias", np.zeros(STATE)))
    return parts


def _tensor(name: str, values: np.ndarray, half: bool = False) -> bytes:
    data = values.astype(np.float16 if half else np.float32)
    head = struct.pack("<3i", data.ndim, len(name), int(half))
    return head + struct.pack(f"<{data.ndim}i", *reversed(data.shape)) + name.encode() + data.tobytes()


def vosk(folder: Path) -> Path:
    """What tells a Vosk model, without a model: its loader refuses it."""
    for name in ("am", "conf", "graph"):
        (folder / name).mkdir(parents=True)
    (folder / "am" / "final.mdl").write_bytes(b"\0B<TransitionModel> ")
    (folder / "conf" / "mfcc.conf").write_text("--sample-frequency=16000\n")
    (folder / "graph" / "HCLr.fst").write_bytes(b"\xd6\xfd\xb2\x7e")
    return folder
