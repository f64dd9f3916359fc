"""`make bench`: every figure that README shows, in one run. `--data DIR` adds one's own media; `--json FILE` keeps it."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import accept, film, footprint

PEERS = Path(".venv-bench/bin/python")


def speech(data: Path | None) -> Any:
    """The speech bench, which runs each engine in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "speech.json"
        command = [sys.executable, "-m", "benchmarks.speech", "--json", str(result)]
        command += ["--data", str(data)] if data else []
        command += ["--peer-python", str(PEERS)] if PEERS.exists() else []
        subprocess.run(command, check=True)
        return json.loads(result.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results: dict[str, Any] = {}
    for name, bench in (
        ("speech", lambda: speech(given.data)),
        ("accept", lambda: accept.run(PEERS if PEERS.exists() else None)),
        ("footprint", footprint.run),
        ("film", film.run),
    ):
        results[name] = bench()
        print(f"\n{name}\n{json.dumps(results[name], indent=2)}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
