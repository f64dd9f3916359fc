"""How does a frame become a picture file? In a media process, at its full size."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from openvod.media.excerpt.original import Original
from openvod.media.rewrite import Work
from openvod.media.rewrite.work import call

_STILL = "openvod.media.excerpt.still:show"


def stills(original: Original, wanted: Mapping[int, str], folder: Path, work: Work) -> list[tuple[int, int]]:
    """Write a JPEG into `folder` for each number of a frame in `wanted`, under the name that it has there.

    They look as players show the frames: upright, with square pixels. Gives their widths and heights in the same order.
    Raises ValueError for a number that the video does not have, TaskFault `SourceFileError.ContentMalformed` for a frame that
    does not decode.
    """
    for number in wanted:
        if not 0 <= number < original.index.frames:
            raise ValueError(f"there is no frame {number}")
    argument = {
        "source": str(original.path),
        "index": original.index.dump(),
        "times": str(original.times),
        "frames": [[number, f"{place}.jpg"] for place, number in enumerate(wanted)],
    }
    inner = work.folder / "stills"
    shutil.rmtree(inner, ignore_errors=True)
    answer = call(work, _STILL, argument, inner, [original.path, original.times], progress=work.progress)
    for place, name in enumerate(wanted.values()):
        (inner / f"{place}.jpg").replace(folder / name)
    return [(int(width), int(height)) for width, height in answer["sizes"]]
