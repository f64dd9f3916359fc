"""A question about a film, answered by a model through the running server; asked by the official SDK."""

import base64
import json
from pathlib import Path

import pytest

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.stand_in import Answer, Call, Script, says
from tests.walk.conftest import Sdk

pytestmark = pytest.mark.needs("models")


@pytest.fixture(scope="module")
def script() -> Script:
    def answer(call: Call) -> Answer:
        pieces = call.json["messages"][1]["content"]
        pictures = [piece["image_url"]["url"] for piece in pieces if piece["type"] == "image_url"]
        assert all(
            base64.b64decode(each.removeprefix("data:image/jpeg;base64,"))[:2] == b"\xff\xd8"
            for each in pictures
        )
        part = {"start": 0, "end": 1, "title": "A", "description": "B", "frames": [0], "lines": []}
        return says(json.dumps({"answer": f"{len(pictures)} pictures", "parts": [part]}))

    return answer


def test_a_model_sees_the_film(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4", sound=[]))
    task = {"Definition": 33, "ExtendedParameter": json.dumps({"mvc": {"prompt": "What is it?"}})}
    asked = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask=task)
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert (row["TaskType"], row["Status"]) == ("AiAnalysis.VideoComprehensionTask", "SUCCESS"), row[
        "Message"
    ]
    output = json.loads(row["Output"]["OutputText"])
    spec.load("mps").check_output("AiAnalysisTaskVideoComprehensionOutput", output)
    assert output["VideoComprehensionAnalysisResult"] == "2 pictures"
    assert output["VideoComprehensionResultList"][0]["Title"] == "A"
