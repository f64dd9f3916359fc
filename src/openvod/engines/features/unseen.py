"""Which frames need not be decoded, and where are cuts among those that were not?

Where the picture is calm, those that no other frame is made from are left out. Where much moves each frame counts: motion is
hard to tell from cuts and dissolves.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from openvod.engines.shots import Transition, describe, distances, mean_apart
from openvod.media.frames import HEIGHT, WIDTH, Frame
from openvod.media.glance import Glances

Floats = NDArray[np.float32]

MOVING = 14.0
"""Levels (of 255) that thumbnails two frames apart differ by in the mean where much moves. Over 13 films with a shaking camera
no change of shots was lost to frames left out below that, and none was invented; without a bound 1 in 100 was."""
MOVING_SECONDS = 0.5
"""How long it is taken to go on."""


class Calm:
    """Goes along with the frames of a film that stream by."""

    def __init__(self, grid: float) -> None:
        """`grid`: seconds at whose multiples it begins anew, so that it does not matter where the stream began."""
        self._grid = grid
        self._moving = -math.inf
        """When much moved last."""
        self._last: list[Floats] = []
        """The last two frames, those of them that were seen."""

    def follow(self, frame: Frame) -> None:
        """Take the next frame."""
        if not frame.is_seen:
            del self._last[:-1]
            return
        tiny = frame.tiny.astype(np.float32)
        if self._last and mean_apart(self._last[0], tiny) > MOVING:
            self._moving = frame.time
        self._last = [*self._last[-1:], tiny]

    def is_calm(self, time: float) -> bool:
        """Whether a frame that is shown then, a little later than those that have come, may be left out."""
        since = self._moving
        return time > since + MOVING_SECONDS or math.floor(time / self._grid) > math.floor(since / self._grid)


def exact(
    source: Path, changes: Sequence[Transition], times: Sequence[float], seen: Sequence[bool]
) -> list[Transition]:
    """The changes with each cut where it is, among the frames before it that were not decoded. `times` and `seen`: when each
    frame is shown, and whether it was decoded."""
    doubtful = [each for each in changes if each.kind == "cut" and not (seen[each.last] and seen[each.first])]
    if not doubtful:
        return list(changes)
    with Glances(source) as glances:
        return [
            _placed(glances, each, times, seen) if each in doubtful else each
            for each in sorted(changes, key=lambda each: each.first)
        ]


def _placed(glances: Glances, cut: Transition, times: Sequence[float], seen: Sequence[bool]) -> Transition:
    before, after = cut.last, cut.first
    while before > 0 and not seen[before]:
        before -= 1
    while after < len(seen) - 1 and not seen[after]:
        after += 1
    pictures = [glances.at(time) for time in times[before : after + 1]]
    tiny = [
        cv2.resize(each, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        for each in pictures
        if each is not None
    ]
    if len(tiny) < len(pictures):
        return cut  # the file cannot be entered there
    first = before + 1 + int(np.argmax(distances(describe(np.stack(tiny), np.zeros(len(tiny))), 1)))
    return replace(cut, last=first - 1, first=first, time=float(times[first]))
