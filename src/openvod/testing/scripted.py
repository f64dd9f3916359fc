"""Where does a script come into play? Around the actions, around their answers, and where events are ticked off."""

import asyncio
import threading
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import replace

from sqlalchemy import bindparam, update
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openvod.actions import Action, Call, Reply
from openvod.core.errors import ApiError, TaskFault
from openvod.store.columns import now_ms
from openvod.store.db import Database
from openvod.store.events import Event, Events
from openvod.store.tables import events
from openvod.testing.script import Fault, Script

_AGAIN = (
    update(events)
    .where(events.c.id.in_(bindparam("ids", expanding=True)))
    .values(delivered=None, due=now_ms(), handle=None)
)


class ScriptedRefusal(ApiError):
    """A refusal with a test's own words."""

    def __init__(self, fault: Fault) -> None:
        self.key = self.code = fault.code
        self.en = self.zh = fault.message or f"{fault.code}, as the test wants it."
        Exception.__init__(self, self.en)


class ScriptedTaskFault(TaskFault):
    """The fault of a sub-task with a test's own number, or text code, and words."""

    def __init__(self, fault: Fault) -> None:
        self._number = fault.code if fault.code.isdigit() else ""
        self.key = self.code = "" if self._number else fault.code
        self.en = self.zh = fault.message or "as the test wants it"
        Exception.__init__(self, self.en)

    @property
    def number(self) -> str:
        """The test's, or that of the text code's class."""
        return self._number or super().number


class Delays:
    """Holds back the answers of requests that were delayed while they were worked on; without a thread each."""

    def __init__(self) -> None:
        self._of_request: ContextVar[list[float]] = ContextVar("delays")  # the gateway's threads inherit it

    def add(self, seconds: float) -> None:
        """Delay the request that is worked on here."""
        self._of_request.get().append(seconds)

    def around(self, web: ASGIApp) -> ASGIApp:
        """The application with its answers held back."""

        async def delayed(scope: Scope, receive: Receive, send: Send) -> None:
            seconds: list[float] = []
            self._of_request.set(seconds)

            async def late(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await asyncio.sleep(sum(seconds))
                await send(message)

            await web(scope, receive, late)

        return delayed


def scripted_actions(actions: Mapping[str, Action], script: Script, delays: Delays) -> dict[str, Action]:
    """The same actions, which fail and dawdle as the script says."""
    return {name: _scripted(action, script, delays) for name, action in actions.items()}


def _scripted(action: Action, script: Script, delays: Delays) -> Action:
    def run(call: Call) -> Reply:
        if (late := script.take("delay", action.name)) is not None:
            delays.add(late.seconds)
        if (fault := script.take("answer", action.name)) is not None:
            raise ScriptedRefusal(fault)
        return action.run(call)

    return replace(action, run=run)


class ScriptedEvents(Events):
    """Events of which some wait again as soon as they are dealt with, once each."""

    def __init__(self, db: Database, script: Script) -> None:
        super().__init__(db)
        self._script = script
        self._repeated: set[int] = set()
        self._lock = threading.Lock()

    def confirm(self, sub_app_id: int, given: Collection[tuple[int, str]]) -> None:
        """See `Events`."""
        super().confirm(sub_app_id, given)
        if again := [number for number, _ in given if self._comes_again(number)]:
            self._db.write(lambda connection: connection.execute(_AGAIN, {"ids": again}))

    def pushed(self, event: Event) -> bool:
        """See `Events`."""
        if self._comes_again(event.id):
            return self.put_off(event, 0.0, "")
        return super().pushed(event)

    def _comes_again(self, number: int) -> bool:
        with self._lock:
            if number in self._repeated or self._script.take("event", "") is None:
                return False
            self._repeated.add(number)
            return True
