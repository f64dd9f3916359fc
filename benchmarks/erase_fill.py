"""How good is the fill itself, next to its peers, when all are told the truth about what is burned in?

    python -m benchmarks.erase_fill OUT [--data DIR] [--looks ...] [--marks ...] [--seed N] [--json FILE]

What is filled is the decoded upload, coding noise and all. Subtitles: the fill, ffmpeg's delogo and OpenCV's Navier-Stokes.
Logos: the same, and (lift) with the mark turned round where the
estimate finds it half-transparent. CPU is that of the fill alone, per frame
with something hidden; finding, decoding and encoding are not in it.
"""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_metrics import Score
from benchmarks.erase_peers import delogo, navier_stokes
from benchmarks.erase_styles import MARKS
from benchmarks.erase_truth import PEERS, Case, Picture, ffmpeg, make, pictures, sources
from openvod.core.settings import Settings
from openvod.engines import shots
from openvod.engines.fill import STANDING, FillStream, Form, Frame, Planes
from openvod.engines.unblend import estimate, lift

MARGIN = 48
"""Pixels of the region around what is hidden."""
CHANGED = 2
"""Levels from which a pixel counts as burned over, in any plane."""
RIM = 2
"""Pixels of blur and coding noise around it."""
SAMPLES = 40
"""Frames that a mark is estimated from."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A case in memory."""

    case: Case
    clean: list[Picture]
    burned: list[Picture]
    given: list[Picture]
    masks: list[NDArray[np.bool_]]

    def score(self, made: Iterable[Picture]) -> Score:
        score = Score()
        for clean, burned, out in zip(self.clean, self.burned, made, strict=True):
            score.push(clean, burned.y, out)
        return score


def load(case: Case) -> Work:
    clean, burned, given = (
        list(pictures(path)) for path in (case.folder / "clean.mkv", case.folder / "burned.mkv", case.upload)
    )
    return Work(case, clean, burned, given, [mask(c, b) for c, b in zip(clean, burned, strict=True)])


def mask(clean: Picture, burned: Picture) -> NDArray[np.bool_]:
    """What a perfect finder would call hidden."""
    changed = _differs(clean.y, burned.y)
    for one, other in ((clean.u, burned.u), (clean.v, burned.v)):
        small = _differs(one, other).astype(np.uint8)
        changed |= cv2.resize(small, changed.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    widened: NDArray[np.bool_] = (
        cv2.dilate(changed.astype(np.uint8), np.ones((2 * RIM + 1,) * 2, np.uint8)) > 0
    )
    return widened


def _differs(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.abs(one.astype(np.int16) - other) > CHANGED


def cuts(given: list[Picture], rate: float) -> frozenset[int]:
    """First frames of shots, by OpenVOD's own finder."""
    finder = shots.ShotFinder()
    found = []
    for number, picture in enumerate(given):
        chroma = [
            cv2.resize(plane, (48, 27), interpolation=cv2.INTER_AREA) for plane in (picture.v, picture.u)
        ]
        luma = cv2.resize(picture.y, (48, 27), interpolation=cv2.INTER_AREA)
        tiny = cv2.cvtColor(np.dstack([luma, *chroma]), cv2.COLOR_YCrCb2RGB)
        found += finder.push(tiny, number / rate)
    return frozenset(each.first for each in [*found, *finder.finish()] if each.kind == "cut")


def region(masks: list[NDArray[np.bool_]]) -> tuple[slice, slice]:
    """Rows and columns of what is ever hidden, with a margin."""
    ever = np.logical_or.reduce(masks)
    parts = []
    for axis in (1, 0):
        where, side = np.flatnonzero(ever.any(axis)), ever.shape[1 - axis]
        parts.append(slice(max(0, int(where[0]) - MARGIN) // 2 * 2, min(side, int(where[-1]) + MARGIN + 1)))
    return parts[0], parts[1]


def _planes(picture: Picture, part: tuple[slice, slice]) -> Planes:
    half = tuple(slice(each.start // 2, -(-each.stop // 2)) for each in part)
    return picture.y[part], picture.u[half], picture.v[half]


def _put(picture: Picture, part: tuple[slice, slice], planes: Planes) -> Picture:
    whole = Picture(picture.y.copy(), picture.u.copy(), picture.v.copy())
    for target, plane in zip(_planes(whole, part), planes, strict=True):
        target[:] = plane
    return whole


def fill(work: Work, veiled: bool = False, standing: bool = False) -> tuple[list[Picture], float, bool]:
    """The fill with the true masks: pictures, CPU-milliseconds per frame with something hidden, and whether a
    half-transparent mark was found (when `veiled` says that it is to be looked for) and turned round."""
    part = region(work.masks)
    new = cuts(work.given, work.case.rate)
    planes = [_planes(picture, part) for picture in work.given]
    form = Form(planes[0][0].shape, planes[0][1].shape, 8)
    begun = time.process_time()
    veil = None
    if veiled:
        some = np.unique(np.linspace(0, len(planes) - 1, SAMPLES).astype(int))
        ever = np.ascontiguousarray(np.logical_or.reduce(work.masks)[part])
        veil = estimate([planes[number] for number in some], ever, form)
    stream = FillStream(form, caution=0.0 if veil is not None or not standing else STANDING)
    made: list[Planes] = []
    for number, (each, mask_of) in enumerate(zip(planes, work.masks, strict=True)):
        hidden = np.ascontiguousarray(mask_of[part])
        through = lift(each, hidden, veil, form) if veil is not None else None
        made += stream.push(Frame(*each, hidden, through, cut=number in new))
    made += stream.finish()
    cost = 1000 * (time.process_time() - begun) / max(1, sum(bool(each.any()) for each in work.masks))
    whole = [_put(picture, part, each) for picture, each in zip(work.given, made, strict=True)]
    return whole, cost, veil is not None


def measure(case: Case, program: str) -> dict[str, Any]:
    """All figures of a case."""
    work = load(case)
    name = case.name.rsplit("-", 1)[0]
    still = case.kind == "watermark" and any(
        name.endswith(what) and mark.path == "static" for what, mark in MARKS.items()
    )
    filled, cost, _ = fill(work, standing=still)
    rows = {
        "fill": filled,
        "delogo": delogo(case, iter(work.given), program),
        "navier-stokes": navier_stokes(iter(work.given), iter(work.masks)),
    }
    if still:
        lifted, cost, found = fill(work, veiled=True, standing=True)
        if found:
            rows["lift"] = lifted
    scores = {kind: work.score(made) for kind, made in rows.items()}
    return {
        "kind": case.kind,
        "cpu_ms": cost,
        **{
            kind: {"psnr": each.psnr, "chroma_psnr": each.chroma_psnr, "flicker": each.flicker}
            for kind, each in scores.items()
        },
    }


def best(row: dict[str, Any]) -> dict[str, float]:
    """What OpenVOD would answer: with the mark turned round where that is possible, else the plain fill."""
    answer: dict[str, float] = row.get("lift", row["fill"])
    return answer


def table(results: dict[str, Any]) -> None:
    heads = ("delogo", "navier-stokes", "fill", "lift")
    print(
        f"{'case':38} "
        + " ".join(f"{head:>14}" for head in heads)
        + f" {'gain':>6} {'flicker':>8} {'CPU':>7}"
    )
    for name, row in results.items():
        cells = [
            f"{row[head]['psnr']:6.2f} /{row[head]['flicker']:5.2f}  " if head in row else " " * 14
            for head in heads
        ]
        ours, peer = best(row), row["delogo"]
        gain, calm = ours["psnr"] - peer["psnr"], ours["flicker"] / peer["flicker"]
        print(f"{name:38} " + " ".join(cells) + f" {gain:+6.2f} {calm:7.2f}x {row['cpu_ms']:4.0f} ms")
    for kind in ("subtitle", "watermark"):
        rows = [row for row in results.values() if row["kind"] == kind]
        if rows:
            gains = [best(row)["psnr"] - row["delogo"]["psnr"] for row in rows]
            calm = [best(row)["flicker"] / row["delogo"]["flicker"] for row in rows]
            print(
                f"{kind}s: {np.mean(gains):+.2f} dB over delogo (least {min(gains):+.2f}), "
                f"flicker {np.mean(calm):.2f}x (most {max(calm):.2f}x)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.erase_fill", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--looks", default="white-en,white-zh,yellow-shadow,glass-box-zh,two-lines,fade-en")
    parser.add_argument("--marks", default="glass-30,glass-60,opaque")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--peer-python", type=Path, default=PEERS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    clips = sources(given.data, Settings.read().model_folder())
    whats = [name for name in (*given.looks.split(","), *given.marks.split(",")) if name]
    program = ffmpeg(given.peer_python)
    cv2.setNumThreads(1)
    cases = make(given.out, clips, whats, given.seed, given.peer_python, given.seconds)
    results = {case.name: measure(case, program) for case in cases}
    table(results)
    if given.json:
        given.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
