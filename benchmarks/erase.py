"""`make bench-erase`: is what was in the picture gone, is nothing else touched, and what does it cost? Table and JSON.

    python -m benchmarks.erase [--data DIR] [--json FILE] [--parts subtitles,held,...] [--quick] [--long] [--jobs N]

Truth is made by burning subtitles and logos into clean clips. Region: pixels whose clean and burned luma differ by more than
4, widened by 2, in frames with a cue; PSNR pooled over a clip, of what the encoder gets. The engine is given the file and
nothing else; ffmpeg's delogo the true boxes and times. `held` is apart: pans over stills, styles and seeds that nobody
tunes with. An hour with text in two parts of a hundred is measured with `--long` only.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2

from benchmarks import erase_cost, erase_pans, erase_verdict, erase_whole, privacy, privacy_truth
from benchmarks.erase_run import EngineFailed
from benchmarks.erase_styles import HELD_LOOKS, HELD_MARKS, LOOKS
from benchmarks.erase_truth import EVERY_LOOK, PEERS, Case, burn, ffmpeg, fonts, sources
from benchmarks.verdict import Verdict
from openvod.core.settings import Settings

GLASS = ("glass-30", "glass-60", "glass-badge-45")
QUICK_LOOKS = ("white-en", "white-zh", "two-lines", "fade-en")
SEED, HELD_SEED = 1, 7001
STANDING_SECONDS = 6.0
"""Of the clips with logos: by what stays is seen what was laid on."""
PRIVACY_SEEDS, HELD_PRIVACY_SEEDS = (1, 2, 3, 4), (7101, 7102)
PARTS = ("subtitles", "held", "watermarks", "privacy", "cost")


@dataclass(frozen=True, slots=True)
class Bench:
    """What all parts share."""

    clips: tuple[Path, ...]
    data: Path | None
    folder: Path
    program: str
    font: Path
    python: Path
    """Of the peers' environment."""
    seconds: float
    quick: bool
    long: bool
    jobs: int
    pictures: Path | None = None


def one(bench: Bench, clip: Path, what: str, seed: int) -> dict[str, Any]:
    """A case, made and measured."""
    cv2.setNumThreads(1)
    seconds = bench.seconds if what in EVERY_LOOK else max(STANDING_SECONDS, bench.seconds)
    case = burn(clip, what, bench.folder, seed, bench.program, bench.font, seconds)
    judge: Callable[[Case, Path, str], dict[str, Any]] = (
        erase_whole.subtitles if case.kind == "subtitle" else erase_whole.watermark
    )
    try:
        row = judge(case, bench.folder / "runs", bench.program)
    except EngineFailed as failed:
        row = {"failed": str(failed), "kind": case.kind}
    row |= {"name": case.name, "what": what}
    if bench.pictures and (case.folder / erase_whole.WORST).exists():
        shutil.copy(case.folder / erase_whole.WORST, bench.pictures / f"{case.name}.png")
    for made in (case.folder / "burned.mkv", case.upload):
        made.unlink()
    (case.folder / "truth.json").unlink()  # it is made again from the same seed
    return row


def many(bench: Bench, clips: Sequence[Path], whats: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Every burning of every clip, a few at a time; told as they end."""
    jobs = [(clip, what, seed + 100 * i + j) for i, clip in enumerate(clips) for j, what in enumerate(whats)]
    with ProcessPoolExecutor(bench.jobs, multiprocessing.get_context("spawn")) as pool:
        rows = []
        for row in pool.map(partial(one, bench), *zip(*jobs, strict=True)):
            rows.append(row)
            print(case_line(row), flush=True)
    return rows


def case_line(row: dict[str, Any]) -> str:
    """The figures of a case."""
    if "failed" in row:
        return f"  {row['name']:34} FAILED: {row['failed'].strip().splitlines()[-1]}"
    ours, peer = row["openvod"], row["delogo"]
    told = f"  {row['name']:34} {ours['psnr']:5.2f} dB, delogo {peer['psnr']:5.2f} ({row['gain']:+5.2f}), "
    told += f"flicker {ours['flicker']:5.2f} ({row['calm']:4.2f} x), worst frame {row['worst_frame']}, "
    told += f"covered {100 * row['covered']:.1f} %, "
    if row["kind"] == "watermark":
        return told + f"plain {row['plain']['psnr']:5.2f}, found {row['found']}, {row['cpu_ms']:4.0f} ms"
    told += f"found {row['found']}/{row['cues']}, ends {' '.join(map(_end, row['errors']))}, "
    return told + f"left {row['residual']}/{row['readable']}, {row['cpu_ms']:4.0f} ms"


def _end(error: int | None) -> str:
    return "?" if error is None else str(error)


def subtitles(bench: Bench) -> list[dict[str, Any]]:
    return many(bench, bench.clips, QUICK_LOOKS if bench.quick else tuple(LOOKS), SEED)


def held(bench: Bench) -> dict[str, Any]:
    """Clips, styles and seeds that are kept out of tuning."""
    pans = erase_pans.make(bench.folder / "pans", STANDING_SECONDS, HELD_SEED, bench.python)
    looks, marks = list(HELD_LOOKS), list(HELD_MARKS)
    rows = many(bench, pans[:1] if bench.quick else pans, [*looks[:2], "white-en", *marks], HELD_SEED)
    if not bench.quick:
        rows += many(bench, bench.clips, [*looks[1:], *marks], HELD_SEED + 1000)
    return {
        "subtitles": [row for row in rows if row["kind"] == "subtitle"],
        "watermarks": [row for row in rows if row["kind"] == "watermark"],
        "privacy": None if bench.quick else hidden(bench, HELD_PRIVACY_SEEDS),
    }


def watermarks(bench: Bench) -> list[dict[str, Any]]:
    return many(bench, bench.clips, GLASS[:1] if bench.quick else [*GLASS, "opaque-corners"], SEED + 50)


def hidden(bench: Bench, seeds: Sequence[int]) -> dict[str, Any]:
    """Faces and plates, a few cases at a time."""
    with ProcessPoolExecutor(bench.jobs, multiprocessing.get_context("spawn")) as pool:
        return privacy.merged(list(pool.map(partial(one_hidden, bench), seeds)))


def one_hidden(bench: Bench, seed: int) -> dict[str, Any]:
    """A case with faces and plates, made and measured."""
    cv2.setNumThreads(1)
    case = privacy_truth.make(bench.folder, seed, *privacy_truth.material(bench.data))
    return privacy.run([case], bench.python)


def cost(bench: Bench) -> dict[str, Any]:
    """CPU, memory, and what was only copied."""
    folder = bench.folder / "cost"
    folder.mkdir(exist_ok=True)
    maker = erase_cost.Maker(bench.program, bench.font, bench.clips[0], folder)
    films: dict[str, list[bool]] = {"copied": [False, True, False, False], "10s": [True]}
    if not bench.quick:
        films["5min"] = [True] * 30
    if bench.long:
        films["1h"] = [place in (40, 41, 160, 161, 280, 281, 320) for place in range(360)]
    rows = {}
    for name, pieces in films.items():
        rows[name] = erase_cost.measure(maker, name, pieces, compare=name == "copied")
        each = rows[name]
        print(
            f"  {name:8} {each['peak_mb']:.0f} MB, {each['cpu_s']:.1f} CPU-s for {each['frames']} frames, "
            f"{each['frames_with_text']} with text: "
            + ", ".join(f"{name.rpartition('.')[2]} {spent:.1f}" for name, spent in each["stages"].items()),
            flush=True,
        )
    return rows


def verdicts(results: dict[str, Any]) -> Iterator[Verdict]:
    """The table."""
    apart = results.get("held", {})
    tuned, marks = results.get("subtitles", []), results.get("watermarks", [])
    every = [*tuned, *marks, *apart.get("subtitles", []), *apart.get("watermarks", [])]
    yield from erase_verdict.ended(every)
    yield from erase_verdict.subtitles("tuned", tuned)
    yield from erase_verdict.subtitles("held out", apart.get("subtitles", []))
    yield from erase_verdict.watermarks("tuned", [row for row in marks if row["what"] in GLASS])
    yield from erase_verdict.watermarks("held out", apart.get("watermarks", []))
    for group, told in (("tuned", results.get("privacy")), ("held out", apart.get("privacy"))):
        yield from erase_verdict.privacy(group, told["figures"] if told else [])
    films = results.get("cost", {})
    yield from erase_verdict.outside(every, films.get("copied", {}).get("copied"))
    yield from erase_verdict.cost(films)


def show(results: dict[str, Any]) -> None:
    print()
    for verdict in verdicts(results):
        print(verdict.line())


def save(results: dict[str, Any], target: Path | None) -> None:
    """All there is so far: a long run that is stopped has not been for nothing."""
    if target:
        told = [asdict(verdict) for verdict in verdicts(results)]
        target.write_text(json.dumps({**results, "verdicts": told}, indent=1, ensure_ascii=False) + "\n")


def run(bench: Bench, parts: Sequence[str], target: Path | None) -> dict[str, Any]:
    """The parts, one after the other."""
    doing: dict[str, Callable[[Bench], Any]] = {
        "subtitles": subtitles,
        "held": held,
        "watermarks": watermarks,
        "privacy": lambda bench: hidden(bench, PRIVACY_SEEDS[:2] if bench.quick else PRIVACY_SEEDS),
        "cost": cost,
    }
    results: dict[str, Any] = {}
    for part in parts:
        begun = time.monotonic()
        print(part, flush=True)
        results[part] = doing[part](bench)
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
        save(results, target)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.erase", description=__doc__)
    parser.add_argument("--data", type=Path, help="clean clips, in it or in its folder `video`")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="fewer styles, seeds and seconds")
    parser.add_argument("--long", action="store_true", help="an hour of film, too")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=4.0, help="of each clip")
    parser.add_argument("--folder", type=Path, help="for what is made; kept")
    parser.add_argument(
        "--pictures", type=Path, help="for the worst frame of each case: clean, given, ours, delogo's"
    )
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    given = parser.parse_args()
    models = Settings.read().model_folder()
    films = given.data / "video" if given.data and (given.data / "video").is_dir() else given.data
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(
            clips=tuple(sources(films, models)),
            data=given.data,
            folder=given.folder or Path(scratch),
            program=ffmpeg(given.peer_python),
            font=fonts(models),
            python=given.peer_python.absolute(),
            seconds=min(3.0, given.seconds) if given.quick else given.seconds,
            quick=given.quick,
            long=given.long,
            jobs=given.jobs,
            pictures=given.pictures and given.pictures.absolute(),
        )
        if bench.pictures:
            bench.pictures.mkdir(parents=True, exist_ok=True)
        bench.folder.mkdir(parents=True, exist_ok=True)
        show(run(bench, given.parts.split(","), given.json))


if __name__ == "__main__":
    main()
