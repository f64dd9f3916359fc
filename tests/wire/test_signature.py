"""Signatures: captured requests verify, nothing changed does, and the official SDK's signer agrees."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from openvod.core import signing
from openvod.core.errors import ApiError
from openvod.edge import forms, signature
from openvod.edge.signature import Credential, RawRequest
from tests.wire import made, official

VECTORS = json.loads((Path(__file__).parent / "sign_vectors.json").read_text())
KEY = VECTORS["secretKey"]
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")


def _raw(vector: dict[str, Any]) -> RawRequest:
    headers = tuple((name, value) for name, value in vector["headers"])
    return RawRequest(vector["method"], vector["target"], headers, vector["body"].encode())


ALL = [_raw(vector) for vector in VECTORS["requests"]]
SIGNED = [raw for raw in ALL if raw.header("authorization") != "SKIP"]
TC3 = [raw for raw in SIGNED if raw.header("authorization")]
V1 = [raw for raw in SIGNED if not raw.header("authorization")]


def _name(raw: RawRequest) -> str:
    scope = re.search(r"\d/([^/]+)/tc3", raw.header("authorization") or "")
    kind = (raw.header("content-type") or "none").partition(";")[0].rpartition("/")[2]
    return f"{scope[1] if scope else 'v1'}-{raw.method}-{kind}"


def verified(raw: RawRequest, key: str = KEY) -> Credential:
    """The credential of a request whose signature is right; raises ApiError otherwise. Age is left aside."""
    credential = signature.read_credential(raw, forms.read(raw))
    signature.verify(raw, credential, key)
    return credential


def refused(raw: RawRequest, key: str = KEY) -> bool:
    """Whether a changed request is refused, and as a matter of its signature."""
    try:
        verified(raw, key)
    except ApiError as error:
        return error.code.startswith("AuthFailure.") or error.code in {
            "MissingParameter",
            "InvalidRequest",
            "InvalidParameter",
            "InvalidParameterValue",
            "UnsupportedOperation",
        }
    return False


def with_header(raw: RawRequest, name: str, value: str | None) -> RawRequest:
    kept = tuple((key, old) for key, old in raw.headers if key.lower() != name)
    return replace(raw, headers=kept if value is None else (*kept, (name, value)))


def other(char: str) -> str:
    """A character that is not `char` in any case."""
    return "b" if char.lower() == "a" else "a"


def changed_at(text: str, at: int) -> str:
    return text[:at] + other(text[at]) + text[at + 1 :]


def test_all_kinds_of_requests_are_there() -> None:
    assert (len(TC3), len(V1), len(ALL)) == (8, 4, 13)


@pytest.mark.parametrize("raw", SIGNED, ids=_name)
def test_captured_requests_verify(raw: RawRequest) -> None:
    credential = verified(raw)
    assert credential.secret_id == VECTORS["secretId"]
    signature.check_age(credential, credential.timestamp + 299)
    signature.check_age(credential, credential.timestamp - 299)
    for now in (credential.timestamp + 301, credential.timestamp - 301):
        with pytest.raises(ApiError) as caught:
            signature.check_age(credential, now)
        assert caught.value.code == "AuthFailure.SignatureExpire"


def test_skip_is_a_scheme_of_its_own() -> None:
    raw = next(raw for raw in ALL if raw not in SIGNED)
    assert signature.read_credential(raw, forms.read(raw)).scheme == "skip"


@pytest.mark.parametrize("raw", SIGNED, ids=_name)
def test_another_key_or_method_is_refused(raw: RawRequest) -> None:
    for at in range(len(KEY)):
        assert refused(raw, changed_at(KEY, at))
    assert refused(raw, "")
    credential = verified(raw)
    swapped = replace(raw, method="GET" if raw.method == "POST" else "POST")
    with pytest.raises(
        ApiError
    ) as caught:  # the credential of the original: a v1 GET has no form in its body
        signature.verify(swapped, credential, KEY)
    assert caught.value.code == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize("raw", SIGNED, ids=_name)
def test_another_host_is_refused(raw: RawRequest) -> None:
    host = raw.header("host") or ""
    name = host.removeprefix("http://").partition(":")[0]
    for at in range(len(name)):
        assert refused(with_header(raw, "host", host.replace(name, changed_at(name, at))))
    assert refused(with_header(raw, "host", None))


@pytest.mark.parametrize("raw", TC3, ids=_name)
def test_tc3_signs_its_headers_time_and_scope(raw: RawRequest) -> None:
    authorization = raw.header("authorization") or ""
    content_type = raw.header("content-type") or ""
    for at in range(len(content_type)):
        assert refused(with_header(raw, "content-type", changed_at(content_type, at)))
    timestamp = int(raw.header("x-tc-timestamp") or "")
    for wrong in (timestamp + 1, timestamp - 1, timestamp + 86400, -timestamp, "", f"0{timestamp}", "x"):
        assert refused(with_header(raw, "x-tc-timestamp", str(wrong)))
    start = authorization.index("Signature=") + len("Signature=")
    for at in range(start, len(authorization)):
        assert refused(with_header(raw, "authorization", changed_at(authorization, at)))
    assert refused(with_header(raw, "authorization", authorization[:start] + authorization[start:].upper()))
    for old, new in (
        ("2026-11-22", "2026-11-23"),
        ("/tc3_request", "/tc4_request"),
        ("content-type;host", "content-type"),
        ("content-type;host", "host"),
        ("content-type;host", "host;content-type"),
        ("content-type;host", "Content-Type;Host"),
        ("content-type;host", "content-type;host;host"),
        ("content-type;host", "content-type;host;x-tc-action"),
        ("content-type;host", "content-type;host;x-not-there"),
        ("TC3-HMAC-SHA256", "TC3-HMAC-SHA1"),
        (", Signature=", ", Signature=0, Signature="),
        ("AKIDEXAMPLE/", ""),
    ):
        assert old in authorization
        assert refused(with_header(raw, "authorization", authorization.replace(old, new)))
    scope = re.search(r"22/([^/]+)/", authorization)
    assert scope
    assert refused(with_header(raw, "authorization", authorization.replace(scope[1], scope[1] + "x")))


@pytest.mark.parametrize("raw", TC3, ids=_name)
def test_tc3_signs_the_payload_unless_it_says_not_to(raw: RawRequest) -> None:
    unsigned = raw.header("x-tc-content-sha256") == "UNSIGNED-PAYLOAD"
    for body in (raw.body + b" ", raw.body[:-1] if raw.body else b"{}", raw.body.replace(b"F", b"f") + b"0"):
        changed = replace(raw, body=body)
        credential = verified(raw)
        if unsigned:
            signature.verify(changed, credential, KEY)
        else:
            with pytest.raises(ApiError, match="SignatureFailure"):
                signature.verify(changed, credential, KEY)
    assert refused(with_header(raw, "x-tc-content-sha256", None if unsigned else "UNSIGNED-PAYLOAD"))


@pytest.mark.parametrize("raw", [raw for raw in TC3 if raw.method == "GET"], ids=_name)
def test_tc3_get_signs_the_raw_query(raw: RawRequest) -> None:
    for at in range(2, len(raw.target)):
        assert refused(replace(raw, target=changed_at(raw.target, at)))
    first, _, rest = raw.query.partition("&")
    for query in (f"{rest}&{first}", raw.query + "&ExtInfo=", raw.query.replace("%E4", "%e4"), rest):
        assert refused(replace(raw, target=f"/?{query}"))


@pytest.mark.parametrize("raw", [raw for raw in SIGNED if raw.method == "POST"], ids=_name)
def test_a_post_ignores_its_query(raw: RawRequest) -> None:
    for target in ("/?", "/?Action=DeleteMedia"):
        verified(replace(raw, target=target))
        assert forms.read(replace(raw, target=target)).params == forms.read(raw).params


@pytest.mark.parametrize("raw", V1, ids=_name)
def test_v1_signs_every_parameter(raw: RawRequest) -> None:
    signed = forms.read(raw).signed
    assert signed

    def resent(params: dict[str, str]) -> RawRequest:
        text = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in params.items())
        is_get = raw.method == "GET"
        return replace(raw, target=f"/?{text}" if is_get else "/", body=b"" if is_get else text.encode())

    verified(resent(dict(reversed(signed.items()))))  # order and encoding are not signed
    for name, value in signed.items():
        for at in range(len(value)):
            if (name, at) != ("SignatureMethod", at):
                assert refused(resent({**signed, name: changed_at(value, at)})), (name, at)
        assert refused(resent({key: old for key, old in signed.items() if key != name}))
        assert refused(resent({**signed, name: value + "0"}))
    assert refused(resent({**signed, "ExtInfo": ""}))
    swap = {"HmacSHA1": "HmacSHA256", "HmacSHA256": "HmacSHA1"}
    assert refused(resent({**signed, "SignatureMethod": swap[signed["SignatureMethod"]]}))


@given(st.sampled_from(SIGNED), st.randoms())
def test_random_changes_of_what_is_signed_are_refused(raw: RawRequest, rng: random.Random) -> None:
    assume(raw.header("x-tc-content-sha256") is None)
    text = raw.query if raw.method == "GET" else raw.body.decode()
    at = rng.randrange(len(text))
    cut = text[:at] + rng.choice(["", "&", "%", " ", "\0", "é", "{", text]) + text[at + 1 :]
    assume(cut != text)
    is_get = raw.method == "GET"
    changed = replace(raw, target=f"/?{cut}") if is_get else replace(raw, body=cut.encode())
    if raw in V1:  # only what the form says is signed, not how it is written
        try:
            assume(forms.read(changed).signed != forms.read(raw).signed)
        except ApiError:
            return
    assert refused(changed)


DOORS = [
    ("TC3-HMAC-SHA256", "POST", False),
    ("TC3-HMAC-SHA256", "GET", False),
    ("TC3-HMAC-SHA256", "POST", True),
    ("HmacSHA1", "POST", False),
    ("HmacSHA1", "GET", False),
    ("HmacSHA256", "POST", False),
    ("HmacSHA256", "GET", False),
]


@pytest.mark.parametrize(("scheme", "method", "unsigned"), DOORS)
@pytest.mark.parametrize("endpoint", ["127.0.0.1:9000", "http://localhost:9000", "vod.tencentcloudapi.com"])
@settings(max_examples=20)
@given(params=st.dictionaries(made.TEXT.filter(bool), made.TEXT | st.integers(), max_size=5))
def test_the_official_signer_agrees(
    scheme: str, method: str, unsigned: bool, endpoint: str, params: dict[str, Any]
) -> None:
    assume(not params.keys() & forms.COMMON and "." not in "".join(params))
    raw = official.sent(
        "DescribeTasks", params, scheme=scheme, method=method, endpoint=endpoint, unsigned_payload=unsigned
    )
    assert verified(raw, official.SECRET_KEY).secret_id == official.SECRET_ID
    request = forms.read(raw)
    assert request.params == (params if request.form == "json" else {k: str(v) for k, v in params.items()})
    assert refused(raw, official.SECRET_KEY + " ")


def test_the_recipe_of_the_documentation_verifies() -> None:
    """Hand-written clients sign x-tc-action as well, in lower case, and send a charset."""
    now, body = 1795337909, b'{"Limit": 1}'
    for content_type, host in (
        ("application/json; charset=utf-8", "vod.example"),
        ("Application/JSON", "Vod.Example"),
    ):
        names = ("content-type", "host", "x-tc-action")
        values = (content_type.lower(), host.lower(), "describetasks")
        scope = signing.Scope("2026-11-22", "vod")
        canonical = signing.canonical_tc3("POST", "", names, values, signing.payload_hash(body))
        sign = signing.tc3_signature(KEY, scope, str(now), canonical)
        headers = {
            "content-type": content_type,
            "host": host,
            "x-tc-action": "DescribeTasks",
            "x-tc-version": "2018-07-17",
            "x-tc-timestamp": str(now),
            "authorization": f"TC3-HMAC-SHA256 Credential=id/{scope},SignedHeaders={';'.join(names)},Signature={sign}",
        }
        raw = RawRequest("POST", "/", tuple(headers.items()), body)
        verified(raw)
        assert refused(with_header(raw, "x-tc-action", "DeleteMedia"))


def test_the_date_must_be_the_timestamp_s() -> None:
    now, names, values = 1795337909, signing.SIGNED_HEADERS, ("application/json", "h")
    canonical = signing.canonical_tc3("POST", "", names, values, signing.payload_hash(b"{}"))
    for date, right in (("2026-11-22", True), ("2026-11-21", False)):
        scope = signing.Scope(date, "vod")
        sign = signing.tc3_signature(KEY, scope, str(now), canonical)
        headers = {
            "content-type": "application/json",
            "host": "h",
            "x-tc-action": "DescribeTasks",
            "x-tc-version": "2018-07-17",
            "x-tc-timestamp": str(now),
            "authorization": f"TC3-HMAC-SHA256 Credential=id/{scope}, SignedHeaders={';'.join(names)}, Signature={sign}",
        }
        assert refused(RawRequest("POST", "/", tuple(headers.items()), b"{}")) is not right


def test_our_signer_is_understood() -> None:
    now = int(datetime(2026, 5, 12, tzinfo=UTC).timestamp())
    key = signing.Key("AKID", "секрет", token="t")
    headers, body = signing.sign_tc3(key, "127.0.0.1:9000", "DescribeTasks", {"FileId": "中文"}, now=now)
    raw = RawRequest("POST", "/", tuple(headers.items()), body)
    credential = verified(raw, key.secret_key)
    assert (credential.secret_id, credential.token, credential.timestamp) == ("AKID", "t", now)
    assert forms.read(raw).params == {"FileId": "中文"}


def test_a_doubled_header_is_one_value_for_everyone() -> None:
    raw = TC3[0]
    doubled = replace(raw, headers=(*raw.headers, ("HOST", raw.header("host") or "")))
    assert refused(doubled)


@pytest.mark.parametrize("name", ["Signature", "SecretId", "Nonce"])
def test_v1_names_what_is_missing(name: str) -> None:
    raw = V1[0]
    body = re.sub(rf"(^|&){name}=[^&]*".encode(), b"", raw.body)
    with pytest.raises(ApiError, match=f"`{name}`") as caught:
        verified(replace(raw, body=body))
    assert caught.value.code == "MissingParameter"


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer x", "TC3-HMAC-SHA256", "TC3-HMAC-SHA256 Credential=a", "SKIP ", "skip"],
)
def test_a_malformed_authorization_is_named_so(authorization: str | None) -> None:
    with pytest.raises(ApiError) as caught:
        verified(with_header(TC3[0], "authorization", authorization))
    assert caught.value.code == "AuthFailure.InvalidAuthorization"


def test_no_parameter_hides_behind_another_of_nearly_its_name() -> None:
    """The official SDK signs `A_B` as `A.B`: then `A.B` must not come along unsigned."""
    for raw in V1:
        at = raw.target if raw.method == "GET" else raw.body.decode()
        name = next(name for name in re.findall(r"[?&]([\w.]+)=", at) if "." in name)
        value = re.findall(rf"[?&]{re.escape(name)}=([^&]*)", at)[0]
        more = at.replace(f"{name}={value}", f"{name}=other") + f"&{name.replace('.', '_')}={value}"
        changed = replace(raw, target=more) if raw.method == "GET" else replace(raw, body=more.encode())
        assert refused(changed)
