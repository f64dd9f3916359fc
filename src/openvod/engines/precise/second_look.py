"""Which changes of shots hold at a second look? The detector's doubtful places are judged by the network.

A place is doubtful where half a second later the picture is another one and the detector has named no change near it, and
where what it took for a dissolve is not clear. Only what lies around such places is judged; what is clear stands.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from openvod.engines.precise.network import FRAMES
from openvod.engines.shots import Kind, Look, ShotFinder, Transition, describe, distances
from openvod.engines.shots_find import FLAT, frame_rate, trimmed, without_flashes
from openvod.engines.shots_look import unlike

Rgb = NDArray[np.uint8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Judge = Callable[[Rgb], Floats]
"""See `Network.judge`."""

BELIEVED = FRAMES // 2
"""Of the frames that are judged together: those in the middle."""
APART_SECONDS = 0.5
OTHER_PICTURE = 0.4
"""Least distance (see `shots_look.distances`) of two pictures so far apart that is doubtful without a change between them."""
UNCLEAR = 0.85
"""Score below which a dissolve is doubtful."""
LIKELY, UNLIKELY = 0.6, 0.02
"""From the first on the network's word makes a change; below the second all along a doubtful dissolve it unmakes it."""
NEAR = 15
"""Frames: what the network says so near to a change of the detector's is that change, which has the better place."""
REACH = 12
"""Frames before and after where the network sees a change, within which it lies."""
STEP = 0.5
"""Share of the whole way from the old picture to the new one that a cut makes in one frame."""


class SecondLook:
    """Finds transitions as `ShotFinder` does, and looks again where that leaves doubt; holds about 800 thumbnails."""

    def __init__(self, judge: Judge, rate: float) -> None:
        """`rate`: frames per second, about: by the clock the film is divided into what is judged together, so that this does
        not depend on where watching began."""
        self._judge = judge
        self._together = BELIEVED / max(rate, 1.0)
        self._finder = ShotFinder()
        self._own: list[Transition] = []
        self._tiny: list[Rgb] = []
        self._times: list[float] = []
        self._begin = 0
        """Number of the first frame that is held."""
        self._done = 0
        """Frames below this number have been looked at again."""

    def push(self, tiny: Rgb, time: float, *, is_seen: bool = True) -> list[Transition]:
        """See `ShotFinder.push`."""
        self._tiny.append(tiny)
        self._times.append(time)
        self._own += self._finder.push(tiny, time, is_seen=is_seen)
        until = self._finder.decided - 2 * NEAR  # whatever lies near those is known
        return self._decide(until) if until > self._done else []

    def finish(self) -> list[Transition]:
        """See `ShotFinder.finish`."""
        self._own += self._finder.finish()
        return self._decide(self._begin + len(self._tiny)) if self._tiny else []

    def _decide(self, until: int) -> list[Transition]:
        tiny, times = np.stack(self._tiny), np.array(self._times)
        look = without_flashes(describe(tiny, times))
        own = [_moved(each, -self._begin) for each in self._own]
        likely = self._likely(
            tiny, times, doubtful(look, own), slice(self._done - self._begin, until - self._begin)
        )
        found = [_moved(each, self._begin) for each in judged(look, own, likely)]
        decided = [each for each in found if self._done <= each.first < until]
        keep = min(max(0, until - self._begin - 2 * FRAMES), len(tiny))
        del self._tiny[:keep], self._times[:keep]
        self._begin, self._done = self._begin + keep, until
        self._own = [each for each in self._own if each.first >= self._begin]
        return decided

    def _likely(self, tiny: Rgb, times: NDArray[np.float64], doubts: Flags, part: slice) -> Floats:
        """What the network says of each frame; nothing (NaN) of those that lie away from any doubt, or from `part`."""
        likely = np.full(len(tiny), np.nan, np.float32)
        slots = np.floor(times / self._together + 1e-6).astype(int)
        for slot in np.unique(slots[part][doubts[part]]):
            frames = np.flatnonzero(slots == slot)
            for first in range(int(frames[0]), int(frames[-1]) + 1, BELIEVED):
                lead = (FRAMES - BELIEVED) // 2
                window = np.clip(np.arange(first - lead, first - lead + FRAMES), 0, len(tiny) - 1)
                believed = slice(first, min(first + BELIEVED, int(frames[-1]) + 1))
                likely[believed] = self._judge(tiny[window])[lead : lead + believed.stop - first]
        return likely


def doubtful(look: Look, own: Sequence[Transition]) -> Flags:
    """`[n]`: for each frame, whether the detector's word is not enough there."""
    doubts = np.zeros(len(look), bool)
    lag = max(4, round(APART_SECONDS * frame_rate(look.times))) if len(look) > 1 else 1
    if len(look) > lag:
        for first in np.flatnonzero(distances(look, lag) > OTHER_PICTURE):
            doubts[first : first + lag + 1] = True
    for each in own:
        around = slice(max(0, each.last - NEAR), each.first + NEAR)
        doubts[around] = each.kind == "dissolve" and each.score < UNCLEAR
    return doubts


def judged(look: Look, own: Sequence[Transition], likely: Floats) -> list[Transition]:
    """The detector's changes and the network's, in order. `likely`: `[n]`, NaN where it was not asked."""
    kept = [each for each in own if not _is_refuted(each, likely)]
    found = list(kept)
    told = np.flatnonzero(likely >= LIKELY / 2)
    for run in np.split(told, np.flatnonzero(np.diff(told) > 2) + 1) if len(told) else []:
        peak = int(run[np.argmax(likely[run])])
        change = _change(look, peak, float(likely[peak])) if likely[peak] >= LIKELY else None
        if change and not any(_is_near(change, each) for each in found):
            found.append(change)
    return sorted(found, key=lambda each: each.first)


def _is_refuted(each: Transition, likely: Floats) -> bool:
    around = likely[max(0, each.last - 2) : each.first + 3]
    return each.kind == "dissolve" and each.score < UNCLEAR and bool((around < UNLIKELY).all())


def _is_near(one: Transition, other: Transition) -> bool:
    return one.last < other.first + NEAR and other.last < one.first + NEAR


def _change(look: Look, peak: int, score: float) -> Transition | None:
    """The change about the frame `peak`, by how the pictures change there; None when they are the same on both sides."""
    first, last = max(0, peak - REACH), min(len(look) - 1, peak + 1 + REACH)
    whole = float(unlike(look[first : first + 1], look[last : last + 1])[0])
    if whole < OTHER_PICTURE:
        return None
    near = slice(max(first, peak - 2), min(last, peak + 3) + 1)
    steps = distances(look[near], 1)
    cut = near.start + int(np.argmax(steps)) + 1
    if steps.max() > STEP * whole:
        return Transition("cut", cut - 1, cut, float(look.times[cut]), score)
    first, last = trimmed(look, first, last)
    kind: Kind = "fade" if min(look.spread[first], look.spread[last]) < FLAT else "dissolve"
    return Transition(kind, first, last, float(look.times[(first + last) // 2]), score)


def _moved(each: Transition, frames: int) -> Transition:
    return replace(each, last=each.last + frames, first=each.first + frames)
