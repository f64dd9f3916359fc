"""What is drawn on the pictures of a segment? By content, so that those on which nothing else is drawn now are found again."""

from bisect import bisect_right
from functools import cache
from hashlib import file_digest
from pathlib import Path

from openvod.core.models import Json
from openvod.engines.burn.preparing import Clock
from openvod.media.rewrite.planning import Segment

LETTERING = ("freetype2", "raqm", "harfbuzz", "fribidi")
"""Parts of Pillow that shape and draw letters; the last one is the machine's own."""


class Drawn:
    """What `Editor.about` is for burning in."""

    def __init__(self, setting: Json, clock: Clock) -> None:
        """`setting` is what `preparing.prepare` wrote for the compositor."""
        self._same = {name: setting[name] for name in ("told", "style")}
        self._faces, self._blocks, self._scenes = setting["faces"], setting["blocks"], setting["scenes"]
        self._begins = [begin for begin, _, _ in self._scenes]
        self._ends = [end for _, end, _ in self._scenes]
        self._clock = clock

    def __call__(self, segment: Segment) -> Json:
        """The scenes that its frames show, cut to it, with their letters and the fonts of these."""
        scenes = self._shown(segment) if len(self._clock.times) else self._scenes
        told = [[begin, end, [self._block(number) for number in blocks]] for begin, end, blocks in scenes]
        return {**self._same, "lettering": _lettering(), "scenes": told}

    def _shown(self, segment: Segment) -> list[tuple[float, float, list[int]]]:
        """A scene that goes on beyond the segment looks the same in here wherever it begins and ends."""
        end = segment.first + segment.frames
        first, last, after = map(self._clock.at, (segment.first, end - 1, end))
        places = slice(bisect_right(self._ends, first), bisect_right(self._begins, last))
        return [(max(begin, first), min(end, after), blocks) for begin, end, blocks in self._scenes[places]]

    def _block(self, number: int) -> Json:
        block = self._blocks[number]
        lines = [
            {**line, "pieces": [{**piece, "face": self._face(piece["face"])} for piece in line["pieces"]]}
            for line in block["lines"]
        ]
        return {**block, "lines": lines}

    def _face(self, place: int) -> Json:
        """A font by its bytes: which place it has among those at hand depends on all lines of the film."""
        face = self._faces[place]
        return {**face, "path": sum_of(face["path"])}


@cache
def sum_of(path: str) -> str:
    """A hash of a file's bytes; empty for no file (the font inside Pillow)."""
    if not path:
        return ""
    with Path(path).open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@cache
def _lettering() -> list[str | None]:
    from PIL import features  # noqa: PLC0415 - only in media processes

    return [features.version(name) for name in LETTERING]
