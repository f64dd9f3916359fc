"""What a stranger's file is: looked at in a limited process before it becomes part of the library."""

import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openvod.core.errors import ApiError, TaskFault
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.media import sandbox
from openvod.store.belongings import Attachment
from openvod.store.blobs import Blobs, Stored
from openvod.store.library import FileIdTaken, Library, MediaRow, NewMedia

log = logging.getLogger(__name__)

NOT_EXAMINED = Text(
    "it took more time or memory than a file may, or broke the reader",
    "读取它超出了时间或内存限制,或导致读取程序出错",
)
LIMITS = sandbox.Limits(wall_seconds=60, cpu_seconds=60, memory_mb=2048, file_mb=1)


def examine(blobs: Blobs, object_key: str, scratch: Path) -> Json:
    """The facts of a stored object (see `media.probe`).

    Raises ApiError `FailedOperation.MediaType` for anything that is not usable audio, video, image or
    subtitles.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="probe-") as folder:
        source = blobs.local_path(object_key, Path(folder))
        argument = {"source": str(source)}
        try:
            return sandbox.call(
                "openvod.media.probe:probe", argument, Path(folder), LIMITS, readable=[source]
            )
        except TaskFault as fault:
            raise ApiError("FailedOperation.MediaType", reason=fault.text) from fault
        except sandbox.Crashed as crash:
            log.warning("a file could not be examined: %s: %r", crash, crash.detail)
            raise ApiError("FailedOperation.MediaType", reason=NOT_EXAMINED) from crash


def examine_cover(blobs: Blobs, stored: Stored, scratch: Path) -> Attachment | None:
    """A stored object as the cover of a file; None if it is no picture that can be decoded."""
    try:
        facts = examine(blobs, stored.key, scratch)
    except ApiError:
        return None
    if facts["kind"] != "image":
        return None
    return Attachment(
        kind="cover",
        object_key=stored.key,
        extension=facts["extension"],
        content_type=facts["content_type"],
        size=stored.size,
        md5=stored.md5,
    )


def take_in(library: Library, blobs: Blobs, data: Iterable[bytes], scratch: Path, **about: Any) -> MediaRow:
    """Put an operator's own file into the library; `about` it are fields of NewMedia.

    Raises ApiError as `examine`, and FileIdTaken.
    """
    stored = blobs.put(blobs.new_key(), data)
    try:
        facts = examine(blobs, stored.key, scratch)
        return library.add(NewMedia.examined(stored, facts, **about))
    except (ApiError, FileIdTaken):
        blobs.delete(stored.key)
        raise
