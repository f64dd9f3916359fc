"""What is burned into the clips of the erase bench? Subtitles in several styles and logos, by seed, as ASS scripts."""

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

FONT = "Noto Sans CJK SC"

ENGLISH = (
    "The quick brown fox jumps over it",
    "We should leave before the storm",
    "I never said that to anybody",
    "Where were you last night, John?",
    "It was the best of times",
    "Nobody expects what comes next",
    "Give me the keys and the map",
    "All right, one more time then",
)
CHINESE = (
    "今天的天气真是太好了我们出去走走吧",
    "你知道他昨天晚上去了哪里吗",
    "这件事情我从来没有告诉过别人",
    "请大家注意安全不要靠近边缘",
    "明天早上八点我们在车站见面",
    "没有人知道接下来会发生什么",
    "快把地图和钥匙交给我",
    "好吧那我们就再试一次",
)
Effect = Literal["", "fade", "karaoke", "scroll"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a style of subtitles looks; colours are `&HAABBGGRR` as ASS writes them, sizes parts of the height."""

    language: Literal["en", "zh", "both"] = "en"
    colour: str = "&H00FFFFFF"
    outline_colour: str = "&H00000000"
    back_colour: str = "&H80000000"
    box: bool = False
    outline: float = 0.0028
    shadow: float = 0.0
    size: float = 0.062
    bold: bool = False
    top: bool = False
    lines: int = 1
    effect: Effect = ""


LOOKS = {
    "white-en": Look(),
    "white-zh": Look("zh", outline=0.0035, size=0.066),
    "yellow-shadow": Look(colour="&H0000E0FF", outline=0.002, shadow=0.003, bold=True),
    "thin-shadow-zh": Look("zh", back_colour="&H60000000", outline=0.001, shadow=0.003, size=0.058),
    "glass-box-zh": Look("zh", outline_colour="&H80000000", box=True, outline=0.006),
    "solid-box": Look(outline_colour="&H00000000", box=True, outline=0.006, size=0.055),
    "cyan-small": Look(colour="&H00FFE060", outline_colour="&H00202020", outline=0.002, size=0.048),
    "two-lines": Look("both", outline=0.003, size=0.055, lines=2),
    "top-zh": Look("zh", outline=0.0035, top=True),
    "fade-en": Look(effect="fade"),
    "karaoke-zh": Look("zh", outline=0.003, effect="karaoke"),
    "scroll-zh": Look("zh", outline=0.003, size=0.055, effect="scroll"),
}
HELD_LOOKS = {
    "pink-thick-zh": Look(
        "zh", colour="&H00C080FF", outline_colour="&H00502080", outline=0.005, size=0.07, bold=True
    ),
    "grey-soft": Look(
        colour="&H00D8D8D8", outline_colour="&H00404040", outline=0.0016, shadow=0.0022, size=0.052
    ),
    "green-box": Look(colour="&H0060FF80", outline_colour="&H60200000", box=True, outline=0.005, size=0.05),
}
"""Kept out of all tuning: measure with them, never look for what would make them better."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How a logo looks and where it goes."""

    opacity: float
    path: Literal["static", "corners", "slide"] = "static"
    colour: str = "&H00FFFFFF"
    badge: bool = False
    """Whether a coloured shape stands before the name."""
    size: float = 0.075


MARKS = {
    "glass-30": Mark(0.3),
    "glass-60": Mark(0.6),
    "glass-badge-45": Mark(0.45, badge=True),
    "opaque": Mark(1.0, badge=True),
    "glass-corners": Mark(0.6, "corners"),
    "opaque-corners": Mark(1.0, "corners"),
    "opaque-slide": Mark(1.0, "slide", badge=True),
}
HELD_MARKS = {"tint-40": Mark(0.4, colour="&H0040C0FF")}
"""Kept out of all tuning."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Something burned in: a line of subtitles, or a logo while it stands still."""

    first: int
    """Number of the first frame that shows it."""
    last: int
    """Number of the last frame that shows it."""
    text: str

    def json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Stage:
    """The clip that is burned into."""

    width: int
    height: int
    rate: float
    """Frames per second."""
    frames: int


def subtitles(look: Look, stage: Stage, seed: int) -> tuple[str, list[Cue]]:
    """An ASS script of cues of 1 to 2.6 seconds, some of them with a gap between, and the cues."""
    rng = random.Random(seed)
    size = max(14, round(look.size * rng.uniform(0.92, 1.08) * stage.height))
    texts = list(_texts(look, int(0.9 * stage.width / size), rng))
    cues: list[Cue] = []
    first = rng.randint(6, 14)
    while first + 0.6 * stage.rate < stage.frames:
        last = min(first + round(rng.uniform(1.0, 2.6) * stage.rate), stage.frames - rng.randint(1, 4))
        cues.append(Cue(first, last, texts[len(cues) % len(texts)]))
        first = last + 1 + (rng.randint(3, 12) if rng.random() < 0.5 else 0)
    lines = [_dialogue(cue, stage, _effect(look, stage) + _line(look, cue)) for cue in cues]
    return _script(look, stage, size, lines), cues


def logo(mark: Mark, stage: Stage, seed: int) -> tuple[str, list[Cue]]:
    """An ASS script of one logo over the whole clip, and the stretches in which it keeps its place or way."""
    rng = random.Random(seed)
    size = max(14, round(mark.size * stage.height))
    name = rng.choice(("ACME TV", "卫视高清", "NOVA 24", "OpenCam"))
    wide = round(size * (3.6 + 1.2 * mark.badge))
    margin = round(0.05 * stage.height)
    right, low = stage.width - wide - margin, stage.height - margin - round(1.4 * size)
    corners = [(right, margin), (margin, margin), (margin, low), (right, low)]
    spell = stage.frames if mark.path != "corners" else max(1, round(1.5 * stage.rate))
    cues, lines = [], []
    for turn, first in enumerate(range(0, stage.frames, spell)):
        cue = Cue(first, min(first + spell, stage.frames) - 1, name)
        x, y = corners[turn % 4]
        way = f"\\pos({x},{y})" if mark.path != "slide" else f"\\move({right},{margin},{margin},{margin})"
        cues.append(cue)
        lines += [_dialogue(cue, stage, text) for text in _drawn(mark, way, name, size)]
    look = Look(colour=mark.colour, outline=0, shadow=0, bold=True)
    return _script(look, stage, size, lines), cues


def _drawn(mark: Mark, way: str, name: str, size: int) -> Iterator[str]:
    alpha = f"\\alpha&H{round(255 * (1 - mark.opacity)):02X}&"
    if not mark.badge:
        yield f"{{\\an7{way}{alpha}}}{name}"
        return
    # One event: the shape is drawn, then the name beside it, so that both move together.
    edge = round(0.8 * size)
    shape = f"m 0 0 l {edge} 0 {edge} {edge} 0 {edge}"
    yield f"{{\\an7{way}{alpha}\\1c&H3030E0&\\p1}}{shape}{{\\p0\\1c&HFFFFFF&}} {name}"


def _texts(look: Look, room: int, rng: random.Random) -> Iterator[str]:
    """Texts that fit a line of `room` times the height of a letter."""
    english = rng.sample([_fit(text, int(room / 0.52)) for text in ENGLISH], len(ENGLISH))
    chinese = rng.sample([text[: max(4, room)] for text in CHINESE], len(CHINESE))
    if look.language == "both":
        yield from (f"{zh}\n{en}" for zh, en in zip(chinese, english, strict=True))
        return
    yield from chinese if look.language == "zh" else english


def _fit(text: str, letters: int) -> str:
    while len(text) > letters and " " in text:
        text = text.rpartition(" ")[0]
    return text


def _line(look: Look, cue: Cue) -> str:
    if look.effect != "karaoke":
        return cue.text.replace("\n", "\\N")
    each = round(100 / len(cue.text))  # hundredths of a second; the filling runs through in about a second
    return "".join(f"{{\\kf{each}}}{letter}" for letter in cue.text)


def _effect(look: Look, stage: Stage) -> str:
    if look.effect == "fade":
        return "{\\fad(240,240)}"
    if look.effect == "scroll":
        y, far = round(0.93 * stage.height), round(0.12 * stage.width)
        middle = stage.width // 2
        return f"{{\\an2\\move({middle + far},{y},{middle - far},{y})}}"
    return ""


def _dialogue(cue: Cue, stage: Stage, text: str) -> str:
    # Half a frame early, so that rounding to hundredths of a second never shifts a cue by a frame.
    begin, end = ((frame - 0.5) / stage.rate for frame in (cue.first, cue.last + 1))
    return f"Dialogue: 0,{_time(max(0.0, begin))},{_time(end)},S,,0,0,0,,{text}"


def _time(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{seconds % 60:05.2f}"


def _script(look: Look, stage: Stage, size: int, lines: list[str]) -> str:
    border, bold = (3 if look.box else 1), (-1 if look.bold else 0)
    outline, shadow = (round(part * stage.height, 1) for part in (look.outline, look.shadow))
    margin = round(0.05 * stage.height)
    style = (
        f"Style: S,{FONT},{size},{look.colour},&H00808080,{look.outline_colour},{look.back_colour},{bold},0,0,0,"
        f"100,100,0,0,{border},{outline},{shadow},{8 if look.top else 2},10,10,{margin},1"
    )
    return "\n".join(
        (
            "[Script Info]",
            "ScriptType: v4.00+",
            f"PlayResX: {stage.width}",
            f"PlayResY: {stage.height}",
            "[V4+ Styles]",
            "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
            "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, "
            "MarginL, MarginR, MarginV, Encoding",
            style,
            "[Events]",
            "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
            *lines,
            "",
        )
    )
