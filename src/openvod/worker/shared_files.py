"""How are files of a job's folder read and written while its media process runs, which may be in a stranger's hands?"""

import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

LARGEST = 256 * 2**20
"""Bytes that are read at once: two hours of speech as 16-bit WAV."""


def read(folder: Path, name: Any) -> bytes:
    """What is in a file, see `opened`. Raises ValueError for one that is too large, too."""
    with opened(folder, name) as file:
        if os.fstat(file.fileno()).st_size > LARGEST:
            raise ValueError(f"{name!r} is too large")
        return file.read(LARGEST)


def opened(folder: Path, name: Any) -> BinaryIO:
    """A regular file directly in the folder, to be read; no link leads anywhere else. Raises ValueError for anything else."""
    try:
        handle = os.open(folder / plain(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ValueError(f"{name!r} cannot be read") from error
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        os.close(handle)
        raise ValueError(f"{name!r} is not a file of its own")
    return os.fdopen(handle, "rb")


def write(folder: Path, name: Any, body: bytes) -> None:
    """Write a new file, see `created`."""
    with created(folder, name) as file:
        file.write(body)


def created(folder: Path, name: Any) -> BinaryIO:
    """A new file directly in the folder, to be written. Raises ValueError when there is something already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(folder / plain(name), flags, 0o600)
    except OSError as error:
        raise ValueError(f"{name!r} cannot be written") from error
    return os.fdopen(handle, "wb")


def plain(name: Any) -> str:
    """A file's own name. Raises ValueError."""
    if not isinstance(name, str) or name != Path(name).name or name in {"", ".", ".."} or "\0" in name:
        raise ValueError("not the name of a file in the job's folder")
    return name
