"""An endpoint over a real connection, well and badly behaved: no word is believed that cannot be true, none is lost."""

import email
import http.server
import io
import json
import threading
import urllib.error
import urllib.request
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.recognisers import Chunk, Wanted, codes, hearing
from openvod.engines.recognisers.endpoint import Endpoint, segments
from openvod.engines.silero import Span
from tests.engines.recognisers.conftest import noise

EN = Wanted(codes.language("en"))
Answer = tuple[int, str]


@dataclass
class Service:
    """What the endpoint answers, one after the other, the last one again and again, and what it was sent."""

    answers: list[Answer | Callable[[float], Answer]]
    url: str = ""
    seconds: list[float] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    retry_after: str = ""

    def answer(self, sound: bytes, given: dict[str, str]) -> Answer:
        with wave.open(io.BytesIO(sound)) as opened:
            assert (opened.getframerate(), opened.getnchannels(), opened.getsampwidth()) == (16000, 1, 2)
            self.seconds.append(opened.getnframes() / 16000)
        self.fields.append(given)
        chosen = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return chosen(self.seconds[-1]) if callable(chosen) else chosen


def _parts(body: bytes, content_type: str) -> tuple[bytes, dict[str, str]]:
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    sound, fields = b"", {}
    for part in message.get_payload():
        assert isinstance(part, Message)
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        if name == "file":
            sound = content
        else:
            fields[name] = content.decode()
    return sound, fields


@pytest.fixture
def service() -> Iterator[Service]:
    serving = Service([])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, text = serving.answer(*_parts(body, self.headers["Content-Type"]))
            self.send_response(status)
            if serving.retry_after:
                self.send_header("Retry-After", serving.retry_after)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        serving.url = f"http://127.0.0.1:{server.server_port}/v1/audio/transcriptions"
        yield serving
        server.shutdown()
        thread.join()


class Worker:
    """The worker's side of `core.asking`, as far as an endpoint needs it."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder

    def __call__(self, question: Json) -> Json:
        if "call" not in question:
            return {"services": {"transcribe": "whisper-1"}}
        line = "xxBORDERxx"
        fields = {"language": question["language"], "prompt": question["prompt"]}
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
            for name, text in fields.items()
        ]
        sound = (self.folder / question["file"]).read_bytes()
        parts += [
            f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="speech.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n".encode(),
            sound,
            f"\r\n--{line}--\r\n".encode(),
        ]
        request = urllib.request.Request(
            self.service.url, b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={line}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return {"status": answer.status, "text": answer.read().decode()}
        except urllib.error.HTTPError as error:
            with error:
                wait = float(error.headers.get("Retry-After") or 0)
                return {"status": error.code, "text": error.read().decode(), "retry_after": wait}


@dataclass
class Set:
    """An endpoint, and how long it has waited."""

    engine: Endpoint
    pauses: list[float]


@pytest.fixture
def set_up(service: Service, tmp_path: Path) -> Set:
    pauses: list[float] = []
    return Set(Endpoint(Worker(service, tmp_path), tmp_path, "whisper-1", pauses.append), pauses)


def said(
    *rows: tuple[float, float, str], words: list[tuple[str, float, float]] | None = None, **more: Any
) -> Answer:
    listed = [
        {"start": start, "end": end, "text": text, "avg_logprob": -0.1, "no_speech_prob": 0.01, **more}
        for start, end, text in rows
    ]
    body: Json = {"language": "english", "text": " ".join(text for _, _, text in rows), "segments": listed}
    if words is not None:
        body["words"] = [{"word": word, "start": start, "end": end} for word, start, end in words]
    return 200, json.dumps(body)


def texts(set_up: Set, chunks: list[Chunk]) -> list[str]:
    return [utterance.text for utterance in hearing.hear(set_up.engine, chunks, EN).utterances]


class TestTimes:
    def test_chunks_go_in_one_file_and_times_come_back(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        """Three seconds, half a second of silence, three seconds: what is at 4.0 there is at 20.5 in the file."""
        service.answers = [
            said(
                (0.2, 1.0, "Hello, world."),
                (4.0, 5.0, "Good day!"),
                words=[("Hello", 0.2, 0.5), ("world", 0.6, 1.0), ("Good", 4.0, 4.4), ("day", 4.5, 5.0)],
            )
        ]
        heard = hearing.hear(set_up.engine, chunks, EN)
        assert service.seconds == [6.5]
        assert heard.aligned
        first, second = heard.utterances
        assert (first.text, first.start, first.end) == ("Hello, world.", 5.2, 6.0)
        assert [(word.text, word.start, word.end) for word in second.words] == [
            ("Good", 20.5, 20.9),
            ("day!", 21.0, 21.5),
        ]

    def test_a_segment_over_two_chunks_is_parted(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [said((0, 6, "one two"), words=[("one", 0.5, 1), ("two", 4.5, 5)])]
        assert [(u.text, u.start) for u in hearing.hear(set_up.engine, chunks, EN).utterances] == [
            ("one", 5.5),
            ("two", 21.0),
        ]

    @pytest.mark.parametrize(
        "words",
        [
            None,
            [],
            [("other", 0.2, 0.5), ("words", 0.6, 1.0)],
            [("Hello", 0.2, 0.5)],
            [("Hello", 100.0, 101.0), ("world", 101.0, 102.0)],
            [("Hello", 2.0, 2.4), ("world", 0.1, 0.2)],
        ],
    )
    def test_without_usable_words_the_time_of_the_segment_is_shared(
        self, words: list[tuple[str, float, float]] | None, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [said((1.0, 3.0, "Hello, world."), words=words)]
        heard = hearing.hear(set_up.engine, chunks, EN)
        assert not heard.aligned
        (utterance,) = heard.utterances
        assert (utterance.text, utterance.start, utterance.end) == ("Hello, world.", 6.0, 8.0)
        assert [word.text for word in utterance.words] == ["Hello,", "world."]

    @pytest.mark.parametrize(
        "rows",
        [
            [(0.0, 900.0, "Hello there"), (900.0, 901.0, "my friends")],
            [(4.0, 5.0, "Hello there"), (1.0, 2.0, "my friends")],
            [(1.0, 1.0, "Hello there"), (1.0, 1.0, "my friends")],
            [(-50.0, -40.0, "Hello there"), (1.0, 2.0, "my friends")],
        ],
    )
    def test_impossible_times_lose_no_word_and_no_order(
        self, rows: list[tuple[float, float, str]], service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [said(*rows)]
        heard = hearing.hear(set_up.engine, chunks, EN)
        assert not heard.aligned
        assert " ".join(utterance.text for utterance in heard.utterances) == "Hello there my friends"
        spans = [span for span, _ in chunks]
        for utterance in heard.utterances:
            assert any(span.start <= utterance.start <= utterance.end <= span.end for span in spans)

    def test_a_plain_text_is_shared_out(self, service: Service, set_up: Set, chunks: list[Chunk]) -> None:
        service.answers = [(200, json.dumps({"text": "one two three four"}))]
        assert texts(set_up, chunks) == ["one two", "three four"]

    @pytest.mark.parametrize(
        "body",
        [
            {"text": 5, "segments": [5, None, {"text": None}, {"text": "x", "start": "0", "end": []}]},
            {"text": "x", "segments": {"a": 1}, "words": "no"},
            {"text": "x", "words": [{"word": 7}, {"start": 1}]},
            {"text": "x", "segments": [{"text": "x", "start": True, "end": None, "avg_logprob": "bad"}]},
        ],
    )
    def test_wrong_types_are_no_times(self, body: Json) -> None:
        (found,) = segments(body, 5.0)
        assert (found.text, found.start, found.end, found.words) == ("x", 0.0, 5.0, ())


class TestTrouble:
    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_what_may_pass_is_tried_again(
        self, status: int, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [(status, "later"), (status, "later"), said((0.2, 1.0, "Hello"))]
        assert texts(set_up, chunks) == ["Hello"]
        assert set_up.pauses == [1.0, 2.0]

    def test_it_waits_as_long_as_it_is_asked_to(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.retry_after = "7"
        service.answers = [(429, "slow down"), said((0.2, 1.0, "Hello"))]
        assert texts(set_up, chunks) == ["Hello"]
        assert set_up.pauses == [7.0]

    def test_in_the_end_it_says_why_it_gave_up(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [(503, "overloaded")]
        with pytest.raises(TaskFault, match="HTTP 503: overloaded"):
            texts(set_up, chunks)
        assert len(service.seconds) == 5

    @pytest.mark.parametrize("status", [400, 401, 404])
    def test_a_refusal_is_not_tried_again(
        self, status: int, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [(status, "no such model")]
        with pytest.raises(TaskFault, match="no such model"):
            texts(set_up, chunks)
        assert len(service.seconds) == 1

    @pytest.mark.parametrize("text", ["", "half a {", "[]", "{}", "null", "[" * 100_000])
    def test_what_is_no_transcription_is_tried_again(
        self, text: str, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [(200, text), said((0.2, 1.0, "Hello"))]
        assert texts(set_up, chunks) == ["Hello"]

    def test_what_is_too_large_goes_in_halves(self, service: Service, set_up: Set) -> None:
        def answer(seconds: float) -> Answer:
            return (
                (413, "too large") if seconds > 30 else said((1.0, 2.0, "Hello"), words=[("Hello", 1.0, 2.0)])
            )

        service.answers = [answer]
        heard = hearing.hear(set_up.engine, [(Span(100.0, 140.0), noise(40))], EN)
        assert service.seconds == [40.0, 20.0, 20.0]
        assert [(each.text, each.start) for each in heard.utterances] == [("Hello", 101.0), ("Hello", 121.0)]

    def test_what_is_too_large_however_small_is_refused(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [(413, "too large")]
        with pytest.raises(TaskFault, match="10 seconds"):
            texts(set_up, chunks)


class TestAsking:
    def test_language_and_hot_words_are_sent(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [said((0.2, 2.0, "你好"))]
        hearing.hear(set_up.engine, chunks, Wanted(codes.language("zh"), ("腾讯云", "OpenVOD")))
        assert service.fields == [{"language": "zh", "prompt": "以下是普通话的句子。 腾讯云, OpenVOD"}]

    def test_a_mixture_is_left_to_the_endpoint(
        self, service: Service, set_up: Set, chunks: list[Chunk]
    ) -> None:
        service.answers = [said((0.2, 2.0, "你好"))]
        hearing.hear(set_up.engine, chunks, Wanted(codes.language("zh_en")))
        assert service.fields[0]["language"] == ""

    def test_the_language_is_found(self, service: Service, set_up: Set) -> None:
        service.answers = [
            said((0.0, 1.0, "Guten Tag")),
            (200, json.dumps({"text": "", "language": "welsh"})),
        ]
        assert set_up.engine.detect(noise(1)) == {"en": 1.0}
        assert set_up.engine.detect(noise(1)) == {}

    @pytest.mark.parametrize(
        "row, more",
        [
            ((0.0, 2.0, "[Music]"), {}),
            ((0.0, 2.0, "♪ la la la ♪"), {}),
            ((0.0, 2.0, "Thank you."), {"no_speech_prob": 0.9, "avg_logprob": -1.2}),
            ((0.0, 2.0, "Subtitles by the Amara.org community"), {}),
            ((0.0, 2.0, "请不吝点赞 订阅 转发"), {}),
            ((0.0, 2.0, "I will. " * 20), {}),
            ((0.0, 0.5, "far too many words for so short a time, nobody speaks like this"), {}),
        ],
    )
    def test_nothing_is_invented(
        self,
        row: tuple[float, float, str],
        more: dict[str, float],
        service: Service,
        set_up: Set,
        chunks: list[Chunk],
    ) -> None:
        service.answers = [said(row, **more)]
        heard = hearing.hear(set_up.engine, chunks, EN)
        assert heard.utterances == ()
        ((start, end, reason),) = heard.left_out
        assert 5.0 == start < end <= 23.0
        assert reason
