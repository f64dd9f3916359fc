"""Serving library files over signed links, with ranges, so that a browser can play and seek."""

import re
from dataclasses import dataclass

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from openvod.core.times import Clock
from openvod.render import Renderer
from openvod.render.opened import opened
from openvod.store import Store

PATH = "/media/{rest:path}"

HEADERS = {
    "Accept-Ranges": "bytes",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Range",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
    "Cache-Control": "private, max-age=3600",
    # A stranger's file must stay a file: never sniffed into a page, never run, never framed.
    "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` up to, not including, `end`."""

    start: int
    end: int


class Unsatisfiable(ValueError):
    """The range lies outside the file."""


def parse_range(header: str, size: int) -> Span | None:
    """The bytes that a Range header asks for; None for the whole file (also for several ranges, which RFC 9110
    lets a server ignore). Raises Unsatisfiable.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        span = Span(max(0, size - int(last)), size)
    else:
        span = Span(int(first), min(size, int(last) + 1) if last else size)
        if last and int(last) < int(first):
            return None
    if span.start >= span.end:
        raise Unsatisfiable(header)
    return span


class Downloads:
    """The door for signed links."""

    def __init__(self, store: Store, clock: Clock, public_url: str) -> None:
        self._store = store
        self._clock = clock
        self._public_url = public_url

    async def serve(self, request: Request) -> Response:
        """The file, or a part of it; 403 for a link that is forged or expired, 404 for a file that is gone."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=HEADERS)
        path = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        now = self._clock()
        target = self._store.links.verify(path, query, now)
        if target is None:
            return Response("The link is wrong or has expired.\n", 403, HEADERS, "text/plain")
        renderer = Renderer(self._store, self._public_url, now)
        found = await run_in_threadpool(opened, renderer, target)
        if found is None:
            return Response("The file does not exist any more.\n", 404, HEADERS, "text/plain")
        headers = {**HEADERS, "Content-Type": found.content_type, "ETag": f'"{found.etag}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        try:
            span = parse_range(request.headers.get("range", ""), found.size)
        except Unsatisfiable:
            return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{found.size}"})
        status = 200 if span is None else 206
        span = span or Span(0, found.size)
        headers["Content-Length"] = str(span.end - span.start)
        if status == 206:
            headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{found.size}"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        blocks = found.blocks(span.start, span.end)
        return StreamingResponse(iterate_in_threadpool(blocks), status, headers)
