"""Which OpenAI-compatible endpoints are set, and what do they answer? For media processes, which have no network."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_hex
from typing import get_args

from openvod.core.asking import Reply, Service
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.outbound import endpoint
from openvod.outbound.connection import Limits
from openvod.outbound.faults import Failed, Refused
from openvod.worker import shared_files

PATHS: dict[Service, str] = {
    "chat": "/chat/completions",
    "transcribe": "/audio/transcriptions",
    "speak": "/audio/speech",
}
LARGEST = 64 * 2**20
"""Bytes of an answer: ten minutes of speech as WAV."""
TOLD = 500
"""Characters that are told of what an endpoint says of its trouble."""
LONGEST_WAIT = 3600.0
"""Seconds of `Retry-After` that are passed on at most."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, as the operator has set it."""

    url: str
    """Up to and without the service's own path; `/v1` belongs to it where the endpoint has one."""
    key: str
    model: str
    seconds: float


class Endpoints:
    """The endpoints of an installation. Thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self._set = {
            service: Endpoint(
                url.rstrip("/"),
                getattr(settings, f"{service}_key"),
                getattr(settings, f"{service}_model"),
                settings.endpoint_seconds,
            )
            for service in get_args(Service)
            if (url := getattr(settings, f"{service}_url"))
        }

    def names(self) -> dict[str, str]:
        """The model of each endpoint that is set."""
        return {service: each.model for service, each in self._set.items()}

    def chat(self, question: Json, folder: Path) -> Reply:
        """`messages`, `json`, `most_tokens`: see `asking.chat`. Images lie in `folder`."""
        asked: Json = {
            "messages": [_message(message, folder) for message in question["messages"]],
            "temperature": 0,
            "max_tokens": question["most_tokens"],
        }
        if question["json"]:
            asked["response_format"] = {"type": "json_object"}
        return self._called("chat", asked, _content)

    def transcribe(self, question: Json, folder: Path) -> Reply:
        """`file`, `language`, `prompt`: see `asking.transcribe`."""
        fields = [("response_format", "verbose_json"), ("temperature", "0")]
        fields += [("timestamp_granularities[]", each) for each in ("word", "segment")]
        fields += [(name, question[name]) for name in ("language", "prompt") if question[name]]
        return self._posted("transcribe", fields, shared_files.read(folder, question["file"]))

    def speak(self, question: Json, folder: Path) -> Reply:
        """`text`, `voice`, `speed`, `file`: see `asking.speak`. The sound is written into `folder`."""
        asked = {
            "input": question["text"],
            "voice": question["voice"],
            "speed": question["speed"],
            "response_format": "wav",
        }
        name = shared_files.plain(question["file"])  # before anything is sent

        def fill(body: bytes) -> Reply:
            shared_files.write(folder, name, body)
            return Reply(200)

        return self._called("speak", asked, fill)

    def _called(self, service: Service, asked: Json, read: Callable[[bytes], Reply]) -> Reply:
        body = json.dumps({"model": self._set[service].model, **asked}, ensure_ascii=False).encode()
        return self._sent(service, body, "application/json", read)

    def _posted(self, service: Service, fields: Sequence[tuple[str, str]], sound: bytes) -> Reply:
        """As a form with a file, which is what the API takes sound in."""
        border = token_hex(16)
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in [("model", self._set[service].model), *fields]
        ]
        head = 'Content-Disposition: form-data; name="file"; filename="speech.wav"\r\nContent-Type: audio/wav'
        parts += [f"--{border}\r\n{head}\r\n\r\n".encode(), sound, f"\r\n--{border}--\r\n".encode()]
        kind = f"multipart/form-data; boundary={border}"
        return self._sent(service, b"".join(parts), kind, lambda body: Reply(200, _text(body)))

    def _sent(self, service: Service, body: bytes, kind: str, read: Callable[[bytes], Reply]) -> Reply:
        to = self._set[service]
        headers = {"Content-Type": kind, **({"Authorization": f"Bearer {to.key}"} if to.key else {})}
        limits = Limits(LARGEST, to.seconds, idle_seconds=to.seconds)
        try:
            answer = endpoint.call(to.url + PATHS[service], body, headers=headers, limits=limits)
        except (Failed, Refused) as error:
            return Reply(0, error.en)
        if answer.status == 200:
            return read(answer.body)
        return Reply(answer.status, _text(answer.body)[:TOLD], _wait(answer.headers.get("retry-after", "")))


def answer(endpoints: Endpoints, question: Json, folder: Path) -> Json:
    """What `asking._called` expects. Raises KeyError, TypeError or ValueError for a question of the wrong form."""
    ask = {"chat": endpoints.chat, "transcribe": endpoints.transcribe, "speak": endpoints.speak}
    return asdict(ask[question["call"]](question, folder))


def _content(body: bytes) -> Reply:
    """The first choice's text. What is no such answer has the status 0: it counts as none."""
    try:
        choice = json.loads(body)["choices"][0]
        return Reply(
            200, str(choice["message"]["content"] or ""), finished=choice.get("finish_reason") != "length"
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return Reply(0, "its answer is no chat completion")


def _message(message: Json, folder: Path) -> Json:
    content = message["content"]
    if isinstance(content, list):
        content = [_piece(piece, folder) for piece in content]
    return {"role": message["role"], "content": content}


def _piece(piece: Json, folder: Path) -> Json:
    """An image of the job's folder goes along as data."""
    if piece["type"] != "image_file":
        return piece
    from base64 import b64encode  # noqa: PLC0415 - seldom

    data = b64encode(shared_files.read(folder, piece["name"])).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}


def _text(body: bytes) -> str:
    return body.decode("utf-8", errors="replace")


def _wait(text: str) -> float:
    """Seconds; a date, or nothing, is 0: whoever asked has a pause of its own."""
    try:
        return min(max(float(text), 0.0), LONGEST_WAIT)
    except ValueError:
        return 0.0
