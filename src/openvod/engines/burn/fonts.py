"""Which font has which letter? Fonts at hand in order of preference, and the pieces of a line that each of them sets.

Nothing of the operating system is asked: fonts are models, files that the operator has put into the model folder's `fonts`,
one that the worker has fetched for a job, and the one that Pillow carries (Aileron, CC0, for little more than ASCII).
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from openvod.core.errors import TaskFault
from openvod.core.texts import Text
from openvod.engines import catalog
from openvod.engines.burn.style import Style

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

BURNING = Text("burning in these subtitles", "压制这些字幕")
LATIN, CJK = "source-sans", "noto-sans-cjk"
"""Models."""
FOLDER = "fonts"
"""The operator's own, in the model folder."""
SUFFIXES = (".ttf", ".otf", ".ttc")
JAPANESE, KOREAN, CHINESE, TAIWANESE = 0, 1, 2, 3
"""Places in the collection of Noto Sans CJK."""
CJK_BOLDER = 0.012
"""Noto Sans CJK is at hand in its regular weight only, which is thin beside the others; a share of the size."""
BOLDER = 0.018
MOST_LACKING = 0.1
"""Which part of the letters may be left out with no more than a warning."""
OF_NOTO = ("hei", "msyh", "notosans", "gothica1", "korean", "japanese", "simhei")
OF_SANS = ("arial", "roboto", "helvetica", "dinalternate", "source", "trajanpro")
"""Beginnings of the documented names that the fonts at hand stand in for without a word."""
PROBE = 24
"""Pixels; big enough to tell letters apart."""
NOWHERE = "\U0010fffe"
"""No font has it: what is drawn in its place is drawn for all that are missing."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font at hand."""

    path: str
    """Empty for the one that Pillow carries."""
    index: int = 0
    """Place in a collection."""
    bolder: float = 0.0
    """By how much its strokes are thickened on each side, as a share of the size."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one font."""

    face: int
    text: str


class Fonts:
    """Fonts in order of preference."""

    def __init__(self, faces: Sequence[Face]) -> None:
        self.faces = tuple(faces)
        self._sized: dict[tuple[int, float], FreeTypeFont] = {}
        self._missing: dict[int, bytes] = {}
        self._found: dict[tuple[str, bool], int | None] = {}

    def font(self, face: int, size: float) -> "FreeTypeFont":
        """The loaded font; `size` in pixels. Raises TaskFault when it is none."""
        key = face, round(size, 2)
        if key not in self._sized:
            self._sized[key] = _load(self.faces[face], key[1])
        return self._sized[key]

    def runs(self, line: str) -> list[Run]:
        """A line cut into pieces; what no font has is left out."""
        chinese = any(is_cjk(sign) for sign in line)
        pieces: list[Run] = []
        for sign in line:
            face = self._face(sign, chinese)
            if face is None:
                continue
            if _is_joined(sign) and pieces:
                face = pieces[-1].face
            if pieces and pieces[-1].face == face:
                pieces[-1] = Run(face, pieces[-1].text + sign)
            else:
                pieces.append(Run(face, sign))
        return pieces

    def lacking(self, text: Iterable[str]) -> set[str]:
        """The characters that no font has."""
        return {sign for sign in set(text) if self._face(sign, False) is None}

    def _face(self, sign: str, chinese: bool) -> int | None:
        """Lines with Chinese signs are all in the font that has these, where there is a choice."""
        key = sign, chinese
        if key not in self._found:
            order: list[int] = list(range(len(self.faces)))
            if chinese:
                order.sort(key=lambda place: CJK not in self.faces[place].path)
            self._found[key] = next((place for place in order if self._has(place, sign)), None)
        return self._found[key]

    def _has(self, face: int, sign: str) -> bool:
        if _is_joined(sign) or sign.isspace():
            return True
        font = self.font(face, PROBE)
        if face not in self._missing:
            self._missing[face] = bytes(font.getmask(NOWHERE))
        return bytes(font.getmask(sign)) != self._missing[face]


@dataclass(frozen=True, slots=True)
class Choice:
    """The fonts for some texts."""

    fonts: Fonts
    warnings: tuple[Text, ...]


def choose(models: Path, folder: Path, style: Style, texts: Sequence[str]) -> Choice:
    """Fonts for these lines. `models` is the model folder, `folder` the job's.

    Raises TaskFault `InvalidInput.ConfigurationUnsupported` when letters are in no font, naming the model that has them.
    """
    shelf = _Shelf(models, folder, style, texts)
    fonts = Fonts(shelf.faces())
    signs = [sign for text in texts for sign in text if not sign.isspace()]
    if any(_is_shaped(sign) for sign in set(signs)) and not _shapes():
        raise TaskFault("InvalidInput.ConfigurationUnsupported/shaping")
    lacking = fonts.lacking(signs)
    _demand(lacking, models)
    if lacking:
        shown = "".join(sorted(lacking))[:60]
        if sum(sign in lacking for sign in signs) > MOST_LACKING * len(signs):
            raise TaskFault("InvalidInput.ConfigurationUnsupported/font", signs=shown)
        left_out = Text(
            f"no font on this server has these characters, which are left out: {shown}",
            f"服务器上没有包含以下字符的字体,已略去:{shown}",
        )
        return Choice(fonts, (*shelf.warnings, left_out))
    return Choice(fonts, tuple(shelf.warnings))


class _Shelf:
    """What there is to choose from."""

    def __init__(self, models: Path, folder: Path, style: Style, texts: Sequence[str]) -> None:
        self._models, self._folder, self._style = models, folder, style
        self._texts = texts
        self.warnings: list[Text] = []

    def faces(self) -> list[Face]:
        """In order of preference."""
        bolder = BOLDER if self._style.bold else 0.0
        own = [Face(str(path.resolve()), 0, 0.0) for path in self._named()]
        weight = "Bold" if self._style.bold else "Semibold"
        latin = self._model(LATIN, f"SourceSansPro-{weight}.otf")
        found = [*own, *(Face(path, 0, 0.0) for path in latin)]
        cjk = self._model(CJK, "NotoSansCJK-Regular.ttc")
        found += [Face(path, self._place(), CJK_BOLDER + bolder) for path in cjk]
        found += [Face(str(path.resolve()), 0, bolder) for path in self._operators]
        return [*dict.fromkeys([*found, Face("", 0, BOLDER)])]

    @cached_property
    def _operators(self) -> list[Path]:
        folder = self._models / FOLDER
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)

    def _named(self) -> list[Path]:
        """The font that the style asks for by name or file."""
        found: list[Path] = []
        if self._style.font_file:
            found.append(self._folder / Path(self._style.font_file).name)
        name = self._style.font.lower()
        stem = name.removesuffix(".ttf")
        own = [path for path in self._operators if name and name in (path.name.lower(), path.stem.lower())]
        if name and not own and not found and not stem.startswith((*OF_NOTO, *OF_SANS)):
            self.warnings.append(
                Text(
                    f"the font {self._style.font} is not on this server; another one is used",
                    f"服务器上没有字体 {self._style.font},已改用其他字体",
                )
            )
        return [*found, *own]

    def _model(self, model: str, name: str) -> list[str]:
        path = self._models / model / name
        return [str(path.resolve())] if path.is_file() else []

    def _place(self) -> int:
        """Chinese, Japanese and Korean write some signs differently."""
        name = self._style.font.lower()
        told = {"tc": TAIWANESE, "kr": KOREAN, "jp": JAPANESE}
        for suffix, place in told.items():
            if name.removesuffix(".ttf").endswith(suffix):
                return place
        text = "".join(self._texts)
        if any("\u3041" <= sign <= "\u30ff" for sign in text):
            return JAPANESE
        if any("\uac00" <= sign <= "\ud7a3" for sign in text):
            return KOREAN
        return CHINESE


def _demand(lacking: Iterable[str], models: Path) -> None:
    """Raise the fault that names the model that would help."""
    for sign in sorted(lacking):
        model = CJK if is_cjk(sign) else LATIN if _is_european(sign) else ""
        for member in catalog.find(model).members if model else ():
            catalog.file(models, model, member.name, BURNING)


def is_cjk(sign: str) -> bool:
    """Whether it is a sign of Chinese, Japanese or Korean, or punctuation that only these have."""
    code = ord(sign)
    return (
        0x1100 <= code <= 0x11FF
        or 0x2E80 <= code <= 0x9FFF
        or 0xAC00 <= code <= 0xD7A3
        or 0xF900 <= code <= 0xFAFF
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x3FFFF
    )


def plain(line: str) -> str:
    """A line as it is set: letters and their marks as one, no control characters."""
    composed = unicodedata.normalize("NFC", line).replace("\t", " ")
    return "".join(sign for sign in composed if unicodedata.category(sign) not in ("Cc", "Cs")).strip()


def _is_european(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "L" and ord(sign) < 0x530


def _is_shaped(sign: str) -> bool:
    """Whether letters look otherwise beside others, or go from right to left: Hebrew, Arabic, the Indic scripts, Khmer."""
    code = ord(sign)
    indic = 0x0900 <= code <= 0x0DFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x17FF
    return indic or unicodedata.bidirectional(sign) in ("R", "AL")


def _shapes() -> bool:
    """Whether text layout is at hand: Pillow brings Raqm and HarfBuzz, and loads the system's FriBiDi for them."""
    from PIL import features  # noqa: PLC0415

    return bool(features.check("raqm"))


def _is_joined(sign: str) -> bool:
    """Marks go with what they stand on; invisible signs with what is around them."""
    return unicodedata.category(sign) in ("Mn", "Me", "Mc", "Cf")


def _load(face: Face, size: float) -> "FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415 - opens files that came from outside: in media processes only

    if not face.path:
        loaded = ImageFont.load_default(size)
        assert isinstance(loaded, ImageFont.FreeTypeFont)
        return loaded
    try:
        return ImageFont.truetype(face.path, size, face.index)
    except OSError as error:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/font-file", name=Path(face.path).name
        ) from error
