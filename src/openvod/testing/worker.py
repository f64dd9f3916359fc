"""`python -m openvod.testing.worker`: a worker that goes by a test's clock and script."""

import logging
from functools import partial

from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.testing.moved_clock import MovedClock
from openvod.testing.script import Script
from openvod.testing.scripted import ScriptedTaskFault
from openvod.worker.process import Parts, run

LOOK_SECONDS = 0.05
"""So that what was reset makes room at once."""


def main() -> None:
    """Start the worker; it ends the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = Settings.read()
    fault_of = partial(_fault_of, Script(settings.data))
    run(settings, parts=Parts(clock=MovedClock(settings.data), fault_of=fault_of, look_seconds=LOOK_SECONDS))


def _fault_of(script: Script, task_id: str, position: int, kind: str) -> TaskFault | None:
    """The same one again when the part is begun again."""
    fault = script.take("sub_task", kind, f"{task_id}/{position}")
    return None if fault is None else ScriptedTaskFault(fault)


if __name__ == "__main__":
    main()
