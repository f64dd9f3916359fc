"""`make bench`: every figure that README shows, in one run. `--data DIR` takes one's own speech; `--json FILE` keeps it all."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import calls, film, footprint

PEERS = Path(".venv-bench/bin/python")


def speech(data: Path | None) -> Any:
    """The speech bench, which runs each engine in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "speech.json"
        command = [sys.executable, "-m", "benchmarks.speech", "--json", str(result)]
        command += ["--data", str(data)] if data else []
        command += ["--peer-python", str(PEERS)] if PEERS.exists() else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(result.read_text())


def rows(results: dict[str, Any]) -> Iterator[str]:
    """What was measured, a line each; a peer's figure stands with its ratio to ours."""
    heard = results["speech"]
    yield f"English speech, {heard['clips']} clip(s), {heard['seconds']:.0f} s, start and loading included"
    for engine, row in heard["engines"].items():
        if "absent" in row:
            yield f"  {engine:30} not installed"
            continue
        ratio = heard["ratios_to_openvod"].get(engine, {}).get("cpu_per_second", 1.0)
        cost = f"{row['cpu_per_second']:.4f} CPU-s per second ({ratio:.2f} x)"
        yield f"  {engine:30} WER {row['wer']:6.1%}   {cost:38} peak {row['peak_mb']:.0f} MB"
    yield "A call, beside moto's: accepting a task, and reading"
    for server in ("openvod", "moto transcribe"):
        for call, loads in results["calls"][server].items():
            for load, row in loads.items():
                figures = (
                    f"{row['cpu_ms']:.2f} ms CPU, p50 {row['p50_ms']:.1f} ms, p99 {row['p99_ms']:.1f} ms"
                )
                yield f"  {server} {call:{36 - len(server)}} {load:14} {figures}"
    for call, loads in results["calls"]["ratio"].items():
        for load, row in loads.items():
            figures = ", ".join(f"{name.removesuffix('_ms')} {value:.2f} x" for name, value in row.items())
            yield f"  {'ratio ' + call:37} {load:14} {figures}"
    yield "The server with its worker"
    for start, row in results["footprint"].items():
        figures = f"ready after {row['ready_cpu_s']:.2f} CPU-s, idle {row['idle_percent']:.2f} % of a core"
        yield f"  {start:40} {figures}, {row['memory_mb']:.0f} MB"
    row = results["film"]
    yield f"  {row['minutes']} minutes: subtitles and tags{'':13} peak {row['peak_memory_mb']:.0f} MB over the whole tree"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = {
        "speech": speech(given.data),
        "calls": calls.run(PEERS if PEERS.exists() else None),
        "footprint": footprint.run(),
        "film": film.run(),
    }
    print("\n".join(rows(results)))
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
