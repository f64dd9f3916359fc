"""What is found in a model folder, by signature, and what is not."""

import struct
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.engines.recognisers import Found, choosing, codes, finding, signatures
from tests.engines.recognisers import tiny_models


def header(
    vocabulary: int = 51865, context: int = 1500, mels: int = 80, magic: int = 0x67676D6C, filters: int = 80
) -> bytes:
    return struct.pack("<14i", magic, vocabulary, context, 8, 1, 1, 448, 8, 1, 1, mels, 1, filters, 201)


class TestSignatures:
    def test_a_file_of_whisper_cpp_is_told_by_its_header(self, tmp_path: Path) -> None:
        (tmp_path / "anything.bin").write_bytes(header())
        (found,) = finding.find(tmp_path)
        assert (found.id, found.kind) == ("anything.bin", "whisper-ggml")
        assert {"zh", "en", "de", "jv"} <= found.languages
        assert "yue" not in found.languages

    def test_large_v3_knows_cantonese(self, tmp_path: Path) -> None:
        (tmp_path / "v3.bin").write_bytes(header(51866, mels=128, filters=128))
        assert "yue" in finding.find(tmp_path)[0].languages

    def test_an_english_only_file_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "en.bin").write_bytes(header(51864))
        assert finding.find(tmp_path)[0].languages == {"en"}

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"lmgg",
            header(magic=1),
            header(context=2048),
            header(mels=81, filters=81),
            header(filters=128),
            header()[:50],
        ],
    )
    def test_other_files_are_none(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "model.bin").write_bytes(content)
        assert finding.find(tmp_path) == ()

    def test_sense_voice_is_told_by_the_graphs_metadata(self, tmp_path: Path) -> None:
        tiny_models.sense_voice(tmp_path / "any" / "name", ["你"])
        (found,) = finding.find(tmp_path)
        assert (found.id, found.kind) == ("any/name", "sense-voice")
        assert found.languages == {"zh", "yue", "en", "ja", "ko"}
        assert found.files == {"model": "model.onnx", "tokens": "tokens.txt"}

    def test_the_quantised_graph_is_taken(self, tmp_path: Path) -> None:
        folder = tiny_models.sense_voice(tmp_path / "sv", ["你"])
        (folder / "model.int8.onnx").write_bytes((folder / "model.onnx").read_bytes())
        assert finding.find(tmp_path)[0].files["model"] == "model.int8.onnx"

    def test_graphs_are_told_by_their_parts(self, tmp_path: Path) -> None:
        for name in ("zh-en", "streaming", "whisper"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "tokens.txt").write_text("a 0\n")
        parts = ("encoder.onnx", "decoder.onnx", "joiner.onnx")
        for part in parts:
            (tmp_path / "zh-en" / part).write_bytes(tiny_models.properties({"model_type": "zipformer2"}))
            (tmp_path / "streaming" / part).write_bytes(tiny_models.properties({"decode_chunk_len": 32}))
        stated = {"model_type": "whisper-tiny", "is_multilingual": 1, "all_language_codes": "en,zh,jw"}
        for part in parts[:2]:
            (tmp_path / "whisper" / f"tiny-{part}").write_bytes(tiny_models.properties(stated))
        transducer, whisper = sorted(finding.find(tmp_path), key=lambda found: found.kind, reverse=False)[
            ::-1
        ]
        assert (transducer.kind, transducer.languages) == ("transducer", {"zh", "en"})
        assert (whisper.kind, whisper.languages) == ("sherpa-whisper", {"en", "zh", "jv"})

    @pytest.mark.parametrize(
        "content", [b"", b"\x08\x09", b"\xff" * 40, b"\x72\xff\xff\xff\xff\x0f", b"text"]
    )
    def test_a_damaged_graph_has_no_metadata(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "model.onnx").write_bytes(content)
        assert signatures.metadata(tmp_path / "model.onnx") == {}

    def test_a_vosk_folder_has_its_language_from_its_name(self, tmp_path: Path) -> None:
        tiny_models.vosk(tmp_path / "vosk-model-small-cn-0.22")
        tiny_models.vosk(tmp_path / "vosk-model-de-0.21")
        tiny_models.vosk(tmp_path / "mine")
        found = {each.id: each.languages for each in finding.find(tmp_path)}
        assert found == {
            "vosk-model-small-cn-0.22": {"zh"},
            "vosk-model-de-0.21": {"de"},
            "mine": frozenset(),
        }

    def test_the_operator_may_state_the_languages(self, tmp_path: Path) -> None:
        folder = tiny_models.vosk(tmp_path / "mine")
        (folder / "languages.txt").write_text("zh-CN, fil\n")
        assert finding.find(tmp_path)[0].languages == {"zh", "tl"}

    def test_no_model_folder_holds_nothing(self, tmp_path: Path) -> None:
        assert finding.find(tmp_path / "absent") == ()

    def test_the_version_goes_with_the_content(self, tmp_path: Path) -> None:
        folder = tiny_models.sense_voice(tmp_path / "sv", ["你"])
        before = finding.find(tmp_path)[0].version
        assert before == finding.find(tmp_path)[0].version
        (folder / "tokens.txt").write_text("other 0\n")
        assert finding.find(tmp_path)[0].version != before


ZH, ALL = (
    Found("b", "vosk", frozenset({"zh"})),
    Found("a", "whisper-ggml", frozenset({"zh", "en", "de"})),
)


class TestChoice:
    def test_the_folder_comes_first_by_name(self) -> None:
        assert choosing.choose(codes.language("zh"), [ALL, ZH], "whisper-1") is ALL
        assert choosing.choose(codes.language("en"), [ALL, ZH], "whisper-1") is ALL

    def test_then_the_endpoint(self) -> None:
        chosen = choosing.choose(codes.language("de-DE"), [ZH], "whisper-1")
        assert (chosen.kind, chosen.version) == ("endpoint", "whisper-1")

    def test_then_the_bundled_english(self) -> None:
        assert choosing.choose(codes.language("en-GB"), [ZH]) is choosing.BUNDLED
        assert choosing.choose(codes.language("auto"), [ZH]) is choosing.BUNDLED

    def test_auto_wants_one_that_knows_several(self) -> None:
        assert choosing.choose(codes.language("auto"), [ZH, ALL]) is ALL
        assert choosing.choose(codes.language("auto"), [ZH], "m").kind == "endpoint"

    @pytest.mark.parametrize(
        "asked, recipe", [("zh", "sense-voice"), ("prime_zh", "sense-voice"), ("de-DE", "whisper")]
    )
    def test_nothing_fitting_names_the_recipe(self, asked: str, recipe: str) -> None:
        with pytest.raises(TaskFault) as raised:
            choosing.choose(codes.language(asked), [])
        assert raised.value.code == "InvalidInput.ConfigurationUnsupported"
        assert f"`openvod models recipes {recipe}`" in str(raised.value)
        assert f"`{asked}`" in str(raised.value)

    def test_a_missing_library_is_named(self) -> None:
        with pytest.raises(TaskFault, match=r"`pip install vosk`"):
            choosing.choose(codes.language("zh"), [Found("b", "vosk", frozenset({"zh"}), package="vosk")])

    def test_a_model_without_library_stands_behind_one_with(self) -> None:
        lacking = Found("0", "vosk", frozenset({"zh"}), package="vosk")
        assert choosing.choose(codes.language("zh"), [lacking, ZH]) is ZH
