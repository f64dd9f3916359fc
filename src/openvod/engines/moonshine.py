"""Which English words are said in a few seconds of sound? Moonshine tiny, on ONNX Runtime, greedily."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines import catalog, moonshine_graphs, ort_weights, punctuation
from openvod.engines.moonshine_hints import Hints, Written
from openvod.engines.moonshine_writing import Writing, logarithm, value

MODEL = "moonshine-tiny-en"
Samples = NDArray[np.float32]

BEGIN, END = 1, 2
"""Token numbers."""
RATE = 16000
SHORTEST = RATE // 2
"""Samples; less is filled up with silence, because the network was not made for less."""
TOKENS_PER_SECOND = 6.5
"""More than the fastest speaker needs (about 5); where the network babbles on, it ends here."""
LOOP_TOKENS, LOOP_TIMES = 8, 4
"""A text that ends in the same words so many times over, in so many tokens or more, is a network gone astray."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was understood."""

    text: str
    log_probability: float
    """Mean over the tokens, the end of text included; 0 is certain. 0 when there is no text."""
    looped: bool = False
    """Whether the text was cut because it repeated itself."""


class Moonshine:
    """The loaded network. It runs on one thread; the process peaks at about 210 MB."""

    name = "moonshine-tiny-en 0.1.0"
    languages = frozenset({"en"})

    def __init__(self, models: Path, hot_words: Sequence[str] = ()) -> None:
        """Load from the model folder. Where it may have misheard one of the hot words, that is written instead if the sound
        speaks about as much for it (`moonshine_hints`). Raises TaskFault when the model is not installed.
        """
        what = catalog.SPEECH_RECOGNITION
        listener = ort_weights.read(catalog.file(models, MODEL, "encoder_model.ort", what))
        writer = ort_weights.read(catalog.file(models, MODEL, "decoder_model_merged.ort", what))
        self._tokens = _vocabulary(catalog.file(models, MODEL, "tokenizer.bin", what).read_bytes())
        self._encoder = _session(moonshine_graphs.encoder(listener, writer))
        self._decoder = _session(moonshine_graphs.decoder(writer))
        self._heard = [output.name for output in self._encoder.get_outputs()]
        self._embedding = moonshine_graphs.embedding(writer)
        self._hints = Hints(self._tokens, BEGIN, END, hot_words) if hot_words else None

    def transcribe(self, sound: Samples) -> Transcript:
        """The text of 16 kHz mono sound, at most 24 seconds of it at once."""
        limit = int(len(sound) / RATE * TOKENS_PER_SECOND) + 6
        writing = self._listened(sound)
        tokens: list[int] = []
        scores: list[float] = []
        token = BEGIN
        while len(tokens) < limit:
            logits = writing.next(token)
            token = int(logits.argmax())
            score = logarithm(logits, token)
            scores.append(score)
            if token == END:
                break
            tokens.append(token)
            if repeated := _loop(tokens):
                tokens = tokens[:-repeated]
                # It is ever surer of its repetition, which says nothing about the sound.
                return Transcript(self._text(tokens), float(np.mean(scores[: len(tokens)])), looped=True)
        score = float(np.mean(scores)) if tokens else 0.0
        if self._hints is None or not tokens:
            return Transcript(self._text(tokens), score)
        written = Written(tokens, scores, [self._tokens[each] for each in tokens])
        return Transcript(_tidy(self._hints.applied(written, writing)), score)

    def _listened(self, sound: Samples) -> Writing:
        padded = np.pad(sound, (0, max(SHORTEST - len(sound), 0)))
        heard = self._encoder.run_with_ort_values(self._heard, {"sound": value(padded[None])})
        return Writing(self._decoder, self._embedding, dict(zip(self._heard, heard, strict=True)))

    def _text(self, tokens: list[int]) -> str:
        return _tidy(b"".join(self._tokens[token] for token in tokens).decode("utf-8", "ignore"))


def _tidy(joined: str) -> str:
    return punctuation.tidy(" ".join(joined.replace("\u2581", " ").split()))


def _session(model: bytes) -> Any:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # The graphs are written as they shall run; the heavier rewrites make them slower.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _loop(tokens: list[int]) -> int:
    """How many tokens at the end are needless repetition; 0 for a sound text."""
    for size in range(1, len(tokens) // LOOP_TIMES + 1):
        times = max(LOOP_TIMES, -(-LOOP_TOKENS // size))
        tail = tokens[-size * times :]
        if len(tail) == size * times and tail == tail[:size] * times:
            return size * (times - 1)
    return 0


def _vocabulary(data: bytes) -> list[bytes]:
    """The tokens' texts. The file holds each with its length before it: one byte, or two from 128 on."""
    texts: list[bytes] = []
    at = 0
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = data[at] * 128 + length - 128, at + 1
        texts.append(_plain(data[at : at + length]))
        at += length
    return texts


def _plain(text: bytes) -> bytes:
    """`<0x41>` is a byte; other texts in angle brackets are marks that are not written."""
    if not (text.startswith(b"<") and text.endswith(b">") and len(text) > 2):
        return text
    return bytes([int(text[3:5], 16)]) if text.startswith(b"<0x") else b""
