"""How long may a request's head be? The fast HTTP parser sets no limit, and a head is read before anybody is known."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers; a GET's parameters (32 KB) and everything that clients send fit well."""


class LimitedHeads(HttpToolsProtocol):
    """uvicorn's protocol on httptools, which drops a connection whose head does not end in time."""

    _in_head = False
    _read = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn's."""
        super().connection_made(transport)
        self._in_head = True

    def on_message_begin(self) -> None:
        """As uvicorn's."""
        self._in_head, self._read = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """As uvicorn's."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """As uvicorn's; what ends a head within one piece of data is never too long for it."""
        super().data_received(data)
        self._read += len(data)
        if self._in_head and self._read > HEAD_LIMIT:
            self.transport.abort()
