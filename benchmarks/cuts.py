"""Are clips cut to the frame, and what does a second analysis of the same film cost?

The film's frames carry their numbers as dark and light fields, so each frame of a clip tells which one it is. Stretches are
chosen by seed. The second analysis chooses highlights with other parameters of features that are remembered.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from openvod.core.settings import Settings
from openvod.engines import features
from openvod.engines.analysis.covers import cover
from openvod.media import excerpt, probe, sandbox
from openvod.media.excerpt import FrameRange, Work
from openvod.media.sandbox import Limits

FRAMES, FPS, SIZE, BITS = 1500, 25, (320, 180), 11
STRETCHES, SEED = 12, 7001


def numbered(path: Path) -> None:
    """A film whose frame `n` shows `n` in its upper rows, over noise that moves; bidirectional frames, groups of 60."""
    dice = np.random.default_rng(SEED)
    ground = (
        dice.integers(40, 200, (SIZE[1] // 10, SIZE[0] // 10 + 200, 3), np.uint8).repeat(10, 0).repeat(10, 1)
    )
    with av.open(str(path), "w") as output:
        track = output.add_stream(
            "libx264", FPS, options={"preset": "veryfast", "crf": "20", "g": "60", "bf": "3"}
        )
        track.width, track.height, track.pix_fmt = *SIZE, "yuv420p"
        for number in range(FRAMES):
            picture = ground[:, number : number + SIZE[0]].copy()
            for bit in range(BITS):
                picture[:40, bit * 28 : bit * 28 + 28] = 235 if number >> bit & 1 else 16
            for packet in track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                output.mux(packet)
        for packet in track.encode(None):
            output.mux(packet)


def numbers(path: Path) -> list[int]:
    """Which frames a clip shows."""
    with av.open(str(path)) as opened:
        return [_number(frame.to_ndarray(format="gray")) for frame in opened.decode(video=0)]


def _number(picture: NDArray[Any]) -> int:
    return sum(int(picture[10:30, bit * 28 + 6 : bit * 28 + 22].mean() > 126) << bit for bit in range(BITS))


def exact(folder: Path) -> dict[str, Any]:
    """How many of the clips begin and end with the right frame, and hold all between."""
    source = folder / "numbered.mp4"
    numbered(source)
    work = Work(folder / "work", Limits(3600, 3600), call=sandbox.call)
    original = excerpt.examine(source, work)
    dice = random.Random(SEED)
    good, copied = 0, 0
    for place in range(STRETCHES):
        first = dice.randrange(FRAMES - 60)
        last = min(FRAMES, first + dice.randrange(30, 600))
        target = folder / f"{place}.mp4"
        made = excerpt.cut(original, [FrameRange(first, last)], target, work)
        good += numbers(target) == list(range(first, last))
        copied += made.report.way == "copy"
    return {"clips": STRETCHES, "exact": good, "with_the_middle_copied": copied}


def again(folder: Path) -> dict[str, Any]:
    """CPU milliseconds of choosing covers anew, of features that come out of the memory as JSON."""
    source, models = folder / "numbered.mp4", Settings.read().model_folder()
    facts = probe.probe({"source": str(source)}, lambda _: None)
    begin = time.process_time()
    packed = json.dumps(features.features(features.Film(source, facts, "", models)).packed())
    first = time.process_time() - begin
    begin = time.process_time()
    found = features.unpacked(json.loads(packed))
    cover.picks(found, cover.Wanted(3, (0.0, found.seconds)))
    second = time.process_time() - begin
    return {
        "first_ms": round(1000 * first),
        "again_ms": round(1000 * second, 1),
        "film_seconds": found.seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.cuts", description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = {"cuts": exact(Path(folder)), "again": again(Path(folder))}
    cuts, rerun = report["cuts"], report["again"]
    print(
        f"clips exact to the frame: {cuts['exact']} of {cuts['clips']}, {cuts['with_the_middle_copied']} with the middle copied"
    )
    print(
        f"measuring {rerun['film_seconds']:.0f} s of film: {rerun['first_ms']} ms of CPU; the same from memory with a choice of "
        f"covers: {rerun['again_ms']} ms"
    )
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
