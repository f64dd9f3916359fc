"""What is to be hidden in which frame? Found in some pictures, followed into those before and after.

A finder looks at whole pictures now and then, and near every known area more often. What it finds in a picture is
followed back into the pictures before, which are kept for a while, and on into those after. Where neither finder nor
flow sees it, the area is held, going on as it went and growing, before it is given up; found again elsewhere, it is
followed back from there through the frames between. A cut ends all tracks, unless
what they follow is still in its place: then it was only a flash.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol

from openvod.engines import shots, tracks
from openvod.engines.faces import Box, Found, shared
from openvod.engines.tracks import Kind, Track
from openvod.engines.tracks_trail import Trail
from openvod.engines.tracks_view import View

MATCH = 0.4
"""How much a found box and a track's must share to be the same."""
LONGEST = 1500
"""Frames after which a track goes on as another: what is kept stays bounded."""
ALIKE = 1.7
"""How many times wider or higher than it was seen last a thing can be that is found near by: more is another one."""
SAME_PLACE = 0.5
"""Score from which what is found in a track's place after a cut shows that it was none."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often a finder looks, in frames."""

    thorough: int
    quick: int
    """0: never."""
    near: int
    hold: int
    """How long an area is held without being seen."""
    back: int
    """How many pictures are kept to be followed back into."""


class Finder(Protocol):
    """Finds one kind of thing."""

    kind: Kind

    def seek(self, view: View, *, thorough: bool) -> list[Found]:
        """All in the picture, in its pixels."""

    def near(self, view: View, box: Box) -> Found | None:
        """The one at or around `box`."""

    def sure(self, scores: list[float]) -> bool:
        """Whether a track with these scores (0 to 1, best first, at most eight) is what is sought."""


@dataclass(slots=True)
class Follower:
    """Follows what one finder finds through pictures pushed in order; holds `rhythm.back` pictures."""

    finder: Finder
    rhythm: Rhythm
    done: list[Track] = field(default_factory=list)
    """Tracks that have ended, in pixels of the video."""
    _views: deque[View] = field(default_factory=deque)
    """The last pictures of this shot."""
    _trails: list[Trail] = field(default_factory=list)

    def push(self, view: View, *, cut: bool) -> None:
        """Take the next picture; `cut`: a new shot begins with it."""
        if cut and self._views:
            self._look(thorough=True)
            self._cut(view)
        before = self._views[-1] if self._views else None
        self._views.append(view)
        if len(self._views) > self.rhythm.back:
            self._views.popleft()
        for trail in self._trails:
            if before is not None and trail.first + len(trail.boxes) == view.number:
                trail.step(before, view)
        thorough = view.number % self.rhythm.thorough == 0 or before is None
        quick = self.rhythm.quick > 0 and view.number % self.rhythm.quick == 0
        if thorough or quick:
            self._look(thorough=thorough)
        else:
            due = view.number % self.rhythm.near == 0
            self._near([trail for trail in self._trails if due or trail.lost])
        self._give_up(view)

    def finish(self) -> list[Track]:
        """All tracks, after the last picture."""
        if self._views:
            self._look(thorough=True)
            for trail in self._trails:
                self._end(trail, self._views[-1].scale)
        return self.done

    def _cut(self, view: View) -> None:
        going = []
        for trail in self._trails:
            found = self.finder.near(view, trail.box)
            if found is not None and found.score >= SAME_PLACE and shared(found.box, trail.box) > 0.7:
                trail.boxes.append(trail.box)
                trail.see(found)
                going.append(trail)
            else:
                self._end(trail, view.scale)
        self._trails = going
        self._views.clear()

    def _look(self, *, thorough: bool) -> None:
        """The finder looks at the last picture; what it finds that is not followed yet is from now on."""
        view = self._views[-1]
        found = self.finder.seek(view, thorough=thorough)
        unseen = list(self._trails)
        new: list[Found] = []
        for each in found:
            trail = max(unseen, key=lambda trail: shared(trail.box, each.box), default=None)
            if trail is not None and shared(trail.box, each.box) > MATCH:
                trail.see_again(each, self._views)
                unseen.remove(trail)
            elif all(shared(trail.box, each.box) <= MATCH for trail in self._trails):
                new.append(each)
        self._near(unseen)
        for each in new:
            if all(shared(trail.box, each.box) <= MATCH for trail in self._trails):
                self._trails.append(self._begun(each))

    def _near(self, trails: list[Trail]) -> None:
        view = self._views[-1]
        for trail in trails:
            found = self.finder.near(view, trail.box)
            if found is not None and self._is(trail, found):
                trail.see_again(found, self._views)

    def _is(self, trail: Trail, found: Found) -> bool:
        """Whether what was found near a trail is the same thing; a lost one may have jumped, but not onto another."""
        if not _alike(found.box, trail.seen or trail.box):
            return False
        if shared(found.box, trail.box) > MATCH:
            return True
        others = (other.box for other in self._trails if other is not trail)
        return trail.lost and all(shared(found.box, box) <= MATCH for box in others)

    def _begun(self, found: Found) -> Trail:
        """A trail that was followed back from where something was found first."""
        views = list(self._views)[::-1]
        trail = Trail(views[0].number, [found.box], [found.score], seen=found.box)
        for before, after in pairwise(views):
            trail.step(before, after)
            if after.number % self.rhythm.near == 0 or trail.lost:
                self._look_back(trail, after)
            if trail.missed >= self.rhythm.hold or _outside(trail.box, after.size):
                break
        trail.boxes.reverse()
        trail.first -= len(trail.boxes) - 1
        trail.missed, trail.unseen = 0.0, 0
        trail.seen, trail.speed = found.box, (0.0, 0.0)
        return trail

    def _look_back(self, trail: Trail, view: View) -> None:
        found = self.finder.near(view, trail.box)
        if found is None or not _alike(found.box, trail.seen or trail.box):
            return
        if trail.lost or shared(found.box, trail.box) > MATCH:
            trail.see(found)

    def _give_up(self, view: View) -> None:
        going = []
        for trail in self._trails:
            if trail.missed >= self.rhythm.hold or _outside(trail.box, view.size):
                self._end(trail, view.scale)
            elif len(trail.boxes) >= LONGEST:
                self._end(trail, view.scale)
                believed = trail.believed or self.finder.sure(trail.scores)
                again = replace(trail, first=view.number, boxes=[trail.box], believed=believed, asides=[])
                going.append(again)
            else:
                going.append(trail)
        self._trails = going

    def _end(self, trail: Trail, scale: float) -> None:
        if trail.believed or self.finder.sure(trail.scores):
            for first, own in ((trail.first, trail.boxes), *trail.asides):
                boxes = [(x0 * scale, y0 * scale, x1 * scale, y1 * scale) for x0, y0, x1, y1 in own]
                self.done.append(tracks.made(self.finder.kind, first, boxes, trail.scores[0]))


def _alike(one: Box, other: Box) -> bool:
    """Whether they are about as large."""
    sides = ((one[2] - one[0]) / (other[2] - other[0]), (one[3] - one[1]) / (other[3] - other[1]))
    return all(1 / ALIKE < side < ALIKE for side in sides)


def _outside(box: Box, size: tuple[int, int]) -> bool:
    """Whether the middle has left the picture by a quarter of the box."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    wide, high = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    return not (-wide <= x <= size[0] + wide and -high <= y <= size[1] + high)


class Cuts:
    """Tells cuts one picture after the other; where in doubt, it says there is one: what is seen stays followed."""

    def __init__(self) -> None:
        self._last: Any = None
        self._usual: deque[float] = deque(maxlen=12)

    def push(self, view: View) -> bool:
        """Whether a new shot begins with `view`."""
        return self.looks(view.look)

    def looks(self, look: Any) -> bool:
        """The same of the description of a picture alone, `shots.describe`."""
        last, self._last = self._last, look
        if last is None:
            return False
        apart = float(shots.distances(last + look, 1)[0])
        usual = sorted(self._usual)[len(self._usual) // 2] if self._usual else 0.0
        self._usual.append(apart)
        return apart > shots.CUT and apart > shots.CUT_OVER_USUAL * (usual + 0.03)
