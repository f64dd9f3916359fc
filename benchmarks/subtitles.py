"""`make bench-subtitles`: how good subtitles are and what they cost, in one run. `--data DIR` takes one's own speech.

Each part runs in a process of its own. What is made up is made by seed; what is held out was not tuned on.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PEERS = Path(".venv-bench/bin/python")
PARTS = ("speech", "subtitle_rules", "screen_text", "speakers", "subtitle_again")
WITH_DATA = ("speech", "subtitle_rules", "speakers")


def part(name: str, data: Path | None, quick: bool) -> Any:
    """What one bench tells, as it would alone."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(result)]
        command += ["--data", str(data)] if data and name in WITH_DATA else []
        command += ["--peer-python", str(PEERS)] if name == "speech" and PEERS.exists() else []
        command += ["--seeds", "3"] if name == "speakers" and quick else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(result.read_text())


def rows(results: dict[str, Any]) -> Iterator[str]:
    """What was measured, a line each."""
    if heard := results.get("speech"):
        yield f"English speech, {heard['clips']} clip(s), {heard['seconds']:.0f} s, start and loading included"
        for engine, row in heard["engines"].items():
            if "absent" in row:
                yield f"  {engine:34} not installed"
            else:
                yield f"  {engine:34} WER {row['wer']:6.1%}   {row['cpu_per_second']:.4f} CPU-s per second"
    if judged := results.get("subtitle_rules"):
        yield from _rules(judged)
    if read := results.get("screen_text"):
        yield f"Text on the screen, {read['films']} films, {read['seconds']} s of 720p"
        for name in ("tuned", "held"):
            row = read[name]
            ends = f"ends within a frame {row['within_one']:.1%}, exact {row['exact']:.1%}"
            yield f"  {name:34} CER {row['cer']:.2%}, {ends}, {row['missed']} of {row['cues']} missed"
        cost = f"{read['cpu_per_second']:.3f} CPU-s per second, {read['decode_cpu_per_second']:.3f} for decoding alone"
        yield f"  {'cost':34} {cost}"
    if told := results.get("speakers"):
        yield "Speakers told apart, error without a collar (made by seed from clips of single speakers)"
        for name, row in told["made"].items():
            right = f"number right in {row['right_number']} of {row['files']}"
            yield f"  {name:34} {row['error']:6.1%}   {right}, {row['cpu_per_second']:.4f} CPU-s per second"
        for name, row in told["real"].items():
            yield f"  {name:34} {row['error']:6.1%}   (a real clip)"
    if again := results.get("subtitle_again"):
        yield f"A translated file of {again['minutes']} minutes, {again['cues']} cues, after one was corrected"
        asked = again["after_an_edit"]["lines_asked"]
        yield f"  {'time to the file':34} {again['times_faster']:.0f} x faster, {asked} lines asked for"
        yield f"  {'CPU of the whole tree':34} {again['times_less_cpu']:.0f} x less"


def _rules(judged: dict[str, Any]) -> Iterator[str]:
    starts, invented = judged["word_starts"], judged["invented"]
    if starts["words"]:
        yield f"  {'word starts':34} median error {starts['median_s']:.3f} s over {starts['words']} words"
    yield f"  {'words invented':34} {invented['words']} in {invented['seconds']} s without speech"
    for name, row in judged["rules"].items():
        yield f"Cues by `{name}`: {row['cues']}, hard rules broken {row['hard_violations']} times"
        for rule, share in row["rules"].items():
            kept = f"{share['kept']} of {share['of']}"
            yield f"  {rule:34} {kept}, {share['forced']} of the others forced by the voice"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.subtitles", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true", help="fewer conversations")
    parser.add_argument("--parts", default=",".join(PARTS), help="some of it only")
    given = parser.parse_args()
    results = {name: part(name, given.data, given.quick) for name in given.parts.split(",")}
    print("\n".join(rows(results)))
    if given.json:
        given.json.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
