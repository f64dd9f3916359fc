"""The COS door: the part of the object-storage API that upload SDKs use between ApplyUpload and CommitUpload.

A request is bound to one upload by its temporary credential: it can touch that upload's paths and nothing else.
Bodies are streamed to the object store; nothing is held in memory.
"""

import logging
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from anyio import to_thread
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from openvod.core.models import STORAGE_BUCKET
from openvod.edge import cos_bodies, cos_listing, cos_signature, cos_xml, crc64, host_names
from openvod.edge.cos_listing import PartsAsked, UploadsAsked
from openvod.edge.cos_signature import CosError
from openvod.edge.downloads import Span, Unsatisfiable, parse_range
from openvod.edge.signature import RawRequest
from openvod.store import Store
from openvod.store.room import NoRoom
from openvod.store.uploads import MultipartGone, Part, Upload, UploadClosed

log = logging.getLogger(__name__)

MAX_PARTS = 10_000
TOKEN = "x-cos-security-token"  # noqa: S105 - a name

REFUSALS: dict[type[Exception], CosError] = {
    ClientDisconnect: CosError("RequestTimeout", "The client went away.", 400),
    MultipartGone: CosError("NoSuchUpload", "The upload id does not exist.", 404),
    UploadClosed: CosError("AccessDenied", "The upload is expired or committed.", 403),
    NoRoom: CosError("InsufficientStorage", "The server's disk is almost full, so it takes no more.", 507),
}

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Expose-Headers": "ETag, Content-Length, Content-Range, x-cos-request-id, x-cos-hash-crc64ecma",
    "Access-Control-Max-Age": "600",
}

SPELLED = frozenset({"Accept-Ranges", "Content-Length", "Content-Range", "Content-Type", "ETag"})

PLAIN_BYTES = {
    "Accept-Ranges": "bytes",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Type": "application/octet-stream",
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

    def __init__(self, store: Store, clock: Callable[[int], float], limit: int) -> None:
        """`clock` is `Gateway.time_for`."""
        self._store = store
        self._clock = clock
        self._limit = limit
        """Bytes that one object may have."""
        self._bodies = cos_bodies.Bodies(store.blobs, store.room, limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`serve` as an ASGI application."""
        response = await self.serve(Request(scope, receive))
        await response(scope, receive, send)

    async def serve(self, request: Request) -> Response:
        """The answer in COS's form: XML errors with real HTTP statuses."""
        request_id = uuid.uuid4().hex
        if request.method == "OPTIONS":
            asked = request.headers.get("access-control-request-headers", "*")
            return Response(status_code=200, headers={**CORS, "Access-Control-Allow-Headers": asked})
        try:
            response = await self._dispatch(await self._authenticate(request))
        except tuple(REFUSALS) as refusal:
            response = cos_xml.error(REFUSALS[type(refusal)], request.url.path, request_id)
        except CosError as error:
            response = cos_xml.error(error, request.url.path, request_id)
        except Exception:
            log.exception("COS request %s failed", request_id)
            response = cos_xml.error(CosError("InternalError", "Internal error.", 500), "", request_id)
        response.headers.update({**CORS, "x-cos-request-id": request_id, "X-Content-Type-Options": "nosniff"})
        _spell(response, is_head=request.method == "HEAD")
        return response

    async def _authenticate(self, request: Request) -> Ask:
        if host_names.bucket(request.scope["headers"]) not in {None, STORAGE_BUCKET}:
            raise CosError("NoSuchBucket", "The specified bucket does not exist.", 404)
        raw = _raw(request)
        authorization = cos_signature.presented(raw)
        if authorization is None:
            raise CosError("AccessDenied", "The request is not signed.", 403)
        credential = cos_signature.read(authorization)
        upload = await to_thread.run_sync(self._store.uploads.by_temp_key, credential.secret_id)
        if upload is None:
            raise CosError("InvalidAccessKeyId", "The temporary key is unknown or expired.", 403)
        if request.headers.get(TOKEN, request.query_params.get(TOKEN)) != upload.token:
            raise CosError("InvalidToken", f"The {TOKEN} is wrong.", 403)
        cos_signature.verify(raw, credential, upload.temp_secret_key, self._clock(credential.signed_at))
        path = unquote(request.scope["raw_path"].decode("latin-1"))
        if path != "/" and path not in {upload.storage_path, upload.cover_path}:
            raise CosError("AccessDenied", "The temporary key is bound to another path.", 403)
        return Ask(request, upload, path, dict(request.query_params))

    async def _dispatch(self, ask: Ask) -> Response:
        method, query = ask.request.method, ask.query
        if ask.path == "/":
            operation = self._list_uploads if method == "GET" and "uploads" in query else None
        else:
            on = next((name for name in ("uploads", "uploadId") if name in query), "")
            operation = {
                ("PUT", ""): self._put_object,
                ("GET", ""): self._get,
                ("HEAD", ""): self._get,
                ("POST", "uploads"): self._start,
                ("PUT", "uploadId"): self._put_part,
                ("GET", "uploadId"): self._list_parts,
                ("POST", "uploadId"): self._complete,
                ("DELETE", "uploadId"): self._abort,
            }.get((method, on))
        if operation is None:
            raise CosError("MethodNotAllowed", "This operation is not offered.", 405)
        return await operation(ask)

    async def _put_object(self, ask: Ask) -> Response:
        received = await self._bodies.receive(ask.request)
        await to_thread.run_sync(self._store.uploads.put_object, ask.path, received.stored)
        return Response(headers=received.headers)

    async def _get(self, ask: Ask) -> Response:
        """The object as it came, for as long as it is not committed. Never as what a browser would run."""
        stored = await to_thread.run_sync(self._store.uploads.object, ask.path)
        if stored is None:
            raise CosError("NoSuchKey", "The specified key does not exist.", 404)
        headers = {**cos_bodies.about(stored.md5), **PLAIN_BYTES}
        try:
            span = parse_range(ask.request.headers.get("range", ""), stored.size)
        except Unsatisfiable as error:
            raise CosError("InvalidRange", "The range lies outside the object.", 416) from error
        if span is not None:
            headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{stored.size}"
        status = 200 if span is None else 206
        span = span or Span(0, stored.size)
        headers["Content-Length"] = str(span.end - span.start)
        if ask.request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        blocks = self._store.blobs.read(stored.key, span.start, span.end)
        return StreamingResponse(iterate_in_threadpool(blocks), status, headers)

    async def _list_uploads(self, ask: Ask) -> Response:
        asked = UploadsAsked.read(ask.query)
        paths = [path for path in (ask.upload.storage_path, ask.upload.cover_path) if path]
        under_way = await to_thread.run_sync(self._store.uploads.multiparts, paths)
        return cos_xml.uploads(cos_listing.page_of_uploads(under_way, asked))

    async def _start(self, ask: Ask) -> Response:
        upload_id = await to_thread.run_sync(self._store.uploads.start_multipart, ask.path)
        return cos_xml.document(
            "InitiateMultipartUploadResult", cos_xml.named(ask.path), cos_xml.text("UploadId", upload_id)
        )

    async def _put_part(self, ask: Ask) -> Response:
        number = ask.query.get("partNumber", "")
        if not re.fullmatch("[0-9]{1,5}", number) or not 1 <= int(number) <= MAX_PARTS:
            raise CosError("InvalidArgument", f"partNumber must be 1 to {MAX_PARTS}.", 400)
        received = await self._bodies.receive(ask.request)
        note = partial(self._store.uploads.put_part, crc64=received.crc64)
        await to_thread.run_sync(note, ask.query["uploadId"], ask.path, int(number), received.stored)
        return Response(headers=received.headers)

    async def _list_parts(self, ask: Ask) -> Response:
        asked, upload_id = PartsAsked.read(ask.query), ask.query["uploadId"]
        came = await to_thread.run_sync(self._store.uploads.parts, upload_id, ask.path)
        return cos_xml.parts(cos_listing.page_of_parts(came, asked), ask.path, upload_id)

    async def _complete(self, ask: Ask) -> Response:
        wanted = cos_xml.manifest(await cos_bodies.small(ask.request))
        uploads, upload_id = self._store.uploads, ask.query["uploadId"]
        came = await to_thread.run_sync(uploads.parts, upload_id, ask.path)
        try:
            stored = await to_thread.run_sync(
                uploads.complete_multipart, upload_id, ask.path, wanted, self._limit
            )
        except ValueError as error:
            raise CosError("InvalidPart", str(error), 400) from error
        crc = await to_thread.run_sync(_joined_crc64, came, wanted)
        answer = cos_xml.document(
            "CompleteMultipartUploadResult",
            cos_xml.text("Location", f"{ask.request.headers.get('host', '')}{ask.path}"),
            cos_xml.named(ask.path),
            cos_xml.text("ETag", f'"{stored.md5}"'),
        )
        answer.headers.update(cos_bodies.about(stored.md5, crc))
        return answer

    async def _abort(self, ask: Ask) -> Response:
        upload_id = ask.query["uploadId"]
        if not await to_thread.run_sync(self._store.uploads.abort_multipart, upload_id, ask.path):
            raise MultipartGone(upload_id)
        return Response(status_code=204)


class _Spelled(bytes):
    """A header name that keeps its capitals; the web server puts all names into lower case by this method."""

    def lower(self) -> "_Spelled":
        """Itself."""
        return self


def _spell(response: Response, *, is_head: bool) -> None:
    """The COS SDK for Python hands headers on as they are spelled, and its users ask for "ETag" and the like.

    A Content-Length that is followed by a body must be one that the web server recognises, so it stays as it is.
    """
    names = SPELLED if is_head else SPELLED - {"Content-Length"}
    spelled = {name.lower().encode(): _Spelled(name.encode()) for name in names}
    response.raw_headers = [(spelled.get(name, name), value) for name, value in response.raw_headers]


def _raw(request: Request) -> RawRequest:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.scope["headers"]
    )
    target = request.scope["raw_path"].decode("latin-1")
    if request.scope["query_string"]:
        target += "?" + request.scope["query_string"].decode("latin-1")
    return RawRequest(request.method, target, headers, b"")


def _joined_crc64(came: Sequence[Part], wanted: Sequence[tuple[int, str]]) -> str:
    """Of an object whose parts were wanted by number and MD5; empty if one has none."""
    by_name = {(part.number, part.md5): part for part in came}
    chosen = [by_name.get((number, md5.lower())) for number, md5 in wanted]
    known = [(int(part.crc64), part.size) for part in chosen if part is not None and part.crc64]
    return str(crc64.joined(known)) if len(known) == len(wanted) else ""
