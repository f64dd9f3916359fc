"""Where events are pushed to in tests: a real server that keeps what it got and answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What came, in order, and what to answer."""

    url: str
    got: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses of the next answers; after them 200."""
    on_post: Callable[[], None] = lambda: None
    """Called after a body was read, before the answer."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, seconds: float = 30) -> list[dict[str, Any]]:
        """The first so many bodies, once they are here."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.got) >= count, seconds):
                raise TimeoutError(f"{len(self.got)} of {count} events came")
            return self.got[:count]

    def wait_until(self, last: Callable[[dict[str, Any]], bool], seconds: float = 30) -> list[dict[str, Any]]:
        """All bodies up to the first that is the `last`, once it is here: what was not answered in time comes twice."""
        with self.changed:
            if not self.changed.wait_for(lambda: any(map(last, self.got)), seconds):
                raise TimeoutError(f"{len(self.got)} events came, and not the last")
            return self.got[: [last(body) for body in self.got].index(True) + 1]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with receiver.changed:
                receiver.got.append(body)
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.changed.notify_all()
            receiver.on_post()
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/events")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
