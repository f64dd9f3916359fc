"""What the worker makes of the operator's endpoints, against real HTTP servers that do not always behave."""

import json
import os
from base64 import b64decode
from dataclasses import asdict
from pathlib import Path

import pytest

from openvod.core import asking
from openvod.core.asking import Reply
from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.media.sandbox import Crashed
from openvod.store.kept_files import KeptFiles
from openvod.worker.answering import Answering
from openvod.worker.endpoints import Endpoints
from tests.outbound.far_side import answer, far_side

APP = 1400000001


class Remembered:
    """A memory that keeps nothing; its own tests are the store's."""

    def recall(self, _app, _step, abouts):
        return [None] * len(abouts)

    def keep(self, _app, _step, _pairs):
        return None


def asker(folder: Path, **given):
    shelf = KeptFiles(folder, Settings(**given)).shelf(APP, "source")
    return Answering(Remembered(), Endpoints(Settings(**given)), APP, folder, shelf=shelf)


def completion(text, **more):
    return json.dumps({"choices": [{"message": {"content": text}, **more}]}).encode()


def body_of(request: bytes, talk) -> bytes:
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += talk.recv(65536)
    return body


def recording(heard, reply):
    def script(talk, request):
        heard.append((request.partition(b"\r\n\r\n")[0].decode(), body_of(request, talk)))
        reply(talk, request)

    return script


def test_chat(tmp_path):
    heard = []
    (tmp_path / "frame.jpg").write_bytes(b"\xff\xd8picture")
    messages = [
        {"role": "system", "content": "Translate."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "看"}, {"type": "image_file", "name": "frame.jpg"}],
        },
    ]
    with far_side(recording(heard, answer(completion("Look.", finish_reason="length")))) as side:
        ask = asker(tmp_path, chat_url=side.url("/v1/"), chat_key="s3cret", chat_model="small")
        assert asking.services(ask) == {"chat": "small"}
        reply = asking.chat(ask, messages, json_answer=True, most_tokens=77)
    assert reply == Reply(200, "Look.", finished=False)
    ((head, body),) = heard
    assert head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    assert "Authorization: Bearer s3cret" in head
    asked = json.loads(body)
    image = asked["messages"][1]["content"][1]["image_url"]["url"]
    assert b64decode(image.partition(",")[2]) == b"\xff\xd8picture"
    assert asked["messages"][0] == messages[0]
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("small", 0, 77)
    assert asked["response_format"] == {"type": "json_object"}


def test_transcribe_sends_the_file(tmp_path):
    heard = []
    (tmp_path / "part.wav").write_bytes(b"RIFF\x00\r\n--sound")
    with far_side(recording(heard, answer(b'{"text": "hello"}'))) as side:
        ask = asker(tmp_path, transcribe_url=side.url(), transcribe_model="whisper-x")
        assert asking.transcribe(ask, "part.wav", language="zh").text == '{"text": "hello"}'
    ((head, body),) = heard
    assert head.startswith("POST /audio/transcriptions ")
    assert "Authorization" not in head
    assert b"RIFF\x00\r\n--sound\r\n--" in body
    for field in (b'name="model"\r\n\r\nwhisper-x', b'name="language"\r\n\r\nzh', b"verbose_json"):
        assert field in body


def test_speak_writes_the_file(tmp_path):
    with far_side(answer(b"RIFFsound")) as side:
        ask = asker(tmp_path, speak_url=side.url())
        assert asking.speak(ask, "hello", voice="alloy", file="line-1.wav") == Reply(200)
    assert (tmp_path / "line-1.wav").read_bytes() == b"RIFFsound"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (answer(b"slow down", "429 Too Many Requests", "Retry-After: 7"), Reply(429, "slow down", 7.0)),
        (answer(b"x" * 9000, "500 Oops", "Retry-After: tomorrow"), Reply(500, "x" * 500)),
        (answer(b"", "302 Found", "Location: http://127.0.0.1:1/"), Reply(302)),
        (answer(b'{"choices": []}'), Reply(0, "its answer is no chat completion")),
        (answer(b'{"choi'), Reply(0, "its answer is no chat completion")),
        (answer(b"[]"), Reply(0, "its answer is no chat completion")),
        (answer(completion("cut off"), length=4000), Reply(0, "the connection ended early")),
        (lambda _talk, _request: None, Reply(0, "its answer is not proper HTTP")),
    ],
)
def test_a_bad_answer_is_told_as_it_is(tmp_path, script, expected):
    with far_side(script) as side:
        ask = asker(tmp_path, chat_url=side.url())
        assert asking.chat(ask, [{"role": "user", "content": "hi"}]) == expected


def test_nobody_there(tmp_path):
    with far_side(answer(b"")) as side:
        gone = side.url()
    ask = asker(tmp_path, chat_url=gone)
    assert asking.chat(ask, [{"role": "user", "content": "hi"}]) == Reply(0, "no connection could be made")


def test_without_an_endpoint_the_fault_names_the_setting(tmp_path):
    with pytest.raises(TaskFault, match="chat_url"):
        asking.chat(asker(tmp_path), [{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "..", "", "a\0b", 7, None])
def test_a_file_outside_of_the_folder_is_refused(tmp_path, name):
    (tmp_path.parent / "secret").write_text("x")
    with far_side(answer(b"")) as side:
        ask = asker(tmp_path / "job", transcribe_url=side.url(), speak_url=side.url())
        for question in (
            {"call": "transcribe", "file": name, "language": "", "prompt": ""},
            {"call": "speak", "file": name, "text": "", "voice": "", "speed": 1.0},
        ):
            with pytest.raises(Crashed):
                ask(question)
        assert side.requests == []


def test_no_link_leads_out_of_the_folder(tmp_path):
    secret, job = tmp_path / "secret", tmp_path / "job"
    secret.write_text("of ours")
    job.mkdir()
    (job / "soft.wav").symlink_to(secret)
    (job / "hard.wav").hardlink_to(secret)
    os.mkfifo(job / "pipe.wav")
    (job / "folder.wav").mkdir()
    with far_side(answer(b"sound")) as side:
        ask = asker(job, transcribe_url=side.url(), speak_url=side.url())
        for name in ("soft.wav", "hard.wav", "pipe.wav", "folder.wav", "absent.wav"):
            with pytest.raises(Crashed):
                asking.transcribe(ask, name)
        assert side.requests == []
        with pytest.raises(Crashed):
            asking.speak(ask, "overwritten", voice="", file="soft.wav")
    assert secret.read_text() == "of ours"


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"call": "shell"},
        {"recall": 1, "abouts": []},
        {"recall": "s", "abouts": [{}] * 1001},
        {"keep": "s", "pairs": [1]},
    ],
)
def test_a_question_of_the_wrong_form_ends_the_job(tmp_path, question):
    with pytest.raises(Crashed):
        asker(tmp_path)(question)


def test_a_reply_travels_as_json():
    assert Reply(**json.loads(json.dumps(asdict(Reply(200, "ok", 1.5, finished=False))))) == Reply(
        200, "ok", 1.5, finished=False
    )
