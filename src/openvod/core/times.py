"""What time is it for this server, and how does the wire write it? From the milliseconds that the store keeps."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], float]
"""Gives the time in Unix seconds. `app` chooses one for all that is shown, stored or compared, and the store can be
opened with the same one; only heartbeats, ages of files on disk and waiting go by the machine's own.
"""

NEVER = "9999-12-31T23:59:59Z"
"""What the API shows as the expiry of a file that never expires."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(milliseconds: int | None) -> str:
    """`2026-05-12T09:56:58Z`; an empty text for a moment that has not come (our choice: the vendor's pages disagree)."""
    if milliseconds is None:
        return ""
    return _spelled(milliseconds // 1000)


@lru_cache(maxsize=4096)
def _spelled(seconds: int) -> str:
    """Kept: clients ask for the same tasks and files again and again."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def milliseconds(text: str) -> int:
    """The opposite of `iso`; any ISO 8601 offset is understood, none means UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH
    return since // timedelta(milliseconds=1)  # in whole numbers: a float may fall short by one
