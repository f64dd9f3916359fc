"""`python -m openvod.worker`: one worker process, with settings from the environment."""

import logging
import sys

from openvod.core.settings import SettingError, Settings
from openvod.worker.process import run


def main() -> None:
    """Start the worker; it ends the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = Settings.read()
    except SettingError as error:
        sys.exit(f"openvod worker: {error}")
    run(settings)


if __name__ == "__main__":
    main()
