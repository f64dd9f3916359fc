"""How is a plan carried out? Segments in parallel, then one file, then a look whether it is right."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock

from openvod.core.models import Json
from openvod.media.rewrite.planning import Plan, Segment
from openvod.media.rewrite.work import Editor, Work, call, sync
from openvod.media.sandbox import Cancelled

_SEGMENT = "openvod.media.rewrite.segment:rewrite"
_ASSEMBLE = "openvod.media.rewrite.assemble:assemble"
_VERIFY = "openvod.media.rewrite.verify:verify"
_FORM = 1
"""Counted up when segments of an older program must not be used any more."""
_STOPPED = "stopped"
"""Stands for the reason of a segment that was stopped because another one has a mismatch."""
_SEGMENTS_SHARE, _ASSEMBLE_SHARE = 0.9, 0.06


class Attempt:
    """One go at a plan."""

    def __init__(self, source: Path, made: Plan, editor: Editor, work: Work) -> None:
        self._source = source
        self._plan = made
        self._editor = editor
        self._work = work
        self._index = made.index.dump()
        self._times = (work.folder / "index" / "times").resolve()
        self._folder = work.folder / "joined"
        self.output = self._folder / "output.mp4"
        self.untrue = False
        """The packets promise other frames than there are."""
        self._lock = Lock()
        self._done = {segment.first: 0.0 for segment in made.segments}
        self._told = 0.0

    def run(self) -> tuple[Json, str]:
        """The report's fields and an empty text, or what speaks against this way."""
        answers, reused = self._segments()
        faults = [str(answer["mismatch"]) for answer in answers if "mismatch" in answer]
        if faults:
            fault = next((text for text in faults if text != _STOPPED), _STOPPED)
            self.untrue = True
            return {}, fault
        notes = self._assemble(answers)
        fault = self._verify()
        if fault:
            return {}, fault
        self._tell(1.0)
        weights = [int(answer["frames"]) for answer in answers]
        mean = sum(answer["psnr"] * weight for answer, weight in zip(answers, weights, strict=True))
        return {
            "way": self._plan.way,
            "frames": sum(weights) if self._plan.way == "serial" else self._plan.index.frames,
            "encoded": sum(weights),
            "psnr": round(mean / sum(weights), 2) if sum(weights) else 100.0,
            "reused": reused,
            "notes": notes,
        }, ""

    def _segments(self) -> tuple[list[Json], int]:
        """The answers in order, and how many were there before. The first failure stops all."""
        failed = Event()
        kept = [self._kept(segment) for segment in self._plan.segments]
        answers = dict(enumerate(kept))
        with ThreadPoolExecutor(max(1, self._work.processes)) as pool:
            jobs = {
                pool.submit(self._segment, segment, failed): place
                for place, segment in enumerate(self._plan.segments)
                if kept[place] is None
            }
            try:
                for job in as_completed(jobs):
                    answers[jobs[job]] = job.result()
                    if "mismatch" in job.result():
                        failed.set()
            except BaseException:
                failed.set()
                raise
            finally:
                pool.shutdown(cancel_futures=failed.is_set())
        found = [answer for answer in answers.values() if answer is not None]
        return found, sum(answer is not None for answer in kept)

    def _kept(self, segment: Segment) -> Json | None:
        """The answer of an earlier attempt."""
        with suppress(OSError, ValueError):
            answer: Json = json.loads((self._segment_folder(segment) / "answer.json").read_bytes())
            self._done[segment.first] = 1.0
            return answer
        return None

    def _segment(self, segment: Segment, failed: Event) -> Json:
        folder = self._segment_folder(segment)
        shutil.rmtree(folder, ignore_errors=True)
        argument = {
            "source": str(self._source),
            "index": self._index,
            "times": str(self._times),
            "segment": segment.dump(),
            "way": self._plan.way,
            "context": self._plan.context,
            "editor": self._editor.target,
            "argument": self._editor.argument,
        }

        def told(value: float) -> None:
            with self._lock:
                self._done[segment.first] = value
            self._tell(_SEGMENTS_SHARE * self._mean())

        def over() -> bool:
            return failed.is_set() or self._work.cancelled()

        try:
            answer = call(
                self._work,
                _SEGMENT,
                argument,
                folder,
                [self._source, self._times, *self._editor.readable],
                progress=told,
                cancelled=over,
            )
        except Cancelled:
            if self._work.cancelled():
                raise
            return {"mismatch": _STOPPED}
        if "mismatch" not in answer:
            _keep(folder, answer)
        told(1.0)
        return answer

    def _segment_folder(self, segment: Segment) -> Path:
        """Named by everything that shapes its packets."""
        shape = [
            _FORM, self._plan.index.identity, self._plan.index.recipe, self._plan.way, self._plan.context,
            self._editor.target, self._editor.argument, segment.dump(),
        ]  # fmt: skip
        text = json.dumps(shape, sort_keys=True).encode()
        return self._work.folder / "segments" / hashlib.sha256(text).hexdigest()[:32]

    def _assemble(self, answers: list[Json]) -> list[str]:
        folders = [self._segment_folder(segment).resolve() for segment in self._plan.segments]
        parts = [
            {"segment": segment.dump(), "folder": str(folder), "answer": answer}
            for segment, folder, answer in zip(self._plan.segments, folders, answers, strict=True)
        ]
        argument = {
            "source": str(self._source),
            "index": self._index,
            "times": str(self._times),
            "way": self._plan.way,
            "segments": parts,
        }
        readable = [self._source, self._times, *folders]

        def told(value: float) -> None:
            self._tell(_SEGMENTS_SHARE + _ASSEMBLE_SHARE * value)

        shutil.rmtree(self._folder, ignore_errors=True)
        answer = call(self._work, _ASSEMBLE, argument, self._folder, readable, progress=told)
        return [str(note) for note in answer["notes"]]

    def _verify(self) -> str:
        serial = self._plan.way == "serial"
        folder = self._segment_folder(self._plan.segments[0]) if serial else None
        times = (folder / "times").resolve() if folder else self._times
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

    def _mean(self) -> float:
        total = sum(segment.frames for segment in self._plan.segments)
        done = sum(self._done[segment.first] * segment.frames for segment in self._plan.segments)
        return done / total if total else 1.0

    def _tell(self, value: float) -> None:
        with self._lock:
            self._told = max(self._told, min(1.0, value))
            self._work.progress(self._told)


def _keep(folder: Path, answer: Json) -> None:
    """Make a finished segment last: its files are on the disk before the note that says so."""
    for name in ("packets", "list", "times"):
        sync(folder / name)
    note = folder / "answer.part"
    note.write_text(json.dumps(answer))
    sync(note)
    note.replace(folder / "answer.json")
    sync(folder)
