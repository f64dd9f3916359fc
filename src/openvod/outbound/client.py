"""How is a request made to the outside, and its answer read? GET into a file or block by block, POST for its status."""

import http.client
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from openvod import __version__
from openvod.outbound.address import Policy
from openvod.outbound.connection import Connection, Limits, Network, connect
from openvod.outbound.faults import Failed, Refused
from openvod.outbound.target import Target, parse

BLOCK = 2**18
MAX_REDIRECTS = 5
NETWORK = Network()
FORBIDDEN = frozenset({"authorization", "cookie", "proxy-authorization", "host", "content-length"})
"""Headers that a caller cannot set: credentials must not travel to strangers, and the rest is ours."""
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer says of itself."""

    url: str
    """After redirects."""
    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    offset: int = 0
    """Where in the file the body begins: `resume_from`, or 0 when the other side sends all of it again."""
    total: int | None = None
    """Bytes of the whole file, where the other side says."""

    @property
    def validator(self) -> str:
        """What `resume_from` needs to notice that the file is another one by then; empty if there is nothing."""
        etag = self.headers.get("etag", "")
        return etag if etag and not etag.startswith("W/") else self.headers.get("last-modified", "")


class Incoming:
    """An answer whose body is still to be read."""

    def __init__(self, head: Head, response: http.client.HTTPResponse, most: int) -> None:
        self.head = head
        self._response = response
        self._most = most

    def blocks(self) -> Iterator[bytes]:
        """The body. Raises Failed when it is too large, too slow, or ends before its announced end."""
        came = self.head.offset
        announced = None if self._response.length is None else came + self._response.length
        while True:
            with failures():
                block = self._response.read1(BLOCK)
            if not block:
                break
            came += len(block)
            if came > self._most:
                raise Failed("size", limit=self._most)
            yield block
        if announced is not None and came < announced:
            raise Failed("ended")


@contextmanager
def stream(
    url: str,
    policy: Policy,
    *,
    limits: Limits,
    headers: Mapping[str, str] | None = None,
    resume_from: int = 0,
    validator: str = "",
    network: Network = NETWORK,
) -> Iterator[Incoming]:
    """GET a URL, redirects followed; the answer is 200 or 206.

    `resume_from` asks for the bytes from there on, if the file is still the one of `validator`; look at
    `head.offset` for what came of it. `limits.bytes` is for the whole file. Raises Refused, Failed.
    """
    wanted = dict(headers or {})
    if resume_from:
        wanted["Range"] = f"bytes={resume_from}-"
        if validator:
            wanted["If-Range"] = validator
    with _answered("GET", url, policy, limits, network, wanted, None) as (target, response):
        if response.status not in (200, 206):
            raise Failed("status", status=response.status)
        if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise Failed("encoding")
        offset, total = _extent(response, resume_from)
        if total is not None and total > limits.bytes:
            raise Failed("size", limit=limits.bytes)
        yield Incoming(_head(target, response, offset, total), response, limits.bytes)


def fetch(  # noqa: PLR0913 - by keyword only, and those of `stream`
    url: str,
    policy: Policy,
    *,
    limits: Limits,
    sink: BinaryIO,
    headers: Mapping[str, str] | None = None,
    resume_from: int = 0,
    validator: str = "",
    network: Network = NETWORK,
) -> Head:
    """`stream` into a seekable file, from `resume_from` or, if the other side begins anew, from its start.

    Raises Refused, Failed; what came until then is in the file, and may be resumed.
    """
    options = {"limits": limits, "headers": headers, "network": network}
    with stream(url, policy, resume_from=resume_from, validator=validator, **options) as incoming:  # type: ignore[arg-type]
        sink.seek(incoming.head.offset)
        sink.truncate()
        for block in incoming.blocks():
            sink.write(block)
        return incoming.head


def post(
    url: str,
    body: bytes,
    policy: Policy,
    *,
    limits: Limits,
    headers: Mapping[str, str] | None = None,
    network: Network = NETWORK,
) -> Head:
    """POST a body, JSON unless `headers` say otherwise; whatever the answer's status is. Its body is not read.

    Followed are 307 and 308 only, which keep the method. Raises Refused, Failed.
    """
    wanted = {"Content-Type": "application/json", **(headers or {})}
    with _answered("POST", url, policy, limits, network, wanted, body) as (target, response):
        return _head(target, response)


@contextmanager
def _answered(  # noqa: PLR0917 - what both kinds of request have
    method: str,
    url: str,
    policy: Policy,
    limits: Limits,
    network: Network,
    headers: Mapping[str, str],
    body: bytes | None,
) -> Iterator[tuple[Target, http.client.HTTPResponse]]:
    if forbidden := FORBIDDEN & {name.lower() for name in headers}:
        raise ValueError(f"headers that a call to the outside must not carry: {sorted(forbidden)}")
    target, deadline = parse(url), time.monotonic() + limits.total_seconds
    moves = (307, 308) if body is not None else (301, 302, 303, 307, 308)
    for _ in range(MAX_REDIRECTS + 1):
        request = request_bytes(method, target, headers, body)
        connection = connect(target, policy, limits, deadline, network)
        try:
            with failures():
                connection.sendall(request)
                response = response_of(connection, method)
            with response:
                location = response.headers.get("Location")
                if response.status not in moves or location is None:
                    yield target, response
                    return
                target = target.redirected(location)
        finally:
            connection.close()
    raise Refused("redirects", limit=MAX_REDIRECTS)


def request_bytes(method: str, target: Target, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request as it goes over the wire. Raises ValueError for a header with a line break."""
    lines = {
        "Host": target.authority,
        "User-Agent": f"openvod/{__version__}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    if body is not None:
        lines["Content-Length"] = str(len(body))
    text = f"{method} {target.path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in lines.items()
    )
    if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
        raise ValueError("a header with a line break")
    return text.encode("latin-1") + b"\r\n" + (body or b"")


def response_of(connection: Connection, method: str) -> http.client.HTTPResponse:
    """The head of the answer; its body is still to be read. Raises what `http.client` raises."""
    response = http.client.HTTPResponse(connection, method=method)  # type: ignore[arg-type]  # it only makes a file
    response.begin()
    return response


def _head(
    target: Target, response: http.client.HTTPResponse, offset: int = 0, total: int | None = None
) -> Head:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Head(target.url, response.status, headers, offset, total)


def _extent(response: http.client.HTTPResponse, resume_from: int) -> tuple[int, int | None]:
    """(where the body begins, bytes of the whole file). Raises Failed for a range that was not asked for."""
    if response.status == 200:
        return 0, response.length
    found = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
    if found is None or not resume_from or int(found[1]) != resume_from:
        raise Failed("protocol")
    return resume_from, None if found[3] == "*" else int(found[3])


@contextmanager
def failures() -> Iterator[None]:
    """What sockets and `http.client` raise, as Failed."""
    try:
        yield
    except TimeoutError as error:
        raise Failed("time") from error
    except http.client.IncompleteRead as error:
        raise Failed("ended") from error
    except (http.client.HTTPException, ValueError) as error:
        raise Failed("protocol") from error
    except OSError as error:
        raise Failed("ended") from error
