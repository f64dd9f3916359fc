"""What the media processes of test_sandbox run: each function is a sandbox target. Light imports only."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from openvod.core.errors import TaskFault


def echo(argument, progress):
    return argument


def surroundings(argument, progress):
    return {
        "folder": str(Path.cwd()),
        "mode": oct(Path.cwd().stat().st_mode & 0o777),
        "environment": dict(os.environ),
        "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
        "modules": sorted(sys.modules),
    }


def count(argument, progress):
    for step in range(argument["steps"] + 1):
        progress(step / argument["steps"])
    return {}


def print_and_answer(argument, progress):
    sys.stdout.write('{"answer": {"from": "print"}}\n')
    os.write(2, b"x" * 200_000)
    return {"from": "return"}


def print_and_fail(argument, progress):
    os.write(1, b"x" * 200_000)
    raise ValueError("the last straw")


def fault(argument, progress):
    raise TaskFault("SourceFileError.ContentMalformed", reason="a reason – 原因")


def segfault(argument, progress):
    return {"never": ctypes.string_at(0)}


def leave(argument, progress):
    sys.exit(3)


def leave_in_silence(argument, progress):
    os._exit(0)


def eat_memory(argument, progress):
    return {"never": len(bytearray(1 << 33))}


def bad_alloc(argument, progress):
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def killed(argument, progress):
    os.kill(os.getpid(), signal.SIGKILL)


def burn(argument, progress):
    while True:
        pass


def hang(argument, progress):
    signal.pause()


def write_much(argument, progress):
    with open("much", "wb") as file:
        for _ in range(8):
            file.write(bytes(1 << 20))
    return {}


def answer_much(argument, progress):
    return {"much": "x" * (17 << 20)}


def answer_nan(argument, progress):
    return {"value": float("nan")}


def say(argument, progress):
    """Writes `line` to the parent past all checks of the child's side, as a hostile file could."""
    os.write(int(sys.argv[1]), argument["line"].encode() + b"\n")
    signal.pause()


def ask_for_parents_death(argument, progress):
    """Starts a grandchild, tells both process ids, and keeps the interpreter lock for ever."""
    family(argument, progress)
    ctypes.PyDLL(None).pause()


def family(argument, progress):
    grandchild = subprocess.Popen([sys.executable, "-ISc", "import signal; signal.pause()"])
    Path("pids.partial").write_text(f"{os.getpid()} {grandchild.pid}")
    Path("pids.partial").rename("pids")
    return {}


def family_and_hang(argument, progress):
    family(argument, progress)
    signal.pause()


def connect(argument, progress):
    socket.create_connection(("127.0.0.1", argument["port"]))
    return {}


def connect_unix(argument, progress):
    socket.socket(socket.AF_UNIX).connect(argument["path"])
    return {}


def read(argument, progress):
    return {"text": Path(argument["path"]).read_text()}


def read_by_program(argument, progress):
    program = [sys.executable, "-ISc", f"print(open({argument['path']!r}).read())"]
    return {"text": subprocess.run(program, check=True, capture_output=True, text=True).stdout}


def write(argument, progress):
    Path(argument["path"]).write_text("written")
    return {}


def signal_parent(argument, progress):
    os.kill(os.getppid(), 0)
    return {}


def open_to_all(argument, progress):
    Path(argument["path"]).chmod(0o666)
    return {}


def touch(argument, progress):
    os.utime(argument["path"], (0, 0))
    return {}


def limit_parent(argument, progress):
    resource.prlimit(os.getppid(), resource.RLIMIT_CPU)
    return {}


def leave_group(argument, progress):
    subprocess.run(["true"], start_new_session=True, check=True)
    return {}


def raise_limit(argument, progress):
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return {}


def asks_in_turn(argument, _progress, ask):
    return {"heard": [ask({"number": number}) for number in range(argument["times"])]}


def asks_and_hears_a_fault(_argument, _progress, ask):
    try:
        ask({})
    except TaskFault as fault:
        return {"key": fault.key, "en": fault.en, "zh": fault.zh, "code": fault.code}
    return {}


def asks_twice_at_once(_argument, _progress, ask):
    threads = [threading.Thread(target=ask, args=({"number": number},)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {}


def asks_behind_our_back(_argument, _progress):
    pipe = int(sys.argv[1])
    os.write(pipe, b'{"ask": {}}\n')
    return {}
