"""What is pushed, and when again? One attempt to deliver one event, and the pauses between attempts."""

import hashlib
import json
from dataclasses import dataclass

from openvod import outbound
from openvod.core import spec
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.outbound import Limits, Policy
from openvod.render import Renderer
from openvod.render.events import Untold, event_content
from openvod.render.mps import notification
from openvod.store.event_rows import NOTIFICATION
from openvod.store.events import Event, EventConfig

SIGN_SECONDS = 600
"""How long a signed body counts; the vendor documents it."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted, and where to."""

    url: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Retries:
    """How often, and with which pauses, a push is repeated. The vendor documents nothing; this is our choice."""

    quick: int
    quick_seconds: float
    pause_seconds: float
    """The first pause after the quick ones; each further one is twice as long."""
    total_seconds: float
    """Of all pauses together."""

    @classmethod
    def of(cls, settings: Settings) -> "Retries":
        """As the operator has set them."""
        return cls(
            settings.event_quick_retries,
            settings.event_quick_seconds,
            settings.event_pause_seconds,
            settings.event_hours * 3600,
        )

    def pause_after(self, attempts: int) -> float | None:
        """Seconds until the next try after so many; None when it is time to give up. The last pause is cut to what is
        left of the total.
        """
        if attempts <= self.quick:
            return self.quick_seconds
        growth = 2.0 ** min(attempts - self.quick - 1, 64)  # by the longer pauses that have passed
        passed = self.pause_seconds * (growth - 1)
        if passed >= self.total_seconds:
            return None
        return min(self.pause_seconds * growth, self.total_seconds - passed)


def body_of(content: Json, sign_key: str, now: float) -> bytes:
    """What is posted: an EventContent without EventHandle, and with a key its `Sign` until `T` (Unix seconds)."""
    told = spec.load().fill("EventContent", content)
    if sign_key:
        until = int(now) + SIGN_SECONDS
        signed = hashlib.md5(f"{sign_key}{until}".encode(), usedforsecurity=False).hexdigest()
        told |= {"Sign": signed, "T": until}
    return _json(told)


def _json(told: Json) -> bytes:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def letter(renderer: Renderer, event: Event, config: EventConfig) -> Letter | None:
    """An event as it is told now; None if its application does not want it pushed (any more). Raises Untold."""
    if event.type == NOTIFICATION:
        task = renderer.store.tasks.get(event.task_id or "")
        if task is None:
            raise Untold(event.task_id)
        url, told = notification(renderer, task)
        return Letter(url, _json(told))
    if config.mode != "PUSH" or not config.url:
        return None
    return Letter(config.url, body_of(event_content(renderer, event), config.sign_key, renderer.now))


def push(letter: Letter, policy: Policy, seconds: float) -> None:
    """Post a letter once; accepted means: answered with 200 in time. Raises outbound's Refused or Failed."""
    limits = Limits(bytes=0, total_seconds=seconds, connect_seconds=seconds, idle_seconds=seconds)
    head = outbound.post(letter.url, letter.body, policy, limits=limits)
    if head.status != 200:
        raise outbound.Failed("status", status=head.status)
