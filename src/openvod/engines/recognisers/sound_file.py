"""How is a sound handed to a program or an endpoint? As a WAV file of 16 bits, which everything reads."""

import wave
from pathlib import Path

import numpy as np

from openvod.engines.recognisers import Samples
from openvod.media import audio

FULL_SCALE = 32767


def pcm(sound: Samples) -> bytes:
    """16-bit samples, little-endian."""
    return (np.clip(sound, -1, 1) * FULL_SCALE).astype("<i2").tobytes()


def write(path: Path, sound: Samples) -> None:
    """32 KB a second."""
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(audio.RATE)
        target.writeframes(pcm(sound))
