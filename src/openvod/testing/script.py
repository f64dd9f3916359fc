"""What is to go wrong next, and for how many times yet? The script that the server and its workers share."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from openvod.core.models import Json

FILE = "script.json"
"""In the data folder."""
Kind = Literal["answer", "delay", "sub_task", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong."""

    kind: Kind
    about: str = ""
    """The action, or the sub-tasks (see `matches`)."""
    times: int = 1
    """How many times it has to happen yet."""
    code: str = ""
    message: str = ""
    seconds: float = 0.0

    def matches(self, kind: Kind, about: str) -> bool:
        """Whether this is for a sub-task of that type, or a call of that action. A name stands for all below it."""
        return self.kind == kind and (self.about == about or about.startswith(f"{self.about}."))


class Script:
    """The faults of a data folder. A lock on its file makes each happen exactly as often as it should, whoever asks."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE

    def add(self, fault: Fault) -> None:
        """Let it happen, after those that are there."""
        with self._opened() as state:
            state["faults"].append(asdict(fault))

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._opened() as state:
            state |= {"faults": [], "given": {}}

    def left(self) -> list[Json]:
        """What has yet to happen."""
        with self._opened() as state:
            faults: list[Json] = state["faults"]
            return faults

    def take(self, kind: Kind, about: str, who: str = "") -> Fault | None:
        """What goes wrong now: counted, so it is the caller's to do. None if nothing does.

        A caller that may ask again about the same thing gives it a name, `who`, and gets the same answer for nothing.
        """
        with self._opened() as state:
            if who in state["given"]:
                return Fault(**state["given"][who])
            faults = [Fault(**values) for values in state["faults"]]
            fault = next((one for one in faults if one.matches(kind, about)), None)
            if fault is None:
                return None
            place = faults.index(fault)
            rest = replace(fault, times=fault.times - 1)
            state["faults"][place : place + 1] = [asdict(rest)] if rest.times else []
            if who:
                state["given"][who] = asdict(fault)
            return fault

    @contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """What the file holds, to be looked at or changed by nobody else meanwhile."""
        with os.fdopen(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = file.read()
            state = json.loads(before) if before else {"faults": [], "given": {}}
            yield state
            after = json.dumps(state)
            if after != before:
                file.seek(0)
                file.truncate()
                file.write(after)
                file.flush()  # before the lock goes with the file
