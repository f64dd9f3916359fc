"""How do many requests wait for events without a thread each? One look at the database for all of them.

A long poll that held one of the API's threads would let 40 pollers stop the API. Here a waiting request is a future;
while there are any, one task looks four times a second for applications with events that are due, and wakes as many
of their requests, first come first served, as there are answers to give.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive

from openvod.store.event_rows import PULLED

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
"""How late an event is noticed at the most."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request whose answer is not there yet."""

    sub_app_id: int
    """The application whose next event ends the wait."""
    seconds: float
    again: Callable[[bool], bytes | None]
    """The envelope, or None to go on waiting; with True it is the last time. Runs in a thread."""


class Waits:
    """The waiting requests of this process."""

    def __init__(self, due: Callable[[Collection[int]], Mapping[int, int]]) -> None:
        """`due` tells which of the applications have events, and how many; it runs in a thread."""
        self._due = due
        self._waiting: dict[int, deque[asyncio.Future[None]]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def answer(self, waiting: Waiting, receive: Receive) -> bytes | None:
        """The answer once there is one; None if the client went away, so that nothing is handed to nobody."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + waiting.seconds
        gone = asyncio.ensure_future(receive())  # the body was read: all that can come is the end
        try:
            while True:
                await self._wait(waiting.sub_app_id, deadline - loop.time(), gone)
                if gone.done():
                    return None
                body = await run_in_threadpool(waiting.again, loop.time() >= deadline)
                if body is not None:
                    return body
        finally:
            gone.cancel()

    async def _wait(self, sub_app_id: int, seconds: float, gone: asyncio.Future[Message]) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._waiting.setdefault(sub_app_id, deque())
        queue.append(woken)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(_report)
        try:
            either: set[asyncio.Future[Any]] = {woken, gone}
            await asyncio.wait(either, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()
            if woken in queue:
                queue.remove(woken)
            if not queue and self._waiting.get(sub_app_id) is queue:
                del self._waiting[sub_app_id]

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            for sub_app_id, count in (await run_in_threadpool(self._due, list(self._waiting))).items():
                queue = self._waiting.get(sub_app_id, deque())
                for _ in range(min(len(queue), -(-count // PULLED))):
                    woken = queue.popleft()
                    if not woken.done():
                        woken.set_result(None)


def _report(looking: asyncio.Task[None]) -> None:
    """A look that failed wakes nobody: each request asks for itself when its time is over, and the next one that comes
    starts the looking again.
    """
    if not looking.cancelled() and (error := looking.exception()) is not None:
        log.error("looking for events to pull failed", exc_info=error)
