"""What does an engine know of the video that it makes another one of, and where does it work?"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openvod.core.asking import Ask, nobody
from openvod.core.errors import TaskFault
from openvod.core.models import Json


def need_picture(facts: Json) -> None:
    """Raises TaskFault for what has no moving picture. `facts` are as `media.probe` found them."""
    if facts["kind"] != "video" or not facts.get("video"):
        raise TaskFault("SourceFileError.NoVideoMedia")


@dataclass(frozen=True, slots=True)
class Media:
    """The video, and where work on it is done."""

    source: Path
    facts: Json
    """As `media.probe` found them."""
    models: Path
    folder: Path
    progress: Callable[[float], None]
    ask: Ask = nobody
    """See `core.asking`."""
    content: str = ""
    """A hash of the source's bytes, for what is remembered; empty where nothing is to be."""

    @property
    def turns(self) -> int:
        """Quarter turns counter-clockwise that bring the stored pictures upright."""
        return int(-self.facts["rotation"] // 90 % 4)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the upright picture."""
        size = (int(self.facts["video"]["width"]), int(self.facts["video"]["height"]))
        return size if self.turns % 2 == 0 else size[::-1]

    @property
    def aspect(self) -> float:
        """Width to height of a stored sample; strange ones count as square."""
        across, down = self.facts["video"].get("sample_aspect") or (1, 1)
        return across / down if down > 0 and 0.1 <= across / down <= 10 else 1.0

    @property
    def rate(self) -> float:
        """Mean frames per second."""
        return float(self.facts["video"]["fps"] or 25)

    @property
    def frames(self) -> int:
        """About how many there are."""
        return max(1, round(float(self.facts["duration"] or 0) * self.rate))
