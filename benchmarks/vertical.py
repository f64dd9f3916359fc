"""Are the faces still in the picture when a wide film is made upright? Known cut-outs on known paths, by seed.

    python -m benchmarks.vertical [--data DIR] [--seeds 101-108] [--json FILE]

Each seed makes a film of four shots with hard cuts: clean clips (without people, where they can be chosen) with faces that
stand, walk, or turn back, alone or two of them, near to each other or far apart, and sometimes a small passer-by who does
not matter. The film goes through the task as a user's would, and where each frame was cut out is found by looking for the
result in the source: nothing is believed of the task's own account but that a shot shows the whole picture. A frame counts
when all faces that matter are wholly inside, give or take two pixels. Beside it, what a window in the middle comes to, and
how calm the path is. Seeds 1 to 8 were looked at when the thresholds were chosen, 101 to 108 never.

With `--data DIR`, clips in DIR/video are measured as well, apart: their faces are those that the detector finds at full
size, which is not the truth.
"""

import argparse
import json
import resource
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.privacy_truth import HEIGHT, RATE, WIDTH, Cutout, Pose, material, paste, stretch
from openvod.core.settings import Settings
from openvod.engines.faces import FaceFinder, fit
from openvod.media.probe import probe
from openvod.tasks import Job
from openvod.tasks.horizontal_to_vertical import KIND

Bgr = NDArray[np.uint8]
Box = tuple[float, float, float, float]

SHOTS, SHOT = 4, 75
TUNED, HELD_OUT = range(1, 9), range(101, 109)
CASTS = ("one", "one", "one", "near", "far", "passer-by")
SLACK = 2.0
"""Pixels that a face may stick out."""
LARGE = 0.55
"""Height, of that of the largest face in the shot, from which on a face of a real clip matters: an audience out of focus does
not, while somebody before it turns away."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a face goes through a shot."""

    start: tuple[float, float]
    speed: float
    """Pixels per second, to the right."""
    swing: tuple[float, float]
    """Pixels to and fro, and times per second."""
    height: float

    def pose(self, seconds: float) -> Pose:
        sway = self.swing[0] * np.sin(2 * np.pi * self.swing[1] * seconds)
        x = self.start[0] + self.speed * seconds + sway
        reach = self.height * 0.55  # walks turn back at the picture's edge
        span = WIDTH - 2 * reach
        folded = abs((x - reach) % (2 * span) - span)
        y = self.start[1] + 0.15 * sway
        return Pose(
            reach + span - folded, float(np.clip(y, reach, HEIGHT - reach)), self.height, 0.02 * sway, 1.0
        )


@dataclass(slots=True)
class Truth:
    """Of each frame: the faces that matter, in pixels of the source."""

    frames: list[list[Box]] = field(default_factory=list)
    casts: list[str] = field(default_factory=list)


def ways(rng: np.random.Generator, cast: str) -> tuple[list[Way], list[Way]]:
    """Those who matter, and those who do not."""
    height = float(np.exp(rng.uniform(np.log(70), np.log(230))))
    y = float(rng.uniform(200, 460))
    speed = float(rng.choice([0.0, 0.0, 60.0, 150.0, 300.0]) * rng.choice([-1, 1]))
    swing = float(rng.choice([4.0, 30.0, 120.0])), float(rng.uniform(0.15, 0.5))
    if cast == "near":
        height, x = min(height, 130.0), float(rng.uniform(250, WIDTH - 250))
        apart = height * float(rng.uniform(1.1, 1.5))
        return [Way((x + side * apart / 2, y), speed / 3, (4.0, 0.3), height) for side in (-1, 1)], []
    if cast == "far":
        height = min(height, 180.0)
        return [Way((x, y), 0.0, (swing[0] / 3, swing[1]), height) for x in (230.0, WIDTH - 230.0)], []
    x = float(rng.uniform(150, WIDTH - 150))
    others = (
        [Way((WIDTH - x, 120.0), 80.0, (4.0, 0.3), 0.35 * max(height, 110.0))] if cast == "passer-by" else []
    )
    return [Way((x, y), speed, swing, max(height, 110.0) if others else height)], others


def make(target: Path, seed: int, clips: Sequence[Path], faces: Sequence[Cutout]) -> Truth:
    """Write a film; its truth."""
    rng, truth = np.random.default_rng(seed), Truth()
    with av.open(str(target), "w") as out:
        stream = out.add_stream("libx264", RATE, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(SHOTS):
            cast = str(rng.choice(CASTS))
            truth.casts.append(cast)
            who, others = ways(rng, cast)
            cuts = [faces[int(n)] for n in rng.integers(len(faces), size=len(who) + len(others))]
            ground = stretch(clips[(seed + number) % len(clips)], int(rng.integers(0, 100)))
            for frame in range(SHOT):
                picture = np.ascontiguousarray(next(ground))
                corners = [
                    paste(picture, cut, way.pose(frame / RATE))
                    for cut, way in zip(cuts, (*who, *others), strict=True)
                ]
                truth.frames.append([_box(each) for each in corners[: len(who)]])
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        out.mux(stream.encode(None))
    return truth


def _box(corners: NDArray[np.float64]) -> Box:
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def reframe(source: Path, folder: Path, content: str) -> tuple[dict[str, Any], float]:
    """Through the task; its account, and CPU-seconds per second of film."""
    facts = probe({"source": str(source)}, lambda _: None)
    options = {"Definition": 28, "ExtendedParameter": json.dumps({"htv": {"Ratio": "9:16"}})}
    models = Settings.read().model_folder()
    job = Job(source, facts, options, folder, models, {}, lambda _: None, content=content)
    before = _cpu()
    KIND.join(job, [KIND.run(job, segment) for segment in KIND.plan(job)])
    account: dict[str, Any] = json.loads((folder / "reframed-evidence.json").read_text())
    return account, (_cpu() - before) / float(facts["duration"])


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _rate(path: Path) -> float:
    with av.open(str(path)) as container:
        return float(container.streams.video[0].average_rate or RATE)


def _grey(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray8")


def places(source: Path, made: Path, account: dict[str, Any]) -> Iterator[float | None]:
    """The window's left edge in each frame, found by looking; None where the whole picture is shown."""
    shots, at, rate = account["shots"], 0, _rate(source)
    for number, (whole, part) in enumerate(zip(_grey(source), _grey(made), strict=True)):
        shown = shots[0]["start"] + number / rate  # a picture may begin after the sound
        while at + 1 < len(shots) and shown >= shots[at + 1]["start"] - 0.5 / rate:
            at += 1
        if shots[at]["layout"] != "window":
            yield None
            continue
        rows = slice(whole.shape[0] // 8, whole.shape[0] * 7 // 8, 4)  # lines enough, at every column
        big, small = np.ascontiguousarray(whole[rows]), np.ascontiguousarray(part[rows])
        few = min(len(big), len(small))
        found = cv2.matchTemplate(big[:few], small[:few], cv2.TM_SQDIFF)
        yield float(found[0].argmin())


def judge(
    boxes: Sequence[Sequence[Box]], edges: Sequence[float | None], width: float, wide: float
) -> dict[str, Any]:
    """Shares of the frames with faces at which all of them are wholly inside, with our window and one in the middle."""
    inside, middle, fitted, counted = 0, 0, 0, 0
    for faces, edge in zip(boxes, edges, strict=True):
        if not faces:
            continue
        counted += 1
        fitted += edge is None
        inside += edge is None or _within(faces, edge, width, wide)
        middle += _within(faces, (wide - width) / 2, width, wide)
    steps = [abs(b - a) for a, b in pairwise(edges) if a is not None and b is not None]
    turns = (
        np.abs(np.diff([edge for edge in edges if edge is not None], n=2)) if len(steps) > 2 else np.zeros(1)
    )
    return {
        "frames": counted,
        "inside": inside / max(1, counted),
        "inside_of_windows": (inside - fitted) / max(1, counted - fitted),
        "fitted": fitted / max(1, counted),
        "middle": middle / max(1, counted),
        "still": float(np.mean([step < 1 for step in steps])) if steps else 1.0,
        "median_turn": float(np.median(turns)),
    }


def _within(faces: Sequence[Box], edge: float, width: float, wide: float) -> bool:
    return all(max(0, f[0]) >= edge - SLACK and min(wide, f[2]) <= edge + width + SLACK for f in faces)


def seeds(chosen: Sequence[int], data: Path | None) -> dict[str, Any]:
    """Every seed's film, and all together."""
    clips, (faces, _) = material(data)
    rows: dict[str, Any] = {}
    everything: tuple[list[list[Box]], list[float | None]] = ([], [])
    cost = []
    for seed in chosen:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            truth = make(folder / "film.mp4", seed, clips, faces)
            account, spent = reframe(folder / "film.mp4", folder, f"vertical-{seed}")
            edges = [*places(folder / "film.mp4", folder / "reframed.mp4", account)]
        cost.append(spent)
        layouts = [shot["layout"] for shot in account["shots"]]
        row = judge(truth.frames, edges, account["size"][0], WIDTH)
        rows[str(seed)] = {**row, "casts": truth.casts, "layouts": layouts, "cpu_per_second": spent}
        everything[0].extend(truth.frames)
        everything[1].extend(edges)
        _print(f"seed {seed} {' '.join(truth.casts)}", rows[str(seed)])
    rows["all"] = {**judge(*everything, account["size"][0], WIDTH), "cpu_per_second": float(np.mean(cost))}
    _print("all", rows["all"])
    return rows


def real(data: Path) -> dict[str, Any]:
    """Clips as they are; faces by the detector at full size, every fifth frame."""
    finder, rows = FaceFinder(Settings.read().model_folder()), {}
    for clip in sorted((data / "video").glob("*.mp4")):
        with tempfile.TemporaryDirectory() as name:
            account, spent = reframe(clip, Path(name), clip.name)
            edges = [*places(clip, Path(name) / "reframed.mp4", account)]
        found = [_seen(finder, picture) if n % 5 == 0 else [] for n, picture in enumerate(_once(clip))]
        starts = [shot["start"] for shot in account["shots"]]
        boxes = matter(found, [round((start - starts[0]) * _rate(clip)) for start in starts])
        row = judge(boxes, edges, account["size"][0], account["source"]["width"])
        rows[clip.name] = {**row, "cpu_per_second": spent}
        _print(clip.name, rows[clip.name])
    return rows


def _once(path: Path) -> Iterator[Bgr]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)


def _seen(finder: FaceFinder, picture: Bgr) -> list[Box]:
    return [each.box for each in finder.find(picture, fit((picture.shape[1], picture.shape[0]), 1280), 0.6)]


def matter(found: Sequence[list[Box]], starts: Sequence[int]) -> list[list[Box]]:
    """Of the faces in each frame those that are large, beside the largest in the same shot. `starts`: the shots' first frames."""
    shots = np.searchsorted(np.array(starts[1:]), np.arange(len(found)), "right")
    largest = [
        max((_tall(box) for n, boxes in enumerate(found) if shots[n] == shot for box in boxes), default=0.0)
        for shot in range(len(starts))
    ]
    return [
        [box for box in boxes if _tall(box) >= LARGE * largest[shots[n]]] for n, boxes in enumerate(found)
    ]


def _tall(box: Box) -> float:
    return box[3] - box[1]


def _print(name: str, row: dict[str, Any]) -> None:
    print(
        f"{name:40} inside {row['inside']:6.1%} (windows alone {row['inside_of_windows']:6.1%}; whole picture shown in "
        f"{row['fitted']:5.1%})  middle {row['middle']:6.1%}  still {row['still']:5.1%}  {row['cpu_per_second']:.3f} CPU-s/s",
        flush=True,
    )


def _numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return [*range(int(first), int(last or first) + 1)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.vertical", description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", type=_numbers, default=[*HELD_OUT], help="such as 101-108")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result: dict[str, Any] = {"seeds": seeds(given.seeds, given.data)}
    if given.data is not None and (given.data / "video").is_dir():
        result["real"] = real(given.data)
    if given.json:
        given.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
