"""Reading the forms of a request: which parts count, which are refused, and in which order."""

from dataclasses import replace
from typing import Any

import pytest

from openvod.core.errors import ApiError
from openvod.edge import forms, multipart
from openvod.edge.signature import RawRequest
from tests.wire import official

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

V3 = {
    "X-TC-Action": "DescribeTasks",
    "x-tc-version": "2018-07-17",
    "X-Tc-Timestamp": "1795337909",
    "Authorization": "TC3-HMAC-SHA256 x",
    "Content-Type": "application/json",
}
V1 = "Action=DescribeTasks&Version=2018-07-17&Timestamp=1795337909"


def raw(method: str = "POST", target: str = "/", body: bytes = b"{}", **headers: str | None) -> RawRequest:
    named = {name.lower(): value for name, value in V3.items()}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(method, target, tuple((k, v) for k, v in named.items() if v is not None), body)


def v1(text: str, method: str = "POST") -> RawRequest:
    headers = (("content-type", "application/x-www-form-urlencoded"),)
    return (
        RawRequest("POST", "/", headers, text.encode())
        if method == "POST"
        else RawRequest("GET", f"/?{text}", (), b"")
    )


def refusal(request: RawRequest) -> ApiError:
    with pytest.raises(ApiError) as caught:
        forms.read(request)
    return caught.value


def test_headers_of_a_v3_request() -> None:
    request = forms.read(raw(x_tc_language="en-US", x_tc_token="t", x_tc_region="", x_tc_traceid="1"))
    assert (request.action, request.version, request.timestamp) == (
        "DescribeTasks",
        "2018-07-17",
        "1795337909",
    )
    assert (request.language, request.token, request.region) == ("en-US", "t", "")
    assert (request.form, request.flat, request.signed) == ("json", False, None)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_common_parameters_of_version_1_are_not_the_actions(method: str) -> None:
    common = "&Nonce=1&SecretId=s&Signature=x&SignatureMethod=HmacSHA1&Token=t&Language=zh-CN&Region=r&RequestClient=c"
    request = forms.read(v1(f"{V1}{common}&Sort.Field=CreateTime&FileId=", method))
    assert request.params == {"Sort.Field": "CreateTime", "FileId": ""}
    assert (request.token, request.language, request.region) == ("t", "zh-CN", "r")
    assert request.signed is not None
    assert request.signed.keys() == forms.COMMON | request.params.keys()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        " application/json ",
    ],
)
def test_json_content_types(content_type: str) -> None:
    assert forms.read(raw(body='{"FileId": "中"}'.encode(), content_type=content_type)).params == {
        "FileId": "中"
    }


def test_an_empty_body_has_no_parameters() -> None:
    assert forms.read(raw(body=b"")).params == {}


def test_the_last_of_equal_json_names_counts() -> None:
    assert forms.read(raw(body=b'{"A": 1, "A": 2}')).params == {"A": 2}


@pytest.mark.parametrize(
    "body",
    [b"[]", b"null", b"1", b"{", b"{}{}", b"{'A': 1}", b"\xff", b"\xef\xbb\xbf{}", b'{"A": NaN}', b'{"A": -Infinity}',
     b'{"A": ' + b"[" * 100_000, b'{"A":' * 100_000, b'{"A": ' + b"9" * 5000 + b"}", '{"A": 1}'.encode("utf-16")],
)  # fmt: skip
def test_broken_json(body: bytes) -> None:
    error = refusal(raw(body=body))
    assert error.key == "InvalidParameter/body"
    assert len(error.en) < 300


@pytest.mark.parametrize(
    "text", ["A", "A=1&&B=2", "A=1&A=2", "A=%ff", "=".join("ab") + "&" + "c=1&" * 20_000, "&"]
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_broken_forms(text: str, method: str) -> None:
    error = refusal(v1(text[: 20_000 if method == "GET" else None], method))
    assert error.key == "InvalidRequest"


def test_refusals_in_the_documented_order() -> None:
    big = b" " * (forms.BODY_LIMIT + 1)
    nothing = {"x_tc_action": None, "x_tc_version": None, "x_tc_timestamp": None}
    assert refusal(raw("PUT", body=big, **nothing)).key == "UnsupportedProtocol"
    assert refusal(raw(body=big, **nothing)).key == "RequestSizeLimitExceeded"
    for name in ("Action", "Version", "Timestamp"):
        error = refusal(raw(body=b"{", **nothing))
        assert (error.key, f"`X-TC-{name}`" in error.en) == ("MissingParameter", True)
        del nothing[f"x_tc_{name.lower()}"]
    assert refusal(raw(body=b"{")).key == "InvalidParameter/body"


def test_limits_of_each_form() -> None:
    assert refusal(raw("GET", "/?A=" + "x" * forms.QUERY_LIMIT)).key == "RequestSizeLimitExceeded"
    forms.read(raw("GET", "/?A=" + "x" * (forms.QUERY_LIMIT - 4)))
    long = f"{V1}&A=" + "x" * (forms.V1_BODY_LIMIT - len(V1) - 3)
    forms.read(v1(long))
    assert f"{forms.V1_BODY_LIMIT}" in refusal(v1(long + "x")).en
    body = b'{"A": "' + b"x" * (forms.BODY_LIMIT - 9) + b'"}'
    forms.read(raw(body=body))
    assert refusal(raw(body=body + b" ")).key == "RequestSizeLimitExceeded"


@pytest.mark.parametrize("name", ["Action", "Version", "Timestamp"])
def test_version_1_names_what_is_missing(name: str) -> None:
    pairs = [pair for pair in V1.split("&") if not pair.startswith(name)]
    error = refusal(v1("&".join(pairs)))
    assert (error.key, f"`{name}`" in error.en) == ("MissingParameter", True)


@pytest.mark.parametrize("content_type", ["application/octet-stream", "text/plain", "", None, "x" * 1000])
def test_other_content_types(content_type: str | None) -> None:
    error = refusal(raw(content_type=content_type))
    assert error.key == "UnsupportedOperation/form"
    assert len(error.en) < 200


def test_names_too_long_to_exist_are_cut() -> None:
    assert len(forms.read(raw(x_tc_action="x" * 5000)).action) < 100


@pytest.mark.parametrize(
    "extra", ["; boundary=b", '; boundary="b"', "; charset=utf-8; boundary=b", ";BOUNDARY=b; charset=utf-8"]
)
def test_multipart(extra: str) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="FileId"\r\n\r\n1\r\n'
        b'--b\r\nContent-Type: application/json\r\ncontent-disposition: FORM-DATA; filename="x; name=y"; name=Sort\r\n\r\n'
        b'{"Field": 1}\r\n--b\r\nContent-Disposition: form-data; name="Bin"; filename="Bin"\r\n\r\n\xff\r\n\r\n--c\r\n--b--\r\n'
    )
    request = forms.read(raw(body=body, content_type=f"Multipart/Form-Data{extra}"))
    assert request.params == {"FileId": "1", "Sort": '{"Field": 1}', "Bin": b"\xff\r\n\r\n--c"}
    assert (request.form, request.flat) == ("multipart", True)


PART = b'--b\r\nContent-Disposition: form-data; name="A"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", PART + b"--b--"),
        ("multipart/form-data; boundary=", PART + b"--b--"),
        ("multipart/form-data; boundary=" + "b" * 71, PART + b"--b--"),
        ("multipart/form-data; boundary=b", PART),
        ("multipart/form-data; boundary=b", b"x" + PART + b"--b--"),
        ("multipart/form-data; boundary=b", PART + b"--b--more"),
        ("multipart/form-data; boundary=b", PART + PART + b"--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n1\r\n--b--"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: file; name="A"\r\n\r\n1\r\n--b--'),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n1\r\n--b--',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n" * 200_000 + b"--b--"),
    ],
)
def test_broken_multipart(content_type: str, body: bytes) -> None:
    assert refusal(raw(body=body, content_type=content_type)).key == "InvalidRequest"


def test_an_empty_multipart_body_has_no_parts() -> None:
    assert multipart.parse("multipart/form-data; boundary=b", b"") == {}
    assert multipart.parse("multipart/form-data; boundary=b", b"--b--\r\n") == {}


def test_a_get_takes_nothing_from_its_body_nor_a_post_from_its_query() -> None:
    query: dict[str, Any] = {"FileId": "1"}
    got = official.sent("DescribeTasks", query, method="GET")
    assert forms.read(replace(got, body=b'{"FileId": "2"}')).params == query
    posted = official.sent("DescribeTasks", query)
    assert forms.read(replace(posted, target="/?FileId=2")).params == query
