"""A client that signs like the official ones, and looks at everything that an answer must have."""

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from openvod.core import signing, spec
from openvod.core.signing import Scope

SPEC = spec.load()


def fields_of(answer: bytes, asked: object) -> dict[str, Any]:
    """The answer's fields, after checking what every answer must have: a RequestId, and never a failure of ours."""
    envelope = json.loads(answer.decode("utf-8"))
    assert envelope.keys() == {"Response"}
    fields: dict[str, Any] = envelope["Response"]
    assert str(uuid.UUID(fields["RequestId"])) == fields["RequestId"]
    if "Error" in fields:
        assert fields.keys() == {"Error", "RequestId"}
        assert fields["Error"].keys() == {"Code", "Message"}
        assert all(type(text) is str and text for text in fields["Error"].values())
        assert not fields["Error"]["Code"].startswith("InternalError"), asked
    return fields


class Client:
    """One key, one connection that is kept."""

    def __init__(self, address: str, secret_id: str, secret_key: str) -> None:
        self._address = address
        self._key = secret_id, secret_key
        self._connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, action: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's fields, `Error` too. A success has the shape that the API promises."""
        fields = self.send("POST", "/", self.signed(action, body := json.dumps(params).encode()), body)
        if "Error" not in fields:
            SPEC.check_response(action, fields)
        return fields

    def signed(self, action: str, body: bytes, content_type: str = "application/json") -> dict[str, str]:
        """The headers of a request."""
        now = int(time.time())
        secret_id, secret_key = self._key
        scope = Scope(signing.utc_date(now), "vod")
        canonical = signing.canonical_tc3(
            "POST", "", signing.SIGNED_HEADERS, (content_type, self._address), signing.payload_hash(body)
        )
        signature = signing.tc3_signature(secret_key, scope, str(now), canonical)
        return {
            "Host": self._address,
            "Content-Type": content_type,
            "X-TC-Action": action,
            "X-TC-Version": "2018-07-17",
            "X-TC-Timestamp": str(now),
            "Authorization": f"{signing.ALGORITHM} Credential={secret_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}",
        }

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Whatever is sent to the API: HTTP 200, JSON, a RequestId, and never a failure of ours."""
        self._connection.request(method, target, body, dict(headers))
        answer = self._connection.getresponse()
        text = answer.read()
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json"), text
        return fields_of(text, (headers, body))

    def close(self) -> None:
        self._connection.close()
