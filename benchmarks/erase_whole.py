"""How well is something taken out of a clip when nothing is told but the file? One case, from the upload to the figures.

What is judged is what the encoder gets. delogo is told the true boxes and times."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import erase_run
from benchmarks.erase_cues import compare
from benchmarks.erase_metrics import Score
from benchmarks.erase_peers import delogo
from benchmarks.erase_residual import moments, readable
from benchmarks.erase_run import SUBTITLES, WATERMARKS, Run
from benchmarks.erase_truth import Box, Case, Picture, altered, pictures
from openvod.core.settings import Settings
from openvod.engines.erase.marks import Mark
from openvod.engines.ocr import Ocr

AFAR = 16
"""Pixels from anything burned in, beyond which an edit is needless."""
WORST = "worst.png"
SEEN = 6
"""Levels from which such an edit is counted."""


@dataclass(slots=True)
class Outside:
    """What was written to where nothing was to be erased."""

    differing: int = 0
    """Samples outside the masks that are not as they were."""
    needless: int = 0
    """Luma samples that were changed visibly far from anything that had been burned in."""
    frames: int = 0
    burned: int = 0
    """Luma samples that were burned over, and how many of them the masks hold."""
    covered: int = 0

    def push(self, given: Picture, out: Picture, mask: NDArray[np.bool_], burned: NDArray[np.bool_]) -> None:
        """Take the next frame; `mask` as the engine had it, `burned` in truth."""
        self.frames += 1
        self.burned += int(burned.sum())
        self.covered += int((burned & mask).sum())
        changed = given.y != out.y
        if not changed.any() and np.array_equal(given.u, out.u) and np.array_equal(given.v, out.v):
            return
        coarse = cv2.dilate(mask.astype(np.uint8), np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2] > 0
        self.differing += int((changed & ~mask).sum())
        for one, other in ((given.u, out.u), (given.v, out.v)):
            self.differing += int(((one != other) & ~coarse).sum())
        near = cv2.dilate(burned.astype(np.uint8), np.ones((2 * AFAR + 1,) * 2, np.uint8)) > 0
        self.needless += int((np.abs(given.y.astype(np.int16) - out.y)[~near] > SEEN).sum())


@dataclass(slots=True)
class Tool:
    """The figures of one tool, and its worst frame."""

    score: Score = field(default_factory=Score)
    errors: list[float] = field(default_factory=list)
    """Of each frame: mean squared error in the region; -1 without one."""

    def push(self, clean: Picture, burned: Picture, out: Picture) -> None:
        squares, pixels = self.score.squares, self.score.pixels
        self.score.push(clean, burned.y, out)
        count = self.score.pixels - pixels
        self.errors.append((self.score.squares - squares) / count if count else -1.0)

    def json(self) -> dict[str, float]:
        score = self.score
        return {"psnr": score.psnr, "chroma_psnr": score.chroma_psnr, "flicker": score.flicker}


def mask_at(found: Sequence[Mark], number: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """What the engine calls hidden in a frame (of pictures that are stored upright)."""
    mask = np.zeros(shape, bool)
    for mark in found:
        if mark.first <= number <= mark.last:
            box = mark.box_at(number)
            inner = box.grown(0, (shape[1], shape[0]))
            own = mark.mask.array()[
                inner.y0 - box.y0 : inner.y1 - box.y0, inner.x0 - box.x0 : inner.x1 - box.x0
            ]
            mask[inner.y0 : inner.y1, inner.x0 : inner.x1] |= own > 0
    return mask


def subtitles(case: Case, folder: Path, program: str) -> dict[str, Any]:
    """All figures of a case with subtitles."""
    done = erase_run.run(case.upload, SUBTITLES, folder / case.name, tap=True)
    wanted = {number for cue in case.cues for number in moments(cue)}
    kept: dict[int, tuple[Picture, Picture, Picture]] = {}
    figures = _compare(case, done, program, wanted, kept)
    found = [mark for mark in done.found() if mark.what == "caption"]
    true = [_seen(case, cue.first, cue.last) for cue in case.cues]
    bounds = compare(true, [(mark.first, mark.last) for mark in found])
    ocr = Ocr(Settings.read().model_folder())
    read, left = 0, []
    for cue in case.cues:
        legible = [n for n in moments(cue) if readable(ocr, case, cue, n, kept[n][1])]
        still = [
            n
            for n in legible
            if readable(ocr, case, cue, n, kept[n][2]) and not readable(ocr, case, cue, n, kept[n][0])
        ]
        read += bool(legible)
        left += still[:1]
    shown = sum(box is not None for box in case.boxes)
    done.forget()
    return figures | {
        "kind": "subtitle",
        "cues": len(case.cues),
        "found": len(found),
        "extra": bounds.extra,
        "errors": bounds.errors,
        "readable": read,
        "residual": len(left),
        "residual_frames": left,
        "cpu_ms": 1000 * done.cpu_s / max(1, shown),
    }


def watermark(case: Case, folder: Path, program: str) -> dict[str, Any]:
    """All figures of a case with a watermark."""
    done = erase_run.run(case.upload, WATERMARKS, folder / case.name, tap=True)
    figures = _compare(case, done, program, set(), {})
    veils = done.folder / "veils" / "veils.npz"
    veiled = veils.exists() and any(name.startswith("told") for name in np.load(veils).files)
    found, cpu = len(done.found()), done.cpu_s
    done.forget()
    if veiled:
        plain = erase_run.run(case.upload, WATERMARKS, folder / case.name, tap=True, plain=True)
        tool = Tool()
        every = zip(
            pictures(case.folder / "clean.mkv"), pictures(case.folder / "burned.mkv"), plain.edited(), strict=True
        )  # fmt: skip
        for clean, burned, (out, _) in every:
            tool.push(clean, burned, out)
        figures["plain"] = tool.json()
        plain.forget()
    else:
        figures["plain"] = figures["openvod"]
    return figures | {
        "kind": "watermark",
        "found": found,
        "veiled": veiled,
        "cpu_ms": 1000 * cpu / case.frames,
    }


def _compare(
    case: Case,
    done: Run,
    program: str,
    wanted: set[int],
    kept: dict[int, tuple[Picture, Picture, Picture]],
) -> dict[str, Any]:
    """The scores of ours and of delogo; clean, given and edited pictures of the wanted frames go into `kept`."""
    ours, peer, outside = Tool(), Tool(), Outside()
    most, worst = -np.inf, -1
    shown: tuple[Picture, Picture, Picture, Picture] | None = None
    found = done.found() if (done.folder / "found" / "marks.json").exists() else []
    every = zip(
        pictures(case.folder / "clean.mkv"),
        pictures(case.folder / "burned.mkv"),
        pictures(case.upload),
        done.edited(),
        delogo(case, pictures(case.upload), program),
        strict=True,
    )
    for number, (clean, burned, given, (out, _), theirs) in enumerate(every):
        ours.push(clean, burned, out)
        peer.push(clean, burned, theirs)
        mask = mask_at(found, number, given.y.shape)
        outside.push(given, out, mask, altered(clean.y, burned.y))
        if number in wanted:
            kept[number] = clean, given, out
        lost = ours.errors[-1] - peer.errors[-1] if ours.errors[-1] >= 0 else -np.inf
        if lost > most:
            most, worst, shown = lost, number, (clean, given, out, theirs)
    if shown is not None:
        cv2.imwrite(str(case.folder / WORST), side_by_side(shown, case.boxes[worst]))
    return {
        "openvod": ours.json(),
        "delogo": peer.json(),
        "gain": ours.score.psnr - peer.score.psnr,
        "calm": ours.score.flicker / max(peer.score.flicker, 1e-9),
        "worst_frame": worst,
        "differing_outside": outside.differing,
        "covered": outside.covered / max(1, outside.burned),
        "needless_per_frame": outside.needless / max(1, outside.frames),
    }


def side_by_side(shown: Sequence[Picture], box: Box | None) -> NDArray[np.uint8]:
    """The place of what was burned in, from above: clean, given, ours, delogo's; BGR, small ones twice as large."""
    height, width = shown[0].y.shape
    x0, y0, x1, y1 = box or (0, 0, width, height)
    left, top = max(0, x0 - 40), max(0, y0 - 40)
    rows = []
    for picture in shown:
        chroma = [cv2.resize(plane, (width, height)) for plane in (picture.v, picture.u)]
        whole = cv2.cvtColor(cv2.merge([picture.y, *chroma]), cv2.COLOR_YCrCb2BGR)
        part = whole[top : y1 + 40, left : x1 + 40]
        times = 2 if part.shape[1] < 640 else 1
        rows.append(cv2.resize(part, None, fx=times, fy=times, interpolation=cv2.INTER_NEAREST))
    return np.asarray(np.vstack(rows), np.uint8)


def _seen(case: Case, first: int, last: int) -> tuple[int, int]:
    """The frames of a cue in which anything of it is to be seen: it may fade."""
    shown = [number for number in range(first, last + 1) if case.boxes[number]]
    return (shown[0], shown[-1]) if shown else (first, last)
