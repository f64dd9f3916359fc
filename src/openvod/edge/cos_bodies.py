"""How does a body of an upload become a stored object? Streamed, counted, and compared with what the client announced."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from anyio import CapacityLimiter, fail_after, from_thread, to_thread
from starlette.requests import Request

from openvod.edge import crc64
from openvod.edge.cos_signature import CosError
from openvod.store.blobs import Blobs, Stored
from openvod.store.room import Room

SMALL_LIMIT = 2**20
"""Bytes of a body that is read as a whole: a CompleteMultipartUpload of 10,000 parts stays below."""
RECEIVING = 64
"""Bodies that are received at a time; each holds a thread, and they must not take those of the API."""
IDLE_SECONDS = 60
"""How long a client may send nothing in the middle of a body."""


@dataclass(frozen=True, slots=True)
class Received:
    """A body that came whole."""

    stored: Stored
    crc64: str
    """Decimal, as COS answers it; empty if it cannot be computed here."""

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says about it."""
        return about(self.stored.md5, self.crc64)


def about(md5: str, crc: str = "") -> dict[str, str]:
    """The headers that describe an object."""
    return {"ETag": f'"{md5}"', **({"x-cos-hash-crc64ecma": crc} if crc else {})}


class Bodies:
    """Receives bodies into blobs of their own, which are nobody's until a row refers to them."""

    def __init__(self, blobs: Blobs, room: Room, limit: int) -> None:
        self._blobs = blobs
        self._room = room
        self._limit = limit
        """Bytes that one object may have."""
        self._receiving = CapacityLimiter(RECEIVING)
        self._crc64 = crc64.find()

    async def receive(self, request: Request) -> Received:
        """Raises CosError: EntityTooLarge, IncompleteBody, RequestTimeout, BadDigest; NoRoom. Nothing is kept then."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._limit:
            raise CosError("EntityTooLarge", f"More than {self._limit} bytes.", 400)
        stream = request.stream()
        crc = 0

        async def following() -> bytes:
            try:
                with fail_after(IDLE_SECONDS):
                    return await anext(stream, b"")
            except TimeoutError as error:
                raise CosError("RequestTimeout", f"Nothing for {IDLE_SECONDS} seconds.", 400) from error

        def blocks() -> Iterator[bytes]:
            nonlocal crc
            size = 0
            self._room.check(int(announced) if announced.isdigit() else 0)
            while block := from_thread.run(following):
                size += len(block)
                if size > self._limit:
                    raise CosError("EntityTooLarge", f"More than {self._limit} bytes.", 400)
                self._room.check(len(block))
                crc = self._crc64(block, crc) if self._crc64 else 0
                yield block
            if announced.isdigit() and size != int(announced):
                raise CosError("IncompleteBody", f"{size} of {announced} bytes arrived.", 400)

        key = self._blobs.new_key()
        stored = await to_thread.run_sync(self._blobs.put, key, blocks(), limiter=self._receiving)
        if not _is_md5(request, stored.md5):
            await to_thread.run_sync(self._blobs.delete, stored.key)
            raise CosError("BadDigest", "Content-MD5 does not match the body.", 400)
        return Received(stored, str(crc) if self._crc64 else "")


async def small(request: Request) -> bytes:
    """A body that fits in memory. Raises CosError: EntityTooLarge, BadDigest."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > SMALL_LIMIT:
            raise CosError("EntityTooLarge", "The body is too large.", 400)
    if not _is_md5(request, hashlib.md5(body, usedforsecurity=False).hexdigest()):
        raise CosError("BadDigest", "Content-MD5 does not match the body.", 400)
    return body


def _is_md5(request: Request, md5: str) -> bool:
    """Whether a body has the MD5 that was announced, if one was."""
    given = request.headers.get("content-md5")
    if not given:
        return True
    try:
        return base64.b64decode(given, validate=True).hex() == md5
    except ValueError:  # binascii.Error is one; a text that is not ASCII is another
        return False
