"""What does a signature cover? The texts that signer and verifier both make, and a signer of TC3.

TC3-HMAC-SHA256 signs the method, the raw query of a GET, the headers it lists, the body, and the time.
Version 1 signs the method, the host and all parameters. Facts: the official SDKs' source and captured
requests.
"""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

ALGORITHM = "TC3-HMAC-SHA256"
UNSIGNED = b"UNSIGNED-PAYLOAD"
"""What is hashed instead of the body when X-TC-Content-SHA256 says so."""
SIGNED_HEADERS = ("content-type", "host")
"""What the SDKs list, and every TC3 signature must."""
JSON_TYPE = "application/json"
DAY_SECONDS = 86400


class Scope(NamedTuple):
    """What a TC3 signing key is for."""

    date: str
    """UTC date of the timestamp, `2026-05-12`."""
    service: str
    """The product by the client's idea of the endpoint: `vod`, but also `127` or `localhost:9000`."""

    def __str__(self) -> str:
        return f"{self.date}/{self.service}/tc3_request"


def octets(text: str) -> bytes:
    """A header or target as it was on the wire; HTTP servers hand them out decoded as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:  # not from a socket: a signer's own text
        return text.encode("utf-8", "surrogatepass")


def utc_date(timestamp: int) -> str:
    """The date that belongs into the scope of a signature made at this Unix time."""
    return _date(timestamp // DAY_SECONDS)


@lru_cache(maxsize=16)
def _date(day: int) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(day * DAY_SECONDS))


def payload_hash(body: bytes, *, unsigned: bool = False) -> str:
    """The last line of the canonical request."""
    return sha256(UNSIGNED if unsigned else body).hexdigest()


def canonical_tc3(
    method: str, query: str, signed: tuple[str, ...], values: tuple[str, ...], body_hash: str
) -> bytes:
    """The canonical request. The path is always `/`; `query` is raw, and empty for a POST."""
    lines = "".join([f"{name}:{value}\n" for name, value in zip(signed, values, strict=True)])
    return octets(f"{method}\n/\n{query}\n{lines}\n{';'.join(signed)}\n{body_hash}")


def tc3_signature(secret_key: str, scope: Scope, timestamp: str, canonical: bytes) -> str:
    """64 lower-case hex digits."""
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{sha256(canonical).hexdigest()}"
    return hmac.digest(_signing_key(secret_key, scope), octets(text), "sha256").hex()


@lru_cache(maxsize=256)
def _signing_key(secret_key: str, scope: Scope) -> bytes:
    """The key of one day and service: the same for all that a client sends on it."""
    key = f"TC3{secret_key}".encode()
    for part in (scope.date, scope.service, "tc3_request"):
        key = hmac.digest(key, octets(part), "sha256")
    return key


def v1_query(params: Mapping[str, str]) -> str:
    """The parameters as version 1 signs them: sorted, decoded, without `Signature`."""
    return "&".join([f"{name}={params[name]}" for name in sorted(params) if name != "Signature"])


def v1_digest(secret_key: str, digest: str, method: str, host: str, query: str) -> bytes:
    """The signature before base64; `digest` is `sha1` or `sha256`, `query` what `v1_query` made."""
    head = octets(f"{method}{host}/?")
    return hmac.digest(secret_key.encode(), head + query.encode("utf-8", "surrogatepass"), digest)


@dataclass(frozen=True, slots=True)
class Key:
    """Whom a signed request speaks for."""

    secret_id: str
    secret_key: str
    token: str = ""


def sign_tc3(
    key: Key, host: str, action: str, params: Mapping[str, Any], *, version: str = "2018-07-17", now: int = 0
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a signed `POST http://<host>/`, as the official SDKs send it; `now` 0 means now."""
    now = now or int(time.time())
    body = json.dumps(params).encode()
    scope = Scope(utc_date(now), "vod")
    canonical = canonical_tc3("POST", "", SIGNED_HEADERS, (JSON_TYPE, host), payload_hash(body))
    signature = tc3_signature(key.secret_key, scope, str(now), canonical)
    headers = {
        "Host": host,
        "Content-Type": JSON_TYPE,
        "X-TC-Action": action,
        "X-TC-Version": version,
        "X-TC-Timestamp": str(now),
        "Authorization": f"{ALGORITHM} Credential={key.secret_id}/{scope}, "
        f"SignedHeaders={';'.join(SIGNED_HEADERS)}, Signature={signature}",
    }
    return headers | ({"X-TC-Token": key.token} if key.token else {}), body
