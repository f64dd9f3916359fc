"""Uploads through the COS door: whole and in parts, and everything that must be refused."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from qcloud_cos.cos_auth import CosS3Auth
from qcloud_cos.cos_exception import CosServiceError
from tencentcloud.common.exception import TencentCloudSDKException

from tests import clips
from tests.conftest import Server
from tests.walk.conftest import Sdk, cos

PART = 2**20


def apply(sdk: Sdk, media_type: str = "mp4") -> dict[str, Any]:
    return sdk.call("ApplyUpload", MediaType=media_type, MediaName="name ünï", SourceContext="ctx")


def where(applied: dict[str, Any]) -> dict[str, str]:
    return {"Bucket": applied["StorageBucket"], "Key": applied["MediaStoragePath"][1:]}


def commit(sdk: Sdk, applied: dict[str, Any]) -> dict[str, Any]:
    return sdk.call("CommitUpload", VodSessionKey=applied["VodSessionKey"])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2)


def test_put_and_commit_give_a_described_file(server: Server, sdk: Sdk, clip: Path) -> None:
    applied = apply(sdk)
    answer = cos(server, applied).put_object(Body=clip.read_bytes(), **where(applied))
    assert answer["ETag"] == f'"{hashlib.md5(clip.read_bytes()).hexdigest()}"'
    committed = commit(sdk, applied)
    assert commit(sdk, applied)["FileId"] == committed["FileId"]  # again: the same file
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[committed["FileId"]])["MediaInfoSet"]
    assert media["BasicInfo"]["Name"] == "name ünï"
    assert media["BasicInfo"]["SourceInfo"]["SourceContext"] == "ctx"
    assert media["MetaData"]["Container"] == "mov,mp4,m4a,3gp,3g2,mj2"
    assert media["MetaData"]["Md5"] == hashlib.md5(clip.read_bytes()).hexdigest()
    with httpx.Client() as http:
        url = committed["MediaUrl"]
        assert http.get(url).content == clip.read_bytes()
        part = http.get(url, headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, clip.read_bytes()[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{clip.stat().st_size}"
        assert part.headers["content-type"] == "video/mp4"
        assert part.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in part.headers["content-security-policy"]
        assert http.get(url, headers={"Range": "bytes=-5"}).content == clip.read_bytes()[-5:]
        assert http.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416
        assert http.head(url).headers["content-length"] == str(clip.stat().st_size)
        assert http.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
        assert http.get(url.split("?")[0]).status_code == 403


def test_parts_in_any_order(server: Server, sdk: Sdk, tmp_path: Path) -> None:
    sound = clips.audio(tmp_path / "sound.wav", clips.sine(20)).read_bytes()
    assert len(sound) > PART
    applied = apply(sdk, "wav")
    client = cos(server, applied)
    upload_id = client.create_multipart_upload(**where(applied))["UploadId"]
    pieces = [sound[at : at + PART] for at in range(0, len(sound), PART)]
    parts = [
        {
            "PartNumber": number,
            "ETag": client.upload_part(Body=piece, PartNumber=number, UploadId=upload_id, **where(applied))[
                "ETag"
            ],
        }
        for number, piece in reversed([*enumerate(pieces, 1)])
    ]
    listed = client.list_parts(UploadId=upload_id, **where(applied))["Part"]
    assert [int(part["PartNumber"]) for part in listed] == list(range(1, len(pieces) + 1))
    client.complete_multipart_upload(
        UploadId=upload_id,
        MultipartUpload={"Part": sorted(parts, key=lambda part: part["PartNumber"])},
        **where(applied),
    )
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[commit(sdk, applied)["FileId"]])["MediaInfoSet"]
    assert media["MetaData"]["Md5"] == hashlib.md5(sound).hexdigest()
    assert media["BasicInfo"]["Category"] == "Audio"


def test_a_large_file_by_the_sdk_s_own_resumable_upload(server: Server, sdk: Sdk, tmp_path: Path) -> None:
    sound = clips.audio(tmp_path / "sound.wav", clips.sine(60))
    applied = apply(sdk, "wav")
    cos(server, applied).upload_file(LocalFilePath=str(sound), PartSize=1, MAXThread=4, **where(applied))
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[commit(sdk, applied)["FileId"]])["MediaInfoSet"]
    assert media["MetaData"]["Size"] == sound.stat().st_size


@pytest.mark.parametrize("change", [{"SecretKey": "x"}, {"SecretId": "AKIDx"}, {"Token": "x"}])
def test_a_wrong_temporary_key_is_refused(server: Server, sdk: Sdk, change: dict[str, str]) -> None:
    applied = apply(sdk)
    with pytest.raises(CosServiceError) as refusal:
        cos(server, applied, **change).put_object(Body=b"x", **where(applied))
    assert refusal.value.get_status_code() == 403


def test_a_temporary_key_opens_its_own_path_only(server: Server, sdk: Sdk, clip: Path) -> None:
    mine, yours = apply(sdk), apply(sdk)
    with pytest.raises(CosServiceError) as refusal:
        cos(server, mine).put_object(Body=b"x", **where(yours))
    assert refusal.value.get_error_code() == "AccessDenied"
    for path in ("/../../etc/passwd", "/%2e%2e/x", mine["MediaStoragePath"] + "/../x", "/healthz"):
        with pytest.raises(CosServiceError):
            cos(server, mine).put_object(Bucket="b-1", Key=path, Body=b"x")
    client = cos(server, yours)
    upload_id = client.create_multipart_upload(**where(yours))["UploadId"]
    with pytest.raises(CosServiceError) as refusal:
        cos(server, mine).upload_part(Body=b"x", PartNumber=1, UploadId=upload_id, **where(mine))
    assert refusal.value.get_error_code() == "NoSuchUpload"


def test_a_wrong_digest_is_refused_and_nothing_is_kept(server: Server, sdk: Sdk) -> None:
    applied = apply(sdk)
    with pytest.raises(CosServiceError) as refusal:
        cos(server, applied).put_object(Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==", **where(applied))
    assert refusal.value.get_error_code() == "BadDigest"
    with pytest.raises(TencentCloudSDKException) as refused:
        commit(sdk, applied)
    assert refused.value.code == "FailedOperation.UploadCosFail"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"just text",
        bytes(range(256)) * 40,
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
    ],
    ids=["empty", "text", "random", "concat", "playlist"],
)
def test_what_is_no_media_is_refused_at_commit(server: Server, sdk: Sdk, body: bytes) -> None:
    applied = apply(sdk)
    cos(server, applied).put_object(Body=body, **where(applied))
    with pytest.raises(TencentCloudSDKException) as refusal:
        commit(sdk, applied)
    assert refusal.value.code == "FailedOperation.MediaType"


def test_subtitles_are_media(server: Server, sdk: Sdk) -> None:
    applied = apply(sdk, "srt")
    cos(server, applied).put_object(Body="1\n00:00:01,000 --> 00:00:02,000\nHé\n".encode(), **where(applied))
    committed = commit(sdk, applied)
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[committed["FileId"], "1"])["MediaInfoSet"]
    assert media["BasicInfo"]["Type"] == "srt"
    assert httpx.get(committed["MediaUrl"]).headers["content-type"].startswith("application/x-subrip")


def test_a_browser_may_upload_from_another_page(server: Server) -> None:
    answer = httpx.options(
        f"{server.url}/some/key",
        headers={
            "Origin": "http://example.org",
            "Access-Control-Request-Headers": "authorization,content-md5",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_the_manifest_of_parts_is_read_with_care(server: Server, sdk: Sdk) -> None:
    applied = apply(sdk)
    client = cos(server, applied)
    upload_id = client.create_multipart_upload(**where(applied))["UploadId"]
    bomb = '<!DOCTYPE x [<!ENTITY a "a">]>'
    bomb += "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&a;</ETag></Part></CompleteMultipartUpload>"
    for body in (bomb, "<a>", "[]", "<CompleteMultipartUpload/>"):
        params = {"uploadId": upload_id}
        answer = requests.post(
            f"http://{server.address}{applied['MediaStoragePath']}",
            params=params,
            data=body,
            headers={"x-cos-security-token": applied["TempCertificate"]["Token"]},
            auth=CosS3Auth(client.get_conf(), applied["MediaStoragePath"], params),
            timeout=30,
        )
        assert answer.status_code == 400, answer.text
