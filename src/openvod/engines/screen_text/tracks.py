"""How long does a text stay? Follows one line from frame to frame, and remembers what is needed to judge it later."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from openvod.engines.ocr import Box
from openvod.engines.screen_text.drift import Drift, drift_between
from openvod.engines.screen_text.edges import GAP, THERE, Edge, Pattern, before_that, edge
from openvod.engines.screen_text.ends import End, another_text, reach_border
from openvod.engines.screen_text.found import Floats, Pixels
from openvod.engines.screen_text.glass import Pair
from openvod.engines.screen_text.masks import change_between
from openvod.engines.screen_text.means import Mean
from openvod.engines.screen_text.strips import Ring, cut, half_box
from openvod.media.frames import Planes

BACK = 0.65
"""The same for a text that was gone."""
SETTLE = 12
"""Frames that teach the pattern before its begin is looked for."""
DOUBT = 0.85
"""Share of the usual agreement below which the text may be another one on the same board, or the picture was cut."""
TAIL = 8
"""Frames without the text that are looked at before it is taken to be gone."""
UNSURE = 0.25
"""Mean agreement of those frames from which the text may still be there, before another picture."""
END_FRAMES = 45
"""Frames that are measured again, with all that was learned, to find where a text ends."""
MEAN_FRAMES, MEAN_STEP = 60, 2
"""The mean picture is made of so many frames at most, every second one."""
ASIDE = 8
"""Heights to each side of what was seen of a moving line that are kept of its frames: the detector may have seen a piece."""
TRIES = 4
"""Frames within which a line that is not there any more is looked for elsewhere."""
CHANGED = 12.0
"""Levels by which a stroke changes the picture at least."""
LOOK_AROUND = 4
"""Every so many frames it is seen whether the surroundings of a moving text move along."""
FULL = 0.85
"""Share of the strongest frame from which a frame shows all of the text."""

STEADY = 0.08
"""Part of its share of the frame before by which a text that does not fade differs at most."""

_AROUND = np.ones((3, 3), np.uint8)


@dataclass(slots=True)
class Track:
    """One line of text, followed."""

    box: Box
    """Where the detector saw it."""
    band: Box
    """The rows around it, over the whole width: what is kept of each frame."""
    pattern: Pattern
    born: int
    index: int = -1
    earliest: int = 0
    """Frames before this one showed another text in its place."""
    start: End | None = None
    stop: End | None = None
    gone: int = 0
    """Frames in a row without the text."""
    returned: bool = False
    """Whether the text was back after some frames without it."""
    doubt: bool = False
    """Whether the last frame may show another text in the same place: the caller has to read it."""
    drift: Drift | None = None
    """How it moves; None while it stands still."""
    clear: bool = False
    """Whether `box` is known to hold the whole line."""
    _still: bool = False
    """Whether it was looked for elsewhere in vain."""
    _usual: float = 1.0
    _agreed: float = 0.0
    """Sum of the agreement of the frames without the text."""
    _missed: bool = False
    """Whether it would have been seen in one of the frames without it, had it been there."""
    _agreement: float = 1.0
    """Of the frame before."""
    _before: float = 0.0
    """The share in the frame before: a text that fades out gives no doubt."""
    _steady: bool = False
    """Whether the share was the same in the frame before that."""
    mean: Mean | None = None
    """Of the frames that show all of the text; None before there are any."""
    _learned: int = 1
    _top: float = 0.0

    @property
    def frames(self) -> int:
        """How long it has been there."""
        begin = self.start.index if self.start else self.born
        return self.index - self.gone - begin + 1

    def place(self, index: int) -> Box:
        """Where the line is in a frame."""
        return self.drift.place(index) if self.drift else self.box

    def strip(self, index: int) -> Box:
        """Where its band is in a frame."""
        return self.band.moved(*self.drift.at(index)) if self.drift else self.band

    def look(self, frame: Planes) -> Pixels:
        """The line's box in a frame."""
        return cut(frame.luma, self.place(frame.index))

    def follow(self, frame: Planes, ring: Ring) -> bool:
        """Look for the text in the next frame; False when it is over. `frame` is already in the ring."""
        if self.drift:
            self._follow_drift(self.drift, frame, ring)
        share, agreement = self.pattern.measure(self.look(frame))
        if agreement < THERE and self._moves(frame, ring):
            share, agreement = self.pattern.measure(self.look(frame))
        if self._missed and agreement >= BACK and share > 0.5:
            self.returned = True
            self._end(ring)
            return False
        self.index = frame.index
        self.doubt = False
        if agreement < THERE:
            self.gone += 1
            self._missed |= self.gone > GAP or not (self.drift or self.pattern.blends(self.look(frame)))
            self._agreed = agreement + (self._agreed if self.gone > 1 else 0.0)
        else:
            fades = self._before < FULL * self._top and not self._steady
            self.doubt = agreement < DOUBT * self._usual and not fades and self.drift is None
            if self.doubt:
                self.gone += self.gone > 0  # another text that grows alike is no return
            else:
                self.gone, self._missed = 0, False
                self._usual += 0.2 * (agreement - self._usual)
                self._learn(frame, share)
        self._agreement = agreement
        self._steady = abs(share - self._before) < STEADY * self._before
        self._before = share
        if self.start is None and (frame.index - self.born >= SETTLE or self.gone):
            self._begin(ring)
        if self.gone >= TAIL and not self.doubt:
            self.doubt = self._agreed > UNSURE * TAIL
            if not self.doubt:
                self._end(ring)
            return self.doubt
        return True

    def settle_doubt(self, frame: Planes, ring: Ring, *, same: bool) -> None:
        """What the frame that gave doubt shows: the same text before another picture, or another one."""
        self.doubt = False
        if not same and self.gone:
            self._end(ring)
            return
        self.gone = 0 if same else 1
        if not same:
            self.returned = True
            if self.start is None:
                self._begin(ring)
            self._end(ring)
            if self.stop:
                self.stop.alone = False
            return
        self.index = frame.index
        self._usual = self.pattern.measure(self.look(frame))[1]
        self._top = 0.0
        self.pattern.restart(self.look(frame))

    def finish(self, ring: Ring) -> None:
        """The film is over."""
        if self.start is None:
            self._begin(ring)
        if self.stop is None:
            self._end(ring)

    def _moves(self, frame: Planes, ring: Ring) -> bool:
        """Whether a line that was hardly seen before is found elsewhere in the frame: then it is followed there."""
        first = ring.at(self.born)
        since = frame.index - self.born
        if self.drift or self.start or self._still or first is None or since > SETTLE:
            return False
        if since > TRIES and self._agreement >= DOUBT:  # it stood still: the picture behind it was cut
            return False
        self.drift = drift_between(first, frame, self.box)
        if self.drift is None:
            self._still = since >= TRIES
            return False
        aside = ASIDE * self.box.height
        left, right = max(0, self.box.x0 - aside) // 2 * 2, min(frame.luma.shape[1], self.box.x1 + aside)
        self.band = Box(left, self.band.y0, right, self.band.y1)
        self.pattern = Pattern(cut(first.luma, self.box))
        self.mean = None
        self._top, self._usual = 0.0, 1.0
        return True

    def _follow_drift(self, drift: Drift, frame: Planes, ring: Ring) -> None:
        drift.step(frame)
        before = ring.at(frame.index - LOOK_AROUND)
        if frame.index % LOOK_AROUND == 0 and before and before.index >= self.born:
            drift.look_around(before, frame)

    def _learn(self, frame: Planes, share: float) -> None:
        if share < FULL * self._top:
            return
        if share > 1.15 * self._top > 0:
            self.mean = None
        self._top = max(self._top, share)
        self.pattern.learn(self.look(frame))
        self._learned += 1
        if self._learned % MEAN_STEP:
            return
        self.mean = self.mean or Mean(self.band)
        if self.mean.count < MEAN_FRAMES:
            self.mean.add(frame, self.strip(frame.index))

    def _begin(self, ring: Ring) -> None:
        """Measure the frames before with what was learned since, and look where the text comes in."""
        frames = [f for f in ring.since(self.earliest) if f.index <= self.index - self.gone]
        found = self._edge(frames, self.born - frames[0].index) if frames else None
        at = frames[found.first if found else 0]
        followed = found is None and 0 < self.earliest == at.index
        found = found or Edge(0, 0, 1.0 if followed else 0.0)
        self.start = End(at.index, at.time, found.fade, found.step, seen=found.first > 0 or followed)
        self.start.alone = at.index > self.earliest or not self.earliest
        if self.drift:
            reach_border(self.start, self.place, ring, -1)
        if not self.start.seen:
            return
        before, after = ring.at(at.index - 1), ring.at(min(at.index + found.fade, self.index - self.gone))
        if before and after:
            self.start.change, self.start.pair = self._change(before, after), self._pair(before, after)
            self.start.alone &= not another_text(before, after, self.place(after.index))
            if self.drift is None and self.start.alone:
                changed = cv2.dilate(self.start.change[self._inner()], _AROUND)
                self.pattern.focus(changed > CHANGED)

    def _edge(self, frames: Sequence[Planes], sure: int) -> Edge | None:
        """Where it begins in these frames, `sure` being one that shows it."""
        looks = [self.look(frame) for frame in frames]
        measured = [(*self.pattern.measure(look), self.pattern.blends(look)) for look in looks]
        if self.drift:  # it never lies quite the same: only whether it is there can be told
            return edge([agreement for _, agreement, _ in measured], sure, hard=True)
        found = edge([share for share, _, _ in measured], sure)
        return before_that(found, measured) if found else None

    def _end(self, ring: Ring) -> None:
        assert self.start is not None
        shown = [
            f for f in ring.since(max(self.start.index, self.index - END_FRAMES)) if f.index <= self.index
        ]
        backwards = self._edge(shown[::-1], self.gone) if self.gone else None
        last = self.index - backwards.first if backwards else self.index - self.gone
        last = max(last, self.start.index)
        after, final = ring.at(last + 1), ring.at(last)
        time = after.time if after else (final.time if final else self.start.time)
        self.stop = End(last, time)
        if self.drift:
            reach_border(self.stop, self.place, ring, 1)
        if backwards is None or after is None:
            return
        self.stop.fade, self.stop.step, self.stop.seen = backwards.fade, backwards.step, True
        whole = ring.at(max(last - backwards.fade, self.start.index))
        if whole:
            self.stop.change, self.stop.pair = self._change(after, whole), self._pair(after, whole)
            self.stop.alone &= not another_text(after, whole, self.place(whole.index))

    def _inner(self) -> tuple[slice, slice]:
        """Where the box is in its band."""
        box = self.box.moved(-self.band.x0, -self.band.y0)
        return np.s_[box.y0 : box.y1, box.x0 : box.x1]

    def _change(self, without: Planes, shown: Planes) -> Floats:
        """What the text changed: the band where it is, in a frame without and in one with it."""
        strip = self.strip(shown.index)
        return change_between(cut(without.luma, strip), cut(shown.luma, strip))

    def _pair(self, without: Planes, shown: Planes) -> Pair:
        """The same band in both; copied, for frames are large."""
        strip = self.strip(shown.index)
        half = half_box(strip)
        one, other = (
            (
                cut(frame.luma, strip).copy(),
                cut(frame.chroma[0], half).copy(),
                cut(frame.chroma[1], half).copy(),
            )
            for frame in (without, shown)
        )
        return Pair(one, other)


def open_track(frame: Planes, box: Box, earliest: int) -> Track:
    """A track for a line that was detected in `frame`, and that is not in the frames before `earliest`."""
    height, width = frame.luma.shape
    margin = max(8, round(0.8 * box.height))
    top, bottom = max(0, box.y0 - margin) // 2 * 2, min(height, box.y1 + margin)
    return Track(
        box,
        Box(0, top, width, bottom),
        Pattern(cut(frame.luma, box)),
        born=frame.index,
        earliest=earliest,
        index=frame.index,
    )
