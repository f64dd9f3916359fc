"""Where on the picture does each letter go, and when? From cues to scenes, each of which shows the same texts all along."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from openvod.core.models import Json
from openvod.core.texts import Text
from openvod.engines.burn import wrapping
from openvod.engines.burn.fonts import Fonts, plain
from openvod.engines.burn.style import Style
from openvod.media.captions import Cue

ASCENT, DESCENT = 1.0, 0.25
"""What a line takes above and below its baseline, as shares of the size: enough for letters with marks."""
WIDEST = 0.9
"""Which part of the picture's width a line may take."""
LONGEST = 600
"""Characters of a cue; what is beyond cannot be read anyway."""
MOST_AT_ONCE = 4
"""Cues that are shown together."""
SMALLEST = 6.0
"""Pixels; smaller letters are none."""
OF_LINE = 1.0
"""Size of letters as a share of the height of the line that they take the place of."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cue that has a place of its own: that of a text that was there before."""

    cue: Cue
    centre_y: float | None = None
    """Of its middle, 0 to 1 from the top of the upright picture; None: where the style says."""
    line_height: float | None = None
    """Of one line from the top of its letters to the bottom, as a share of the picture's height; None: as the style says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line in one font."""

    face: int
    """Place of its font."""
    x: float
    """Its left edge, in pixels of the upright picture."""
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text."""

    baseline: float
    """Pixels from the top."""
    size: float
    """Pixels."""
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of a cue."""

    lines: tuple[Line, ...]
    box: tuple[float, float, float, float]
    """Left, top, right, bottom of the room that the lines take, without outline and shadow."""

    def dump(self) -> Json:
        """As JSON, for `load`."""
        return asdict(self)

    @staticmethod
    def load(value: Json) -> "Block":
        """From what `dump` gave."""
        lines = tuple(
            Line(line["baseline"], line["size"], tuple(Piece(**piece) for piece in line["pieces"]))
            for line in value["lines"]
        )
        left, top, right, bottom = value["box"]
        return Block(lines, (left, top, right, bottom))


@dataclass(frozen=True, slots=True)
class Scene:
    """Some time in which the same texts are shown."""

    begin: float
    """Seconds from the start of the file."""
    end: float
    blocks: tuple[int, ...]
    """Numbers of the blocks."""


@dataclass(frozen=True, slots=True)
class Setting:
    """All that is shown."""

    blocks: tuple[Block, ...]
    scenes: tuple[Scene, ...]
    """In order, none touching another in time but at its ends."""
    warnings: tuple[Text, ...]
    """What could not be shown."""
    refitted: int
    """Cues that were wider than the picture, and were wrapped or set smaller."""


class Setter:
    """Sets cues into a picture of one size, in one style."""

    def __init__(self, style: Style, fonts: Fonts, size: tuple[int, int]) -> None:
        """`size` is width and height of the upright picture in square pixels."""
        self._style, self._fonts = style, fonts
        self._width, self._height = size
        self._changed = self._cut = self._crowded = 0

    def set(self, cues: Sequence[Placed]) -> Setting:
        """Where everything goes; cues in any order."""
        blocks: list[Block] = []
        spans: list[tuple[float, float]] = []
        shown: list[int] = []
        for placed in sorted(cues, key=lambda each: each.cue.start):
            cue = placed.cue
            shown = [number for number in shown if spans[number][1] > cue.start]
            if cue.end <= cue.start:
                continue
            if len(shown) >= MOST_AT_ONCE:
                self._crowded += 1
                continue
            block = self._block(placed, [blocks[number] for number in shown])
            if block is not None:
                shown.append(len(blocks))
                blocks.append(block)
                spans.append((cue.start, cue.end))
        return Setting(tuple(blocks), tuple(scenes(spans)), tuple(self._warnings()), self._changed)

    def _block(self, placed: Placed, around: Sequence[Block]) -> Block | None:
        given = placed.cue.lines
        if sum(map(len, given)) > LONGEST:
            self._cut += 1
            given = (" ".join(line[:LONGEST] for line in given[:LONGEST])[:LONGEST],)
        lines = [line for line in map(plain, given) if self._fonts.runs(line)]
        if not lines:
            return None
        size = self._size(placed)
        room = max(size, self._width * WIDEST - 2 * abs(self._style.across(self._style.x, self._width)))
        wrapped, share = wrapping.fitted(lines, room, lambda line: self._measure(line, size))
        self._changed += wrapped != lines or share < 1
        size = self._narrowed(wrapped, size * share, room)
        height = self._advance(size) * (len(wrapped) - 1) + (ASCENT + DESCENT) * size
        top = self._top(placed, height)
        return self._lined(wrapped, size, self._free(top, height, around))

    def _narrowed(self, lines: Sequence[str], size: float, room: float) -> float:
        """A size in which the lines go into `room`: letters are fitted to pixels, so that small ones are wider than they
        should be."""
        for _ in range(4):
            widest = max(self._measure(line, size) for line in lines)
            if widest <= room:
                break
            size *= 0.99 * room / widest
        return size

    def _size(self, placed: Placed) -> float:
        if placed.line_height is not None:
            return max(SMALLEST, placed.line_height * OF_LINE * self._height)
        size = self._style.down(self._style.size, self._height)
        if self._style.upright_size and self._width < self._height:
            size *= self._width * WIDEST / self._height
        return max(SMALLEST, min(size, self._height / 2))

    def _top(self, placed: Placed, height: float) -> float:
        """Upper edge of a block, in the picture."""
        place = self._height - self._style.down(self._style.y, self._height)
        top = place if self._style.top else place - height
        if placed.centre_y is not None:
            top = placed.centre_y * self._height - height / 2
        return max(0.0, min(top, self._height - height))

    def _free(self, top: float, height: float, around: Sequence[Block]) -> tuple[float, float]:
        """Top and height of a place near `top` where nothing else is, above if there is room."""
        for _ in around:
            hit = [block.box for block in around if block.box[1] < top + height and block.box[3] > top]
            if not hit:
                break
            above = min(box[1] for box in hit) - height
            below = max(box[3] for box in hit)
            down = self._style.top or above < 0
            top = below if down and below + height <= self._height else max(0.0, above)
        return top, height

    def _lined(self, lines: Sequence[str], size: float, place: tuple[float, float]) -> Block:
        top, height = place
        middle = self._width / 2 + self._style.across(self._style.x, self._width)
        done: list[Line] = []
        widest = 0.0
        for number, text in enumerate(lines):
            width = self._measure(text, size)
            widest = max(widest, width)
            x = middle - width / 2
            pieces = []
            for run in self._fonts.runs(text):
                pieces.append(Piece(run.face, x, run.text))
                x += self._fonts.font(run.face, size).getlength(run.text)
            done.append(Line(top + ASCENT * size + number * self._advance(size), size, tuple(pieces)))
        return Block(tuple(done), (middle - widest / 2, top, middle + widest / 2, top + height))

    def _advance(self, size: float) -> float:
        return (ASCENT + DESCENT) * size + self._style.down(self._style.spacing, self._height)

    def _measure(self, line: str, size: float) -> float:
        runs = self._fonts.runs(line)
        return sum(self._fonts.font(run.face, size).getlength(run.text) for run in runs)

    def _warnings(self) -> list[Text]:
        told = []
        if self._cut:
            told.append(
                Text(
                    f"{self._cut} cues have more than {LONGEST} characters, and were cut off",
                    f"{self._cut} 条字幕超过 {LONGEST} 个字符,已截断",
                )
            )
        if self._crowded:
            told.append(
                Text(
                    f"{self._crowded} cues are left out: more than {MOST_AT_ONCE} at the same time",
                    f"同一时刻超过 {MOST_AT_ONCE} 条字幕,略去 {self._crowded} 条",
                )
            )
        return told


def scenes(spans: Sequence[tuple[float, float]]) -> list[Scene]:
    """Stretches of time with the same blocks; `spans` are begin and end of each block by its number, begins ascending."""
    edges: list[tuple[float, bool, int]] = []
    for number, (begin, end) in enumerate(spans):
        edges += [(begin, True, number), (end, False, number)]
    found: list[Scene] = []
    shown: dict[int, Any] = {}
    since = 0.0
    for time, comes, number in sorted(edges):
        if shown and time > since:
            found.append(Scene(since, time, tuple(shown)))
        since = time
        if comes:
            shown[number] = None
        else:
            del shown[number]
    return found
