"""What the server costs before it does anything: CPU until it is ready, CPU while idle, memory."""

import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from benchmarks import trees
from benchmarks.calls import running

IDLE_SECONDS = 20


def ready(url: str) -> None:
    """Until /healthz says that a request and a task can be served."""
    while True:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)


def started(data: Path) -> dict[str, float]:
    """CPU-seconds of the whole tree until ready, percent of a core while idle, memory in MB."""
    begun = time.monotonic()
    with running([sys.executable, "-m", "openvod", "serve", "--port", "0", "--data", str(data)]) as server:
        assert server.stdout is not None
        ready(server.stdout.readline().split()[3])
        at_ready, wall = trees.cpu_seconds(server.pid), time.monotonic() - begun
        time.sleep(3)  # what a start leaves to do is no idling
        before, since = trees.cpu_seconds(server.pid), time.monotonic()
        time.sleep(IDLE_SECONDS)
        idle = (trees.cpu_seconds(server.pid) - before) / (time.monotonic() - since)
        memory = trees.memory_mb(server.pid)
    return {"ready_cpu_s": at_ready, "ready_wall_s": wall, "idle_percent": idle * 100, "memory_mb": memory}


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        first = started(Path(folder) / "data")
        return {"first start": first, "later start": started(Path(folder) / "data")}


if __name__ == "__main__":
    print(run())
