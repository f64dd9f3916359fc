"""What a stranger's file is: looked at in a limited process before it becomes part of the library."""

import tempfile
from pathlib import Path

from openvod.core.errors import ApiError, TaskFault
from openvod.core.models import Json
from openvod.media import sandbox
from openvod.store.belongings import Attachment
from openvod.store.blobs import Blobs, Stored

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
            raise ApiError("FailedOperation.MediaType", reason=fault.en) from fault
        except sandbox.Crashed as crash:
            raise ApiError(
                "FailedOperation.MediaType", reason=f"it could not be examined ({crash})"
            ) from crash


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
