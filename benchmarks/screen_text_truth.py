"""What is written on the picture of a clip, and in which frames? Films with subtitles burned in by seed, and the truth.

A case is a film of 1280 x 720 (H.264 as a user would send in) and what it shows: cues with first and last frame, and
nothing else, though some have a logo, a clock, a ticker or a sign in the scene. Drawing is the work of the ffmpeg in
the wheel of imageio-ffmpeg (it has libass), run as a program of its own.
"""

import json
import random
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from benchmarks.erase_truth import quoted
from benchmarks.screen_text_words import CHINESE, ENGLISH, HELD_CHINESE, HELD_ENGLISH

FONT = "Noto Sans CJK SC"
WIDTH, HEIGHT, RATE = 1280, 720, 25
GROUNDS = (
    "mandelbrot=s=1280x720:r=25:maxiter=200",
    "life=s=320x180:r=25:mold=20:ratio=0.1:death_color=#204060:life_color=#80a040,scale=1280:720:flags=bicubic,boxblur=6",
)
"""Moving pictures that ffmpeg makes."""
Beside = Literal["", "logo", "clock", "ticker", "sign"]


@dataclass(frozen=True, slots=True)
class Look:
    """How subtitles look: colours `&HAABBGGRR` as ASS writes them, sizes as parts of the height."""

    language: Literal["en", "zh", "both"] = "en"
    colour: str = "&H00FFFFFF"
    outline_colour: str = "&H00000000"
    box: bool = False
    outline: float = 0.0028
    shadow: float = 0.0
    size: float = 0.058
    bold: bool = False
    top: bool = False
    lines: int = 1
    fade: int = 0
    """Milliseconds, in and out."""
    beside: Beside = ""
    """What else is on the picture and is no subtitle."""


LOOKS = {
    "white-en": Look(),
    "white-zh": Look("zh", outline=0.0035, size=0.064),
    "yellow-en": Look(colour="&H0000E0FF", outline=0.002, shadow=0.003, bold=True),
    "boxed-en": Look(outline_colour="&H00000000", box=True, outline=0.006, size=0.052),
    "boxed-zh": Look("zh", outline_colour="&H80000000", box=True, outline=0.006),
    "cyan-small-en": Look(colour="&H00FFE060", outline_colour="&H00202020", outline=0.002, size=0.044),
    "top-zh": Look("zh", outline=0.0035, top=True),
    "two-lines-en": Look(lines=2, size=0.052),
    "both": Look("both", outline=0.003, size=0.052),
    "fade-en": Look(fade=240),
    "fade-zh": Look("zh", outline=0.003, fade=320),
    "logo-zh": Look("zh", outline=0.003, beside="logo"),
    "clock-en": Look(beside="clock"),
    "ticker-zh": Look("zh", outline=0.003, beside="ticker"),
    "sign-en": Look(beside="sign"),
}
HELD_LOOKS = {
    "held-pink-zh": Look(
        "zh", colour="&H00C080FF", outline_colour="&H00502080", outline=0.005, size=0.068, bold=True
    ),
    "held-grey-en": Look(
        colour="&H00D8D8D8", outline_colour="&H00404040", outline=0.0016, shadow=0.0022, size=0.05
    ),
    "held-green-box-en": Look(
        colour="&H0060FF80", outline_colour="&H60200000", box=True, outline=0.005, size=0.048
    ),
    "held-fade-both": Look("both", outline=0.0025, size=0.05, fade=200),
    "held-orange-logo-zh": Look("zh", colour="&H0030A0FF", outline=0.003, size=0.06, beside="logo"),
}
"""With words and clips of their own seeds. Kept out of all tuning: measure with them, never look for what would make
them better."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle that was burned in."""

    first: int
    """Number of the first frame that shows it."""
    last: int
    """Number of the last frame that shows it."""
    text: str
    """Its lines, joined by line breaks."""


@dataclass(frozen=True, slots=True)
class Case:
    """A film and what is written on it."""

    name: str
    film: Path
    cues: tuple[Cue, ...]
    held: bool


def make(
    folder: Path, clips: list[Path], program: str, font: Path, seed: int, seconds: int
) -> Iterator[Case]:
    """Every look over one clip each, taken in turn; kept when they are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    grounds: list[Path | str] = [*clips, *GROUNDS]
    looks = [*((name, look, False) for name, look in LOOKS.items())]
    looks += [(name, look, True) for name, look in HELD_LOOKS.items()]
    for number, (name, look, held) in enumerate(looks):
        own = seed + 7 * number + (50_000 if held else 0)
        ground = grounds[(number + seed) % len(grounds)]
        yield _case(folder / f"{name}-{own}-{seconds}s", look, ground, own, (program, font, seconds, held))


def _case(stem: Path, look: Look, ground: Path | str, seed: int, how: tuple[str, Path, int, bool]) -> Case:
    program, font, seconds, held = how
    film, told = stem.with_suffix(".mp4"), stem.with_suffix(".json")
    if not told.exists():
        cues = list(_cues(look, random.Random(seed), seconds * RATE, held=held))
        script = stem.with_suffix(".ass")
        script.write_text(_script(look, cues, seconds))
        source = (
            ("-f", "lavfi", "-i", ground)
            if isinstance(ground, str)
            else ("-stream_loop", "-1", "-i", str(ground))
        )
        drawing = (
            f"fps={RATE},scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},"
            f"setsar=1,ass={quoted(script)}:fontsdir={quoted(font)}"
        )
        coder = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p", "-g", "250")
        command = [program, "-v", "error", "-nostdin", "-y", *source, "-an", "-t", str(seconds)]
        subprocess.run([*command, "-vf", drawing, *coder, str(film)], check=True, stdin=subprocess.DEVNULL)
        told.write_text(json.dumps([asdict(cue) for cue in cues], ensure_ascii=False))
    cues_told = tuple(Cue(**cue) for cue in json.loads(told.read_text()))
    return Case(stem.name, film, cues_told, held)


def _cues(look: Look, rng: random.Random, frames: int, *, held: bool) -> Iterator[Cue]:
    """Cues of 1 to 3 seconds, half of them with a gap between, some of them very short."""
    english = rng.sample(HELD_ENGLISH if held else ENGLISH, 20)
    chinese = rng.sample(HELD_CHINESE if held else CHINESE, 20)
    first, number = rng.randint(6, 14), 0
    while first + RATE < frames:
        last = min(first + round(rng.uniform(1.0, 3.0) * RATE), frames - rng.randint(1, 4))
        en, zh = english[number % 20], chinese[number % 20]
        if look.lines == 2:
            text = f"{en}\n{english[(number + 7) % 20]}" if number % 3 else en
        else:
            text = {"en": en, "zh": zh, "both": f"{zh}\n{en}"}[look.language]
        yield Cue(first, last, text)
        number += 1
        first = last + 1 + (rng.randint(3, 30) if rng.random() < 0.5 else 0)


def _script(look: Look, cues: list[Cue], seconds: int) -> str:
    size, border = round(look.size * HEIGHT), 3 if look.box else 1
    outline, shadow = (round(part * HEIGHT, 1) for part in (look.outline, look.shadow))
    style = (
        f"Style: S,{FONT},{size},{look.colour},&H0,{look.outline_colour},&H80000000,{-1 if look.bold else 0},0,0,0,"
        f"100,100,0,0,{border},{outline},{shadow},{8 if look.top else 2},10,10,36,1"
    )
    fade = f"{{\\fad({look.fade},{look.fade})}}" if look.fade else ""
    lines = [_dialogue(cue.first, cue.last, fade + cue.text.replace("\n", "\\N")) for cue in cues]
    return "\n".join(
        (
            f"[Script Info]\nScriptType: v4.00+\nPlayResX: {WIDTH}\nPlayResY: {HEIGHT}\n[V4+ Styles]",
            "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
            "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
            "MarginR, MarginV, Encoding",
            style,
            f"Style: B,{FONT},40,&H00FFFFFF,&H0,&H00000000,&H0,-1,0,0,0,100,100,0,0,1,1,0,7,10,10,10,1",
            "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
            *lines,
            *_beside(look.beside, seconds),
            "",
        )
    )


def _beside(what: Beside, seconds: int) -> Iterator[str]:
    """What is on the picture and is no subtitle."""
    last = seconds * RATE - 1
    if what == "logo":
        yield _dialogue(0, last, "{\\pos(1050,40)\\alpha&H40&}NOVA 24", "B")
    elif what == "clock":
        for second in range(seconds):
            shown = f"{{\\pos(60,40)}}14:{second // 60 + 7:02d}:{second % 60:02d}"
            yield _dialogue(second * RATE, second * RATE + RATE - 1, shown, "B")
    elif what == "ticker":
        news = "突发新闻:今天下午市中心举行了盛大的庆祝活动  交通部门提醒市民注意出行安全  明天多云转晴"
        for begin in range(0, seconds * RATE, 15 * RATE):
            yield _dialogue(begin, begin + 15 * RATE - 1, f"{{\\move(1280,20,-1700,20)\\fs34}}{news}", "B")
    elif what == "sign":
        for begin in range(0, seconds * RATE, 8 * RATE):
            way = "{\\move(900,250,300,200)\\fs60\\frz8\\fax0.2}"
            yield _dialogue(begin, min(last, begin + 8 * RATE - 1), f"{way}OPEN HOTEL", "B")


def _dialogue(first: int, last: int, text: str, style: str = "S") -> str:
    # Half a frame early, so that rounding to hundredths of a second never shifts a cue by a frame.
    begin, end = (max(0.0, (frame - 0.5) / RATE) for frame in (first, last + 1))
    return f"Dialogue: 0,{_time(begin)},{_time(end)},{style},,0,0,0,,{text}"


def _time(seconds: float) -> str:
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d}:{seconds % 60:05.2f}"
