"""How are files of a job's folder read and written while its media process runs, which may be in a stranger's hands?"""

import os
import stat
from pathlib import Path
from typing import Any

LARGEST = 256 * 2**20
"""Bytes that are read at once: two hours of speech as 16-bit WAV."""


def read(folder: Path, name: Any) -> bytes:
    """A regular file directly in the folder; no link leads anywhere else. Raises ValueError for anything else."""
    try:
        opened = os.open(folder / plain(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ValueError(f"{name!r} cannot be read") from error
    found = os.fstat(opened)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > LARGEST:
        os.close(opened)
        raise ValueError(f"{name!r} is not a file of its own")
    with os.fdopen(opened, "rb") as file:
        return file.read(LARGEST)


def write(folder: Path, name: Any, body: bytes) -> None:
    """A new file directly in the folder. Raises ValueError when there is something already."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        opened = os.open(folder / plain(name), flags, 0o600)
    except OSError as error:
        raise ValueError(f"{name!r} cannot be written") from error
    with os.fdopen(opened, "wb") as file:
        file.write(body)


def plain(name: Any) -> str:
    """A file's own name. Raises ValueError."""
    if not isinstance(name, str) or name != Path(name).name or name in {"", ".", ".."} or "\0" in name:
        raise ValueError("not the name of a file in the job's folder")
    return name
