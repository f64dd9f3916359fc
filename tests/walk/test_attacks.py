"""What strangers may try at the running server: other sites' pages, other accounts, forged links, hostile uploads."""

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
import requests
from qcloud_cos import CosS3Client
from qcloud_cos.cos_auth import CosS3Auth
from tencentcloud.common.exception import TencentCloudSDKException

from tests.conftest import Server, ends, start_server, stop_server
from tests.walk.conftest import Sdk, cos
from tests.walk.test_uploads import apply, commit, where

SRT = b"1\n00:00:01,000 --> 00:00:02,000\n<script>alert(1)</script>\n"
HELD = 50
"""Stalled uploads; more than the web server has threads for the API."""


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    return ends(condition, seconds)


def incoming(server: Server) -> int:
    """Files that are being written now."""
    return len([*(server.data / "objects" / "incoming").iterdir()])


def objects(server: Server) -> int:
    return len([path for path in (server.data / "objects" / "m").rglob("*") if path.is_file()])


def refused(sdk: Sdk, action: str, **params: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call(action, **params)
    return str(refusal.value.code)


# No-auth mode and the pages of other sites


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = start_server(tmp_path_factory.mktemp("open") / "data", "--no-auth", "--workers", "0")
    yield running
    stop_server(running)


def unsigned(server: Server, **headers: str) -> str:
    """The code that an unsigned request gets; empty when it is served."""
    asked = {
        "Authorization": "SKIP",
        "Content-Type": "application/json",
        "X-TC-Action": "DescribeSubAppIds",
        "X-TC-Version": "2018-07-17",
        "X-TC-Timestamp": str(int(time.time())),
    }
    answer = httpx.post(server.url, headers={**asked, **headers}, content=b"{}")
    return str(answer.json()["Response"].get("Error", {}).get("Code", ""))


def test_no_auth_mode_serves_this_machine(open_server: Server) -> None:
    port = open_server.address.rpartition(":")[2]
    assert unsigned(open_server) == ""
    assert unsigned(open_server, Origin=open_server.url) == ""
    for host in (f"localhost:{port}", "LOCALHOST", f"[::1]:{port}", "127.0.0.1", open_server.url):
        assert unsigned(open_server, Host=host) == "", host


@pytest.mark.parametrize(
    "origin",
    ["http://example.org", "null", "http://127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1.example.org"],
)
def test_no_auth_mode_does_not_serve_another_sites_page(open_server: Server, origin: str) -> None:
    assert unsigned(open_server, Origin=origin) == "AuthFailure.InvalidAuthorization"


@pytest.mark.parametrize(
    "host", ["example.org", "example.org:80", "127.0.0.1.example.org", "http://example.org/127.0.0.1"]
)
def test_no_auth_mode_does_not_serve_a_name_that_was_pointed_here(open_server: Server, host: str) -> None:
    assert unsigned(open_server, Host=host) == "AuthFailure.InvalidAuthorization"


# Other accounts


@pytest.fixture(scope="module")
def stranger(server: Server) -> Sdk:
    """Another account of the same installation."""
    command = [sys.executable, "-m", "openvod", "accounts", "create", "stranger", "--data", str(server.data)]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    values = dict(line.split() for line in made.splitlines())
    return Sdk(server.address, values["SecretId"], values["SecretKey"])


@pytest.fixture
def committed(server: Server, sdk: Sdk) -> dict[str, Any]:
    applied = apply(sdk, "html")
    cos(server, applied).put_object(Body=SRT, **where(applied))
    return {**applied, **commit(sdk, applied)}


def test_another_accounts_things_do_not_exist(
    server: Server, sdk: Sdk, stranger: Sdk, committed: dict[str, Any]
) -> None:
    file_id, app = committed["FileId"], server.sub_app
    (own,) = stranger.call("DescribeSubAppIds")["SubAppIdInfoSet"]
    mine = {"SubAppId": own["SubAppId"]}
    asked = {"FileId": file_id, "AiAnalysisTask": {"Definition": 21}}
    task_id = sdk.call("ProcessMediaByMPS", SubAppId=app, **asked)["TaskId"]
    assert stranger.call("DescribeMediaInfos", FileIds=[file_id], **mine)["NotExistFileIdSet"] == [file_id]
    assert stranger.call("DescribeTasks", FileId=file_id, **mine)["TaskSet"] == []
    assert refused(stranger, "DeleteMedia", FileId=file_id, **mine) == "InvalidParameterValue.FileId"
    assert refused(stranger, "ProcessMediaByMPS", **asked, **mine) == "InvalidParameterValue.FileId"
    for claimed in ({}, mine, {"SubAppId": app}):
        code = refused(stranger, "DescribeTaskDetail", TaskId=task_id, **claimed)
        assert code.startswith("InvalidParameterValue")
    for session in (apply(sdk), committed):
        code = refused(stranger, "CommitUpload", VodSessionKey=session["VodSessionKey"], **mine)
        assert code == "InvalidParameterValue.VodSessionKey"
    theirs = {"SubAppId": app}
    for action, params in (
        ("DescribeMediaInfos", {"FileIds": [file_id]}),
        ("DeleteMedia", {"FileId": file_id}),
        ("DescribeTasks", {}),
        ("ApplyUpload", {"MediaType": "mp4"}),
        ("ProcessMediaByMPS", asked),
    ):
        assert refused(stranger, action, **params, **theirs) == "InvalidParameterValue.SubAppId"


def test_an_uploads_temporary_key_is_none_of_the_api(server: Server, sdk: Sdk) -> None:
    temporary = apply(sdk)["TempCertificate"]
    code = refused(Sdk(server.address, temporary["SecretId"], temporary["SecretKey"]), "DescribeSubAppIds")
    assert code == "AuthFailure.SecretIdNotFound"


# Links, and what they lead to


def test_an_altered_link_opens_nothing(committed: dict[str, Any]) -> None:
    url = committed["MediaUrl"]
    other = re.sub(r"/media/\d+/", "/media/1/", url)
    for forged in (
        other,
        url.replace("?t=", "?t=9"),
        url.replace("?t=", "?t=0"),
        url.replace(".srt?", ".html?"),
        url.replace(".srt?", ".srt%2f?"),
        url.replace(".srt?", "%0d%0aX:.srt?"),
        f"{url}&t=1",
        f"{url}&sign=0",
        url.replace("sign=", "SIGN="),
        url.replace("/media/", "/media//"),
    ):
        assert httpx.get(forged).status_code in {403, 404}, forged


def test_a_file_is_served_as_what_it_is_and_never_run(committed: dict[str, Any]) -> None:
    """Sent as `html`, with a script inside."""
    answer = httpx.get(committed["MediaUrl"])
    assert answer.content == SRT
    assert answer.headers["content-type"] == "application/x-subrip"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox;")


# Uploads


@pytest.fixture
def started(server: Server, sdk: Sdk) -> tuple[CosS3Client, dict[str, Any], str]:
    applied = apply(sdk)
    client = cos(server, applied)
    return client, applied, client.create_multipart_upload(**where(applied))["UploadId"]


def signed(client: CosS3Client, applied: dict[str, Any], **params: str) -> dict[str, Any]:
    """What `requests` needs to send something that the SDK would not."""
    path = applied["MediaStoragePath"]
    return {
        "params": params,
        "headers": {"x-cos-security-token": applied["TempCertificate"]["Token"]},
        "auth": CosS3Auth(client.get_conf(), path, params),
        "timeout": 30,
    }


def test_no_encoding_hides_a_manifests_entities(
    server: Server, started: tuple[CosS3Client, dict[str, Any], str]
) -> None:
    client, applied, upload_id = started
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "1">]>'
    text += "<r><Part><PartNumber>&a;</PartNumber><ETag>x</ETag></Part></r>"
    url = f"{server.url}{applied['MediaStoragePath']}"
    answer = requests.post(url, data=text.encode("utf-16"), **signed(client, applied, uploadId=upload_id))
    assert (answer.status_code, "MalformedXML" in answer.text) == (400, True)


@pytest.mark.parametrize("number", ["0", "-1", "10001", "9" * 5000, "\u0661", "1e3", ""])
def test_part_numbers_that_are_none(
    server: Server, started: tuple[CosS3Client, dict[str, Any], str], number: str
) -> None:
    client, applied, upload_id = started
    url = f"{server.url}{applied['MediaStoragePath']}"
    sent = signed(client, applied, uploadId=upload_id, partNumber=number)
    answer = requests.put(url, data=b"x", **sent)
    assert (answer.status_code, "InvalidArgument" in answer.text) == (400, True)


def head(client: CosS3Client, applied: dict[str, Any], server: Server, **headers: str) -> bytes:
    """The head of a signed PUT of 1,000 bytes, as it goes over the wire."""
    path = applied["MediaStoragePath"]
    url, named = f"{server.url}{path}", {"Host": server.address}
    sent = requests.Request("PUT", url, headers=named, data=b"x" * 1000).prepare()
    CosS3Auth(client.get_conf(), path)(sent)
    token = applied["TempCertificate"]["Token"]
    fields = {**sent.headers, "x-cos-security-token": token, **headers}
    lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def connected(server: Server) -> socket.socket:
    host, _, port = server.address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def test_a_digest_that_is_no_text_leaves_nothing_behind(server: Server, sdk: Sdk) -> None:
    applied = apply(sdk)
    before = objects(server)
    with connected(server) as line:
        line.sendall(head(cos(server, applied), applied, server, **{"Content-MD5": "\xe9"}) + b"x" * 1000)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert (answer.status, b"BadDigest" in answer.read()) == (400, True)
    assert objects(server) == before


def test_stalled_uploads_hold_up_nobody_and_leave_nothing_behind(server: Server, sdk: Sdk) -> None:
    applied = apply(sdk)
    start = head(cos(server, applied), applied, server) + b"x" * 999
    before = objects(server)
    with ExitStack() as held:
        for _ in range(HELD):
            held.enter_context(connected(server)).sendall(start)
        assert until(lambda: incoming(server) == HELD)
        assert sdk.call("DescribeSubAppIds")["TotalCount"] >= 1
        assert httpx.get(f"{server.url}/healthz", timeout=20).status_code == 200
    assert until(lambda: incoming(server) == 0)
    assert objects(server) == before


# What lies in the data folder


def test_only_the_owner_can_read_the_data(server: Server) -> None:
    readable = [path for path in (server.data, *server.data.rglob("*")) if path.stat().st_mode & 0o077]
    assert readable == []


# Heads


@pytest.mark.parametrize(
    "head", [b"X-A: " + b"a" * 10_000_000, b"X-A: a\r\n" * 100_000], ids=["long", "many"]
)
def test_a_head_without_end_is_not_read_to_its_end(server: Server, head: bytes) -> None:
    host, _, port = server.address.partition(":")
    pieces = [head[at : at + 65536] for at in range(0, len(head), 65536)]

    def send_all() -> None:
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            for piece in [b"POST / HTTP/1.1\r\nHost: x\r\n", *pieces]:
                connection.sendall(piece)
            while connection.recv(65536):
                pass
        raise ConnectionResetError("reset")  # closed without a word is as good

    with pytest.raises(OSError, match=r"reset|pipe"):
        send_all()
