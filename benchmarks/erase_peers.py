"""What do others make of the same clips? ffmpeg's delogo and OpenCV's Navier-Stokes fill, given the truth."""

import subprocess
import threading
from collections.abc import Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_truth import Box, Case, Picture

SLIDE = 5
"""Frames for which delogo gets one box where what is burned in moves: its box cannot follow."""
REACH = 24
"""Pixels around a mask that Navier-Stokes is given to work on."""


def delogo(case: Case, given: Iterable[Picture], program: str) -> Iterator[Picture]:
    """ffmpeg's delogo with the true box and time of every cue; lossless in and out."""
    filters = ",".join(_filters(case)) or "null"
    width, height = case.size
    form = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(case.rate))
    command = [program, "-v", "error", *form, "-i", "-", "-vf", filters, *form, "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(process.stdin, given))
        feeder.start()
        half = ((width + 1) // 2, (height + 1) // 2)
        luma, chroma = width * height, half[0] * half[1]
        while len(data := process.stdout.read(luma + 2 * chroma)) == luma + 2 * chroma:
            y, u, v = np.split(np.frombuffer(data, np.uint8), (luma, luma + chroma))
            yield Picture(y.reshape(height, width), u.reshape(half[1], half[0]), v.reshape(half[1], half[0]))
        feeder.join()


def _feed(pipe, given: Iterable[Picture]) -> None:  # type: ignore[no-untyped-def]
    with pipe:
        for picture in given:
            for plane in (picture.y, picture.u, picture.v):
                pipe.write(plane.tobytes())


def _filters(case: Case) -> Iterator[str]:
    for cue in case.cues:
        boxes = case.boxes[cue.first : cue.last + 1]
        for first, last in _spells(list(boxes)):
            box = _around(box for box in boxes[first : last + 1] if box)
            if box is None:
                continue
            # delogo wants a pixel of picture around its box, and one more for the blurred edge of letters.
            x0, y0 = max(1, box[0] - 2), max(1, box[1] - 2)
            x1, y1 = min(case.size[0] - 1, box[2] + 2), min(case.size[1] - 1, box[3] + 2)
            when = f"enable='between(n,{cue.first + first},{cue.first + last})'"
            yield f"delogo=x={x0}:y={y0}:w={x1 - x0}:h={y1 - y0}:{when}"


def _spells(boxes: list[Box | None]) -> Iterator[tuple[int, int]]:
    """Stretches that one box serves: the whole cue where it stands, a few frames where it moves."""
    known = [box for box in boxes if box]
    if not known:
        return
    moves = any(abs(a[0] - b[0]) > 24 for a in (known[0],) for b in known) and len(set(known)) > SLIDE
    step = SLIDE if moves else len(boxes)
    for first in range(0, len(boxes), step):
        yield first, min(first + step, len(boxes)) - 1


def _around(boxes: Iterable[Box]) -> Box | None:
    known = list(boxes)
    if not known:
        return None
    low, high = np.min(known, 0), np.max(known, 0)
    return int(low[0]), int(low[1]), int(high[2]), int(high[3])


def navier_stokes(given: Iterable[Picture], masks: Iterable[NDArray[np.bool_]]) -> Iterator[Picture]:
    """OpenCV's spatial fill, frame by frame, with the true mask."""
    for picture, mask in zip(given, masks, strict=True):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            yield picture
            continue
        top, left = (max(0, (int(n[0]) - REACH) // 2 * 2) for n in (rows, columns))
        low, right = int(rows[-1]) + REACH, int(columns[-1]) + REACH
        hidden = mask[top:low, left:right].astype(np.uint8)
        half = cv2.dilate(hidden, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2]
        planes = [picture.y.copy(), picture.u.copy(), picture.v.copy()]
        for plane, scale, here in zip(planes, (1, 2, 2), (hidden, half, half), strict=True):
            part = plane[top // scale : -(-low // scale), left // scale : -(-right // scale)]
            where = here[: part.shape[0], : part.shape[1]]
            part[:] = cv2.inpaint(np.ascontiguousarray(part), np.ascontiguousarray(where), 3, cv2.INPAINT_NS)
        yield Picture(*planes)
