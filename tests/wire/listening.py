"""A real web server in this process, on a port of its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from openvod.edge.listening import WebServer


@contextmanager
def running(web: WebServer) -> Iterator[tuple[str, int]]:
    """Its address; it has ended afterwards."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=web.run, args=([listener],))
    thread.start()
    yield listener.getsockname()
    web.should_exit = True
    thread.join(20)
    assert not thread.is_alive()
