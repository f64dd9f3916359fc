"""Which subtitles begin in a stretch of a film? Decoded with as much before and after it as telling takes."""

from collections.abc import Callable, Sequence
from pathlib import Path

from openvod.engines.ocr import Ocr
from openvod.engines.screen_text.finder import READING, Finder
from openvod.engines.screen_text.found import Area
from openvod.engines.screen_text.judge import LONG_SECONDS
from openvod.engines.screen_text.subtitles import Subtitle, of_found
from openvod.media.frames import Planes, planes

LEAD = 4.0
"""Seconds decoded before a stretch: what is there in its first frame is seen to have come before, fades and all."""
EDGE = 0.5
"""Seconds around a stretch in which what begins is told as well, so that neighbours need not agree to the frame."""
TAIL = LONG_SECONDS + 2.0
"""Seconds decoded after it at most: what goes on for longer is no subtitle."""


def read_stretch(
    source: Path,
    ocr: Ocr,
    span: tuple[float, float],
    areas: Sequence[Area] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> list[Subtitle]:
    """The subtitles that begin in `span` (begin and end in seconds from the start of the file), or EDGE around it.

    `progress` is told how many seconds of the stretch are done.
    Memory does not grow with the stretch but for what was read. Raises TaskFault as `frames.planes` does.
    """
    begin, end = span
    finder, last = Finder(ocr, areas, READING), None
    after: int | None = None
    for frame in planes(source, looking=True, begin=max(0.0, begin - LEAD)):
        if after is None and frame.time >= end + EDGE:
            after = frame.index
        if after is not None and _over(finder, frame, after, end):
            break
        finder.add(frame)
        last = frame
        progress(frame.time - begin)
    if last is None:
        return []
    size = (last.luma.shape[1], last.luma.shape[0])
    found = of_found(finder.finish(), size)
    return [one for one in found if max(0.0, begin - EDGE) <= one.start < end + EDGE]


def _over(finder: Finder, frame: Planes, after: int, end: float) -> bool:
    """Whether nothing that began before the frame `after` is still on the screen, or no subtitle is."""
    return frame.time >= end + TAIL or (frame.time >= end + 2 * EDGE and not finder.follows(before=after))
