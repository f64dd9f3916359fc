"""Who pushes events, and in which order? A thread that finds what is due, and a few that post it.

Several processes may do this on the same data: an event is claimed before it is posted, in the database and for 30
seconds. A process that dies in between leaves the claim to run out, so the event is posted again rather than lost.
Of one application one event is on its way at a time, so that a receiver that does not answer holds up nobody else.
"""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from openvod.core.settings import Settings
from openvod.core.times import Clock
from openvod.deliver.push import Retries, letter, push
from openvod.outbound import Failed, Policy, Refused
from openvod.render import Renderer
from openvod.render.events import Untold
from openvod.store import Store
from openvod.store.event_rows import HELD_SECONDS
from openvod.store.events import Event

SENDERS = 8
"""Posts at a time."""
LOOK_SECONDS = 0.5
"""How late a new event is noticed at the most."""
TROUBLE_SECONDS = 5.0
"""Pause after a look that failed."""
SWEEP_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Deliverer:
    """Pushes the events of all applications from `start` to `stop`."""

    def __init__(self, store: Store, settings: Settings, clock: Clock = time.time) -> None:
        """`settings.public_url` must be filled in. Raises ValueError for networks that are none."""
        self._store = store
        self._public_url = settings.public_url
        self._seconds = min(settings.event_seconds, HELD_SECONDS - 5)  # else another would claim it meanwhile
        self._policy = Policy.of(settings.host, settings.callback_networks)
        self._retries = Retries.of(settings)
        self._clock = clock
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._senders = ThreadPoolExecutor(SENDERS, "deliver")
        self._thread = threading.Thread(target=self._run, name="deliver", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let what is being posted end, and leave the rest to the next start."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._senders.shutdown()

    def _run(self) -> None:
        swept = float("-inf")
        while not self._stopping:
            pause = LOOK_SECONDS
            try:
                self._look()
                if time.monotonic() - swept > SWEEP_SECONDS:
                    self._store.events.sweep()
                    swept = time.monotonic()
            except (
                Exception
            ):  # deliver's door: the database is away, or a bug of ours; a later look may succeed
                log.exception("looking for events to push failed")
                pause = TROUBLE_SECONDS
            self._wake.wait(pause)
            if not self._stopping:
                self._wake.clear()

    def _look(self) -> None:
        with self._lock:
            busy = set(self._busy)
        if len(busy) >= SENDERS:
            return
        for event in self._store.events.claim_pushes(SENDERS - len(busy), busy):
            with self._lock:
                self._busy.add(event.sub_app_id)
            self._senders.submit(self._send, event)

    def _send(self, event: Event) -> None:
        try:
            self._deliver(event)
        except Exception:  # deliver's door: the claim runs out, and the event is tried again
            log.exception("event %d could not be pushed", event.id)
        finally:
            with self._lock:
                self._busy.discard(event.sub_app_id)
            self._wake.set()

    def _deliver(self, event: Event) -> None:
        """One attempt, and what follows from it."""
        renderer = Renderer(self._store, self._public_url, self._clock())
        try:
            told = letter(renderer, event, self._store.events.config(event.sub_app_id))
        except Untold as gone:
            self._store.events.give_up(event, f"there is nothing to tell of {gone}")
            return
        if told is None:  # changed since the claim: for the next who may have it
            self._store.events.put_off(event, 0.0, "")
            return
        try:
            push(told, self._policy, self._seconds)
        except (Refused, Failed) as error:
            self._retry(event, f"{told.url}: {error.en}")
        else:
            self._store.events.pushed(event)

    def _retry(self, event: Event, why: str) -> None:
        pause = self._retries.pause_after(event.attempts)
        if pause is None:
            log.warning("event %d is a dead letter after %d tries: %s", event.id, event.attempts, why)
            self._store.events.give_up(event, why)
        else:
            self._store.events.put_off(event, pause, why)
