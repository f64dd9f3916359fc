"""What does OpenVOD's own engine make of a clip, as a task runs it, and what does that cost?

The sub-task's own function runs in a process of its own, with the helpers that it starts; nothing is given but the file and
the options of the wire. Where the pictures are wanted before they are encoded, `erase_tap` stands between the engine's
editor and the encoder and keeps what passes.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import trees
from benchmarks.erase_truth import Picture, pictures
from openvod.core.settings import Settings
from openvod.engines.erase import marks
from openvod.media import inner_process, probe
from openvod.tasks import Job, smart_erase

ROOT = Path(__file__).resolve().parents[1]
SUBTITLES = {
    "EraseType": "subtitle",
    "EraseSubtitleConfig": {"SubtitleEraseMethod": "auto", "SubtitleModel": "standard"},
}
WATERMARKS = {
    "EraseType": "watermark",
    "EraseWatermarkConfig": {"WatermarkEraseMethod": "auto", "WatermarkModel": "advanced"},
}
PRIVACY = {
    "EraseType": "privacy",
    "ErasePrivacyConfig": {"PrivacyModel": "blur", "PrivacyTargets": ["face", "plate"]},
}
SAMPLE_SECONDS = 0.1


class EngineFailed(Exception):
    """The engine did not come to an end; the message says where."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended."""

    source: Path
    folder: Path
    """Holds what the engine left: `erased.mp4` and what it had found."""
    cpu_s: float
    """User and system time of the process and all its helpers, the tap's own left out."""
    peak_mb: float
    """Proportional set size summed over the tree, the most of all looks; 0 when nobody looked."""
    notes: tuple[str, ...]
    stages: dict[str, float] = field(default_factory=dict)
    """CPU-seconds of each kind of helper."""

    @property
    def target(self) -> Path:
        return self.folder / "erased.mp4"

    def found(self) -> list[marks.Mark]:
        """What was found, with masks."""
        return marks.read(self.folder / "found" / "marks.json")

    def edited(self) -> Iterator[tuple[Picture, bool]]:
        """All pictures as the encoder got them, or would have, and whether the editor was called for them."""
        for number, given in enumerate(pictures(self.source)):
            kept = self.folder / "tap" / f"{number}.yuv"
            yield (_read(kept, given), True) if kept.exists() else (given, False)

    def forget(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def run(
    source: Path, options: dict[str, Any], folder: Path, *, tap: bool = False, plain: bool = False, look: bool = False
) -> Run:  # fmt: skip
    """Erase. `tap` keeps the edited pictures, `plain` forbids seeing through half-transparent marks, `look` watches the
    memory. Raises EngineFailed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    asked = {"source": str(source.resolve()), "options": options, "tap": tap, "plain": plain}
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    paths = os.pathsep.join([str(ROOT), *(str(Path(each).resolve()) for each in given)])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.erase_run", json.dumps(asked)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        peak = _watched(process.pid) if look else 0.0
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise EngineFailed(f"{source.parent.name}: {(folder / 'log').read_text(errors='replace')[-2000:]}")
    own = sum(float(each.read_text()) for each in folder.glob("tap/*.cpu"))
    told = json.loads((folder / "done.json").read_text())
    cpu = usage.ru_utime + usage.ru_stime - own
    return Run(source, folder, cpu, peak, tuple(told["notes"]), told["stages"])


def _watched(pid: int) -> float:
    """The most memory until the process ends."""
    peak = 0.0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        peak = max(peak, trees.memory_mb(pid))
        threading.Event().wait(SAMPLE_SECONDS)
    return peak


def _read(kept: Path, given: Picture) -> Picture:
    data = np.fromfile(kept, np.uint8)
    ends = np.cumsum([plane.size for plane in (given.y, given.u, given.v)])
    y, u, v = np.split(data, ends[:-1])
    return Picture(y.reshape(given.y.shape), u.reshape(given.u.shape), v.reshape(given.v.shape))


class _Stages:
    """CPU-seconds by kind of helper: what the kernel has added to ended children's since another one ended."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._before = 0.0
        self._lock = threading.Lock()

    def ended(self, target: str) -> None:
        """A helper for `target` has just ended."""
        with self._lock:
            now = sum(os.times()[2:4])
            self.spent[target] = round(self.spent.get(target, 0.0) + now - self._before, 2)
            self._before = now


def _main(asked: dict[str, Any]) -> None:
    """In the process that is measured; its working directory is the job's folder."""
    folder, source = Path(), Path(asked["source"])
    start, stages = inner_process.call, _Stages()

    def tapped(target: str, argument: dict[str, Any], *more: Any, **named: Any) -> Any:
        if "editor" in argument and asked["plain"] and "veils" in argument["argument"]:
            argument = {**argument, "argument": {**argument["argument"], "veils": ""}}
        if "editor" in argument and asked["tap"]:
            own = {"editor": argument["editor"], "argument": argument["argument"], "tap": str(kept)}
            argument = {**argument, "editor": "benchmarks.erase_tap:edit", "argument": own}
        try:
            return start(target, argument, *more, **named)
        finally:
            stages.ended(target)

    kept = (folder / "tap").resolve()
    kept.mkdir()
    inner_process.call = tapped
    facts = probe.probe({"source": str(source)}, lambda _: None)
    models = Settings.read().model_folder()
    job = Job(source, facts, asked["options"], folder, models, {}, lambda _: None)
    (segment,) = smart_erase.plan(job)
    done = smart_erase.run(job, segment)
    smart_erase.join(job, [done])
    (folder / "done.json").write_text(json.dumps({"notes": done["notes"], "stages": stages.spent}))


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
