"""How does an operator get what this project cannot bring along? One command each, for speech of other languages and for
translation.

Nothing here is fetched by the project: the commands are printed, and run by whoever agrees with the licence. `sha1` is
written only where the model's publisher states it; all else is for the reader to check on the publisher's page.
"""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SENSE_VOICE = "sherpa-onnx-sense-voice-zh-en-ja-ko-yue-int8-2024-07-17"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to a model."""

    id: str
    """What `openvod models recipes` takes."""
    does: str
    languages: frozenset[str]
    """Canonical codes that it is the first choice for; empty: any other."""
    packages: tuple[str, ...]
    """What pip installs."""
    fetch: str
    """The shell command that puts the model into the folder `{models}`. `{bin}` is where pip puts programs."""
    page: str
    """Where the publisher describes it and states its checksum."""
    licence: str
    size: str
    """Of the download."""
    sha1: str = ""
    """As the publisher states it; empty where it is not known for certain."""

    def command(self, models: Path, python: str = sys.executable) -> str:
        """One line for a POSIX shell: packages, then the model."""
        folder = shlex.quote(str(models))
        programs = shlex.quote(f"{Path(python).parent}/")
        install = f"{shlex.quote(python)} -m pip install {' '.join(self.packages)}"
        fetch = self.fetch.format(models=folder, bin=programs, sha1=self.sha1)
        return f"{install} && mkdir -p {folder} && {fetch}"


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        id="sense-voice",
        does="speech in Chinese, Cantonese, Japanese, Korean and English; quick, with punctuation",
        languages=frozenset({"zh", "yue", "ja", "ko"}),
        packages=("sherpa-onnx",),
        fetch=(
            "curl -fL https://github.com/k2-fsa/sherpa-onnx/releases/download/asr-models/"
            f"{_SENSE_VOICE}.tar.bz2 | tar xj -C {{models}}"
        ),
        page="https://k2-fsa.github.io/sherpa/onnx/sense-voice/pretrained.html",
        licence="FunASR model licence (its own terms: name the source); the library is Apache-2.0",
        size="163 MB",
    ),
    Recipe(
        id="whisper",
        does="speech in 99 languages, found by itself; takes hot words",
        languages=frozenset(),
        packages=("faster-whisper",),
        fetch="{bin}hf download Systran/faster-whisper-small --local-dir {models}/faster-whisper-small",
        page="https://huggingface.co/Systran/faster-whisper-small",
        licence="MIT",
        size="484 MB",
    ),
    Recipe(
        id="whisper-cpp",
        does="the same by whisper.cpp, in one file",
        languages=frozenset(),
        packages=("pywhispercpp",),
        fetch=(
            "curl -fL -o {models}/ggml-small.bin "
            "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/ggml-small.bin && "
            "echo '{sha1}  '{models}/ggml-small.bin | sha1sum -c"
        ),
        page="https://huggingface.co/ggerganov/whisper.cpp",
        licence="MIT",
        size="466 MiB",
        sha1="55356645c2b361a969dfd0ef2c5a50d530afd8d5",
    ),
    Recipe(
        id="vosk-zh",
        does="speech in Chinese, with little memory",
        languages=frozenset(),
        packages=("vosk",),
        fetch=(
            "curl -fL -o {models}/vosk-cn.zip https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip && "
            "unzip -q {models}/vosk-cn.zip -d {models} && rm {models}/vosk-cn.zip"
        ),
        page="https://alphacephei.com/vosk/models",
        licence="Apache-2.0",
        size="44 MB",
    ),
    Recipe(
        id="translation-zh-en",
        does="translation from Chinese into English (en-zh: the same with `en_zh` in place of `zh_en`)",
        languages=frozenset(),
        packages=("ctranslate2", "sentencepiece", "py3langid"),
        fetch=(
            "curl -fL -o {models}/zh_en.zip https://argos-net.com/v1/translate-zh_en-1_9.argosmodel && "
            "unzip -q {models}/zh_en.zip -d {models} && rm {models}/zh_en.zip"
        ),
        page="https://github.com/argosopentech/argospm-index",
        licence="as the README in the package says; Argos Translate itself is MIT or CC0",
        size="74 MB",
    ),
)


def speech(code: str, recipes: Sequence[Recipe] = RECIPES) -> Recipe:
    """The recipe for speech in a language, by its canonical code."""
    return next((recipe for recipe in recipes if code in recipe.languages), find("whisper", recipes))


def find(name: str, recipes: Sequence[Recipe] = RECIPES) -> Recipe:
    """A recipe by its id. Raises KeyError for an unknown one."""
    return {recipe.id: recipe for recipe in recipes}[name]
