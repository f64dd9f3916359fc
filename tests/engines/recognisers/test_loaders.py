"""Every loader on a tiny model whose text is built in: loading, times, language, and refusals."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from openvod.core.asking import nobody
from openvod.core.errors import TaskFault
from openvod.core.models import Word
from openvod.engines.recognisers import (
    Chunk,
    Found,
    Heard,
    Wanted,
    choosing,
    codes,
    finding,
    hearing,
    vosk_kaldi,
)
from openvod.engines.recognisers.whisper_program import WhisperProgram
from openvod.engines.silero import Span
from tests.engines.recognisers import tiny_models, tiny_vosk
from tests.engines.recognisers.conftest import noise

EN, ZH = Wanted(codes.language("en")), Wanted(codes.language("zh"))


def only(models: Path) -> Found:
    (found,) = finding.find(models)
    return found


def heard(models: Path, chunks: list[Chunk], wanted: Wanted) -> Heard:
    return hearing.hear(choosing.load(only(models), nobody, models), chunks, wanted)


@pytest.mark.library("faster_whisper")
class TestCtranslate2:
    def test_words_come_with_their_times(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_models.whisper_ctranslate2(tmp_path / "fw", "hello world")
        assert only(tmp_path).kind == "whisper-ctranslate2"
        assert {"zh", "jv", "en"} <= only(tmp_path).languages
        result = heard(tmp_path, chunks, EN)
        (utterance,) = result.utterances
        assert result.aligned
        assert utterance.text == "hello world"
        assert utterance.confidence > 99
        assert [word.text for word in utterance.words] == ["hello", "world"]
        # The planned attention: a token takes 0.16 s, and «hello» has five after three marks.
        assert utterance.words[0].end == pytest.approx(5 + 8 * 0.16, abs=0.05)
        # Nothing is planned for the sound behind the last word: how much it takes of that depends on the processor.
        assert 5 + 13 * 0.16 - 0.05 <= utterance.words[1].end <= 8

    @pytest.mark.parametrize("code", ["en", "zh", "de"])
    def test_the_language_is_found(self, code: str, tmp_path: Path) -> None:
        tiny_models.whisper_ctranslate2(tmp_path / "fw", "hello", code)
        found = choosing.load(only(tmp_path), nobody, tmp_path).detect(noise(2))
        assert max(found, key=lambda each: found[each]) == code

    def test_hot_words_are_told_beforehand(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        """The network writes its text at positions that only the mark, a space and seven letters before them lead to."""
        tiny_models.whisper_ctranslate2(tmp_path / "fw", "hello", before=9)
        told = Wanted(codes.language("en"), ("OpenVOD",))
        assert [each.text for each in heard(tmp_path, chunks, told).utterances] == ["hello"]

    def test_a_damaged_model_is_refused(self, tmp_path: Path) -> None:
        folder = tiny_models.whisper_ctranslate2(tmp_path / "fw", "hello")
        whole = (folder / "model.bin").read_bytes()
        (folder / "model.bin").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(TaskFault, match="not of a form"):
            choosing.load(only(tmp_path), nobody, tmp_path)

    def test_a_model_that_would_ask_the_network_is_none(self, tmp_path: Path) -> None:
        folder = tiny_models.whisper_ctranslate2(tmp_path / "fw", "hello")
        (folder / "tokenizer.json").unlink()
        assert finding.find(tmp_path) == ()


@pytest.mark.library("pywhispercpp")
class TestWhisperCpp:
    def test_words_come_with_their_times(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_models.whisper_ggml(tmp_path / "ggml.bin", "hello world", seconds=2.0)
        result = heard(tmp_path, chunks, EN)
        (utterance,) = result.utterances
        assert result.aligned
        assert (utterance.text, utterance.start, utterance.end) == ("hello world", 5.0, 7.0)
        assert [word.text for word in utterance.words] == ["hello", "world"]
        assert 5.5 < utterance.words[0].end <= utterance.words[1].start < 6.5

    def test_characters_of_several_tokens_are_put_together(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_models.whisper_ggml(tmp_path / "ggml.bin", "早上好", seconds=2.0)
        (utterance,) = heard(tmp_path, chunks, EN).utterances
        assert utterance.text == "早上好"
        assert [word.text for word in utterance.words] == ["早", "上", "好"]

    @pytest.mark.parametrize("code", ["en", "zh"])
    def test_the_language_is_found(self, code: str, tmp_path: Path) -> None:
        tiny_models.whisper_ggml(tmp_path / "ggml.bin", "hello", code)
        found = choosing.load(only(tmp_path), nobody, tmp_path).detect(noise(2))
        assert max(found, key=lambda each: found[each]) == code

    def test_hot_words_are_told_beforehand(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        """As above, without the space."""
        tiny_models.whisper_ggml(tmp_path / "ggml.bin", "hello", before=8)
        told = Wanted(codes.language("en"), ("OpenVOD",))
        assert [each.text for each in heard(tmp_path, chunks, told).utterances] == ["hello"]

    def test_a_damaged_model_is_refused(self, tmp_path: Path) -> None:
        path = tiny_models.whisper_ggml(tmp_path / "ggml.bin", "hello")
        path.write_bytes(path.read_bytes()[:1_000_000])
        with pytest.raises(TaskFault, match="not of a form"):
            choosing.load(only(tmp_path), nobody, tmp_path)


PROGRAM = """#!{python}
import json, sys
given = sys.argv[1:]
value = lambda name: given[given.index(name) + 1]
import wave
with wave.open(value("--file")) as sound:
    assert sound.getframerate() == 16000
if "--detect-language" in given:
    print("whisper_full_with_state: auto-detected language: zh (p = 0.970000)", file=sys.stderr)
    sys.exit()
if value("--language") == "de":
    print("error: failed to read", file=sys.stderr)
    sys.exit(3)
def token(text, begin, end, p):
    return {{"text": text, "offsets": {{"from": begin, "to": end}}, "id": 1, "p": p}}
tokens = [token("[_BEG_]", 0, 0, 0.9)]
tokens += [token(" good", 0, 400, 0.9), token(" day", 400, 900, 0.8), token("[_TT_50]", 900, 900, 0.5)]
rows = [{{"offsets": {{"from": 0, "to": 1000}}, "text": " good day", "tokens": tokens}}]
json.dump({{"result": {{"language": value("--language")}}, "transcription": rows}}, open(value("--output-file") + ".json", "w"))
"""


class TestWhisperProgram:
    """A program that speaks whisper.cpp's command line stands for it: the process border is real."""

    @pytest.fixture
    def found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
        program = tmp_path / "bin" / "whisper-cli"
        program.parent.mkdir()
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.chdir(tmp_path)
        return Found("ggml.bin", "whisper-ggml", frozenset({"en", "zh"}), tmp_path / "ggml.bin")

    def test_its_words_and_their_times_are_read(self, found: Found, chunks: list[Chunk]) -> None:
        result = hearing.hear(WhisperProgram(found), chunks, EN)
        (utterance,) = result.utterances
        assert result.aligned
        assert utterance.words == (Word("good", 5.0, 5.4), Word("day", 5.4, 5.9))
        assert utterance.confidence == pytest.approx(100 * (0.9 * 0.8) ** 0.5, abs=0.1)

    def test_the_language_is_found(self, found: Found) -> None:
        assert WhisperProgram(found).detect(noise(1)) == {"zh": 0.97}

    def test_its_failure_is_told(self, found: Found) -> None:
        with pytest.raises(TaskFault, match="failed to read"):
            WhisperProgram(found).hear(noise(1), Wanted(codes.language("de")))

    def test_it_leaves_nothing_behind(self, found: Found, tmp_path: Path) -> None:
        WhisperProgram(found).hear(noise(1), EN)
        assert [path.name for path in tmp_path.iterdir()] == ["bin"]


@pytest.mark.library("vosk")
class TestVosk:
    WORDS = ("你好", "openvod", "世界")

    def test_words_are_heard_where_the_sound_is(self, tmp_path: Path) -> None:
        """Kaldi's own features, network, search and word alignment: three bursts of noise, with silence between."""
        tiny_vosk.vosk(tmp_path / "vosk-model-small-cn-0.22", self.WORDS)
        sound = np.zeros(4 * 16000, np.float32)
        bursts = [(0.5, 1.0), (1.3, 1.9), (2.2, 2.5)]
        for start, end in bursts:
            sound[round(start * 16000) : round(end * 16000)] = noise(end - start)
        (utterance,) = heard(tmp_path, [(Span(10.0, 14.0), sound)], ZH).utterances
        assert utterance.text == "你好 openvod 世界"
        assert [word.text for word in utterance.words] == list(self.WORDS)
        times = [(word.start - 10, word.end - 10) for word in utterance.words]
        assert np.array(times) == pytest.approx(np.array(bursts), abs=0.04)

    def test_silence_has_no_words(self, tmp_path: Path) -> None:
        tiny_vosk.vosk(tmp_path / "vosk-model-small-cn-0.22", self.WORDS)
        assert heard(tmp_path, [(Span(0.0, 2.0), np.zeros(32000, np.float32))], ZH).utterances == ()

    def test_its_folder_tells_the_language(self, tmp_path: Path) -> None:
        tiny_vosk.vosk(tmp_path / "vosk-model-small-cn-0.22", self.WORDS)
        assert only(tmp_path).languages == {"zh"}
        assert choosing.load(only(tmp_path), nobody, tmp_path).detect(noise(1)) == {}

    def test_a_folder_that_only_looks_like_a_model_is_refused(self, tmp_path: Path) -> None:
        tiny_models.vosk(tmp_path / "vosk-model-small-cn-0.22")
        with pytest.raises(TaskFault, match="not of a form"):
            choosing.load(only(tmp_path), nobody, tmp_path)


def test_its_words_are_put_together_as_their_script_wants() -> None:
    rows = [
        {"word": word, "start": float(i), "end": i + 0.5, "conf": 1.0}
        for i, word in enumerate(["我们", "用", "openvod", "server"])
    ]
    assert vosk_kaldi.segment(rows).text == "我们用 openvod server"
    assert vosk_kaldi.segment(rows).log_probability == 0.0
