"""Is this COS request signed with the key it names? The `q-sign-algorithm=sha1` scheme, in header or query.

The key that signs is derived from the secret key and a time span; the signature covers the method, the
decoded path, and the query parameters and headers that the client chose to list. The body is not covered.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from urllib.parse import parse_qsl, quote_from_bytes, unquote_to_bytes

from openvod.core.signing import octets
from openvod.edge.signature import RawRequest, hosts

MAX_SKEW = 900
"""Seconds that a client's clock may be ahead."""

_SAFE = "-_.~"
_SPAN = re.compile(r"([0-9]{1,11});([0-9]{1,11})")
_FIELDS = (
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
)


class CosError(Exception):
    """A refusal in COS's terms: its code, a text, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class CosCredential:
    """What a COS authorization says, unproven."""

    secret_id: str
    sign_time: str
    """`begin;end` in Unix seconds."""
    key_time: str
    """The same of the derived key."""
    header_list: tuple[str, ...]
    param_list: tuple[str, ...]
    signature: str

    @property
    def signed_at(self) -> int:
        """When the client says that it signed, in Unix seconds; 0 for malformed times, which `verify` refuses."""
        match = _SPAN.fullmatch(self.sign_time)
        return int(match[1]) if match else 0


def presented(raw: RawRequest) -> str | None:
    """The authorization of a request: its header, or the `q-*` parameters of a signed URL, or None."""
    header = raw.header("authorization")
    if header and header.startswith("q-sign-algorithm="):
        return header
    signing = {name: value for name, value in _query(raw).items() if name in _FIELDS}
    if "q-sign-algorithm" not in signing:
        return None
    return "&".join(f"{name}={value.decode('latin-1')}" for name, value in signing.items())


def read(authorization: str) -> CosCredential:
    """The credential of an authorization text. Raises CosError AccessDenied when it is malformed."""
    pairs = [part.strip().partition("=")[::2] for part in authorization.split("&")]
    parts = dict(pairs)
    if len(parts) != len(pairs) or not parts.keys() >= set(_FIELDS) or parts["q-sign-algorithm"] != "sha1":
        raise CosError("AccessDenied", "The authorization is malformed.", 403)
    return CosCredential(
        secret_id=parts["q-ak"],
        sign_time=parts["q-sign-time"],
        key_time=parts["q-key-time"],
        header_list=_names(parts["q-header-list"]),
        param_list=_names(parts["q-url-param-list"]),
        signature=parts["q-signature"],
    )


def verify(raw: RawRequest, credential: CosCredential, secret_key: str, now: float) -> None:
    """Raises CosError unless `secret_key` signed this request for now (Unix seconds).

    RequestTimeTooSkewed: not yet valid; AccessDenied: no longer valid, or malformed times;
    SignatureDoesNotMatch.
    """
    for span in (credential.sign_time, credential.key_time):
        _check_span(span, now)
    key = hmac.digest(secret_key.encode(), octets(credential.key_time), "sha1").hex().encode()
    for host in hosts((raw.header("host") or "").strip())[::-1]:  # SDKs sign the name without the port
        text = _text_to_sign(credential.sign_time, _canonical(raw, credential, host))
        expected = hmac.digest(key, text, "sha1").hex()
        if hmac.compare_digest(octets(credential.signature), expected.encode()):
            return
    raise CosError("SignatureDoesNotMatch", "The signature does not match.", 403)


def _check_span(span: str, now: float) -> None:
    match = _SPAN.fullmatch(span)
    if match is None:
        raise CosError("AccessDenied", "The authorization's times are malformed.", 403)
    begin, end = int(match[1]), int(match[2])
    if now < begin - MAX_SKEW:
        raise CosError("RequestTimeTooSkewed", "The authorization is not valid yet.", 403)
    if now > end:
        raise CosError("AccessDenied", "Request has expired.", 403)


def _text_to_sign(sign_time: str, canonical: bytes) -> bytes:
    return octets(f"sha1\n{sign_time}\n{sha1(canonical).hexdigest()}\n")  # noqa: S324 - the scheme's own


def _canonical(raw: RawRequest, credential: CosCredential, host: str) -> bytes:
    """What is signed: listed names in their order, names and values percent-encoded, the path decoded."""
    params = {_encoded(octets(name)).lower(): value for name, value in _query(raw).items()}
    headers = {
        name: octets(value.strip())
        for name in credential.header_list
        if (value := raw.header(name)) is not None
    }
    if "host" in headers:
        headers["host"] = octets(host)
    path = unquote_to_bytes(octets(raw.target.partition("?")[0]))
    lines = (_joined(credential.param_list, params), _joined(credential.header_list, headers))
    return octets(raw.method.lower()) + b"\n" + path + octets("\n{}\n{}\n".format(*lines))


def _joined(names: tuple[str, ...], values: Mapping[str, bytes]) -> str:
    try:
        return "&".join(f"{name}={_encoded(values[name])}" for name in names)
    except KeyError as error:
        raise CosError("SignatureDoesNotMatch", f"The request has no signed {error}.", 403) from error


def _query(raw: RawRequest) -> dict[str, bytes]:
    """Decoded query values by decoded name."""
    pairs = parse_qsl(raw.query, keep_blank_values=True, encoding="latin-1")
    return {name: octets(value) for name, value in pairs}


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in text.split(";") if name)


def _encoded(value: bytes) -> str:
    return quote_from_bytes(value, _SAFE)
