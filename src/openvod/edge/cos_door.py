"""The COS door: the part of the object-storage API that upload SDKs use between ApplyUpload and CommitUpload.

A request is bound to one upload by its temporary credential: it can touch that upload's paths and nothing else.
Bodies are streamed to the object store; nothing is held in memory.
"""

import base64
import logging
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote
from xml.sax.saxutils import escape

from anyio import CapacityLimiter, fail_after, from_thread, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from openvod.core.models import STORAGE_BUCKET
from openvod.edge import cos_signature
from openvod.edge.cos_signature import CosError
from openvod.edge.signature import RawRequest
from openvod.store import Store
from openvod.store.blobs import Stored
from openvod.store.uploads import MultipartGone, Upload, UploadClosed

log = logging.getLogger(__name__)

MANIFEST_LIMIT = 2**20
"""A CompleteMultipartUpload body of 10,000 parts stays below this."""
MAX_PARTS = 10_000
RECEIVING = 64
"""Bodies that are received at a time; each holds a thread, and they must not take those of the API."""
IDLE_SECONDS = 60
"""How long a client may send nothing in the middle of a body."""

REFUSALS: dict[type[Exception], CosError] = {
    ClientDisconnect: CosError("RequestTimeout", "The client went away.", 400),
    MultipartGone: CosError("NoSuchUpload", "The upload id does not exist.", 404),
    UploadClosed: CosError("AccessDenied", "The upload is expired or committed.", 403),
}

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Expose-Headers": "ETag, x-cos-request-id",
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One authenticated COS request."""

    request: Request
    upload: Upload
    path: str
    """Decoded path, beginning with `/`."""
    query: dict[str, str]


class CosDoor:
    """Answers COS requests; `serve` is the entry, every operation below it is one method."""

    def __init__(self, store: Store, clock: Callable[[], float], limit: int) -> None:
        self._store = store
        self._clock = clock
        self._limit = limit
        """Bytes that one object may have."""
        self._receiving = CapacityLimiter(RECEIVING)

    async def serve(self, request: Request) -> Response:
        """The answer in COS's form: XML errors with real HTTP statuses."""
        request_id = uuid.uuid4().hex
        if request.method == "OPTIONS":
            asked = request.headers.get("access-control-request-headers", "*")
            return Response(status_code=200, headers={**CORS, "Access-Control-Allow-Headers": asked})
        try:
            response = await self._dispatch(await self._authenticate(request))
        except tuple(REFUSALS) as refusal:
            response = _error(REFUSALS[type(refusal)], request.url.path, request_id)
        except CosError as error:
            response = _error(error, request.url.path, request_id)
        except Exception:
            log.exception("COS request %s failed", request_id)
            response = _error(CosError("InternalError", "Internal error.", 500), "", request_id)
        response.headers.update({**CORS, "x-cos-request-id": request_id, "X-Content-Type-Options": "nosniff"})
        # The COS SDK hands headers on as they are spelled, and its users ask for "ETag".
        response.raw_headers = [
            (_Spelled(b"ETag") if name == b"etag" else name, value) for name, value in response.raw_headers
        ]
        return response

    async def _authenticate(self, request: Request) -> Ask:
        authorization = request.headers.get("authorization", "")
        if not authorization.startswith("q-sign-algorithm="):
            raise CosError("AccessDenied", "The request is not signed.", 403)
        credential = cos_signature.read(authorization)
        upload = await to_thread.run_sync(self._store.uploads.by_temp_key, credential.secret_id)
        if upload is None:
            raise CosError("InvalidAccessKeyId", "The temporary key is unknown or expired.", 403)
        if request.headers.get("x-cos-security-token") != upload.token:
            raise CosError("InvalidToken", "The x-cos-security-token is wrong.", 403)
        cos_signature.verify(_raw(request), credential, upload.temp_secret_key, self._clock())
        path = unquote(request.scope["raw_path"].decode("latin-1"))
        if path != "/" and path not in {upload.storage_path, upload.cover_path}:
            raise CosError("AccessDenied", "The temporary key is bound to another path.", 403)
        return Ask(request, upload, path, dict(request.query_params))

    async def _dispatch(self, ask: Ask) -> Response:
        method, query = ask.request.method, ask.query
        if ask.path == "/":
            if method == "GET" and "uploads" in query:
                return _xml(
                    f"<ListMultipartUploadsResult><Prefix>{escape(query.get('prefix', ''))}</Prefix>"
                    "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
                )
        elif method == "PUT" and "uploadId" in query:
            return await self._put_part(ask)
        elif method == "PUT":
            return await self._put_object(ask)
        elif method == "POST" and "uploads" in query:
            return await self._start(ask)
        elif method == "POST" and "uploadId" in query:
            return await self._complete(ask)
        elif method == "GET" and "uploadId" in query:
            return await self._list_parts(ask)
        elif method == "DELETE" and "uploadId" in query:
            await to_thread.run_sync(self._store.uploads.abort_multipart, query["uploadId"], ask.path)
            return Response(status_code=204)
        elif method == "HEAD":
            return await self._head(ask)
        raise CosError("MethodNotAllowed", "This operation is not offered.", 405)

    async def _put_object(self, ask: Ask) -> Response:
        stored = await self._receive(ask)
        await to_thread.run_sync(self._store.uploads.put_object, ask.path, stored)
        return Response(headers={"ETag": f'"{stored.md5}"'})

    async def _put_part(self, ask: Ask) -> Response:
        number = ask.query.get("partNumber", "")
        if not re.fullmatch("[0-9]{1,5}", number) or not 1 <= int(number) <= MAX_PARTS:
            raise CosError("InvalidArgument", f"partNumber must be 1 to {MAX_PARTS}.", 400)
        stored = await self._receive(ask)
        upload_id = ask.query["uploadId"]
        await to_thread.run_sync(self._store.uploads.put_part, upload_id, ask.path, int(number), stored)
        return Response(headers={"ETag": f'"{stored.md5}"'})

    async def _start(self, ask: Ask) -> Response:
        upload_id = await to_thread.run_sync(self._store.uploads.start_multipart, ask.path)
        return _xml(
            f"<InitiateMultipartUploadResult>{_named(ask)}<UploadId>{upload_id}</UploadId>"
            "</InitiateMultipartUploadResult>"
        )

    async def _list_parts(self, ask: Ask) -> Response:
        upload_id = ask.query["uploadId"]
        parts = await to_thread.run_sync(self._store.uploads.parts, upload_id, ask.path)
        rows = "".join(
            f'<Part><PartNumber>{part.number}</PartNumber><ETag>"{part.md5}"</ETag><Size>{part.size}</Size></Part>'
            for part in parts
        )
        return _xml(
            f"<ListPartsResult>{_named(ask)}<UploadId>{escape(upload_id)}</UploadId>{rows}"
            "<IsTruncated>false</IsTruncated></ListPartsResult>"
        )

    async def _complete(self, ask: Ask) -> Response:
        wanted = _manifest(await _small_body(ask.request))
        try:
            stored = await to_thread.run_sync(
                self._store.uploads.complete_multipart, ask.query["uploadId"], ask.path, wanted, self._limit
            )
        except ValueError as error:
            raise CosError("InvalidPart", str(error), 400) from error
        location = escape(f"{ask.request.headers.get('host', '')}{ask.path}")
        return _xml(
            f"<CompleteMultipartUploadResult><Location>{location}</Location>{_named(ask)}"
            f'<ETag>"{stored.md5}"</ETag></CompleteMultipartUploadResult>'
        )

    async def _head(self, ask: Ask) -> Response:
        stored = await to_thread.run_sync(self._store.uploads.object, ask.path)
        if stored is None:
            return Response(status_code=404)
        return Response(headers={"ETag": f'"{stored.md5}"', "Content-Length": str(stored.size)})

    async def _receive(self, ask: Ask) -> Stored:
        """Stream the body into a blob of its own; it is nobody's until a row refers to it."""
        request = ask.request
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._limit:
            raise CosError("EntityTooLarge", f"More than {self._limit} bytes.", 400)
        stream = request.stream()

        async def following() -> bytes:
            try:
                with fail_after(IDLE_SECONDS):
                    return await anext(stream, b"")
            except TimeoutError as error:
                raise CosError("RequestTimeout", f"Nothing for {IDLE_SECONDS} seconds.", 400) from error

        def blocks() -> Iterator[bytes]:
            size = 0
            while block := from_thread.run(following):
                size += len(block)
                if size > self._limit:
                    raise CosError("EntityTooLarge", f"More than {self._limit} bytes.", 400)
                yield block
            if announced.isdigit() and size != int(announced):
                raise CosError("IncompleteBody", f"{size} of {announced} bytes arrived.", 400)

        blobs = self._store.blobs
        stored = await to_thread.run_sync(blobs.put, blobs.new_key(), blocks(), limiter=self._receiving)
        if (given := request.headers.get("content-md5")) and not _same_md5(given, stored.md5):
            await to_thread.run_sync(blobs.delete, stored.key)
            raise CosError("BadDigest", "Content-MD5 does not match the body.", 400)
        return stored


class _Spelled(bytes):
    """A header name that keeps its capitals; the web server puts all names into lower case by this method."""

    def lower(self) -> "_Spelled":
        """Itself."""
        return self


def _raw(request: Request) -> RawRequest:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]
    )
    target = request.scope["raw_path"].decode("latin-1")
    if request.scope["query_string"]:
        target += "?" + request.scope["query_string"].decode("latin-1")
    return RawRequest(request.method, target, headers, b"")


def _same_md5(given: str, md5: str) -> bool:
    try:
        return base64.b64decode(given, validate=True).hex() == md5
    except ValueError:  # binascii.Error is one; a text that is not ASCII is another
        return False


async def _small_body(request: Request) -> bytes:
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > MANIFEST_LIMIT:
            raise CosError("EntityTooLarge", "The manifest is too large.", 400)
    return body


def _manifest(body: bytes) -> list[tuple[int, str]]:
    """Part numbers and ETags (md5, unquoted) of a CompleteMultipartUpload body, in its order.

    A document type is refused before parsing: it is the only way an XML body could grow. Parsed is the very text
    that was searched for one, so that no other encoding hides it.
    """
    try:
        text = body.decode()
        if "<!" in text:
            raise CosError("MalformedXML", "A document type is not allowed.", 400)
        root = ET.fromstring(text)  # noqa: S314 - see above
        parts = [
            (int(cast(str, part.findtext("{*}PartNumber"))), (part.findtext("{*}ETag") or "").strip('"'))
            for part in root.iterfind("{*}Part")
        ]
    except (ET.ParseError, TypeError, ValueError) as error:
        raise CosError("MalformedXML", "The manifest cannot be read.", 400) from error
    if not parts or [number for number, _ in parts] != sorted({number for number, _ in parts}):
        raise CosError("InvalidPartOrder", "Parts must be listed once each, in ascending order.", 400)
    return parts


def _named(ask: Ask) -> str:
    return f"<Bucket>{STORAGE_BUCKET}</Bucket><Key>{escape(ask.path[1:])}</Key>"


def _xml(body: str) -> Response:
    return Response('<?xml version="1.0" encoding="UTF-8"?>' + body, media_type="application/xml")


def _error(error: CosError, path: str, request_id: str) -> Response:
    response = _xml(
        f"<Error><Code>{error.code}</Code><Message>{escape(error.message)}</Message>"
        f"<Resource>{escape(path)}</Resource><RequestId>{request_id}</RequestId></Error>"
    )
    response.status_code = error.status
    return response
