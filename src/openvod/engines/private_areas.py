"""Which faces and licence plates does a video show, and where in each frame?"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from openvod.core.models import Json
from openvod.engines.faces import FaceFinder
from openvod.engines.faces_seek import FaceSeeker
from openvod.engines.faces_seek import rhythm as face_rhythm
from openvod.engines.plates_seek import PlateSeeker
from openvod.engines.plates_seek import rhythm as plate_rhythm
from openvod.engines.tracks import Track
from openvod.engines.tracks_follow import Cuts, Follower
from openvod.engines.tracks_view import View, view
from openvod.media import frames

Target = Literal["face", "plate"]
TRACKS = "tracks.json"


def find(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: finds and follows, in constant memory; writes `TRACKS` into its folder.

    Takes `{"source", "models", "targets", "rate", "frames"}`: paths, of face and plate those that are wanted, mean
    frames per second and about how many frames there are. Answers `{"frames", "tracks", "faces", "plates"}`: numbers.
    The tracks are of the pictures as they are shown (upright). Raises TaskFault.
    """
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    models = Path(argument["models"])
    seen = 0

    def views() -> Iterator[View]:
        nonlocal seen
        for planes in frames.planes(Path(argument["source"])):
            seen = planes.index + 1
            progress(min(1.0, seen / max(1, argument["frames"])))
            yield view(planes.index, planes.luma, planes.chroma)

    found = follow_all(views(), followers(models, argument["targets"], argument["rate"]))
    Path(TRACKS).write_text(json.dumps([track.dump() for track in found]))
    faces = sum(track.kind == "face" for track in found)
    return {"frames": seen, "tracks": TRACKS, "faces": faces, "plates": len(found) - faces}


def followers(models: Path, targets: Iterable[Target], rate: float) -> list[Follower]:
    """One for each of `targets`. Raises TaskFault when a model is not installed."""
    made = []
    wanted = set(targets)
    if "face" in wanted:
        made.append(Follower(FaceSeeker(FaceFinder(models)), face_rhythm(rate)))
    if "plate" in wanted:
        made.append(Follower(PlateSeeker.load(models), plate_rhythm(rate)))
    return made


def follow_all(views: Iterable[View], made: list[Follower]) -> list[Track]:
    """Push all pictures through all followers; the tracks in order of their first frame."""
    cuts = Cuts()
    for each in views:
        cut = cuts.push(each)
        for follower in made:
            follower.push(each, cut=cut)
    found = [track for follower in made for track in follower.finish()]
    return sorted(found, key=lambda track: track.first)


def load(path: Path) -> list[Track]:
    """What `find` wrote. Raises ValueError when it is damaged."""
    return [Track.load(value) for value in json.loads(path.read_text())]
