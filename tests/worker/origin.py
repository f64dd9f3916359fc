"""A real HTTP server on the loopback address that keeps to the rules, or breaks them as a test says."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Breach = Callable[["Ask"], None]
"""Answers one request in its own way."""


@dataclass
class Origin:
    body: bytes
    etag: str = '"v1"'
    ranges: bool = True
    breaches: list[Breach] = field(default_factory=list)
    """One for each of the next requests; the others are answered by the rules."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The headers of every request, with its path as `:path`."""
    sent: int = 0
    """Bytes of bodies that went out."""
    gate: threading.Event = field(default_factory=threading.Event)
    """What `stall` waits for."""
    port: int = 0

    def url(self, path: str = "/film.mp4", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


class Ask(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    origin: Origin

    def do_GET(self) -> None:
        self.origin.asked.append({":path": self.path, **dict(self.headers.items())})
        self.close_connection = True
        if self.origin.breaches:
            self.origin.breaches.pop(0)(self)
        else:
            self.by_the_rules()

    def by_the_rules(self, upto: int | None = None, etag: str | None = None) -> None:
        """The whole or the rest; `upto` cuts the connection before that byte of the file."""
        tag, body, start = etag or self.origin.etag, self.origin.body, 0
        wanted = re.fullmatch(r"bytes=([0-9]+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") in (None, tag)
        if wanted and self.origin.ranges and same:
            start = int(wanted[1])
            if start >= len(body):
                self.send_error(416)
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        if tag:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.say(body[start:upto])

    def say(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()
        self.origin.sent += len(data)

    def log_message(self, *_: object) -> None:
        pass


def drop(at: int) -> Breach:
    """The connection ends before that byte of the file."""
    return lambda ask: ask.by_the_rules(upto=at)


def stall(at: int) -> Breach:
    """The same, but the connection stays, silent, until the origin's gate opens."""

    def breach(ask: Ask) -> None:
        ask.by_the_rules(upto=at)
        ask.origin.gate.wait(60)

    return breach


def trickle(at: int) -> Breach:
    """The same, but the rest comes byte by byte."""

    def breach(ask: Ask) -> None:
        ask.by_the_rules(upto=at)
        for place in range(at, len(ask.origin.body)):
            if ask.origin.gate.wait(0.02):
                return
            ask.say(ask.origin.body[place : place + 1])

    return breach


def status(code: int, location: str = "") -> Breach:
    def breach(ask: Ask) -> None:
        ask.send_response(code)
        if location:
            ask.send_header("Location", location)
        ask.send_header("Content-Length", "0")
        ask.end_headers()

    return breach


def says(body: bytes, **headers: str) -> Breach:
    """200 with these headers (`Content_Length="5"`) and this body."""

    def breach(ask: Ask) -> None:
        ask.send_response(200)
        for name, value in headers.items():
            ask.send_header(name.replace("_", "-"), value)
        ask.end_headers()
        ask.say(body)

    return breach


def endless(ask: Ask) -> None:
    """Without a length and without an end."""
    ask.send_response(200)
    ask.end_headers()
    try:
        while True:
            ask.say(bytes(65536))
    except OSError:
        pass


@contextmanager
def origin(body: bytes, **others: object) -> Iterator[Origin]:
    made = Origin(body, **others)  # type: ignore[arg-type]
    handler = type("Handler", (Ask,), {"origin": made})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up is no error here
    made.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield made
    finally:
        made.gate.set()
        server.shutdown()
        server.server_close()
        serving.join()
