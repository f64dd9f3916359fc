"""What does a description look like as a mind map? A picture: the title, its chapters with their times, what each says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from openvod.engines.analysis.descriptions.description import Description, Part
from openvod.engines.burn import fonts
from openvod.engines.burn.fonts import Fonts
from openvod.engines.burn.style import Style
from openvod.engines.burn.wrapping import tokens

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

FILE = "mindmap.png"
MOST_CHAPTERS = 40
MOST_LEAVES = 4
"""Of a chapter."""
SIZE = 22.0
"""Pixels of the em square."""
LINE = 30
COLUMNS = ((30, 300), (410, 380), (870, 700))
"""Left edge and width in pixels of title, chapters and what they say."""
GAP = 26
"""Pixels between chapters."""
MARGIN = 40
MOST_LINES = 4
INK, GROUND = (32, 36, 44), (255, 255, 255)
COLOURS = ((66, 99, 235), (18, 135, 96), (201, 92, 16), (148, 61, 178), (190, 40, 80), (20, 120, 160))
"""Of the chapters, one after the other; dark enough on white."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of text in one place."""

    x: int
    y: int
    lines: tuple[str, ...]

    @property
    def middle(self) -> float:
        """Of its height."""
        return self.y + len(self.lines) * LINE / 2


@dataclass(frozen=True, slots=True)
class _Branch:
    """A chapter and what it says."""

    head: _Block
    leaves: tuple[_Block, ...]


def draw(description: Description, models: Path, folder: Path) -> tuple[str, ...]:
    """Write the picture FILE into the job's folder; what was left out of it, for the operator's eyes.

    Raises TaskFault when no font has the letters, naming the model that does.
    """
    from PIL import Image, ImageDraw  # noqa: PLC0415 - only in media processes

    parts = description.parts[:MOST_CHAPTERS]
    texts = [description.title, *(text for part in parts for text in (_head(part), *_leaves(part)))]
    choice = fonts.choose(models, folder, Style(), texts)
    branches, height = _laid_out(parts, choice.fonts)
    root = _wrapped(description.title, COLUMNS[0][1], choice.fonts)
    middle = round(height / 2 - len(root) * LINE / 2)
    sheet = Image.new("RGB", (COLUMNS[2][0] + COLUMNS[2][1] + MARGIN, height), GROUND)
    pen = ImageDraw.Draw(sheet)
    _paint(pen, _Block(COLUMNS[0][0], max(MARGIN, middle), root), branches, choice.fonts)
    sheet.save(folder / FILE, "PNG")
    left = len(description.parts) - len(parts)
    more = [f"mind map: {left} chapters are left out"] if left else []
    return (*(text.en for text in choice.warnings), *more)


def _head(part: Part) -> str:
    return f"{_clock(part.start)}  {part.title}".strip()


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _leaves(part: Part) -> list[str]:
    words = " · ".join(each.phrase for each in part.keywords)
    return [text for text in (*(each.text for each in part.summary[: MOST_LEAVES - 1]), words) if text]


def _laid_out(parts: Sequence[Part], letters: Fonts) -> tuple[list[_Branch], int]:
    """Where everything lies, and how high the picture is."""
    y = MARGIN
    branches = []
    for part in parts:
        top = y
        leaves = []
        for text in _leaves(part):
            lines = _wrapped(text, COLUMNS[2][1], letters)
            leaves.append(_Block(COLUMNS[2][0], y, lines))
            y += len(lines) * LINE + 6
        head = _wrapped(_head(part), COLUMNS[1][1], letters)
        y = max(y, top + len(head) * LINE)
        at = round((top + y) / 2 - len(head) * LINE / 2)
        branches.append(_Branch(_Block(COLUMNS[1][0], at, head), tuple(leaves)))
        y += GAP
    return branches, max(y - GAP + MARGIN, 2 * MARGIN + MOST_LINES * LINE)


def _wrapped(text: str, width: int, letters: Fonts) -> tuple[str, ...]:
    """A text in lines no wider than `width` pixels; what does not go into MOST_LINES ends with `…`."""
    lines, line = [], ""
    for token in tokens(text):
        if line and _width(line + token, letters) > width:
            lines.append(line.strip())
            line = token.lstrip()
        else:
            line += token
    lines.append(line.strip())
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1].rstrip() + "…")


def _width(text: str, letters: Fonts) -> float:
    return sum(letters.font(run.face, SIZE).getlength(run.text) for run in letters.runs(text))


def _paint(pen: "ImageDraw", root: _Block, branches: Sequence[_Branch], letters: Fonts) -> None:
    right = COLUMNS[0][0] + COLUMNS[0][1] + 20
    for number, branch in enumerate(branches):
        colour = COLOURS[number % len(COLOURS)]
        _curve(pen, (right, root.middle), (branch.head.x - 12, branch.head.middle), colour)
        end = COLUMNS[1][0] + COLUMNS[1][1] + 10
        for leaf in branch.leaves:
            _curve(pen, (end, branch.head.middle), (leaf.x - 12, leaf.middle), colour)
            _write(pen, leaf, INK, letters)
        _write(pen, branch.head, colour, letters)
    box = (root.x - 12, root.y - 10, right, root.y + len(root.lines) * LINE + 8)
    pen.rounded_rectangle(box, 10, outline=INK, width=3)
    _write(pen, root, INK, letters)


def _curve(
    pen: "ImageDraw", one: tuple[float, float], other: tuple[float, float], colour: tuple[int, int, int]
) -> None:
    """An S from left to right."""
    pen.line([*_points(one, other)], fill=colour, width=2, joint="curve")


def _points(one: tuple[float, float], other: tuple[float, float]) -> Iterator[tuple[float, float]]:
    for step in range(25):
        share = step / 24
        ease = share * share * (3 - 2 * share)
        yield one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * ease


def _write(pen: "ImageDraw", block: _Block, colour: tuple[int, int, int], letters: Fonts) -> None:
    for number, line in enumerate(block.lines):
        x = float(block.x)
        for run in letters.runs(line):
            font = letters.font(run.face, SIZE)
            pen.text((x, block.y + number * LINE + 22), run.text, fill=colour, font=font, anchor="ls")
            x += font.getlength(run.text)
