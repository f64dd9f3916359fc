"""A real worker process that tells which stages it runs, and dies by SIGKILL where a test wants it to.

`WATCH_LOG` gets a line `<pid> <name> <stage>` before each media process starts. `WATCH_KILL` is a folder: a file
`finish_part`, `finish` or `engine` in it ends the process as that call begins, once.
"""

import logging
import os
import signal
from pathlib import Path

from openvod.core.settings import Settings
from openvod.media import sandbox
from openvod.store.tasks import Tasks
from openvod.worker import process


def watched(call):
    def tell(target, argument, *args, **options):
        if "stage" in argument:
            number = argument.get("segment", {}).get("number")
            stage = argument["stage"] if number is None else f"run/{number}"
            line = f"{os.getpid()} {argument['options'].get('name', '-')} {stage}\n"
            with open(os.environ["WATCH_LOG"], "a") as log:
                log.write(line)
        return call(target, argument, *args, **options)

    return tell


def deadly(name, call):
    order = Path(os.environ["WATCH_KILL"]) / name

    def obey(*args, **options):
        if order.exists():
            order.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **options)

    return obey


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sandbox.call = watched(sandbox.call)
    Tasks.finish_part = deadly("finish_part", Tasks.finish_part)
    Tasks.finish = deadly("finish", Tasks.finish)
    process.run(Settings.read(), parts=process.Parts(target="scripted:run_stage"))
