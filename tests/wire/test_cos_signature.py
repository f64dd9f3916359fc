"""The COS door's signatures, as the official COS SDK makes them."""

import hmac
import time
import warnings
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from openvod.edge import cos_signature
from openvod.edge.cos_signature import CosError
from openvod.edge.signature import RawRequest

with warnings.catch_warnings():  # newer Pythons find fault with the SDK's own syntax
    warnings.simplefilter("ignore")
    from qcloud_cos import CosConfig
    from qcloud_cos.cos_auth import CosS3Auth

ID, KEY = "AKIDtemporary", "temporary-key"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def sent(
    method: str = "PUT",
    key: str = "vod/1/a.mp4",
    params: dict[str, str] | None = None,
    *,
    host: str = "127.0.0.1:9000",
    headers: dict[str, str] | None = None,
    data: bytes = b"abc",
) -> RawRequest:
    """What the SDK's signer puts on the wire."""
    config = CosConfig(
        SecretId=ID, SecretKey=KEY, Token="token", Region="ap-guangzhou", Scheme="http", Domain=host
    )
    request = requests.Request(
        method,
        f"http://{host}/{quote(key)}",
        params=params,
        data=data,
        headers={"x-cos-security-token": "token", **(headers or {})},
        auth=CosS3Auth(config, key, params or {}),
    ).prepare()
    pairs: list[tuple[str, Any]] = [("Host", host), *request.headers.items()]
    texts = tuple((name, value.decode() if isinstance(value, bytes) else value) for name, value in pairs)
    return RawRequest(method, request.path_url, texts, b"")


def verify(raw: RawRequest, key: str = KEY, at: float = 0) -> None:
    authorization = cos_signature.presented(raw)
    assert authorization is not None
    cos_signature.verify(raw, cos_signature.read(authorization), key, time.time() + at)


def code(raw: RawRequest, key: str = KEY, at: float = 0) -> str:
    with pytest.raises(CosError) as caught:
        verify(raw, key, at)
    assert caught.value.status == 403
    return caught.value.code


def with_header(raw: RawRequest, name: str, value: str) -> RawRequest:
    return replace(raw, headers=tuple((k, value if k.lower() == name else v) for k, v in raw.headers))


SHAPES = [
    sent(),
    sent(host="localhost"),
    sent(host="b-1.cos.ap-guangzhou.myqcloud.com"),
    sent("POST", params={"uploads": ""}),
    sent("PUT", params={"partNumber": "3", "uploadId": "a+b/c=="}),
    sent("GET", "", {"uploads": "", "prefix": "vod/1/a.mp4", "delimiter": "", "max-uploads": "1000"}),
    sent("HEAD", "目录/影片 a+b%.mp4"),
    sent(headers={"Content-MD5": "kAFQmDzST7DWlj99KOF/cg==", "Content-Type": "video/mp4"}),
]


@pytest.mark.parametrize("raw", SHAPES)
def test_the_official_signer_agrees(raw: RawRequest) -> None:
    verify(raw)
    credential = cos_signature.read(raw.header("authorization") or "")
    assert credential.secret_id == ID
    assert "host" in credential.header_list


@settings(max_examples=50)
@given(TEXT.filter(bool), st.dictionaries(st.from_regex("[a-z-]{1,8}", fullmatch=True), TEXT, max_size=3))
def test_any_key_and_parameters(key: str, params: dict[str, str]) -> None:
    if key.startswith("/") or "." in key:  # the client library itself folds dots and slashes of a URL
        key = "x"
    verify(sent(key=key, params=params))


@pytest.mark.parametrize("raw", SHAPES)
def test_nothing_signed_can_be_changed(raw: RawRequest) -> None:
    authorization = raw.header("authorization") or ""
    mismatch = "SignatureDoesNotMatch"
    assert code(raw, KEY + "x") == mismatch
    assert code(replace(raw, method="DELETE")) == mismatch
    assert code(replace(raw, target="/x" + raw.target[1:])) == mismatch
    credential = cos_signature.read(authorization)
    for name in credential.header_list:
        assert code(with_header(raw, name, "x" + (raw.header(name) or ""))) == mismatch
        assert code(replace(raw, headers=tuple(h for h in raw.headers if h[0].lower() != name))) == mismatch
    if raw.query:
        for pair in raw.query.split("&"):
            assert code(replace(raw, target=raw.target.replace(pair, pair + "x"))) == mismatch
    for part in authorization.split("&")[1:]:
        name, _, value = part.partition("=")
        if name == "q-ak":  # says which key, is not signed itself
            continue
        for at in range(len(value)):
            if value[at] == ";":
                continue
            other = "7" if value[at] == "8" else "8"
            changed = authorization.replace(part, f"{name}={value[:at]}{other}{value[at + 1 :]}")
            assert code(with_header(raw, "authorization", changed)) in {
                mismatch,
                "AccessDenied",
                "RequestTimeTooSkewed",
            }


def test_times() -> None:
    raw = sent()
    assert code(raw, at=20_000) == "AccessDenied"
    assert code(raw, at=-2_000) == "RequestTimeTooSkewed"
    verify(raw, at=-800)


def test_the_key_s_times_count_as_well() -> None:
    """A signature made now with a key whose time is over."""
    raw = sent()
    now = int(time.time())
    span, over = f"{now};{now + 60}", f"{now - 60};{now - 1}"
    for key_time, right in ((span, True), (over, False)):
        credential = replace(
            cos_signature.read(raw.header("authorization") or ""), sign_time=span, key_time=key_time
        )
        key = hmac.digest(KEY.encode(), key_time.encode(), "sha1").hex().encode()
        text = cos_signature._text_to_sign(span, cos_signature._canonical(raw, credential, "127.0.0.1"))
        signed = replace(credential, signature=hmac.digest(key, text, "sha1").hex())
        if right:
            cos_signature.verify(raw, signed, KEY, now)
        else:
            with pytest.raises(CosError, match="expired"):
                cos_signature.verify(raw, signed, KEY, now)


def test_a_listed_header_must_be_there() -> None:
    raw = sent()
    authorization = (raw.header("authorization") or "").replace("q-header-list=", "q-header-list=x-more;")
    assert code(with_header(raw, "authorization", authorization)) == "SignatureDoesNotMatch"


def test_a_signed_link() -> None:
    raw = sent("GET", params={"response-content-type": "a/b"})
    fields = [part.partition("=") for part in (raw.header("authorization") or "").split("&")]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, _, value in fields)
    kept = tuple(header for header in raw.headers if header[0].lower() != "authorization")
    verify(replace(raw, target=f"{raw.target}&{query}", headers=kept))
    assert cos_signature.presented(replace(raw, headers=kept)) is None


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "q-sign-algorithm=sha1",
        "q-sign-algorithm=md5&" + "&".join(cos_signature._FIELDS[1:]),
        "&" * 1000,
        "=",
        "é",
    ],
)
def test_malformed(authorization: str) -> None:
    with pytest.raises(CosError) as caught:
        cos_signature.read(authorization)
    assert caught.value.code == "AccessDenied"


@given(st.text(), st.text(), st.text())
def test_any_text_is_refused_in_cos_terms(header: str, target: str, host: str) -> None:
    raw = RawRequest(
        "GET", "/" + target, (("authorization", f"q-sign-algorithm={header}"), ("host", host)), b""
    )
    fields = "&".join(f"{name}={header}" for name in cos_signature._FIELDS[1:])
    for text in (header, f"q-sign-algorithm=sha1&{fields}"):
        try:
            credential = cos_signature.read(text)
        except CosError:
            continue
        for times in (credential, replace(credential, sign_time="0;9", key_time="0;9")):
            with pytest.raises(CosError):
                cos_signature.verify(raw, times, KEY, 5)
    cos_signature.presented(raw)
