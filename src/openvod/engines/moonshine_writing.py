"""Which token comes next in the text of a sound? Moonshine's decoder, token by token, that can go back."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.engines import moonshine_graphs

Logits = NDArray[np.float32]


class Writing:
    """A text that is being written: what the encoder heard, and the decoder's memory of the tokens so far."""

    def __init__(
        self,
        decoder: Any,
        embedding: Callable[[int], NDArray[np.float32]],
        heard: Mapping[str, Any],
        past: Mapping[str, Any] | None = None,
        length: int = 0,
    ) -> None:
        self._decoder, self._embedding, self._heard = decoder, embedding, heard
        self._outputs = ["logits", *(f"new_{name}" for name in heard)]
        if past is None:
            empty = value(np.zeros((1, moonshine_graphs.HEADS, 0, moonshine_graphs.HEAD), np.float32))
            past = dict.fromkeys((f"past_{name}" for name in heard), empty)
        self._past = past
        self.length = length
        """Tokens that it remembers."""

    def next(self, token: int) -> Logits:
        """Write a token; the logits of the one after it."""
        here = {"token": value(self._embedding(token)), "position": value(np.array([self.length]))}
        logits, *new = self._decoder.run_with_ort_values(self._outputs, {**here, **self._heard, **self._past})
        self._past = {f"past_{name}": state for name, state in zip(self._heard, new, strict=True)}
        self.length += 1
        return logits.numpy()[0, 0]  # type: ignore[no-any-return]

    def fork(self) -> "Writing":
        """Another writing that goes on from here, at no cost."""
        return Writing(self._decoder, self._embedding, self._heard, self._past, self.length)

    def back(self, length: int) -> "Writing":
        """Another writing that remembers only the first tokens of this one, which stays as it is."""
        past = {
            name: value(np.ascontiguousarray(state.numpy()[:, :, :length]))
            for name, state in self._past.items()
        }
        return Writing(self._decoder, self._embedding, self._heard, past, length)


def value(array: NDArray[Any]) -> Any:
    """The array as ONNX Runtime holds it."""
    import onnxruntime  # noqa: PLC0415

    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def logarithm(logits: Logits, token: int) -> float:
    """The logarithm of a token's probability."""
    most = logits.max()
    return float(logits[token] - most - np.log(np.exp(logits - most).sum()))
