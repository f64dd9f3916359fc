"""How good and how dear is analysis? Shots and features beside PySceneDetect, vertical video, episodes, cuts: one run.

Each part is a program of its own (`python -m benchmarks.<part> --help`) and makes its own truth by seed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.analysis_verdict import verdicts

PARTS = ("features", "vertical", "episodes", "cuts")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.analysis", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder with `video` (and `faces`) of your own")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer films")
    parser.add_argument("--long", action="store_true", help="two hours of film, too")
    parser.add_argument("--parts", default=",".join(PARTS))
    given = parser.parse_args()
    more = {
        "features": [
            *_data(given.data),
            *(["--films", "1", "--shots", "24"] if given.quick else []),
            *(["--long"] if given.long else []),
        ],
        "vertical": [*_data(given.data), *(["--seeds", "101-102"] if given.quick else [])],
        "episodes": ["--seeds", "109-109" if given.quick else "109-110", "--kind", "films"],
        "cuts": [],
    }
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in given.parts.split(","):
            print(f"\n== {part}", flush=True)
            file = Path(folder) / f"{part}.json"
            command = [sys.executable, "-m", f"benchmarks.{part}", *more[part], "--json", str(file)]
            subprocess.run(command, check=True)
            found[part] = json.loads(file.read_text())
    rows = [*verdicts(found)]
    print("\n" + "\n".join(row.line() for row in rows))
    found["verdicts"] = [asdict(row) for row in rows]
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _data(folder: Path | None) -> list[str]:
    return [] if folder is None else ["--data", str(folder)]


if __name__ == "__main__":
    main()
