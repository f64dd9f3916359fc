"""How does a video become one with subtitles in its picture? Set, rewrite, show one frame of it."""

import math
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openvod.core.texts import Text
from openvod.engines.burn import still
from openvod.engines.burn.drawn import Drawn
from openvod.engines.burn.preparing import prepare
from openvod.engines.burn.setting import Placed
from openvod.engines.burn.style import Style
from openvod.engines.video import Media
from openvod.media import inner_process, rewrite
from openvod.media.captions import Cue
from openvod.media.rewrite import Editor, Work
from openvod.media.rewrite.parcels import Parcels
from openvod.media.sandbox import Limits

PROCESSES = 2
"""How many segments are rewritten at a time, where there are as many processors."""
NO_LIMITS = Limits(math.inf, 0)
"""Helpers inherit those of the process that starts them."""
EXAMINED, REWRITTEN = 0.05, 0.98
"""Shares of the work when the video is examined, and when it is written."""
ENGINE = "openvod burn 1"


@dataclass(frozen=True, slots=True)
class Burned:
    """What came of it. Files are names in the media's folder."""

    file: str
    """The video, an MP4."""
    preview_still: str
    """A JPEG of the upright picture in the middle of what is shown the longest; empty when nothing is shown."""
    warnings: tuple[Text, ...]
    """What was asked for and could not be done."""
    notes: tuple[str, ...]
    """For the operator's eyes."""


def burn(media: Media, cues: Sequence[Placed | Cue], style: Style, target_name: str) -> Burned:
    """Write the video with the cues in its picture into the folder, as `target_name`. For a media process.

    Groups of pictures without a cue are copied as they are stored, and so is sound. What an earlier task has encoded is
    taken over where the same is drawn on the same pictures. Raises TaskFault, e.g. when a font is
    missing, and `sandbox.Crashed`.
    """
    work = Work(
        media.folder / "work",
        NO_LIMITS,
        processes=max(1, min(PROCESSES, len(os.sched_getaffinity(0)))),
        progress=_part(media.progress, EXAMINED, REWRITTEN),
        call=inner_process.call,
        shelf=Parcels(media.ask, media.folder.resolve()),
    )
    index = rewrite.examine(media.source, work)
    media.progress(EXAMINED)
    times = (work.folder / "index" / "times").resolve()
    prepared = prepare(media, index, times, cues, style)
    made = rewrite.plan(index, prepared.changed, 0)
    drawn = Drawn(prepared.setting, prepared.clock)
    editor = Editor("openvod.engines.burn.compositor:edit", {"burn": str(prepared.path)}, about=drawn)
    report = rewrite.rewrite(media.source, media.folder / target_name, made, editor, work)
    shutil.rmtree(work.folder, ignore_errors=True)
    shown = ""
    if prepared.longest is not None:
        shown = _still(media, target_name, sum(prepared.longest) / 2)
    note = (
        f"{report.encoded} of {report.frames} frames encoded anew ({report.way}), "
        f"luma PSNR {report.psnr:.1f} dB against the drawn ones, {report.reused} of {len(made.segments)} segments from before"
    )
    media.progress(1.0)
    refitted = f"{prepared.refitted} cues were wider than the picture, and were wrapped or set smaller"
    notes = (note, *([refitted] if prepared.refitted else []), *report.notes)
    return Burned(target_name, shown, prepared.warnings, notes)


def _still(media: Media, target: str, seconds: float) -> str:
    """Take a look at the result; the still's name, empty when the moment shows nothing."""
    folder = media.folder / "still"
    argument = {"source": str((media.folder / target).resolve()), "seconds": seconds}
    answer = inner_process.call(f"{still.__name__}:show", argument, folder, NO_LIMITS)
    name = f"{Path(target).stem}.jpg"
    if answer["shown"]:
        (folder / still.STILL).replace(media.folder / name)
    shutil.rmtree(folder, ignore_errors=True)
    return name if answer["shown"] else ""


def _part(progress: Callable[[float], None], low: float, high: float) -> Callable[[float], None]:
    return lambda value: progress(low + (high - low) * value)
