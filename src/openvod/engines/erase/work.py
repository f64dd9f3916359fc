"""How does a video become one without what was to be erased? Find, rewrite, look at the result; one helper at a time."""

import math
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import private_areas
from openvod.engines.burn.drawn import Drawn
from openvod.engines.burn.preparing import Prepared, prepare
from openvod.engines.erase import back, evidence, known, marks, painter, pointed, seek, veils
from openvod.engines.erase.back import Back, Spoken
from openvod.engines.erase.same import Same
from openvod.engines.erase.wanted import AreaTime, Wanted
from openvod.engines.tracks import ranges
from openvod.engines.video import Media
from openvod.media import formats, inner_process, rewrite
from openvod.media.rewrite import Editor, FrameRange, Work
from openvod.media.rewrite.index import VideoIndex
from openvod.media.rewrite.parcels import Parcels
from openvod.media.sandbox import Limits

TARGET = "erased.mp4"
PROCESSES = 2
"""How many segments are rewritten at a time, where there are as many processors."""
NO_LIMITS = Limits(math.inf, 0)
"""Helpers inherit those of the process that starts them."""
FOUND, REWRITTEN = 0.4, 0.95
"""Shares of the work when all is found, and when the file is written."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    erased: int
    """How many things were erased; 0: the file is the source as it is."""
    lines: tuple[tuple[float, float, str, float], ...]
    """Of each subtitle that was read: start and end in seconds, text, and where its middle is, 0 to 1 from the top."""
    files: tuple[str, ...]
    """Names of the files in the folder: `TARGET` unless nothing was to be erased, and what is told about it."""
    notes: tuple[str, ...]
    """For the operator's eyes."""
    translated: tuple[tuple[float, float, str, float], ...] = ()
    """The same in another language; empty when there is no translation."""
    left_out: tuple[Text, ...] = ()
    """What was asked for beside the erasure and could not be done."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What is to be done to which frames."""

    changed: tuple[FrameRange, ...]
    frames: int
    erased: int
    lines: Sequence[tuple[float, float, str, float]] = ()


def erase(media: Media, wanted: Wanted, after: Back | None = None) -> Done:
    """Write `TARGET` and what is told about it into the folder. Raises TaskFault and `sandbox.Crashed`.

    What was found and encoded before a crash, or by an earlier task, is taken over.
    `after`: what becomes of the subtitles that were read. They are burnt in by the same pass that erases.
    """
    work = Work(
        media.folder / "work",
        NO_LIMITS,
        processes=max(1, min(PROCESSES, len(os.sched_getaffinity(0)))),
        progress=_part(media.progress, FOUND, REWRITTEN),
        call=inner_process.call,
        shelf=Parcels(media.ask, media.folder.resolve()),
    )
    index = rewrite.examine(media.source, work)
    found = _private(media, wanted) if wanted.targets else _marked(media, wanted, index, work)
    said = back.spoken(found.lines, after) if after else Spoken((), ())
    done = Done(found.erased, tuple(found.lines), (TARGET,), (), said.lines, said.left_out)
    if not wanted.erases:
        return replace(done, erased=0, files=())
    if not found.changed:
        return replace(done, erased=0, notes=_unchanged(media, index, work))
    drawn, left_out = _drawn(media, said, after, index, work)
    editor = _editor(media, wanted, drawn, index, work)
    changed = (*found.changed, *(drawn.changed if drawn else ()))
    made = rewrite.plan(index, changed, 0, decoded=found.frames)
    report = rewrite.rewrite(media.source, media.folder / TARGET, made, editor, work)
    told = _evidence(media, wanted, _film(media, index, work))
    shutil.rmtree(work.folder, ignore_errors=True)
    way = (
        f"{report.encoded} of {report.frames} frames encoded anew ({report.way}), "
        f"luma PSNR {report.psnr:.1f} dB against the edited ones, "
        f"{report.reused} of {len(made.segments)} segments from before"
    )
    files = (TARGET, *(name for name in (evidence.ACCOUNT, evidence.STILL) if (media.folder / name).exists()))
    notes = (way, *told, *report.notes)
    return replace(done, files=files, notes=notes, left_out=(*done.left_out, *left_out))


def _drawn(
    media: Media, said: Spoken, after: Back | None, index: VideoIndex, work: Work
) -> tuple[Prepared | None, tuple[Text, ...]]:
    """The translated subtitles, set, None when none are to be burnt in; and what of that cannot be done."""
    if after is None or after.drawn is None or not said.lines:
        return None, ()
    marked = marks.read(_file(media, marks.MARKS))
    cues = back.placed(said.lines, marked, after.drawn, media)
    try:
        drawn = prepare(media, index, _times(work), cues, after.drawn.style)
    except TaskFault as fault:  # a font is missing: the erasure stands without
        return None, (fault.text,)
    return drawn, (*after.drawn.warnings, *drawn.warnings)


def _unchanged(media: Media, index: VideoIndex, work: Work) -> tuple[str, ...]:
    """Write the target with nothing erased: the source to a bit, or the same pictures in MP4; what to tell about it."""
    target, nothing = media.folder / TARGET, "nothing to erase was found"
    if media.facts["format"] == formats.MOV:
        shutil.copyfile(media.source, target)
        return (f"{nothing}; the file is as it was",)
    idle = Editor("openvod.engines.erase.edit:edit", {})
    report = rewrite.rewrite(media.source, target, rewrite.plan(index, (), 0), idle, work)
    shutil.rmtree(work.folder, ignore_errors=True)
    return (f"{nothing}; {report.encoded} of {report.frames} frames encoded anew for MP4", *report.notes)


def _marked(media: Media, wanted: Wanted, index: VideoIndex, work: Work) -> _Found:
    """Texts, watermarks and areas."""
    size = wanted.sample or media.size
    argument: Json = {
        "source": str(media.source.resolve()),
        "models": str(media.models),
        "quick": wanted.quick,
        "frames": media.frames,
    }
    if wanted.custom:
        target = f"{pointed.__name__}:point"
        argument |= {
            "areas": [[*_area(area, size), area.strokes] for area in wanted.custom],
            "size": list(media.size),
            "turns": media.turns,
            "index": index.dump(),
            "times": str(_times(work)),
            "start": media.facts["start"],
        }
    else:
        target = f"{seek.__name__}:seek"
        argument |= {
            "areas": [[*_area(area, size), area.of] for area in wanted.areas],
            "texts": wanted.texts,
            "logos": wanted.logos,
            "whole_boxes": wanted.whole_boxes,
            "heights": [each if each <= 1 else each / media.size[1] for each in wanted.heights],
        }
    answer = _once(media, target, argument, marks.MARKS)
    found = marks.read(_file(media, marks.MARKS))
    changed = tuple(FrameRange(mark.first, mark.last + 1) for mark in found)
    lines = [(float(a), float(b), str(text), float(y)) for a, b, text, y in answer["lines"]]
    return _Found(changed, int(answer["frames"]), len(found), lines)


def _private(media: Media, wanted: Wanted) -> _Found:
    """Faces and plates."""
    argument = {
        "source": str(media.source.resolve()),
        "models": str(media.models),
        "targets": list(wanted.targets),
        "rate": media.rate,
        "frames": media.frames,
    }
    answer = _once(media, f"{private_areas.__name__}:find", argument, private_areas.TRACKS)
    tracks = private_areas.load(_file(media, private_areas.TRACKS))
    changed = tuple(FrameRange(first, last + 1) for first, last in ranges(tracks))
    return _Found(changed, int(answer["frames"]), len(tracks))


def _editor(media: Media, wanted: Wanted, drawn: Prepared | None, index: VideoIndex, work: Work) -> Editor:
    """Who changes the pictures, known by what it does to them."""
    if wanted.targets:
        target = "openvod.engines.hide:edit"
        tracks = str(_file(media, private_areas.TRACKS).resolve())
        argument = {"tracks": tracks, "style": wanted.style, "turns": media.turns}
    else:
        target, argument = "openvod.engines.erase.edit:edit", _film(media, index, work)
        if wanted.logos and not wanted.quick:
            _call(media, f"{veils.__name__}:look", argument, (FOUND, FOUND), "veils")
            argument["veils"] = str((media.folder / "veils" / veils.VEILS).resolve())
    if drawn:
        argument["burn"] = str(drawn.path)
    return Editor(
        target, argument, about=Same(argument, Drawn(drawn.setting, drawn.clock) if drawn else None)
    )


def _film(media: Media, index: VideoIndex, work: Work) -> Json:
    """What `edit.edit` and the helpers around it take."""
    return {
        "marks": str(_file(media, marks.MARKS).resolve()),
        "veils": "",
        "painter": painter.path(media.models),
        "source": str(media.source.resolve()),
        "index": index.dump(),
        "times": str(_times(work)),
    }


def _evidence(media: Media, wanted: Wanted, film: Json) -> tuple[str, ...]:
    """Look at the result: the account, a still, and the quality line."""
    argument: Json = film | {
        "target": str((media.folder / TARGET).resolve()),
        "tracks": str(_file(media, private_areas.TRACKS).resolve()) if wanted.targets else "",
        "models": str(media.models),
        "size": list(media.size),
        "turns": media.turns,
        "start": media.facts["start"],
    }
    answer = _call(media, f"{evidence.__name__}:collect", argument, (REWRITTEN, 1.0), "evidence")
    for name in (evidence.ACCOUNT, evidence.STILL):
        made = media.folder / "evidence" / name
        if made.exists():
            made.replace(media.folder / name)
    return (str(answer["quality"]),) if answer["quality"] else ()


def _call(
    media: Media, target: str, argument: Json, share: tuple[float, float], folder: str = "found"
) -> Json:
    return inner_process.call(
        target, argument, media.folder / folder, NO_LIMITS, progress=_part(media.progress, *share)
    )


def _once(media: Media, target: str, argument: Json, name: str) -> Json:
    """What a finder answers that writes the file `name`."""
    call = partial(_call, media, target, argument, (0.0, FOUND))
    return known.found(media, target, argument, _file(media, name), call)


def _times(work: Work) -> Path:
    """What `rewrite.examine` wrote."""
    return (work.folder / "index" / "times").resolve()


def _file(media: Media, name: str) -> Path:
    return media.folder / "found" / name


def _area(area: AreaTime, size: tuple[int, int]) -> list[float]:
    """As the helpers take it; JSON knows no infinity."""
    return [*area.shares(size), area.begin, min(area.end, 1e9)]


def _part(progress: Callable[[float], None], low: float, high: float) -> Callable[[float], None]:
    return lambda value: progress(low + (high - low) * value)
