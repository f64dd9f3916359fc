"""Which files does a request for dubbing bring along by URL? The worker fetches them, the media process reads them.

Speakers are a JSON document of who says what when, subtitles are in the language of the film or in the one wanted.
"""

from collections.abc import Mapping
from typing import Any

from openvod.core import extended_parameter
from openvod.core.models import Json

KIND = "AiAnalysis.DubbingTask"
SPEAKERS, SOURCE, TARGET = "given-speakers", "given-source", "given-target"
"""Their names in the job's folder."""
FIELDS = {
    SPEAKERS: "`dubbing.speakerUrl`",
    SOURCE: "`dubbing.subtitleUrls.srcSubtitleUrl`",
    TARGET: "`dubbing.subtitleUrls.dstSubtitleUrls`",
}


def urls(options: Json) -> dict[str, str]:
    """The URLs that a sub-task's options name, by the name of the file. Raises TaskFault for what is no JSON."""
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "").get("dubbing")
    asked: Mapping[str, Any] = given if isinstance(given, dict) else {}
    subtitles = asked.get("subtitleUrls")
    subtitles = subtitles if isinstance(subtitles, dict) else {}
    targets = subtitles.get("dstSubtitleUrls")
    target = next(iter(targets.values()), "") if isinstance(targets, dict) else ""
    found = {SPEAKERS: asked.get("speakerUrl"), SOURCE: subtitles.get("srcSubtitleUrl"), TARGET: target}
    return {name: url for name, url in found.items() if isinstance(url, str) and url}
