"""How does a media process share its work with others? It starts more of its kind, confined as it is itself.

`media.sandbox` cannot be used in there: its processes lead groups of their own, which nothing in a media process may
do. What is started here belongs to the same group, so that it dies with it, and inherits its limits: memory and CPU
time count for each process. `main` is the other side.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.media import sandbox_child
from openvod.media.sandbox import Cancelled, Crashed, Limits

_START = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("openvod", f"{sys.argv[1]}/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["openvod"] = package = module_from_spec(spec)
spec.loader.exec_module(package)
from openvod.media import inner_process
inner_process.main(int(sys.argv[2]))
"""
"""Finds the package without looking into the folder above it, which a media process may not read."""
_PACKAGE = str(Path(__file__).parents[1])
_POLL_SECONDS = 0.1
_LOG_BYTES = 4096


def call(
    target: str,
    argument: Json,
    folder: Path,
    limits: Limits,
    *,
    readable: Sequence[Path] = (),  # noqa: ARG001 - whatever this process may read
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Json:
    """Like `sandbox.call`, for use inside a media process. `folder` must lie in that one's folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as answers, (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-c", _START, _PACKAGE, str(write)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(write,),
        )
        os.close(write)
        try:
            assert process.stdin
            with suppress(BrokenPipeError), process.stdin as question:  # it died; its exit status tells more
                question.write(json.dumps({"target": target, "argument": argument}).encode())
            answer = _listen(answers, limits, progress, cancelled)
            return _post_mortem(process, folder / "log") if answer is None else answer
        finally:
            process.kill()
            process.wait()


def _listen(
    answers: BinaryIO,
    limits: Limits,
    progress: Callable[[float], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Json | None:
    """What the other side answers; None when it ends without. Raises its TaskFault, Cancelled, or Crashed."""
    deadline = time.monotonic() + limits.wall_seconds
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        while True:
            if cancelled and cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise Crashed(f"stopped after {limits.wall_seconds:g} seconds", "time")
            if not selector.select(_POLL_SECONDS):
                continue
            piece = answers.read(1 << 16)
            if not piece:
                return None
            *lines, pending = (pending + piece).split(b"\n")
            for line in lines:
                answer = _understood(json.loads(line), progress)
                if answer is not None:
                    return answer


def _understood(said: Json, progress: Callable[[float], None] | None) -> Json | None:
    if "fault" in said:
        fault = TaskFault("InternalError", reason="")
        fault.key, fault.en, fault.zh = said["fault"]["key"], said["fault"]["en"], said["fault"]["zh"]
        fault.code = fault.key.partition("/")[0]
        raise fault
    if progress and "progress" in said:
        progress(said["progress"])
    answer: Json | None = said.get("answer")
    return answer


def _post_mortem(process: "subprocess.Popen[bytes]", log: Path) -> Json:
    """Raises Crashed with what the exit status says. The log's end is said again, for the operator."""
    code = process.wait()
    detail = log.read_bytes()[-_LOG_BYTES:].decode(errors="replace")
    sys.stderr.write(detail)
    if code in (sandbox_child.OUT_OF_MEMORY, -signal.SIGKILL) or "bad_alloc" in detail:
        raise Crashed("out of memory", "memory", detail)
    if code < 0:
        raise Crashed(signal.Signals(-code).name, "signal", detail)
    raise Crashed(detail.strip().rpartition("\n")[2] or f"exit code {code}", "exit", detail)


def main(pipe: int) -> None:
    """Serve one request from standard input; answers go to the descriptor `pipe`."""
    os.set_inheritable(pipe, False)
    request = json.loads(sys.stdin.buffer.read())
    with os.fdopen(pipe, "wb") as answers:
        code = sandbox_child.serve(request["target"], request["argument"], sandbox_child.Teller(answers))
    sys.stdout.flush()
    os._exit(code)
