"""The whole walk through the official Python SDK: upload, process, poll, read."""

import json
import re
import urllib.request
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import jiwer
import pytest
from qcloud_vod import vod_upload_client
from qcloud_vod.model import VodUploadRequest
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.vod.v20180717 import vod_client

from openvod.core import spec
from openvod.media.captions import parse
from tests.conftest import FILE_ID, SUB_APP, Server
from tests.walk.conftest import Sdk
from tests.walk.texts import TWO_CITIES, spoken_words

pytestmark = pytest.mark.needs("models")


def upload(server: Server, sdk: Sdk, file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The official upload SDK, whose two clients are given the address from outside (it has no setting for it)."""
    monkeypatch.setattr(
        vod_upload_client.vod_client, "VodClient", partial(vod_client.VodClient, profile=sdk.client.profile)
    )
    monkeypatch.setattr(
        vod_upload_client,
        "CosConfig",
        partial(vod_upload_client.CosConfig, Scheme="http", Domain=server.address),
    )
    request = VodUploadRequest()
    request.MediaFilePath, request.SubAppId = str(file), server.sub_app
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # it builds its own API request with fields that the API does not have
        answer = vod_upload_client.VodUploadClient(server.secret_id, server.secret_key).upload(
            "ap-guangzhou", request
        )
    return str(answer.FileId)


def sub_task(detail: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one row of a kind; found by type, never by position."""
    (row,) = [row for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"] if row["TaskType"] == kind]
    return dict(row)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


def test_upload_process_poll_read(
    server: Server, sdk: Sdk, whole_talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = upload(server, sdk, whole_talk, monkeypatch)
    assert re.fullmatch(r"\d{16,19}", file_id)
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[file_id])["MediaInfoSet"]
    assert media["BasicInfo"]["Category"] == "Video"
    assert media["MetaData"]["Duration"] == pytest.approx(44.4, abs=0.3)
    assert media["MetaData"]["Size"] == whole_talk.stat().st_size
    assert fetch(media["BasicInfo"]["MediaUrl"]) == whole_talk.read_bytes()

    answer = sdk.call(
        "ProcessMediaByMPS",
        FileId=file_id,
        SubAppId=SUB_APP,
        SmartSubtitlesTask={"Definition": 200},
        AiAnalysisTask={"Definition": 21, "ExtendedParameter": ""},
    )
    assert re.fullmatch(rf"{SUB_APP}-ProcessMediaByMPS-[0-9a-f]{{32}}t", answer["TaskId"])
    detail = sdk.wait(answer["TaskId"])
    assert detail["Status"] == "FINISH"
    assert detail["ProcessMediaByMPSTask"]["ErrCode"] == 0
    check_subtitles(sdk, sub_task(detail, "SmartSubtitle.AsrFullTextTask"))
    check_tags(sub_task(detail, "AiAnalysis.TagTask"))
    (row,) = sdk.call("DescribeTasks", FileId=file_id)["TaskSet"]
    assert (row["TaskId"], row["Status"]) == (answer["TaskId"], "FINISH")


def check_subtitles(sdk: Sdk, row: dict[str, Any]) -> None:
    assert (row["Status"], row["ErrCode"], row["Message"]) == ("SUCCESS", "0", "SUCCESS")
    assert json.loads(row["Input"]) == {"Definition": 200}
    output = json.loads(row["Output"]["OutputText"])
    spec.load().check_output("SmartSubtitleTaskAsrFullTextResultOutput", output)
    file, report = row["Output"]["OutputFiles"]
    assert file["StorageMode"] == "Permanent"
    assert json.loads(fetch(report["Url"]))["hard_rules_kept"] is True
    subtitles = parse(fetch(output["SubtitlePath"]))
    assert subtitles.format == "vtt"
    heard = " ".join(line for cue in subtitles.cues for line in cue.lines)
    assert jiwer.wer(spoken_words(TWO_CITIES), spoken_words(heard)) <= 0.1
    (in_library,) = sdk.call("DescribeMediaInfos", FileIds=[file["FileId"]])["MediaInfoSet"]
    assert in_library["BasicInfo"]["Type"] == "vtt"
    assert in_library["BasicInfo"]["SourceInfo"]["SourceType"] == "VideoProcessing"


def check_tags(row: dict[str, Any]) -> None:
    assert row["Status"] == "SUCCESS"
    output = json.loads(row["Output"]["OutputText"])
    spec.load().check_output("AiAnalysisTaskTagOutput", output)
    tags = {tag["Tag"]: tag["Confidence"] for tag in output["TagSet"]}
    assert all(0 <= confidence <= 100 for confidence in tags.values())
    assert any("speech" in tag.lower() for tag in tags)


@pytest.mark.parametrize(
    "body",
    [
        {
            "FileId": FILE_ID,
            "SubAppId": SUB_APP,
            "MPSProcessMediaParams": '{"AiAnalysisTask":{"Definition": 21,"ExtendedParameter":""}}',
        },
        {
            "FileId": FILE_ID,
            "SubAppId": SUB_APP,
            "AiAnalysisTask": {"Definition": 21, "ExtendedParameter": ""},
        },
    ],
    ids=["pass-through", "structured"],
)
def test_documented_examples(server: Server, sdk: Sdk, seed_file: str, body: dict[str, Any]) -> None:
    detail = sdk.wait(sdk.call("ProcessMediaByMPS", **body)["TaskId"])
    check_tags(sub_task(detail, "AiAnalysis.TagTask"))


def test_raw_parameter_gives_srt(sdk: Sdk, seed_file: str) -> None:
    raw = {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "srt", "TranslateSwitch": "OFF"}
    task = sdk.call(
        "ProcessMediaByMPS", FileId=seed_file, SubAppId=SUB_APP, SmartSubtitlesTask={"RawParameter": raw}
    )
    row = sub_task(sdk.wait(task["TaskId"]), "SmartSubtitle.AsrFullTextTask")
    assert row["Status"] == "SUCCESS", row["Message"]
    assert parse(fetch(json.loads(row["Output"]["OutputText"])["SubtitlePath"])).format == "srt"


def test_unbuilt_work_fails_its_own_row_honestly(sdk: Sdk, seed_file: str) -> None:
    task = sdk.call(
        "ProcessMediaByMPS",
        FileId=seed_file,
        SubAppId=SUB_APP,
        AiAnalysisTask={"Definition": 21},
        SmartSubtitlesTask={"Definition": 211},
    )
    detail = sdk.wait(task["TaskId"])
    assert sub_task(detail, "AiAnalysis.TagTask")["Status"] == "SUCCESS"
    failed = sub_task(detail, "SmartSubtitle.TransTextTask")
    assert (failed["Status"], failed["ErrCode"]) == ("FAIL", "40000")
    assert failed["Message"].startswith("InvalidInput.ConfigurationUnsupported")


REFUSALS = [
    ({"FileId": "1"}, "InvalidParameterValue.FileId"),
    ({"SubAppId": 1}, "InvalidParameterValue.SubAppId"),
    ({"AiAnalysisTask": {"Definition": 9999}}, "InvalidParameterValue"),
    ({"AiAnalysisTask": {"Definition": "21"}}, "InvalidParameter"),
    ({"AiAnalysisTask": None}, "InvalidParameter"),
    ({"MPSProcessMediaParams": "{"}, "InvalidParameter"),
    ({"MPSProcessMediaParams": "[]"}, "InvalidParameter"),
    ({"MPSProcessMediaParams": "{}"}, "InvalidParameter"),
    (
        {"MPSProcessMediaParams": '{"MediaProcessTask":{"TranscodeTaskSet":[{"Definition":100}]}}'},
        "UnsupportedOperation",
    ),
    ({"SmartSubtitlesTask": {}}, "MissingParameter"),
]


@pytest.mark.parametrize("change, code", REFUSALS)
def test_refusals(sdk: Sdk, seed_file: str, change: dict[str, Any], code: str) -> None:
    good: dict[str, Any] = {"FileId": seed_file, "SubAppId": SUB_APP, "AiAnalysisTask": {"Definition": 21}}
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call("ProcessMediaByMPS", **{**good, **change})
    assert refusal.value.code == code
    assert refusal.value.requestId


def test_a_wrong_key_is_told_in_the_asked_language(server: Server) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        Sdk(server.address, server.secret_id, "wrong", language="zh-CN").call("DescribeTasks")
    assert refusal.value.code == "AuthFailure.SignatureFailure"
    assert "签名" in refusal.value.message


def test_known_and_unknown_actions(server: Server, sdk: Sdk) -> None:
    for action, code in (
        ("CreateTranscodeTemplate", "UnsupportedOperation"),
        ("NoSuchThing", "InvalidAction"),
    ):
        with pytest.raises(TencentCloudSDKException) as refusal:
            sdk.client.call_json(action, {})
        assert refusal.value.code == code
