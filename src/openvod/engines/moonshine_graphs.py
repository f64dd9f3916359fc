"""How is Moonshine computed? The network, written anew as two small graphs around the published weights.

The published graphs work, but spend most of their time on bookkeeping: the decoder runs about 900 operations per
token, pads its caches every time and takes half a second to load. The graphs here have a sixth of the operations, put
products that share an input into one, and keep what does not change out of the loop. The arithmetic is the same,
8-bit products included, so the results are too, up to rounding.

The network (arXiv 2410.15608; sizes of `tiny`): three strided convolutions make 41 frames of 288 numbers per second
of sound; 6 encoder layers; 6 decoder layers with self-attention, cross-attention and a gated two-layer network;
8 heads of 36 numbers, of which the first 32 are rotated by their position.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from openvod.engines.onnx_graph import Graph
from openvod.engines.ort_weights import Array, Product, Weights

WIDTH, HEADS, LAYERS, VOCABULARY = 288, 8, 6, 32768
HEAD = WIDTH // HEADS
ROTATED = 32
"""How many of a head's numbers are rotated."""
POSITIONS = 1024
"""More than the frames of the longest chunk, and than the tokens of its text."""
EPSILON = 9.999999747378752e-06


def encoder(sound: Weights, text: Weights) -> bytes:
    """The graph that listens, and prepares all that the decoder will look at.

    Input `sound`: float32 (1, samples), 16 kHz. Outputs `key0` … `key5`, float32 (1, 8, 36, frames), and
    `value0` … `value5`, float32 (1, 8, frames, 36).
    """
    g = Graph()
    x = _frames(g, sound, g.input("sound", "float32", [1, "samples"]))
    sum_ = x
    x = g.node(
        "LayerNormalization", [x, _scale(g, sound, "layers.0.input_layernorm.weight")], epsilon=EPSILON
    )[0]
    rotation = [g.constant(np.zeros(1, np.int64)), *_rotation(g)]
    for i in range(LAYERS):
        here = f"/layers.{i}/self_attn"
        q, k, v = _heads(g, _projections(sound, here), x, rotation)
        x = g.node("com.microsoft.MultiHeadAttention", [q, k, v], num_heads=HEADS)[0]
        x = _product(g, [sound.products[f"{here}/o_proj/MatMul_output_0"]], x)
        x, sum_ = _add_and_norm(g, x, sum_, _scale(g, sound, f"layers.{i}.post_attention_layernorm.weight"))
        x = _product(g, [sound.products[f"/layers.{i}/mlp/fc1/Add_output_0"]], x)
        x = g.node("com.microsoft.Gelu", [x])[0]
        x = _product(g, [sound.products[f"/layers.{i}/mlp/fc2/Add_output_0"]], x)
        after = f"layers.{i + 1}.input_layernorm.weight" if i + 1 < LAYERS else "layer_norm.weight"
        x, sum_ = _add_and_norm(g, x, sum_, _scale(g, sound, after))
    _cross_attention(g, text, x)
    return g.model()


def decoder(text: Weights) -> bytes:
    """The graph that writes one token.

    Inputs: `token` float32 (1, 1, 288), the last token's embedding; `position` int64 (1,), how many tokens stand before
    it; `key0` … `value5` from the encoder; `past_key0` … `past_value5`, float32 (1, 8, tokens, 36). Outputs: `logits`
    float32 (1, 1, 32768); `new_key0` … `new_value5`: the past with this token.
    """
    g = Graph()
    x = sum_ = g.input("token", "float32", [1, 1, WIDTH])
    rotation = [g.input("position", "int64", [1]), *_rotation(g)]
    x = g.node("LayerNormalization", [x, _norm(g, text, 0, "input")], epsilon=EPSILON)[0]
    for i in range(LAYERS):
        here = f"/model/decoder/layers.{i}"
        q, k, v = _heads(g, _projections(text, f"{here}/self_attn"), x, rotation)
        past = [g.input(f"past_{name}{i}", "float32", [1, HEADS, "past", HEAD]) for name in ("key", "value")]
        new = [f"new_key{i}", f"new_value{i}"]
        attend = "com.microsoft.MultiHeadAttention"
        x = g.node(
            attend, [q, k, v, "", "", "", *past], [f"self{i}", *new], num_heads=HEADS, unidirectional=1
        )[0]
        for name in new:
            g.output(name, "float32", [1, HEADS, "tokens", HEAD])
        x = _product(g, [text.products[f"{here}/self_attn/o_proj/MatMul_output_0"]], x)
        x, sum_ = _add_and_norm(g, x, sum_, _norm(g, text, i, "post_attention"))
        x = _look(g, text.products[f"{here}/encoder_attn/q_proj/MatMul_output_0"], x, i)
        x = _product(g, [text.products[f"{here}/encoder_attn/o_proj/MatMul_output_0"]], x)
        x, sum_ = _add_and_norm(g, x, sum_, _norm(g, text, i, "final"))
        x = _gated(g, text, here, x)
        after = (
            _norm(g, text, i + 1, "input") if i + 1 < LAYERS else _scale(g, text, "model.decoder.norm.weight")
        )
        x, sum_ = _add_and_norm(g, x, sum_, after)
    _product(g, [text.products["logits"]], x, "logits")
    g.output("logits", "float32", [1, 1, VOCABULARY])
    return g.model()


def _frames(g: Graph, sound: Weights, samples: str) -> str:
    """From the wave to 41 frames per second, by three convolutions."""
    t = sound.tensors
    x = g.node("Unsqueeze", [samples, g.constant(np.array([1], np.int64))])[0]
    x = g.node("Conv", [x, g.constant(t["conv1.weight_add_tensor"])], strides=[64])[0]
    x = g.node("Tanh", [x])[0]
    flat = g.node("Reshape", [x, g.constant(np.array([1, 1, -1], np.int64))])[0]
    one, zero = g.constant(np.ones(1, np.float32)), g.constant(np.zeros(1, np.float32))
    flat = g.node("InstanceNormalization", [flat, one, zero], epsilon=EPSILON)[0]
    x = g.node("Reshape", [flat, g.constant(np.array([1, WIDTH, -1], np.int64))])[0]
    x = g.node("Mul", [x, g.constant(t["onnx::Mul_2080"])])[0]
    x = g.node("Add", [x, g.constant(t["onnx::Add_2081"])])[0]
    for name, stride in (("conv2", 3), ("conv3", 2)):
        weight, bias = g.constant(t[f"{name}.weight_add_tensor"]), g.constant(t[f"{name}.bias"])
        x = g.node("Conv", [x, weight, bias], strides=[stride])[0]
        x = g.node("com.microsoft.Gelu", [x])[0]
    return g.node("Transpose", [x], perm=[0, 2, 1])[0]


def _heads(g: Graph, products: Sequence[Product], x: str, rotation: list[str]) -> list[str]:
    """Queries, keys and values of all heads; the first two rotated by their position."""
    both, value = g.node("Split", [_product(g, products, x), _sizes(g, 2 * WIDTH, WIDTH)], 2, axis=-1)
    turned = g.node(
        "com.microsoft.RotaryEmbedding",
        [both, *rotation],
        num_heads=2 * HEADS,
        rotary_embedding_dim=ROTATED,
        interleaved=1,
    )[0]
    query, key = g.node("Split", [turned, _sizes(g, WIDTH, WIDTH)], 2, axis=-1)
    return [query, key, value]


def _rotation(g: Graph) -> list[str]:
    """Cosine and sine of the angle by position and pair of numbers."""
    rates = 10000.0 ** (-np.arange(0, ROTATED, 2) / ROTATED)
    angles = np.arange(POSITIONS)[:, None] * rates[None]
    return [g.constant(f(angles).astype(np.float32)) for f in (np.cos, np.sin)]


def _cross_attention(g: Graph, text: Weights, x: str) -> None:
    """The decoder's keys and values for what was heard: one product for all layers, as none depends on the text."""
    layers = [f"/model/decoder/layers.{i}/encoder_attn/" for i in range(LAYERS)]
    products = [text.products[f"{at}{kind}_proj/MatMul_output_0"] for kind in "kv" for at in layers]
    halves = g.node("Split", [_product(g, products, x), _sizes(g, *[LAYERS * WIDTH] * 2)], 2, axis=-1)
    shapes: tuple[tuple[str, list[int], list[int | str]], ...] = (
        ("key", [0, 2, 3, 1], [1, HEADS, HEAD, "frames"]),
        ("value", [0, 2, 1, 3], [1, HEADS, "frames", HEAD]),
    )
    for half, (kind, order, shape) in zip(halves, shapes, strict=True):
        x = g.node("Reshape", [half, g.constant(np.array([1, -1, LAYERS * HEADS, HEAD], np.int64))])[0]
        x = g.node("Transpose", [x], perm=order)[0]
        names = [f"{kind}{i}" for i in range(LAYERS)]
        g.node("Split", [x, _sizes(g, *[HEADS] * LAYERS)], names, axis=1)
        for name in names:
            g.output(name, "float32", shape)


def _look(g: Graph, product: Product, x: str, layer: int) -> str:
    """Attention of one token to the frames; plain products beat the fused operator here by two to one."""
    x = _product(g, [replace(product, scale=product.scale / HEAD**0.5)], x)
    x = g.node("Reshape", [x, g.constant(np.array([1, HEADS, 1, HEAD], np.int64))])[0]
    x = g.node("MatMul", [x, g.input(f"key{layer}", "float32", [1, HEADS, HEAD, "frames"])])[0]
    x = g.node("Softmax", [x])[0]
    x = g.node("MatMul", [x, g.input(f"value{layer}", "float32", [1, HEADS, "frames", HEAD])])[0]
    return g.node("Reshape", [x, g.constant(np.array([1, 1, WIDTH], np.int64))])[0]


def _gated(g: Graph, text: Weights, here: str, x: str) -> str:
    """The decoder's two-layer network, where one half of the inner numbers is the other half's gate."""
    inner = text.products[f"{here}/mlp/fc1/Add_output_0"]
    half = inner.weight.shape[1] // 2
    value, gate = g.node("Split", [_product(g, [inner], x), _sizes(g, half, half)], 2, axis=-1)
    gate = g.node("com.microsoft.QuickGelu", [gate], alpha=1.0)[0]
    x = g.node("Mul", [value, gate])[0]
    return _product(g, [text.products[f"{here}/mlp/fc2/Add_output_0"]], x)


def _product(g: Graph, products: Sequence[Product], x: str, name: str | None = None) -> str:
    """Products with the same left side as one: every column keeps the scale and zero point of its own."""
    columns = [p.weight.shape[1] for p in products]
    weight = np.concatenate([p.weight for p in products], axis=1)
    scale = np.repeat(np.array([p.scale for p in products], np.float32), columns)
    zero_point = np.repeat(np.array([p.zero_point for p in products], np.uint8), columns)
    inputs = [x, g.constant(weight)]
    if len(products) == 1:
        inputs += [g.constant(scale[0].reshape(())), g.constant(zero_point[0].reshape(()))]
    else:
        inputs += [g.constant(scale), g.constant(zero_point)]
    if products[0].bias is not None:
        inputs.append(g.constant(products[0].bias))
    return g.node("com.microsoft.DynamicQuantizeMatMul", inputs, [name] if name else 1)[0]


def _projections(weights: Weights, here: str) -> list[Product]:
    return [weights.products[f"{here}/{kind}_proj/MatMul_output_0"] for kind in "qkv"]


def _add_and_norm(g: Graph, x: str, sum_: str, scale: str) -> tuple[str, str]:
    """The layer's result added to the running sum: normalised for the next layer, and as it is."""
    total = g.node("Add", [x, sum_])[0]
    return g.node("LayerNormalization", [total, scale], epsilon=EPSILON)[0], total


def _scale(g: Graph, weights: Weights, name: str) -> str:
    tensors = weights.tensors
    return g.constant(tensors[name] if name in tensors else tensors[f"{name}_merged_0"])


def _norm(g: Graph, text: Weights, layer: int, kind: str) -> str:
    return _scale(g, text, f"model.decoder.layers.{layer}.{kind}_layernorm.weight")


def _sizes(g: Graph, *sizes: int) -> str:
    return g.constant(np.array(sizes, np.int64))


def embedding(text: Weights) -> Callable[[int], Array]:
    """What stands for a token at the decoder's input: float32 (1, 1, 288). Rows are read from the file as needed."""
    name = "model.decoder.embed_tokens.weight_merged_0"
    table = text.tensors[f"{name}_quantized"]
    scale = np.float32(text.tensors[f"{name}_scale"])
    zero_point = np.float32(text.tensors[f"{name}_zero_point"])
    return lambda token: ((table[token] - zero_point) * scale).reshape(1, 1, WIDTH)
