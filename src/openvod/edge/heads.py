"""How long may a request's head be, and how long may it take? The fast HTTP parser sets no limit, and a head is read
before anybody is known.

The usual request comes in one piece and costs no timer: one is only started for a new connection, and for what did
not come whole.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers; a GET's parameters (32 KB) and everything that clients send fit well."""
BODY_SECONDS = 60.0
BODY_LEAST = 16 * 1024
"""Bytes of an unfinished body that must come in each `BODY_SECONDS`; slower clients only hold a place."""

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and all of them, may take."""

    head_seconds: float
    """From the connection, or from a later head's first byte, to the head's end."""
    connections: int
    """Open at the same time; who comes then is told to come later."""


class LimitedHeads(HttpToolsProtocol):
    """uvicorn's protocol on httptools, which drops a connection whose head or body does not end in time."""

    def __init__(self, *, limits: Limits, **given: Any) -> None:
        super().__init__(**given)
        self._limits = limits
        self._in_head = False
        self._read = 0
        """Bytes since the head began; later, of the body since the timer was set."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn's."""
        super().connection_made(transport)
        self._in_head = True
        if len(self.connections) > self._limits.connections:
            transport.write(BUSY)
            transport.close()
        else:
            self._set_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn's."""
        self._drop_timer()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """As uvicorn's."""
        self._in_head, self._read = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """As uvicorn's."""
        self._in_head = False
        if self._timer is not None:
            self._drop_timer()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """As uvicorn's; what ends a head within one piece of data is never too long for it."""
        super().data_received(data)
        cycle = self.cycle
        if self._in_head or cycle is None or cycle.more_body or cycle.response_complete:
            self._watch(len(data))

    def _watch(self, size: int) -> None:
        """So many bytes came, and they did not end a request."""
        self._read += size
        if self._in_head and self._read > HEAD_LIMIT:
            self.transport.abort()
        elif self._timer is None and not self.transport.is_closing() and self._is_owed_something():
            self._set_timer()

    def _is_owed_something(self) -> bool:
        """Also when bytes that begin no request ended the wait for the next one, and with it uvicorn's own timer."""
        return self._in_head or self._in_body() or not (self._is_answering() or self.timeout_keep_alive_task)

    def _in_body(self) -> bool:
        return not self._in_head and self.cycle is not None and self.cycle.more_body

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _set_timer(self) -> None:
        seconds = self._limits.head_seconds
        if self._in_body():
            seconds, self._read = BODY_SECONDS, 0
        self._timer = self.loop.call_later(seconds, self._is_late)

    def _drop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _is_late(self) -> None:
        """The timer's end. While we do not read, the client is not to blame."""
        self._timer = None
        if not self._is_owed_something():
            return
        comes = self._in_body() and (self.flow.read_paused or self._read >= BODY_LEAST)
        waits = self._in_head and self._is_answering()  # a head behind a request that is being answered
        if comes or waits:
            self._set_timer()
        else:
            self.transport.abort()
