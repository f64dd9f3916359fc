"""What is put over the picture at a time? The editor that burns subtitles in, for `media.rewrite` and for other editors."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openvod.core import jsontext
from openvod.core.models import Json
from openvod.engines.burn import style as styles
from openvod.engines.burn.colours import Code
from openvod.engines.burn.fonts import Face, Fonts
from openvod.engines.burn.ink import Painted, Painter
from openvod.engines.burn.overlay import Frame, Overlay, blend, overlay
from openvod.engines.burn.setting import Block, Scene
from openvod.media.rewrite.windows import Picture, Plane, Window


def edit(window: Window) -> None:
    """A `media.rewrite.windows.Editor`. Its argument: `{"burn"}`, the path of what `preparing.prepare` wrote. No context."""
    if "burn" not in window.memory:
        window.memory["burn"] = of_window(window, Path(window.argument["burn"]))
    compositor: Compositor = window.memory["burn"]
    for picture in window.inner:
        compositor.burn(picture)


@dataclass(frozen=True, slots=True)
class Told:
    """What the pictures themselves do not say."""

    start: float
    """Time stamp at which the file begins, in seconds."""
    turns: int
    """Quarter turns counter-clockwise that bring the stored pictures upright."""
    aspect: float
    """Width to height of a stored sample."""
    transfer: int
    """`TransferCharacteristics` of ITU-T H.273."""
    primaries: int
    """`ColourPrimaries`."""


def of_window(window: Window, path: Path) -> "Compositor":
    """The compositor of what `preparing.prepare` wrote, for the pictures of a window and those after it."""
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    value = jsontext.parse_object(path.read_text(encoding="utf-8"))
    told = Told(**value["told"])
    shapes = tuple(plane.shape for plane in window.inner[0].planes)
    code = Code(window.depth, window.full_range, window.matrix, told.transfer, told.primaries, shapes[0][0])
    frame = Frame(shapes, told.turns, told.aspect, code)
    return Compositor(value, frame, told.start, (window.seconds_per_tick, 1 / window.rate))


class Compositor:
    """Burns the subtitles of one video in. It paints each text once, when it is first shown."""

    def __init__(self, value: Json, frame: Frame, start: float, clock: tuple[float, float]) -> None:
        """`value` is what `preparing.prepare` wrote, `clock` the seconds of a tick and of a frame."""
        self._frame, self._start, self._clock = frame, start, clock
        self._blocks = [Block.load(block) for block in value["blocks"]]
        self._scenes = [Scene(begin, end, tuple(blocks)) for begin, end, blocks in value["scenes"]]
        self._begins = [scene.begin for scene in self._scenes]
        style = styles.load(value["style"])
        fonts = Fonts([Face(**face) for face in value["faces"]])
        self._painter = Painter(style, fonts, frame.upright, frame.code)
        self._painted: dict[int, Painted] = {}
        self._shown: tuple[Scene, Overlay] | None = None

    def burn(self, picture: Picture) -> None:
        """Put into one picture what is shown at its time, in place."""
        tick, step = self._clock
        # A picture without a time is one of a file that is decoded in one go: its number tells.
        known = picture.pts is not None
        self.burn_at(picture.planes, picture.pts * tick - self._start if known else picture.number * step)

    def burn_at(self, planes: Sequence[Plane], time: float) -> None:
        """Put into planes what is shown `time` seconds after the file's start, in place."""
        place = bisect_right(self._begins, time) - 1
        if place < 0 or time >= self._scenes[place].end:
            return
        blend(planes, self._overlay(self._scenes[place]))

    def _overlay(self, scene: Scene) -> Overlay:
        if self._shown is None or self._shown[0] is not scene:
            self._painted = {number: self._block(number) for number in scene.blocks}
            painted = list(self._painted.values())
            board = self._painter.style.board
            behind = [self._painter.board(board)] if board is not None else []
            self._shown = scene, overlay([*behind, *painted], self._frame)
        return self._shown[1]

    def _block(self, number: int) -> Painted:
        kept = self._painted.get(number)
        return self._painter.block(self._blocks[number]) if kept is None else kept
