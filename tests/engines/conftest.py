"""What the engine tests listen to."""

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.settings import Settings
from openvod.engines import catalog

Write = Callable[[NDArray[np.floating], str], Path]


@pytest.fixture(scope="session")
def models() -> Path:
    """The model folder of this machine; tests that take it are marked `needs("models")`."""
    return Settings.read().model_folder()


@pytest.fixture(scope="session")
def two_cities(models: Path) -> Path:
    """44 seconds of read English; the text is `TWO_CITIES` in test_speech."""
    if catalog.state(catalog.find("clips-speech"), models) != "ready":
        pytest.skip("clips-speech is not installed; run `openvod models pull --clips`")
    return catalog.file(models, "clips-speech", "two_cities.wav")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write 16 kHz mono samples as a wav file."""

    def write(samples: NDArray[np.floating], name: str = "sound") -> Path:
        path = tmp_path / f"{name}.wav"
        with wave.open(str(path), "wb") as target:
            target.setnchannels(1)
            target.setsampwidth(2)
            target.setframerate(16000)
            target.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        return path

    return write
