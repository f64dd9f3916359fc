"""How does a call wait for the disk without a thread? The thread that writes calls the event loop back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Writing:
    """A call whose answer comes once something is written."""

    written: Future[Any]
    answer: Callable[[], bytes]
    """The envelope; to be asked for once, when `written` is done, whoever still listens: it also wakes the workers."""

    def then(self, loop: asyncio.AbstractEventLoop, go_on: Callable[[], object]) -> None:
        """Have the loop call `go_on` once it is written, or has failed."""
        self.written.add_done_callback(lambda _: loop.call_soon_threadsafe(go_on))

    async def wait(self) -> bytes:
        """The envelope once it is there."""
        done = asyncio.Event()
        self.then(asyncio.get_running_loop(), done.set)
        await done.wait()
        return self.answer()
