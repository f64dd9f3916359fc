"""How far is a part? Noted seldom, never backwards."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from openvod.store import Store

LOOK_SECONDS = 1.0
"""How often a running job looks whether its task is still its own, and notes its progress at most."""

log = logging.getLogger(__name__)


class Place(Protocol):
    """Which sub-task it is."""

    @property
    def task_id(self) -> str:
        """Its task."""
        ...

    @property
    def position(self) -> int:
        """Its place in the task."""
        ...


class Progress:
    """Notes how far a part is, seldom enough to be cheap; never backwards."""

    def __init__(self, store: Store, executor: str, part: Place, noted: float = 0.0) -> None:
        self._store = store
        self._executor = executor
        self._part = part
        self._lock = threading.Lock()
        self._stages: dict[str, float] = {}
        self._noted = noted
        self._noted_at = time.monotonic()

    def of(self, stage: str, share: float) -> Callable[[float], None]:
        """Tells how far a stage is that makes up this share of the part."""

        def tell(value: float) -> None:
            with self._lock:
                self._stages[stage] = max(self._stages.get(stage, 0.0), share * value)
                self._note(sum(self._stages.values()))

        return tell

    def restart(self) -> None:
        """Count the stages anew: a plan in one piece is the whole part, one that cut it up is nothing."""
        with self._lock:
            self._stages.clear()

    def _note(self, value: float) -> None:
        now = time.monotonic()
        if value <= self._noted or now < self._noted_at + LOOK_SECONDS:
            return
        self._noted, self._noted_at = value, now
        try:
            self._store.tasks.progress(self._part.task_id, self._part.position, value, self._executor)
        except DBAPIError as error:
            log.warning("progress of %s was not noted: %s", self._part.task_id, error)
