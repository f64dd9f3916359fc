"""What a request says of hot words: its own, a library's, MPS's side channel; and what is told when it cannot be heeded."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.recognisers import Found, codes
from openvod.engines.subtitling import hearing, hot_words
from openvod.engines.subtitling.hearing import Sound


def options(**more: object) -> Json:
    return {"ExtInfo": json.dumps(more.pop("ext_info", {})), **more}


def library(models: Path, name: str, text: str) -> Json:
    folder = models / "hot-words"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return {"Switch": "ON", "LibraryId": name}


def test_all_sources_are_put_together(tmp_path: Path) -> None:
    configured = library(tmp_path, "lib-1", "\ufeff腾讯云|10\r\nNingbo|5\n\n")
    given = options(
        ext_info={"adapt_words": ["OpenVOD", "Ningbo"]},
        AsrHotWordsConfigure=configured,
    )
    found = hot_words.asked(given, tmp_path)
    assert found.words == ("OpenVOD", "Ningbo", "腾讯云")
    assert found.missing == ()


@pytest.mark.parametrize("switch", ["OFF", None])
def test_a_library_that_is_switched_off_is_not_read(switch: str | None, tmp_path: Path) -> None:
    configured = library(tmp_path, "lib-1", "Ningbo") | {"Switch": switch}
    assert hot_words.asked(options(AsrHotWordsConfigure=configured), tmp_path) == hot_words.HotWords()


@pytest.mark.parametrize(
    "name", ["lib-2", "../lib-1", "hot-words/lib-1", "/etc/passwd", "..", "a\nb", "x" * 100]
)
def test_a_library_that_is_not_there_is_told(name: str, tmp_path: Path) -> None:
    library(tmp_path, "lib-1", "Ningbo")
    (tmp_path / "lib-1.txt").write_text("outside")
    configured = {"Switch": "ON", "LibraryId": name}
    found = hot_words.asked(options(AsrHotWordsConfigure=configured), tmp_path)
    assert found.words == ()
    (text,) = found.missing
    assert text.en.startswith("the hot-word library")
    assert "\n" not in text.en + text.zh


def test_too_many_are_refused(tmp_path: Path) -> None:
    configured = library(tmp_path, "lib-1", "\n".join(f"word{i}" for i in range(100)))
    given = options(
        ext_info={"adapt_words": [f"own{i}" for i in range(100)]}, AsrHotWordsConfigure=configured
    )
    with pytest.raises(TaskFault, match="128"):
        hot_words.asked(given, tmp_path)


def test_what_is_not_heeded_is_told(tmp_path: Path) -> None:
    """By a recogniser of the folder that takes no hot words; and where nobody speaks there is nothing to tell."""
    sound = Sound(
        source=tmp_path, facts={}, content="abc", models=tmp_path, folder=tmp_path,
        language=codes.language("zh"), word_times=False, hot_words=("腾讯云",),
    )  # fmt: skip
    sound.__dict__["engine"] = Found("vosk-zh", "vosk", frozenset({"zh"}))
    row: Json = {
        "language": "zh", "spans": [], "utterances": [], "left_out": [], "prints": [], "aligned": True,
        "engine": "vosk-zh / vosk", "hot_words": False,
    }  # fmt: skip
    assert hearing.heard(sound, [row]).ignored == (hot_words.NOT_TAKEN,)
    assert hearing.heard(sound, [row | {"hot_words": True}]).ignored == ()
    assert hearing.heard(sound, [row | {"engine": ""}]).ignored == ()
    assert hearing.heard(with_words(sound), [row]).ignored == ()


def with_words(sound: Sound, *words: str) -> Sound:
    other = replace(sound, hot_words=words)
    other.__dict__["engine"] = sound.engine
    return other
