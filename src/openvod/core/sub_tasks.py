"""Which sub-tasks a ProcessMediaByMPS request asks for, and with which parameters: templates and raw parameters merged."""

from collections.abc import Callable
from dataclasses import dataclass

from openvod.core import spec
from openvod.core.contradictions import (
    ON_SCREEN,
    SPEECH,
    TRANSLATION_ONLY,
    check_erase,
    check_subtitles,
    is_translated,
)
from openvod.core.errors import ApiError
from openvod.core.models import Json, SubTask

Lookup = Callable[[int], Json | None]


@dataclass(frozen=True, slots=True)
class Templates:
    """Where definitions are looked up: the presets, and the application's own templates."""

    analysis: Lookup
    """A template with its `TaskTypes`."""
    subtitle: Lookup
    """A template as a MPSRawSmartSubtitleParameter."""
    erase: Lookup
    """A template as a MPSRawSmartEraseParameter."""
    embed: Lookup
    """A template as a MPSEmbedSubtitleTemplate."""


def asked_for(params: Json, templates: Templates, at: str = "") -> tuple[SubTask, ...]:
    """The rows of the SubTaskSet, in the order analysis, subtitles, erasure.

    `params` holds the three task inputs, checked; `at` is where they stand, for error messages: empty, or
    `MPSProcessMediaParams.`. Raises ApiError when none is there or one contradicts itself.
    """
    rows: list[SubTask] = []
    if (analysis := params.get("AiAnalysisTask")) is not None:
        rows += _analysis(analysis, templates, f"{at}AiAnalysisTask")
    if (subtitles := params.get("SmartSubtitlesTask")) is not None:
        rows += _subtitles(subtitles, templates, f"{at}SmartSubtitlesTask")
    if (erase := params.get("SmartEraseTask")) is not None:
        rows.append(_erase(erase, templates, f"{at}SmartEraseTask"))
    if not rows:
        raise ApiError("InvalidParameter/no-task")
    return tuple(rows)


def _analysis(given: Json, templates: Templates, at: str) -> list[SubTask]:
    """The answer's Input shows the Definition only; ExtendedParameter is not echoed."""
    definition = given["Definition"]
    template = _found(templates.analysis, definition, f"{at}.Definition")
    options = {"Definition": definition, "ExtendedParameter": given.get("ExtendedParameter", "")}
    return [SubTask(kind, {"Definition": definition}, options) for kind in template["TaskTypes"]]


def _subtitles(given: Json, templates: Templates, at: str) -> list[SubTask]:
    if definition := given.get("Definition", 0):
        parameters = _found(templates.subtitle, definition, f"{at}.Definition")
        shown: Json = {"Definition": definition}
        where = f"{at}.Definition"
    else:
        parameters, where = _raw(given, at)
        check_subtitles(parameters, where)
        shown = {"Definition": 0, "RawParameter": parameters}
    options = {"Definition": definition, **parameters, **_embedding(parameters, templates, where)}
    return [SubTask(kind, shown, options) for kind in _subtitle_types(parameters)]


def _subtitle_types(parameters: Json) -> tuple[str, ...]:
    """Speech that is to be translated is two sub-tasks: recognising may succeed where nothing translates."""
    process = parameters.get("ProcessType", SPEECH)
    if process == TRANSLATION_ONLY:
        return ("SmartSubtitle.PureSubtitleTransTask",)
    if process == ON_SCREEN:
        return ("SmartSubtitle.OcrFullTextTask",)
    translation = ("SmartSubtitle.TransTextTask",) if is_translated(parameters) else ()
    return ("SmartSubtitle.AsrFullTextTask", *translation)


def _erase(given: Json, templates: Templates, at: str) -> SubTask:
    if definition := given.get("Definition", 0):
        options = _found(templates.erase, definition, f"{at}.Definition")
        shown = {"Definition": definition}
        if changes := given.get("OverrideParameter"):
            where = f"{at}.OverrideParameter"
            # a custom template also says which frame size its pixels are of, which is no raw parameter
            merged = _overridden(options, changes)
            options = merged | spec.load().check_struct(
                "MPSRawSmartEraseParameter", merged, where, unknown="ignore"
            )
            check_erase(options, where)
            shown["OverrideParameter"] = changes
        options |= _embedding(options, templates, f"{at}.OverrideParameter")
        return SubTask("SmartErase", shown, {"Definition": definition, **options})
    raw, where = _raw(given, at)
    check_erase(raw, where)
    options = {"Definition": 0, **raw, **_embedding(raw, templates, where)}
    return SubTask("SmartErase", {"Definition": 0, "RawParameter": raw}, options)


def _overridden(template: Json, changes: Json) -> Json:
    """The template with the fields that are set replaced; a configuration is replaced field by field, too."""
    merged = dict(template)
    for name, value in changes.items():
        merged[name] = {**template.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def _raw(given: Json, at: str) -> tuple[Json, str]:
    """The RawParameter, which is needed without a Definition, and its path."""
    if "RawParameter" not in given:
        raise ApiError("MissingParameter", field=f"{at}.RawParameter")
    raw: Json = given["RawParameter"]
    return raw, f"{at}.RawParameter"


def _embedding(parameters: Json, templates: Templates, at: str) -> Json:
    """`SubtitleEmbedConfig`: how subtitles are burnt in, after a template, which must exist; nothing without one.

    The sub-task keeps the template as it is now. An erasure may name it in its configuration, which goes before.
    """
    found: Json = {}
    holders = [(at, parameters), (f"{at}.EraseSubtitleConfig", parameters.get("EraseSubtitleConfig", {}))]
    for where, holder in holders:
        if definition := holder.get("SubtitleEmbedId", 0):
            template = _found(templates.embed, definition, f"{where}.SubtitleEmbedId")
            found = {"SubtitleEmbedConfig": template.get("SubtitleEmbedConfig", {})}
    return found


def _found(lookup: Lookup, definition: int, field: str) -> Json:
    template = lookup(definition)
    if template is None:
        raise ApiError("InvalidParameterValue/template", definition=definition, field=field)
    return template
