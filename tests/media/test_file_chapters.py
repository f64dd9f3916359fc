"""A file's own table of chapters."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from openvod.core.errors import TaskFault
from openvod.media import file_chapters
from openvod.media.file_chapters import Mark
from tests import clips


def with_chapters(folder: Path, name: str, rows: list[tuple[int, int, str]]) -> Path:
    """A clip with chapters in milliseconds."""
    plain = clips.video(folder / "plain.mp4", seconds=4, sound=[])
    path = folder / name
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        track = target.add_stream_from_template(source.streams.video[0])
        target.set_chapters(
            [
                {
                    "id": n,
                    "start": start,
                    "end": end,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title},
                }
                for n, (start, end, title) in enumerate(rows)
            ]
        )
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    return path


@pytest.mark.parametrize("name", ["c.mp4", "c.mkv"])
def test_times_and_titles_come_back(tmp_path: Path, name: str) -> None:
    path = with_chapters(tmp_path, name, [(0, 1500, "Opening"), (1500, 4000, " The  sea 海 ")])
    assert file_chapters.read(path) == (Mark(0.0, 1.5, "Opening"), Mark(1.5, 4.0, "The sea 海"))


def test_times_are_from_the_begin_of_the_file(tmp_path: Path) -> None:
    path = with_chapters(tmp_path, "c.mkv", [(1000, 2000, "x" * 999), (2000, 4000, "")])
    first, second = file_chapters.read(path, 1.0)
    assert (first.start, first.end, second.start, second.title) == (0.0, 1.0, 1.0, "")
    assert len(first.title) == file_chapters.LONGEST_TITLE


def test_most_files_have_none(tmp_path: Path) -> None:
    assert file_chapters.read(clips.audio(tmp_path / "a.m4a")) == ()


def test_what_is_no_media_has_none_either(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"no media at all")
    with pytest.raises(TaskFault):
        file_chapters.read(path)
