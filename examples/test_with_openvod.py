"""Testing a program that uses Tencent Cloud VOD: `pip install "./openvod[testing]" tencentcloud-sdk-python-vod pytest`."""

import json
import urllib.error
import urllib.request
import wave

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vod.v20180717 import models
from tencentcloud.vod.v20180717.vod_client import VodClient

pytest_plugins = ["openvod.testing"]


def call(client, action, **params):
    """The official client's call, with plain dicts."""
    request = getattr(models, f"{action}Request")()
    request.from_json_string(json.dumps(params))
    return json.loads(getattr(client, action)(request).to_json_string())


# The program that is tested: it asks for tags, tries again when it was too quick, and hears of each task once.


def ask_for_tags(client, sub_app, file_id, tries=3):
    wanted = {"SubAppId": sub_app, "FileId": file_id, "AiAnalysisTask": {"Definition": 21}}
    while True:
        try:
            return call(client, "ProcessMediaByMPS", **wanted)["TaskId"]
        except TencentCloudSDKException as error:
            tries -= 1
            if error.code != "RequestLimitExceeded" or not tries:
                raise


def hear(client, heard):
    for event in call(client, "PullEvents")["EventSet"] or []:
        ended = event["ProcessMediaByMPSCompleteEvent"]
        if ended["TaskId"] not in heard:
            heard[ended["TaskId"]] = [part["ErrCode"] for part in ended["SubTaskSet"]]
        call(client, "ConfirmEvents", EventHandles=[event["EventHandle"]])


# Its tests.


@pytest.fixture
def client(openvod):
    http = HttpProfile(protocol="http", endpoint=openvod.endpoint)
    return VodClient(Credential(openvod.secret_id, openvod.secret_key), "", ClientProfile(httpProfile=http))


@pytest.fixture
def file_id(openvod, tmp_path):
    with wave.open(str(tmp_path / "second.wav"), "wb") as sound:
        sound.setparams((1, 2, 16000, 0, "NONE", ""))
        sound.writeframes(bytes(32000))
    return openvod.upload(tmp_path / "second.wav")


def test_it_tries_again_when_it_was_too_quick(openvod, client, file_id):
    openvod.faults.answer("ProcessMediaByMPS", code="RequestLimitExceeded", times=2)
    assert ask_for_tags(client, openvod.sub_app_id, file_id)
    assert openvod.faults.left() == []


def test_it_hears_of_a_failure_once_though_it_is_told_twice(openvod, client, file_id):
    openvod.faults.fail_sub_task("AiAnalysisTask", code="60000", message="the source file is broken")
    openvod.faults.deliver_event_twice()
    task, heard = ask_for_tags(client, openvod.sub_app_id, file_id), {}
    openvod.wait(task)
    hear(client, heard)
    hear(client, heard)
    assert heard == {task: ["60000"]}
    assert call(client, "DescribeEventsState")["CountOfEventsToPull"] == 0


def test_a_link_is_good_for_a_day(openvod, client, file_id):
    (media,) = call(client, "DescribeMediaInfos", FileIds=[file_id])["MediaInfoSet"]
    link = media["BasicInfo"]["MediaUrl"]
    assert urllib.request.urlopen(link).status == 200
    openvod.clock.advance(hours=25)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(link)
