"""What stands on a film's picture, and when? Read stretch by stretch, each a durable step, and remembered by content."""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines import ocr
from openvod.engines.screen_text import stretch, subtitles
from openvod.engines.screen_text.found import Area
from openvod.engines.screen_text.subtitles import Subtitle

STEP = "screen/2"
"""Goes up with every change of what reading a stretch comes to."""
SEGMENT_SECONDS = 240.0
"""What one media process reads: small enough to share a film out, large enough that its start and seams are cheap."""
WHAT = Text("subtitles from text in the picture", "从画面文字提取字幕")


@dataclass(frozen=True, slots=True)
class Film:
    """A video, and what is needed to read its text."""

    source: Path
    facts: Json
    """See `media.facts`."""
    content: str
    """A hash of the file's bytes."""
    models: Path
    readers: Sequence[Path] = ()
    """Of further writings, see `screen_text.readers`."""
    areas: Sequence[Area] = ()
    """Where to look; empty: everywhere."""
    ask: Ask = asking.nobody
    progress: Callable[[float], None] = field(default=lambda _: None)

    @property
    def seconds(self) -> float:
        """How long it is, as its probe says."""
        return float(self.facts.get("duration") or 0.0)


def plan(film: Film) -> list[Json]:
    """Stretches of some minutes. Each is decoded with some seconds of its neighbours, so cues on a seam are whole."""
    count = max(1, round(film.seconds / SEGMENT_SECONDS))
    seams = [film.seconds * number / count for number in range(count)]
    return [{"begin": begin, "end": end} for begin, end in zip(seams, [*seams[1:], None], strict=True)]


def read(film: Film, segment: Json) -> Json:
    """One stretch, unless that is remembered. Raises TaskFault when the model is not installed."""
    if not film.content:
        return _read(film, segment)
    about = {
        "content": film.content,
        "engine": ocr.ENGINE,
        "readers": [[name.parent.name, name.stat().st_size] for name in film.readers],
        "areas": [[str(edge) for edge in astuple(area)] for area in film.areas],
        **segment,
    }
    return asking.once(film.ask, STEP, about, lambda: _read(film, segment))


def joined(results: Sequence[Json]) -> list[Subtitle]:
    """One list out of the results of all stretches, in order of time."""
    return subtitles.joined(
        [
            (
                result["begin"],
                result["end"] or float("inf"),
                [subtitles.unpacked(row) for row in result["subtitles"]],
            )
            for result in results
        ]
    )


def _read(film: Film, segment: Json) -> Json:
    import cv2  # noqa: PLC0415 - only in media processes

    cv2.setNumThreads(1)
    begin, end = segment["begin"], segment["end"] or float("inf")
    length = max(1.0, (segment["end"] or film.seconds) - begin)
    found = stretch.read_stretch(
        film.source,
        ocr.Ocr(film.models, WHAT, list(film.readers)),
        (begin, end),
        film.areas,
        lambda done: film.progress(min(1.0, max(0.0, done / length))),
    )
    return {**segment, "subtitles": [subtitles.packed(one) for one in found]}
