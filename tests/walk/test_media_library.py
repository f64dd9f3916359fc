"""The library's actions through the official SDK: find, describe, change and delete files, and what belongs to them."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tencentcloud.common.exception import TencentCloudSDKException
from tencentcloud.vod.v20180717 import models

from openvod.core import spec
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.walk.conftest import Sdk, cos
from tests.walk.test_uploads import where

OTHER_APP = SUB_APP + 1
NEVER = "9999-12-31T23:59:59Z"
VTT = "WEBVTT\n\n00:00.500 --> 00:01.500\n你好\n"


def ask(sdk: Sdk, action: str, **params: Any) -> dict[str, Any]:
    """What is on the wire, which must be as the facts and the SDK's models say."""
    answer: dict[str, Any] = sdk.client.call_json(action, params)["Response"]
    spec.load().check_response(action, answer)
    getattr(models, f"{action}Response")()._deserialize(answer)
    return answer


def refused(sdk: Sdk, action: str, **params: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.client.call_json(action, params)
    return str(refusal.value.code)


def info(sdk: Sdk, file_id: str, **params: Any) -> dict[str, Any]:
    (media,) = ask(sdk, "DescribeMediaInfos", FileIds=[file_id], **params)["MediaInfoSet"]
    return dict(media)


def b64(data: bytes | str) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def subtitle(**changes: str) -> dict[str, str]:
    return {"Name": "中文", "Language": "zh", "Format": "vtt", "Content": b64(VTT), **changes}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(tmp_path_factory.mktemp("clip") / "library film.mp4", seconds=1)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return clips.picture(tmp_path_factory.mktemp("picture") / "cover.png", codec="png").read_bytes()


@pytest.fixture
def file_id(server: Server, sdk: Sdk, clip: Path) -> Iterator[str]:
    found = server.upload(clip, "--sub-app", str(SUB_APP))
    yield found
    ask(sdk, "DeleteMedia", FileId=found, SubAppId=SUB_APP)


@pytest.fixture(scope="module")
def foreign(server: Server, clip: Path) -> str:
    """A file of another application."""
    return server.upload(clip, "--sub-app", str(OTHER_APP))


def test_texts_change_and_are_found(sdk: Sdk, file_id: str) -> None:
    expires = "2100-01-01T00:00:00Z"
    changes = {"Name": "Änderung 一", "Description": "d" * 128, "ClassId": 7, "ExpireTime": expires}
    answer = ask(sdk, "ModifyMediaInfo", FileId=file_id, **changes)
    assert (answer["CoverUrl"], answer["AddedSubtitleSet"]) == ("", [])
    basic = info(sdk, file_id, Filters=["basicInfo"])["BasicInfo"]
    assert {name: basic[name] for name in changes} == changes
    found = ask(sdk, "SearchMedia", Names=["änderung"], ExpireTime={"After": expires, "Before": expires})
    assert (found["TotalCount"], found["MediaInfoSet"][0]["BasicInfo"]) == (
        1,
        {**basic, "MediaUrl": found["MediaInfoSet"][0]["BasicInfo"]["MediaUrl"]},
    )
    ask(sdk, "ModifyMediaInfo", FileId=file_id, Description="", ExpireTime=NEVER)
    basic = info(sdk, file_id)["BasicInfo"]
    assert (basic["Description"], basic["ExpireTime"], basic["Name"]) == ("", NEVER, "Änderung 一")


def test_tags_and_key_frames(sdk: Sdk, file_id: str) -> None:
    frames = [{"TimeOffset": 2.0, "Content": "two"}, {"TimeOffset": 1, "Content": "一"}]
    ask(sdk, "ModifyMediaInfo", FileId=file_id, AddTags=["二次元", "b"], AddKeyFrameDescs=frames)
    told = info(sdk, file_id)
    assert told["BasicInfo"]["TagSet"] == ["二次元", "b"]
    assert told["KeyFrameDescInfo"]["KeyFrameDescSet"] == frames[::-1]
    assert [row["FileId"] for row in ask(sdk, "SearchMedia", Tags=["二次元", "x"])["MediaInfoSet"]] == [
        file_id
    ]
    ask(sdk, "ModifyMediaInfo", FileId=file_id, AddTags=["c"], DeleteTags=["b"], DeleteKeyFrameDescs=[1])
    told = info(sdk, file_id)
    assert told["BasicInfo"]["TagSet"] == ["二次元", "c"]
    assert told["KeyFrameDescInfo"]["KeyFrameDescSet"] == frames[:1]
    ask(sdk, "ModifyMediaInfo", FileId=file_id, ClearTags=1, ClearKeyFrameDescs=1)
    told = info(sdk, file_id)
    assert (told["BasicInfo"]["TagSet"], told["KeyFrameDescInfo"]) == ([], None)
    ask(sdk, "ModifyMediaInfo", FileId=file_id, AddTags=[str(n) for n in range(16)], ClearTags=0)
    full = {"FileId": file_id, "AddTags": ["more"]}
    assert refused(sdk, "ModifyMediaInfo", **full) == "LimitExceeded.TagCountReachMax"


def test_a_cover_is_looked_at_stored_and_served(sdk: Sdk, file_id: str, picture: bytes) -> None:
    url = ask(sdk, "ModifyMediaInfo", FileId=file_id, CoverData=b64(picture))["CoverUrl"]
    served = httpx.get(url)
    assert (served.content, served.headers["content-type"]) == (picture, "image/png")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert info(sdk, file_id)["BasicInfo"]["CoverUrl"].split("?")[0] == url.split("?")[0]
    media_url = info(sdk, file_id)["BasicInfo"]["MediaUrl"]
    swapped = media_url.split("?")[0] + "?" + url.split("?")[1]
    assert httpx.get(swapped).status_code == 403  # a link opens one object
    for wrong in ("%%%", b64(b"no picture"), b64(VTT)):
        code = refused(sdk, "ModifyMediaInfo", FileId=file_id, CoverData=wrong, Name="unchanged")
        assert code in {"InvalidParameterValue", "InvalidParameterValue.ImageDecodeError"}
    assert info(sdk, file_id)["BasicInfo"]["Name"] != "unchanged"
    assert httpx.get(url).status_code == 200
    ask(sdk, "ModifyMediaInfo", FileId=file_id, CoverData=b64(picture))
    assert httpx.get(url).status_code == 404  # the old one is gone


def test_subtitles_are_checked_stored_and_served(sdk: Sdk, file_id: str) -> None:
    given = [subtitle(Id="my-1"), subtitle(Language="en-US")]
    added = ask(sdk, "ModifyMediaInfo", FileId=file_id, AddSubtitles=given)["AddedSubtitleSet"]
    assert {row["Language"] for row in added} == {"zh", "en-US"}
    assert {(row["Name"], row["Format"], row["Source"]) for row in added} == {("中文", "vtt", "UserUploaded")}
    mine = next(row for row in added if row["Id"] == "my-1")
    served = httpx.get(mine["Url"])
    assert (served.text, served.headers["content-type"]) == (VTT, "text/vtt")
    listed = info(sdk, file_id, Filters=["subtitleInfo"])
    assert {row["Id"] for row in listed["SubtitleInfo"]["SubtitleSet"]} == {row["Id"] for row in added}
    assert listed["BasicInfo"] is None
    for wrong in ({"Id": "my-1"}, {"Content": b64("no subtitles")}, {"Content": "%"}, {"Id": "ä"}):
        code = refused(sdk, "ModifyMediaInfo", FileId=file_id, AddSubtitles=[subtitle(**wrong)])
        assert code == "InvalidParameterValue"
    srt = subtitle(Content=b64("1\n00:00:01,000 --> 00:00:02,000\nx\n"))
    assert refused(sdk, "ModifyMediaInfo", FileId=file_id, AddSubtitles=[srt]) == "InvalidParameterValue"
    many = {"FileId": file_id, "AddSubtitles": [subtitle()] * 15}
    assert refused(sdk, "ModifyMediaInfo", **many) == "LimitExceeded"
    ask(sdk, "ModifyMediaInfo", FileId=file_id, DeleteSubtitleIds=["my-1", "unknown"])
    assert httpx.get(mine["Url"]).status_code == 404
    ask(sdk, "ModifyMediaInfo", FileId=file_id, ClearSubtitles=1)
    assert info(sdk, file_id)["SubtitleInfo"] is None


REFUSED = [
    ({"Name": "n" * 65}, "InvalidParameterValue.Name"),
    ({"Description": "d" * 129}, "InvalidParameterValue.Description"),
    ({"ExpireTime": "2001-01-01T00:00:00Z"}, "InvalidParameterValue.ExpireTime"),
    ({"AddTags": ["t" * 33]}, "InvalidParameterValue.TagTooLong"),
    ({"AddTags": [str(n) for n in range(17)]}, "LimitExceeded.TagCountReachMax"),
    ({"AddTags": ["a"], "ClearTags": 1}, "InvalidParameterValue.AddTagsAndClearTagsConflict"),
    ({"AddTags": ["a"], "DeleteTags": ["a"]}, "InvalidParameterValue.AddTagsAndDeleteTagsConflict"),
    (
        {"AddKeyFrameDescs": [{"TimeOffset": 1, "Content": "x"}], "ClearKeyFrameDescs": 1},
        "InvalidParameterValue.AddKeyFrameDescsAndClearKeyFrameDescsConflict",
    ),
    (
        {"AddKeyFrameDescs": [{"TimeOffset": 1, "Content": "x"}], "DeleteKeyFrameDescs": [1.0]},
        "InvalidParameterValue.AddKeyFrameDescsAndDeleteKeyFrameDescsConflict",
    ),
    (
        {"AddKeyFrameDescs": [{"TimeOffset": 1, "Content": "x" * 129}]},
        "InvalidParameterValue.KeyFrameDescContentTooLong",
    ),
    (
        {"AddKeyFrameDescs": [{"TimeOffset": n, "Content": "x"} for n in range(101)]},
        "LimitExceeded.KeyFrameDescCountReachMax",
    ),
    ({"AddSubtitles": [subtitle()], "ClearSubtitles": 1}, "InvalidParameterValue"),
    ({"AddSubtitles": [subtitle(Id="a")], "DeleteSubtitleIds": ["a"]}, "InvalidParameterValue"),
    ({"AddSubtitles": [subtitle(Id="a"), subtitle(Id="a")]}, "InvalidParameterValue"),
    ({"AddSubtitles": [subtitle()] * 17}, "LimitExceeded"),
    ({"FileId": "1"}, "ResourceNotFound.FileNotExist"),
]


@pytest.mark.parametrize("change, code", REFUSED)
def test_what_may_not_be_changed(sdk: Sdk, seed: str, change: dict[str, Any], code: str) -> None:
    assert refused(sdk, "ModifyMediaInfo", **{"FileId": seed, **change}) == code


@pytest.fixture(scope="module")
def seed(server: Server, clip: Path) -> str:
    """A file that no test changes."""
    return server.upload(clip, "--sub-app", str(SUB_APP))


@pytest.mark.parametrize(
    "criteria, code",
    [
        ({"Limit": 5000, "Offset": 1}, "InvalidParameterValue.LimitTooLarge"),
        ({"Limit": 5001}, "InvalidParameterValue.LimitTooLarge"),
        ({"Offset": 5001}, "InvalidParameterValue.OffsetTooLarge"),
        ({"Sort": {"Field": "Size", "Order": "Asc"}}, "InvalidParameterValue.Sort"),
        ({"FileIds": ["1"] * 11}, "InvalidParameterValue.FileIds"),
        ({"Names": ["x" * 101]}, "InvalidParameterValue.Names"),
        ({"Names": ["x"] * 11}, "InvalidParameterValue.Names"),
        ({"NamePrefixes": ["x"] * 11}, "InvalidParameterValue.NamePrefixes"),
        ({"Tags": ["x"] * 17}, "InvalidParameterValue.Tags"),
        ({"Categories": ["Book"]}, "InvalidParameterValue.Categories"),
        ({"Status": ["Lost"]}, "InvalidParameterValue.Status"),
        ({"ClassIds": [1] * 11}, "InvalidParameterValue.ClassIds"),
        ({"SourceTypes": ["x"] * 11}, "InvalidParameterValue.SourceTypes"),
        ({"StorageRegions": ["x" * 21]}, "InvalidParameterValue.StorageRegions"),
        ({"StreamIds": ["x"] * 11}, "InvalidParameterValue.StreamIds"),
        ({"Text": "x" * 65}, "InvalidParameterValue.Text"),
        ({"StartTime": "yesterday"}, "InvalidParameterValue.StartTime"),
        ({"EndTime": "tomorrow"}, "InvalidParameterValue.EndTime"),
        ({"SubAppId": 1}, "InvalidParameterValue.SubAppId"),
    ],
)
def test_what_cannot_be_searched(sdk: Sdk, criteria: dict[str, Any], code: str) -> None:
    assert refused(sdk, "SearchMedia", **criteria) == code


def test_criteria_of_a_search(sdk: Sdk, seed: str) -> None:
    created = info(sdk, seed)["BasicInfo"]["CreateTime"]
    this = {"FileIds": [seed]}
    for met in (
        {"CreateTime": {"After": created, "Before": created}},
        {"StartTime": created, "EndTime": NEVER},
        {"Categories": ["Video", "Audio"], "MediaTypes": ["MP4"], "SourceTypes": ["Upload"]},
        {"Status": ["Normal"], "StorageClasses": ["STANDARD"], "ReviewResults": ["notModerated"]},
        {"StorageRegions": ["ap-guangzhou", "ap-beijing"], "SourceType": "Upload", "Vids": ["ignored"]},
        {
            "NamePrefixes": ["Library"],
            "Text": "film",
            "Names": [],
            "Sort": {"Field": "CreateTime", "Order": "Asc"},
        },
    ):
        assert ask(sdk, "SearchMedia", **this, **met)["TotalCount"] == 1, met
    for unmet in (
        {"CreateTime": {"Before": "2001-01-01T00:00:00Z"}},
        {"EndTime": created},
        {"Categories": ["Image"]},
        {"Status": ["Forbidden"]},
        {"StreamIds": ["x"]},
        {"TrtcSdkAppIds": [1]},
        {"Names": ["nothing like it"]},
    ):
        assert ask(sdk, "SearchMedia", **this, **unmet)["MediaInfoSet"] == [], unmet
    (row,) = ask(sdk, "SearchMedia", **this, Filters=["metaData"])["MediaInfoSet"]
    assert row["BasicInfo"] is None
    assert row["MetaData"]["Width"] == 160


def test_pages_hold_every_file_once(server: Server, sdk: Sdk, seed: str, file_id: str) -> None:
    every = ask(sdk, "SearchMedia", Limit=5000, Filters=["metaData"])
    ids = [row["FileId"] for row in every["MediaInfoSet"]]
    assert len(ids) == every["TotalCount"] == len({*ids})
    pages = [ask(sdk, "SearchMedia", Offset=n, Limit=1)["MediaInfoSet"][0]["FileId"] for n in range(2)]
    assert pages == ids[:2]


def test_another_application_s_file_is_out_of_reach(sdk: Sdk, foreign: str, picture: bytes) -> None:
    before = info(sdk, foreign, SubAppId=OTHER_APP)
    assert ask(sdk, "SearchMedia", FileIds=[foreign])["TotalCount"] == 0
    assert ask(sdk, "DescribeMediaInfos", FileIds=[foreign])["NotExistFileIdSet"] == [foreign]
    for change in (
        {"Name": "x"},
        {"CoverData": b64(picture)},
        {"AddSubtitles": [subtitle()]},
        {"AddTags": ["x"]},
    ):
        assert refused(sdk, "ModifyMediaInfo", FileId=foreign, **change) == "ResourceNotFound.FileNotExist"
    for parts in ([], [{"Type": "OriginalFiles"}], [{"Type": "MpsAiMediaAiAnalysisFiles"}]):
        code = refused(sdk, "DeleteMedia", FileId=foreign, DeleteParts=parts)
        assert code == "InvalidParameterValue.FileId"
    after = info(sdk, foreign, SubAppId=OTHER_APP)
    assert after["BasicInfo"]["UpdateTime"] == before["BasicInfo"]["UpdateTime"]
    assert httpx.get(after["BasicInfo"]["MediaUrl"]).status_code == 200


def test_the_original_can_be_deleted_alone(sdk: Sdk, file_id: str, picture: bytes) -> None:
    ask(sdk, "ModifyMediaInfo", FileId=file_id, AddTags=["kept"], CoverData=b64(picture))
    url = info(sdk, file_id)["BasicInfo"]["MediaUrl"]
    nothing = [{"Type": "TranscodeFiles", "Definition": 230}, {"Type": "WechatPublishFiles"}]
    ask(sdk, "DeleteMedia", FileId=file_id, DeleteParts=nothing)
    assert httpx.get(url).status_code == 200
    ask(sdk, "DeleteMedia", FileId=file_id, DeleteParts=[*nothing, {"Type": "OriginalFiles"}])
    basic = info(sdk, file_id)["BasicInfo"]
    assert (basic["MediaUrl"], basic["CoverUrl"], basic["TagSet"]) == ("", "", ["kept"])
    assert httpx.get(url).status_code == 404
    task = {"FileId": file_id, "SubAppId": SUB_APP, "AiAnalysisTask": {"Definition": 21}}
    assert refused(sdk, "ProcessMediaByMPS", **task) == "InvalidParameterValue.FileId"
    wrong = {"FileId": file_id, "DeleteParts": [{"Type": "Everything"}]}
    assert refused(sdk, "DeleteMedia", **wrong) == "InvalidParameterValue"


@pytest.mark.parametrize("body", ["picture", "rubbish", "nothing"])
def test_a_cover_comes_with_an_upload(
    server: Server, sdk: Sdk, clip: Path, picture: bytes, body: str
) -> None:
    applied = sdk.call("ApplyUpload", MediaType="mp4", CoverType="png")
    cos(server, applied).put_object(Body=clip.read_bytes(), **where(applied))
    place = {"Bucket": applied["StorageBucket"], "Key": applied["CoverStoragePath"][1:]}
    if body != "nothing":
        cos(server, applied).put_object(Body=picture if body == "picture" else b"rubbish", **place)
    session = {"VodSessionKey": applied["VodSessionKey"]}
    if body == "rubbish":
        assert refused(sdk, "CommitUpload", **session) == "FailedOperation.CoverType"
        cos(server, applied).put_object(Body=picture, **place)  # and once more
    committed = ask(sdk, "CommitUpload", **session)
    told = info(sdk, committed["FileId"])["BasicInfo"]["CoverUrl"]
    if body == "nothing":
        assert committed["CoverUrl"] == told == ""
        return
    assert httpx.get(committed["CoverUrl"]).content == httpx.get(told).content == picture
    assert ask(sdk, "CommitUpload", **session)["CoverUrl"].split("?")[0] == told.split("?")[0]
    ask(sdk, "DeleteMedia", FileId=committed["FileId"])
    assert httpx.get(told).status_code == 404


@pytest.mark.needs("models")
def test_what_tasks_made_is_shown_with_the_file(server: Server, sdk: Sdk, talk: Path) -> None:
    source = server.upload(talk, "--sub-app", str(SUB_APP))
    file = {"FileId": source, "SubAppId": SUB_APP}
    kinds = {"AiAnalysisTask": {"Definition": 21}, "SmartSubtitlesTask": {"Definition": 200}}
    detail = sdk.wait(ask(sdk, "ProcessMediaByMPS", **file, **kinds)["TaskId"])
    outputs = {
        row["TaskType"]: json.loads(row["Output"]["OutputText"])
        for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    }
    told = info(sdk, source, Filters=["mpsAiMediaInfo", "subtitleInfo"])
    products = {item["TaskType"]: item["AiMediaTasks"] for item in told["MPSAiMediaInfo"]["AiMediaList"]}
    assert products.keys() == outputs.keys()
    (tags,) = products["AiAnalysis.TagTask"]
    assert (tags["Definition"], json.loads(tags["OutputText"])) == (21, outputs["AiAnalysis.TagTask"])
    (output,) = [row for row in tags["OutputFile"] if row["FileType"] == "Output"]
    served = httpx.get(output["Url"])
    assert served.json() == outputs["AiAnalysis.TagTask"]
    assert served.headers["content-type"] == "application/json"
    (made,) = told["SubtitleInfo"]["SubtitleSet"]
    assert (made["Source"], made["Language"], made["Format"]) == ("AIRecognition", "en", "vtt")
    assert httpx.get(made["Url"]).text.startswith("WEBVTT")

    ask(sdk, "ModifyMediaInfo", FileId=source, DeleteSubtitleIds=[made["Id"]])
    assert httpx.get(made["Url"]).status_code == 404
    assert info(sdk, source)["SubtitleInfo"] is None
    parts = [
        {"Type": "MpsAiMediaAiAnalysisFiles", "Definition": 21},
        {"Type": "MpsAiMediaSmartSubtitleFiles"},
    ]
    ask(sdk, "DeleteMedia", **file, DeleteParts=parts[:1])
    assert httpx.get(output["Url"]).status_code == 404
    left = info(sdk, source)["MPSAiMediaInfo"]["AiMediaList"]
    assert [item["TaskType"] for item in left] == ["SmartSubtitle.AsrFullTextTask"]
    ask(sdk, "DeleteMedia", **file, DeleteParts=parts)
    assert info(sdk, source)["MPSAiMediaInfo"]["AiMediaList"] == []
    ask(sdk, "DeleteMedia", **file)
