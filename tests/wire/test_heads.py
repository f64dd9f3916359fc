"""How long may a client take? Real connections to a real server in this process, with limits that a test can wait for."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from starlette.types import Receive, Scope, Send

from openvod.core.settings import SettingError, Settings
from openvod.edge import heads, listening
from openvod.edge.listening import WebServer
from tests.wire.listening import running

SECONDS = 0.3
"""That a head may take; a piece of a body may take twice as long."""
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Echo:
    """Answers with the body's length; `/wait` only once `/go` was asked for."""

    def __init__(self) -> None:
        self._go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size, more = size + len(message["body"]), message["more_body"]
        if scope["path"] == "/go":
            self._go.set()
        elif scope["path"] == "/wait":
            await self._go.wait()
        body = b"%d" % size
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(heads, "BODY_SECONDS", 2 * SECONDS)
    monkeypatch.setattr(listening, "_connections", lambda: getattr(request, "param", 100))
    with running(WebServer(Echo(), replace(Settings(), head_seconds=SECONDS))) as address:
        yield address


@pytest.fixture
def connect(address: tuple[str, int]) -> Iterator[Callable[[], socket.socket]]:
    with contextlib.ExitStack() as open_ones:
        yield lambda: open_ones.enter_context(socket.create_connection(address, timeout=20))


def read(line: socket.socket) -> bytes:
    """All that comes until the end, which may be a reset."""
    told = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := line.recv(65536):
            told += piece
    return told


def answered(line: socket.socket, body: bytes = b"0") -> bool:
    told = b""
    while not told.endswith(b"\r\n\r\n" + body):
        piece = line.recv(65536)
        assert piece, told
        told += piece
    return told.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "start",
    [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n"],
    ids=["nothing", "byte", "head", "newline"],
)
def test_a_head_that_does_not_end_is_dropped(connect: Callable[[], socket.socket], start: bytes) -> None:
    line = connect()
    line.sendall(start)
    assert read(line) == b""


def test_a_head_that_trickles_is_dropped_as_well(connect: Callable[[], socket.socket]) -> None:
    line = connect()
    line.settimeout(0.05)
    sent = 0
    with contextlib.suppress(ConnectionError):
        for byte in b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 1000:
            line.send(bytes([byte]))
            sent += 1
            with contextlib.suppress(TimeoutError):
                if line.recv(1) == b"":
                    break
    assert sent < 100


@pytest.mark.parametrize("start", [b"GET / HT", b"\r\n"], ids=["head", "newline"])
def test_a_later_head_has_its_time_too(connect: Callable[[], socket.socket], start: bytes) -> None:
    line = connect()
    line.sendall(WHOLE)
    assert answered(line)
    line.sendall(start)
    assert read(line) == b""


def test_a_connection_may_rest_longer_than_a_head_may_take(connect: Callable[[], socket.socket]) -> None:
    resting, late = connect(), connect()
    for _ in range(2):
        resting.sendall(WHOLE)
        assert answered(resting)
        late.sendall(b"GET /")
        assert read(late) == b""  # so long has `resting` rested
        late = connect()
    resting.sendall(WHOLE)
    assert answered(resting)


def test_a_body_that_stops_is_dropped_and_one_that_comes_is_not(
    connect: Callable[[], socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "BODY_LEAST", 10)
    coming, stopped = connect(), connect()
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n"
    stopped.sendall(head + b"x")
    coming.sendall(head)
    for _ in range(2):
        coming.sendall(b"y" * 20)
        late = connect()
        late.sendall(b"GET /")
        assert read(late) == b""  # so much time has passed
    coming.sendall(b"y" * 20)
    assert answered(coming, b"60")
    assert read(stopped) == b""


@pytest.mark.parametrize("address", [2], indirect=True)
def test_there_is_a_most_of_connections(connect: Callable[[], socket.socket]) -> None:
    lines = [connect() for _ in range(2)]
    for line in lines:
        line.sendall(WHOLE)
        assert answered(line)
    third = connect()
    assert read(third).startswith(b"HTTP/1.1 503 ")
    lines[0].sendall(WHOLE)
    assert answered(lines[0])


def test_who_waits_for_an_answer_is_not_late(connect: Callable[[], socket.socket]) -> None:
    """Not even with half a head behind the request."""
    waiting, late = connect(), connect()
    waiting.sendall(WHOLE.replace(b"/", b"/wait", 1) + b"GET /")
    late.sendall(b"GET /")
    assert read(late) == b""
    other = connect()
    other.sendall(WHOLE.replace(b"/", b"/go", 1))
    assert answered(other)
    assert answered(waiting)
    assert read(waiting) == b""


@pytest.mark.parametrize("seconds", [0.0, 1e9, float("nan"), float("inf")])
def test_a_time_that_makes_no_sense_is_refused(seconds: float) -> None:
    with pytest.raises(SettingError, match="head_seconds"):
        listening.check(replace(Settings(), head_seconds=seconds))


def test_no_more_connections_than_half_of_the_files() -> None:
    assert 1 <= listening._connections() <= listening.MOST_CONNECTIONS
