"""How do a test and its server talk? A line of JSON each way, over a socket pair that the server's process inherits.

Nothing of it is in the file system or on a port, so nobody else can find it; and it ends with the test's process.
"""

import json
import socket
import threading
from contextlib import suppress
from typing import Any

Json = dict[str, Any]


class Refused(ValueError):
    """The server could not do what the test asked for; the text says why."""


class Gone(ConnectionError):
    """The server's process is not there any more; the text ends with what it logged last."""


class Line:
    """One end."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._file = end.makefile("rwb")

    def send(self, message: Json) -> None:
        """Raises OSError when the other end is gone."""
        self._file.write(json.dumps(message).encode() + b"\n")
        self._file.flush()

    def receive(self) -> Json | None:
        """The next message; None at the end of the line. Raises OSError, also after the socket's timeout."""
        text = self._file.readline()
        if not text.endswith(b"\n"):
            return None
        message: Json = json.loads(text)
        return message

    def wait(self, seconds: float) -> bool:
        """Whether there is something to receive, or the end, within that time. Only between messages."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        except OSError:  # reset: there is an end to be received
            return True
        finally:
            self._socket.settimeout(None)
        return True

    def close(self) -> None:
        """End the line, whoever else holds this end (a forked process may)."""
        with suppress(OSError):  # the other end was quicker
            self._socket.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):  # what was not sent has nobody to go to
            self._file.close()
        self._socket.close()


class Caller:
    """The test's end: one question at a time, from any thread."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lock = threading.Lock()

    def ask(self, what: str, **details: Any) -> Any:
        """What the server answers. Raises Refused, and OSError when it is gone."""
        with self._lock:
            self._line.send({"ask": what, **details})
            answer = self._line.receive()
        if answer is None:
            raise ConnectionError("the line ended")
        if "refused" in answer:
            raise Refused(answer["refused"])
        return answer["answer"]
