"""Where has one thing been while it was followed, and where does it go next?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from openvod.engines.faces import Box, Found, shared
from openvod.engines.tracks_motion import follow
from openvod.engines.tracks_view import View

TRUST = 0.75
"""Correlation from which the flow alone is believed."""
WITHOUT = 0.25
"""What a frame counts in which only the flow says where an area is, against one in which nothing does."""
GROW = 0.012
"""What an area grows by per frame, on each side, while it is held, or the flow alone has led it for `ALONE` frames."""
ALONE, ROOM = 4, 1.2
"""Frames for which the flow alone is precise; later it may have taken to what passes in front, and the area is given room:
up to so many times its size."""
MOST, LEAST = 1.6, 0.6
"""How many times as large as it was seen last an area can become while it is not."""
MET = 0.8
"""What the way back must share with the way there for both to be one."""


@dataclass(slots=True)
class Trail:
    """One thing while it is followed; boxes are in the pixels of the views."""

    first: int
    boxes: list[Box]
    """One for each frame from `first` on."""
    scores: list[float]
    """The best ones, at most eight."""
    missed: float = 0.0
    """How long it was not seen, in frames (see `WITHOUT`)."""
    speed: tuple[float, float] = (0.0, 0.0)
    """Pixels per frame of its middle."""
    believed: bool = False
    """It goes on from one that was sure."""
    unseen: int = 0
    """Frames since the finder saw it."""
    seen: Box | None = None
    """What the finder saw last."""
    asides: list[tuple[int, list[Box]]] = field(default_factory=list)
    """Where else it must have been: first frame, and boxes."""

    @property
    def box(self) -> Box:
        """Where it is in the last frame."""
        return self.boxes[-1]

    @property
    def lost(self) -> bool:
        """Whether neither finder nor flow have known for a while where it is."""
        return self.missed >= 1

    def see(self, found: Found) -> None:
        """The finder says where it is in the last frame."""
        self.boxes[-1] = self.seen = found.box
        self.scores = sorted([*self.scores, found.score], reverse=True)[:8]
        self.missed, self.unseen = 0.0, 0
        if len(self.boxes) > 1:
            self._sped(self.boxes[-2], found.box)

    def see_again(self, found: Found, views: Sequence[View]) -> None:
        """As `see`; where it was found somewhere else than it was followed to, its way back there counts, too.

        `views` are the last pictures in order; the last one is that in which it was found.
        """
        before, gap = self.box, self.unseen
        self.see(found)
        if gap < 2 or shared(found.box, before) >= MET:
            return
        back = Trail(views[-1].number, [found.box], [found.score], seen=found.box)
        for later, earlier in pairwise(list(views)[-gap - 1 :][::-1]):
            back.step(later, earlier)
            back.first = earlier.number
            if back.first < self.first or shared(back.box, self.boxes[back.first - self.first]) >= MET:
                break
        self.asides.append((back.first, back.boxes[::-1]))

    def step(self, before: View, after: View) -> None:
        """Go on to the next picture by the flow, or as it went."""
        moved = follow(before, after, self.box)
        self.unseen += 1
        if moved.trust >= TRUST:
            self._sped(self.box, moved.box)
            self.missed += WITHOUT
            self.boxes.append(self._bounded(grown(moved.box) if self._unsure() else moved.box))
            return
        self.missed += 1.0
        x, y = self.speed
        edges = self.box[0] + x, self.box[1] + y, self.box[2] + x, self.box[3] + y
        self.boxes.append(self._bounded(grown(edges)))
        self.speed = 0.9 * x, 0.9 * y

    def _unsure(self) -> bool:
        """Whether the flow has led it for long, and the area has no room for that yet."""
        seen = self.seen or self.box
        return self.unseen > ALONE and self.box[2] - self.box[0] < ROOM * (seen[2] - seen[0])

    def _sped(self, old: Box, new: Box) -> None:
        x, y = ((new[at] + new[at + 2] - old[at] - old[at + 2]) / 2 for at in (0, 1))
        self.speed = 0.6 * self.speed[0] + 0.4 * x, 0.6 * self.speed[1] + 0.4 * y

    def _bounded(self, box: Box) -> Box:
        """`box`, about as large as what was seen last."""
        if self.seen is None:
            return box
        halves = [
            min(max(box[at + 2] - box[at], LEAST * side), MOST * side) / 2
            for at, side in ((0, self.seen[2] - self.seen[0]), (1, self.seen[3] - self.seen[1]))
        ]
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return x - halves[0], y - halves[1], x + halves[0], y + halves[1]


def grown(box: Box) -> Box:
    """By `GROW`."""
    wide, high = (box[2] - box[0]) * GROW, (box[3] - box[1]) * GROW
    return box[0] - wide, box[1] - high, box[2] + wide, box[3] + high
