"""What may a media process ask of the worker that started it? To remember, to recall, and to call the operator's endpoints.

A media process has no network, no database and no secrets. What it needs of these goes as one JSON question over the
pipe to the worker and comes back as one JSON answer; files go by their names in the job's folder.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from openvod.core.errors import TaskFault
from openvod.core.models import Json

Ask = Callable[[Json], Json]
"""Asks the worker; blocks until it answers. Raises TaskFault for what the worker refuses."""

Service = Literal["chat", "transcribe", "speak"]
"""A kind of OpenAI-compatible endpoint: `/chat/completions`, `/audio/transcriptions`, `/audio/speech`."""

AT_ONCE = 500
"""Steps of one question to the memory."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answered, good or bad. Whoever asked judges it, and decides whether to try again."""

    status: int
    """HTTP status; 0 when there was no answer: no connection, too slow, cut off."""
    text: str = ""
    """`chat`: content of the first choice. `transcribe`: the JSON body. `speak`: empty, the sound is in `file`.
    With another status than 200 what the endpoint said of its trouble, at most 500 characters."""
    retry_after: float = 0.0
    """Seconds the endpoint asked to wait."""
    finished: bool = True
    """`chat`: false when the answer was cut off at its length."""


def nobody(question: Json) -> Json:
    """Where nobody listens: nothing is remembered, and no endpoint is set."""
    return {"values": [None] * len(question.get("abouts", ())), "found": False, "services": {}}


def recall_many(ask: Ask, step: str, abouts: Sequence[Json]) -> list[Json | None]:
    """What was kept of a step, for each `about`. `step` names it with its version, e.g. `heard/3`; an `about` is
    everything that shapes the result, by content: hashes of files, parameters, engine and model versions, texts."""
    found: list[Json | None] = []
    for first in range(0, len(abouts), AT_ONCE):
        found += ask({"recall": step, "abouts": list(abouts[first : first + AT_ONCE])})["values"]
    return found


def keep_many(ask: Ask, step: str, pairs: Sequence[tuple[Json, Json]]) -> None:
    """Remember results of a step, for this application's tasks on whatever machine. They may be forgotten at any time."""
    for first in range(0, len(pairs), AT_ONCE):
        ask({"keep": step, "pairs": [list(pair) for pair in pairs[first : first + AT_ONCE]]})


def recall(ask: Ask, step: str, about: Json) -> Json | None:
    """What was kept of a step for one `about`, see `recall_many`."""
    return recall_many(ask, step, [about])[0]


def keep(ask: Ask, step: str, about: Json, value: Json) -> None:
    """Remember one result of a step, see `keep_many`."""
    keep_many(ask, step, [(about, value)])


def once(ask: Ask, step: str, about: Json, make: Callable[[], Json]) -> Json:
    """What was kept of the step, else `make()`, which is kept."""
    value = recall(ask, step, about)
    if value is None:
        value = make()
        keep(ask, step, about, value)
    return value


def recall_file(ask: Ask, step: str, about: Json, file: str) -> bool:
    """Have a file that was kept of a step put into the job's folder, under the new name `file`; false when there is none.

    Only what was kept by tasks on the same source counts, so `about` need not name it. The file is as it was handed in,
    unless the machine crashed meanwhile: look whether it is whole.
    """
    return bool(ask({"recall_file": step, "about": about, "file": file})["found"])


def keep_file(ask: Ask, step: str, about: Json, file: str) -> None:
    """Remember a file of the job's folder as the result of a step, for this application's tasks on the same source and
    the same machine. It may be forgotten at any time; what is done to the file afterwards changes nothing."""
    ask({"keep_file": step, "about": about, "file": file})


def services(ask: Ask) -> dict[Service, str]:
    """The endpoints that the operator has set, with the model that each uses: names to put into results and keys."""
    known: dict[Service, str] = ask({"services": True})["services"]
    return known


def chat(ask: Ask, messages: Sequence[Json], *, json_answer: bool = False, most_tokens: int = 4096) -> Reply:
    """Ask the chat endpoint, at temperature 0. `messages` are those of the API: `{"role", "content"}`; an image in a
    content is `{"type": "image_file", "name": <file in the job's folder>}`. Raises TaskFault when none is set."""
    return _called(ask, "chat", {"messages": list(messages), "json": json_answer, "most_tokens": most_tokens})


def transcribe(ask: Ask, file: str, *, language: str = "", prompt: str = "") -> Reply:
    """Have a sound file of the job's folder transcribed (`verbose_json` with words and segments)."""
    return _called(ask, "transcribe", {"file": file, "language": language, "prompt": prompt})


def speak(ask: Ask, text: str, *, voice: str, file: str, speed: float = 1.0) -> Reply:
    """Have a text spoken into a WAV file of the job's folder."""
    return _called(ask, "speak", {"text": text, "voice": voice, "file": file, "speed": speed})


def neighbours(ask: Ask) -> list[Json]:
    """Files of the library that may be other episodes of what the job is about, the likeliest first: `{"content", "name",
    "seconds"}`. Of the same application and kind, neither made by a task nor the same bytes.
    """
    found: list[Json] = ask({"neighbours": True}).get("neighbours", [])
    return found


def neighbour(ask: Ask, content: str, spans: Sequence[tuple[float, float]] = ()) -> Json:
    """Have one of the `neighbours` measured in a media process of its own: see
    `engines.analysis.episodes.neighbour.measure`. Raises TaskFault for what cannot be read, or is gone by now.
    """
    return ask({"neighbour": content, "spans": [list(span) for span in spans]})


def _called(ask: Ask, service: Service, question: Json) -> Reply:
    if service not in services(ask):
        raise TaskFault("InvalidInput.ConfigurationUnsupported/endpoint", setting=f"{service}_url")
    return Reply(**ask({"call": service, **question}))
