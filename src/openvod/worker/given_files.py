"""How do files that a request names by URL get into the job's folder? Fetched like any URL of a client's, and limited."""

import logging
from pathlib import Path

from openvod.core import dubbing_files
from openvod.core.models import Json
from openvod.outbound import Failed, Limits, Policy, Refused, fetch

LIMITS = Limits(bytes=10 * 2**20, total_seconds=60)

log = logging.getLogger(__name__)


def bring(kind: str, options: Json, folder: Path, policy: Policy) -> None:
    """Fetch what a dubbing brings along. One that cannot be had is left out: the sub-task fails for want of it."""
    if kind != dubbing_files.KIND:
        return
    for name, url in dubbing_files.urls(options).items():
        try:
            with (folder / name).open("w+b") as file:
                fetch(url, policy, limits=LIMITS, sink=file)
        except (Failed, Refused) as error:
            (folder / name).unlink(missing_ok=True)
            log.warning("a file of a dubbing was not fetched: %s", error)
