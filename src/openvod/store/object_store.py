"""Which object store do the settings name? A local folder, or anything that obstore speaks to."""

from pathlib import Path

from openvod.store.blob_folder import BlobFolder
from openvod.store.blobs import Blobs

FOLDER = "objects"
"""In the data folder, where no other object store is set."""


def open_blobs(url: str, data: Path) -> Blobs:
    """The object store of an URL (`s3://bucket/prefix`, configured by the usual `AWS_…` variables), or if it
    is empty its FOLDER in the data folder.
    """
    if not url:
        return BlobFolder(data / FOLDER)
    from openvod.store.blob_bucket import BlobBucket  # noqa: PLC0415 - obstore is large, and mostly not needed

    return BlobBucket(url, data / "spool")
