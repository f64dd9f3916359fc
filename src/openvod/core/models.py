"""The nouns that cross layers, and how their ids are minted."""

import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]

STORAGE_BUCKET = "openvod-1300000000"
STORAGE_REGION = "ap-guangzhou"
"""What answers call the place of the media; SDKs only need the names to be well formed."""

TaskStatus = Literal["WAITING", "PROCESSING", "FINISH", "ABORTED"]
SubTaskStatus = Literal["PROCESSING", "SUCCESS", "FAIL"]


@dataclass(frozen=True, slots=True)
class SubTask:
    """One row of a task's SubTaskSet before it runs: what to do, and with which options."""

    type: str
    """`MPSSubTaskResult.TaskType`, e.g. `AiAnalysis.TagTask`."""
    input: Json
    """What the answer echoes as `Input`, in wire spelling."""
    options: Json = field(default_factory=dict)
    """The resolved parameters (template merged with the request), in wire spelling."""


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word; times in seconds from the start of the file."""

    text: str
    start: float
    end: float
    speaker: str | None = None
    """Who says it, where that is known and differs from the utterance's; else None."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of speech that was recognised in one piece; times in seconds from the start of the file."""

    start: float
    end: float
    text: str
    confidence: float
    """0 to 100."""
    words: tuple[Word, ...] = ()
    """Empty when word times were not asked for; otherwise every word of `text`, in order."""
    speaker: str | None = None
    """Who says it, one name through the whole file; None where speakers are not told apart."""


def new_task_id(sub_app: int, action: str) -> str:
    """A TaskId of the form the vendor shows: `221157-ProcessMediaByMPS-<32 hex>t`."""
    return f"{sub_app}-{action}-{secrets.token_hex(16)}t"


def new_file_id() -> str:
    """A FileId: 18 decimal digits as text, as the vendor's are 16 to 19 and fit a signed 64-bit integer."""
    return str(10**17 + secrets.randbelow(9 * 10**17))


def url_of(file: str) -> Json:
    """Stands in an output for the signed URL of a library file; minted when an answer is made, never stored.

    While a task runs, `file` is the name of an output file in the job's folder; the worker puts the FileId there.
    """
    return {"$url": file}


def path_of(file: str) -> Json:
    """Stands in an output for a file's storage path (begins with `/`)."""
    return {"$path": file}


def file_id_of(file: str) -> Json:
    """Stands in an output for the FileId of a new library file."""
    return {"$file_id": file}


def library_storage() -> Json:
    """Stands in an output for the place of its files: the media library of the task's application, which only the
    answer knows.
    """
    return {"$storage": "library"}
