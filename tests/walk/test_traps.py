"""What decides whether unchanged clients work: each known trap of the wire, against the running server."""

import json
import re
import subprocess
import sys
import warnings
from typing import Any

import httpx
import pytest
from tencentcloud.common import credential
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.vod.v20180717 import models, vod_client

from openvod.core.signing import Key, sign_tc3
from tests.conftest import SUB_APP, Server

LIST = {"SubAppId": SUB_APP, "Limit": 1}


def signed(server: Server, action: str, params: dict[str, Any], **changes: str) -> httpx.Response:
    headers, body = sign_tc3(Key(server.secret_id, server.secret_key), server.address, action, params)
    return httpx.post(server.url, headers={**headers, **changes}, content=body)


def code(answer: httpx.Response) -> str:
    """The error code, after checking what every answer must have."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    fields = answer.json()["Response"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", fields["RequestId"])
    return str(fields.get("Error", {}).get("Code", ""))


def test_every_refusal_is_http_200_with_exactly_application_json(server: Server) -> None:
    """The Python SDK takes an error for success at any other content type, and for a network error at any other
    status."""
    assert code(signed(server, "DescribeTasks", LIST)) == ""
    assert code(signed(server, "DescribeTasks", {"Nope": 1})) == "UnknownParameter"
    assert code(signed(server, "DescribeTasks", {"Limit": "1"})) == "InvalidParameter"
    assert code(signed(server, "DescribeTasks", {"Limit": -1})) == "InvalidParameterValue"
    assert code(signed(server, "DescribeTaskDetail", {})) == "MissingParameter"
    assert code(signed(server, "NoSuchAction", {})) == "InvalidAction"
    assert code(signed(server, "DescribeTasks", LIST, **{"X-TC-Version": "1999-01-01"})) == "NoSuchVersion"
    assert code(httpx.put(server.url, content=b"{}")) == "UnsupportedProtocol"
    assert code(httpx.delete(server.url)) == "UnsupportedProtocol"
    assert code(httpx.post(server.url, content=b"{}")) == "MissingParameter"
    assert code(httpx.post(server.url, content=b"\xff\x00" * 100)) == "MissingParameter"


def test_the_order_of_errors_is_the_documented_one(server: Server) -> None:
    """A client sees the first thing that is wrong, and each mended thing brings the next to light."""
    headers, body = sign_tc3(Key(server.secret_id, "wrong"), server.address, "NoSuchAction", {"Nope": 1})

    def send(**changes: str | None) -> str:
        kept = {name: value for name, value in {**headers, **changes}.items() if value is not None}
        return code(httpx.post(server.url, headers=kept, content=body))

    assert send(**{"X-TC-Action": None}) == "MissingParameter"
    assert send(Authorization="nonsense") == "AuthFailure.InvalidAuthorization"
    assert send(**{"X-TC-Timestamp": "1000000000"}) == "AuthFailure.SignatureExpire"
    unknown = headers["Authorization"].replace(server.secret_id, "AKIDnobody")
    assert send(Authorization=unknown) == "AuthFailure.SecretIdNotFound"
    assert send() == "AuthFailure.SignatureFailure"
    assert code(signed(server, "NoSuchAction", {"Nope": 1})) == "InvalidAction"
    assert code(signed(server, "DescribeTasks", {"Nope": 1, "Limit": "x"})) == "UnknownParameter"


def test_unsigned_requests_are_refused(server: Server) -> None:
    answer = signed(server, "DescribeTasks", LIST, Authorization="SKIP")
    assert code(answer) == "AuthFailure.InvalidAuthorization"


def test_a_body_over_the_limit_is_refused(server: Server) -> None:
    headers, _ = sign_tc3(Key(server.secret_id, server.secret_key), server.address, "DescribeTasks", LIST)
    answer = httpx.post(server.url, headers=headers, content=b" " * (10 * 2**20 + 1))
    assert code(answer) == "RequestSizeLimitExceeded"


def test_headers_that_clients_add_do_not_matter(server: Server) -> None:
    extra = {"X-TC-TraceId": "t", "X-TC-RequestClient": "SDK_X", "X-TC-Region": "", "X-Whatever": "1"}
    assert code(signed(server, "DescribeTasks", LIST, **extra)) == ""


def test_errors_read_the_language_that_was_asked_for(server: Server) -> None:
    answers = [
        signed(server, "NoSuchAction", {}, **{"X-TC-Language": language}).json()["Response"]["Error"][
            "Message"
        ]
        for language in ("zh-CN", "en-US")
    ]
    assert "不存在" in answers[0]
    assert "does not exist" in answers[1]


def test_the_api_answers_at_the_root_only(server: Server) -> None:
    headers, body = sign_tc3(Key(server.secret_id, server.secret_key), server.address, "DescribeTasks", LIST)
    assert httpx.post(f"{server.url}/api", headers=headers, content=body).status_code == 403


def test_a_browser_is_sent_to_the_console(server: Server) -> None:
    assert httpx.get(server.url).headers["location"] == "/console"


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("scheme", ["TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1"])
@pytest.mark.parametrize("with_scheme_in_host", [False, True], ids=["host", "http-host"])
def test_every_way_the_official_sdk_can_sign(
    server: Server, method: str, scheme: str, with_scheme_in_host: bool
) -> None:
    endpoint = server.url if with_scheme_in_host else server.address
    profile = ClientProfile(
        signMethod=scheme, httpProfile=HttpProfile(protocol="http", endpoint=endpoint, reqMethod=method)
    )
    client = vod_client.VodClient(
        credential.Credential(server.secret_id, server.secret_key), "ap-guangzhou", profile
    )
    request = models.DescribeTasksRequest()
    request.from_json_string(json.dumps({**LIST, "Sort": {"Field": "CreateTime", "Order": "Desc"}}))
    assert client.DescribeTasks(request).RequestId


def test_unsigned_payload_and_multipart(server: Server) -> None:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.address))
    profile.unsignedPayload = True
    client = vod_client.VodClient(credential.Credential(server.secret_id, server.secret_key), "", profile)
    answer = json.loads(client.call("DescribeTasks", LIST))
    assert "TaskSet" in answer["Response"]
    options = {"IsMultipart": True, "BinaryParams": []}
    answer = json.loads(client.call("DescribeTasks", {"SubAppId": str(SUB_APP)}, options))
    assert "TaskSet" in answer["Response"]


def test_the_sdk_knows_every_field_of_our_answers(server: Server) -> None:
    """It warns of fields it does not know; here a warning is an error."""
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.address))
    client = vod_client.VodClient(credential.Credential(server.secret_id, server.secret_key), "", profile)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.DescribeSubAppIds(models.DescribeSubAppIdsRequest())


def test_a_product_that_is_not_here_has_no_such_version(server: Server) -> None:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=server.address))
    key = credential.Credential(server.secret_id, server.secret_key)
    client = CommonClient("live", "2018-08-01", key, "", profile)
    with pytest.raises(Exception, match="NoSuchVersion"):
        client.call_json("DescribeLiveDomains", {})


def test_known_keys_of_a_disabled_account_are_refused(server: Server) -> None:
    def openvod(*words: str) -> str:
        command = [sys.executable, "-m", "openvod", *words, "--data", str(server.data)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    made = openvod("accounts", "create", "other")
    values = dict(line.split() for line in made.splitlines())
    key = Key(values["SecretId"], values["SecretKey"])

    def ask(sub_app: int) -> str:
        headers, body = sign_tc3(key, server.address, "DescribeTasks", {"SubAppId": sub_app})
        return code(httpx.post(server.url, headers=headers, content=body))

    assert ask(int(values["SubAppId"])) == ""
    # another account's application is as if it did not exist
    assert ask(SUB_APP) == "InvalidParameterValue.SubAppId"
    openvod("keys", "disable", key.secret_id)
    assert ask(int(values["SubAppId"])) == "AuthFailure.SecretIdNotFound"
