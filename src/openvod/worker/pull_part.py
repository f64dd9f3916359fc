"""What is done for the part of a task that fetches its file? Pulled into a folder, examined, put into the object store."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from openvod.core.errors import TaskFault
from openvod.core.models import Json, new_file_id
from openvod.core.settings import Settings
from openvod.core.texts import Text
from openvod.media.sandbox import Cancelled, Crashed
from openvod.outbound import Failed, Policy, Refused, Unwanted
from openvod.store import Store
from openvod.store.belongings import Attachment
from openvod.store.intake import NOT_EXAMINED
from openvod.store.library import NewMedia
from openvod.store.pulled import Pulled
from openvod.store.room import NoRoom
from openvod.worker.engine import Abandoned
from openvod.worker.media_jobs import BACK_OFF_SECONDS, REASONS, MediaJobs, Watch
from openvod.worker.pulling import Bounds, pull

FILE = Text("the file", "文件")
COVER = Text("the cover", "封面")
COVER_MB = 10
COVER_EXTENSIONS = ("gif", "jpg", "png")
ATTEMPTS = 3
"""How often what is our own trouble, not the other side's, is tried."""
MOST_SHARE = 0.99
"""What the receiving counts for in the progress; the rest is a look at what came."""
MB = 2**20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PullPart:
    """A sub-task that was made by `core.pulls.pull_of`."""

    task_id: str
    position: int
    options: Json


class Pulls:
    """Runs such parts. What came stays in `<data>/pulls/<TaskId>` until the part has ended, whichever worker ends it."""

    def __init__(self, store: Store, settings: Settings, jobs: MediaJobs) -> None:
        """Raises ValueError for `callback_networks` that are none."""
        self._store = store
        self._settings = settings
        self._jobs = jobs
        self._all = settings.data / "pulls"
        self._policy = Policy.of(settings.host, settings.callback_networks)

    def run(self, part: PullPart, progress: Callable[[float], None]) -> Pulled:
        """Fetch, examine and store; nothing refers to the objects until the result is stored.

        Raises TaskFault when there is no such file to be had, and Abandoned when the worker stops or the task is
        another's now.
        """
        watch = self._jobs.watch(part)
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._pulled(part, progress, watch)
            except (Unwanted, Cancelled):
                raise Abandoned from None
            except TaskFault:
                raise
            except Exception as error:  # the worker's door: an object store that is away, a bug of ours
                log.exception("%s: attempt %d", part.task_id, attempt)
                if attempt >= ATTEMPTS:
                    raise TaskFault("InternalError", reason=REASONS["exit"]) from error
            if self._jobs.stops_within(BACK_OFF_SECONDS * attempt):
                raise Abandoned

    def clear(self, task_id: str) -> None:
        """Remove what came for a task."""
        shutil.rmtree(self._all / task_id, ignore_errors=True)  # what is left is swept later

    def sweep(self, is_over: Callable[[str], bool]) -> None:
        """Remove what came for tasks that are over: aborted while nobody worked on them, or ended just before a crash."""
        if self._all.is_dir():
            for folder in self._all.iterdir():
                if is_over(folder.name):
                    self.clear(folder.name)

    def _pulled(self, part: PullPart, progress: Callable[[float], None], watch: Watch) -> Pulled:
        """The cover first: it is small, and a file without the cover that it should have is a failure."""
        options = part.options
        cover = self._cover(part, watch) if options["cover_url"] else None
        file = self._fetch(part, FILE, watch, lambda done: progress(done * MOST_SHARE))
        facts = self._examined(file, watch)
        media = NewMedia.examined(
            self._store.blobs.adopt(self._store.blobs.new_key(), file),
            facts,
            file_id=new_file_id(),
            sub_app_id=self._sub_app(part),
            name=options["name"],
            source_type="Upload",
            source_context=options["source_context"],
            class_id=options["class_id"],
            expires=options["expires"],
        )
        return Pulled(media, cover, options["temporary"])

    def _cover(self, part: PullPart, watch: Watch) -> Attachment:
        file = self._fetch(part, COVER, watch, lambda _: None)
        try:
            facts = self._examined(file, watch)
        except TaskFault as fault:
            raise TaskFault("SourceFileError.ContentUnsupported/cover") from fault
        if facts["extension"] not in COVER_EXTENSIONS:
            raise TaskFault("SourceFileError.ContentUnsupported/cover")
        stored = self._store.blobs.adopt(self._store.blobs.new_key(), file)
        return Attachment(
            kind="cover",
            object_key=stored.key,
            extension=facts["extension"],
            content_type=facts["content_type"],
            size=stored.size,
            md5=stored.md5,
        )

    def _fetch(self, part: PullPart, what: Text, watch: Watch, progress: Callable[[float], None]) -> Path:
        name, field, most = ("cover", "cover_url", COVER_MB) if what is COVER else ("file", "url", None)
        limit = min(self._settings.upload_limit_mb, most or self._settings.upload_limit_mb)
        bounds = Bounds(
            policy=replace(self._policy, loopback_allowed=part.options["loopback"]),
            bytes=limit * MB,
            seconds=self._settings.pull_seconds,
            retries=self._settings.pull_retries,
            room=self._store.room.check,
        )
        folder = self._all / part.task_id / f"{part.position}-{name}"
        try:
            return pull(part.options[field], folder, bounds=bounds, progress=progress, unwanted=watch.over)
        except Refused as refusal:
            raise TaskFault("InvalidInput/url", what=what, reason=refusal.text) from refusal
        except NoRoom as full:
            raise TaskFault("InternalError/disk", what=what) from full
        except Failed as failure:
            if failure.key == "size":
                raise TaskFault(
                    "SourceFileError.ContentUnsupported/size", what=what, limit=limit
                ) from failure
            reason = failure.text
            raise TaskFault("SourceFileError.DownloadNotAccessible", what=what, reason=reason) from failure

    def _examined(self, file: Path, watch: Watch) -> Json:
        """As what is uploaded is. Raises TaskFault, Cancelled."""
        try:
            return self._jobs.probe(file, watch.over)
        except Crashed as crash:
            log.warning("a file could not be examined: %s: %r", crash, crash.detail)
            raise TaskFault("SourceFileError.ContentMalformed", reason=NOT_EXAMINED) from crash

    def _sub_app(self, part: PullPart) -> int:
        task = self._store.tasks.get(part.task_id)
        if task is None:
            raise Abandoned
        return task.sub_app_id
