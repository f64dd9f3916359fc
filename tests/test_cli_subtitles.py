"""`openvod subtitles`: listing, showing, putting back and editing what a file's subtitles say."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from openvod.cli import main
from tests import clips

SRT = "1\n00:00:00,500 --> 00:00:02,000\nHello wolrd.\n\n2\n00:00:02,500 --> 00:00:04,000\n<i>Again</i> & again.\n"


@pytest.fixture
def run(tmp_path):
    def call(*words: object, code: int = 0) -> str:
        result = CliRunner().invoke(main, [*map(str, words), "--data", str(tmp_path / "data")])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return call


@pytest.fixture
def file_id(tmp_path: Path, run) -> str:
    clip = clips.audio(tmp_path / "clip.m4a")
    return run("upload", clip).split()[-1]


def test_a_subtitle_goes_in_is_shown_and_takes_the_place_of_another(tmp_path, run, file_id):
    srt = tmp_path / "hello.srt"
    srt.write_text(SRT)
    name = run("subtitles", "put", file_id, srt, "--language", "en").strip()
    listed = run("subtitles", "list", file_id).split()
    assert listed == [name, "en", "put", "in", "hello.srt"]
    shown = run("subtitles", "show", file_id, name)
    assert shown.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nHello wolrd.\n")
    mended = tmp_path / "mended.vtt"
    mended.write_text(shown.replace("wolrd", "world"))
    assert run("subtitles", "put", file_id, mended, "--id", name).strip() == name
    assert "Hello world." in run("subtitles", "show", file_id, name)
    assert len(run("subtitles", "list", file_id).splitlines()) == 1


def test_what_the_editor_leaves_is_kept(tmp_path, run, file_id, monkeypatch):
    srt = tmp_path / "hello.srt"
    srt.write_text(SRT)
    name = run("subtitles", "put", file_id, srt).strip()
    monkeypatch.setattr(click, "edit", lambda text, **_: text.replace("wolrd", "world"))
    assert run("subtitles", "edit", file_id, name).strip() == name
    assert "Hello world." in run("subtitles", "show", file_id, name)
    monkeypatch.setattr(click, "edit", lambda _text, **_: None)
    assert run("subtitles", "edit", file_id, name) == ""
    monkeypatch.setattr(click, "edit", lambda _text, **_: "not any more")
    assert "no subtitle" in run("subtitles", "edit", file_id, name, code=1)
    assert "Hello world." in run("subtitles", "show", file_id, name)


def test_what_is_not_there(tmp_path, run, file_id):
    text = tmp_path / "text.srt"
    text.write_text("only words")
    assert "there is no file 12" in run("subtitles", "list", "12", code=1)
    assert "has no subtitle abc" in run("subtitles", "show", file_id, "abc", code=1)
    assert "no subtitle" in run("subtitles", "put", file_id, text, code=1)
    text.write_text(SRT)
    for _ in range(16):
        run("subtitles", "put", file_id, text)
    assert "as many subtitles" in run("subtitles", "put", file_id, text, code=1)
