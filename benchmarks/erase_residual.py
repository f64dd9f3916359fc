"""Can a subtitle still be read where it was? As OpenVOD's own reader sees it, around the place and at the place."""

from collections.abc import Iterator
from difflib import SequenceMatcher

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.erase_styles import Cue
from benchmarks.erase_truth import Box, Case, Picture
from openvod.engines.ocr import Ocr, fit

READ = 0.5
"""Confidence from which a line counts as read, and the share of the cue's characters that it must hold."""
LONGEST = 960
MARGIN = 0.25
"""Around a line that is read, as a share of its height."""


def moments(cue: Cue) -> list[int]:
    """The frames of a cue that are looked at: both ends, where ghosts are, and three between."""
    return sorted({round(cue.first + (cue.last - cue.first) * share) for share in (0, 0.25, 0.5, 0.75, 1)})


def readable(ocr: Ocr, case: Case, cue: Cue, number: int, picture: Picture) -> bool:
    """Whether frame `number` shows the cue's text to a reader."""
    box = case.boxes[number]
    if box is None:
        return False
    return any(holds(text, line) for text in _texts(ocr, picture, box, cue) for line in cue.text.split("\n"))


def holds(seen: str, line: str) -> bool:
    """Whether half of a line's characters, in their order, are in what was read; spaces do not count."""
    told, wanted = ("".join(text.lower().split()) for text in (seen, line))
    blocks = SequenceMatcher(None, wanted, told, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) >= READ * len(wanted)


def _texts(ocr: Ocr, picture: Picture, box: Box, cue: Cue) -> Iterator[str]:
    lines = cue.text.count("\n") + 1
    high = (box[3] - box[1]) / lines
    place, part = _part(picture, box, round(max(16, high)))
    for row in range(lines):  # where each line is known to have been
        top, low = box[1] + row * high - MARGIN * high, box[1] + (row + 1) * high + MARGIN * high
        yield from _read(ocr, part[max(0, round(top - place[1])) : round(low - place[1])])
    size = fit((part.shape[1], part.shape[0]), min(LONGEST, max(320, part.shape[1])))
    for found, _ in ocr.detect(part, size):
        grown = found.grown(round(MARGIN * found.height / 2), (part.shape[1], part.shape[0]))
        yield from _read(ocr, part[grown.y0 : grown.y1, grown.x0 : grown.x1])


def _read(ocr: Ocr, part: NDArray[np.uint8]) -> Iterator[str]:
    if min(part.shape[:2]) < 4:
        return
    said = ocr.read(np.ascontiguousarray(part))
    if said.confidence >= READ:
        yield said.text


def _part(picture: Picture, box: Box, around: int) -> tuple[tuple[int, int], NDArray[np.uint8]]:
    """The corner and the pixels (BGR) of a box with something around it."""
    height, width = picture.y.shape
    x0, y0 = (max(0, edge - around) // 2 * 2 for edge in box[:2])
    x1, y1 = min(width, box[2] + around), min(height, box[3] + around)
    luma = np.ascontiguousarray(picture.y[y0:y1, x0:x1])
    chroma = [
        cv2.resize(plane[y0 // 2 : -(-y1 // 2), x0 // 2 : -(-x1 // 2)], luma.shape[::-1])
        for plane in (picture.v, picture.u)
    ]
    return (x0, y0), np.asarray(cv2.cvtColor(cv2.merge([luma, *chroma]), cv2.COLOR_YCrCb2BGR), np.uint8)
