"""How much of a file is here already, and of which? A file that grows, with a note that outlives the process."""

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from openvod.outbound import Head

BODY = "body"
SYNC_SECONDS = 1.0
"""What is lost at most when the process or the machine dies, in seconds of receiving."""


@dataclass(frozen=True, slots=True)
class _Note:
    """What is known of the body. It never tells of bytes that are not on the disk."""

    url: str
    validator: str = ""
    """By which the other side can tell whether its file is still this one; empty if it cannot."""
    total: int | None = None
    """Bytes of the whole file, where the other side has said so."""
    kept: int = 0
    """Bytes that are on the disk."""
    complete: bool = False


class PartialFile:
    """The file of one URL in a folder. Used by one process at a time: see `_opened`."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / BODY
        self._file = _opened(self.path)
        about = os.fstat(self._file.fileno())
        # Named after the very file, so that who holds one without a name cannot mislead us.
        self._note_path = folder / f"{about.st_ino}.json"
        note = _read(self._note_path)
        if note is None or note.url != url or note.kept > about.st_size or not about.st_size:
            note = _Note(url)
        self._note = note
        self.size = note.kept
        """Bytes that came, whether they are on the disk or on their way there."""
        self._file.truncate(self.size)
        self._file.seek(self.size)
        self._synced = time.monotonic()

    @property
    def complete(self) -> bool:
        """Whether all of it is here."""
        return self._note.complete

    @property
    def validator(self) -> str:
        """What a request for the rest goes with."""
        return self._note.validator

    @property
    def resumable(self) -> int:
        """From which byte on to ask for the rest; 0 without a validator, for the file may be another one by then."""
        return self.size if self._note.validator else 0

    def begin(self, head: Head) -> bool:
        """Get ready for the body of an answer; False, and everything is dropped, if it is a part of another file."""
        known = self._note
        if head.offset:
            changed = head.validator not in ("", known.validator)
            changed = changed or (known.total is not None and head.total not in (None, known.total))
            if changed or head.offset != self.size:
                self.discard()
                return False
            self._note = replace(known, total=head.total)
            return True
        self.discard()
        self._note = _Note(known.url, head.validator, head.total)
        return True

    def write(self, block: bytes) -> None:
        """Add to the end. Raises OSError."""
        self._file.write(block)
        self.size += len(block)
        if time.monotonic() > self._synced + SYNC_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Let what came outlive the process and a loss of power."""
        self._file.flush()
        os.fdatasync(self._file.fileno())
        self._synced = time.monotonic()
        self._write_note(replace(self._note, kept=self.size))

    def discard(self) -> None:
        """Forget all that came."""
        self._write_note(_Note(self._note.url))  # first: a note must not tell of bytes that are gone
        self._file.seek(0)
        self._file.truncate()
        self.size = 0

    def finish(self) -> None:
        """Note that this is all of it."""
        self.keep()
        self._write_note(replace(self._note, complete=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write_note(self, note: _Note) -> None:
        self._note = note
        aside = self._note_path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(note)))
        aside.replace(self._note_path)


def _opened(path: Path) -> BinaryIO:
    """The file, for this process alone. One that another process still holds (it was stopped, and declared dead) is
    left to it: it writes to a file without a name from then on.
    """
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            path.unlink(missing_ok=True)
            continue
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                return file
        file.close()  # somebody else has left it to us, in the moment between


def _read(path: Path) -> _Note | None:
    """The note; None if there is none that can be used, which costs no more than what it tells of."""
    try:
        return _Note(**json.loads(path.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
