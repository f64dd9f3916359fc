"""What is a task, as stored? The records that go in and come out of `tasks`."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from openvod.core.models import Json, SubTask, SubTaskStatus, TaskStatus
from openvod.store.library import NewMedia
from openvod.store.pulled import Pulled

Notify = Literal["Event", "Nobody", "Finish", "Change"]
"""Who hears of a task: its application, by an event of its end; nobody; or the URL of the request's TaskNotifyConfig, of
its end, or of the end of each part, too.
"""


Lane = Literal["media", "pull"]
"""What a task waits for: a CPU, or the network, for those that begin with a download. Neither holds up the other."""


class SessionIdTaken(Exception):
    """Another task of the application and of that kind was created with the same SessionId in the last three days."""


class FileGone(Exception):
    """The file was deleted or never existed when the task was to be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task that was accepted, with the parts it falls into."""

    id: str
    sub_app_id: int
    kind: str
    """The action, e.g. `ProcessMediaByMPS`."""
    file_id: str
    """The library file it works on; empty for a kind of task that has none."""
    sub_tasks: tuple[SubTask, ...]
    request: Json
    notify: Notify = "Event"
    priority: int = 0
    """-10 to 10; higher goes first."""
    session_id: str = ""
    session_context: str = ""
    ext_info: str = ""
    warnings: tuple[str, ...] = ()


class SubTaskRecord(NamedTuple):
    """One part of a task as stored."""

    position: int
    type: str
    input: Json
    options: Json
    status: SubTaskStatus
    progress: float
    """0 to 1."""
    err_code: str
    message: Json | None
    """`{"code", "en", "zh"}` of a failure."""
    output: Json | None
    files: list[Json]
    """Rows of `MPSOutputFile` in wire spelling."""
    engine: str
    warnings: list[str]
    finished: int | None


class TaskRecord(NamedTuple):
    """A task as stored. Times are milliseconds since 1970."""

    id: str
    sub_app_id: int
    kind: str
    file_id: str
    status: TaskStatus
    priority: int
    created: int
    began: int | None
    finished: int | None
    err_code: int
    message: Json | None
    session_id: str
    session_context: str
    ext_info: str
    request: Json
    warnings: list[str]
    owner: str | None
    """The executor that runs it."""
    lane: Lane
    attempt: int
    """0 until it is claimed; one more for every executor that took it over."""
    sub_tasks: tuple[SubTaskRecord, ...] = ()

    @property
    def in_library(self) -> bool:
        """See the function of that name."""
        return in_library(self.kind, self.lane)


class TaskLine(NamedTuple):
    """What a list of tasks shows of each."""

    id: str
    kind: str
    file_id: str
    status: TaskStatus
    created: int
    began: int | None
    finished: int | None
    session_id: str
    session_context: str
    lane: Lane

    @property
    def in_library(self) -> bool:
        """See the function of that name."""
        return in_library(self.kind, self.lane)


def in_library(kind: str, lane: Lane) -> bool:
    """Whether a task's file is one of the library. What was fetched to be worked on is the task's alone."""
    return lane == "media" or kind == "PullUpload"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """What one part came to."""

    status: Literal["SUCCESS", "FAIL"]
    err_code: str = "0"
    """`0`, or the number of the failure as text."""
    message: Json | None = None
    """`{"code", "en", "zh"}` of a failure."""
    output: Json | None = None
    media: tuple[NewMedia, ...] = ()
    """Files that enter the library; their FileIds are chosen by the caller, and `files` and `output` refer to
    them.
    """
    pulled: Pulled | None = None
    """The file that the task works on from now on."""
    files: tuple[Json, ...] = ()
    """Rows of `MPSOutputFile` in wire spelling."""
    engine: str = ""
    warnings: tuple[str, ...] = ()
    media_seconds: float = 0.0
    """Seconds of media that were worked on, for the usage record."""
