"""What can a test make its server do? Move its clock, and fail by script."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

Ask = Callable[..., Any]


class Clock:
    """The server's and its workers' idea of the time. Links, events, uploads, sessions, files and histories go by it;
    signatures are also good by the machine's clock, since clients go by that.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def now(self) -> datetime:
        """In UTC."""
        return _moment(self._ask("clock"))

    def advance(self, **how_far: float) -> datetime:
        """Move on by `timedelta(**how_far)`, e.g. `advance(hours=73)`; what time it is then. A frozen clock stays so."""
        return _moment(self._ask("clock", by=timedelta(**how_far).total_seconds()))

    def set(self, at: datetime) -> datetime:
        """Move to a moment; without a time zone it is in UTC. A frozen clock stays so."""
        return _moment(self._ask("clock", to=_seconds(at)))

    def freeze(self, at: datetime | None = None) -> datetime:
        """Stand still, now or at a moment."""
        return _moment(self._ask("clock", frozen=True, **({} if at is None else {"to": _seconds(at)})))

    def resume(self) -> datetime:
        """Go on from where it stands."""
        return _moment(self._ask("clock", frozen=False))

    def reset(self) -> datetime:
        """Back to the machine's time, and going."""
        return _moment(self._ask("clock", frozen=False, by=None))


class Faults:
    """Things that go wrong for the next so many times, exactly. Scripts for the same thing come one after the other."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def answer(self, action: str, *, code: str, message: str = "", times: int = 1) -> None:
        """Refuse the next calls of an action with an error code, e.g. `RequestLimitExceeded`, and do nothing.

        Calls that are refused anyway (wrong signature or parameters) do not count.
        """
        self._add("answer", action, times, code=code, message=message)

    def delay(self, action: str, seconds: float, times: int = 1) -> None:
        """Hold back the answers to the next calls of an action. What was asked for has been done meanwhile, so a client
        that gives up and asks again asks twice.
        """
        self._add("delay", action, times, seconds=seconds)

    def fail_sub_task(self, kind: str, *, code: str, message: str = "", times: int = 1) -> None:
        """Let the next sub-tasks of a kind end as FAIL without being worked on.

        `kind` is a TaskType (`AiAnalysis.TagTask`), all below one (`AiAnalysis`), or the request's field
        (`AiAnalysisTask`). A `code` of digits is the ErrCode; a text code (`SourceFileError.Broken`) leads the Message,
        and the ErrCode is the vendor's for that class.
        """
        self._add("sub_task", kind, times, code=code, message=message)

    def deliver_event_twice(self, times: int = 1) -> None:
        """Deliver the next events again after they were confirmed (pull) or accepted (push)."""
        self._add("event", "", times)

    def left(self) -> list[dict[str, Any]]:
        """What has not happened yet, with its `times`; empty when every script was played to its end."""
        scripts: list[dict[str, Any]] = self._ask("faults")
        return scripts

    def clear(self) -> None:
        """Forget all scripts."""
        self._ask("faults", clear=True)

    def _add(self, kind: str, about: str, times: int, **details: Any) -> None:
        self._ask("faults", add={"kind": kind, "about": about, "times": times, **details})


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
