"""How exactly are openings and endings found, and where there are none, is none found? On series that are put together here.

    python -m benchmarks.episodes --clips DIR --voices DIR [--seeds 101-110] [--json FILE]

Each series has some episodes; with one other episode to compare with, and with two. Then one episode of each series is
compared with the others' only, whose music has other notes in a style of its own, or in the same one.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import episodes_truth
from benchmarks.episodes_truth import Episode, Material
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.engines import features
from openvod.engines.analysis.episodes import head_tail_search, neighbour
from openvod.engines.features import Film
from openvod.media.probe import probe
from openvod.tasks import Job

KINDS = ("films", "sound alone")
NOWHERE = Path("no-models")


def library(others: Sequence[Episode]) -> Ask:
    """What a worker answers whose library holds these episodes, in this order; it forgets everything."""

    def ask(question: Json) -> Json:
        match question:
            case {"neighbours": True}:
                return {
                    "neighbours": [
                        {"content": each.path, "name": Path(each.path).name, "seconds": each.seconds}
                        for each in others
                    ]
                }
            case {"neighbour": str() as path, "spans": list() as spans}:
                return neighbour.measure({"source": path, "spans": spans}, _unheard)
            case {"abouts": list() as abouts}:
                return {"values": [None] * len(abouts)}
        return {"services": {}}

    return ask


def _unheard(_: float) -> None: ...


def found(episode: Episode, others: Sequence[Episode]) -> tuple[head_tail_search.Found, float]:
    """What the search finds, and the CPU-seconds it takes beside the episode's own features."""
    source = Path(episode.path)
    facts = probe({"source": str(source)}, _unheard)
    job = Job(source, facts, {}, source.parent, NOWHERE, {}, _unheard, library(others), episode.path)
    own = features.features(Film(source, facts, episode.path, NOWHERE))
    begin = time.process_time()
    return head_tail_search.search(job, own), time.process_time() - begin


def measured(series: Sequence[list[Episode]], others_of: Callable[[int], Sequence[Episode]]) -> Json:
    """The first episode of each series against `others_of` its number: errors in seconds, parts missed."""
    errors: dict[str, list[float]] = {"head": [], "tail": []}
    missed, cpu = 0, 0.0
    for number, (first, *_) in enumerate(series):
        result, seconds = found(first, others_of(number))
        cpu += seconds
        for name, part, truth in (
            ("head", result.head.end if result.head else None, first.head[1]),
            ("tail", result.tail.begin if result.tail else None, first.tail[0]),
        ):
            if part is None:
                missed += 1
            else:
                errors[name].append(round(abs(part - truth), 3))
    return {"errors": errors, "missed": missed, "cpu_seconds": round(cpu, 1)}


def false_ones(series: Sequence[list[Episode]]) -> int:
    """How many openings and endings are found where the others are of other series."""
    wrong = 0
    for number, (first, *_) in enumerate(series):
        others = [each[0] for place, each in enumerate(series) if place != number]
        result, _seconds = found(first, others)
        wrong += (result.head is not None) + (result.tail is not None)
    return wrong


def run(seeds: Sequence[int], given: Material, kinds: Sequence[str]) -> Json:
    """Everything, on the series of some seeds."""
    report: Json = {"series": len(seeds)}
    for kind in kinds:
        with tempfile.TemporaryDirectory() as folder:
            series = [
                episodes_truth.series(Path(folder) / str(seed), seed, 3, given, pictures=kind == "films")
                for seed in seeds
            ]
            report[kind] = {
                "one other episode": measured(series, lambda number, s=series: s[number][1:2]),  # type: ignore[misc]
                "two others": measured(series, lambda number, s=series: s[number][1:]),  # type: ignore[misc]
                "false on other series": false_ones(series),
            }
    return report


def rows(report: Json) -> list[str]:
    """The report, a line each."""
    lines = [f"Openings and endings, {report['series']} series, seeds that nothing was tuned on"]
    for kind in (name for name in KINDS if name in report):
        for how in ("one other episode", "two others"):
            row: Any = report[kind][how]
            every = sorted(row["errors"]["head"] + row["errors"]["tail"])
            worst = f"worst {every[-1]:.2f} s" if every else "none found"
            within = sum(error <= 0.25 for error in every)
            lines.append(
                f"  {kind}, {how}: {len(every)} found, {row['missed']} missed, {within} within 0.25 s, {worst}"
            )
        lines.append(f"  {kind}, of other series: {report[kind]['false on other series']} found")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.episodes")
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--voices", type=Path)
    parser.add_argument("--seeds", default="101-106")
    parser.add_argument("--kind", choices=KINDS, action="append", help="both when not given")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    first, _, last = given.seeds.partition("-")
    material = episodes_truth.material(given.clips, given.voices, held_out=True)
    report = run(range(int(first), int(last or first) + 1), material, given.kind or KINDS)
    print("\n".join(rows(report)))
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
