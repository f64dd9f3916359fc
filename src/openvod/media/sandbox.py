"""How is code run that opens strangers' files? In a limited process that cannot outlive its parent.

This is the parent's side, `media.sandbox_child` the child's. The child leads a process group of its own, and
whatever happens here, the group is killed before `call` returns or raises. What a child sends is checked like
any stranger's data: when a file has taken it over, a wrong answer is all the harm that it can do.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.media.questions import Questions
from openvod.media.sandbox_child import FILE_TOO_LARGE, OUT_OF_MEMORY

CrashKind = Literal["signal", "exit", "memory", "time", "output"]

_POLL_SECONDS = 0.1
_LINE_BYTES = 16 << 20
_LOG_BYTES = 4096
_PIECE = 1 << 16
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one media process may use; a program it starts may use as much again, except for wall time."""

    wall_seconds: float
    cpu_seconds: int
    memory_mb: int = 4096
    """Address space, in MB."""
    file_mb: int = 65536
    """Size of the largest file it may write, in MB."""


class Cancelled(Exception):
    """The caller's `cancelled` turned true; the process group is gone."""


class Crashed(Exception):
    """The media process ended without an answer."""

    def __init__(self, reason: str, kind: CrashKind, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        """One line for the operator, e.g. `SIGSEGV`."""
        self.kind: CrashKind = kind
        """`memory` and `time`: a limit was hit; `output`: a file over the limit, or no valid answer."""
        self.detail = detail
        """The end of what the process printed, at most 4 KB. May quote the stranger's file."""


def call(  # noqa: PLR0913 - by keyword only, but for what every call has
    target: str,
    argument: Json,
    folder: Path,
    limits: Limits,
    *,
    readable: Sequence[Path] = (),
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    ask: Ask | None = None,
) -> Json:
    """Call `target` ("package.module:function") as `function(argument, progress) -> Json` in a media process.

    `folder` is its working directory and the only place it can write to; made when absent, for its owner
    only. `readable` are files and folders outside of it that it may read, such as the source and the models.
    `progress` is told 0 to 1 and `cancelled` is asked, both about ten times a second. With `ask` the function is
    given `ask` as a keyword, too, which calls it here, in another thread and one question at a time; it must look at
    a question as at any stranger's data. Safe to use from several threads at once.

    Raises the target's own `TaskFault`, `Cancelled`, or `Crashed`, and what `ask` raises but TaskFaults, which go
    back into the target; nothing a child does can raise anything else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    allowed = asdict(limits)
    deadline = time.monotonic() + allowed.pop("wall_seconds")
    question = {
        "target": target,
        "argument": argument,
        "limits": allowed,
        "readable": [str(path.resolve()) for path in readable],
        "asks": ask is not None,
    }
    with _started(folder.resolve(), json.dumps(question, allow_nan=False).encode() + b"\n", ask) as child:
        while not child.ended():
            child.listen(_POLL_SECONDS)
            if progress and child.news is not None:
                progress(child.news)
                child.news = None
            if cancelled and cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise child.crash(f"stopped after {limits.wall_seconds:g} seconds", "time")
        if child.answer is None:
            raise child.post_mortem()
        return child.answer


def confinement() -> list[str]:
    """What holds a media process back on this machine, found out by one that tries what it must not."""
    with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile() as outside:
        target, argument = "openvod.media.confinement:trial", {"outside": outside.name}
        answer = call(target, argument, Path(folder), Limits(wall_seconds=60, cpu_seconds=30))
    return [str(text) for text in answer["in_force"]]


class _Child:
    """A running media process, and what it has said so far."""

    def __init__(
        self, process: subprocess.Popen[bytes], answers: BinaryIO, questions: Questions, request: bytes
    ) -> None:
        self.answer: Json | None = None
        self.news: float | None = None
        """The latest progress that nobody was told yet."""
        self._process = process
        self._questions = questions
        self._unsent: dict[int, memoryview] = {}
        self._line = bytearray()
        self._log = b""
        self._selector = selectors.DefaultSelector()
        assert process.stdin
        assert process.stdout
        for pipe, action in (
            (process.stdout, self._read_log),
            (answers, self._read_answers),
            (questions.bell, self._reply),
        ):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, action)
        self._queue(process.stdin.fileno(), request)

    def listen(self, seconds: float) -> None:
        """Send and receive for `seconds`, or until the answer. Raises `TaskFault`, at nonsense `Crashed`."""
        until = time.monotonic() + seconds
        while self.answer is None and (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                key.data(key.fd)

    def ended(self) -> bool:
        """Whether there is an answer, or there never will be."""
        if self.answer is None and _exited(self._process):
            self.listen(_POLL_SECONDS)  # what it wrote just before
            return True
        return self.answer is not None

    def crash(self, reason: str, kind: CrashKind) -> Crashed:
        """A crash for `reason`, with the end of the log."""
        return Crashed(reason, kind, self._log.decode(errors="replace"))

    def post_mortem(self) -> Crashed:
        """What the exit status says about a process that did not answer."""
        code = _kill(self._process)
        last = self._log.decode(errors="replace").strip().rpartition("\n")[2]
        if code >= 0:
            kinds: dict[int, CrashKind] = {OUT_OF_MEMORY: "memory", FILE_TOO_LARGE: "output"}
            return self.crash(last or f"exit code {code}", kinds.get(code, "exit"))
        name = signal.Signals(-code).name
        if -code == signal.SIGXCPU:
            return self.crash("over its CPU time", "time")
        if -code == signal.SIGXFSZ:
            return self.crash("a file over the size limit", "output")
        if -code == signal.SIGKILL or b"bad_alloc" in self._log:  # the kernel's out-of-memory killer, or C++
            return self.crash(f"{name}, out of memory", "memory")
        return self.crash(name, "signal")

    def close(self) -> None:
        """Forget the pipes, whose owner closes them."""
        self._selector.close()

    def _reply(self, _bell: int) -> None:
        for line in self._questions.answered():
            self._queue(self._questions.replies.fileno(), line)

    def _queue(self, pipe: int, line: bytes) -> None:
        os.set_blocking(pipe, False)
        self._unsent[pipe] = memoryview(line)
        self._selector.register(pipe, selectors.EVENT_WRITE, self._send)

    def _send(self, pipe: int) -> None:
        """The leash stays open after the last byte: its end is the sign that this process is dead."""
        with suppress(BrokenPipeError):  # it died; the exit status tells more
            self._unsent[pipe] = self._unsent[pipe][os.write(pipe, self._unsent[pipe]) :]
            if self._unsent[pipe]:
                return
        self._selector.unregister(pipe)

    def _read_log(self, pipe: int) -> None:
        self._log = (self._log + self._read(pipe))[-_LOG_BYTES:]

    def _read_answers(self, pipe: int) -> None:
        piece = self._read(pipe)
        self._line += piece
        if b"\n" in piece:
            *lines, self._line = self._line.split(b"\n")
            for line in lines:
                self._understand(line)
        if len(self._line) > _LINE_BYTES:
            raise self.crash(f"an answer of more than {_LINE_BYTES >> 20} MB", "output")

    def _read(self, pipe: int) -> bytes:
        piece = os.read(pipe, _PIECE)
        if not piece:
            self._selector.unregister(pipe)
        return piece

    def _understand(self, line: bytearray) -> None:
        try:
            said = json.loads(line)
            json.dumps(said, ensure_ascii=False, allow_nan=False).encode()  # no NaN, no broken characters
        except (ValueError, RecursionError) as error:
            raise self.crash(f"an answer that is no JSON: {type(error).__name__}", "output") from error
        match said:
            case {"progress": int() | float() as done}:
                self.news = float(min(max(done, 0), 1))
            case {"answer": dict() as answer}:
                self.answer = answer
            case {"ask": dict() as question} if self._questions.take(question):
                pass
            case {"fault": {"key": str(key), "en": str(en), "zh": str(zh)}} if key in TaskFault.table:
                raise TaskFault.told(key, en, zh)
            case _:
                raise self.crash("an answer of the wrong form", "output")


@contextmanager
def _started(folder: Path, request: bytes, ask: Ask | None) -> Iterator[_Child]:
    """A child that is killed with its whole group and reaped at the end. Raises `Crashed` if none starts."""
    with ExitStack() as stack:
        read, write = os.pipe()
        answers = stack.enter_context(os.fdopen(read, "rb", buffering=0))
        theirs = stack.enter_context(os.fdopen(write, "wb", buffering=0))
        questions = stack.enter_context(Questions(ask))
        fds = (write, questions.theirs.fileno())
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-m", "openvod.media.sandbox_child", *map(str, fds)],
                bufsize=0,
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=fds,
                start_new_session=True,
            )
        except OSError as error:
            raise Crashed(f"the process cannot start: {error}", "exit") from error
        stack.enter_context(process)
        stack.callback(_kill, process)
        theirs.close()
        questions.theirs.close()
        child = _Child(process, answers, questions, request)
        stack.callback(child.close)
        yield child


def _environment(folder: Path) -> dict[str, str]:
    """Little, and no secrets: where programs and modules are, one thread per library, scratch space."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        **dict.fromkeys(_THREADS, "1"),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if Path(path).is_absolute()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def _exited(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended. Linux can tell without reaping it, so that its group's number stays its own."""
    if sys.platform == "linux":
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return process.poll() is not None


def _kill(process: subprocess.Popen[bytes]) -> int:
    """Kill the group once, reap its leader, and return its exit status."""
    if process.returncode is None or sys.platform != "linux":
        with suppress(ProcessLookupError, PermissionError):  # all are gone; macOS has EPERM for zombies
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
