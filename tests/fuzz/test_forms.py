"""Any bytes at the API's door are read or refused in the API's terms, and every form says the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.errors import ApiError
from openvod.edge import forms, signature
from openvod.edge.signature import RawRequest
from tests.wire import made, official

SPEC = spec.load()
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

LATIN = st.text(st.characters(max_codepoint=255), max_size=40)
CREDENTIALS = st.builds(
    "TC3-HMAC-SHA256 Credential={}/{}/{}/tc3_request, SignedHeaders=content-type;host{}, Signature={}".format,
    LATIN, st.sampled_from(["2026-11-22", "1970-01-01"]) | LATIN, LATIN, LATIN, LATIN,
)  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {
        "Host": st.sampled_from(["127.0.0.1:9000", "http://h:9000/x", ":", "[::1]:9000", ""]) | LATIN,
        "X-TC-Action": st.sampled_from(sorted(SPEC.offered)) | LATIN,
        "X-TC-Version": st.just("2018-07-17") | LATIN,
        "X-TC-Timestamp": st.sampled_from(["1795337909", "0", "99999999999", "-1", "1e9"]) | LATIN,
        "Content-Type": st.sampled_from([forms.JSON, forms.FORM, f"{forms.MULTIPART}; boundary=b"]) | LATIN,
    },
    optional={
        "Authorization": CREDENTIALS | st.sampled_from(["SKIP", "TC3-HMAC-SHA256 "]) | LATIN,
        "X-TC-Content-SHA256": st.just("UNSIGNED-PAYLOAD"),
    },
)
V1 = "Action=DescribeTasks&Version=2018-07-17&Timestamp=1795337909&Nonce=1&SecretId=s&Signature=x&"
BODIES = (
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text() | st.integers() | st.floats(),
        lambda x: st.dictionaries(st.text(), x) | st.lists(x),
    )
    .map(json.dumps)
    .map(str.encode)
    | LATIN.map(lambda text: (V1 + text).encode("latin-1"))
    | st.binary(max_size=100).map(
        lambda data: b'--b\r\nContent-Disposition: form-data; name="A"\r\n\r\n' + data + b"\r\n--b--"
    )
)


@settings(max_examples=200)
@given(st.sampled_from(["GET", "POST"]), LATIN | LATIN.map(V1.__add__), HEADERS, BODIES)
def test_any_bytes(method: str, query: str, headers: dict[str, str], body: bytes) -> None:
    raw = RawRequest(method, f"/?{query}", tuple(headers.items()), body)
    try:
        request = forms.read(raw)
        if request.action in SPEC.offered:
            try:
                SPEC.check_request(request.action, request.params, flat=request.flat)
            except ApiError as error:
                error.en.encode()
        credential = signature.read_credential(raw, request)
        if credential.scheme == "skip":
            return
        with pytest.raises(ApiError, match="SignatureFailure"):
            signature.verify(raw, credential, "key")
    except ApiError as error:
        error.en.encode()


def _flat_text(value: Any) -> Any:
    """The SDK writes only texts, lists and objects into a multipart body."""
    return value if isinstance(value, dict | list) else str(value)


@settings(max_examples=80)
@given(st.data(), st.sampled_from(sorted(SPEC.offered)))
def test_every_form_says_the_same(data: st.DataObject, action: str) -> None:
    """Through the official SDK's own writers of each form."""
    params = data.draw(made.params(action))
    texts = {name: _flat_text(value) for name, value in params.items()}
    ways = [
        official.sent(action, params),
        official.sent(action, params, method="GET"),
        official.sent(action, params, scheme="HmacSHA256"),
        official.sent(action, params, scheme="HmacSHA1", method="GET"),
        official.sent(action, texts, multipart=True),
    ]
    for raw, form in zip(ways, ("json", "get", "form", "get", "multipart"), strict=True):
        request = forms.read(raw)
        assert request.form == form
        assert SPEC.check_request(request.action, request.params, flat=request.flat) == params
        signature.verify(raw, signature.read_credential(raw, request), official.SECRET_KEY)
