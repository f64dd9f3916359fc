"""TransNetV2 as ONNX computes what its layers are said to compute, written down a second time in plain numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.engines.precise import network
from openvod.engines.precise.network import DILATIONS, FRAMES, REACH, build, colours

Floats = NDArray[np.floating[Any]]
ALIKE, HIDDEN = 4, 6


def weights(rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """A network of the same form, with few filters."""

    def some(*shape: int, size: float = 0.5) -> NDArray[np.float32]:
        return rng.normal(0, size, shape).astype(np.float32)

    found: dict[str, NDArray[np.float32]] = {}
    given, seen = 3, 0
    for block in range(3):
        filters = 1 + block
        for layer in range(2):
            name = f"SDDCNN.{block}.DDCNN.{layer}."
            for reach in DILATIONS:
                found[f"{name}Conv3D_{reach}.layers.0.weight"] = some(2 * filters, given, 1, 3, 3)
                found[f"{name}Conv3D_{reach}.layers.1.weight"] = some(filters, 2 * filters, 3, 1, 1)
            for part in ("weight", "bias", "running_mean"):
                found[f"{name}bn.{part}"] = some(4 * filters)
            found[f"{name}bn.running_var"] = np.abs(some(4 * filters)) + np.float32(0.1)
            given = 4 * filters
        seen += given
    found["frame_sim_layer.projection.weight"] = some(ALIKE, seen)
    for name in ("frame_sim_layer", "color_hist_layer"):
        found[f"{name}.fc.weight"], found[f"{name}.fc.bias"] = some(5, 2 * REACH + 1), some(5)
    found["fc1.weight"], found["fc1.bias"] = some(HIDDEN, 5 + 5 + given * 3 * 6, size=0.001), some(HIDDEN)
    found["cls_layer1.weight"], found["cls_layer1.bias"] = some(1, HIDDEN, size=0.05), some(1)
    return found


def convolved(value: Floats, kernel: Floats, reach: int) -> Floats:
    """`value` `[c, t, h, w]` by `kernel` `[n, c, t, h, w]`, zeros around, each step in time `reach` frames."""
    times, rows, columns = kernel.shape[2:]
    before, above, left = times // 2 * reach, rows // 2, columns // 2
    wide = np.pad(value, ((0, 0), (before, before), (above, above), (left, left)))
    total = np.zeros((len(kernel), *value.shape[1:]), np.float32)
    for t in range(times):
        for y in range(rows):
            for x in range(columns):
                part = wide[:, t * reach :, y:, x:][:, : value.shape[1], : value.shape[2], : value.shape[3]]
                total += np.einsum("nc,cthw->nthw", kernel[:, :, t, y, x], part)
    return total


def layer(given: dict[str, NDArray[np.float32]], name: str, value: Floats) -> Floats:
    made = []
    for reach in DILATIONS:
        spread = convolved(value, given[f"{name}Conv3D_{reach}.layers.0.weight"], 1)
        made.append(convolved(spread, given[f"{name}Conv3D_{reach}.layers.1.weight"], reach))
    mean, variance, weight, bias = (
        given[f"{name}bn.{part}"][:, None, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    normal: Floats = (np.concatenate(made) - mean) / np.sqrt(variance + 1e-3) * weight + bias
    return normal


def compared(given: dict[str, NDArray[np.float32]], name: str, value: Floats) -> Floats:
    alike = value @ value.T
    near = np.zeros((FRAMES, 2 * REACH + 1), np.float32)
    for frame in range(FRAMES):
        for other in range(max(0, frame - REACH), min(FRAMES, frame + REACH + 1)):
            near[frame, other - frame + REACH] = alike[frame, other]
    related: Floats = np.maximum(near @ given[f"{name}.fc.weight"].T + given[f"{name}.fc.bias"], 0)
    return related


def expected(given: dict[str, NDArray[np.float32]], frames: NDArray[np.uint8]) -> Floats:
    value: Floats = frames.transpose(3, 0, 1, 2).astype(np.float32) / 255
    seen: list[Floats] = []
    for block in range(3):
        first = np.maximum(layer(given, f"SDDCNN.{block}.DDCNN.0.", value), 0)
        value = np.maximum(layer(given, f"SDDCNN.{block}.DDCNN.1.", first), 0) + first
        high, wide = value.shape[2] // 2 * 2, value.shape[3] // 2 * 2
        halves = value[:, :, :high, :wide].reshape(*value.shape[:2], high // 2, 2, wide // 2, 2)
        value = halves.mean((3, 5))
        seen.append(value.mean((2, 3)).T)
    direction = np.concatenate(seen, 1) @ given["frame_sim_layer.projection.weight"].T
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    flat = value.transpose(1, 2, 3, 0).reshape(FRAMES, -1)
    parts: list[Floats] = [
        compared(given, "color_hist_layer", colours(frames)),
        compared(given, "frame_sim_layer", direction),
        flat,
    ]
    hidden = np.maximum(np.concatenate(parts, 1) @ given["fc1.weight"].T + given["fc1.bias"], 0)
    logits: Floats = (hidden @ given["cls_layer1.weight"].T + given["cls_layer1.bias"])[:, 0]
    return np.asarray(1 / (1 + np.exp(-logits)))


def test_it_computes_what_its_layers_say() -> None:
    rng = np.random.default_rng(3)
    given = weights(rng)
    frames = rng.integers(0, 256, (FRAMES, 27, 48, 3)).astype(np.uint8)
    session = onnxruntime.InferenceSession(build(given), providers=["CPUExecutionProvider"])
    (likely,) = session.run(["likely"], {"frames": frames, "colours": colours(frames)})
    assert likely.std() > 0.01
    np.testing.assert_allclose(likely, expected(given, frames), atol=2e-4)


def test_colours_are_counted_by_frame() -> None:
    frames = np.zeros((2, 27, 48, 3), np.uint8)
    frames[1, :, :24] = 255
    found = colours(frames)
    assert found[0, 0] == 1
    assert found[1, 0] == pytest.approx(found[1, 511])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("content", [None, b"not weights"])
def test_without_its_weights_it_says_so(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        file = tmp_path / network.MODEL / network.FILE
        file.parent.mkdir()
        file.write_bytes(content)
    with pytest.raises(TaskFault) as caught:
        network.Network(tmp_path)
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"
