"""A correction through the running server by the official SDK: only the pictures that it touches are encoded again, and the
new video is the one that another server makes from nothing. What an erasure has encoded is kept alike."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from openvod.core.settings import Settings
from openvod.store import Store
from tests import clips
from tests.conftest import FILE_ID, SUB_APP, Server, start_server, stop_server
from tests.walk.conftest import Sdk

BURNT = 4
"""The preset for subtitles in the picture."""
FPS = 10
GROUPS: dict[str, Any] = {"g": "50", "bf": "2", "crf": "20", "sc_threshold": "0"}
"""A group, and a segment, each five seconds; letters stand in every other one."""
SECONDS = 30
LINES = ("In the first group.", "In the third one.", "And in the fifth.")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return clips.video(folder / "film.mp4", seconds=SECONDS, fps=FPS, size=(128, 72), **GROUPS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Any:
    running = start_server(tmp_path_factory.mktemp("server") / "data")
    running.upload(film, "--file-id", FILE_ID)
    yield running
    assert stop_server(running) == 0


def burnt_in(server: Server, lines: tuple[str, ...]) -> tuple[bytes, str]:
    """The video with these lines in it, none in every other group, and what the operator reads of how it was made."""
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    times = [(f"00:{start + 1:02}.000", f"00:{start + 4:02}.000") for start in (0, 10, 20)]
    cues = [f"{start} --> {end}\n{line}\n" for (start, end), line in zip(times, lines, strict=True)]
    content = base64.b64encode("\n".join(["WEBVTT\n", *cues]).encode()).decode()
    given = {"Id": "mine", "Name": "mine", "Language": "en", "Format": "vtt", "Content": content}
    sdk.call("ModifyMediaInfo", FileId=FILE_ID, SubAppId=SUB_APP, ClearSubtitles=1)
    sdk.call("ModifyMediaInfo", FileId=FILE_ID, SubAppId=SUB_APP, AddSubtitles=[given])
    raw = {
        "SubtitleType": 0,
        "VideoSrcLanguage": "en",
        "SubtitleFormat": "vtt",
        "SubtitleEmbedId": BURNT,
        "ExtInfo": json.dumps({"subtitle": "mine"}),
    }
    return processed(server, SmartSubtitlesTask={"RawParameter": raw})


def processed(server: Server, **task: Any) -> tuple[bytes, str]:
    """The video that a task makes of the film, and what the operator reads of how it was made."""
    sdk = Sdk(server.address, server.secret_id, server.secret_key)
    task_id = sdk.call("ProcessMediaByMPS", FileId=FILE_ID, SubAppId=SUB_APP, **task)["TaskId"]
    (row,) = sdk.wait(task_id)["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "SUCCESS", row["Message"]
    (url,) = [each["Url"] for each in row["Output"]["OutputFiles"] if each["FileType"].endswith(".Video")]
    with Store.open(Settings(data=server.data)) as store:
        record = store.tasks.get(task_id)
    assert record is not None
    (told,) = [text for text in record.sub_tasks[0].warnings if "encoded anew" in text]
    return requests.get(url, timeout=20).content, told


def test_only_what_a_correction_touches_is_encoded_again(server: Server, film: Path, tmp_path: Path) -> None:
    first, told = burnt_in(server, LINES)
    assert "150 of 300 frames encoded anew (copy)" in told
    assert told.endswith("0 of 3 segments from before")
    corrected = (LINES[0], "In the third group.", LINES[2])
    second, told = burnt_in(server, corrected)
    assert told.endswith("2 of 3 segments from before")
    assert second != first
    elsewhere = start_server(tmp_path / "data", OPENVOD_KEPT_VIDEO_MB="0")
    try:
        elsewhere.upload(film, "--file-id", FILE_ID)
        fresh, told = burnt_in(elsewhere, corrected)
        assert told.endswith("0 of 3 segments from before")
        assert fresh == second
        assert not (elsewhere.data / "steps").exists()
    finally:
        assert stop_server(elsewhere) == 0


def test_what_was_erased_before_is_not_encoded_again(server: Server) -> None:
    place = {"LeftTopX": 0.1, "LeftTopY": 0.1, "RightBottomX": 0.4, "RightBottomY": 0.4, "Unit": 1}
    spans = [
        {"BeginMs": 1000, "EndMs": 2000, "Areas": [place]},
        {"BeginMs": 11000, "EndMs": 12000, "Areas": [place]},
    ]
    method = {"WatermarkEraseMethod": "custom", "WatermarkModel": "basic", "CustomAreas": spans}
    task = {"RawParameter": {"EraseType": "watermark", "EraseWatermarkConfig": method}}
    first, told = processed(server, SmartEraseTask=task)
    assert told.endswith("0 of 2 segments from before")
    second, told = processed(server, SmartEraseTask=task)
    assert told.endswith("2 of 2 segments from before")
    assert second == first
