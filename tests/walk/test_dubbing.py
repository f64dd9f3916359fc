"""A film that speaks: subtitles are spoken by flite, laid over its sound, and recognised again; by the official SDK."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server, serving
from tests.outbound.far_side import answer, far_side
from tests.walk.conftest import Sdk

pytestmark = [pytest.mark.needs("models"), pytest.mark.needs("flite")]
DUBBING, SUBTITLES = 32, 200
LINES = ("The weather is beautiful in the mountains today", "Tomorrow we will travel to the city by train")
VTT = f"WEBVTT\n\n00:01.000 --> 00:04.000\n{LINES[0]}.\n\n00:05.500 --> 00:08.500\n{LINES[1]}.\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that finds the programs of this machine."""
    with serving(tmp_path_factory.mktemp("server") / "data", PATH=os.environ["PATH"]) as running:
        yield running


def test_subtitles_become_a_voice(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4", seconds=10, size=(320, 240), sound=[]))
    given = {
        "Name": "mine",
        "Language": "en",
        "Format": "vtt",
        "Content": base64.b64encode(VTT.encode()).decode(),
    }
    sdk.call("ModifyMediaInfo", FileId=film, SubAppId=SUB_APP, AddSubtitles=[given])
    task = {"Definition": DUBBING, "ExtendedParameter": json.dumps({"dubbing": {"dstLangs": ["en"]}})}
    asked = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask=task)
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert (row["TaskType"], row["Status"]) == ("AiAnalysis.DubbingTask", "SUCCESS"), row["Message"]
    output = json.loads(row["Output"]["OutputText"])
    spec.load("mps").check_output("AiAnalysisTaskDubbingOutput", output)
    urls = {each["FileType"].rpartition(".")[2]: each["Url"] for each in row["Output"]["OutputFiles"]}
    speakers = requests.get(urls["Speaker"], timeout=20).json()
    assert [clip["DstTexts"]["en"] for clip in speakers["Clips"]] == [f"{line}." for line in LINES]
    assert requests.get(urls["Subtitle"], timeout=20).text.startswith("WEBVTT\n\n00:00:01.000 --> ")

    heard = sdk.call(
        "ProcessMediaByMPS",
        FileId=output["VideoFileId"],
        SubAppId=SUB_APP,
        SmartSubtitlesTask={"Definition": SUBTITLES},
    )
    (row,) = sdk.wait(heard["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "SUCCESS", row["Message"]
    told = json.loads(row["Output"]["OutputText"])["SegmentSet"]
    words = {word.strip(".,").lower() for each in told for word in each["Text"].split()}
    expected = {word.lower() for line in LINES for word in line.split()}
    assert len(expected & words) >= 0.7 * len(expected), words
    assert told[0]["StartTimeOffset"] == pytest.approx(1.0, abs=0.4)


def test_it_must_be_told_into_which_language(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4"))
    asked = sdk.call(
        "ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask={"Definition": DUBBING}
    )
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "FAIL"
    assert "dstLangs" in row["Message"]


def test_given_subtitles_are_fetched_and_spoken(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4", seconds=10, sound=[]))
    with far_side(answer(VTT.encode())) as side:
        asked = {
            "subtitleUrls": {"dstSubtitleUrls": {"en": side.url("/en.vtt")}},
            "subtitle": {"embed": False},
        }
        task = {"Definition": DUBBING, "ExtendedParameter": json.dumps({"dubbing": asked})}
        made = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask=task)
        (row,) = sdk.wait(made["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert (row["Status"], row["Message"]) == ("SUCCESS", "SUCCESS")
    asked = {"speakerUrl": side.url("/gone.json")}
    task = {"Definition": DUBBING, "ExtendedParameter": json.dumps({"dubbing": asked})}
    made = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask=task)
    (row,) = sdk.wait(made["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "FAIL"
    assert "speakerUrl" in row["Message"]


def test_a_film_in_which_nobody_speaks_stays_as_it_is(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4", seconds=3))
    task = {"Definition": DUBBING, "ExtendedParameter": json.dumps({"dubbing": {"dstLangs": ["xx"]}})}
    asked = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask=task)
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "SUCCESS"
    assert "nobody speaks" in row["Message"]
