"""How is a small question answered without the detours of a web framework? Where its last byte is read, in one write.

A task, its events and its messages cost as much processor time as a whole small answer. What is no such question, or turns
out to need a thread, goes the usual way.
"""

from functools import partial
from typing import Any, Protocol, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from openvod.edge.heads import LimitedHeads
from openvod.edge.writing import Writing


class Questions(Protocol):
    """What can be answered at once."""

    def is_one(self, scope: Scope) -> bool:
        """Whether a request with this head is worth a try."""

    def answer(self, scope: Scope, body: bytes) -> bytes | Writing | None:
        """The answer as JSON, or how to wait for it; None if it takes longer, and then nothing was done."""


class AnswersAtOnce(LimitedHeads):
    """Also answers questions itself."""

    def __init__(self, *, questions: Questions, **given: Any) -> None:
        super().__init__(**given)
        self._questions = questions
        self._asked: RequestResponseCycle | None = None
        """The request whose body is awaited before anything else is done about it."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """As uvicorn's, later. A request that waited behind another one is whole by now, or may be: it goes the usual way."""
        in_turn = cycle is self.cycle and cycle.more_body and not cycle.waiting_for_100_continue
        if in_turn and not self.flow.write_paused and self._questions.is_one(cast(Scope, cycle.scope)):
            self._asked = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        """As uvicorn's."""
        super().on_message_complete()
        cycle, self._asked = self._asked, None
        if cycle is None:
            return
        answer = self._questions.answer(cast(Scope, cycle.scope), bytes(cycle.body))
        if answer is None:
            super()._start_asgi_task(cycle, self.app)
        elif isinstance(answer, Writing):
            answer.then(self.loop, partial(self._written, cycle, answer))
        else:
            self._write(cycle, answer)

    def _written(self, cycle: RequestResponseCycle, writing: Writing) -> None:
        """What was written is written, even if its client has gone meanwhile."""
        answer = writing.answer()
        if not (cycle.disconnected or self.transport.is_closing()):
            self._write(cycle, answer)

    def _write(self, cycle: RequestResponseCycle, answer: bytes) -> None:
        head = [STATUS_LINE[200]]
        for name, value in self.server_state.default_headers:
            head += [name, b": ", value, b"\r\n"]
        head.append(b"content-type: application/json\r\ncontent-length: %d\r\n" % len(answer))
        head.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        self.transport.write(b"".join([*head, answer]))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
