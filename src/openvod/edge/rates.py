"""May this account call this action now? The vendor's rates, as token buckets."""

import threading
import time
from collections.abc import Callable, Mapping

from openvod.core.errors import ApiError

VENDOR: Mapping[str, int] = {
    "ProcessMediaByMPS": 20,
    "ProcessMedia": 100,
    "CreateMPSTemplate": 20,
    "DescribeMPSTemplates": 20,
    "ModifyMPSTemplate": 20,
    "DeleteMPSTemplate": 20,
    "CreateSubAppId": 20,
    "DescribeSubAppIds": 100,
    "ModifySubAppIdInfo": 100,
    "ModifySubAppIdStatus": 100,
    "PullEvents": 100,
    "PullUpload": 100,
    "ConfirmEvents": 100,
    "DescribeEventConfig": 20,
}
"""Calls per second and account, from the vendor's pages about these actions; the others have no known rate."""
TINY = 1e-6
"""What sums of fractions may be off by, in seconds."""


class Rates:
    """One bucket per account and action. It holds a second's calls and fills evenly, so a burst of that many passes.

    Thread-safe. It counts what this process serves: the API is one process.
    """

    def __init__(self, limits: Mapping[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        """`limits` in calls per second by action; `clock` in seconds, never going back."""
        self._limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._full_at: dict[tuple[int, str], float] = {}

    def take(self, account_id: int, action: str) -> None:
        """Count one call. Raises ApiError `RequestLimitExceeded` when there are too many, and then counts nothing."""
        limit = self._limits.get(action)
        if limit is None:
            return
        key = account_id, action
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get(key, now), now) + 1 / limit
            if full_at - now > 1 + TINY:
                raise ApiError("RequestLimitExceeded", limit=limit)
            self._full_at[key] = full_at

    def forget(self) -> None:
        """Begin anew, with every bucket full."""
        with self._lock:
            self._full_at.clear()
