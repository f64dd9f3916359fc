"""What is done to the pictures of a segment? By content, so that what an earlier attempt has encoded is found again."""

from openvod.core.models import Json
from openvod.engines.burn.drawn import Drawn, sum_of
from openvod.media.rewrite.planning import Segment

FILES = ("marks", "veils", "painter", "tracks")
"""Of an editor's argument: files that shape the pictures by what is in them."""
IMPLIED = ("source", "index", "times", "burn")
"""Of an editor's argument: what follows from the video, and what `Drawn` tells."""


class Same:
    """What `Editor.about` is for erasing: anything found elsewhere makes it another one, for a region may reach far."""

    def __init__(self, argument: Json, drawn: Drawn | None) -> None:
        """`argument` is that of `edit.edit` or `hide.edit`; `drawn` what is burnt in by the same pass."""
        self._same = {
            name: sum_of(value) if name in FILES else value
            for name, value in argument.items()
            if name not in IMPLIED
        }
        self._drawn = drawn

    def __call__(self, segment: Segment) -> Json:
        """Sums of files, options, and what is drawn on it."""
        return {**self._same, "drawn": self._drawn(segment) if self._drawn else None}
