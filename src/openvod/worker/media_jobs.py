"""How does one stage of a sub-task run? In a media process with a folder, limits and retries."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn, TypeVar

from sqlalchemy.exc import DBAPIError

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.core.texts import Text
from openvod.engines import catalog
from openvod.media import sandbox
from openvod.media.sandbox import Cancelled, Crashed, Limits
from openvod.outbound import Policy
from openvod.store import Store
from openvod.store.library import MediaRow
from openvod.worker import fonts, given_files
from openvod.worker.answering import Answering
from openvod.worker.endpoints import Endpoints
from openvod.worker.engine import Abandoned
from openvod.worker.job_folders import JobFolders
from openvod.worker.neighbours import TARGET, Neighbours
from openvod.worker.progress import LOOK_SECONDS, Place

STAGES = "openvod.tasks:run_stage"
PROBE = "openvod.media.probe:probe"
PROBE_LIMITS = Limits(wall_seconds=60, cpu_seconds=60, memory_mb=2048, file_mb=1)
FREE_SECONDS = 120
"""What every media process may take, however short its media."""
MEDIA_SETTINGS = ("word_times", "cue_profile", "precise_shots")
"""That change what a media process makes, and are handed to it."""
ATTEMPTS = {"memory": 2, "time": 2}
OTHER_ATTEMPTS = 3
REASONS = {
    "exit": Text("an error, see the server's log", "出错,详见服务器日志"),
    "output": Text("an answer that cannot be used", "返回的结果无法使用"),
}
"""What a client reads of a crash that is no signal: its own words are for the operator, and may quote the file."""
BACK_OFF_SECONDS = 0.5

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """One sub-task to be worked on."""

    task_id: str
    position: int
    type: str
    options: Json
    source: MediaRow

    @property
    def duration(self) -> float:
        """Seconds of the source; 0 for what has none."""
        return float(self.source.facts.get("duration") or 0.0)


class MediaJobs:
    """Runs stages in media processes, at most `slots` at a time over the whole worker."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        executor: str,
        *,
        slots: int,
        stopping: threading.Event,
        target: str = STAGES,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`look_seconds` is how often a running job looks whether its task is still its own."""
        self.folders = JobFolders(settings.data, executor)
        self._store = store
        self._settings = settings
        self._executor = executor
        self._slots = threading.BoundedSemaphore(slots)
        self._stopping = stopping
        self._target = target
        self._look_seconds = look_seconds
        self._endpoints = Endpoints(settings)
        self._policy = Policy.of(settings.host, settings.callback_networks)

    def run(
        self,
        part: Part,
        stage: Json,
        keep: Callable[[Json, Path], T],
        progress: Callable[[float], None],
    ) -> T:
        """Run a stage and return `keep(answer, folder)`, called while the folder with its files exists.

        `stage` is the part of the argument of `tasks.run_stage` that differs between stages. A media process
        that crashes is started again a few times. Raises TaskFault when the sub-task failed for good, and
        Abandoned when the worker stops or the task belongs to somebody else by now.
        """
        watch = self.watch(part)
        attempt = 0
        while True:
            attempt += 1
            try:
                with self._slots, self.folders.fresh() as folder:
                    return keep(self._call(part, stage, folder, watch, progress), folder)
            except Cancelled:
                raise Abandoned from None
            except Crashed as crash:
                failure = crash
                log.warning("%s: %s, attempt %d: %r", _name(part, stage), crash, attempt, crash.detail)
            except TaskFault:
                raise
            except (
                Exception
            ) as error:  # the worker's door: a full disk, an object store that is away, a bug of ours
                failure = Crashed(str(error) or type(error).__name__, "exit")
                log.exception("%s: attempt %d", _name(part, stage), attempt)
            if watch.over():
                raise Abandoned from None
            if attempt >= ATTEMPTS.get(failure.kind, OTHER_ATTEMPTS):
                self._give_up(part, failure, attempt)
            if self._stopping.wait(BACK_OFF_SECONDS * attempt):
                raise Abandoned

    def limits(self, part: Part) -> Limits:
        """What a media process may take for this part."""
        seconds = FREE_SECONDS + self._settings.job_seconds_per_media_second * part.duration
        return Limits(seconds, int(seconds), self._settings.job_memory_mb)

    def watch(self, part: Place) -> "Watch":
        """What tells when there is no reason any more to work on a part."""
        return Watch(self._store, self._executor, part, self._stopping, self._look_seconds)

    def stops_within(self, seconds: float) -> bool:
        """Whether the worker stops while the caller pauses."""
        return self._stopping.wait(seconds)

    def probe(self, file: Path, cancelled: Callable[[], bool] | None = None) -> Json:
        """The facts of an output file, as for any stranger's file. Raises TaskFault, Crashed, and Cancelled: when the
        worker stops, or `cancelled` says so.
        """
        with self.folders.fresh() as folder:
            return sandbox.call(
                PROBE,
                {"source": str(file)},
                folder,
                PROBE_LIMITS,
                readable=[file],
                cancelled=cancelled or self._stopping.is_set,
            )

    def _call(
        self, part: Part, stage: Json, folder: Path, watch: "Watch", progress: Callable[[float], None]
    ) -> Json:
        if watch.over():
            raise Cancelled
        latest = 0.0

        def told(value: float) -> None:
            nonlocal latest
            latest = value

        def over() -> bool:
            progress(latest)  # again and again: what came too soon to be noted is noted later
            return watch.over()

        argument = self._argument(part, stage, folder)
        subtitles = (Path(row["path"]) for row in argument["subtitles"])
        return sandbox.call(
            self._target,
            argument,
            folder,
            self.limits(part),
            readable=[Path(argument["source"]), *catalog.readable(Path(argument["models"])), *subtitles],
            progress=told,
            cancelled=over,
            ask=self._answering(part, folder, watch),
        )

    def _argument(self, part: Part, stage: Json, folder: Path) -> Json:
        """Of `tasks.run_stage`. Brings the files that the stage needs into the folder."""
        source = self._store.blobs.local_path(part.source.object_key, folder).resolve()
        subtitles = self._subtitles(part, folder)
        font = ""
        if stage["stage"] != "run":
            given_files.bring(part.type, part.options, folder, self._policy)
            font = fonts.bring(part.options, folder, self._policy)
        return {
            "type": part.type,
            "source": str(source),
            "facts": part.source.facts,
            "options": part.options,
            "models": str(self._settings.model_folder()),
            "content": part.source.md5,
            "subtitles": subtitles,
            "font": font,
            "settings": {name: getattr(self._settings, name) for name in MEDIA_SETTINGS},
            **stage,
        }

    def _answering(self, part: Part, folder: Path, watch: "Watch") -> Answering:
        """What the media process may ask for."""
        app = part.source.sub_app_id
        return Answering(
            self._store.memory,
            self._endpoints,
            app,
            folder,
            shelf=self._store.kept_files.shelf(app, part.source.md5),
            neighbours=Neighbours(self._store.library, part.source, self._neighbour(part, watch)),
        )

    def _neighbour(self, part: Part, watch: "Watch") -> Callable[[MediaRow, Json], Json]:
        """Looks at another file of the library while the part's own media process waits for it."""

        def measure(media: MediaRow, argument: Json) -> Json:
            with self.folders.fresh() as folder:
                file = self._store.blobs.local_path(media.object_key, folder).resolve()
                return sandbox.call(
                    TARGET,
                    {"source": str(file), **argument},
                    folder,
                    self.limits(replace(part, source=media)),
                    readable=[file],
                    cancelled=watch.over,
                )

        return measure

    def _subtitles(self, part: Part, folder: Path) -> list[Json]:
        """Those that the source's owner has put in, as `tasks.Attached`."""
        file_id = part.source.file_id
        rows = self._store.library.belongings([file_id])[file_id].subtitles
        return [
            {
                "id": row.id,
                "name": row.name,
                "language": row.language,
                "path": str(self._store.blobs.local_path(row.object_key, folder).resolve()),
                "content": row.md5,
            }
            for row in rows
        ]

    def _give_up(self, part: Part, crash: Crashed, attempts: int) -> NoReturn:
        if crash.kind == "time":
            raise TaskFault("InternalError/time", seconds=int(self.limits(part).wall_seconds))
        if crash.kind == "memory":
            raise TaskFault("InternalError/memory", limit=self._settings.job_memory_mb)
        raise TaskFault(
            "InternalError/crash", reason=REASONS.get(crash.kind, crash.reason), attempts=attempts
        )


class Watch:
    """Whether a job has lost its reason: the worker stops, or the task is not this executor's any more."""

    def __init__(
        self, store: Store, executor: str, part: Place, stopping: threading.Event, look_seconds: float
    ) -> None:
        self._look_seconds = look_seconds
        self._store = store
        self._executor = executor
        self._part = part
        self._stopping = stopping
        self._looked_at = -look_seconds  # so that the first look comes after the wait for room
        self._lost = False

    def over(self) -> bool:
        """Cheap enough to ask ten times a second."""
        now = time.monotonic()
        if not self._lost and now >= self._looked_at + self._look_seconds:
            self._looked_at = now
            self._lost = not self._owned()
        return self._lost or self._stopping.is_set()

    def _owned(self) -> bool:
        try:
            task = self._store.tasks.get(self._part.task_id)
        except DBAPIError as error:
            log.warning("%s could not be looked up: %s", self._part.task_id, error)
            return True  # finish_part will tell
        return task is not None and task.status == "PROCESSING" and task.owner == self._executor


def _name(part: Part, stage: Json) -> str:
    return f"{part.task_id}, part {part.position} ({part.type}), {stage['stage']}"
