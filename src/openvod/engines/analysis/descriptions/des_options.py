"""What does the `des` of an ExtendedParameter ask for? How a description, or a splitting into chapters, is to be made."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from openvod.core import extended_parameter
from openvod.core.models import Json

Method = Literal["llm", "nlp", ""]

LONGEST_WISH = 2000
"""Characters of the client's own words to a model."""
SHORTEST_SPLIT = 60.0
"""Seconds that a stretch has at least."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})?\Z")


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    method: Method = ""
    """`split.method`; empty: by the endpoint where one is set, else extracted."""
    longest: float = 3600.0
    """`split.max_split_time_sec`: seconds of a chapter, and of a stretch that a model is asked about at once."""
    requirement: str = ""
    """`text_requirement`, and `split.extend_prompt` below it."""
    need_ocr: bool = False
    """Whether what stands on the picture counts, too."""
    only_segment: bool = False
    """Chapters without summaries."""
    target: str = ""
    """`dstlang`: the language of the texts; empty: the one that is spoken."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object, or a number that is none."""
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    des = extended_parameter.section(given, "des")
    split = extended_parameter.section(given, "des.split")
    warnings = [f"ExtendedParameter: `{key}` means nothing to descriptions" for key in given if key != "des"]
    warnings += _ignored(des, split)
    method, target = split.get("method", ""), des.get("dstlang", "")
    longest = extended_parameter.number(
        split.get("max_split_time_sec", 3600), "`des.split.max_split_time_sec`"
    )
    words = [_text(des.get("text_requirement")), _text(split.get("extend_prompt"))]
    return Wish(
        method=method if method in {"llm", "nlp"} else "",
        longest=max(SHORTEST_SPLIT, longest),
        requirement="\n".join(filter(None, words)),
        need_ocr=extended_parameter.switch(des.get("need_ocr")),
        only_segment=extended_parameter.switch(des.get("only_segment")),
        target=target if _is_language(target) else "",
        warnings=tuple(warnings),
    )


def _ignored(des: Json, split: Json) -> Iterator[str]:
    if (method := split.get("method", "")) not in {"llm", "nlp", ""}:
        yield f"ExtendedParameter: `des.split.method` is `llm` or `nlp`, not {str(method)[:40]!r}"
    if split.get("model"):
        yield "ExtendedParameter: `des.split.model` was left out: the model is the endpoint's"
    if des.get("ocr_type"):
        yield "ExtendedParameter: `des.ocr_type` was left out: all captions are read the same way"
    if (target := des.get("dstlang", "")) and not _is_language(target):
        yield f"ExtendedParameter: `des.dstlang` is no language code: {str(target)[:40]!r}"


def _text(value: Any) -> str:
    return value.strip()[:LONGEST_WISH] if isinstance(value, str) else ""


def _is_language(value: Any) -> bool:
    return isinstance(value, str) and bool(_LANGUAGE.match(value))
