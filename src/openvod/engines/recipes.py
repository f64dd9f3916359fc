"""Which models for other languages and for translation can be had with one command, from where, and how are they checked?

Nothing of these is fetched unless the operator names it: their licences are not this project's to accept. Every file is
compared with the sha256 written here. Whose sum that is, `Sum` says: sums without a publisher's word were looked up in
public projects that pin the same file, and agree among them; none was computed here.
"""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HUB = "https://huggingface.co"
"""What a mirror stands in for."""


class Sum(Enum):
    """Who vouches for a sha256."""

    PUBLISHER = "the publisher's"
    OTHERS = "the publisher states none; it is the one that independent projects pin"


@dataclass(frozen=True, slots=True)
class Download:
    """A file to fetch."""

    url: str
    size: int
    """Bytes."""
    sha256: str
    sum: Sum

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to a model."""

    id: str
    """What `openvod models pull` and `openvod models recipes` take."""
    also: tuple[str, ...]
    """What they take as well."""
    does: str
    languages: frozenset[str]
    """Canonical codes that it is the first choice for; empty: any other."""
    packages: tuple[str, ...]
    """What pip installs to run it."""
    module: str
    """By which is told whether they are there."""
    folder: str
    """Its folder in the model folder."""
    downloads: tuple[Download, ...]
    page: str
    """Where the publisher describes it."""
    licence: str
    unpacked: int = 0
    """Bytes of what is in the archive, at most; 0 where the downloads are the model's files."""

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return sum(each.size for each in self.downloads)

    @property
    def sums(self) -> str:
        """Who vouches for its files."""
        return "; ".join(dict.fromkeys(f"{each.name}: {each.sum.value}" for each in self.downloads))

    def command(self, models: Path, python: str = sys.executable) -> str:
        """One line for a POSIX shell: packages, then the model."""
        program = shlex.quote(python)
        install = f"{program} -m pip install {' '.join(self.packages)}"
        return f"{install} && {program} -m openvod models pull {self.id} --folder {shlex.quote(str(models))}"


_SENSE_VOICE = (
    f"{HUB}/csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17"
    "/resolve/2365baeacb507f821a0c8120fcee3d484dba7a07/"
)
_WHISPER = f"{HUB}/Systran/faster-whisper-small/resolve/536b0662742c02347bc0e980a01041f333bce120/"
_WHISPER_CPP = f"{HUB}/ggerganov/whisper.cpp/resolve/5359861c739e955e79d9a303bcbc70fb988958b1/"
_ARGOS_PAGE = "https://github.com/argosopentech/argospm-index"
_ARGOS_LICENCE = "CC-BY-4.0 (of the OPUS-MT model it is made from, as the README in the package says)"


def _argos(pair: str, does: str, download: Download, *, unpacked: int) -> Recipe:
    """A pair of languages as Argos Translate packs it, in a folder of the archive's name."""
    return Recipe(
        id=f"translation-{pair}",
        also=(pair,),
        does=does,
        languages=frozenset(),
        packages=("ctranslate2", "sentencepiece", "py3langid"),
        module="ctranslate2",
        folder=download.name.removesuffix(".argosmodel"),
        downloads=(download,),
        page=_ARGOS_PAGE,
        licence=_ARGOS_LICENCE,
        unpacked=unpacked,
    )


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        id="sense-voice",
        also=("zh", "chinese"),
        does="speech in Chinese, Cantonese, Japanese, Korean and English; quick, with punctuation",
        languages=frozenset({"zh", "yue", "ja", "ko"}),
        packages=("sherpa-onnx",),
        module="sherpa_onnx",
        folder="sense-voice-small",
        downloads=(
            Download(
                f"{_SENSE_VOICE}model.int8.onnx",
                239233841,
                "c71f0ce00bec95b07744e116345e33d8cbbe08cef896382cf907bf4b51a2cd51",
                Sum.PUBLISHER,
            ),
            Download(
                f"{_SENSE_VOICE}tokens.txt",
                315894,
                "f449eb28dc567533d7fa59be34e2abca8784f771850c78a47fb731a31429a1dc",
                Sum.OTHERS,
            ),
            Download(
                f"{_SENSE_VOICE}LICENSE",
                71,
                "221c6df10b0931a5629adad671ea48fb7747e034c414b6d2bfa275bc3dd4ea17",
                Sum.OTHERS,
            ),
        ),
        page="https://k2-fsa.github.io/sherpa/onnx/sense-voice/pretrained.html",
        licence="FunASR Model Open Source License 1.1 (name the source and the model); the library is Apache-2.0",
    ),
    Recipe(
        id="whisper",
        also=("multilingual",),
        does="speech in 99 languages, found by itself; takes hot words",
        languages=frozenset(),
        packages=("faster-whisper",),
        module="faster_whisper",
        folder="faster-whisper-small",
        downloads=(
            Download(
                f"{_WHISPER}model.bin",
                483546902,
                "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
                Sum.PUBLISHER,
            ),
            Download(
                f"{_WHISPER}config.json",
                2370,
                "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
                Sum.OTHERS,
            ),
            Download(
                f"{_WHISPER}tokenizer.json",
                2203239,
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
                Sum.OTHERS,
            ),
            Download(
                f"{_WHISPER}vocabulary.txt",
                459861,
                "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
                Sum.OTHERS,
            ),
        ),
        page=f"{HUB}/Systran/faster-whisper-small",
        licence="MIT",
    ),
    Recipe(
        id="whisper-cpp",
        also=(),
        does="the same by whisper.cpp, in one file",
        languages=frozenset(),
        packages=("pywhispercpp",),
        module="pywhispercpp",
        folder="whisper-cpp-small",
        downloads=(
            Download(
                f"{_WHISPER_CPP}ggml-small.bin",
                487601967,
                "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b",
                Sum.PUBLISHER,
            ),
        ),
        page=f"{HUB}/ggerganov/whisper.cpp",
        licence="MIT",
    ),
    Recipe(
        id="vosk-zh",
        also=(),
        does="speech in Chinese, with little memory",
        languages=frozenset(),
        packages=("vosk",),
        module="vosk",
        folder="vosk-model-small-cn-0.22",
        downloads=(
            Download(
                "https://alphacephei.com/vosk/models/vosk-model-small-cn-0.22.zip",
                43898754,
                "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
                Sum.OTHERS,
            ),
        ),
        page="https://alphacephei.com/vosk/models",
        licence="Apache-2.0",
        unpacked=200_000_000,
    ),
    _argos(
        "zh-en",
        "translation from Chinese into English",
        Download(
            "https://argos-net.com/v1/translate-zh_en-1_9.argosmodel",
            74481402,
            "62e7af5a3a48b530e47b7b3e5c78c2de79073ecd815750d2bf3ab35b4a67da2d",
            Sum.OTHERS,
        ),
        unpacked=86_137_496,
    ),
    _argos(
        "en-zh",
        "translation from English into Chinese",
        Download(
            "https://argos-net.com/v1/translate-en_zh-1_9.argosmodel",
            70743021,
            "433e7c4f034d87fbe2353161e05f18646d7999452f801a4e1f0378522b9850ab",
            Sum.OTHERS,
        ),
        unpacked=85_640_765,
    ),
)


def speech(code: str, recipes: Sequence[Recipe] = RECIPES) -> Recipe:
    """The recipe for speech in a language, by its canonical code."""
    return next((recipe for recipe in recipes if code in recipe.languages), find("whisper", recipes))


def find(name: str, recipes: Sequence[Recipe] = RECIPES) -> Recipe:
    """A recipe by its id or another name of it. Raises KeyError for an unknown one."""
    return {known: recipe for recipe in recipes for known in (recipe.id, *recipe.also)}[name]
