"""What does a media process ask, and how is it answered while it goes on being watched?"""

import json
import os
import threading
from collections.abc import Iterator
from types import TracebackType

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json


class Questions:
    """The questions of one media process: one at a time, answered in a thread, because an endpoint may take minutes.

    A thread whose process is gone is left behind; its call ends by its own time limit.
    """

    def __init__(self, ask: Ask | None) -> None:
        """Without `ask` every question is wrong."""
        self._ask = ask
        self._waiting = False
        self._outcome: list[Json | Exception] = []
        read, write = os.pipe()
        self.theirs = os.fdopen(read, "rb", buffering=0)
        """Where the process reads the replies."""
        self.replies = os.fdopen(write, "wb", buffering=0)
        """Where they are written."""
        read, write = os.pipe()
        self.bell = os.fdopen(read, "rb", buffering=0)
        """Readable once there is a reply."""
        self._ringer = os.fdopen(write, "wb", buffering=0)
        self._hung_up = threading.Lock()

    def take(self, question: Json) -> bool:
        """Begin to answer. False for a question that may not be asked: there is nobody to ask, or it is the second."""
        if self._ask is None or self._waiting:
            return False
        self._waiting = True
        threading.Thread(target=self._find, args=(self._ask, question), name="ask", daemon=True).start()
        return True

    def answered(self) -> Iterator[bytes]:
        """The line to send, once the bell has rung. Raises what `ask` raised, but for TaskFaults, which are sent."""
        os.read(self.bell.fileno(), 1)
        outcome = self._outcome.pop()
        self._waiting = False
        if isinstance(outcome, TaskFault):
            outcome = {"fault": {"key": outcome.key, "en": outcome.en, "zh": outcome.zh}}
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            outcome = {"reply": outcome}
        yield json.dumps(outcome, ensure_ascii=False, allow_nan=False).encode() + b"\n"

    def _find(self, ask: Ask, question: Json) -> None:
        try:
            outcome: Json | Exception = ask(question)
        except Exception as error:  # told to whoever waits for the process
            outcome = error
        with self._hung_up:
            self._outcome.append(outcome)
            if not self._ringer.closed:
                self._ringer.write(b"!")

    def __enter__(self) -> "Questions":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._hung_up:
            for pipe in (self.theirs, self.replies, self.bell, self._ringer):
                pipe.close()
