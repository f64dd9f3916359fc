"""Does a request's host name lead to a bucket? The object-storage names that upload SDKs make up, pointed here.

Names as the COS SDKs for Python, Node, Go and browsers spell them: `<bucket>.cos.<region>.myqcloud.com`, the same on
`tencentcos.cn`, `cos-internal` and `accelerate` names. API names (`vod.tencentcloudapi.com` and its relatives) and
any other name lead to the API.
"""

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

_BUCKET = re.compile(
    rb"(?:https?://)?(?:([a-z0-9-]+)\.)?cos(?:-internal|-cdc|v6)?(?:\.[a-z0-9-]+)+?\.(?:myqcloud\.com|tencentcos\.cn)"
    rb"\.?(?::[0-9]+)?"
)


def bucket(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The bucket that the Host header names, empty if it names the storage service only, None for another name.

    `headers` as ASGI has them: names in lower case, bytes.
    """
    for name, host in headers:
        if name == b"host":
            if b"cos" not in (lowered := host.lower()):  # nearly always; and every request comes by here
                return None
            named = _BUCKET.fullmatch(lowered)
            return None if named is None else (named[1] or b"").decode()
    return None


def by_name(storage: ASGIApp, others: ASGIApp) -> ASGIApp:
    """One application of two: requests to storage names go to the one, all others to the other."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        is_storage = scope["type"] == "http" and bucket(scope["headers"]) is not None
        await (storage if is_storage else others)(scope, receive, send)

    return choose
