"""Who signed this request, and is the signature right? TC3-HMAC-SHA256 and version 1 (HmacSHA1, HmacSHA256).

Split in the steps of the API's documented order, because a client sees the first error only: the credential
is malformed, the time is too far off, (the key is unknown: the gateway's step,) the signature does not
match.
"""

import binascii
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, NamedTuple, Protocol

from openvod.core import signing
from openvod.core.errors import ApiError
from openvod.core.signing import ALGORITHM, SIGNED_HEADERS, Scope
from openvod.core.texts import Text

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_AGE = 300
"""Seconds that a request's timestamp may be away from the server's clock, in either direction."""

_CREDENTIAL = re.compile(r"([^/]+)/([0-9]{4}-[0-9]{2}-[0-9]{2})/(.+)/tc3_request")
CREDENTIAL_FORM = "<SecretId>/<yyyy-mm-dd>/<service>/tc3_request"
UNIX_TIME = Text("a Unix time in seconds", "以秒为单位的 Unix 时间戳")
_TIMESTAMP = re.compile(r"[0-9]{1,11}")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it arrived."""

    method: str
    target: str
    """Raw path and query, as in the request line (Latin-1)."""
    headers: tuple[tuple[str, str], ...]
    """In order; names in any case, values decoded as Latin-1."""
    body: bytes

    _named: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Every request is asked for most of its headers."""
        for name, value in self.headers:
            lowered = name.lower()
            before = self._named.get(lowered)
            self._named[lowered] = value if before is None else f"{before}, {value}"

    def header(self, name: str) -> str | None:
        """A header by its lower-case name. Several of one name are one list: no reader can pick another."""
        return self._named.get(name)

    @property
    def query(self) -> str:
        """The raw query string."""
        return self.target.partition("?")[2]


class Readable(Protocol):
    """What a signature needs of a request that has been read (see `edge.forms.Request`)."""

    @property
    def timestamp(self) -> str:
        """As sent."""

    @property
    def token(self) -> str:
        """As sent, or empty."""

    @property
    def signed(self) -> Mapping[str, str] | None:
        """All parameters of a version 1 request, decoded; None if it is not one."""


class Credential(NamedTuple):
    """Who a request says it is from, and what it says to prove it."""

    scheme: Literal["tc3", "v1", "skip"]
    """`skip`: not signed at all. Whether that is good enough is the gateway's decision."""
    secret_id: str = ""
    token: str = ""
    """Of a temporary key. TC3 does not sign it, so it must be compared with the key's."""
    timestamp: int = 0
    """Unix seconds."""
    timestamp_text: str = ""
    """As signed."""
    signature: str = ""
    scope: Scope = Scope("", "")
    """TC3: date and service as the client sees them."""
    signed_headers: tuple[str, ...] = ()
    """TC3."""
    digest: str = ""
    """Version 1: `sha1` or `sha256`."""
    queries: tuple[str, ...] = ()
    """Version 1: the parameters as signed, in every spelling that a client may have signed."""


def read_credential(raw: RawRequest, request: Readable) -> Credential:
    """The credential, unproven. Raises ApiError: InvalidAuthorization; for version 1 MissingParameter."""
    if request.signed is not None:
        return _read_v1(request, request.signed)
    authorization = raw.header("authorization")
    if authorization == "SKIP":
        return Credential("skip", timestamp=_timestamp(request), timestamp_text=request.timestamp)
    if authorization is None:
        raise _malformed("it is absent", "该头不存在")
    return _read_tc3(raw, request, authorization)


def _read_tc3(raw: RawRequest, request: Readable, authorization: str) -> Credential:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise _malformed(f"it does not begin with {ALGORITHM}", f"未以 {ALGORITHM} 开头")
    pairs = [part.strip().partition("=")[::2] for part in rest.split(",")]
    parts = dict(pairs)
    if len(pairs) != len(parts) or parts.keys() != {"Credential", "SignedHeaders", "Signature"}:
        raise _malformed(
            "it must hold Credential, SignedHeaders and Signature",
            "须包含 Credential、SignedHeaders 和 Signature",
        )
    credential = _CREDENTIAL.fullmatch(parts["Credential"])
    if credential is None:
        raise _malformed(f"Credential must be {CREDENTIAL_FORM}", f"Credential 的格式应为 {CREDENTIAL_FORM}")
    signed = tuple(parts["SignedHeaders"].split(";"))
    if len(set(signed)) != len(signed) or not set(signed).issuperset(SIGNED_HEADERS):
        raise _malformed(
            "SignedHeaders must list content-type and host, in lower case, and nothing twice",
            "SignedHeaders 须以小写列出 content-type 和 host,且不得重复",
        )
    if any(raw.header(name) is None for name in signed):
        raise _malformed(
            "SignedHeaders lists a header that the request does not have",
            "SignedHeaders 列出了请求中不存在的头",
        )
    secret_id, date, service = credential.groups()
    return Credential(
        "tc3",
        secret_id=secret_id,
        token=request.token,
        timestamp=_timestamp(request),
        timestamp_text=request.timestamp,
        signature=parts["Signature"],
        scope=Scope(date, service),
        signed_headers=signed,
    )


def _read_v1(request: Readable, params: Mapping[str, str]) -> Credential:
    for name in ("Signature", "SecretId", "Nonce"):
        if not params.get(name):
            raise ApiError("MissingParameter", field=name)
    queries = [signing.v1_query(params)]
    if any("_" in name for name in params):  # the official Python SDK signs such a name with a dot
        dotted = {name.replace("_", "."): value for name, value in params.items()}
        if len(dotted) == len(params):  # else a parameter would hide behind another, unsigned
            queries.append(signing.v1_query(dotted))
    return Credential(
        "v1",
        secret_id=params["SecretId"],
        token=request.token,
        timestamp=_timestamp(request),
        timestamp_text=request.timestamp,
        signature=params["Signature"],
        digest="sha256" if params.get("SignatureMethod") == "HmacSHA256" else "sha1",
        queries=tuple(queries),
    )


def _timestamp(request: Readable) -> int:
    if not _TIMESTAMP.fullmatch(request.timestamp):
        raise ApiError("InvalidParameterValue/range", field="Timestamp", expected=UNIX_TIME)
    return int(request.timestamp)


def _malformed(en: str, zh: str) -> ApiError:
    return ApiError("AuthFailure.InvalidAuthorization", reason=Text(en, zh))


def check_age(credential: Credential, now: float) -> None:
    """Raises ApiError SignatureExpire unless the request was made about now (Unix seconds)."""
    if abs(now - credential.timestamp) > MAX_AGE:
        server_time = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise ApiError("AuthFailure.SignatureExpire", server_time=server_time)


def verify(raw: RawRequest, credential: Credential, secret_key: str) -> None:
    """Raises ApiError SignatureFailure unless the request was signed with `secret_key`."""
    if not {"tc3": _is_tc3, "v1": _is_v1}[credential.scheme](raw, credential, secret_key):
        raise ApiError("AuthFailure.SignatureFailure")


def _is_tc3(raw: RawRequest, credential: Credential, secret_key: str) -> bool:
    if credential.scope.date != signing.utc_date(credential.timestamp):
        return False
    unsigned = raw.header("x-tc-content-sha256") == signing.UNSIGNED.decode()
    body_hash = signing.payload_hash(raw.body, unsigned=unsigned)
    query = raw.query if raw.method == "GET" else ""
    for values in _header_values(raw, credential.signed_headers):
        canonical = signing.canonical_tc3(raw.method, query, credential.signed_headers, values, body_hash)
        expected = signing.tc3_signature(secret_key, credential.scope, credential.timestamp_text, canonical)
        if _same(credential.signature, expected.encode()):
            return True
    return False


def _header_values(raw: RawRequest, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The values that clients sign: as sent (SDKs), in lower case (documentation), or only x-tc-* so."""
    sent = {name: (raw.header(name) or "").strip() for name in names}
    as_sent = tuple(sent.values())
    yield as_sent  # nearly always right, so that the others need not be made
    tried = {as_sent}
    for host in hosts(sent["host"]):
        values = sent | {"host": host}
        for lowered in ("", "x-tc-", None):
            spelling = tuple([_spelled(name, value, lowered) for name, value in values.items()])
            if spelling not in tried:
                tried.add(spelling)
                yield spelling


def _spelled(name: str, value: str, lowered: str | None) -> str:
    """In lower case if the header's name begins with `lowered`: "" is none of them, None is all."""
    return value.lower() if lowered is None or (lowered and name.startswith(lowered)) else value


def _is_v1(raw: RawRequest, credential: Credential, secret_key: str) -> bool:
    for host in hosts((raw.header("host") or "").strip()):
        for query in credential.queries:
            digest = signing.v1_digest(secret_key, credential.digest, raw.method, host, query)
            if _same(credential.signature, binascii.b2a_base64(digest, newline=False)):
                return True
    return False


def hosts(header: str) -> list[str]:
    """What a client may have signed as its host: the header as it is (tccli sends and signs `http://h:9000`),
    without scheme and path, and that without the port (the Node SDK sends the port but does not sign it).
    """
    bare = header.partition("://")[2] or header
    bare = bare.partition("/")[0]
    name, colon, port = bare.rpartition(":")
    without_port = name if colon and port.isdigit() else bare
    return list(dict.fromkeys((header, bare, without_port)))


def is_local(raw: RawRequest) -> bool:
    """Whether a request names this machine as its host and, if a browser says where its page is from, is from
    there. So no page can send one: not from its own site, and not by pointing a name of its own here.
    """
    named = hosts((raw.header("host") or "").strip().lower())
    if named[-1].strip("[]") not in LOOPBACK_NAMES:
        return False
    origin = raw.header("origin")
    with_port = named[-2:][0]
    return origin is None or origin.partition("://")[2] == with_port


def _same(given: str, expected: bytes) -> bool:
    return hmac.compare_digest(signing.octets(given), expected)
