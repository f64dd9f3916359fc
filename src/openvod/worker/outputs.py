"""How does what a media process made become part of the library? Checked, probed, stored, named by FileId."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openvod.core.errors import TaskFault
from openvod.core.models import Json, new_file_id, url_of
from openvod.media.facts import document
from openvod.media.sandbox import Crashed
from openvod.store.blobs import Blobs
from openvod.store.library import NewMedia
from openvod.store.tasks import PartResult

Probe = Callable[[Path], Json]

DOCUMENT = ".json"
MOST_DOCUMENT = 64 << 20
"""Bytes of a document: an hour of faces is a few megabytes."""


def take_in(outcome: Any, folder: Path, blobs: Blobs, sub_app_id: int, probe: Probe) -> PartResult:
    """A `tasks.Outcome` as JSON, with its files in `folder`, as a part's result without `media_seconds`.

    The files' objects are stored under new keys; nothing refers to them until the result is stored. Raises
    `Crashed` when the outcome has the wrong form, or a file of it is missing or unusable: it comes from a
    process that may be in a stranger's hands.
    """
    try:
        given = {file["name"]: file for file in outcome["files"]}
        media = {
            name: _store(_checked(folder, name), str(file["title"]), blobs, sub_app_id, probe)
            for name, file in given.items()
        }
        return PartResult(
            status="SUCCESS",
            output=_referring(dict(outcome["output"]), media),
            media=tuple(media.values()),
            files=tuple(_row(str(given[name]["file_type"]), new) for name, new in media.items()),
            message=_notice(outcome.get("notice")),
            engine=str(outcome["engine"]),
            warnings=tuple(map(str, outcome["warnings"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Crashed(f"an outcome of the wrong form: {error!r}", "output") from error


def _checked(folder: Path, name: str) -> Path:
    """A regular file directly in the job's folder; no link leads anywhere else."""
    if not name or name != Path(name).name:
        raise ValueError(f"{name!r} is not the name of a file in the job's folder")
    file = folder / name
    try:
        found = file.lstat()
    except FileNotFoundError as error:
        raise ValueError(f"{name!r} was not written") from error
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise ValueError(f"{name!r} is not a file of its own")
    return file


def _store(file: Path, title: str, blobs: Blobs, sub_app_id: int, probe: Probe) -> NewMedia:
    try:
        facts = _document(file) if file.suffix == DOCUMENT else probe(file)
    except TaskFault as fault:  # about our file, so not a fault of the user's
        raise ValueError(f"{file.name!r} is not usable media: {fault.en}") from fault
    stored = blobs.put(blobs.new_key(), file)
    return NewMedia.examined(
        stored,
        facts,
        sub_app_id=sub_app_id,
        name=title,
        file_id=new_file_id(),
        source_type="VideoProcessing",
    )


def _document(file: Path) -> Json:
    """Facts of what no stranger may upload: JSON. Raises ValueError when it is none."""
    if file.stat().st_size > MOST_DOCUMENT:
        raise ValueError(f"{file.name!r} is too large")
    json.loads(file.read_bytes())
    return dict(document())


def _notice(notice: Any) -> Json | None:
    """An `Outcome.notice`, which JSON has made a list of, as a part's message."""
    if notice is None:
        return None
    en, zh = map(str, notice)
    return {"code": "", "en": en, "zh": zh}


def _row(file_type: str, new: NewMedia) -> Json:
    """A row of `MPSOutputFile`."""
    return {
        "FileType": file_type,
        "StorageMode": "Permanent",
        "FileId": new.file_id,
        "Url": url_of(new.file_id),
        "Definition": "",
        "ExpiredTime": 0,
    }


def _referring(value: Any, media: dict[str, NewMedia]) -> Any:
    """`value` with its references to output files (see `core.models.url_of`) leading to the library."""
    match value:
        case {"$url": name, **rest} if not rest:
            return url_of(media[name].file_id)
        case {"$path": name, **rest} if not rest:
            return "/" + media[name].object_key
        case {"$file_id": name, **rest} if not rest:
            return media[name].file_id
        case dict():
            return {key: _referring(inner, media) for key, inner in value.items()}
        case list():
            return [_referring(inner, media) for inner in value]
    return value
