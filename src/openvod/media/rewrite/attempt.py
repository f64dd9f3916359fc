"""How is a plan carried out? Segments in parallel, then one file, then a look whether it is right."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

from openvod.core.models import Json
from openvod.media.rewrite.planning import Plan
from openvod.media.rewrite.segments import Segments
from openvod.media.rewrite.work import Editor, Work, call

_ASSEMBLE = "openvod.media.rewrite.assemble:assemble"
_VERIFY = "openvod.media.rewrite.verify:verify"
_SEGMENTS_SHARE, _ASSEMBLE_SHARE = 0.9, 0.06


class Attempt:
    """One go at a plan."""

    def __init__(self, source: Path, made: Plan, editor: Editor, work: Work) -> None:
        self._source = source
        self._plan = made
        self._work = work
        self._index = made.index.dump()
        self._folder = work.folder / "joined"
        self.output = self._folder / "output.mp4"
        self.untrue = False
        """The packets promise other frames than there are."""
        self._lock = Lock()
        self._told = 0.0
        encoding = replace(work, progress=lambda value: self._tell(_SEGMENTS_SHARE * value))
        self._segments = Segments(source, made, editor, encoding)

    def run(self) -> tuple[Json, str]:
        """The report's fields and an empty text, or what speaks against this way."""
        answers, fault = self._segments.encode()
        if fault:
            self.untrue = True
            return {}, fault
        notes = self._assemble(answers)
        fault = self._verify()
        if fault:
            return {}, fault
        self._tell(1.0)
        encoded, psnr = account(answers)
        return {
            "way": self._plan.way,
            "frames": encoded if self._plan.way == "serial" else self._plan.index.frames,
            "encoded": encoded,
            "psnr": psnr,
            "reused": self._segments.reused,
            "notes": notes,
        }, ""

    def _assemble(self, answers: list[Json]) -> list[str]:
        folders = [self._segments.folder(segment).resolve() for segment in self._plan.segments]
        parts = [
            {"segment": segment.dump(), "folder": str(folder), "answer": answer}
            for segment, folder, answer in zip(self._plan.segments, folders, answers, strict=True)
        ]
        argument = {
            "source": str(self._source),
            "index": self._index,
            "times": str(self._segments.times),
            "way": self._plan.way,
            "segments": parts,
        }
        readable = [self._source, self._segments.times, *folders]

        def told(value: float) -> None:
            self._tell(_SEGMENTS_SHARE + _ASSEMBLE_SHARE * value)

        shutil.rmtree(self._folder, ignore_errors=True)
        answer = call(self._work, _ASSEMBLE, argument, self._folder, readable, progress=told)
        return [str(note) for note in answer["notes"]]

    def _verify(self) -> str:
        serial = self._plan.way == "serial"
        folder = self._segments.folder(self._plan.segments[0]) if serial else None
        times = (folder / "times").resolve() if folder else self._segments.times
        argument = {
            "source": str(self._source),
            "target": str(self.output.resolve()),
            "index": self._index,
            "times": str(times),
            "way": self._plan.way,
            "segments": [segment.dump() for segment in self._plan.segments],
        }
        readable = [self._source, times, self.output]

        def told(value: float) -> None:
            self._tell(_SEGMENTS_SHARE + _ASSEMBLE_SHARE + (1 - _SEGMENTS_SHARE - _ASSEMBLE_SHARE) * value)

        folder = self._work.folder / "verify"
        return str(call(self._work, _VERIFY, argument, folder, readable, progress=told)["fault"])

    def _tell(self, value: float) -> None:
        with self._lock:
            self._told = max(self._told, min(1.0, value))
            self._work.progress(self._told)


def account(answers: Sequence[Json]) -> tuple[int, float]:
    """How many frames the segments with these answers encoded, and their mean luma PSNR in dB: 100 when there is none."""
    frames = sum(int(answer["frames"]) for answer in answers)
    total = sum(float(answer["psnr"]) * int(answer["frames"]) for answer in answers)
    return frames, round(total / frames, 2) if frames else 100.0
