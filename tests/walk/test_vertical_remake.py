"""A film in another shape, and one made anew, through the running server by the official SDK."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
import requests

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.walk.conftest import Sdk

VERTICAL, REMAKE = 28, 29


@pytest.fixture(scope="module")
def film(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = clips.video(tmp_path_factory.mktemp("film") / "film.mp4", seconds=2, size=(320, 180))
    return server.upload(path)


def analysed(sdk: Sdk, file_id: str, definition: int, **extended: Any) -> dict[str, Any]:
    """The only sub-task's row when the task has ended."""
    task = {"Definition": definition, "ExtendedParameter": json.dumps(extended) if extended else ""}
    asked = sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, AiAnalysisTask=task)
    row: dict[str, Any]
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    return row


def fetched(row: dict[str, Any], file_type: str, target: Path) -> Path:
    """An output file, by the link in the answer."""
    (url,) = [each["Url"] for each in row["Output"]["OutputFiles"] if each["FileType"] == file_type]
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    target.write_bytes(answer.content)
    return target


def output(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Checked by the facts, and read."""
    assert row["Status"] == "SUCCESS", row["Message"]
    read: dict[str, Any] = json.loads(row["Output"]["OutputText"])
    spec.load("mps").check_output(f"AiAnalysisTask{name}Output", read)
    return read


def shape(path: Path) -> tuple[int, int, str, int]:
    with av.open(str(path)) as container:
        track = container.streams.video[0]
        return track.width, track.height, track.codec_context.name, len(container.streams.audio)


def test_a_wide_film_becomes_upright(sdk: Sdk, film: str, tmp_path: Path) -> None:
    row = analysed(sdk, film, VERTICAL, htv={"Ratio": "9:16", "OutputPattern": "upright-{sessionId}"})
    assert row["TaskType"] == "AiAnalysis.HorizontalToVerticalTask"
    told = output(row, "HorizontalToVertical")
    assert told["Path"].startswith("/")
    assert 0 < told["Confidence"] <= 100
    made = fetched(row, "AiAnalysis.HorizontalToVerticalTask.Video", tmp_path / "made.mp4")
    assert shape(made) == (100, 180, "h264", 1)
    account = json.loads(
        fetched(row, "AiAnalysis.HorizontalToVerticalTask.Evidence", tmp_path / "e").read_text()
    )
    assert account["frames"] == 50
    assert account["confidence"] == told["Confidence"]
    (video,) = [each for each in row["Output"]["OutputFiles"] if each["FileType"].endswith(".Video")]
    (info,) = sdk.call("DescribeMediaInfos", FileIds=[video["FileId"]], SubAppId=SUB_APP)["MediaInfoSet"]
    assert info["BasicInfo"]["Name"].startswith("upright-")
    assert (info["MetaData"]["Width"], info["MetaData"]["Height"]) == (100, 180)


def test_the_whole_picture_over_its_blur(sdk: Sdk, film: str, tmp_path: Path) -> None:
    row = analysed(sdk, film, VERTICAL, htv={"AlgorithmType": 5, "Ratio": "1:1", "BlurWeight": 0.3})
    output(row, "HorizontalToVertical")
    made = fetched(row, "AiAnalysis.HorizontalToVerticalTask.Video", tmp_path / "made.mp4")
    assert shape(made) == (180, 180, "h264", 1)


def test_what_would_have_to_be_painted_fails_honestly(sdk: Sdk, film: str) -> None:
    for definition, asked in (
        (VERTICAL, {"htv": {"AlgorithmType": 6}}),
        (REMAKE, {"vremake": {"mode": "SwapFace"}}),
    ):
        row = analysed(sdk, film, definition, **asked)
        assert (row["Status"], row["ErrCode"]) == ("FAIL", "40000")
        assert row["Message"].startswith("InvalidInput.ConfigurationUnsupported: ")
        assert "generates pictures" in row["Message"]


def test_a_film_is_remade(sdk: Sdk, film: str, tmp_path: Path) -> None:
    row = analysed(
        sdk, film, REMAKE, vremake={"mode": "VerticalExtend", "verticalExtend": {"randomSpeed": True}}
    )
    assert row["TaskType"] == "AiAnalysis.VideoRemakeTask"
    assert output(row, "VideoRemake")["Path"].startswith("/")
    made = fetched(row, "AiAnalysis.VideoRemakeTaskk.Video", tmp_path / "made.mp4")
    assert shape(made) == (320, 224, "h264", 1)
    account = json.loads(fetched(row, "AiAnalysis.VideoRemakeTaskk.Evidence", tmp_path / "e").read_text())
    assert account["differences"]["picture"]["mean_bits_of_64"] >= 8
    assert account["differences"]["sound"]["compared"] > 0
