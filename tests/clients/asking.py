"""How is a client asked? Whatever it is, a call goes in, an answer or a refusal comes out."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

from openvod.core import spec

HERE = Path(__file__).parent
TCCLI = Path(sys.executable).with_name("tccli")
SECONDS = 120
"""The longest a call may take."""


@dataclass(frozen=True)
class Call:
    """What a client is asked to send, and with which key."""

    service: spec.Service
    action: str
    params: dict[str, Any]
    secret_id: str
    secret_key: str
    token: str = ""
    typed: bool = True
    """By the client's own method for that action; otherwise by the one that sends anything."""


class Refusal(Exception):
    """An error as it arrived in the client."""

    def __init__(self, how: str, code: str, message: str, request_id: str) -> None:
        """`how` is the name of the exception that was raised, or what stands for it, e.g. `exit status 255`."""
        super().__init__(f"{how}: {code} {message}")
        self.how, self.code, self.message, self.request_id = how, code, message, request_id


Ask = Callable[[Call], dict[str, Any]]
"""Gives the answer's fields; raises Refusal."""


def environment(home: str, **more: str) -> dict[str, str]:
    """Nothing of the user's own: no configuration, no proxies, no keys."""
    return {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", **more}


def spoken_to(*command: str | Path, **more: str) -> Callable[[str], AbstractContextManager[Ask]]:
    """A client that stays: calls go to its stdin, what came of them comes from its stdout, a line of JSON each."""

    @contextmanager
    def started(address: str) -> Iterator[Ask]:
        line = [part if part != "HOST:PORT" else address for part in map(str, command)]
        with (
            tempfile.TemporaryDirectory() as home,
            (Path(home) / "stderr").open("w+") as complaints,
            subprocess.Popen(
                line,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                env=environment(home, **more),
            ) as process,
        ):
            yield partial(_spoken, process, complaints)
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it has ended, and its steps have told of that
                process.stdin.close()

    return started


def _spoken(process: subprocess.Popen[str], complaints: IO[str], call: Call) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(asdict(call)) + "\n")
        process.stdin.flush()
    told = process.stdout.readline()
    if not told:
        complaints.seek(0)
        raise Refusal("it ended", "", complaints.read()[-500:], "")
    return _answer(json.loads(told))


def _answer(told: dict[str, Any]) -> dict[str, Any]:
    if "refusal" in told:
        raise Refusal(**told["refusal"])
    return {name: value for name, value in told["answer"].items() if value is not None}


@contextmanager
def tccli(address: str) -> Iterator[Ask]:
    """`tccli`, once for each call; an option for each parameter."""
    with tempfile.TemporaryDirectory() as home:

        def ask(call: Call) -> dict[str, Any]:
            options = [
                text
                for name, value in call.params.items()
                for text in (f"--{name}", value if isinstance(value, str) else json.dumps(value))
            ]
            told = environment(
                home,
                TENCENTCLOUD_SECRET_ID=call.secret_id,
                TENCENTCLOUD_SECRET_KEY=call.secret_key,
                TENCENTCLOUD_TOKEN=call.token,
                TENCENTCLOUD_REGION="ap-guangzhou",
            )
            command = [TCCLI, call.service, call.action, "--endpoint", f"http://{address}", *options]
            run = subprocess.run(
                command, env=told, capture_output=True, text=True, timeout=SECONDS, check=False
            )
            if run.returncode:
                raise _read_tccli(run.returncode, run.stderr)
            return _answer({"answer": json.loads(run.stdout)})

        yield ask


def _read_tccli(status: int, stderr: str) -> Refusal:
    said = re.search(r"code:(\S+) message:(.*) requestId:(\S+)", stderr, re.DOTALL)
    code, message, request_id = said.groups() if said else ("", stderr[-500:], "")
    return Refusal(f"exit status {status}", code, message, request_id)


@contextmanager
def curl(address: str) -> Iterator[Ask]:
    """curl and openssl, once for each call; the answer is read as it came."""
    with tempfile.TemporaryDirectory() as home:

        def ask(call: Call) -> dict[str, Any]:
            told = environment(
                home,
                OPENVOD_SECRET_ID=call.secret_id,
                OPENVOD_SECRET_KEY=call.secret_key,
                OPENVOD_TOKEN=call.token,
            )
            command = [
                HERE / "curl_client.sh",
                address,
                call.service,
                spec.load(call.service).version,
                call.action,
            ]
            run = subprocess.run(
                command,
                input=json.dumps(call.params),
                env=told,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
            how = f"exit status {run.returncode}"
            if not run.stdout:
                raise Refusal(how, "", run.stderr[-500:], "")
            answer = json.loads(run.stdout)["Response"]
            if run.returncode:
                raise Refusal(how, answer["Error"]["Code"], answer["Error"]["Message"], answer["RequestId"])
            return _answer({"answer": answer})

        yield ask
