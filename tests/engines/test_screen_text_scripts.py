"""Two languages on one screen, and readers that lie in the model folder."""

from pathlib import Path

import pytest

from openvod.engines.screen_text import readers
from openvod.engines.screen_text.scripts import in_chinese, split, told, writing
from openvod.engines.screen_text.subtitles import Line, Subtitle


def subtitle(*texts: str) -> Subtitle:
    return Subtitle(0.0, 1.0, tuple(Line(text, 0.9, 0.0, 0.8, 1.0, 0.9) for text in texts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("你好", "east"),
        ("Hello", "west"),
        ("OK好吧", "east"),
        ("こんにちは", "east"),
        ("안녕", "east"),
        ("7:30?", ""),
    ],
)
def test_writing(text: str, expected: str) -> None:
    assert writing(text) == expected


def test_the_language_of_more_subtitles_is_the_first() -> None:
    both = subtitle("Hello", "你好")
    assert (split([both, subtitle("你好")]).primary, split([both, subtitle("Hello")]).primary) == (
        "east",
        "west",
    )
    assert split([both]).primary == "west"  # the upper one
    assert split([subtitle("你好"), subtitle("OK")]).second == ""


def test_lines_become_one_text() -> None:
    assert told(["你好", "世界"]) == "你好世界"
    assert told(["Hello,", "world"]) == "Hello, world"


def test_signs_that_look_alike_are_chinese_among_chinese_only() -> None:
    assert in_chinese("今天上午十二点三カ") == "今天上午十二点三力"
    assert in_chinese("カタカナ") == "カタカナ"


def test_readers_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    def put(name: str, content: bytes) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)

    mark = b"\x0a\x09character\x12\x04a\nb\n"
    put("korean/rec.onnx", b"\x08\x07" + bytes(200_000) + mark)
    put("speech/model.onnx", b"\x08\x07" + bytes(200_000))
    put("small/rec.onnx", b"\x08\x07" + mark)
    put("other/rec.onnx", b"GGUF" + bytes(200_000) + mark)
    put("pp-ocr-v6-small/rec.onnx", b"\x08\x07" + bytes(200_000) + mark)
    found = readers.installed(tmp_path)
    assert readers.names(found) == ["korean/rec"]
