"""Where does one shot end and the next begin? Cuts, dissolves and fades, found while thumbnails stream by."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from openvod.engines.shots_find import CUT, CUT_OVER_USUAL, GRADUAL, Kind, Transition, find
from openvod.engines.shots_look import Look, describe, distances, filled, mean_apart

__all__ = [
    "CUT",
    "CUT_OVER_USUAL",
    "GRADUAL",
    "MARGIN",
    "STEP",
    "Kind",
    "Look",
    "ShotFinder",
    "Transition",
    "describe",
    "distances",
    "mean_apart",
    "shots",
]

STEP = 512
"""Frames decided on at a time."""
MARGIN = 160
"""Frames seen on both sides of those decided on, so that no decision depends on where the steps fall."""
BATCH = 64


class ShotFinder:
    """Finds transitions in thumbnails pushed one by one; holds about 750 descriptions, never the film."""

    def __init__(self) -> None:
        self._pictures: list[NDArray[np.uint8]] = []
        """Of the frames that were seen."""
        self._times: list[float] = []
        self._seen: list[bool] = []
        self._look: Look | None = None
        self._begin = 0
        """Number of the first frame in `_look`."""
        self._decided = 0

    def push(self, tiny: NDArray[np.uint8], time: float, *, is_seen: bool = True) -> list[Transition]:
        """Take the next frame, `[27, 48, 3]` RGB; answer what has become certain. Of a frame that is not seen only the time
        is known: it is taken to be between those around it. The first one counts as seen."""
        is_seen = is_seen or (self._look is None and not self._times)
        if is_seen:
            self._pictures.append(tiny)
        self._times.append(time)
        self._seen.append(is_seen)
        if len(self._times) < BATCH or not is_seen:
            return []
        self._describe()
        assert self._look is not None
        if self._begin + len(self._look) < self._decided + STEP + MARGIN:
            return []
        return self._decide(self._decided + STEP)

    @property
    def decided(self) -> int:
        """Frames below this number have been decided on."""
        return self._decided

    def finish(self) -> list[Transition]:
        """The rest, after the last frame."""
        self._describe()
        if self._look is None:
            return []
        return self._decide(self._begin + len(self._look))

    def _describe(self) -> None:
        if not self._times or (self._look is not None and len(self._times) == 1):
            return
        own = describe(np.stack(self._pictures), np.array(self._times)[self._seen])
        look = filled(own, np.array(self._seen), np.array(self._times))
        self._look = look if self._look is None else self._look + look[1:]
        # The last one is the first of the next batch as well: what is not seen lies between two that are.
        self._pictures, self._times, self._seen = self._pictures[-1:], self._times[-1:], self._seen[-1:]

    def _decide(self, until: int) -> list[Transition]:
        look, begin = self._look, self._begin
        assert look is not None
        found = [
            Transition(each.kind, each.last + begin, each.first + begin, each.time, each.score)
            for each in find(look[: until - begin + MARGIN])
            if self._decided <= each.first + begin < until
        ]
        keep = max(begin, until - MARGIN)
        self._look, self._begin, self._decided = look[keep - begin :], keep, until
        return found


def shots(count: int, transitions: Iterable[Transition]) -> list[tuple[int, int]]:
    """First and last frame number of every shot of a film of `count` frames; a gradual change is halved."""
    starts = [0, *(sum((each.last + 1, each.first)) // 2 for each in transitions)]
    return [(a, b - 1) for a, b in zip(starts, [*starts[1:], count], strict=True) if b > a]
