"""Tiny models for sherpa-onnx's other loaders: Paraformer, Whisper, and a transducer that can be talked into hot words.

What they hear is built in, whatever the sound; but it passes through the library's own features, search and text.
"""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from openvod.engines.onnx_graph import Graph
from tests.engines.recognisers.tiny_models import properties

MOST_FRAMES = 1000
STATE = 4
"""Width of the caches, in which nothing is kept."""
CONTEXT = 64
"""Tokens that the Whisper can write."""
PEAK = 10.0
LIKELY = PEAK - 0.5
"""A little less likely than what is heard: a hint is enough to hear this instead."""


def _write(path: Path, graph: Graph, stated: Mapping[str, object]) -> None:
    path.write_bytes(graph.model() + properties(stated))


def _tokens(folder: Path, tokens: Sequence[str], form: str = "{token} {number}\n") -> None:
    folder.mkdir(parents=True)
    text = "".join(form.format(token=token, number=i) for i, token in enumerate(tokens))
    (folder / "tokens.txt").write_text(text, encoding="utf-8")


def paraformer(folder: Path, heard: Sequence[str]) -> Path:
    """Tokens a quarter of a second apart, from 0.2 s on."""
    tokens = ["<blank>", "<s>", "</s>", *dict.fromkeys(heard), "<unk>"]
    _tokens(folder, tokens)
    logits = np.zeros((1, len(heard) + 1, len(tokens)), np.float32)
    for i, token in enumerate([*heard, "</s>"]):
        logits[0, i, tokens.index(token)] = PEAK
    fires = np.zeros((1, MOST_FRAMES), np.float32)
    fires[0, [10 + round(12.5 * i) for i in range(len(heard) + 1)]] = (
        1.0  # 50 a second; the last is the text's end
    )
    graph = Graph()
    graph.input("speech", "float32", ("N", "T", 560))
    graph.input("speech_lengths", "int32", ("N",))
    graph.node("Identity", [graph.constant(logits)], ["logits"])
    graph.node("Identity", [graph.constant(np.array([len(heard)], np.int32))], ["token_num"])
    graph.node("Identity", [graph.constant(fires)], ["us_alphas"])
    graph.node("Identity", [graph.constant(fires)], ["us_cif_peak"])
    graph.output("logits", "float32", ("N", "L", len(tokens)))
    graph.output("token_num", "int32", ("N",))
    graph.output("us_alphas", "float32", ("N", "P"))
    graph.output("us_cif_peak", "float32", ("N", "P"))
    ones = ",".join(["1"] * 560)
    stated = {
        "model_type": "paraformer",
        "vocab_size": len(tokens),
        "lfr_window_size": 7,
        "lfr_window_shift": 6,
        "neg_mean": ones,
        "inv_stddev": ones,
    }
    _write(folder / "model.int8.onnx", graph, stated)
    return folder


def transducer(folder: Path, heard: Sequence[str], nearly: Sequence[str] = ()) -> Path:
    """Tokens a third of a second apart; `nearly` are those that are almost as likely in their places."""
    nearly = nearly or heard
    tokens = ["<blk>", *dict.fromkeys([*heard, *nearly]), "<unk>"]
    _tokens(folder, tokens)
    frames = np.zeros((1, MOST_FRAMES, len(tokens)), np.float32)
    frames[:, :, 0] = PEAK / 2
    for i, (token, other) in enumerate(zip(heard, nearly, strict=True)):
        frames[0, 2 + 8 * i, tokens.index(other)] = LIKELY
        frames[0, 2 + 8 * i, tokens.index(token)] = PEAK
    _encoder(folder, frames)
    decoder = Graph()
    decoder.input("y", "int64", ("N", 2))
    nothing = decoder.constant(np.zeros((len(tokens), len(tokens)), np.float32))
    (looked_up,) = decoder.node("Gather", [nothing, "y"])
    axis = decoder.constant(np.array([1], np.int64))
    decoder.node("ReduceSum", [looked_up, axis], ["decoder_out"], keepdims=0)
    decoder.output("decoder_out", "float32", ("N", len(tokens)))
    _write(folder / "decoder.onnx", decoder, {"vocab_size": len(tokens), "context_size": 2})
    joiner = Graph()
    for name in ("encoder_out", "decoder_out"):
        joiner.input(name, "float32", ("N", len(tokens)))
    joiner.node("Add", ["encoder_out", "decoder_out"], ["logit"])
    joiner.output("logit", "float32", ("N", len(tokens)))
    _write(folder / "joiner.onnx", joiner, {"joiner_dim": len(tokens)})
    return folder


def _encoder(folder: Path, frames: np.ndarray) -> None:
    """As many of the frames as the sound has, at a quarter of its rate."""
    graph = Graph()
    graph.input("x", "float32", ("N", "T", 80))
    graph.input("x_lens", "int64", ("N",))
    (shape,) = graph.node("Shape", ["x"])
    first, second, four = (graph.constant(np.array([n], np.int64)) for n in (1, 2, 4))
    (count,) = graph.node("Slice", [shape, first, second])
    graph.node("Div", [count, four], ["encoder_out_lens"])
    start = graph.constant(np.array([0], np.int64))
    graph.node("Slice", [graph.constant(frames), start, "encoder_out_lens", first], ["encoder_out"])
    graph.output("encoder_out", "float32", ("N", "L", frames.shape[2]))
    graph.output("encoder_out_lens", "int64", ("N",))
    _write(folder / "encoder.onnx", graph, {"model_type": "zipformer2"})


def whisper(folder: Path, heard: Sequence[str], language: str = "zh") -> Path:
    """A Whisper by its positions: the language first, the text after the four marks."""
    marks = ["<eot>", "<sot>", "<en>", "<zh>", "<translate>", "<transcribe>", "<notimes>", "<nospeech>"]
    tokens = [*dict.fromkeys(heard), *marks]
    number = {token: i for i, token in enumerate(tokens)}
    folder.mkdir(parents=True)
    spelled = [base64.b64encode(token.encode()).decode() for token in tokens if token not in marks]
    (folder / "tiny-tokens.txt").write_text("".join(f"{text} {i}\n" for i, text in enumerate(spelled)))
    logits = np.zeros((1, CONTEXT, len(tokens)), np.float32)
    logits[0, 0, number[f"<{language}>"]] = PEAK
    for i, token in enumerate([*heard, "<eot>"]):
        logits[0, 3 + i, number[token]] = PEAK
    encoder = Graph()
    encoder.input("mel", "float32", (1, 80, "T"))
    cache = np.zeros((1, 1, 1, STATE), np.float32)
    for name in ("n_layer_cross_k", "n_layer_cross_v"):
        encoder.node("Identity", [encoder.constant(cache)], [name])
        encoder.output(name, "float32", (1, 1, 1, STATE))
    stated = {
        "model_type": "whisper-tiny",
        "n_mels": 80,
        "n_text_layer": 1,
        "n_text_ctx": CONTEXT,
        "n_text_state": STATE,
        "n_vocab": len(tokens),
        "sot": number["<sot>"],
        "eot": number["<eot>"],
        "blank_id": 0,
        "translate": number["<translate>"],
        "transcribe": number["<transcribe>"],
        "is_multilingual": 1,
        "no_timestamps": number["<notimes>"],
        "no_speech": number["<nospeech>"],
        "sot_sequence": f"{number['<sot>']},{number['<en>']},{number['<transcribe>']}",
        "all_language_tokens": f"{number['<en>']},{number['<zh>']}",
        "all_language_codes": "en,zh",
    }
    _write(folder / "tiny-encoder.int8.onnx", encoder, stated)
    _whisper_decoder(folder, logits)
    return folder


def _whisper_decoder(folder: Path, logits: np.ndarray) -> None:
    graph = Graph()
    graph.input("tokens", "int64", (1, "n"))
    caches = ("self_k_cache", "self_v_cache")
    for name in caches:
        graph.input(f"in_n_layer_{name}", "float32", (1, 1, CONTEXT, STATE))
    for name in ("n_layer_cross_k", "n_layer_cross_v"):
        graph.input(name, "float32", (1, 1, 1, STATE))
    graph.input("offset", "int64", (1,))
    (shape,) = graph.node("Shape", ["tokens"])
    first, second = (graph.constant(np.array([n], np.int64)) for n in (1, 2))
    (count,) = graph.node("Slice", [shape, first, second])
    (end,) = graph.node("Add", ["offset", count])
    graph.node("Slice", [graph.constant(logits), "offset", end, first], ["logits"])
    graph.output("logits", "float32", (1, "n", logits.shape[2]))
    for name in caches:
        graph.node("Identity", [f"in_n_layer_{name}"], [f"out_n_layer_{name}"])
        graph.output(f"out_n_layer_{name}", "float32", (1, 1, CONTEXT, STATE))
    _write(folder / "tiny-decoder.int8.onnx", graph, {})
