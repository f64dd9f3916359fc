"""Which sub-tasks a ProcessMediaByMPS request asks for, and with which parameters: templates and raw parameters merged."""

from collections.abc import Callable
from dataclasses import dataclass

from openvod.core.errors import ApiError
from openvod.core.models import Json, SubTask

SPEECH, TRANSLATION_ONLY, ON_SCREEN = 0, 1, 2
"""MPSRawSmartSubtitleParameter.ProcessType."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Where definitions are looked up: the presets, and the application's own templates."""

    analysis: Callable[[int], Json | None]
    """A template with its `TaskTypes`."""
    subtitle: Callable[[int], Json | None]
    """A template as a MPSRawSmartSubtitleParameter."""
    erase: Callable[[int], Json | None]
    """A template as a MPSRawSmartEraseParameter."""


def asked_for(params: Json, templates: Templates) -> tuple[SubTask, ...]:
    """The rows of the SubTaskSet, in the order analysis, subtitles, erasure.

    `params` holds the three task inputs, checked. Raises ApiError when none is there or one contradicts itself.
    """
    rows: list[SubTask] = []
    if (analysis := params.get("AiAnalysisTask")) is not None:
        rows += _analysis(analysis, templates)
    if (subtitles := params.get("SmartSubtitlesTask")) is not None:
        rows.append(_subtitles(subtitles, templates))
    if (erase := params.get("SmartEraseTask")) is not None:
        rows.append(_erase(erase, templates))
    if not rows:
        raise ApiError("InvalidParameter/no-task")
    return tuple(rows)


def _analysis(given: Json, templates: Templates) -> list[SubTask]:
    definition = given["Definition"]
    template = templates.analysis(definition)
    if template is None:
        raise ApiError(
            "InvalidParameterValue/template", definition=definition, field="AiAnalysisTask.Definition"
        )
    options = {"Definition": definition, "ExtendedParameter": given.get("ExtendedParameter", "")}
    return [SubTask(kind, {"Definition": definition}, options) for kind in template["TaskTypes"]]


def _subtitles(given: Json, templates: Templates) -> SubTask:
    definition = given.get("Definition", 0)
    if definition:
        template = templates.subtitle(definition)
        if template is None:
            raise ApiError(
                "InvalidParameterValue/template", definition=definition, field="SmartSubtitlesTask.Definition"
            )
        return SubTask(
            _subtitle_type(template), {"Definition": definition}, {"Definition": definition, **template}
        )
    if "RawParameter" not in given:
        raise ApiError("MissingParameter", field="SmartSubtitlesTask.RawParameter")
    raw = given["RawParameter"]
    _check_subtitles(raw, "SmartSubtitlesTask.RawParameter")
    return SubTask(_subtitle_type(raw), {"Definition": 0, "RawParameter": raw}, {"Definition": 0, **raw})


def _check_subtitles(raw: Json, at: str) -> None:
    """The rules that no single field shows: a translated subtitle needs a translation, and only that one does."""
    translated = raw.get("TranslateSwitch") == "ON" or raw.get("ProcessType") == TRANSLATION_ONLY
    if translated and raw["SubtitleType"] == 0:
        raise _contradiction(
            at, "SubtitleType", "TranslateSwitch", "SubtitleType 0 goes with TranslateSwitch OFF"
        )
    if not translated and raw["SubtitleType"] != 0:
        raise _contradiction(
            at, "SubtitleType", "TranslateSwitch", "SubtitleType 1 and 2 go with TranslateSwitch ON"
        )
    if translated and not raw.get("TranslateDstLanguage"):
        raise ApiError("MissingParameter", field=f"{at}.TranslateDstLanguage")


def _contradiction(at: str, field: str, other: str, rule: str) -> ApiError:
    return ApiError("InvalidParameter/combination", field=f"{at}.{field}", other=f"{at}.{other}", rule=rule)


def _subtitle_type(parameters: Json) -> str:
    process = parameters.get("ProcessType", SPEECH)
    if process == TRANSLATION_ONLY:
        return "SmartSubtitle.PureSubtitleTransTask"
    if process == ON_SCREEN:
        return "SmartSubtitle.OcrFullTextTask"
    translated = parameters.get("TranslateSwitch") == "ON"
    return "SmartSubtitle.TransTextTask" if translated else "SmartSubtitle.AsrFullTextTask"


def _erase(given: Json, templates: Templates) -> SubTask:
    definition = given.get("Definition", 0)
    if definition:
        template = templates.erase(definition)
        if template is None:
            raise ApiError(
                "InvalidParameterValue/template", definition=definition, field="SmartEraseTask.Definition"
            )
        options = {**template, **given.get("OverrideParameter", {})}
        return SubTask("SmartErase", {"Definition": definition}, {"Definition": definition, **options})
    if "RawParameter" not in given:
        raise ApiError("MissingParameter", field="SmartEraseTask.RawParameter")
    raw = given["RawParameter"]
    return SubTask("SmartErase", {"Definition": 0, "RawParameter": raw}, {"Definition": 0, **raw})
