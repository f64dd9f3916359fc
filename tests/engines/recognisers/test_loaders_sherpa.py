"""The loaders of sherpa-onnx's kinds on tiny models: SenseVoice, Paraformer, Whisper, transducers."""

from pathlib import Path

import pytest

from openvod.core.asking import nobody
from openvod.core.errors import TaskFault
from openvod.engines.recognisers import Chunk, Wanted, choosing, codes
from tests.engines.recognisers import tiny_models, tiny_sherpa
from tests.engines.recognisers.conftest import noise
from tests.engines.recognisers.test_loaders import EN, ZH, heard, only

pytestmark = pytest.mark.library("sherpa_onnx")


class TestSenseVoice:
    def test_sense_voice_tells_when_each_character_begins(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_models.sense_voice(tmp_path / "sv", ["你", "好", "世", "界"])
        result = heard(tmp_path, chunks, ZH)
        assert result.aligned
        first, second = result.utterances
        assert (first.text, second.text) == ("你好世界", "你好世界")
        assert [word.start for word in first.words] == pytest.approx([5.0, 5.48, 5.96, 6.44], abs=0.02)
        assert second.words[0].start == pytest.approx(20.0, abs=0.02)

    def test_parts_of_words_become_words(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_models.sense_voice(tmp_path / "sv", ["▁hel", "lo", "▁world"], lang="en")
        first, _ = heard(tmp_path, chunks, EN).utterances
        assert [word.text for word in first.words] == ["hello", "world"]
        assert first.words[1].start == pytest.approx(5.96, abs=0.02)

    def test_the_language_is_found(self, tmp_path: Path) -> None:
        tiny_models.sense_voice(tmp_path / "sv", ["▁ja"], lang="yue")
        assert choosing.load(only(tmp_path), nobody, tmp_path).detect(noise(1)) == {"yue": 1.0}

    @pytest.mark.parametrize("marks", [{"lang": "nospeech"}, {"event": "BGM"}])
    def test_what_it_takes_for_music_is_nothing(
        self, marks: dict[str, str], tmp_path: Path, chunks: list[Chunk]
    ) -> None:
        tiny_models.sense_voice(tmp_path / "sv", ["嗯"], **marks)
        assert heard(tmp_path, chunks, ZH).utterances == ()

    def test_a_graph_that_does_not_run_is_refused(self, tmp_path: Path) -> None:
        folder = tiny_models.sense_voice(tmp_path / "sv", ["你"])
        (folder / "model.onnx").write_bytes(tiny_models.properties({"model_type": "sense_voice_ctc"}))
        engine = choosing.load(only(tmp_path), nobody, tmp_path)
        with pytest.raises(TaskFault, match="not of a form"):
            engine.hear(noise(1), ZH)


class TestParaformer:
    def test_its_text_comes_with_times(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_sherpa.paraformer(tmp_path / "sherpa-onnx-paraformer-zh", ["你", "好", "hel@@", "lo"])
        assert only(tmp_path).kind == "paraformer"
        result = heard(tmp_path, chunks, ZH)
        assert result.aligned
        first, second = result.utterances
        assert (first.text, second.text) == ("你好 hello", "你好 hello")
        assert [word.text for word in first.words] == ["你", "好", "hello"]
        assert [word.start for word in first.words] == pytest.approx([5.2, 5.45, 5.7], abs=0.02)

    def test_where_it_hears_nothing_there_is_nothing(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_sherpa.paraformer(tmp_path / "sherpa-onnx-paraformer-zh", [])
        assert heard(tmp_path, chunks, ZH).utterances == ()


class TestWhisper:
    @pytest.mark.parametrize("code", ["en", "zh"])
    def test_the_language_is_found(self, code: str, tmp_path: Path) -> None:
        tiny_sherpa.whisper(tmp_path / "whisper", ["你"], code)
        assert only(tmp_path).languages == {"en", "zh"}
        assert choosing.load(only(tmp_path), nobody, tmp_path).detect(noise(1)) == {code: 1.0}

    def test_the_time_is_shared_out_where_it_tells_none(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_sherpa.whisper(tmp_path / "whisper", ["你好", " wor", "ld"])
        result = heard(tmp_path, chunks, ZH)
        assert not result.aligned
        first, second = result.utterances
        assert (first.text, second.text) == ("你好 world", "你好 world")
        assert [word.text for word in first.words] == ["你", "好", "world"]
        assert (first.start, first.end, second.start, second.end) == (5.0, 8.0, 20.0, 23.0)

    def test_more_text_than_the_time_allows_is_not_believed(
        self, tmp_path: Path, chunks: list[Chunk]
    ) -> None:
        tiny_sherpa.whisper(tmp_path / "whisper", [*(f" thewordnumber{i}" for i in range(16))], "en")
        result = heard(tmp_path, chunks, EN)
        assert result.utterances == ()
        assert len(result.left_out) == 2


class TestTransducer:
    HEARD, MEANT = ("张", "三", "风"), ("张", "三", "丰")

    def test_its_text_comes_with_times(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_sherpa.transducer(tmp_path / "zipformer-zh", self.HEARD, self.MEANT)
        assert only(tmp_path).kind == "transducer"
        result = heard(tmp_path, chunks, ZH)
        assert result.aligned
        assert [each.text for each in result.utterances] == ["张三风", "张三风"]
        # Four frames of 10 ms are one of the network's; tokens begin at its second, and every eighth.
        assert [word.start for word in result.utterances[0].words] == pytest.approx([5.08, 5.4, 5.72])

    @pytest.mark.parametrize("hot", [("张三丰",), ("OpenVOD", "张三丰"), ("a/b", "张三丰")])
    def test_hot_words_are_heard_where_they_are_likely(
        self, hot: tuple[str, ...], tmp_path: Path, chunks: list[Chunk]
    ) -> None:
        """Words whose letters the model does not have are passed over, and change nothing."""
        tiny_sherpa.transducer(tmp_path / "zipformer-zh", self.HEARD, self.MEANT)
        result = heard(tmp_path, chunks, Wanted(codes.language("zh"), hot))
        assert [each.text for each in result.utterances] == ["张三丰", "张三丰"]

    def test_other_hot_words_change_nothing(self, tmp_path: Path, chunks: list[Chunk]) -> None:
        tiny_sherpa.transducer(tmp_path / "zipformer-zh", self.HEARD, self.MEANT)
        result = heard(tmp_path, chunks, Wanted(codes.language("zh"), ("OpenVOD",)))
        assert [each.text for each in result.utterances] == ["张三风", "张三风"]

    def test_a_part_that_is_missing_is_refused(self, tmp_path: Path) -> None:
        folder = tiny_sherpa.transducer(tmp_path / "zipformer-zh", self.HEARD)
        (folder / "joiner.onnx").write_bytes(b"")
        with pytest.raises(TaskFault, match="not of a form"):
            choosing.load(only(tmp_path), nobody, tmp_path).hear(noise(1), ZH)
