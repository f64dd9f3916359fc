"""What does a media process do? It gives up its rights, calls one function, and dies with its parent.

Started by `media.sandbox` as `python -m openvod.media.sandbox_child <fd> <replies>`. Standard input is the leash: one
line with the request, then silence for as long as the parent lives. Progress, questions and the answer go to `fd`, one
JSON object a line, because libraries print to the standard streams; `replies` brings one line for each question.
Nothing heavy is imported here, so an empty call stays cheap.
"""

import errno
import faulthandler
import fcntl
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from openvod.core.errors import TaskFault
from openvod.media import confinement

OUT_OF_MEMORY, FILE_TOO_LARGE, FAILED = 71, 72, 70
"""Exit codes that `media.sandbox` understands; the first two say which limit was hit."""

_PROGRESS_SECONDS = 0.2


class Teller:
    """Writes lines to the parent; progress at most five times a second, as callers may report every frame."""

    def __init__(self, pipe: BinaryIO, replies: BinaryIO | None = None) -> None:
        """Without `replies` nothing can be asked."""
        self._pipe = pipe
        self._replies = replies
        self._asking = threading.Lock()
        self._lock = threading.Lock()
        self._told_at = 0.0
        self._latest = 0.0

    def progress(self, done: float) -> None:
        """How far the work is, 0 to 1."""
        with self._lock:
            self._latest = float(done)
            if time.monotonic() - self._told_at >= _PROGRESS_SECONDS:
                self._write({"progress": self._latest})
                self._told_at = time.monotonic()

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """What the parent says to a question, however long it takes. Raises TaskFault."""
        with self._asking:
            assert self._replies is not None
            with self._lock:
                self._write({"ask": question})
            reply = json.loads(self._replies.readline())
        if fault := reply.get("fault"):
            raise TaskFault.told(fault["key"], fault["en"], fault["zh"])
        answer: dict[str, Any] = reply["reply"]
        return answer

    def end(self, last: dict[str, Any]) -> None:
        """The last progress, which may have been held back, and the last line."""
        with self._lock:
            self._write({"progress": self._latest})
            self._write(last)

    def _write(self, line: dict[str, Any]) -> None:
        self._pipe.write(json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n")
        self._pipe.flush()


def main() -> NoReturn:
    """Serve one request and leave without a clean-up: the parent has the answer and wants the memory back."""
    faulthandler.enable()
    os.umask(0o077)
    pipe, replies = map(int, sys.argv[1:3])
    for fd in (pipe, replies):
        os.set_inheritable(fd, False)
    leash = _take_leash()
    request = json.loads(_line(leash))
    confinement.limit(**request["limits"])
    confinement.confine(request["readable"], str(Path.cwd()))
    _hold(leash)
    with os.fdopen(pipe, "wb") as answers, os.fdopen(replies, "rb") as heard:
        code = serve(request["target"], request["argument"], Teller(answers, heard), asks=request["asks"])
        sys.stdout.flush()
        os._exit(code)


def serve(target: str, argument: dict[str, Any], teller: Teller, *, asks: bool = False) -> int:
    """Call the target, tell what it answers, and give the exit code. One that `asks` gets `ask` by keyword."""
    more = {"ask": teller.ask} if asks else {}
    try:
        teller.end({"answer": _function(target)(argument, teller.progress, **more)})
    except TaskFault as fault:
        teller.end({"fault": {"key": fault.key, "en": fault.en, "zh": fault.zh}})
    except Exception as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return _exit_code(error)
    return 0


def _function(target: str) -> Callable[..., dict[str, Any]]:
    module, _, name = target.partition(":")
    function: Callable[..., dict[str, Any]]
    function = getattr(import_module(module), name)
    return function


def _exit_code(error: Exception) -> int:
    """Native libraries tell a failed allocation in many ways: MemoryError, ENOMEM, C++'s `bad_alloc`."""
    number = getattr(error, "errno", None)
    told = getattr(error, "kind", "") == "memory"  # by a process of its own, see `inner_process`
    if isinstance(error, MemoryError) or told or number == errno.ENOMEM or "bad_alloc" in str(error):
        return OUT_OF_MEMORY
    return FILE_TOO_LARGE if number == errno.EFBIG else FAILED


def _take_leash() -> int:
    """Move the leash away from standard input, so that no program started here can read or hold it."""
    leash = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return leash


def _line(leash: int) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        piece = os.read(leash, 1 << 16)
        if not piece:
            os._exit(FAILED)  # the parent died before it could ask
        received += piece
    return bytes(received)


def _hold(leash: int) -> None:
    """From here on, the end of the leash kills the whole process group.

    On Linux the kernel does it, even while native code keeps the interpreter busy; a thread does it
    elsewhere. Not PR_SET_PDEATHSIG: it kills only this process, and so would save the programs started here.
    """
    if sys.platform == "linux":
        fcntl.fcntl(leash, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(leash, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC)

    def wait() -> None:
        while os.read(leash, 1):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, name="leash", daemon=True).start()


if __name__ == "__main__":
    main()
