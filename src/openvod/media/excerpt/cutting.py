"""How is a clip made? Its edges are encoded, everything is joined, and the result is decoded where old and new meet."""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from openvod.core.models import Json
from openvod.media.excerpt import planning
from openvod.media.excerpt.original import UNCHANGED, Original, settled
from openvod.media.excerpt.planning import Cut
from openvod.media.rewrite import FrameRange, Plan, Report, Work
from openvod.media.rewrite.attempt import account
from openvod.media.rewrite.index import Way
from openvod.media.rewrite.segments import Segments
from openvod.media.rewrite.work import call, sync

_JOIN = "openvod.media.excerpt.joining:join"
_CHECK = "openvod.media.excerpt.checking:check"
_SEGMENTS_SHARE, _JOIN_SHARE = 0.85, 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A clip that was made."""

    seconds: float
    """How long it is shown."""
    frames: int
    report: Report


def cut(original: Original, stretches: Sequence[FrameRange], target: Path, work: Work) -> Excerpt:
    """Write `target`, an MP4 with the frames of `stretches` one after the other and the sound that belongs to them.

    Turn, colours, shape of the pixels and the times of the frames are kept; a track's sound is copied where there is one
    stretch and MP4 can hold it, else it is AAC, cut to the sample. What lies beyond the end of the video is left out; raises
    ValueError when nothing remains. The target appears whole or not at all. Raises TaskFault, `sandbox.Crashed` and
    `sandbox.Cancelled`; called again it goes on where it stopped.
    """
    wanted = [FrameRange(max(0, part.first), min(part.end, original.index.frames)) for part in stretches]
    wanted = [part for part in wanted if part.first < part.end]
    if not wanted:
        raise ValueError("a clip without a frame")
    without: list[Way] = []
    notes = list(original.notes)
    while made := planning.plan(original.index, wanted, without=without):
        attempt = _Attempt(original, made, work)
        fault = attempt.run()
        if not fault:
            sync(attempt.output)
            attempt.output.replace(target)
            sync(target.parent)
            report = replace(attempt.report, notes=(*notes, *attempt.report.notes))
            return Excerpt(attempt.seconds, report.frames, report)
        notes.append(f"not cut the way `{made.way}`: {fault}")
        without += ["copy", "whole"] if attempt.untrue else [made.way]
    log.warning("%s: not cut: %s", original.path.name, notes[-1])
    return cut(settled(original, replace(work, progress=lambda _: None)), stretches, target, work)


class _Attempt:
    """One go at a clip."""

    def __init__(self, original: Original, made: Cut, work: Work) -> None:
        self._original = original
        self._made = made
        self._work = work
        self._folder = work.folder / "joined"
        self._lock = Lock()
        self._told = 0.0
        self.output = self._folder / "output.mp4"
        self.untrue = False
        """The packets promise other frames than there are."""
        self.seconds = 0.0
        self.report = Report(made.way, 0, 0, 100.0, 0, ())

    def run(self) -> str:
        """What speaks against this way; empty when the clip is there, as `report` tells."""
        original, made = self._original, self._made
        plan = Plan(original.index, (), 0, made.way, made.segments)
        encoding = replace(
            self._work,
            folder=original.folder,
            progress=lambda value: self._tell(_SEGMENTS_SHARE * value),
        )
        segments = Segments(original.path, plan, UNCHANGED, encoding)
        answers, fault = segments.encode()
        if fault:
            self.untrue = True
            return fault
        folders = {each: str(segments.folder(each).resolve()) for each in made.segments}
        argument = {
            "source": str(original.path),
            "index": original.index.dump(),
            "times": str(original.times),
            "way": made.way,
            "stretches": [[part.first, part.end] for part in made.stretches],
            "pieces": [
                {**piece.dump(), "folder": "" if piece.packets else folders[piece.segment]}
                for piece in made.pieces
            ],
            "sets": list(dict.fromkeys(text for answer in answers for text in answer["sets"])),
            "reorder": max((int(answer["reorder"]) for answer in answers), default=0),
        }
        return self._joined(argument, [Path(folder) for folder in folders.values()]) or self._account(
            answers, segments.reused
        )

    def _joined(self, argument: Json, folders: list[Path]) -> str:
        original = self._original
        readable = [original.path, original.times]
        shutil.rmtree(self._folder, ignore_errors=True)
        answer = call(
            self._work,
            _JOIN,
            argument,
            self._folder,
            [*readable, *folders],
            progress=lambda value: self._tell(_SEGMENTS_SHARE + _JOIN_SHARE * value),
        )
        if answer["fault"]:
            return str(answer["fault"])
        self.seconds = float(answer["seconds"])
        self.report = replace(self.report, notes=tuple(answer["notes"]))
        argument = {**argument, "target": str(self.output.resolve())}
        folder = self._work.folder / "check"
        return str(call(self._work, _CHECK, argument, folder, [*readable, self.output])["fault"])

    def _account(self, answers: list[Json], reused: int) -> str:
        encoded, psnr = account(answers)
        frames = sum(piece.frames for piece in self._made.pieces)
        self.report = replace(self.report, frames=frames, encoded=encoded, psnr=psnr, reused=reused)
        self._tell(1.0)
        return ""

    def _tell(self, value: float) -> None:
        with self._lock:
            self._told = max(self._told, min(1.0, value))
            self._work.progress(self._told)
