"""What time is it by a clock that a test moves? The same in every process that has mapped the clock's file."""

import mmap
import os
import time
from pathlib import Path

FILE = "clock"
"""In the data folder."""
_SIZE = 8
_MICRO = 1_000_000


class MovedClock:
    """A `core.times.Clock`. New, it goes with the machine's.

    The file holds one number, so that no process ever sees half of a change: microseconds, doubled, plus one if the
    clock stands still. They are the time at which it stands, or by how much it is ahead of the machine's.
    """

    def __init__(self, folder: Path) -> None:
        """Opens the clock of a data folder, made as needed."""
        handle = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size < _SIZE:
                os.ftruncate(handle, _SIZE)
            self._word = memoryview(mmap.mmap(handle, _SIZE)).cast("q")
        finally:
            os.close(handle)

    def __call__(self) -> float:
        """Unix seconds."""
        value = self._word[0]
        return (value >> 1) / _MICRO + (0.0 if value & 1 else time.time())

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._word[0] & 1)

    def set(self, seconds: float, *, frozen: bool) -> None:
        """Show this time (Unix seconds) from now on, and stand still or go on."""
        moment = seconds - (0.0 if frozen else time.time())
        self._word[0] = round(moment * _MICRO) << 1 | frozen

    def go_right(self) -> None:
        """Go with the machine's clock."""
        self._word[0] = 0

    def near(self, moment: float) -> float:
        """Of this clock's time and the machine's the one that is nearer to a moment (all in Unix seconds)."""
        return min(self(), time.time(), key=lambda now: abs(now - moment))
