"""How are a plan's segments encoded? Several media processes at a time; what an earlier attempt finished is taken over."""

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock

from openvod.core.models import Json
from openvod.media.rewrite.planning import Plan, Segment
from openvod.media.rewrite.work import ANSWER, Editor, Work, call, sync
from openvod.media.sandbox import Cancelled

_SEGMENT = "openvod.media.rewrite.segment:rewrite"
_FORM = 1
"""Counted up when segments of an older program must not be used any more."""
_STOPPED = "stopped"
"""Stands for the reason of a segment that was stopped because another one has a mismatch."""


class Segments:
    """The segments of one plan, as they are being made."""

    def __init__(self, source: Path, made: Plan, editor: Editor, work: Work) -> None:
        """`work.progress` is told 0 to 1, for the segments alone."""
        self._source = source
        self._plan = made
        self._editor = editor
        self._work = work
        self._shelf = work.shelf if editor.about else None
        self._index = made.index.dump()
        self.times = (work.folder / "index" / "times").resolve()
        """When each frame of the source is shown: a file of `Times`."""
        self.reused = 0
        """How many were there before."""
        self._lock = Lock()
        self._done = dict.fromkeys(made.segments, 0.0)

    def encode(self) -> tuple[list[Json], str]:
        """The answers of `segment.rewrite` in order, and an empty text; or how the packets and the frames differ.

        The first failure stops all.
        """
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
        self.reused = sum(answer is not None for answer in kept)
        found = [answer for answer in answers.values() if answer is not None]
        faults = [str(answer["mismatch"]) for answer in found if "mismatch" in answer]
        if faults:
            return [], next((text for text in faults if text != _STOPPED), _STOPPED)
        return found, ""

    def folder(self, segment: Segment) -> Path:
        """Where a segment's files lie. Named by everything that shapes its packets."""
        drawn = self._editor.about(segment) if self._editor.about else self._editor.argument
        shape = [
            _FORM, self._plan.index.identity, self._plan.index.recipe, self._plan.way, self._plan.context,
            self._editor.target, drawn, segment.dump(),
        ]  # fmt: skip
        text = json.dumps(shape, sort_keys=True).encode()
        return self._work.folder / "segments" / hashlib.sha256(text).hexdigest()[:32]

    def _kept(self, segment: Segment) -> Json | None:
        """The answer of an earlier attempt, or of an earlier task."""
        folder = self.folder(segment)
        if self._shelf and not (folder / ANSWER).exists():
            self._shelf.recall(folder.name, folder)
        with suppress(OSError, ValueError):
            answer: Json = json.loads((folder / ANSWER).read_bytes())
            self._done[segment] = 1.0
            return answer
        return None

    def _segment(self, segment: Segment, failed: Event) -> Json:
        folder = self.folder(segment)
        shutil.rmtree(folder, ignore_errors=True)
        argument = {
            "source": str(self._source),
            "index": self._index,
            "times": str(self.times),
            "segment": segment.dump(),
            "way": self._plan.way,
            "context": self._plan.context,
            "editor": self._editor.target,
            "argument": self._editor.argument,
        }
        told = self._teller(segment)

        def over() -> bool:
            return failed.is_set() or self._work.cancelled()

        readable = [self._source, self.times, *self._editor.readable]
        try:
            answer = call(self._work, _SEGMENT, argument, folder, readable, progress=told, cancelled=over)
        except Cancelled:
            if self._work.cancelled():
                raise
            return {"mismatch": _STOPPED}
        if "mismatch" not in answer:
            _keep(folder, answer)
            if self._shelf:
                self._shelf.keep(folder.name, folder)
        told(1.0)
        return answer

    def _teller(self, segment: Segment) -> Callable[[float], None]:
        def told(value: float) -> None:
            with self._lock:
                self._done[segment] = value
                total = sum(each.frames for each in self._done)
                done = sum(share * each.frames for each, share in self._done.items())
            self._work.progress(done / total if total else 1.0)

        return told


def _keep(folder: Path, answer: Json) -> None:
    """Make a finished segment last: its files are on the disk before the note that says so."""
    for name in ("packets", "list", "times"):
        sync(folder / name)
    note = folder / "answer.part"
    note.write_text(json.dumps(answer))
    sync(note)
    note.replace(folder / ANSWER)
    sync(folder)
