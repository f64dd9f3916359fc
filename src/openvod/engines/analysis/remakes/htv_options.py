"""What does the `htv` of an ExtendedParameter ask for? How a film is to be made upright, or wide."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from openvod.core import extended_parameter
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.reframe.tubes import Double, Whole

Accuracy = Literal["Efficiency", "Balance", "Precision"]
Word = TypeVar("Word", bound=str)
ACCURACIES: tuple[Accuracy, ...] = get_args(Accuracy)
WHOLES: tuple[Whole, ...] = ("Scale", "ScaleWithoutBlur")
DOUBLES: tuple[Double, ...] = get_args(Double)

DEFAULT, FACES, BLURRED = 2, 3, 5
"""Values of `AlgorithmType` that this server follows: what stands out, faces alone, the whole picture over its blur."""
SAMPLE = 1
"""The value in the vendor's older sample; it is taken for the default one."""
GENERATIVE = {6: "9:16", 7: "16:9"}
"""Values that paint what was never filmed."""
NARROWEST, WIDEST = 1 / 4, 4.0
LEAST_SCORE = 0.35
"""Score of a face that counts, when nothing is said."""

_RATIO = re.compile(r"\s*(\d{1,5}(?:\.\d{1,3})?)\s*[:xX/]\s*(\d{1,5}(?:\.\d{1,3})?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Wish:
    """The request, as the engines take it."""

    ratio: float = 0.0
    """Width to height; 0: 9:16 for a wide film, 16:9 for an upright one."""
    blurred: bool = False
    """The whole picture over its blurred enlargement, all the time."""
    faces_only: bool = False
    """Whether it fails where faces cannot be looked for."""
    smooth: float = 0.75
    """0 follows closely, 1 moves as rarely as can be."""
    blur: float = 0.5
    """How blurred the ground is, 0 to 1."""
    pattern: str = ""
    """`OutputPattern`: the name of the file, without suffix; `{sessionId}` and `{timestamp}` stand in it."""
    score: float = LEAST_SCORE
    """Least score of a face, 0 to 1."""
    accuracy: Accuracy = "Balance"
    no_face: Whole = ""
    """What becomes of a shot without faces; empty: what stands out and moves is followed."""
    double: Double = "Scale"
    """What becomes of a shot whose faces do not fit into one window."""
    warnings: tuple[str, ...] = ()
    """What of it means nothing here, for the operator's eyes."""


def read(options: Json) -> Wish:
    """The wish of a sub-task's options. Raises TaskFault for what is no object, for a ratio or number that is none, and for
    the algorithms that need a generating model.
    """
    given = extended_parameter.parsed(options.get("ExtendedParameter") or "")
    htv = extended_parameter.section(given, "htv")
    config = extended_parameter.section(given, "htv.FaceDetectConfig")
    fallback = extended_parameter.section(given, "htv.FaceDetectConfig.FallbackConfig")
    kind = round(_number(htv, "AlgorithmType", DEFAULT))
    if kind in GENERATIVE:
        raise TaskFault(
            "InvalidInput.ConfigurationUnsupported/generative", what=f"`htv.AlgorithmType` {kind}"
        )
    accuracy, no_face, double = (
        config.get("FaceAccuracy"),
        fallback.get("NoFaceDetect"),
        fallback.get("DoubleFace"),
    )
    warnings = [f"ExtendedParameter: `{key}` means nothing to reframing" for key in given if key != "htv"]
    return Wish(
        ratio=ratio(htv["Ratio"]) if htv.get("Ratio") else 0.0,
        blurred=kind == BLURRED,
        faces_only=kind == FACES,
        smooth=_share(htv, "SmoothWeight", 0.75),
        blur=_share(htv, "BlurWeight", 0.5),
        pattern=pattern if isinstance(pattern := htv.get("OutputPattern"), str) else "",
        score=_share(config, "FaceScoreThd", LEAST_SCORE),
        accuracy=_chosen(accuracy, ACCURACIES, "Balance"),
        no_face=_chosen(no_face, WHOLES, ""),
        double=_chosen(double, DOUBLES, "Scale"),
        warnings=(*warnings, *_ignored(kind, accuracy, no_face, double)),
    )


def ratio(text: Any) -> float:
    """Width to height of `9:16` and the like. Raises TaskFault for anything else, and beyond 1:4 and 4:1."""
    found = _RATIO.match(text) if isinstance(text, str) else None
    width, height = (float(side) for side in found.groups()) if found else (0.0, 0.0)
    if height > 0 and NARROWEST <= width / height <= WIDEST:
        return width / height
    raise TaskFault("InvalidInput/ratio", field="`htv.Ratio` in ExtendedParameter")


def _ignored(kind: int, accuracy: Any, no_face: Any, double: Any) -> Iterator[str]:
    if kind not in {SAMPLE, DEFAULT, FACES, BLURRED}:
        yield f"ExtendedParameter: `htv.AlgorithmType` {kind} is not known; taken for {DEFAULT}"
    fields: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
        ("FaceAccuracy", accuracy, ACCURACIES),
        ("NoFaceDetect", no_face, WHOLES),
        ("DoubleFace", double, DOUBLES),
    )
    for name, value, known in fields:
        if value is not None and value not in known:
            yield f"ExtendedParameter: `{name}` is one of {', '.join(known)}, not {str(value)[:40]!r}"


def _chosen(value: Any, known: tuple[Word, ...], usual: Word) -> Word:
    return next((each for each in known if each == value), usual)


def _share(given: Json, name: str, usual: float) -> float:
    """0 to 1; what is above 1 is taken for a percentage."""
    value = _number(given, name, usual)
    return min(1.0, value if value <= 1 else value / 100)


def _number(given: Json, name: str, usual: float) -> float:
    return extended_parameter.number(given.get(name, usual), f"`htv` … `{name}`")
