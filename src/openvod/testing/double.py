"""What does a test hold of its server? Address and key, a few conveniences, and the levers."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from openvod.testing.levers import Clock, Faults
from openvod.testing.line import Caller, Gone, Json, Line

COMMAND = (sys.executable, "-P", "-m", "openvod.testing")  # -P: the tests' folder is not the server's
START_SECONDS = 120.0
ANSWER_SECONDS = 300.0
END_SECONDS = 20.0
LOOK_SECONDS = 0.02
LOG_BYTES = 8000


class OpenVod:
    """A running server with its workers. Safe to use from several threads."""

    def __init__(self, caller: Caller, greeting: Json, log: IO[bytes]) -> None:
        """See `start`."""
        self._caller = caller
        self._log = log
        self.endpoint: str = greeting["endpoint"]
        """`127.0.0.1:<port>`, for `HttpProfile(protocol="http", endpoint=…)`."""
        self.url = f"http://{self.endpoint}"
        self.secret_id: str = greeting["secret_id"]
        self.secret_key: str = greeting["secret_key"]
        self.sub_app_id: int = greeting["sub_app_id"]
        """The account's default application, which is meant where a call names none."""
        self.pid: int = greeting["pid"]
        self.clock = Clock(self._ask)
        self.faults = Faults(self._ask)

    def upload(
        self, path: str | os.PathLike[str], *, file_id: str | None = None, sub_app_id: int | None = None
    ) -> str:
        """Put a file into the media library, without the API; its FileId.

        `file_id` (up to 19 digits) and `sub_app_id` (made if need be) can be chosen. Raises Refused for a file that is
        no media, or a FileId that is taken.
        """
        file = str(Path(path).resolve())
        return str(self._ask("upload", file=file, file_id=file_id, sub_app_id=sub_app_id))

    def wait(self, task_id: str, seconds: float = 60.0) -> dict[str, Any]:
        """What DescribeTaskDetail answers once the task has ended (`FINISH` or `ABORTED`); no call, so no fault is used
        up and no limit is met. Raises Refused for an unknown task, TimeoutError.
        """
        for _ in range(
            max(1, int(seconds / LOOK_SECONDS))
        ):  # counted: tests may have stopped Python's clocks
            detail: dict[str, Any] = self._ask("task", task_id=task_id)
            if detail["Status"] in {"FINISH", "ABORTED"}:
                return detail
            time.sleep(LOOK_SECONDS)
        raise TimeoutError(f"{task_id} is {detail['Status']} after {seconds} seconds")

    def reset(self) -> None:
        """Begin anew: no files, tasks, events, templates, usage or further applications; the clock goes right and
        nothing is scripted. Keys stay. What was being worked on is stopped and leaves no trace.
        """
        self._ask("reset")

    @property
    def log(self) -> str:
        """The end of what the server and its workers have logged."""
        end = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), LOG_BYTES, max(0, end - LOG_BYTES)).decode(errors="replace")

    def _ask(self, what: str, **details: Any) -> Any:
        try:
            return self._caller.ask(what, **details)
        except OSError as error:
            raise Gone(f"the OpenVOD server is gone ({error}):\n{self.log}") from error


@contextmanager
def start(**settings: Any) -> Iterator[OpenVod]:
    """A server with a worker, ready to take calls and tasks, on a free loopback port with an empty data folder.

    `settings` are those of docs/SETTINGS.md, e.g. `vendor_limits=True`; the environment's are not looked at, but for
    OPENVOD_MODELS. It ends with the block, or with this process, however that ends; its data goes with it. Raises
    Refused for settings that it cannot have, Gone when it does not start.
    """
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile(prefix="openvod-log-") as log, closing(Line(ours)) as line:
        with theirs:
            process = subprocess.Popen(
                COMMAND,
                stdin=theirs.fileno(),
                stdout=log,
                stderr=log,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the tests, which end the server in their own time
            )
        try:
            ours.settimeout(START_SECONDS)
            caller = Caller(line)
            try:
                greeting = caller.ask(
                    "start", settings={name: _plain(each) for name, each in settings.items()}
                )
            except OSError as error:
                log.seek(0)
                raise Gone(f"no OpenVOD server came up:\n{log.read().decode(errors='replace')}") from error
            ours.settimeout(ANSWER_SECONDS)
            yield OpenVod(caller, greeting, log)
        finally:
            line.close()  # which tells it to end
            _end(process)


def _environment() -> dict[str, str]:
    """What the server inherits: nothing that could point it to other data, or tell it a key."""
    kept = {"OPENVOD_MODELS"}
    return {
        name: value for name, value in os.environ.items() if name in kept or not name.startswith("OPENVOD_")
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, os.PathLike) else value


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
