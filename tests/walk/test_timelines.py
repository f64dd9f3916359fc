"""What a task found, as files for editing programs: by our own API, signed by the official SDK's common client."""

import json
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.walk.conftest import Sdk

TAGS = 21


def timelines(server: Server, **params: Any) -> list[dict[str, Any]]:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.address))
    keys = credential.Credential(server.secret_id, server.secret_key)
    client = CommonClient("openvod", spec.load("openvod").version, keys, "", profile)
    answer: list[dict[str, Any]] = client.call_json("DescribeTimelines", params)["Response"]["TimelineSet"]
    return answer


def test_the_shots_of_a_film_that_was_analysed(server: Server, sdk: Sdk, tmp_path: Path) -> None:
    film = server.upload(clips.video(tmp_path / "film.mp4", sound=None))
    asked = sdk.call("ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, AiAnalysisTask={"Definition": TAGS})
    assert sdk.wait(asked["TaskId"])["Status"] == "FINISH"
    (shots,) = timelines(server, TaskId=asked["TaskId"])
    assert shots["Name"] == "Shots"
    assert shots["Count"] == 1
    assert "001  AX       AA/V  C        00:00:00:00 00:00:01:00" in shots["Content"]
    assert shots["FileName"] == f"{asked['TaskId']}-shots.edl"
    (document,) = timelines(server, TaskId=asked["TaskId"], Format="otio")
    assert json.loads(document["Content"])["OTIO_SCHEMA"].startswith("Timeline")


def test_what_is_refused(server: Server) -> None:
    with pytest.raises(TencentCloudSDKException) as unknown:
        timelines(server, TaskId="1-ProcessMediaByMPS-none")
    assert unknown.value.get_code() == "InvalidParameterValue.TaskId"
