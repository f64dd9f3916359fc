"""What does a request ask for? The forms of the API (JSON, flat form, query, multipart) as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import parse_qsl

from openvod.core import jsontext
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.signing import octets
from openvod.core.texts import Text
from openvod.core.walker import shown
from openvod.edge import multipart
from openvod.edge.signature import RawRequest

QUERY_LIMIT = 32 * 1024
"""Bytes of a GET's target."""
V1_BODY_LIMIT = 1024 * 1024
"""Bytes of a body whose signature is version 1, i.e. stands in the form."""
BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of any body: nothing beyond needs to be read."""
MAX_FIELDS = 10_000
"""Pairs in a form or query."""
NOT_A_FORM = Text(
    "it is not a form of `name=value` pairs in UTF-8", "不是由 UTF-8 编码的 `name=value` 对组成的表单"
)

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
IN_FORMS = ("Action", "Version", "Timestamp", "Language", "Region", "Token")
IN_HEADERS = ("X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "X-TC-Language", "X-TC-Region", "X-TC-Token")
NEEDED = 3
"""The first so many of them must be there."""
COMMON = frozenset(
    {
        "Action",
        "Language",
        "Nonce",
        "Region",
        "RequestClient",
        "SecretId",
        "Signature",
        "SignatureMethod",
        "Timestamp",
        "Token",
        "Version",
    }
)
"""Version 1 sends these beside the action's own parameters; no action has a parameter of such a name."""


class Request(NamedTuple):
    """A request that has been read, but neither authenticated nor checked."""

    action: str
    version: str
    timestamp: str
    """As sent; Unix seconds if it is right."""
    language: str
    """`zh-CN`, `en-US`, or empty."""
    region: str
    """Anything; it means nothing here."""
    token: str
    """Of a temporary key, or empty."""
    params: Json
    """The action's parameters: parsed JSON, or texts by flat names (bytes for a part that is not text)."""
    flat: bool
    """Whether `params` is flat; see `core.spec.Spec.check_request`."""
    form: Literal["json", "form", "get", "multipart"]
    signed: Mapping[str, str] | None = None
    """Version 1: all parameters, as its signature covers them. None if the request is not of version 1."""


class _Common(NamedTuple):
    """The first six fields of Request, which every form has."""

    action: str
    version: str
    timestamp: str
    language: str
    region: str
    token: str


def read(raw: RawRequest) -> Request:
    """Raises ApiError, in this order: UnsupportedProtocol, RequestSizeLimitExceeded, MissingParameter
    for an absent action, version or timestamp, InvalidRequest or InvalidParameter for an unreadable body.
    """
    if raw.method not in {"GET", "POST"}:
        raise ApiError("UnsupportedProtocol", method=shown(raw.method))
    is_get = raw.method == "GET"
    content_type = (raw.header("content-type") or "").strip()
    kind = FORM if is_get else content_type.partition(";")[0].strip().lower()
    is_v1 = kind == FORM and raw.header("authorization") is None
    _check_size(raw, is_get=is_get, is_v1=is_v1)
    if is_v1:
        pairs = _pairs(octets(raw.query) if is_get else raw.body)
        common = _common(pairs.get, IN_FORMS)
        params = {name: value for name, value in pairs.items() if name not in COMMON}
        return Request(*common, params, True, "get" if is_get else "form", pairs)
    common = _common(lambda name: raw.header(name.lower()), IN_HEADERS)
    if kind == FORM:
        pairs = _pairs(octets(raw.query) if is_get else raw.body)
        return Request(*common, dict(pairs), True, "get" if is_get else "form")
    if kind == JSON:
        return Request(*common, _object(raw.body), False, "json")
    if kind == MULTIPART:
        return Request(*common, _parts(content_type, raw.body), True, "multipart")
    raise ApiError("UnsupportedOperation/form", content_type=shown(kind or "(none)"))


def _check_size(raw: RawRequest, *, is_get: bool, is_v1: bool) -> None:
    if is_get and len(raw.target) > QUERY_LIMIT:
        raise ApiError("RequestSizeLimitExceeded", limit=QUERY_LIMIT)
    limit = V1_BODY_LIMIT if is_v1 else BODY_LIMIT
    if len(raw.body) > limit:
        raise ApiError("RequestSizeLimitExceeded", limit=limit)


def _common(get: Callable[[str], str | None], names: Sequence[str]) -> _Common:
    """What stands in headers or among the parameters, by its names there in the order of `_Common`."""
    values = [get(name) or "" for name in names]
    for name, value in zip(names[:NEEDED], values, strict=False):
        if not value:
            raise ApiError("MissingParameter", field=name)
    action, version, timestamp, language, region, token = values
    return _Common(shown(action), shown(version), timestamp, language, region, token)


def _object(body: bytes) -> Json:
    """A JSON body. An empty one is what hand-written clients send to actions without parameters."""
    if not body:
        return {}
    try:
        return jsontext.parse_object(body.decode())
    except jsontext.NotJson as error:
        raise ApiError("InvalidParameter/body", reason=error.text) from error
    except UnicodeDecodeError as error:
        raise ApiError("InvalidParameter/body", reason=Text("it is not UTF-8", "不是 UTF-8 编码")) from error


def _pairs(query: bytes) -> dict[str, str]:
    """A flat form or query, decoded. A name that stands there twice has no one meaning."""
    try:
        pairs = parse_qsl(
            query.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ApiError("InvalidRequest", reason=NOT_A_FORM) from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ApiError("InvalidRequest", reason=Text("a parameter stands there twice", "有参数重复出现"))
    return found


def _parts(content_type: str, body: bytes) -> Json:
    try:
        return multipart.parse(content_type, body)
    except multipart.Malformed as error:
        raise ApiError("InvalidRequest", reason=error.text) from error
