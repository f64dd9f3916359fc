"""What does the worker want of a workflow engine? The port: flows of steps whose results are kept."""

from collections.abc import Callable, Sequence
from typing import Protocol

from openvod.core.models import Json

Work = Callable[[], Json]
"""The body of a step. It may run more than once: the process can die between its end and its record."""


class Abandoned(BaseException):
    """This run of a flow ends without a trace in the engine: the worker stops, or the task is another's now.

    Not an Exception: an engine records those as the step's result, and would repeat them at the next attempt.
    """


class Steps(Protocol):
    """How a flow runs its steps. Run again, a flow must ask for the same steps in the same order."""

    def run(self, name: str, work: Work) -> Json:
        """The result of `work`: the recorded one if this step was finished in an earlier attempt."""
        ...

    def run_all(self, steps: Sequence[tuple[str, Work]]) -> list[Json]:
        """Several steps at the same time, as far as the worker has room; their results in the order given."""
        ...


Flow = Callable[[str, Steps], None]
"""What is done for one task, by its id."""


class Engine(Protocol):
    """Runs flows. It ends with the process; what ran then is `recover`ed by this or another worker."""

    def start(self, flow: Flow, done: Callable[[str], None]) -> None:
        """Get ready. `done` is told the id whenever a run of the flow has ended, for whatever reason."""
        ...

    def submit(self, task_id: str) -> None:
        """Run the flow of a task that was never run before; returns at once."""
        ...

    def recover(self, task_id: str) -> None:
        """Go on here with a task whose last run was cut off, anywhere: finished steps keep their results.

        Without a usable record (the engine's data was lost, the last run ended in an error) it starts anew.
        """
        ...

    def forget(self, older_than_seconds: float, finished: Callable[[str], bool]) -> int:
        """Drop the records of flows that began so long ago, if the task is `finished`; the number dropped."""
        ...
