"""What is known of the begin or the end of a text? Its frame, what the text changed there, what is on the other side."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text.found import Floats
from openvod.engines.screen_text.glass import Pair
from openvod.engines.screen_text.strips import Ring, cut
from openvod.engines.screen_text.watch import STEEP
from openvod.media.frames import Planes

AS_DENSE = 0.5
"""Share of a text's density of edges from which what was or is in its place is a text as well."""


@dataclass(slots=True)
class End:
    """One end of a text's time."""

    index: int
    """The first or last frame that shows any of it."""
    time: float
    """When the first frame is shown, or the one after the last."""
    fade: int = 0
    step: float = 0.0
    """The largest share of the text that came or went in one frame; 0 when its end was not seen."""
    change: Floats | None = None
    """How much the band's pixels differ between with and without the text."""
    pair: Pair | None = None
    """Its band in the two frames that differ so."""
    seen: bool = False
    """Whether there are frames without the text on the other side."""
    alone: bool = True
    """Whether no other text in its place is on the other side: then the change shows all that the text covers."""


def another_text(without: Planes, shown: Planes, box: Box) -> bool:
    """Whether the frame without a text has another in its place: its edges are as dense."""
    before, now = (cut(frame.luma, box) for frame in (without, shown))
    densities = [float(np.mean(cv2.absdiff(luma[:, 2:], luma[:, :-2]) > STEEP)) for luma in (before, now)]
    return densities[0] > AS_DENSE * densities[1]


def reach_border(end: End, place: Callable[[int], Box], ring: Ring, way: int) -> None:
    """Move the end of a moving text that is cut by the picture's border to where nothing of it is inside.

    `place` tells its box by frame; `way` is -1 for its begin and 1 for its end.
    """
    frames = ring.since(0)
    height, width = frames[-1].luma.shape
    picture = Box(0, 0, width, height)
    if place(end.index).grown(0, (width, height)) == place(end.index):
        return
    step = (frames[-1].time - frames[0].time) / max(1, frames[-1].index - frames[0].index)
    while 0 < end.index + min(way, 0) < frames[-1].index and place(end.index + way).shared(picture):
        end.index += way
        end.time += way * step
        end.seen = False
