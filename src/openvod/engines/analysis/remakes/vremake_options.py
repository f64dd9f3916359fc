"""What does the `vremake` of an ExtendedParameter ask for? In which way a film is to be made into a different one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json

Mode = Literal["PicInPic", "BackgroundExtend", "VerticalExtend", "HorizontalExtend", "AB"]
MODES: tuple[Mode, ...] = get_args(Mode)
KEYS: dict[Mode, str] = {
    "PicInPic": "picInPic",
    "BackgroundExtend": "backgroundExtend",
    "VerticalExtend": "verticalExtend",
    "HorizontalExtend": "horizontalExtend",
    "AB": "AB",
}
"""Where each mode's own fields are."""
GENERATIVE = ("SwapFace", "SwapCharacter")
"""Modes that paint other people."""
PROMPTS = ("llmPrompt", "llmVideoPrompt", "appendImagePrompt")
"""Fields that ask for a picture to be made of words."""
FLIPPED_UNASKED: tuple[Mode, ...] = ("VerticalExtend", "HorizontalExtend")
"""Modes in which `randomFlip` is on when nothing is said."""
STRENGTHS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    mode: Mode = "PicInPic"
    move: bool = False
    """`randomMove`: the smaller picture drifts."""
    flip: bool = False
    """`randomFlip`: some shots are mirrored."""
    flip_text: bool = False
    """Whether shots with text in them are mirrored as well: only where `randomFlip` is asked for in so many words."""
    cut: bool = False
    """`randomCut`: moments are left out at the beginnings of shots."""
    speed: bool = False
    """`randomSpeed`: a little slower or faster."""
    append: bool = False
    """`appendImage`: a still of 1.5 seconds at both ends."""
    strength: Literal[1, 2, 3] = 1
    """`extMode`: how much is added at the sides, or the order of AB: ABAB, BABA, by chance."""
    least_scene: float = 2.0
    """`minSceneSecs`: scenes that are shorter are not set on a ground."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object or number, for a mode that does not exist, and
    for what needs a model that generates pictures.
    """
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    asked = extended_parameter.section(given, "vremake")
    mode = _mode(asked.get("mode") or MODES[0])
    own = extended_parameter.section(given, f"vremake.{KEYS[mode]}")
    for name in PROMPTS:
        if own.get(name):
            what = f"`vremake.{KEYS[mode]}.{name}`"
            raise TaskFault("InvalidInput.ConfigurationUnsupported/generative", what=what)
    warnings = [f"ExtendedParameter: `{key}` means nothing to remaking" for key in given if key != "vremake"]
    return Wish(
        mode=mode,
        move=extended_parameter.switch(own.get("randomMove")),
        flip=extended_parameter.switch(own.get("randomFlip", mode in FLIPPED_UNASKED)),
        flip_text=extended_parameter.switch(own.get("randomFlip")),
        cut=extended_parameter.switch(own.get("randomCut")),
        speed=extended_parameter.switch(own.get("randomSpeed")),
        append=extended_parameter.switch(own.get("appendImage")),
        strength=next((each for each in (1, 2, 3) if str(own.get("extMode")) == str(each)), 1),
        least_scene=extended_parameter.number(own.get("minSceneSecs", 2.0), "`minSceneSecs`"),
        warnings=(*warnings, *_ignored(mode, asked, own)),
    )


def _mode(value: Any) -> Mode:
    names = {each.lower(): each for each in MODES}
    word = str(value)[:40]
    if word.lower() in names:
        return names[word.lower()]
    if word.lower() in {each.lower() for each in GENERATIVE}:
        raise TaskFault("InvalidInput.ConfigurationUnsupported/generative", what=f"`vremake.mode` {word}")
    raise TaskFault(
        "InvalidInput/choice", field="`vremake.mode` in ExtendedParameter", known=", ".join(MODES)
    )


def _ignored(mode: Mode, asked: Json, own: Json) -> Iterator[str]:
    for key in asked:
        if key not in {"mode", KEYS[mode]}:
            yield f"ExtendedParameter: `vremake.{str(key)[:40]}` means nothing to the mode {mode}"
    if "extMode" in own and str(own["extMode"]) not in map(str, STRENGTHS):
        yield f"ExtendedParameter: `extMode` is 1, 2 or 3, not {str(own['extMode'])[:40]!r}"
