"""Is that process still there? Names for this host and for a process on it that are never used twice."""

import os
import socket
import subprocess
from pathlib import Path

_PROC = Path("/proc")


def host() -> str:
    """This host, this boot, and the space that its process ids count in (each container has its own)."""
    parts = [socket.gethostname()]
    if (boot := _PROC / "sys/kernel/random/boot_id").exists():
        parts += [boot.read_text().strip(), (_PROC / "self/ns/pid").readlink().name]
    return " ".join(parts)


def started(pid: int) -> str | None:
    """When the process began, as opaque text; None if there is no such process. Ids are used again, with
    another text.
    """
    if (_PROC / "self/stat").exists():
        return _started_linux(pid)
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or None


def _started_linux(pid: int) -> str | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold blanks and brackets
    return None if state in "ZX" else rest[18]


def this() -> tuple[int, str]:
    """This process: its id, and when it began."""
    pid = os.getpid()
    return pid, started(pid) or ""
