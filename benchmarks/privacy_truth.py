"""Where is a face or plate in each frame, for certain? Known cut-outs pasted on known paths into clean clips, by seed.

    python -m benchmarks.privacy_truth OUT [--data DIR] [--seeds 1,2]

A case is a folder: `upload.mp4` (H.264, 1280 by 720, two shots with a hard cut) and `truth.json`. Each shot has one face
and one plate that come and go, grow and shrink, turn in the picture and away, and pass behind something. Faces are the
stills of `DIR/faces` (the astronaut of scikit-image without it), plates those of `DIR/plates` with a box in
`DIR/MANIFEST.json`, and ones drawn here.
"""

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_truth import BENCH, sources
from openvod.core.settings import Settings
from openvod.engines import catalog
from openvod.engines.faces import FaceFinder, fit

WIDTH, HEIGHT, RATE = 1280, 720, 25
SHOT = 75
"""Frames of a shot."""
SHOTS = 2
BORDER = (0.35, 0.4)
"""What is kept around a face, as a share of its width and height; it fades out."""
PLATES = (("AB12 CDE", (40, 215, 250), (20, 20, 20)), ("7XKR 305", (245, 245, 245), (120, 40, 20)),
          ("M KL 4823", (240, 240, 240), (15, 15, 15)), ("WX 62 901", (240, 240, 240), (15, 15, 15)))  # fmt: skip

Bgr = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """Something to paste."""

    kind: str
    pixels: Bgr
    alpha: NDArray[np.float32]
    box: tuple[float, float, float, float]
    """The face or plate itself, in `pixels`."""


@dataclass(frozen=True, slots=True)
class Pose:
    """How a cut-out lies in one frame: middle, height in pixels, degrees, and how narrow it is (turned away)."""

    x: float
    y: float
    height: float
    turn: float
    narrow: float


def faces(data: Path | None, models: Path) -> list[Cutout]:
    """Heads out of stills; where the face is, CenterFace says at full size."""
    if data is None or not (data / "faces").is_dir():
        stills = [catalog.file(models, "pictures-scikit-image", "astronaut.png", BENCH)]
    else:
        stills = sorted((data / "faces").glob("*.[jp][pn]g"))
    finder = FaceFinder(models)
    found = []
    for still in stills:
        picture = cv2.imread(str(still))
        size = fit((picture.shape[1], picture.shape[0]), max(picture.shape[:2]))
        found += [_head(picture, each.box) for each in finder.find(picture, size, 0.6)]
    return found


def plates(data: Path | None) -> list[Cutout]:
    """Drawn ones, and those out of stills whose place is known."""
    found = [_drawn(*plate) for plate in PLATES]
    if data is None or not (data / "MANIFEST.json").exists():
        return found
    listed = json.loads((data / "MANIFEST.json").read_text())["files"]
    for entry in listed:
        if not entry["file"].startswith("plates/"):
            continue
        picture = cv2.imread(str(data / entry["file"]))
        for plate in entry["truth"].get("plates", []):
            if "box_frac_xyxy" in plate:
                sides = np.array([*picture.shape[1::-1]] * 2)
                x0, y0, x1, y1 = (int(v) for v in np.array(plate["box_frac_xyxy"]) * sides)
                cut = picture[y0:y1, x0:x1]
                found.append(
                    Cutout("plate", cut, np.ones(cut.shape[:2], np.float32), (0, 0, x1 - x0, y1 - y0))
                )
    return found


def _head(picture: Bgr, box: tuple[float, float, float, float]) -> Cutout:
    wide, high = box[2] - box[0], box[3] - box[1]
    x0, x1 = max(0, int(box[0] - BORDER[0] * wide)), min(picture.shape[1], int(box[2] + BORDER[0] * wide))
    y0, y1 = max(0, int(box[1] - BORDER[1] * high)), min(picture.shape[0], int(box[3] + BORDER[1] * high))
    ys, xs = np.mgrid[y0:y1, x0:x1]
    across, down = (xs - (box[0] + box[2]) / 2) / wide, (ys - (box[1] + box[3]) / 2) / high
    distance = np.hypot(across / (0.5 + BORDER[0]), down / (0.5 + BORDER[1]))
    alpha = np.clip((1 - distance) / 0.12, 0, 1).astype(np.float32)
    return Cutout("face", picture[y0:y1, x0:x1], alpha, (box[0] - x0, box[1] - y0, box[2] - x0, box[3] - y0))


def _drawn(text: str, ground: tuple[int, int, int], ink: tuple[int, int, int]) -> Cutout:
    pixels = np.full((110, 520, 3), ground, np.uint8)
    cv2.rectangle(pixels, (4, 4), (515, 105), ink, 4)
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 2.6, 7)
    cv2.putText(pixels, text, ((520 - width) // 2, 82), cv2.FONT_HERSHEY_DUPLEX, 2.6, ink, 7, cv2.LINE_AA)
    return Cutout("plate", pixels, np.ones((110, 520), np.float32), (0, 0, 520, 110))


@dataclass(frozen=True, slots=True)
class Walk:
    """A path through a shot, drawn by chance once and then certain."""

    start: int
    end: int
    at: tuple[float, float]
    swing: tuple[float, float]
    waves: tuple[float, float, float, float]
    height: float
    growth: float
    turn: float
    narrow: float
    bar: int
    """Frame in which the bar in front is over the middle; -1 for none."""

    def pose(self, frame: int) -> Pose | None:
        """None while it is away."""
        if not self.start <= frame < self.end:
            return None
        t = (frame - self.start) / SHOT * 2 * math.pi
        a, b, c, d = self.waves
        return Pose(
            self.at[0] + self.swing[0] * math.sin(a * t + c),
            self.at[1] + self.swing[1] * math.sin(b * t + d),
            self.height * (1 + self.growth * math.sin(0.7 * t + c)),
            self.turn * math.sin(0.9 * t + d),
            1 - self.narrow * abs(math.sin(0.6 * t)),
        )


def walk(rng: np.random.Generator, kind: str) -> Walk:
    """A face is 24 to 200 pixels high, a plate 16 to 60; a third of the walks comes late or goes early."""
    start = int(rng.integers(1, 30)) if rng.random() < 0.35 else 0
    end = SHOT - (int(rng.integers(1, 25)) if rng.random() < 0.35 else 0)
    low, high = (24, 200) if kind == "face" else (16, 60)
    height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    turn = float(rng.choice([8, 25, 50])) if kind == "face" else float(rng.uniform(0, 9))
    swing = float(rng.uniform(20, 420)), float(rng.uniform(5, 160))
    waves = tuple(float(v) for v in (*rng.uniform(0.3, 1.4, 2), *rng.uniform(0, 6.3, 2)))
    at = float(rng.uniform(250, WIDTH - 250)), float(rng.uniform(140, HEIGHT - 140))
    bar = int(rng.integers(start + 12, end - 12)) if rng.random() < 0.5 else -1
    narrow = float(rng.uniform(0, 0.45))
    return Walk(start, end, at, swing, waves, height, float(rng.uniform(0, 0.4)), turn, narrow, bar)  # type: ignore[arg-type]


def paste(frame: Bgr, cutout: Cutout, pose: Pose) -> Floats:
    """Put it in; answers the four corners of the true box."""
    x0, y0, x1, y1 = cutout.box
    scale = pose.height / (y1 - y0)
    middle = (x0 + x1) / 2, (y0 + y1) / 2
    turn = math.radians(pose.turn)
    size = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) @ np.diag(
        [scale * pose.narrow, scale]
    )
    shift = np.array([pose.x, pose.y]) - size @ middle
    matrix = np.hstack([size, shift[:, None]])
    small = scale < 1
    pixels, alpha = cutout.pixels, cutout.alpha
    if small:  # warping alone would alias
        less = 1 / 2 ** math.ceil(-math.log2(scale))
        pixels = cv2.resize(pixels, None, fx=less, fy=less, interpolation=cv2.INTER_AREA)
        alpha = cv2.resize(alpha, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
        ratio = np.array([cutout.pixels.shape[1] / pixels.shape[1], cutout.pixels.shape[0] / pixels.shape[0]])
        matrix = np.hstack([size * ratio, shift[:, None]])
    reach = int(max(np.abs(size).sum(1) * max(cutout.pixels.shape[:2]))) + 2
    left, top = max(0, int(pose.x) - reach), max(0, int(pose.y) - reach)
    window = frame[top : int(pose.y) + reach, left : int(pose.x) + reach]
    if window.size:
        matrix[:, 2] -= left, top
        sides = window.shape[1::-1]
        over = cv2.warpAffine(pixels, matrix, sides, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        cover = cv2.warpAffine(alpha, matrix, sides, flags=cv2.INTER_LINEAR)[..., None]
        window[:] = np.rint(window + (over.astype(np.float32) - window) * cover)
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    return np.asarray(corners @ size.T + shift)


def bar(frame: Bgr, clean: Bgr, pose: Pose, wide: float, offset: float) -> list[int]:
    """Something in front: a strip of the picture's other end that slides by; answers left and right."""
    x0 = int(pose.x + offset - wide * 0.35)
    x1 = int(x0 + wide * 0.7)
    left, right = max(0, x0), min(WIDTH, x1)
    if right > left:
        frame[:, left:right] = clean[::-1, ::-1][:, left:right] // 2 + 40
    return [left, right]


def backgrounds(paths: list[Path], rng: np.random.Generator) -> Iterator[Iterator[Bgr]]:
    """For each shot, a stretch of a clip at 1280 by 720."""
    for index in rng.permutation(len(paths))[:SHOTS].tolist() * SHOTS:
        yield stretch(paths[index], int(rng.integers(0, 40)))


def stretch(path: Path, skip: int) -> Iterator[Bgr]:
    """A clip's pictures after the first ones, filling 1280 by 720, again and again."""
    count = 0
    while True:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                count += 1
                if count > skip:
                    picture = frame.to_ndarray(format="bgr24")
                    scale = max(WIDTH / picture.shape[1], HEIGHT / picture.shape[0])
                    big = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
                    yield np.asarray(big[:HEIGHT, :WIDTH], np.uint8)


def make(folder: Path, seed: int, clips: list[Path], cutouts: tuple[list[Cutout], list[Cutout]]) -> Path:
    """One case; kept when it is there already."""
    target = folder / f"privacy-{seed}"
    if (target / "truth.json").exists():
        return target
    target.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    truth: list[list[Any]] = []
    with av.open(str(target / "upload.mp4"), "w") as out:
        stream = out.add_stream("libx264", RATE, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for shot, ground in enumerate(backgrounds(clips, rng)):
            if shot == SHOTS:
                break
            chosen = [(cut := kinds[int(rng.integers(len(kinds)))], walk(rng, cut.kind)) for kinds in cutouts]
            noise = np.rint(rng.normal(0, float(rng.uniform(0, 4)), (HEIGHT, WIDTH, 1))).astype(np.int16)
            for frame in range(SHOT):
                clean = next(ground)
                picture, rows = _compose(clean, chosen, frame)
                truth.append([{**row, "id": f"{shot}-{row['kind']}"} for row in rows])
                noisy = np.clip(picture + np.roll(noise, int(rng.integers(999)), 0), 0, 255).astype(np.uint8)
                for packet in stream.encode(av.VideoFrame.from_ndarray(noisy, format="bgr24")):
                    out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    (target / "truth.json").write_text(json.dumps({"seed": seed, "frames": truth}))
    return target


def _compose(clean: Bgr, chosen: list[tuple[Cutout, Walk]], frame: int) -> tuple[Bgr, list[dict[str, Any]]]:
    picture = clean.copy()
    rows: list[dict[str, Any]] = []
    for cutout, way in chosen:
        pose = way.pose(frame)
        if pose is None:
            continue
        corners = paste(picture, cutout, pose)
        row = {
            "kind": cutout.kind,
            "corners": corners.round(1).tolist(),
            "height": round(pose.height, 1),
            "bar": None,
        }
        wide = (cutout.box[2] - cutout.box[0]) / (cutout.box[3] - cutout.box[1]) * pose.height
        if way.bar >= 0 and abs(frame - way.bar) < 12:
            row["bar"] = bar(picture, clean, pose, wide, (frame - way.bar) / 12 * wide * 1.2)
        rows.append(row)
    return picture, rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.privacy_truth", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seeds", default="1,2,3,4")
    given = parser.parse_args()
    for seed in given.seeds.split(","):
        print(make(given.out, int(seed), *material(given.data)))


def material(data: Path | None) -> tuple[list[Path], tuple[list[Cutout], list[Cutout]]]:
    """Clean clips (without people where they are ours), and what is pasted."""
    models = Settings.read().model_folder()
    folder = data / "video" if data is not None and (data / "video").is_dir() else data
    clips = [
        clip
        for clip in sources(folder, models)
        if "carphone" not in clip.name and "hamilton" not in clip.name
    ]
    return clips, (faces(data, models), plates(data))


if __name__ == "__main__":
    main()
