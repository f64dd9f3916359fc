"""Which frame near a moment is the best one, and what does it look like at full size? In media processes.

A look is one frame in half a second; a blink, a flash or a blur may fall on it. So its neighbours are decoded at full size
and compared, and the sharpest that is like the most of them is written.
"""

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.features.looks import look
from openvod.media import excerpt, inner_process
from openvod.media.excerpt import FrameRange, Original, Work
from openvod.media.excerpt.still import NOT_THERE, QUALITY, displayed
from openvod.media.rewrite import decoding
from openvod.media.rewrite.index import Times, VideoIndex
from openvod.media.rewrite.work import call
from openvod.media.sandbox import Limits

SIDE = 1280
"""Longer side at which frames are compared: finer, it is noise that is measured."""
MOST_FRAMES = 15
"""Near one moment."""
BRIGHTER = 0.1
"""By what share of the usual brightness a frame may differ from the others: a flash, or a fade."""
SAMPLE = 320
"""Longer side of the picture whose figures are told, as of a look."""
NO_LIMITS = Limits(math.inf, 0)
"""Helpers inherit those of the process that starts them."""
DAMAGED = "SourceFileError.ContentMalformed"

_TARGET = "openvod.engines.analysis.covers.cover_frames:nearest"
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture that is wanted."""

    time: float
    """Seconds on the clock of the features."""
    window: tuple[float, float]
    """Between when it may be."""
    name: str
    """Of the JPEG in the folder."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that was written."""

    frame: int
    """Its number in the video, from 0."""
    time: float
    """When it is shown, seconds on the clock of the features."""
    size: tuple[int, int]
    """Width and height."""
    sharpness: float
    brightness: float
    contrast: float
    phash: int
    """These four as in `features.Looks`."""
    compared: int
    """How many frames it was chosen from."""


@dataclass(frozen=True, slots=True)
class Video:
    """A video that was examined, on the clock of its features."""

    original: Original
    late: float
    """Seconds that the clock of `Original` is ahead: MP4 says when each track begins, and the first of them is at 0 here."""

    def frames(self, begin: float, end: float) -> FrameRange:
        """The frames shown between two times of the features' clock, at least one."""
        return self.original.between(begin + self.late, end + self.late)

    def seconds(self, part: FrameRange) -> tuple[float, float]:
        """When a stretch begins and ends to be shown on that clock."""
        begin, end = self.original.seconds(part)
        return begin - self.late, end - self.late


def work_in(folder: Path, progress: Callable[[float], None] = lambda _: None) -> Work:
    """Work inside a media process."""
    return Work(folder, NO_LIMITS, progress=progress, call=inner_process.call)


def examined(source: Path, facts: Json, work: Work, *, decoded: int | None = None) -> Video:
    """Examine a video; see `excerpt.examine`."""
    original = excerpt.examine(source, work, decoded=decoded)
    start = float(facts.get("start") or 0.0)
    numerator, denominator = original.index.time_base
    late = 0.0 if original.is_settled else start - original.index.origin * numerator / denominator
    return Video(original, late if abs(late) > 1e-3 else 0.0)


def write(video: Video, moments: Sequence[Moment], folder: Path, work: Work) -> list[Shown]:
    """Write the best frame near each moment into `folder`, in one media process. Raises TaskFault
    `SourceFileError.ContentMalformed` where one does not decode.
    """
    original = video.original
    parts = [_part(video, each) for each in moments]
    argument = {
        "source": str(original.path),
        "index": original.index.dump(),
        "times": str(original.times),
        "moments": [[part.first, part.end, f"{place}.jpg"] for place, part in enumerate(parts)],
    }
    inner = work.folder / "covers"
    shutil.rmtree(inner, ignore_errors=True)
    answer = call(work, _TARGET, argument, inner, [original.path, original.times], progress=work.progress)
    for place, moment in enumerate(moments):
        (inner / f"{place}.jpg").replace(folder / moment.name)
    return [_shown(video, row) for row in answer["shown"]]


def covers(source: Path, facts: Json, moments: Sequence[Moment], folder: Path, frames: int) -> list[Shown]:
    """Examine and write; a video whose frames do not come as its packets promise is written anew first. `frames` is how many
    a full decode has given."""
    work = work_in(folder / "covers-work")
    try:
        try:
            return write(examined(source, facts, work), moments, folder, work)
        except TaskFault as fault:
            if fault.code != DAMAGED:
                raise
        again = replace(work, folder=work.folder / "again")
        return write(examined(source, facts, again, decoded=frames), moments, folder, again)
    finally:
        shutil.rmtree(work.folder, ignore_errors=True)


def _part(video: Video, moment: Moment) -> FrameRange:
    """The frames that are compared: those of the window that are nearest to the moment."""
    low, high = moment.window
    part = video.frames(low, max(high, low + 1e-6))
    middle = video.frames(moment.time, moment.time).first
    count = len(Times.read(video.original.times))
    first = max(part.first, min(middle - MOST_FRAMES // 2, part.end - MOST_FRAMES))
    end = min(part.end, first + MOST_FRAMES, count)
    return FrameRange(first, end) if first < end else FrameRange(middle, middle + 1)


def _shown(video: Video, row: Json) -> Shown:
    number = int(row["frame"])
    time = video.seconds(FrameRange(number, number + 1))[0]
    return Shown(
        frame=number,
        time=round(time, 3),
        size=(int(row["size"][0]), int(row["size"][1])),
        sharpness=float(row["sharpness"]),
        brightness=float(row["brightness"]),
        contrast=float(row["contrast"]),
        phash=int(row["phash"], 16),
        compared=int(row["compared"]),
    )


def nearest(argument: Json, progress: Callable[[float], None]) -> Json:
    """A sandbox target: `{"source", "index", "times", "moments": [[first, end, file name]]}` -> `{"shown": [{...}]}`.

    `index` and `times` are those of `Original`. Of each run of frames the best is written as a JPEG into the folder: upright,
    with square pixels. Raises TaskFault `SourceFileError.ContentMalformed` for frames that do not decode.
    """
    index = VideoIndex.load(argument["index"])
    times = Times.read(Path(argument["times"]))
    source = Path(argument["source"])
    rows = []
    for first, end, name in argument["moments"]:
        number, frame = _best(_decoded(source, index, times, FrameRange(first, end)))
        picture = displayed(frame, index)
        rows.append({"frame": number, "compared": end - first, **_written(picture, Path(name))})
        progress(len(rows) / len(argument["moments"]))
    return {"shown": rows}


def _decoded(source: Path, index: VideoIndex, times: Times, part: FrameRange) -> list[tuple[int, Any]]:
    try:
        return [*decoding.stretch(source, index, times, part.first, part.end)]
    except decoding.Mismatch as error:
        raise TaskFault(DAMAGED, reason=NOT_THERE) from error


def _best(frames: Sequence[tuple[int, Any]]) -> tuple[int, Any]:
    """The sharpest of those that are as bright as most. Frames of one picture that stands are equally sharp; of these the
    one in the middle is taken."""
    seen = np.array([_seen(frame) for _, frame in frames])
    sharpness, brightness = seen.T
    usual = float(np.median(brightness))
    steady = np.abs(brightness - usual) <= max(3.0, BRIGHTER * usual)
    best = float(sharpness[steady].max()) if steady.any() else float(sharpness.max())
    good = [place for place in range(len(frames)) if (steady[place] or not steady.any())]
    good = [place for place in good if sharpness[place] >= 0.97 * best]
    return frames[min(good, key=lambda place: (abs(place - len(frames) // 2), -sharpness[place]))]


def _seen(frame: Any) -> tuple[float, float]:
    """Sharpness and brightness of a libav frame."""
    import cv2  # noqa: PLC0415 - only in media processes

    scale = min(1.0, SIDE / max(frame.width, frame.height))
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    grey = frame.reformat(*size, "gray", interpolation="AREA", threads=1).to_ndarray()
    return float(cv2.Laplacian(grey, cv2.CV_32F).var()), float(grey.mean())


def _written(picture: Rgb, path: Path) -> Json:
    import cv2  # noqa: PLC0415

    done, data = cv2.imencode(
        ".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise TaskFault("InternalError", reason=NOT_THERE)
    path.write_bytes(data.tobytes())
    height, width = picture.shape[:2]
    scale = SAMPLE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    found = look(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))
    return {
        "size": [width, height],
        "sharpness": found.sharpness,
        "brightness": found.brightness,
        "contrast": found.contrast,
        "phash": f"{found.phash:016x}",
    }
