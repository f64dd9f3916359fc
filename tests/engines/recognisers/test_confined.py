"""Every library works where it will run: without network, in a folder of its own, with limits."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from openvod.media import sandbox
from tests.engines.recognisers import tiny_models, tiny_sherpa, tiny_vosk

TESTS = Path(__file__).parents[2]
LIMITS = sandbox.Limits(wall_seconds=120, cpu_seconds=60, memory_mb=4096)


def whisper_ctranslate2(models: Path) -> None:
    tiny_models.whisper_ctranslate2(models / "fw", "hello")


def whisper_ggml(models: Path) -> None:
    tiny_models.whisper_ggml(models / "ggml.bin", "hello")


def sense_voice(models: Path) -> None:
    tiny_models.sense_voice(models / "sv", ["▁hello"], lang="en")


def paraformer(models: Path) -> None:
    tiny_sherpa.paraformer(models / "paraformer-en", ["hello"])


def sherpa_whisper(models: Path) -> None:
    tiny_sherpa.whisper(models / "whisper", ["hello"], "en")


def transducer(models: Path) -> None:
    tiny_sherpa.transducer(models / "zipformer-en", ["\u2581hello"])


def vosk(models: Path) -> None:
    tiny_vosk.vosk(models / "vosk-model-small-en-us-0.15", ["hello"])


@pytest.mark.parametrize(
    "make, library",
    [
        pytest.param(whisper_ctranslate2, "faster_whisper", marks=pytest.mark.library("faster_whisper")),
        pytest.param(whisper_ggml, "pywhispercpp", marks=pytest.mark.library("pywhispercpp")),
        *(
            pytest.param(make, "sherpa_onnx", marks=pytest.mark.library("sherpa_onnx"))
            for make in (sense_voice, paraformer, sherpa_whisper, transducer)
        ),
        pytest.param(vosk, "vosk", marks=pytest.mark.library("vosk")),
    ],
)
def test_it_hears_in_a_media_process(make: Callable[[Path], None], library: str, tmp_path: Path) -> None:
    make(tmp_path / "models")
    installed = find_spec(library)
    assert installed is not None
    assert installed.origin is not None
    site = Path(installed.origin).parents[1]  # usually site-packages, which may be read anyway
    answer = sandbox.call(
        "tests.engines.recognisers.confined:hear",
        {"models": str(tmp_path / "models"), "language": "en"},
        tmp_path / "job",
        LIMITS,
        readable=[tmp_path / "models", TESTS, site],
    )
    assert answer == {"texts": ["hello"]}
