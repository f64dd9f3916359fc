"""What does a burnt-in subtitle look like? The style, and how an MPSSubtitleEmbedConfig says it.

The meaning and the defaults of the fields are those that the vendor's SDK documents at `MPSSubtitleEmbedConfig` and, where
that is silent, at the media-processing API's `SubtitleTemplate`: the origin is the middle of the picture's lower edge,
and the point that is placed is the middle of the lower edge of the text, or of the board.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from openvod.core.models import Json
from openvod.core.texts import Text

Colour = tuple[int, int, int]
"""Red, green, blue in sRGB, 0 to 255."""

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
SHARE_UNIT = 1
"""Of the fields `…Unit`: percent; 0 is pixels."""
_COLOUR = re.compile(r"(?:0[xX]|#)?([0-9A-Fa-f]{6})")
_BOLD = ("msyhbd", "dinalternate", "trajanpro", "helveticains", "bold")
"""Parts of the documented names of fonts that are heavy."""


@dataclass(frozen=True, slots=True)
class Length:
    """A distance in the picture."""

    value: float
    unit: Literal["pixel", "share"] = "share"
    """`share`: `value` is 0 to 1 of the picture's width or height, whichever the distance is measured along."""

    def of(self, side: int, sample: int) -> float:
        """In pixels of a picture with this side; pixels are of a picture whose side is `sample`, of this one where it is 0."""
        if self.unit == "share":
            return self.value * side
        return self.value * side / sample if sample else self.value


@dataclass(frozen=True, slots=True)
class Edge:
    """An outline, or a shadow that falls to the lower right."""

    width: Length
    colour: Colour = BLACK
    alpha: float = 1.0
    soft: Length = Length(0)
    """Of a shadow: standard deviation of its blur."""


@dataclass(frozen=True, slots=True)
class Board:
    """A rectangle behind the text, which has its own place and size."""

    x: Length = Length(0)
    y: Length = Length(0)
    width: Length = Length(0.9)
    height: Length = Length(0.15)
    colour: Colour = BLACK
    alpha: float = 0.8


@dataclass(frozen=True, slots=True)
class Style:
    """How subtitles look. The defaults are for reading at ease on any picture."""

    font: str = ""
    """Name of a font, as a file of the model folder's `fonts` or one of the documented names; empty: chosen by the text."""
    font_file: str = ""
    """Name of a font in the job's folder, fetched from the template's FontPath; goes before `font`."""
    bold: bool = False
    size: Length = Length(0.053)
    """Of the em square, a share of the picture's height."""
    upright_size: bool = True
    """Whether `size` is cut down in pictures that are higher than wide, where a line would not fit otherwise."""
    colour: Colour = WHITE
    alpha: float = 1.0
    x: Length = Length(0)
    """From the picture's middle, to the right."""
    y: Length = Length(0.05)
    """Of the text's lower edge, from the picture's lower edge."""
    outline: Edge | None = Edge(Length(0.0036), (16, 16, 16))
    shadow: Edge | None = Edge(Length(0.002), BLACK, 0.6, Length(0.003))
    board: Board | None = None
    spacing: Length = Length(0)
    """Between lines, on top of what the letters need."""
    top: bool = False
    """Whether the text's upper edge, and not the lower one, is what `y` places."""
    sample: tuple[int, int] = (0, 0)
    """Size of the picture that lengths in pixels are of; zeros: of the one that is burnt into."""

    def across(self, length: Length, width: int) -> float:
        """Pixels along the width of a picture of `width`."""
        return length.of(width, self.sample[0])

    def down(self, length: Length, height: int) -> float:
        """Pixels along the height of a picture of `height`."""
        return length.of(height, self.sample[1])


class _Reader:
    """Takes fields, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.warnings: list[Text] = []

    def number(self, holder: Json, name: str, low: float, high: float) -> float | None:
        """None for a field that is absent, or is no number."""
        value = holder.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(name)
            return None
        if not low <= value <= high:
            self._wrong(name)
        return float(min(high, max(low, value)))

    def length(self, holder: Json, name: str, otherwise: Length, low: float = 0) -> Length:
        """A number and its unit."""
        percent = holder.get(f"{name}Unit") == SHARE_UNIT
        value = self.number(holder, name, max(low, -100) if percent else low, 100 if percent else 4096)
        if value is None:
            return otherwise
        return Length(value / 100, "share") if percent else Length(value, "pixel")

    def colour(self, holder: Json, name: str, otherwise: Colour) -> Colour:
        """`0xRRGGBB`, or its digits alone."""
        value = holder.get(name)
        if not value:
            return otherwise
        found = _COLOUR.fullmatch(str(value))
        if found is None:
            self._wrong(name)
            return otherwise
        red, green, blue = bytes.fromhex(found[1])
        return red, green, blue

    def alpha(self, holder: Json, name: str, otherwise: float = 1.0) -> float:
        """0 is invisible, 1 hides what is behind."""
        value = self.number(holder, name, 0, 1)
        return otherwise if value is None else value

    def part(self, config: Json, name: str) -> Json | None:
        """A structure whose switch is on."""
        value: Any = config.get(name)
        return value if isinstance(value, dict) and value.get(f"{name}Switch") == 1 else None

    def _wrong(self, name: str) -> None:
        self.warnings.append(
            Text(f"{name} of the template is out of its range", f"模板的 {name} 超出取值范围")
        )


def of_template(config: Json, font_file: str = "") -> tuple[Style, list[Text]]:
    """The style that an MPSSubtitleEmbedConfig describes, and what of it cannot be done.

    `font_file` is the name of a file in the job's folder, where the client's FontPath was fetched to; empty when it was
    not. FontPath itself is a URL of the client's, and never opened here.
    """
    read = _Reader()
    if config.get("FontPath") and not font_file:
        read.warnings.append(
            Text("FontPath was not fetched; FontType is used", "未获取 FontPath 字体,改用 FontType")
        )
    name = str(config.get("FontType") or "")
    layout = read.part(config, "SubtitleLayoutConfig") or {}
    size = read.length(config, "FontSize", Length(0.05))
    style = Style(
        font="" if name == "auto" else name,
        font_file=font_file,
        bold=any(part in name.lower() for part in _BOLD),
        size=size if size.value > 0 else Length(0.05),
        upright_size=False,
        colour=read.colour(config, "FontColor", WHITE),
        alpha=read.alpha(config, "FontAlpha"),
        x=read.length(config, "PosX", Length(0), -4096),
        y=read.length(config, "PosY", Length(0.04)),
        outline=_edge(read, read.part(config, "SubtitleOutlineConfig"), "Outline", Length(0.003)),
        shadow=_edge(read, read.part(config, "SubtitleShadowConfig"), "Shadow", Length(0)),
        board=_board(read, read.part(config, "SubtitleBoardConfig")),
        spacing=read.length(layout, "LineSpacing", Length(0)),
        top=layout.get("Alignment") == "top",
        sample=(_side(read, config, "SampleWidth"), _side(read, config, "SampleHeight")),
    )
    return style, read.warnings


def _edge(read: _Reader, config: Json | None, name: str, otherwise: Length) -> Edge | None:
    if config is None:
        return None
    width = read.length(config, f"{name}Width", otherwise)
    if not width.value:
        return None
    return Edge(width, read.colour(config, f"{name}Color", BLACK), read.alpha(config, f"{name}Alpha"))


def _board(read: _Reader, config: Json | None) -> Board | None:
    """Without BoardY there is none, as documented."""
    if config is None:
        return None
    if config.get("BoardY") is None:
        read.warnings.append(
            Text("the template has no BoardY, so there is no board", "模板未设置 BoardY,不绘制底板")
        )
        return None
    return Board(
        x=read.length(config, "BoardX", Length(0), -4096),
        y=read.length(config, "BoardY", Length(0)),
        width=read.length(config, "BoardWidth", Length(0.9)),
        height=read.length(config, "BoardHeight", Length(0.15)),
        colour=read.colour(config, "BoardColor", BLACK),
        alpha=read.alpha(config, "BoardAlpha", 0.8),
    )


def _side(read: _Reader, config: Json, name: str) -> int:
    return int(read.number(config, name, 0, 1 << 16) or 0)


def dump(style: Style) -> Json:
    """As JSON, for `load`."""
    return asdict(style)


def load(value: Json) -> Style:
    """From what `dump` gave."""
    plain = dict(value)
    for name in ("size", "x", "y", "spacing"):
        plain[name] = Length(**value[name])
    for name in ("outline", "shadow"):
        edge = value[name]
        if edge is not None:
            lengths = {"width": Length(**edge["width"]), "soft": Length(**edge["soft"])}
            plain[name] = Edge(**{**edge, **lengths, "colour": _triple(edge["colour"])})
    board = value["board"]
    if board is not None:
        lengths = {name: Length(**board[name]) for name in ("x", "y", "width", "height")}
        plain["board"] = Board(**{**board, **lengths, "colour": _triple(board["colour"])})
    plain["colour"], plain["sample"] = _triple(value["colour"]), tuple(value["sample"])
    return Style(**plain)


def _triple(value: list[int]) -> Colour:
    red, green, blue = value
    return red, green, blue
