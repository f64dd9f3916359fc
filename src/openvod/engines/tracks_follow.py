"""What is to be hidden in which frame? Found in some pictures, followed into those before and after.

A finder looks at whole pictures now and then, and near every known area more often. What it finds in a picture is
followed back into the pictures before, which are kept for a while, and on into those after. Where neither finder nor
flow sees it, the area is held, going on as it went and growing, before it is given up. A cut ends all tracks, unless
what they follow is still in its place: then it was only a flash.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Protocol

from openvod.engines import shots, tracks
from openvod.engines.faces import Box, Found, shared
from openvod.engines.tracks import Kind, Track
from openvod.engines.tracks_motion import follow
from openvod.engines.tracks_view import View

MATCH = 0.4
"""How much a found box and a track's must share to be the same."""
TRUST = 0.75
"""Correlation from which the flow alone is believed."""
WITHOUT = 0.25
"""What a frame counts in which only the flow says where an area is, against one in which nothing does."""
GROW = 0.012
"""What an area grows by per frame, on each side, while it is only held."""
LONGEST = 1500
"""Frames after which a track goes on as another: what is kept stays bounded."""
ALIKE = 1.7
"""How many times larger or smaller what was lost can be when it is found again near by."""
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
class _Path:
    """A track while it is followed."""

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
    """It goes on from a track that was sure."""

    @property
    def box(self) -> Box:
        return self.boxes[-1]

    @property
    def lost(self) -> bool:
        """Whether in the last frame neither finder nor flow knew where it is."""
        return self.missed >= 1

    def see(self, found: Found) -> None:
        """The finder says where it is in the last frame."""
        self.boxes[-1] = found.box
        self.scores = sorted([*self.scores, found.score], reverse=True)[:8]
        self.missed = 0.0
        if len(self.boxes) > 1:
            before = self.boxes[-2]
            now = (found.box[0] + found.box[2] - before[0] - before[2]) / 2
            down = (found.box[1] + found.box[3] - before[1] - before[3]) / 2
            self.speed = 0.6 * self.speed[0] + 0.4 * now, 0.6 * self.speed[1] + 0.4 * down

    def step(self, before: View, after: View) -> None:
        """Go on to the next picture by the flow, or as it went."""
        moved = follow(before, after, self.box)
        if moved.trust >= TRUST:
            middle = (moved.box[0] + moved.box[2] - self.box[0] - self.box[2]) / 2
            down = (moved.box[1] + moved.box[3] - self.box[1] - self.box[3]) / 2
            self.speed = 0.6 * self.speed[0] + 0.4 * middle, 0.6 * self.speed[1] + 0.4 * down
            self.missed += WITHOUT
            self.boxes.append(moved.box)
            return
        self.missed += 1.0
        x, y = self.speed
        wide, high = (self.box[2] - self.box[0]) * GROW, (self.box[3] - self.box[1]) * GROW
        edges = self.box[0] + x - wide, self.box[1] + y - high, self.box[2] + x + wide, self.box[3] + y + high
        self.boxes.append(edges)
        self.speed = 0.9 * x, 0.9 * y


@dataclass(slots=True)
class Follower:
    """Follows what one finder finds through pictures pushed in order; holds `rhythm.back` pictures."""

    finder: Finder
    rhythm: Rhythm
    done: list[Track] = field(default_factory=list)
    """Tracks that have ended, in pixels of the video."""
    _views: deque[View] = field(default_factory=deque)
    """The last pictures of this shot."""
    _paths: list[_Path] = field(default_factory=list)

    def push(self, view: View, *, cut: bool) -> None:
        """Take the next picture; `cut`: a new shot begins with it."""
        if cut and self._views:
            self._look(thorough=True)
            self._cut(view)
        before = self._views[-1] if self._views else None
        self._views.append(view)
        if len(self._views) > self.rhythm.back:
            self._views.popleft()
        for path in self._paths:
            if before is not None and path.first + len(path.boxes) == view.number:
                path.step(before, view)
        thorough = view.number % self.rhythm.thorough == 0 or before is None
        quick = self.rhythm.quick > 0 and view.number % self.rhythm.quick == 0
        if thorough or quick:
            self._look(thorough=thorough)
        else:
            due = view.number % self.rhythm.near == 0
            self._near([path for path in self._paths if due or path.lost])
        self._give_up(view)

    def finish(self) -> list[Track]:
        """All tracks, after the last picture."""
        if self._views:
            self._look(thorough=True)
            for path in self._paths:
                self._end(path, self._views[-1].scale)
        return self.done

    def _cut(self, view: View) -> None:
        going = []
        for path in self._paths:
            found = self.finder.near(view, path.box)
            if found is not None and found.score >= SAME_PLACE and shared(found.box, path.box) > 0.7:
                path.boxes.append(path.box)
                path.see(found)
                going.append(path)
            else:
                self._end(path, view.scale)
        self._paths = going
        self._views.clear()

    def _look(self, *, thorough: bool) -> None:
        """The finder looks at the last picture; what it finds that is not followed yet is from now on."""
        view = self._views[-1]
        found = self.finder.seek(view, thorough=thorough)
        unseen = list(self._paths)
        new: list[Found] = []
        for each in found:
            path = max(unseen, key=lambda path: shared(path.box, each.box), default=None)
            if path is not None and shared(path.box, each.box) > MATCH:
                path.see(each)
                unseen.remove(path)
            elif all(shared(path.box, each.box) <= MATCH for path in self._paths):
                new.append(each)
        self._near(unseen)
        for each in new:
            if all(shared(path.box, each.box) <= MATCH for path in self._paths):
                self._paths.append(self._begun(each))

    def _near(self, paths: list[_Path]) -> None:
        view = self._views[-1]
        for path in paths:
            found = self.finder.near(view, path.box)
            if found is not None and self._is(path, found):
                path.see(found)

    def _is(self, path: _Path, found: Found) -> bool:
        """Whether what was found near a path is the same thing; a lost one may have jumped, but not onto another."""
        if shared(found.box, path.box) > MATCH:
            return True
        others = (other.box for other in self._paths if other is not path)
        return (
            path.lost
            and _alike(found.box, path.box)
            and all(shared(found.box, box) <= MATCH for box in others)
        )

    def _begun(self, found: Found) -> _Path:
        """A path that was followed back from where something was found first."""
        views = list(self._views)[::-1]
        path = _Path(views[0].number, [found.box], [found.score])
        for before, after in pairwise(views):
            path.step(before, after)
            if after.number % self.rhythm.near == 0 or path.lost:
                self._look_back(path, after)
            if path.missed >= self.rhythm.hold or _outside(path.box, after.size):
                break
        path.boxes.reverse()
        path.first -= len(path.boxes) - 1
        path.missed = 0.0
        path.speed = (0.0, 0.0)
        return path

    def _look_back(self, path: _Path, view: View) -> None:
        found = self.finder.near(view, path.box)
        if found is not None and (
            shared(found.box, path.box) > MATCH or (path.lost and _alike(found.box, path.box))
        ):
            path.see(found)

    def _give_up(self, view: View) -> None:
        going = []
        for path in self._paths:
            if path.missed >= self.rhythm.hold or _outside(path.box, view.size):
                self._end(path, view.scale)
            elif len(path.boxes) >= LONGEST:
                self._end(path, view.scale)
                believed = path.believed or self.finder.sure(path.scores)
                again = _Path(view.number, [path.box], path.scores, path.missed, path.speed, believed)
                going.append(again)
            else:
                going.append(path)
        self._paths = going

    def _end(self, path: _Path, scale: float) -> None:
        if path.believed or self.finder.sure(path.scores):
            boxes = [(x0 * scale, y0 * scale, x1 * scale, y1 * scale) for x0, y0, x1, y1 in path.boxes]
            self.done.append(tracks.made(self.finder.kind, path.first, boxes, path.scores[0]))


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
