"""What does the `dubbing` of an ExtendedParameter ask for? Languages, subtitles in the picture and how they look."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openvod.core import dubbing_files, extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.recognisers import codes

FONT_SIZE, MARGIN = 50.0, 50.0
"""Pixels, or shares of the picture's height below 1."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    source: str = "auto"
    """Code of the language that is spoken."""
    target: str = ""
    """Code of the language that is wanted; empty where a speaker file has to say."""
    embed: bool = True
    """Whether the subtitles are drawn into the picture."""
    font_size: float = FONT_SIZE
    margin: float = MARGIN
    prefix: str = "dub"
    """Of the files' names."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""

    def template(self) -> Json:
        """The look of the subtitles, as an MPSSubtitleEmbedConfig."""
        unit = {True: 1, False: 0}
        size, margin = self.font_size, self.margin
        return {
            "FontType": "auto",
            "FontSize": round(100 * size) if size < 1 else round(size),
            "FontSizeUnit": unit[size < 1],
            "PosY": round(100 * margin) if margin < 1 else round(margin),
            "PosYUnit": unit[margin < 1],
            "SubtitleOutlineConfig": {
                "SubtitleOutlineConfigSwitch": 1,
                "OutlineWidth": 2,
                "OutlineWidthUnit": 0,
            },
        }


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object, a language that is none, and where nothing says
    into which language.
    """
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    dubbing = extended_parameter.section(given, "dubbing")
    subtitle = extended_parameter.section(given, "dubbing.subtitle")
    style = extended_parameter.section(given, "dubbing.subtitle.style")
    targets = _targets(given)
    files = dubbing_files.urls(options)
    if not targets and dubbing_files.SPEAKERS not in files:
        raise TaskFault("InvalidInput/dubbing")
    prefix = str(dubbing.get("outputPattern") or "dub")
    return Wish(
        source=_code(dubbing.get("srcLang") or "auto"),
        target=_code(targets[0]) if targets else "",
        embed=subtitle.get("embed", True) not in (False, 0, "false"),
        font_size=_number(style.get("fontSize"), FONT_SIZE),
        margin=_number(style.get("marginV"), MARGIN),
        prefix="".join(sign for sign in prefix if sign.isalnum() or sign in "-_")[:40] or "dub",
        warnings=tuple(_ignored(given, targets, style)),
    )


def _targets(given: Json) -> list[str]:
    listed = extended_parameter.section(given, "dubbing").get("dstLangs")
    if isinstance(listed, str):
        listed = [listed]
    if isinstance(listed, list) and listed:
        return [str(each) for each in listed]
    urls = extended_parameter.section(given, "dubbing.subtitleUrls").get("dstSubtitleUrls")
    return list(urls) if isinstance(urls, dict) else []


def _ignored(given: Json, targets: list[str], style: Json) -> Iterator[str]:
    yield from (f"ExtendedParameter: `{key}` means nothing to dubbing" for key in given if key != "dubbing")
    if len(targets) > 1:
        yield f"ExtendedParameter: only the first of `dubbing.dstLangs` was made, not {', '.join(targets[1:])[:80]}"
    if style.get("font") not in (None, "", "auto"):
        yield "ExtendedParameter: `dubbing.subtitle.style.font` was left out: fonts are chosen by the letters"


def _code(value: Any) -> str:
    return codes.language(str(value)).code


def _number(value: Any, usual: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return usual
    return number if 0 < number < 10_000 else usual
