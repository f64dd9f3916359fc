"""Who is seen in a shot, and who of them matters? Faces put together over time by where they are and how large."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from openvod.engines.features import Face
from openvod.engines.reframe.watching import Sighting

Floats = NDArray[np.float64]

LOST = 1.3
"""Seconds after which a face that was not seen is another one."""
BEYOND = 0.35
"""Seconds that a face is believed to be there before it was first seen and after it was last."""
FAST = 2.5
"""Widths of the face per second that it may be away from where it was, beyond its own path."""
CLEAR = 0.2
"""How far above the least score a face must come at its best."""
RECENT = 5
"""Sightings whose median height a face keeps to: half of it or twice is another one's. One that is lost for a moment before
others would go over to them in steps."""
PRESENT = 0.25
"""Share of the shot that one who matters is seen for, unless nobody is."""
LARGE = 0.55
"""Height, of that of the largest, from which on a face matters beside it."""


@dataclass(slots=True)
class Track:
    """One face over time."""

    times: list[float] = field(default_factory=list)
    boxes: list[Face] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Mean score, 0 to 1."""
        return float(np.mean([box[4] for box in self.boxes]))

    @property
    def best(self) -> float:
        """Highest score, 0 to 1: who is seen clearly once is believed the rest of the time."""
        return max(box[4] for box in self.boxes)

    @property
    def height(self) -> float:
        """Median height in shares."""
        return float(np.median([box[3] - box[1] for box in self.boxes]))

    def at(self, times: Floats) -> Floats:
        """The box at each of the times, `[n, 4]`; nan where it is not there."""
        edges = np.array([box[:4] for box in self.boxes])
        found = np.stack([np.interp(times, self.times, edges[:, side]) for side in range(4)], 1)
        away = (times < self.times[0] - BEYOND) | (times > self.times[-1] + BEYOND)
        found[away] = np.nan
        return found


def tracks(sightings: Sequence[Sighting]) -> list[Track]:
    """The faces of one shot, as they follow on each other; those seen once only if there are hardly any looks, or clearly."""
    open_tracks: list[Track] = []
    done: list[Track] = []
    for each in sightings:
        done += [track for track in open_tracks if each.time - track.times[-1] > LOST]
        open_tracks = [track for track in open_tracks if each.time - track.times[-1] <= LOST]
        pairs = sorted(
            (apart, n, m)
            for n, track in enumerate(open_tracks)
            for m, face in enumerate(each.faces)
            if (apart := _apart(track, face, each.time)) < 1
        )
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for _, n, m in pairs:
            if n not in taken_tracks and m not in taken_faces:
                taken_tracks.add(n)
                taken_faces.add(m)
                _add(open_tracks[n], each.time, each.faces[m])
        for m, face in enumerate(each.faces):
            if m not in taken_faces:
                _add(_new(open_tracks), each.time, face)
    few = len(sightings) < 4
    return [track for track in (*done, *open_tracks) if len(track.times) > 1 or few or track.score > 0.75]


def _new(open_tracks: list[Track]) -> Track:
    open_tracks.append(Track())
    return open_tracks[-1]


def _add(track: Track, time: float, face: Face) -> None:
    track.times.append(time)
    track.boxes.append(face)


def _apart(track: Track, face: Face, time: float) -> float:
    """How unlikely it is that the face is the track's next: below 1 it can be."""
    last, since = track.boxes[-1], time - track.times[-1]
    size, other = last[3] - last[1], face[3] - face[1]
    usual = float(np.median([box[3] - box[1] for box in track.boxes[-RECENT:]]))
    if not (0.5 < other / max(size, 1e-6) < 2 and 0.5 < other / max(usual, 1e-6) < 2):
        return math.inf
    x, y = (last[0] + last[2]) / 2, (last[1] + last[3]) / 2
    if len(track.times) > 1 and (step := track.times[-1] - track.times[-2]) > 0:
        before = track.boxes[-2]
        ahead = min(1.0, since / step)
        x += (x - (before[0] + before[2]) / 2) * ahead
        y += (y - (before[1] + before[3]) / 2) * ahead
    width = max(last[2] - last[0], face[2] - face[0], 1e-6)
    way = math.hypot((face[0] + face[2]) / 2 - x, ((face[1] + face[3]) / 2 - y) * width / max(size, 1e-6))
    return way / (width * (0.6 + FAST * since * 2))


def main(found: Sequence[Track], sightings: Sequence[Sighting], score: float = 0.0) -> list[Track]:
    """Those who matter: seen clearly (more than `score`, the least that counts), large, and there for a good part of the
    shot; largest first."""
    found = [track for track in found if track.best >= min(0.9, score + CLEAR)]
    if not found:
        return []
    most = max(len(track.times) for track in found)
    present = [track for track in found if len(track.times) >= min(PRESENT * len(sightings), most)]
    largest = max(track.height for track in present)
    chosen = [track for track in present if track.height >= LARGE * largest]
    return sorted(chosen, key=lambda track: -track.height)
