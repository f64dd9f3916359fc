"""Is this a licence plate, and how far does it reach? The form of its text, and the plate around it."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from openvod.engines import ocr, plate_patterns
from openvod.engines.faces import Box, Found

Bgr = NDArray[np.uint8]

FLATTEST, LONGEST = 1.2, 9.0
"""Width over height of a plate's text."""
LOWEST = 7
"""Pixels: lower text cannot be read."""
TURNS = (-8.0, 8.0, -16.0, 16.0)
"""Degrees that text with figures is turned by when it could not be read as a plate."""
UNFRAMED = 0.65
"""What a plate's text counts without a plate around it."""
OCR_MARGIN = 0.22
"""What the reader's box has around the text on each side, as a share of its height."""
CONTRAST = 12
"""Levels that a plate and what is around it are at least on either side of what divides them."""
UNREAD = 0.36
"""What a patch with text too small to be read counts, when it is formed like a plate."""
UNREAD_CONFIDENCE, UNREAD_HEIGHT = 0.8, 48
"""Text read with less confidence, and lower than this in pixels, is taken for unread."""


class Reader(Protocol):
    """Finds and reads lines of text; `ocr.Ocr` is one."""

    def detect(self, picture: Bgr, size: tuple[int, int]) -> list[tuple[ocr.Box, float]]:
        """See `ocr.Ocr.detect`."""

    def read(self, line: Bgr) -> ocr.Read:
        """See `ocr.Ocr.read`."""


def judge(reader: Reader, picture: Bgr, line: ocr.Box) -> Found | None:
    """The plate that a line of text belongs to; None when it is too low, too long, or no plate's text."""
    if line.height < LOWEST or not FLATTEST <= line.width / line.height <= LONGEST:
        return None
    text, confidence = _read(reader, picture, line)
    plate = framed(picture, line)
    score = text * (1.0 if plate else UNFRAMED)
    if (
        plate
        and confidence < UNREAD_CONFIDENCE
        and line.height < UNREAD_HEIGHT
        and _has_signs(picture, plate)
    ):
        score = max(score, UNREAD)
    return Found(around(line, plate), score) if score > 0 else None


def _has_signs(picture: Bgr, plate: Box) -> bool:
    """Whether there is anything on the plate: what finds lines takes an empty one for a line, too."""
    x0, y0, x1, y1 = (round(edge) for edge in plate)
    inset = max(1, (y1 - y0) // 4)
    inside = picture[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    return bool(inside.size) and float(inside.mean(2).std()) >= CONTRAST


def _read(reader: Reader, picture: Bgr, line: ocr.Box) -> tuple[float, float]:
    """How much its text looks like a plate's, times how sure the reader is, and the latter; 0 to 1."""
    import cv2  # noqa: PLC0415

    size = picture.shape[1], picture.shape[0]
    close = line.grown(max(1, line.height // 12), size)
    read = reader.read(picture[close.y0 : close.y1, close.x0 : close.x1])
    best = plate_patterns.score(read.text) * read.confidence
    sure = read.confidence
    if best >= 0.4 or sum(sign.isdigit() for sign in read.text) < 2 or line.width > 5 * line.height:
        return best, sure
    wide = line.grown(line.height // 3, size)
    cut = picture[wide.y0 : wide.y1, wide.x0 : wide.x1]
    middle = cut.shape[1] / 2, cut.shape[0] / 2
    for turn in TURNS:
        turned: Any = cv2.warpAffine(
            cut, cv2.getRotationMatrix2D(middle, turn, 1.0), cut.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
        )
        lower = round(cut.shape[1] / 2 * abs(np.sin(np.radians(turn))))
        rows = slice(min(lower, cut.shape[0] // 3), max(cut.shape[0] - lower, cut.shape[0] * 2 // 3))
        read = reader.read(np.ascontiguousarray(turned[rows]))
        best = max(best, plate_patterns.score(read.text) * read.confidence)
    return best, sure


def around(line: ocr.Box, plate: Box | None) -> Box:
    """The plate and its text; the reader leaves about as much around the text as a plate does."""
    edges = (float(line.x0), float(line.y0), float(line.x1), float(line.y1))
    if plate is None:
        return edges
    return (
        min(edges[0], plate[0]),
        min(edges[1], plate[1]),
        max(edges[2], plate[2]),
        max(edges[3], plate[3]),
    )


def framed(picture: Bgr, line: ocr.Box) -> Box | None:
    """The plate that the text stands on, by brightness or colour: one patch that holds the line, fills its box, and ends."""
    import cv2  # noqa: PLC0415

    size = picture.shape[1], picture.shape[0]
    wide = line.grown(line.height, size)
    inner = round(line.height * OCR_MARGIN)
    line = ocr.Box(line.x0 + inner, line.y0 + inner, line.x1 - inner, line.y1 - inner)
    window = picture[wide.y0 : wide.y1, wide.x0 : wide.x1]
    text = line.moved(-wide.x0, -wide.y0)
    for channel in cv2.split(cv2.cvtColor(window, cv2.COLOR_BGR2YCrCb)):
        level, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        if channel.max() < level + CONTRAST or channel.min() > level - CONTRAST:
            continue
        for patch in (light, cv2.bitwise_not(light)):
            found = _plate(np.asarray(patch, np.uint8), text)
            if found is not None:
                x0, y0, x1, y1 = found
                return x0 + wide.x0, y0 + wide.y0, x1 + wide.x0, y1 + wide.y0
    return None


def _plate(patch: NDArray[np.uint8], text: ocr.Box) -> Box | None:
    """The box of the connected part of `patch` that is formed like a plate around the text."""
    import cv2  # noqa: PLC0415

    closed = cv2.morphologyEx(patch, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=4)
    inside = np.bincount(labels[text.y0 : text.y1, text.x0 : text.x1].ravel(), minlength=count)
    inside[0] = 0
    x, y, width, height, pixels = (int(value) for value in stats[int(inside.argmax())])
    ends = x > 0 and y > 0 and x + width < patch.shape[1] and y + height < patch.shape[0]
    holds = x <= text.x0 + text.height // 3 and x + width >= text.x1 - text.height // 3
    holds &= height >= 0.9 * text.height
    if ends and holds and pixels > 0.45 * width * height and 1.2 <= width / height <= 7.5:
        return float(x), float(y), float(x + width), float(y + height)
    return None
