"""How does a file come from a URL? Into a folder, where what came stays: the next attempt, also of another process,
goes on from there.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openvod.outbound import Failed, Incoming, Limits, Network, Policy, Unwanted, stream
from openvod.outbound.client import NETWORK
from openvod.worker.partial_file import PartialFile

IDLE_SECONDS = 30.0
"""How long the other side may be silent before the connection counts as lost."""
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
"""Seconds between attempts: the first, twice as long each time nothing came, and no longer than this."""
LOOK_SECONDS = 0.25
LATER = frozenset({408, 425, 429})
"""Statuses below 500 that may pass."""
FINAL = frozenset({"size", "encoding"})
"""Failures that another attempt would meet again."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one pull may do and take."""

    policy: Policy
    bytes: int
    """Of the whole file."""
    seconds: float
    """For all attempts of one process together."""
    retries: int
    """Attempts in a row that may bring nothing new, after the first."""
    room: Callable[[int], None]
    """Told the bytes that are about to be kept; raises what the caller wants when there is no room for them."""


def pull(
    url: str,
    folder: Path,
    *,
    bounds: Bounds,
    progress: Callable[[float], None],
    unwanted: Callable[[], bool],
    network: Network = NETWORK,
) -> Path:
    """Fetch a URL into the folder, which is made; the whole file, which stays until the caller removes the folder.

    What an earlier call left in the folder is not fetched again, if the other side can tell that its file is the
    same and sends parts. `progress` is told 0 to 1 where the size is known. Raises outbound's Refused and Failed when
    it is hopeless or the bounds are reached, Unwanted soon after `unwanted` says so, and what `bounds.room` raises.
    """
    deadline = time.monotonic() + bounds.seconds
    with PartialFile(folder, url) as partial:
        idle, best = 0, partial.size
        while not partial.complete:
            left = deadline - time.monotonic()
            limits = Limits(bounds.bytes, left, idle_seconds=IDLE_SECONDS, unwanted=unwanted)
            try:
                _receive(url, partial, bounds, limits, progress, network)
            except Failed as failure:
                idle = 0 if partial.size > best else idle + 1
                best = max(best, partial.size)
                pause = min(FIRST_PAUSE * 2.0**idle, LONGEST_PAUSE)
                if idle > bounds.retries or _is_final(failure) or time.monotonic() + pause > deadline:
                    raise
                _wait(pause, unwanted)
        return partial.path


def _receive(  # noqa: PLR0917 - the parts of one attempt
    url: str,
    partial: PartialFile,
    bounds: Bounds,
    limits: Limits,
    progress: Callable[[float], None],
    network: Network,
) -> None:
    """One attempt. Raises Refused, Failed, Unwanted; what came until then is kept."""
    start = partial.resumable
    options = {"limits": limits, "network": network, "resume_from": start, "validator": partial.validator}
    try:
        with stream(url, bounds.policy, **options) as incoming:  # type: ignore[arg-type]
            if not partial.begin(incoming.head):
                raise Failed("changed")
            _keep(incoming, partial, bounds, progress)
    except Failed as failure:
        if start and failure.status == 416:  # the file has become shorter than what is here
            partial.discard()
            raise Failed("changed") from failure
        raise
    partial.finish()


def _keep(
    incoming: Incoming, partial: PartialFile, bounds: Bounds, progress: Callable[[float], None]
) -> None:
    total = incoming.head.total
    bounds.room(max(0, (total or 0) - partial.size))
    try:
        for block in incoming.blocks():
            bounds.room(len(block))
            partial.write(block)
            if total:
                progress(min(partial.size / total, 1.0))
    finally:
        partial.keep()


def _is_final(failure: Failed) -> bool:
    """Whether asking again is of no use."""
    if failure.status is None:
        return failure.key in FINAL
    return failure.status < 500 and failure.status not in LATER


def _wait(seconds: float, unwanted: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    pause = threading.Event()
    while (left := until - time.monotonic()) > 0:
        if unwanted():
            raise Unwanted
        pause.wait(min(left, LOOK_SECONDS))
