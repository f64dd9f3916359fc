"""A stand-in for OpenAI-compatible endpoints: a real server that answers, and misbehaves, as a script says.

`Caller` is the worker's side of `core.asking` for tests: it remembers, and calls the stand-in over real HTTP.
"""

import http.client
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

from openvod.core.asking import Reply
from openvod.core.errors import TaskFault
from openvod.core.models import Json


@dataclass(frozen=True)
class Call:
    """A request that came."""

    number: int
    """From 0."""
    path: str
    headers: dict[str, str]
    """With names in lower case."""
    body: bytes

    @property
    def json(self) -> Json:
        parsed: Json = json.loads(self.body)
        return parsed


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fate: Literal["sent", "cut", "silence"] = "sent"
    """`cut`: the connection is closed halfway through the body. `silence`: nothing comes, however long one waits."""


Script = Callable[[Call], Answer]


@dataclass
class StandIn:
    url: str
    """What `chat_url` and its like are set to; without a slash at the end."""
    calls: list[Call] = field(default_factory=list)


@contextmanager
def standing_in(script: Script) -> Iterator[StandIn]:
    """A server on a port of its own. The script is called by one request at a time, in the order they come."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                call = Call(len(stand_in.calls), self.path, headers, body)
                stand_in.calls.append(call)
                answer = script(call)
            with suppress(OSError):
                self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.close_connection = True
            if answer.fate == "silence":
                self.connection.recv(1)  # until the client has had enough
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            half = len(answer.body) // 2 if answer.fate == "cut" else len(answer.body)
            self.wfile.write(answer.body[:half])

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in = StandIn(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def says(content: str, *, finish: str = "stop") -> Answer:
    """An answer of `/chat/completions`."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish}
    body = json.dumps({"object": "chat.completion", "choices": [choice]}, ensure_ascii=False)
    return Answer(body.encode(), headers={"Content-Type": "application/json"})


@dataclass
class Caller:
    """Answers a media process's questions, as a worker does, with a memory that lasts as long as this object."""

    url: str | None = None
    """Of the chat endpoint; None when there is none."""
    seconds: float = 5.0
    """How long a call may take."""
    model: str = "stand-in"
    memory: dict[str, Any] = field(default_factory=dict)
    questions: list[Json] = field(default_factory=list)

    def __call__(self, question: Json) -> Json:
        question = json.loads(json.dumps(question))  # as over the pipe
        self.questions.append(question)
        if "recall" in question:
            keys = [_key(question["recall"], about) for about in question["abouts"]]
            return {"values": [self.memory.get(key) for key in keys]}
        if "keep" in question:
            self.memory |= {_key(question["keep"], about): value for about, value in question["pairs"]}
            return {}
        if "recall_file" in question or "keep_file" in question:
            return {"found": False}  # files are the worker's, see `worker.answering`
        if "services" in question:
            return {"services": {"chat": self.model} if self.url else {}}
        if self.url is None or question["call"] != "chat":
            raise TaskFault(
                "InvalidInput.ConfigurationUnsupported/endpoint", setting=f"{question['call']}_url"
            )
        return asdict(self._chat(question))

    def _chat(self, question: Json) -> Reply:
        address = urlsplit(self.url or "")
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=self.seconds)
        asked = {"model": self.model, "messages": question["messages"], "temperature": 0}
        try:
            connection.request("POST", f"{address.path}/chat/completions", json.dumps(asked).encode())
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            return Reply(0, str(error))
        finally:
            connection.close()
        if answer.status != 200:
            return Reply(answer.status, body.decode()[:500], float(answer.headers.get("Retry-After", 0)))
        choice = json.loads(body)["choices"][0]
        return Reply(200, choice["message"]["content"], finished=choice["finish_reason"] != "length")


def _key(step: str, about: Json) -> str:
    return json.dumps([step, about], sort_keys=True)


def rows_asked(call: Call) -> list[Json]:
    """The lines with an id of a request for translation; one without an id when it is asked for in plain text."""
    content = call.json["messages"][-1]["content"]
    try:
        rows = [json.loads(line) for line in content.splitlines()]
    except ValueError:
        return [{"text": content}]
    return [row for row in rows if "id" in row]


def translated(text: str) -> str:
    """What the stand-in makes of a text: one can see whose translation it is."""
    return f"译{text.swapcase()}文"


def translator(seed: int, mischief: Sequence[str], share: float = 0.5) -> Script:
    """Translates; and with each request of this share plays one of the tricks named (see `_TRICKS`)."""
    dice = random.Random(seed)

    def script(call: Call) -> Answer:
        rows = rows_asked(call)
        trick = dice.choice(mischief) if mischief and dice.random() < share else ""
        if "id" not in rows[0]:
            return says("{" if trick else translated(rows[0]["text"]))
        if trick in _BROKEN:
            return _BROKEN[trick]
        lines = [_line(row) for row in rows]
        return _TRICKS[trick](lines, dice) if trick else says("\n".join(lines))

    return script


def _line(row: Json) -> str:
    of = " ".join(row["text"].split()[:3])
    return json.dumps({"id": row["id"], "of": of, "text": translated(row["text"])}, ensure_ascii=False)


def _dropped(lines: list[str], dice: random.Random) -> Answer:
    return says("\n".join(line for line in lines if dice.random() < 0.7))


def _repeated(lines: list[str], dice: random.Random) -> Answer:
    """One id comes twice, the second time with another line's text."""
    first, second = json.loads(dice.choice(lines)), json.loads(dice.choice(lines))
    return says("\n".join([*lines, json.dumps({**second, "id": first["id"]}, ensure_ascii=False)]))


def _shuffled(lines: list[str], dice: random.Random) -> Answer:
    return says("\n".join(dice.sample(lines, len(lines))))


def _half(lines: list[str], dice: random.Random) -> Answer:
    text = "\n".join(lines)
    return says(text[: dice.randrange(len(text))], finish="length")


def _moved(lines: list[str], dice: random.Random) -> Answer:
    """A line is left out, and all that follow move up under the ids of those before them."""
    rows = [json.loads(line) for line in lines]
    at = dice.randrange(len(rows))
    numbers = [row["id"] for row in rows]
    rest = rows[:at] + rows[at + 1 :]
    moved = [{**row, "id": number} for row, number in zip(rest, numbers, strict=False)]
    return says("\n".join(json.dumps(row, ensure_ascii=False) for row in moved))


def _unproven(lines: list[str], dice: random.Random) -> Answer:
    """The same, without the proof that would give it away."""
    moved = json.loads(_moved(lines, dice).body)["choices"][0]["message"]["content"]
    rows = [json.loads(line) for line in moved.splitlines()]
    return says("\n".join(json.dumps({"id": row["id"], "text": row["text"]}) for row in rows))


def _echoed(lines: list[str], dice: random.Random) -> Answer:
    rows = [json.loads(line) for line in lines]
    return says("\n".join(json.dumps({**row, "text": row["text"][1:-1].swapcase()}) for row in rows))


_TRICKS: dict[str, Callable[[list[str], random.Random], Answer]] = {
    "drop": _dropped,
    "repeat": _repeated,
    "shuffle": _shuffled,
    "half": _half,
    "move": _moved,
    "move unproven": _unproven,
    "extra": lambda lines, dice: says("\n".join([*lines, '{"id": 999999, "of": "x", "text": "more"}'])),
    "fence": lambda lines, dice: says("Here you are:\n```json\n" + "\n".join(lines) + "\n```\nEnjoy!"),
    "list": lambda lines, dice: says('{"lines": [' + ",\n".join(lines) + "]}"),
    "echo": _echoed,
    "nothing": lambda lines, dice: says(""),
    "talk": lambda lines, dice: says("I'm sorry, but {I can't} do [that]."),
}
_BROKEN = {
    "busy": Answer(b"slow down", 429, {"Retry-After": "7"}),
    "broken": Answer(b"oops", 503),
    "cut": Answer(says("x" * 100).body, fate="cut"),
    "silence": Answer(fate="silence"),
    "too long": Answer(b"context length exceeded", 400),
}
TRICKS = (*_TRICKS, *_BROKEN)
