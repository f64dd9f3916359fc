"""Is any face or plate left to be seen, in any single frame? Against known truth, beside deface.

    python -m benchmarks.privacy [--data DIR] [--seeds 1,2,3,4] [--json FILE]

A frame is exposed when less than 90 in 100 of the true box's visible pixels are hidden. Frames in which less than a
quarter of the box shows are not counted.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_truth import PEERS
from benchmarks.privacy_truth import HEIGHT, WIDTH, make, material
from openvod.core.settings import Settings
from openvod.engines import hide, private_areas
from openvod.engines.tracks import Areas
from openvod.engines.tracks_view import view
from openvod.media import frames
from openvod.media.rewrite.windows import Picture

HIDDEN, SHOWS = 0.9, 0.25
PEER = """
import json, sys, time
import cv2
import imageio.v2 as iio
from deface.centerface import CenterFace
from deface.deface import scale_bb
cv2.setNumThreads(1)
found, network = [], CenterFace(backend="opencv")
start = time.process_time()
for frame in iio.get_reader(sys.argv[1]).iter_data():
    boxes, _ = network(frame, threshold=0.2)
    found.append([[int(v) for v in scale_bb(*box[:4].astype(int), 1.3)] for box in boxes])
print(json.dumps({"boxes": found, "cpu": time.process_time() - start}))
"""
"""deface as its own command does it, with its defaults, but for painting: where is an ellipse over each of these boxes."""

Mask = NDArray[np.bool_]


@dataclass(slots=True)
class Figures:
    """What one tool did to one kind of thing, over all cases."""

    tool: str
    kind: str
    frames: int = 0
    """Frames times things to be hidden."""
    exposed: int = 0
    longest: int = 0
    """Frames in a row."""
    never: int = 0
    """Things that were not hidden in a single frame."""


def hidden_by_us(upload: Path, targets: list[str]) -> tuple[Areas, float, float]:
    """The areas, CPU-seconds per frame of finding (decoding included), and of hiding."""
    models = Settings.read().model_folder()
    made = private_areas.followers(models, targets, 25)  # type: ignore[arg-type]
    count = 0

    def views() -> Any:
        nonlocal count
        for planes in frames.planes(upload):
            count += 1
            yield view(planes.index, planes.luma, planes.chroma)

    start = time.process_time()
    areas = Areas(private_areas.follow_all(views(), made))
    finding = (time.process_time() - start) / count
    grey = [np.zeros((HEIGHT >> half, WIDTH >> half), np.uint8) for half in (0, 1, 1)]
    start = time.process_time()
    for number in range(count):
        hide.hide(Picture(number, 0, tuple(grey)), areas, "blur", 0)
    return areas, finding, (time.process_time() - start) / count


def mask_of_ours(areas: Areas, frame: int, kind: str) -> Mask:
    """What is wholly replaced."""
    white = np.full((HEIGHT, WIDTH), 0, np.uint8)
    for each, box in areas.at(frame):
        if each == kind and (patch := hide.patch_of(box, white.shape, hide.CELLS[each])) is not None:
            white[patch.window] |= (patch.weight >= 0.99).astype(np.uint8)
    return white > 0


def mask_of_deface(boxes: list[list[int]]) -> Mask:
    """deface's ellipse inside of each box."""
    white = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x0, y0, x1, y1 in boxes:
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(WIDTH - 1, x1), min(HEIGHT - 1, y1)  # noqa: PLW2901
        cv2.ellipse(white, (((x0 + x1) / 2, (y0 + y1) / 2), (max(1, x1 - x0), max(1, y1 - y0)), 0), 1, -1)
    return white > 0


def true_mask(row: dict[str, Any]) -> tuple[Mask, float]:
    """The visible pixels of a true box, and which part of it shows."""
    corners = np.array(row["corners"])
    white = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(white, np.rint(corners).astype(np.int32), 1)
    area = float(cv2.contourArea(corners.astype(np.float32)))
    if row["bar"]:
        white[:, row["bar"][0] : row["bar"][1]] = 0
    return white > 0, float(white.sum()) / max(area, 1.0)


def judge(case: Path, kind: str, mask: Callable[[int], Mask], figures: Figures, seen: list[str]) -> float:
    """Add a case to the figures; answers the share of the picture that was hidden needlessly, mean over frames."""
    truth = json.loads((case / "truth.json").read_text())["frames"]
    runs: dict[str, int] = {}
    hits: dict[str, list[float]] = {}
    needless = 0.0
    for frame, rows in enumerate(truth):
        hidden = mask(frame)
        needed = np.zeros_like(hidden)
        for row in rows:
            if row["kind"] != kind:
                continue
            true, shows = true_mask(row)
            needed |= true
            if shows < SHOWS:
                continue
            share = float((hidden & true).sum()) / max(1, int(true.sum()))
            figures.frames += 1
            hits.setdefault(row["id"], []).append(share)
            run = runs[row["id"]] = runs.get(row["id"], 0) + 1 if share < HIDDEN else 0
            figures.exposed += share < HIDDEN
            figures.longest = max(figures.longest, run)
            if share < HIDDEN:
                seen.append(
                    f"{case.name} {figures.tool} {row['id']} frame {frame} {row['height']:.0f} px high: {share:.2f}"
                )
        needless += float((hidden & ~needed).mean())
    figures.never += sum(max(shares) < HIDDEN for shares in hits.values())
    return needless / len(truth)


def run(cases: list[Path], peer: Path) -> dict[str, Any]:
    """All figures over the cases."""
    rows = [Figures("openvod", "face"), Figures("openvod", "plate"), Figures("deface", "face")]
    needless = [0.0, 0.0, 0.0]
    seen: list[str] = []
    cpu: dict[str, list[float]] = {"faces": [], "plates": [], "hiding": [], "deface": []}
    for case in cases:
        for place, kind in enumerate(("face", "plate")):
            areas, finding, hiding = hidden_by_us(case / "upload.mp4", [kind])
            cpu[f"{kind}s"].append(finding * 1000)
            if kind == "face":
                cpu["hiding"].append(hiding * 1000)
            needless[place] += judge(case, kind, lambda n: mask_of_ours(areas, n, kind), rows[place], seen)  # noqa: B023
        if peer.exists():
            said = subprocess.run(
                [peer, "-c", PEER, case / "upload.mp4"], check=True, capture_output=True, text=True
            )
            answer = json.loads(said.stdout)
            cpu["deface"].append(answer["cpu"] / len(answer["boxes"]) * 1000)
            needless[2] += judge(case, "face", lambda n: mask_of_deface(answer["boxes"][n]), rows[2], seen)  # noqa: B023
    figures = [
        {**asdict(row), "needless": share / len(cases)} for row, share in zip(rows, needless, strict=True)
    ]
    means = {name: round(sum(values) / len(values), 1) for name, values in cpu.items() if values}
    return {
        "cases": [case.name for case in cases],
        "figures": figures,
        "cpu_ms_per_frame": means,
        "exposed": seen,
    }


def merged(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The answers of `run` to some cases each, as one; every answer counts for as many cases as it has."""
    cases = [name for result in results for name in result["cases"]]
    figures = []
    for rows in zip(*(result["figures"] for result in results), strict=True):
        sums = {name: sum(row[name] for row in rows) for name in ("frames", "exposed", "never")}
        share = sum(row["needless"] * len(result["cases"]) for row, result in zip(rows, results, strict=True))
        longest = max(row["longest"] for row in rows)
        figures.append({**rows[0], **sums, "longest": longest, "needless": share / len(cases)})
    cpu = {
        name: round(sum(result["cpu_ms_per_frame"].get(name, 0.0) for result in results) / len(results), 1)
        for name in results[0]["cpu_ms_per_frame"]
    }
    exposed = [each for result in results for each in result["exposed"]]
    return {"cases": cases, "figures": figures, "cpu_ms_per_frame": cpu, "exposed": exposed}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.privacy", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", default="1,2,3,4")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--folder", type=Path, help="keeps the cases")
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as scratch:
        given_material = material(given.data)
        folder = given.folder or Path(scratch)
        cases = [make(folder, int(seed), *given_material) for seed in given.seeds.split(",")]
        result = run(cases, given.peer_python)
    print(f"{'tool':10}{'kind':8}{'frames':>8}{'exposed':>9}{'longest':>9}{'never':>7}{'needless':>10}")
    for row in result["figures"]:
        if row["frames"]:
            print(
                f"{row['tool']:10}{row['kind']:8}{row['frames']:8}{row['exposed']:9}{row['longest']:9}{row['never']:7}{row['needless']:10.2%}"
            )
    print(
        "CPU ms per 720p frame:",
        ", ".join(f"{name} {value}" for name, value in result["cpu_ms_per_frame"].items()),
    )
    if given.json:
        given.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
