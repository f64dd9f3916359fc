"""What does the chat endpoint answer to a question? Patiently asked, checked, put right once if need be, remembered.

Nothing is taken on trust: an answer must have the form of the question's schema, and pass the check of whoever asks (are the
words that it quotes really there?). What does not is sent back once, with what is wrong.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openvod.core import asking
from openvod.core.asking import Ask, Reply
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.providers import reading, schema

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try of a request that got no answer; longer where the endpoint says so."""
LONGEST_PAUSE = 120.0
BUSY = frozenset({0, 408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses that pass: no answer, too slow, too many calls, a server in trouble."""
NO_JSON_MODE = frozenset({400, 422})
"""Statuses of an endpoint that does not know `response_format`, among other things: it is asked once without."""
SHOWN = 6000
"""Characters of a wrong answer that it is reminded of."""
NAMED = 10
"""Faults that it is told of at once."""

_REPAIR = """Your answer cannot be used:
{faults}
Answer again, with the corrected JSON object and nothing else."""


def _nothing(_: Json) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what counts as an answer."""

    step: str
    """Its name with its version, for the memory, e.g. `description/1`: goes up with each change of its words."""
    messages: tuple[Json, ...]
    """As `asking.chat` takes them. They say themselves which form the answer must have."""
    schema: Json
    """See `providers.schema`; an object at the top."""
    check: Callable[[Json], Sequence[str]] = _nothing
    """What is wrong with an answer of the right form; a fault that stays after the repair is in `Answer.faults`."""
    most_tokens: int = 4096
    about: Json | None = None
    """What else shapes the answer, by content: hashes of the images, which `messages` only name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the right form."""

    value: Json
    engine: str
    """As results name it."""
    faults: tuple[str, ...] = ()
    """What the question's check still finds wrong; whoever asked leaves these parts out."""


def name(ask: Ask) -> str:
    """The chat endpoint, as results name it; empty when none is set."""
    model = asking.services(ask).get("chat", "")
    return f"chat {model}" if model else ""


def answered(ask: Ask, question: Question, wait: Callable[[float], None] = time.sleep) -> Answer:
    """The answer, remembered if it was asked before. `wait` sleeps for so many seconds.

    Raises TaskFault when no endpoint is set, it is out of reach, or its answers have the wrong form.
    """
    engine = name(ask)
    about = {
        "messages": list(question.messages),
        "schema": question.schema,
        "engine": engine,
        "more": question.about,
    }
    if known := asking.recall(ask, question.step, about):
        return Answer(known["value"], engine, tuple(known["faults"]))
    found = _asked(_Talk(ask, question, wait))
    asking.keep(ask, question.step, about, {"value": found.value, "faults": list(found.faults)})
    return Answer(found.value, engine, found.faults)


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of one answer."""

    value: Json
    is_formed: bool
    faults: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, int]:
        """Less is better."""
        return not self.is_formed, len(self.faults)


def _asked(talk: "_Talk") -> _Read:
    """The better one of the first answer and its correction."""
    messages = talk.question.messages
    reply = talk.reply(messages)
    found = _read(talk.question, reply)
    if found.faults:
        said = {"role": "assistant", "content": reply.text[:SHOWN]}
        faults = "\n".join(f"- {fault}" for fault in found.faults[:NAMED])
        wish = {"role": "user", "content": _REPAIR.format(faults=faults)}
        again = _read(talk.question, talk.reply((*messages, said, wish)))
        found = min(found, again, key=lambda read: read.rank)
    if not found.is_formed:
        raise TaskFault("InternalError/endpoint-answers", what="chat")
    return found


def _read(question: Question, reply: Reply) -> _Read:
    """The best object in an answer."""
    cut = () if reply.finished else ("it was cut off at its length: be briefer",)
    best = _Read({}, False, (*cut, "there is no JSON object in it"))
    for value in reading.objects(reply.text):
        faults = tuple(schema.complaints(value, question.schema))
        one = (
            _Read(value, False, (*cut, *faults)) if faults else _Read(value, True, _checked(question, value))
        )
        best = min(best, one, key=lambda read: read.rank) if best.value else one
    return best


def _checked(question: Question, value: Json) -> tuple[str, ...]:
    return tuple(question.check(value))


@dataclass(slots=True)
class _Talk:
    """One question at the endpoint."""

    ask: Ask
    question: Question
    wait: Callable[[float], None]
    json_mode: bool = True

    def reply(self, messages: Sequence[Json]) -> Reply:
        """Its answer. Raises TaskFault when it is out of reach, or refuses."""
        reply = self._try(messages)
        if reply.status in NO_JSON_MODE and self.json_mode:
            self.json_mode = False
            reply = self._try(messages)
        for pause in PAUSES:
            if reply.status not in BUSY:
                break
            self.wait(min(LONGEST_PAUSE, max(pause, reply.retry_after)))
            reply = self._try(messages)
        if reply.status != 200:
            reason = f"HTTP {reply.status}: {reply.text}" if reply.status else reply.text or "no answer"
            raise TaskFault("InternalError/endpoint", what="chat", reason=reason)
        return reply

    def _try(self, messages: Sequence[Json]) -> Reply:
        most = self.question.most_tokens
        return asking.chat(self.ask, messages, json_answer=self.json_mode, most_tokens=most)
