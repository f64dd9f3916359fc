"""Which font does a template for burnt-in subtitles bring along? Fetched from its FontPath, a client's URL like any other."""

import logging
from pathlib import Path

from openvod.core.models import Json
from openvod.outbound import Failed, Limits, Policy, Refused, fetch

FILE = "template-font"
"""Its name in the job's folder."""
LIMITS = Limits(bytes=64 * 2**20, total_seconds=60)
"""The largest fonts of all of Unicode's Chinese are smaller."""

log = logging.getLogger(__name__)


def bring(options: Json, folder: Path, policy: Policy) -> str:
    """Fetch the font that a sub-task's template names by URL into the job's folder: its name there, or empty.

    One that cannot be had, or that must not be called, is left out: the sub-task tells so, and uses another.
    """
    url = str((options.get("SubtitleEmbedConfig") or {}).get("FontPath") or "")
    if not url.startswith(("http://", "https://")):
        return ""
    try:
        with (folder / FILE).open("w+b") as file:
            fetch(url, policy, limits=LIMITS, sink=file)
    except (Failed, Refused) as error:
        log.warning("a font was not fetched: %s", error)
        return ""
    return FILE
