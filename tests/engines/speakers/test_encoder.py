"""Sound to prints: the network against one written out in numpy, the mel bands, and two made-up voices told apart."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.engines import catalog, speakers
from openvod.engines.silero import Span
from openvod.engines.speakers.encoder import (
    FILE,
    LEVEL,
    MODEL,
    WINDOW,
    VoiceEncoder,
    _constants,
    build,
    levelled,
    mel,
)
from tests.engines.conftest import Write
from tests.engines.speakers.voices import Floats, buzz


def weights() -> dict[str, Floats]:
    chance = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {"linear.weight": (256, 256), "linear.bias": (256,)}
    for layer, inputs in enumerate((40, 256, 256)):
        shapes |= {f"lstm.weight_ih_l{layer}": (1024, inputs), f"lstm.weight_hh_l{layer}": (1024, 256)}
        shapes |= {f"lstm.bias_{side}_l{layer}": (1024,) for side in ("ih", "hh")}
    return {name: chance.normal(0, 0.08, shape).astype(np.float32) for name, shape in shapes.items()}


def reference(own: dict[str, Floats], frames: Floats) -> NDArray[np.float64]:
    """The network by its definition (PyTorch's documentation of LSTM), for one window `[frames, 40]`."""
    row: list[NDArray[np.float64]] = [*frames.astype(np.float64)]
    for layer in range(3):
        state, cell = np.zeros(256), np.zeros(256)
        enter, again = own[f"lstm.weight_ih_l{layer}"], own[f"lstm.weight_hh_l{layer}"]
        bias = own[f"lstm.bias_ih_l{layer}"] + own[f"lstm.bias_hh_l{layer}"]
        following = []
        for value in row:
            i, f, g, o = np.split(enter @ value + again @ state + bias, 4)
            cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
            state = _sigmoid(o) * np.tanh(cell)
            following.append(state)
        row = following
    return np.asarray(np.maximum(own["linear.weight"] @ row[-1] + own["linear.bias"], 0.0))


def _sigmoid(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-value)))


def test_the_network_is_what_its_definition_says() -> None:
    import onnxruntime  # noqa: PLC0415

    own = weights()
    frames = np.random.default_rng(4).exponential(0.3, (20, 3, 40)).astype(np.float32)
    session = onnxruntime.InferenceSession(build(own), providers=["CPUExecutionProvider"])
    found = session.run(["voice"], {"mel": frames})[0]
    for window in range(3):
        np.testing.assert_allclose(found[window], reference(own, frames[:, window]), atol=2e-5)


def test_a_tone_is_in_its_mel_band_with_its_power() -> None:
    time = np.arange(WINDOW) / 16000
    tone = mel((0.1 * np.sin(2 * np.pi * 1000 * time)).astype(np.float32))
    assert tone.shape == (161, 40)
    _, bands = _constants()
    assert int(tone[80].argmax()) == int(bands[25].argmax())  # bin 25 of 40 Hz
    power = bands[24:27].T @ (
        np.array([0.25, 1.0, 0.25]) * (0.1 * 400 / 4) ** 2
    )  # a Hann window's three bins
    np.testing.assert_allclose(tone[80], power, atol=power.max() / 100)


def test_mel_bands_are_triangles_of_equal_area() -> None:
    _, bands = _constants()
    assert bands.shape == (201, 40)
    np.testing.assert_allclose(bands[:, 15:].sum(axis=0) * 40, 1.0, atol=0.05)
    assert all(np.diff(np.sign(np.diff(band[band > 0]))).max(initial=-1) <= 0 for band in bands.T[5:])


def test_a_voice_is_the_same_at_any_level() -> None:
    voice = buzz(1.6, 120, 1.0)
    np.testing.assert_allclose(levelled(voice), levelled(0.1 * voice), rtol=1e-4)
    assert float(np.sqrt(np.mean(levelled(voice) ** 2))) == pytest.approx(LEVEL, rel=1e-3)
    assert not levelled(np.zeros(100, np.float32)).any()


def test_a_missing_model_is_named(tmp_path: Path, write: Write) -> None:
    path = write(buzz(2.0, 120, 1.0), "voice")
    with pytest.raises(TaskFault) as fault:
        speakers.who_speaks(path, [Span(0.0, 2.0)], tmp_path)
    assert "openvod models pull resemblyzer" in fault.value.en
    assert "openvod models pull resemblyzer" in fault.value.zh
    assert speakers.who_speaks(path, [], tmp_path) == []


def test_another_file_in_the_models_place_is_refused(tmp_path: Path) -> None:
    place = tmp_path / MODEL / FILE
    place.parent.mkdir()
    with place.open("wb") as opened:
        opened.truncate(next(m.size for m in catalog.find(MODEL).members))
    with pytest.raises(TaskFault) as fault:
        VoiceEncoder(tmp_path)
    assert fault.value.code == "InvalidInput.ConfigurationUnsupported"


@pytest.fixture
def installed(models: Path) -> Path:
    if catalog.state(catalog.find(MODEL), models) != "ready":
        pytest.skip(f"{MODEL} is not installed; run `openvod models pull {MODEL}`")
    return models


@pytest.mark.needs("models")
class TestWithTheModel:
    """What the installed weights must do."""

    def test_two_made_up_voices_are_told_apart(self, installed: Path, write: Write) -> None:
        quiet = np.zeros(6400, np.float32)
        talk = [buzz(4.0, *((230, 1.25) if i % 2 else (105, 1.0)), seed=i) for i in range(4)]
        path = write(np.concatenate([part for each in talk for part in (each, quiet)]), "talk")
        pauses = tuple((4.0 + 4.4 * i, 4.4 + 4.4 * i) for i in range(3))
        found = speakers.who_speaks(path, [Span(0.0, 17.2, pauses)], installed)
        assert [turn.speaker for turn in found] == [1, 2, 1, 2]
        assert found[1].start == pytest.approx(4.4, abs=0.02)

    def test_parts_listened_to_apart_give_what_one_run_gives(self, installed: Path, write: Write) -> None:
        path = write(np.concatenate([buzz(3.0, 105, 1.0, 1), buzz(3.0, 230, 1.25, 2)]), "two")
        spans = [Span(0.0, 2.9), Span(3.1, 6.0), Span(6.0, 6.0)]
        done: list[float] = []
        whole = speakers.listen(path, spans, installed, done.append)
        parts = [speakers.listen(path, part, installed) for part in (spans[:1], spans[1:])]
        np.testing.assert_allclose(np.concatenate([part.times for part in parts]), whole.times)
        np.testing.assert_allclose(np.concatenate([part.voices for part in parts]), whole.voices, atol=1e-5)
        assert done == sorted(done)
        assert done[-1] == 1.0
