"""Films are parted, and openings and endings of series found, through the running server by the official SDK."""

import base64
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import requests
from benchmarks import episodes_truth
from benchmarks.episodes_truth import Material
from numpy.typing import NDArray

from tests import clips
from tests.conftest import SUB_APP, Server
from tests.engines.analysis.made_up import HOLES, PORK, sentences
from tests.walk.analysed import analysed
from tests.walk.conftest import Sdk

SEGMENTS = 27
FPS = 10
EACH = 4
"""Seconds of a sentence."""


def fetched(url: str, target: Path) -> Path:
    target.write_bytes(requests.get(url, timeout=20).content)
    return target


def pictures(path: Path) -> list[NDArray[np.float64]]:
    """The brightness of every frame."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray").astype(float) for frame in container.decode(video=0)]


def evidence(row: dict[str, Any]) -> dict[str, Any]:
    (url,) = [each["Url"] for each in row["Output"]["OutputFiles"] if each["FileType"].endswith("Evidence")]
    found: dict[str, Any] = requests.get(url, timeout=20).json()
    return found


def check_cuts(source: Path, segments: list[dict[str, Any]], folder: Path) -> None:
    """The segments' frames, one after the other, are the source's: each is like its own and no other one."""
    before = pictures(source)
    after: list[NDArray[np.float64]] = []
    for number, each in enumerate(segments):
        made = pictures(fetched(each["SegmentUrl"], folder / f"{number}.mp4"))
        assert each["StartTimeOffset"] == pytest.approx(len(after) / FPS, abs=0.002)
        after += made
        assert each["EndTimeOffset"] == pytest.approx(len(after) / FPS, abs=0.002)
        assert requests.get(each["CovImgUrl"], timeout=20).content.startswith(b"\xff\xd8")
    assert len(after) == len(before)
    for number, frame in enumerate(after):
        near = range(max(0, number - 1), min(len(before), number + 2))
        assert min(near, key=lambda at: np.square(before[at] - frame).mean()) == number


def test_a_film_is_cut_by_what_is_said(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    said = sentences(HOLES + PORK)
    source = clips.video(tmp_path / "film.mp4", seconds=EACH * len(said), fps=FPS, g="37")
    film = server.upload(source)
    cues = [f"{clock(EACH * n)} --> {clock(EACH * n + 3)}\n{text}\n" for n, text in enumerate(said)]
    content = base64.b64encode(("WEBVTT\n\n" + "\n".join(cues)).encode()).decode()
    given = {"Name": "mine", "Language": "zh", "Format": "vtt", "Content": content}
    sdk.call("ModifyMediaInfo", FileId=film, SubAppId=SUB_APP, AddSubtitles=[given])
    row = analysed(sdk, film, SEGMENTS, {"split": {"method": "nlp"}})
    assert (row["TaskType"], row["Message"]) == ("AiAnalysis.SegmentTask", "SUCCESS")
    segments = row["Read"]["SegmentSet"]
    assert [each["Title"][:2] for each in segments] == ["黑洞", "红烧"]
    assert all(each["Summary"] and each["Keywords"] for each in segments)
    assert row["Read"]["Abstract"]
    videos = [each for each in row["Output"]["OutputFiles"] if each["FileType"].endswith("Task.Video")]
    assert [each["Url"] for each in videos] == [each["SegmentUrl"] for each in segments]
    check_cuts(source, segments, tmp_path)


def clock(seconds: int) -> str:
    return f"00:{seconds // 60:02}:{seconds % 60:02}.000"


def test_a_silent_film_is_cut_where_it_changes(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    shown = [np.clip(clips.pattern(n) * 0.3, 0, 255).astype(np.uint8) for n in range(307)]
    shown += [np.clip(40 + clips.pattern(n) * 0.8, 0, 255).astype(np.uint8) for n in range(307, 600)]
    times = [n / FPS for n in range(len(shown))]
    source = clips.video(tmp_path / "dark.mp4", fps=FPS, pictures=shown, times=times, sound=[], g="50")
    row = analysed(sdk, server.upload(source), SEGMENTS)
    assert "no words" in row["Message"]
    segments = row["Read"]["SegmentSet"]
    assert [each["Title"] for each in segments] == ["Segment 1", "Segment 2"]
    assert segments[1]["StartTimeOffset"] == pytest.approx(30.7, abs=0.002)
    check_cuts(source, segments, tmp_path)


@pytest.fixture(scope="module")
def head_tail(server: Server) -> int:
    """A template that looks for openings and endings."""
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    template = {"Name": "ends", "Comment": "", "OpeningAndEndingConfigure": {"Switch": "ON"}}
    made = sdk.call(
        "CreateMPSTemplate", SubAppId=SUB_APP, TemplateType="AIAnalysis", AIAnalysisTemplate=template
    )
    return int(made["Definition"])


def test_opening_and_ending_are_found_in_another_episode(
    sdk: Sdk, server: Server, tmp_path: Path, head_tail: int
) -> None:
    one, other = episodes_truth.series(tmp_path, 4, 2, Material(), pictures=False)
    film = server.upload(Path(one.path))
    row = analysed(sdk, film, head_tail)
    assert (row["Read"]["HeadTimeOffset"], row["Read"]["TailTimeOffset"]) == (0, 0)
    assert row["Message"] != "SUCCESS"  # nothing to compare with that is alike
    server.upload(Path(other.path))
    row = analysed(sdk, film, head_tail)
    assert (row["TaskType"], row["Message"]) == ("AiAnalysis.HeadTailTask", "SUCCESS")
    assert row["Read"]["HeadTimeOffset"] == pytest.approx(one.head[1], abs=0.25)
    assert row["Read"]["TailTimeOffset"] == pytest.approx(one.tail[0], abs=0.25)
    found = evidence(row)
    assert found["opening"]["also_in"][0]["end"] == pytest.approx(other.head[1], abs=0.25)
    assert found["ending"]["start"] == row["Read"]["TailTimeOffset"]
