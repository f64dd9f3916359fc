"""What does a followed line say, and is it a caption, a logo or part of the scene?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from openvod.engines.ocr import Bgr, Box, Ocr, fit_rows
from openvod.engines.screen_text import boards, glass
from openvod.engines.screen_text.ends import End
from openvod.engines.screen_text.found import Floats, Glass, Kind, Mask, TextLine
from openvod.engines.screen_text.glass import Told
from openvod.engines.screen_text.masks import Strokes, plain_strokes, strokes
from openvod.engines.screen_text.tracks import Track

READ_SURE = 0.7
"""Confidence from which a text is a text."""
TEXT_ROWS = 24
"""The detector sees a line best when it is so high, in pixels."""
ASIDE = 3
"""Heights to each side of what the detector saw at first that the line may be longer by."""
OVERLAY = 2.5
"""How many times more its strokes change than what is around them when a text is put on or taken off."""
WAVERS, CALMER = 6.0, 3.0
"""Levels by which what is between its strokes wavers when the picture behind it moves, and how many times less they do."""
BETWEEN = 2.5
"""Pixels from a stroke from which its blurred rim does not count."""
SHORTEST = 4
"""Frames."""
MOVING_LETTERS = 2
"""Letters that a moving text has at least: patterns that move are taken for one sometimes."""
LONG_MOVE = 8
"""Frames and pixels from which a text is taken to move over the picture."""
LOGO_SECONDS = 8.0
"""A text in a corner that stays at least so long is a logo; so is any other that stays LONG_SECONDS."""
LONG_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A line that was followed to its end and read."""

    line: TextLine
    start: End
    stop: End
    mask: Mask
    seen: Strokes
    """What is known of its strokes and board; what they cover is in `mask`."""
    board: Box | None
    """The board, in the picture."""
    laid_on: bool
    """Whether it was seen to come or go while the picture around it stayed."""
    corner: bool
    at_start: bool
    """Whether it was there in the first frame of the film."""
    path: tuple[tuple[int, int], ...] = ()
    """How it moved, as in `FoundText`."""
    told: tuple[Told, ...] = ()
    """What its coming and going say of its board, when it stands on glass."""
    letters: Mask | None = None
    """Its strokes alone, as they stand out in the mean of its frames, when it stands on glass."""
    stands: bool = False
    """Whether it stood still while the picture behind it moved, and came or went: a weaker sign, for `kind` alone."""


def judge(
    track: Track, ocr: Ocr, usual: int | None = None, *, glassy: Glass | None = None, measured: bool = True
) -> Judged | None:
    """Read the track's mean picture; None when it is no text, or was there for a moment only.

    `usual`: how far the outline of other texts reaches (`masks`); `glassy`: what their boards are of. Unless it is
    `measured` what the text covers, its mask is a box.
    """
    start, stop, means = track.start, track.stop, track.mean
    if start is None or stop is None or means is None or stop.index - start.index + 1 < SHORTEST:
        return None
    mean = means.picture()
    height, width = mean.shape[:2]
    rough = track.box.moved(-track.band.x0, -track.band.y0)
    boxes = rough if track.clear and not track.drift else _line_in(mean, rough, ocr)
    if boxes is None:
        return None
    read = ocr.read(mean[boxes.y0 : boxes.y1, boxes.x0 : boxes.x1])
    letters = sum(c.isalnum() for c in read.text)
    if read.confidence < READ_SURE or letters < (MOVING_LETTERS if track.drift else 1):
        return None
    changes = [end.change for end in (start, stop) if end.change is not None and end.alone]
    ink = plain_strokes(means.luma(), boxes)
    seen = Strokes(ink, 0, measured=False, boarded=None, board=None)
    if measured:
        seen = strokes(means.luma(), boxes, changes, usual, blurred=track.drift is not None)
        still = None if seen.board or track.drift else boards.still(means.wavers(), ink, boxes)
        seen = replace(seen, boarded=1.0, board=still) if still else seen
    room = boxes.grown(max(4, boxes.height // 2), (width, height))
    covered = seen.covered[room.y0 : room.y1, room.x0 : room.x1]
    own = glass.NONE
    if measured and still is None and not track.drift:
        pairs = [end.pair for end in (start, stop) if end.pair is not None and end.alone]
        alone = strokes(means.luma(), boxes, [], blurred=True).covered
        own = glass.under(boxes, alone, pairs, means.wavers(), glassy)
        seen = replace(seen, boarded=1.0, board=own.board) if own.board else seen
    strip = track.strip(start.index)
    at = room.moved(strip.x0, strip.y0)
    place = boxes.moved(strip.x0, strip.y0)
    return Judged(
        TextLine(read.text, round(read.confidence, 4), place),
        replace(start, change=None, pair=None),  # a film has thousands of lines: pictures are not kept
        replace(stop, change=None, pair=None),
        Mask.of(at, covered),
        replace(seen, covered=np.zeros((0, 0), bool)),
        seen.board.moved(strip.x0, strip.y0) if seen.board else None,
        _overlaid(track, start, stop, seen),
        not track.drift and _in_corner(place, width),
        start.index == 0,
        _path(track, start.index, stop.index),
        own.told,
        None if own.letters is None else Mask.of(at, own.letters[room.y0 : room.y1, room.x0 : room.x1]),
        _stands(track, boxes),
    )


def _line_in(mean: Bgr, rough: Box, ocr: Ocr) -> Box | None:
    """The whole line of which `rough` is a part.

    The detector is shown no more of the picture than the line may reach; all of it only when the line does reach there.
    """
    width = mean.shape[1]
    aside = ASIDE * rough.height
    left, right = max(0, rough.x0 - aside), min(width, rough.x1 + aside)
    line = _seen(mean, rough, (left, right), ocr)
    near = rough.height
    if line and ((left and line.x0 < left + near) or (right < width and line.x1 > right - near)):
        return _seen(mean, rough, (0, width), ocr)
    return line


def _seen(mean: Bgr, rough: Box, sides: tuple[int, int], ocr: Ocr) -> Box | None:
    left, right = sides
    scaled = fit_rows((right - left, mean.shape[0]), TEXT_ROWS / rough.height)
    found = ocr.detect(mean[:, left:right], scaled)
    return rows(rough, [box.moved(left, 0) for box, _ in found])


def _overlaid(track: Track, start: End, stop: End, seen: Strokes) -> bool:
    if track.drift:
        moved = max((abs(x) + abs(y) for x, y in track.drift.seen.values()), default=0)
        return not track.drift.with_the_picture and track.frames >= LONG_MOVE and moved >= LONG_MOVE
    return any(_laid_on(end, seen.covered) for end in (start, stop))


def _stands(track: Track, line: Box) -> bool:
    """Whether its strokes stand still while the picture between them moves, and it is not there all the time."""
    if track.drift or track.mean is None or track.mean.count < SHORTEST:
        return False
    if not any(end is not None and end.seen for end in (track.start, track.stop)):
        return False
    wavers, ink = track.mean.wavers(), plain_strokes(track.mean.luma(), line)
    between = np.zeros(ink.shape, bool)
    between[line.y0 : line.y1, line.x0 : line.x1] = True
    between &= cv2.distanceTransform((~ink).astype(np.uint8), cv2.DIST_L2, 3) > BETWEEN
    if not ink.any() or not between.any():
        return False
    moves = float(np.median(wavers[between]))
    return moves > max(WAVERS, CALMER * float(np.median(wavers[ink])))


def _path(track: Track, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """How far a moving text is in each frame from where it was in its first."""
    if track.drift is None:
        return ()
    begin = track.drift.at(first)
    places = (track.drift.at(index) for index in range(first, last + 1))
    return tuple((x - begin[0], y - begin[1]) for x, y in places)


def kind(judged: Judged, captions: Sequence[Judged], film_seconds: float) -> Kind:
    """What the line is; `captions` are those that were seen to come or go."""
    seconds = judged.stop.time - judged.start.time
    if judged.path and seconds >= min(LOGO_SECONDS, 0.7 * film_seconds):
        return "logo"
    if seconds >= LONG_SECONDS or (judged.corner and seconds >= min(LOGO_SECONDS, 0.7 * film_seconds)):
        return "logo"
    if (judged.laid_on or judged.stands) and not judged.corner:
        return "caption"
    if any(_alike(judged, other) for other in captions):
        return "caption"
    return "scene"


def rows(rough: Box, found: Sequence[Box]) -> Box | None:
    """The whole line of which `rough` is a part: pieces in the same row that stand close together."""
    line: Box | None = None
    pieces = sorted((box for box in found if _same_row(box, rough)), key=lambda box: box.x0)
    for piece in pieces:
        if line is not None and piece.x0 - line.x1 < 1.2 * rough.height:
            line = line.joined(piece)
        elif line is None or line.x1 < rough.x0:
            line = piece
        else:
            break
    return line if line is not None and line.shared(rough) else None


def whole_lines(found: Sequence[Box]) -> list[Box]:
    """The boxes, with those joined that stand close together in one row."""
    lines: list[Box] = []
    for box in sorted(found, key=lambda one: one.x0):
        for place, line in enumerate(lines):
            if _same_row(box, line) and box.x0 - line.x1 < 0.8 * line.height:
                lines[place] = line.joined(box)
                break
        else:
            lines.append(box)
    return lines


def _same_row(one: Box, other: Box) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > 0.5 * min(one.height, other.height) and one.height < 2 * other.height


def _laid_on(end: End, covered: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> bool:
    """Whether the text changed and what is around it did not."""
    if end.change is None or not end.seen:
        return False
    change: Floats = end.change
    return float(change[covered].mean()) > OVERLAY * (float(np.median(change[~covered])) + 1.5)


def _in_corner(box: Box, width: int) -> bool:
    return box.x1 < 0.4 * width or box.x0 > 0.6 * width


def _alike(one: Judged, other: Judged) -> bool:
    """Whether both stand in the same row in letters of the same size."""
    a, b = one.line.box, other.line.box
    size = 0.75 < a.height / b.height < 1.35
    middle = abs((a.x0 + a.x1) - (b.x0 + b.x1)) < a.height or abs(a.x0 - b.x0) < a.height
    return size and middle and abs((a.y0 + a.y1) - (b.y0 + b.y1)) < a.height
