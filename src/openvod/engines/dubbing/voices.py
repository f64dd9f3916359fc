"""Who can speak a text? The operator's endpoint, or one of the programs flite and espeak-ng, where they are installed.

Nothing comes along with the project: free voices that sound well are large, and the programs are under other licences.
"""

import base64
import os
import shutil
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.translation.languages import base

STEP = "spoken/1"
"""Goes up with every change of how a text is spoken."""
SPEAKING = Text("speaking the translation", "合成译文语音")
PROGRAM_SECONDS = 120.0
LONGEST = 4000
"""Characters that are spoken at once."""
FULL_SCALE = 32768.0

Gender = Literal["female", "male"]
Samples = NDArray[np.float32]

_OF_ENDPOINTS: dict[Gender, tuple[str, ...]] = {
    "female": ("nova", "shimmer", "alloy"),
    "male": ("onyx", "echo", "fable"),
}
"""The names that OpenAI-compatible servers know; speakers of one gender take turns."""
_OF_FLITE: dict[Gender, tuple[str, ...]] = {"female": ("slt",), "male": ("rms", "awb", "kal16")}
_ESPEAK_CODES = {"zh": "cmn", "yue": "yue", "zh-tw": "cmn", "pt": "pt-br", "no": "nb", "fil": "tl"}
_ESPEAK_VARIANTS: dict[Gender, tuple[str, ...]] = {"female": ("f2", "f3", "f5"), "male": ("m3", "m7", "m1")}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose voice it is."""

    id: str = ""
    gender: Gender = "female"
    turn: int = 0
    """The how manieth of that gender, from 0: others have another voice where there is one."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as sound."""

    samples: Samples
    """Mono, -1 to 1."""
    rate: int


class Voice(Protocol):
    """Somebody who speaks one language."""

    @property
    def name(self) -> str:
        """As results name it, with what shapes the sound."""

    def of(self, speaker: Speaker) -> str:
        """The name of the voice that a speaker gets."""

    def speak(self, text: str, voice: str, folder: Path) -> Spoken:
        """Speak a text. Raises TaskFault."""


def choose(language: str, ask: Ask) -> Voice:
    """The best voice for a language (ISO 639). Raises TaskFault that says what to install when there is none."""
    if model := asking.services(ask).get("speak"):
        return _Endpoint(ask, model)
    if base(language) == "en" and shutil.which("flite"):
        return _Flite()
    if shutil.which("espeak-ng") and (code := _espeak_code(language)):
        return _Espeak(code)
    raise TaskFault("InvalidInput.ConfigurationUnsupported/voice", language=language)


def speak(voice: Voice, text: str, speaker: Speaker, folder: Path, ask: Ask) -> Spoken:
    """Speak a text, unless it is remembered; without the silence before and after. Raises TaskFault."""
    name = voice.of(speaker)
    about = {"engine": voice.name, "voice": name, "text": text}

    def make() -> Json:
        made = voice.speak(text[:LONGEST], name, folder)
        sound = np.clip(trimmed(made.samples, made.rate) * FULL_SCALE, -FULL_SCALE, FULL_SCALE - 1)
        return {"rate": made.rate, "pcm": base64.b64encode(sound.astype("<i2").tobytes()).decode()}

    row = asking.once(ask, STEP, about, make)
    pcm = np.frombuffer(base64.b64decode(row["pcm"]), "<i2")
    return Spoken(pcm.astype(np.float32) / np.float32(FULL_SCALE), int(row["rate"]))


def trimmed(samples: Samples, rate: int) -> Samples:
    """Without what is 45 dB below the loudest at either end, but for a hundredth of a second."""
    loud = np.flatnonzero(
        np.abs(samples) > 10 ** (-45 / 20) * max(1e-6, float(np.abs(samples).max(initial=0.0)))
    )
    if not len(loud):
        return samples[:0]
    spare = rate // 100
    return samples[max(0, int(loud[0]) - spare) : int(loud[-1]) + spare]


@dataclass(frozen=True, slots=True)
class _Endpoint:
    ask: Ask
    model: str

    @property
    def name(self) -> str:
        return f"speech endpoint {self.model}"

    def of(self, speaker: Speaker) -> str:
        names = _OF_ENDPOINTS[speaker.gender]
        return names[speaker.turn % len(names)]

    def speak(self, text: str, voice: str, folder: Path) -> Spoken:
        file = folder / "spoken.wav"
        file.unlink(missing_ok=True)
        reply = asking.speak(self.ask, text, voice=voice, file=file.name)
        if reply.status != 200:
            reason = f"HTTP {reply.status}: {reply.text}" if reply.status else reply.text or "no answer"
            raise TaskFault("InternalError/endpoint", what="speak", reason=reason)
        return _read(file)


@dataclass(frozen=True, slots=True)
class _Flite:
    name = "flite"

    def of(self, speaker: Speaker) -> str:
        names = _OF_FLITE[speaker.gender]
        return names[speaker.turn % len(names)]

    def speak(self, text: str, voice: str, folder: Path) -> Spoken:
        return _run(["flite", "-voice", voice, "-f", "spoken.txt", "-o", "spoken.wav"], text, folder)


@dataclass(frozen=True, slots=True)
class _Espeak:
    code: str
    name = "espeak-ng"

    def of(self, speaker: Speaker) -> str:
        names = _ESPEAK_VARIANTS[speaker.gender]
        return f"{self.code}+{names[speaker.turn % len(names)]}"

    def speak(self, text: str, voice: str, folder: Path) -> Spoken:
        return _run(
            ["espeak-ng", "-v", voice, "-b", "1", "-f", "spoken.txt", "-w", "spoken.wav"], text, folder
        )


def _espeak_code(language: str) -> str:
    """Empty for a language that it does not speak."""
    code = _ESPEAK_CODES.get(language.lower()) or _ESPEAK_CODES.get(base(language)) or base(language)
    listed = subprocess.run(
        ["espeak-ng", "--voices"], capture_output=True, text=True, timeout=PROGRAM_SECONDS, check=False
    )
    known = {line.split()[1] for line in listed.stdout.splitlines()[1:] if len(line.split()) > 1}
    return next((each for each in (code, base(language)) if each in known), "")


def _run(command: Sequence[str], text: str, folder: Path) -> Spoken:
    """The text goes by a file: a command line would take its first dash for an option."""
    (folder / "spoken.txt").write_text(text + "\n", encoding="utf-8")
    file = folder / "spoken.wav"
    file.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TaskFault("InternalError/voice", engine=command[0], reason=str(error)[:200]) from error
    if done.returncode or not file.is_file():
        reason = done.stderr.decode("utf-8", "replace").strip()[:200] or f"exit status {done.returncode}"
        raise TaskFault("InternalError/voice", engine=command[0], reason=reason)
    return _read(file)


def _read(file: Path) -> Spoken:
    """A WAV file of 16 bits. Raises TaskFault for anything else."""
    try:
        with wave.open(str(file)) as opened:
            if opened.getsampwidth() != 2 or not 4000 <= opened.getframerate() <= 192_000:
                raise ValueError("no sound of 16 bits")
            channels, rate = opened.getnchannels(), opened.getframerate()
            pcm = np.frombuffer(opened.readframes(rate * 600), "<i2")
    except (wave.Error, ValueError, EOFError, OSError) as error:
        raise TaskFault("InternalError/voice", engine=file.stem, reason=str(error)[:200]) from error
    whole = pcm[: len(pcm) - len(pcm) % channels].reshape(-1, channels)
    return Spoken(whole.mean(axis=1, dtype=np.float32) / np.float32(FULL_SCALE), rate)
