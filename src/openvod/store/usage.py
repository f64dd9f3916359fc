"""How much was worked for an application? Finished sub-tasks and their seconds of media, by day."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, func, select

from openvod.store.db import Database
from openvod.store.tables import usage

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class DayOfUsage:
    """The sub-tasks of one type that succeeded on one day."""

    type: str
    """`MPSSubTaskResult.TaskType`, e.g. `AiAnalysis.TagTask`."""
    day: int
    """0 is the first day of the span."""
    count: int
    seconds: float
    """Of media."""


_since = bindparam("since", type_=BigInteger)
_DAY = ((usage.c.finished - _since) // DAY_MS).label("day")
_DAYS = (
    select(usage.c.type, _DAY, func.count(), func.sum(usage.c.media_seconds))
    .where(
        usage.c.sub_app_id == bindparam("sub_app_id"),
        usage.c.finished >= _since,
        usage.c.finished < bindparam("until"),
    )
    .group_by(usage.c.type, _DAY)
    .order_by(usage.c.type, _DAY)
)


class Usage:
    """The usage records of all applications; the worker adds one with every sub-task's result (see `tasks`)."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def days(self, sub_app_id: int, since: int, until: int) -> list[DayOfUsage]:
        """Usage from `since` (inclusive) until `until` (exclusive), in milliseconds since 1970, by type and day.

        A day begins 24 hours after the one before, the first one at `since`. Days without usage are left out.
        """
        wanted = {"sub_app_id": sub_app_id, "since": since, "until": until}
        with self._db.read() as connection:
            return [DayOfUsage(*row) for row in connection.execute(_DAYS, wanted)]
