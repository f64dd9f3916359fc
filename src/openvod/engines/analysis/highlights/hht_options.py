"""What does the `hht` of an ExtendedParameter ask for? Which highlights, how many, and how long.

The vendor documents names, not meanings: `merge_type` and `model_segment_limit` are read here as their docstrings say, and
what cannot be honoured is a warning.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from openvod.core import extended_parameter
from openvod.core.models import Json

Genre = Literal["general", "vlog", "drama", "sport"]

CLASSES: dict[str, Genre] = {
    "5003": "general",
    "10020": "vlog",
    "10010": "drama",
    "4001": "sport",
    "4002": "sport",
}
"""`force_cls`: what each kind of film is weighed by; football and basketball alike."""
MOST_CLIPS = 100
USUAL_CLIPS = 5
THRESHOLD = 0.3
SHORTEST, LONGEST = 4.0, 30.0
"""Seconds of a highlight, where nothing is asked for."""
LEAST_SECONDS = 1.0
LONGEST_WISH = 2000
"""Characters of the client's own words to a model."""
_KNOWN = {
    "top_clip", "force_cls", "need_vad", "threshold", "merge_time", "merge_type", "res_save_type",
    "model_segment_limit", "prompts", "scenario", "use_panorama_direct", "panorama_video",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    most: int = USUAL_CLIPS
    """`top_clip`: highlights at most, the best ones."""
    genre: Genre = "general"
    """`force_cls`."""
    hears_speech: bool = True
    """`need_vad`: whether speech counts, and none is cut off."""
    threshold: float = THRESHOLD
    """`threshold`: the score, 0 to 1, that a highlight reaches; its confidence is the same in hundredths."""
    merge_gap: float = 0.0
    """`merge_time`: highlights less than so many seconds apart are one, however long it becomes; 0: none are."""
    together: bool = False
    """`merge_type` 1: all of them in one clip, in order of time; 0: one clip each."""
    limits: tuple[float, float] | None = None
    """`model_segment_limit`: seconds of the shortest and the longest highlight; None: as the film's length allows."""
    words: str = ""
    """`prompts.multimodal_prompt` and `scenario`: what a model is to look for."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""

    def bounds(self, seconds: float) -> tuple[float, float]:
        """Seconds of the shortest and the longest highlight of a film; of one that is asked for nothing, half of it at most."""
        if self.limits:
            return self.limits
        longest = min(LONGEST, max(seconds / 2, LEAST_SECONDS))
        return min(SHORTEST, longest / 2), longest


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object."""
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    hht = extended_parameter.section(given, "hht")
    prompts = extended_parameter.section(given, "hht.prompts")
    noted = [f"ExtendedParameter: `{key}` means nothing to highlights" for key in given if key != "hht"]
    noted += _ignored(hht)
    most = _number(hht, "top_clip", 1, 1e9)
    threshold = _number(hht, "threshold", 0.0, 1.0)
    return Wish(
        most=USUAL_CLIPS if most is None else min(int(most), MOST_CLIPS),
        genre=CLASSES.get(str(hht.get("force_cls", "5003")).strip(), "general"),
        hears_speech=_whole(hht.get("need_vad", 1)) != 0,
        threshold=THRESHOLD if threshold is None else threshold,
        merge_gap=_number(hht, "merge_time", 0.0, 86400.0) or 0.0,
        together=_whole(hht.get("merge_type", 0)) == 1,
        limits=_limits(hht.get("model_segment_limit")),
        words="\n".join(filter(None, (_text(hht.get("scenario")), _text(prompts.get("multimodal_prompt")))))[
            :LONGEST_WISH
        ],
        warnings=tuple(noted),
    )


def _ignored(hht: Json) -> Iterator[str]:
    for name, least, most in (("top_clip", 1, 1e9), ("threshold", 0.0, 1.0), ("merge_time", 0.0, 86400.0)):
        if name in hht and _number(hht, name, least, most) is None:
            yield f"ExtendedParameter: `hht.{name}` was left out: {str(hht[name])[:40]!r} is not from {least:g} to {most:g}"
    if "force_cls" in hht and str(hht["force_cls"]).strip() not in CLASSES:
        yield f"ExtendedParameter: `hht.force_cls` {str(hht['force_cls'])[:40]!r} is not known; weighed as a general film"
    if "model_segment_limit" in hht and _limits(hht["model_segment_limit"]) is None:
        yield "ExtendedParameter: `hht.model_segment_limit` was left out: it is [least, most] in seconds"
    if "merge_type" in hht and _whole(hht["merge_type"]) not in (0, 1):
        yield "ExtendedParameter: `hht.merge_type` is 0 (one clip each) or 1 (all in one clip)"
    if "res_save_type" in hht and _whole(hht["res_save_type"]) != 1:
        yield "ExtendedParameter: `hht.res_save_type` was left out: clips and covers are always kept as files"
    for name in ("use_panorama_direct", "panorama_video"):
        if _whole(hht.get(name, 0)) not in (0, None):
            yield f"ExtendedParameter: `hht.{name}` was left out: panoramas are treated as any other picture"
    for name in sorted(str(key)[:40] for key in set(hht) - _KNOWN)[:10]:
        yield f"ExtendedParameter: `hht.{name}` means nothing to highlights"


def _real(value: Any) -> float | None:
    """A number, or the text of one."""
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _number(hht: Json, name: str, least: float, most: float) -> float | None:
    number = _real(hht.get(name))
    return number if number is not None and least <= number <= most else None


def _whole(value: Any) -> int | None:
    number = _real(value)
    return int(number) if number is not None and number == int(number) else None


def _limits(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    least, most = (_real(each) for each in value)
    if least is None or most is None or not 0 <= least <= most or most < LEAST_SECONDS:
        return None
    return max(least, LEAST_SECONDS / 2), most


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
