"""The COS door beyond the plain upload: listings, aborts, resuming, signed URLs, bucket names, checksums."""

import base64
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from qcloud_cos import CosS3Client
from qcloud_cos.cos_auth import CosS3Auth
from qcloud_cos.cos_exception import CosServiceError

from openvod.core.models import STORAGE_BUCKET
from tests import clips
from tests.conftest import Server
from tests.walk.conftest import Sdk, cos
from tests.walk.test_uploads import PART, commit, where

REGION = "ap-guangzhou"
TOKEN = "x-cos-security-token"


class Session:
    """An upload that was applied for, with the official COS SDK at hand."""

    def __init__(self, server: Server, sdk: Sdk, **more: str) -> None:
        self.server = server
        self.applied = sdk.call("ApplyUpload", MediaType="wav", **more)
        self.client: CosS3Client = cos(server, self.applied)
        self.token: str = self.applied["TempCertificate"]["Token"]
        self.place = where(self.applied)
        self.cover = {**self.place, "Key": self.applied["CoverStoragePath"][1:]}

    def start(self, place: dict[str, str] | None = None) -> str:
        return str(self.client.create_multipart_upload(**(place or self.place))["UploadId"])

    def under_way(self, **asked: Any) -> dict[str, Any]:
        listed: dict[str, Any] = self.client.list_multipart_uploads(Bucket=self.place["Bucket"], **asked)
        return listed

    def send(
        self, method: str, path: str = "", host: str = "", body: bytes = b"", **params: str
    ) -> requests.Response:
        """A request that the SDK would not send, signed as it signs."""
        path = path or self.applied["MediaStoragePath"]
        headers = {TOKEN: self.token, "Host": host or self.server.address}
        auth = CosS3Auth(self.client.get_conf(), path, params)
        url = f"{self.server.url}{path}"
        return requests.request(
            method,
            url,
            params=params,
            data=body,
            headers=headers,
            auth=auth,
            timeout=30,
            allow_redirects=False,
        )


@pytest.fixture
def session(server: Server, sdk: Sdk) -> Session:
    return Session(server, sdk, CoverType="png")


def code(answer: requests.Response | httpx.Response) -> str:
    """Of a refusal in XML."""
    return ET.fromstring(answer.text).findtext("Code") or ""


# Listings


def test_uploads_under_way_are_listed_page_by_page(session: Session) -> None:
    media = [session.start() for _ in range(2)]
    cover = session.start(session.cover)
    everything = session.under_way()
    listed = [(row["Key"], row["UploadId"]) for row in everything["Upload"]]
    assert listed == [(session.cover["Key"], cover), *((session.place["Key"], each) for each in media)]
    assert everything["Bucket"] == session.place["Bucket"]
    assert everything["Upload"][0]["Initiated"].startswith("20")

    paged, marker = [], {"KeyMarker": "", "UploadIdMarker": ""}
    while True:
        page = session.under_way(MaxUploads=1, **marker)
        assert len(page["Upload"]) == 1
        paged += [(row["Key"], row["UploadId"]) for row in page["Upload"]]
        if page["IsTruncated"] == "false":
            break
        marker = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert paged == listed

    (row,) = session.under_way(Prefix=session.cover["Key"])["Upload"]
    assert row["UploadId"] == cover
    folder = session.place["Key"].rpartition("/")[0] + "/"
    grouped = session.under_way(Delimiter="/", Prefix=folder[:-3])
    assert ([row["Prefix"] for row in grouped["CommonPrefixes"]], "Upload" in grouped) == ([folder], False)


def test_a_key_sees_its_own_uploads_only(server: Server, sdk: Sdk, session: Session) -> None:
    session.start()
    other = Session(server, sdk)
    assert "Upload" not in other.under_way()
    assert "Upload" not in other.under_way(Prefix=session.place["Key"])


def test_parts_are_listed_page_by_page(session: Session) -> None:
    upload_id = session.start()
    place = {**session.place, "UploadId": upload_id}
    tags = [
        session.client.upload_part(Body=b"%d" % number, PartNumber=number, **place)["ETag"]
        for number in (1, 2, 7)
    ]
    first = session.client.list_parts(MaxParts=2, **place)
    assert [row["ETag"] for row in first["Part"]] == tags[:2]
    assert (first["IsTruncated"], first["NextPartNumberMarker"]) == ("true", "2")
    rest = session.client.list_parts(PartNumberMarker=2, EncodingType="url", **place)
    assert [(row["PartNumber"], row["Size"]) for row in rest["Part"]] == [("7", "1")]
    assert (rest["IsTruncated"], rest["UploadId"]) == ("false", upload_id)
    assert rest["Part"][0]["LastModified"].startswith("20")


@pytest.mark.parametrize(
    "params",
    [
        {"uploads": "", "max-uploads": "0"},
        {"uploads": "", "max-uploads": "x"},
        {"uploads": "", "max-uploads": "9" * 5000},
        {"uploads": "", "encoding-type": "base64"},
        {"uploadId": "1", "part-number-marker": "-1"},
        {"uploadId": "1", "max-parts": "\u0661"},
    ],
)
def test_a_listing_that_makes_no_sense(session: Session, params: dict[str, str]) -> None:
    answer = session.send("GET", "/" if "uploads" in params else "", **params)
    assert (answer.status_code, code(answer)) == (400, "InvalidArgument")


def test_what_is_aborted_is_gone(session: Session) -> None:
    upload_id = session.start()
    place = {**session.place, "UploadId": upload_id}
    session.client.upload_part(Body=b"x", PartNumber=1, **place)
    session.client.abort_multipart_upload(**place)
    assert "Upload" not in session.under_way()
    for attempt in (
        lambda: session.client.abort_multipart_upload(**place),
        lambda: session.client.list_parts(**place),
        lambda: session.client.upload_part(Body=b"x", PartNumber=1, **place),
    ):
        with pytest.raises(CosServiceError) as refusal:
            attempt()
        assert (refusal.value.get_status_code(), refusal.value.get_error_code()) == (404, "NoSuchUpload")


def test_the_sdk_takes_up_the_latest_upload_where_it_stopped(
    session: Session, sdk: Sdk, tmp_path: Path
) -> None:
    sound = clips.audio(tmp_path / "sound.wav", clips.sine(30))
    session.start()
    upload_id = session.start()
    place = {**session.place, "UploadId": upload_id}
    session.client.upload_part(Body=sound.read_bytes()[:PART], PartNumber=1, **place)
    session.client.upload_file(LocalFilePath=str(sound), PartSize=1, **session.place)
    assert upload_id not in [row["UploadId"] for row in session.under_way()["Upload"]]
    (media,) = sdk.call("DescribeMediaInfos", FileIds=[commit(sdk, session.applied)["FileId"]])[
        "MediaInfoSet"
    ]
    assert media["MetaData"]["Md5"] == hashlib.md5(sound.read_bytes()).hexdigest()


# Objects and signed URLs


def test_an_object_can_be_looked_at_until_it_is_committed(session: Session, sdk: Sdk, tmp_path: Path) -> None:
    with pytest.raises(CosServiceError) as refusal:
        session.client.head_object(**session.place)
    assert refusal.value.get_status_code() == 404
    body = clips.audio(tmp_path / "sound.wav", clips.sine(1)).read_bytes()
    session.client.put_object(Body=body, **session.place)
    head = session.client.head_object(**session.place)
    assert (head["ETag"], head["Content-Length"]) == (f'"{hashlib.md5(body).hexdigest()}"', str(len(body)))
    got = session.client.get_object(Range="bytes=10-19", **session.place)
    assert got["Body"].get_raw_stream().read() == body[10:20]
    assert got["Content-Range"] == f"bytes 10-19/{len(body)}"
    assert (got["Content-Type"], got["x-content-type-options"]) == ("application/octet-stream", "nosniff")
    assert session.client.object_exists(**session.place)
    commit(sdk, session.applied)
    with pytest.raises(CosServiceError) as refusal:
        session.client.get_object(**session.place)
    assert refusal.value.get_status_code() == 403


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


def test_a_signed_url_opens_what_it_was_signed_for(session: Session, http: httpx.Client) -> None:
    def signed(method: str, **more: Any) -> str:
        asked = {"Method": method, "Params": {TOKEN: session.token}, **session.place, **more}
        return str(session.client.get_presigned_url(**asked))

    put = signed("PUT")
    assert http.put(put, content=b"over a link").status_code == 200
    assert http.get(signed("GET")).content == b"over a link"
    bare = session.client.get_presigned_url(Method="GET", **session.place)
    assert http.get(bare, headers={TOKEN: session.token}).content == b"over a link"

    assert code(http.get(put)) == "SignatureDoesNotMatch"
    assert code(http.get(signed("GET", Expired=-1))) == "AccessDenied"
    assert code(http.get(bare)) == "InvalidToken"
    assert code(http.get(signed("GET", Key="221157/other.wav"))) == "AccessDenied"
    assert code(http.get(signed("GET", Key=session.cover["Key"]))) == "NoSuchKey"
    assert code(http.get(signed("GET").replace("q-ak=AKID", "q-ak=AKIE"))) == "InvalidAccessKeyId"
    assert code(http.get(f"{session.server.url}{session.applied['MediaStoragePath']}")) == "AccessDenied"


def test_a_signed_url_may_list_the_bucket(session: Session, http: httpx.Client) -> None:
    upload_id = session.start()
    params = {"uploads": "", TOKEN: session.token}
    bare = requests.Request("GET", session.server.url).prepare()
    CosS3Auth(session.client.get_conf(), "/", params)(bare)
    signed = dict(pair.split("=", 1) for pair in bare.headers["Authorization"].split("&"))
    assert upload_id in http.get(session.server.url, params={**params, **signed}).text


# Names


@pytest.mark.parametrize(
    "name",
    [
        f"{STORAGE_BUCKET}.cos.{REGION}.myqcloud.com",
        f"{STORAGE_BUCKET}.cos.{REGION}.myqcloud.com:8443",
        f"{STORAGE_BUCKET}.cos.{REGION}.tencentcos.cn",
        f"{STORAGE_BUCKET}.cos-internal.{REGION}.tencentcos.cn",
        f"{STORAGE_BUCKET}.cos.accelerate.myqcloud.com",
        f"{STORAGE_BUCKET.upper()}.COS.{REGION}.MyQCloud.com",
    ],
)
def test_a_bucket_s_name_leads_to_it(session: Session, name: str) -> None:
    upload_id = session.start()
    assert session.send("PUT", host=name, body=b"by name").status_code == 200
    assert session.send("GET", host=name).content == b"by name"
    assert upload_id in session.send("GET", "/", host=name, uploads="").text


def test_the_host_that_was_signed_is_the_one_that_was_asked(session: Session) -> None:
    path, name = session.applied["MediaStoragePath"], f"{STORAGE_BUCKET}.cos.{REGION}.myqcloud.com"
    signed = requests.Request(
        "PUT", f"{session.server.url}{path}", headers={"Host": name}, data=b"x"
    ).prepare()
    CosS3Auth(session.client.get_conf(), path)(signed)
    signed.headers.update({"Host": name.replace(REGION, "ap-beijing"), TOKEN: session.token})
    with requests.Session() as http:
        assert code(http.send(signed, timeout=30)) == "SignatureDoesNotMatch"


def test_another_bucket_is_not_there(session: Session) -> None:
    answer = session.send("PUT", host=f"other-1300000000.cos.{REGION}.myqcloud.com", body=b"x")
    assert (answer.status_code, code(answer)) == (404, "NoSuchBucket")


@pytest.mark.parametrize("path", ["/", "/healthz", "/console", "/media/x"])
def test_under_a_bucket_s_name_there_is_nothing_else(server: Server, path: str, http: httpx.Client) -> None:
    host = f"{STORAGE_BUCKET}.cos.{REGION}.myqcloud.com"
    answer = http.get(f"{server.url}{path}", headers={"Host": host})
    assert (answer.status_code, code(answer)) == (403, "AccessDenied")


@pytest.mark.parametrize(
    "host",
    [
        "vod.tencentcloudapi.com",
        "vod.ap-guangzhou.tencentcloudapi.com",
        "vod.intl.tencentcloudapi.com:443",
        "vod2.qcloud.com",
        "cos.example.org",
        "xcos.ap-guangzhou.myqcloud.com.example.org",
    ],
)
def test_other_names_lead_to_the_api(server: Server, host: str, http: httpx.Client) -> None:
    assert http.get(server.url, headers={"Host": host}).headers["location"] == "/console"
    assert "Response" in http.post(server.url, headers={"Host": host}, json={}).json()


# Checksums


def crc64(data: bytes) -> int:
    """Bit by bit, as ECMA-182 in its reflected form defines it."""
    crc = 2**64 - 1
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xC96C5795D7870F42 if crc & 1 else 0)
    return crc ^ 2**64 - 1


def test_answers_carry_the_checksum_that_sdks_compare(session: Session) -> None:
    """The COS SDK for Go takes a missing one for a damaged upload."""
    one, two = b"123456789" * 50, b"the second part, of another length"
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA  # the published check value
    answer = session.client.put_object(Body=one, **session.place)
    assert answer["x-cos-hash-crc64ecma"] == str(crc64(one))
    upload_id = session.start()
    parts = [
        session.send("PUT", body=body, uploadId=upload_id, partNumber=str(number))
        for number, body in enumerate((one, two), 1)
    ]
    assert [part.headers["x-cos-hash-crc64ecma"] for part in parts] == [str(crc64(one)), str(crc64(two))]
    rows = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{part.headers['ETag']}</ETag></Part>"
        for number, part in enumerate(parts, 1)
    )
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    done = session.send("POST", body=body, uploadId=upload_id)
    assert done.headers["x-cos-hash-crc64ecma"] == str(crc64(one + two))
    assert done.headers["ETag"] == f'"{hashlib.md5(one + two).hexdigest()}"'


def test_the_digest_of_a_manifest_is_compared_as_well(session: Session) -> None:
    upload_id = session.start()
    place = {**session.place, "UploadId": upload_id}
    tag = session.client.upload_part(Body=b"x", PartNumber=1, **place)["ETag"]
    parts = {"Part": [{"PartNumber": 1, "ETag": tag}]}
    wrong = base64.b64encode(hashlib.md5(b"another").digest()).decode()
    with pytest.raises(CosServiceError) as refusal:
        session.client.complete_multipart_upload(MultipartUpload=parts, ContentMD5=wrong, **place)
    assert refusal.value.get_error_code() == "BadDigest"
    session.client.complete_multipart_upload(MultipartUpload=parts, **place)


def test_a_page_of_another_site_may_upload_and_read_the_answer(session: Session) -> None:
    asked = "authorization,content-md5,x-cos-security-token"
    for host in (session.server.address, f"{STORAGE_BUCKET}.cos.{REGION}.myqcloud.com"):
        for path in ("/", session.applied["MediaStoragePath"]):
            headers = {
                "Host": host,
                "Origin": "https://example.org",
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": asked,
            }
            answer = httpx.options(f"{session.server.url}{path}", headers=headers)
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
            assert answer.headers["access-control-allow-headers"] == asked
            assert "PUT" in answer.headers["access-control-allow-methods"]
    exposed = session.send("PUT", body=b"x").headers["Access-Control-Expose-Headers"]
    assert {"ETag", "x-cos-hash-crc64ecma"} <= set(exposed.split(", "))
