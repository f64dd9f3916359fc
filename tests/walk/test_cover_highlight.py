"""Covers and highlights of a film, made by the running server and fetched as any client does; asked by the official SDK."""

import io
import json
import urllib.request
from pathlib import Path
from typing import Any

import av
import pytest

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.tasks.test_highlight import film
from tests.walk.conftest import Sdk

pytestmark = pytest.mark.needs("models")
HIGHLIGHTS = 26


@pytest.fixture(scope="module")
def source(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    return server.upload(film(tmp_path_factory.mktemp("film") / "film.mp4"))


@pytest.fixture(scope="module")
def template(server: Server) -> int:
    """Covers and highlights, by a template of one's own."""
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    on = {"Switch": "ON"}
    both = {"Name": "both", "Comment": "", "CoverConfigure": on, "HighlightConfigure": on}
    made = sdk.call("CreateMPSTemplate", SubAppId=SUB_APP, TemplateType="AIAnalysis", AIAnalysisTemplate=both)
    return int(made["Definition"])


def rows(sdk: Sdk, file_id: str, definition: int, **hht: Any) -> dict[str, dict[str, Any]]:
    task: dict[str, Any] = {"Definition": definition}
    if hht:
        task["ExtendedParameter"] = json.dumps({"hht": hht})
    asked = sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, AiAnalysisTask=task)
    detail = sdk.wait(asked["TaskId"])
    return {row["TaskType"]: row for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"]}


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def of_type(row: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in row["Output"]["OutputFiles"] if each["FileType"] == kind]


def frames_of(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_both_of_one_template(sdk: Sdk, source: str, template: int) -> None:
    found = rows(sdk, source, template)
    cover, highlight = found["AiAnalysis.CoverTask"], found["AiAnalysis.HighlightTask"]
    for row, output in ((cover, "Cover"), (highlight, "Highlight")):
        assert row["Status"] == "SUCCESS", row["Message"]
        spec.load("mps").check_output(
            f"AiAnalysisTask{output}Output", json.loads(row["Output"]["OutputText"])
        )
    covers = json.loads(cover["Output"]["OutputText"])["CoverSet"]
    files = of_type(cover, "AiAnalysis.CoverTask.Cover")
    assert len(covers) == len(files) >= 2
    assert all(each["CoverPath"].startswith("/") for each in covers)
    for each in files:
        picture = fetched(each["Url"])
        assert picture[:2] == b"\xff\xd8"
        with av.open(io.BytesIO(picture)) as container:
            assert (container.streams.video[0].width, container.streams.video[0].height) == (128, 72)
    clips_made = json.loads(highlight["Output"]["OutputText"])["HighlightSet"]
    assert len(clips_made) == 2
    assert len(of_type(highlight, "AiAnalysis.HighlightTask.Video")) == 2
    for clip in clips_made:
        (part,) = clip["SegmentSet"]
        seconds = part["EndTimeOffset"] - part["StartTimeOffset"]
        assert frames_of(fetched(clip["HighlightUrl"])) == round(seconds * 25)
        assert fetched(clip["CovImgUrl"])[:2] == b"\xff\xd8"
        assert part["SegmentTags"]
    info = sdk.call("DescribeMediaInfos", FileIds=[source], SubAppId=SUB_APP, Filters=["mpsAiMediaInfo"])
    (listed,) = [
        each
        for each in info["MediaInfoSet"][0]["MPSAiMediaInfo"]["AiMediaList"]
        if each["TaskType"] == "AiAnalysis.HighlightTask"
    ]
    kinds = {file["FileType"] for task in listed["AiMediaTasks"] for file in task["OutputFile"]}
    assert {"Video", "Cover", "Output"} <= kinds


def test_the_best_one_by_the_vendors_preset(sdk: Sdk, source: str) -> None:
    row = rows(sdk, source, HIGHLIGHTS, top_clip=1, force_cls="4001", model_segment_limit=[2, 4])[
        "AiAnalysis.HighlightTask"
    ]
    assert row["Status"] == "SUCCESS", row["Message"]
    (clip,) = json.loads(row["Output"]["OutputText"])["HighlightSet"]
    assert 2 <= clip["Duration"] <= 4.1


def test_sound_alone_fails_clearly(sdk: Sdk, server: Server, template: int, tmp_path: Path) -> None:
    sound = server.upload(clips.audio(tmp_path / "talk.m4a"))
    for row in rows(sdk, sound, template).values():
        assert row["Status"] == "FAIL"
        assert "SourceFileError.NoVideoMedia" in row["Message"]
