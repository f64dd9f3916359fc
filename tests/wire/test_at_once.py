"""Questions that are answered where their last byte is read: on real connections, among requests that are not."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import ClassVar

import pytest
from starlette.types import Receive, Scope, Send

from openvod.core.settings import Settings
from openvod.edge.listening import WebServer
from openvod.edge.writing import Writing
from tests.wire.listening import running

ASK = b"POST /ask HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
CLOSE = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Doors:
    """Says which way a request went, with what body."""

    told: ClassVar[list[bytes]] = []
    """What was asked for once it was written."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body, more = body + message["body"], message["more_body"]
        said = b"<usual %s>" % body
        headers = [(b"content-length", b"%d" % len(said))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    def is_one(self, scope: Scope) -> bool:
        return str(scope["path"]) == "/ask"

    def answer(self, scope: Scope, body: bytes) -> bytes | Writing | None:
        if body.startswith(b"write"):
            written: Future[None] = Future()
            threading.Timer(0.05, written.set_result, [None]).start()
            return Writing(written, lambda: self._told(body))
        return None if body == b"long" else b"<at once %s>" % body

    def _told(self, body: bytes) -> bytes:
        self.told.append(body)
        return b"<written %s>" % body


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    doors = Doors()
    with running(WebServer(doors, replace(Settings(), head_seconds=20.0), None, doors)) as address:
        yield address


def talked(address: tuple[str, int], *pieces: bytes) -> bytes:
    """All that comes back until the server closes."""
    with socket.create_connection(address, timeout=20) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            line.sendall(piece)
        return b"".join(iter(lambda: line.recv(65536), b""))


def ways(answers: bytes) -> list[bytes]:
    """What was said, in order."""
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == answers.count(b"<")
    return [part.partition(b">")[0] for part in answers.split(b"<")[1:]]


def test_a_question_is_answered_and_the_connection_goes_on(address: tuple[str, int]) -> None:
    answers = talked(address, ASK % (1, b"1"), ASK % (1, b"2"), CLOSE)
    assert ways(answers) == [b"at once 1", b"at once 2", b"usual "]
    head = answers.partition(b"\r\n\r\n")[0].lower()
    assert b"content-type: application/json" in head
    assert b"content-length: 11" in head
    assert b"\r\ndate: " in head


def test_questions_that_come_together_are_answered_in_turn(address: tuple[str, int]) -> None:
    usual = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n2"
    assert ways(talked(address, ASK % (1, b"1") + usual + ASK % (1, b"3") + ASK % (1, b"4") + CLOSE)) == [
        b"at once 1",
        b"usual 2",
        b"usual 3",  # it waited behind one that went the usual way
        b"usual 4",
        b"usual ",
    ]


def test_a_question_may_come_in_pieces(address: tuple[str, int]) -> None:
    whole = ASK % (6, b"pieces") + CLOSE
    for cut in range(1, len(whole) - len(CLOSE)):
        assert ways(talked(address, whole[:cut], whole[cut:])) == [b"at once pieces", b"usual "]


def test_what_takes_longer_goes_the_usual_way(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as line:
        line.sendall(ASK % (4, b"long"))
        seen = b""
        while b">" not in seen:  # else the next one waits behind it, and goes the usual way as well
            seen += line.recv(65536)
        line.sendall(ASK % (1, b"1") + CLOSE)
        seen += b"".join(iter(lambda: line.recv(65536), b""))
    assert ways(seen) == [b"usual long", b"at once 1", b"usual "]


def test_the_last_answer_closes(address: tuple[str, int]) -> None:
    last = b"POST /ask HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1"
    answers = talked(address, last)
    assert ways(answers) == [b"at once 1"]
    assert b"\r\nconnection: close\r\n" in answers
    assert ways(talked(address, last.replace(b"HTTP/1.1", b"HTTP/1.0"))) == [b"at once 1"]


def test_who_waits_to_be_told_to_send_a_body_is_told(address: tuple[str, int]) -> None:
    head = b"POST /ask HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    answers = talked(address, head, b"1", CLOSE)
    assert answers.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert b"<usual 1>" in answers


def test_who_goes_away_before_the_end_of_a_question_harms_nobody(address: tuple[str, int]) -> None:
    for cut in (40, len(ASK % (6, b"pieces")) - 1):
        with socket.create_connection(address, timeout=20) as line:
            line.sendall((ASK % (6, b"pieces"))[:cut])
    assert ways(talked(address, ASK % (1, b"1"), CLOSE)) == [b"at once 1", b"usual "]


def test_what_is_written_is_answered_then_and_in_turn(address: tuple[str, int]) -> None:
    asked = [ASK % (len(body), body) for body in (b"write 1", b"2", b"write 3")]
    assert ways(talked(address, *asked, CLOSE)) == [
        b"written write 1",
        b"usual 2",
        b"usual write 3",
        b"usual ",
    ]


def test_what_is_written_closes_if_it_is_the_last(address: tuple[str, int]) -> None:
    last = b"POST /ask HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\nwrite l"
    assert ways(talked(address, last)) == [b"written write l"]


def test_what_is_written_is_told_even_if_its_client_has_gone(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=20) as line:
        line.sendall(ASK % (7, b"write g"))
    deadline = time.monotonic() + 20
    while b"write g" not in Doors.told and time.monotonic() < deadline:
        time.sleep(0.01)
    assert b"write g" in Doors.told
    assert ways(talked(address, ASK % (1, b"x"), CLOSE)) == [b"at once x", b"usual "]
