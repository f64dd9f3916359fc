"""Real servers on the loopback address that answer as a script says, byte for byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket, bytes], None]
"""Gets the connection and the request's head; what it returns from is closed."""


@dataclass
class FarSide:
    port: int
    requests: list[bytes] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


def answer(body: bytes, status: str = "200 OK", *lines: str, length: int | None = None) -> Script:
    """One answer, whose Content-Length may lie."""
    announced = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {announced}", *lines])
    return lambda sock, _: sock.sendall(head.encode() + b"\r\n\r\n" + body)


def redirect(location: str, status: str = "302 Found") -> Script:
    return answer(b"", status, f"Location: {location}")


@contextmanager
def far_side(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[FarSide]:
    listener = socket.create_server(("127.0.0.1", 0))
    side = FarSide(listener.getsockname()[1])

    def serve(sock: socket.socket) -> None:
        with suppress(OSError), sock:
            talk = tls.wrap_socket(sock, server_side=True) if tls else sock
            with talk:
                request = b""
                while b"\r\n\r\n" not in request and (more := talk.recv(65536)):
                    request += more
                side.requests.append(request)
                script(talk, request)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                thread = threading.Thread(target=serve, args=(sock,), daemon=True)
                threads.append(thread)
                thread.start()

    threads: list[threading.Thread] = []
    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield side
    finally:
        side.stopping.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join(10)
