"""Which door answers which request. The API and the COS door share `/`, as clients can only be given one address."""

import os
from collections.abc import Iterable
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from openvod.actions import Action
from openvod.core.settings import Settings
from openvod.edge import console, cos_door, downloads, host_names
from openvod.edge.forms import BODY_LIMIT
from openvod.edge.gateway import Elsewhere, Gateway
from openvod.edge.signature import RawRequest
from openvod.edge.waiting import Waiting, Waits
from openvod.edge.writing import Writing
from openvod.store import Store

QUICK_BYTES = 16 * 1024
"""What a question that is answered at once may be long."""
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]


@dataclass(frozen=True, slots=True)
class Site:
    """The web application."""

    pages: ASGIApp
    """Answers everything."""
    questions: "Root"
    """Answers what it can at once; see `edge.at_once`."""


def build(gateway: Gateway, store: Store, settings: Settings) -> Site:
    """The web application: a bucket's host name leads to the COS door; under any other name `/` is the API (and the
    COS door's bucket), and everything else goes by its path.
    """
    door = cos_door.CosDoor(store, gateway.time_for, settings.upload_limit_mb * 2**20)
    links = downloads.Downloads(store, gateway.clock, settings.public_url)

    async def health(_: Request) -> Response:
        missing = await run_in_threadpool(not_ready, store)
        return JSONResponse({"ready": not missing, "missing": missing}, 503 if missing else 200)

    paths = Starlette(
        routes=[
            Route("/healthz", health, methods=["GET"]),
            *console.routes(settings.public_url),
            Route(downloads.PATH, links.serve, methods=["GET", "HEAD", "OPTIONS"]),
            Route("/{key:path}", door.serve, methods=EVERY_METHOD),
        ]
    )
    root = Root(gateway, door)
    return Site(host_names.by_name(door, _root_first(root, paths)), root)


def _root_first(root: ASGIApp, paths: ASGIApp) -> ASGIApp:
    """`/` by itself: the framework's middleware and router cost as much CPU as a whole small answer."""

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        is_root = scope["type"] == "http" and scope["path"] == "/"
        await (root if is_root else paths)(scope, receive, send)

    return choose


def not_ready(store: Store) -> list[str]:
    """What keeps a request and a task from being served now; empty when both would be."""
    missing = []
    if not store.db.answers():
        missing.append("database")
    elif not store.executors.live():
        missing.append("worker")
    return missing


class Root:
    """`/`: an API call, a COS request on the whole bucket, or a browser that wants the console."""

    def __init__(self, gateway: Gateway, door: cos_door.CosDoor) -> None:
        self._gateway = gateway
        self._door = door
        self._waits = Waits(gateway.store.events.waiting)
        self._slow = CapacityLimiter(max(2, os.cpu_count() or 2))
        every_action = [action for api in gateway.apis.values() for action in api.actions.values()]
        self._quick = answered_at_once(gateway.store.db.dialect, every_action)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application of its own: the hot path needs no more of the framework."""
        headers = scope["headers"]
        authorization = next((value for name, value in headers if name == b"authorization"), b"")
        is_cos = authorization.startswith(b"q-sign-algorithm=") or (
            scope["query_string"] and b"&q-sign-algorithm=" in b"&" + scope["query_string"]
        )
        if is_cos or scope["method"] == "OPTIONS":
            response = await self._door.serve(Request(scope, receive))
        elif scope["method"] == "GET" and not scope["query_string"] and not authorization:
            response = RedirectResponse("/console")
        else:
            raw = _raw(scope, await _read(receive, BODY_LIMIT + 1))
            answer = await self._answer(raw)
            if isinstance(answer, Waiting):
                answer = await self._waits.answer(answer, receive)
            if not isinstance(answer, bytes):
                return
            await _send(send, answer)
            return
        await response(scope, receive, send)

    def is_one(self, scope: Scope) -> bool:
        """See `at_once.Questions`: a short call of a quick action, signed as SDKs do, at the API's own address."""
        if scope["method"] != "POST" or scope["path"] != "/" or scope["query_string"]:
            return False
        named = dict(scope["headers"])
        length = named.get(b"content-length", b"")
        return (
            named.get(b"x-tc-action", b"").decode("latin-1") in self._quick
            and named.get(b"authorization", b"").startswith(b"TC3-")
            and length.isdigit()
            and int(length[:9]) < QUICK_BYTES
            and host_names.bucket(scope["headers"]) is None
        )

    def answer(self, scope: Scope, body: bytes) -> bytes | Writing | None:
        """See `at_once.Questions`."""
        answer = self._gateway.answer(_raw(scope, body), "quick")
        return answer if isinstance(answer, bytes | Writing) else None

    async def _answer(self, raw: RawRequest) -> bytes | Waiting | None:
        """As quickly as it goes: here, in a thread, or in one of the few that may take long."""
        answer: bytes | Waiting | Writing | Elsewhere = Elsewhere("usual")
        if len(raw.body) < QUICK_BYTES and raw.header("x-tc-action") in self._quick:
            answer = self._gateway.answer(raw, "quick")
        if answer == Elsewhere("usual"):
            answer = await run_in_threadpool(self._gateway.answer, raw, "usual")
        if isinstance(answer, Elsewhere):
            answer = await to_thread.run_sync(self._gateway.answer, raw, limiter=self._slow)
        if isinstance(answer, Writing):
            answer = await answer.wait()
        assert not isinstance(answer, Elsewhere), "nothing is slower than slow"
        return answer


def answered_at_once(database: str, actions: Iterable[Action]) -> frozenset[str]:
    """Names of the actions that the event loop answers itself: a thread would cost more. Only with a database in a local file,
    whose readers wait for nobody; the way to a server may take its time.
    """
    return frozenset(action.name for action in actions if database == "sqlite" and action.pace == "quick")


def _raw(scope: Scope, body: bytes) -> RawRequest:
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return RawRequest(scope["method"], target, headers, body)


async def _send(send: Send, answer: bytes) -> None:
    """A charset in the type makes the official SDK miss errors."""
    length = (b"content-length", b"%d" % len(answer))
    headers = [(b"content-type", b"application/json"), length]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


async def _read(receive: Receive, limit: int) -> bytes:
    """The body, or its first `limit` bytes: enough to see that it is too large."""
    chunks = []
    size = 0
    while size < limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body"):
            break
    return b"".join(chunks)[:limit]
