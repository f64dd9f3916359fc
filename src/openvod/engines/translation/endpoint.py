"""How does a chat endpoint translate? It is asked politely, waited for where it asks for that, and given up in time."""

from collections.abc import Callable, Mapping, Sequence

from openvod.core import asking
from openvod.core.asking import Ask, Reply
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.translation import glossary, prompt
from openvod.engines.translation.lines import Engine, Errand, Row

BATCH = 40
"""Lines a request: more lose ids, fewer lose sight of what is said around them."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try of a request that got no answer; longer where the endpoint says so."""
LONGEST_PAUSE = 120.0
HOPELESS = 8
"""Single lines without a usable answer, when there never was one: this model cannot do it."""
SILENCE = 12
"""Tries in a row without any answer: it is out of reach."""

_BUSY = frozenset({0, 408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that pass: no answer, too slow, too many calls, a server in trouble."""
_CLOSED = frozenset({401, 402, 403, 404, 405})
"""Statuses that no retry changes: a wrong key, model or address."""


def engine(ask: Ask, errand: Errand, wait: Callable[[float], None]) -> Engine | None:
    """The operator's chat endpoint; None when none is set. `wait` sleeps for so many seconds."""
    model = asking.services(ask).get("chat")
    if model is None:
        return None
    talk = _Talk(ask, errand, wait)
    return Engine(f"chat {model}, prompt {prompt.VERSION}", talk.translate, BATCH)


class _Talk:
    """One errand at the endpoint."""

    def __init__(self, ask: Ask, errand: Errand, wait: Callable[[float], None]) -> None:
        self._ask, self._errand, self._wait = ask, errand, wait
        self._understood = 0
        self._failed = 0
        self._unanswered = 0

    def translate(self, rows: Sequence[Row]) -> Mapping[int, str]:
        """One request; for a single row that was not understood a second one, in plainer words."""
        wanted = [row for row in rows if row.id is not None]
        terms = glossary.relevant(self._errand.glossary, "\n".join(row.text for row in wanted))
        reply = self._reply(prompt.of_rows(rows, self._errand, terms), alone=len(wanted) == 1)
        found = prompt.understood(reply.text, rows, self._errand.target) if reply.status == 200 else {}
        if not found and len(wanted) == 1:
            found = self._plainly(wanted[0], terms)
        self._understood += len(found)
        return found

    def _plainly(self, row: Row, terms: Mapping[str, str]) -> dict[int, str]:
        reply = self._reply(prompt.of_one(row, self._errand, terms), alone=True)
        if reply.status == 200 and reply.finished and row.id is not None:
            text = prompt.understood_one(reply.text, row, self._errand.target)
            if text is not None:
                return {row.id: text}
        self._failed += 1
        if self._failed >= HOPELESS and not self._understood:
            raise _useless(reply)
        return {}

    def _reply(self, messages: Sequence[Json], *, alone: bool) -> Reply:
        """The endpoint's answer, or its refusal of this very content. Raises TaskFault when it is out of reach.

        A request for many lines that is too slow is not repeated for long: half of it may be fast enough.
        """
        pauses = PAUSES if alone else PAUSES[:3]
        reply = self._try(messages)
        for pause in pauses:
            if reply.status not in _BUSY:
                break
            self._wait(min(LONGEST_PAUSE, max(pause, reply.retry_after)))
            reply = self._try(messages)
        given_up = reply.status in _BUSY and (alone or self._unanswered >= SILENCE)
        if given_up or reply.status in _CLOSED:
            raise _useless(reply)
        return reply

    def _try(self, messages: Sequence[Json]) -> Reply:
        reply = asking.chat(self._ask, messages)
        self._unanswered = self._unanswered + 1 if reply.status in _BUSY else 0
        return reply


def _useless(reply: Reply) -> TaskFault:
    """Why the endpoint is given up, by its last answer."""
    if reply.status == 200:
        return TaskFault("InternalError/endpoint-answers", what="chat")
    reason = f"HTTP {reply.status}: {reply.text}" if reply.status else reply.text or "no answer"
    return TaskFault("InternalError/endpoint", what="chat", reason=reason)
