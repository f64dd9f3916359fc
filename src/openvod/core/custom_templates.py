"""What may a custom template hold, what does it ask for, and how does a listing show it? For all four TemplateTypes.

The parameters of a template are the fields of its structure (`MPSAIAnalysisTemplate` …) without Definition, Name and
Comment, in wire spelling. Times are texts as the wire has them.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from openvod.core import jsontext, spec, templates
from openvod.core.contradictions import CONFIGS, check_erase, check_subtitles, is_translated
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.texts import Text

ABOUT = ("Definition", "Name", "Comment")
"""Fields of a template's structure that are no parameters."""
VOD_ONLY = ("SplitConfigure", "HighlightConfigure", "OpeningAndEndingConfigure")
"""Switches that the media-processing API's rows do not have; shown only when they are on."""
PRESETS_MADE = "2025-01-01T00:00:00Z"
"""The row of a template needs times, and presets come with the program."""


class Row(NamedTuple):
    """A template as a listing has it, preset or custom."""

    definition: int
    name: str
    comment: str
    preset: bool
    alias: str
    parameters: Json
    created: str = PRESETS_MADE
    updated: str = PRESETS_MADE


def checked(kind: str, parameters: Json, at: str, embed: Callable[[int], Json | None]) -> Json:
    """The parameters of a TemplateType as they are stored: of an erasure only the configuration that EraseType names.

    Every field was checked by itself; this is about those that contradict each other. `at` is their path in error
    messages, `embed` looks a template for burnt-in subtitles up. Raises ApiError.
    """
    if kind == "SmartSubtitle":
        if "VideoSrcLanguage" not in parameters:
            raise ApiError("MissingParameter", field=f"{at}.VideoSrcLanguage")
        check_subtitles(parameters, at)
    if kind == "SmartErase":
        used = CONFIGS[parameters["EraseType"]]
        parameters = {
            name: value for name, value in parameters.items() if name == used or name not in CONFIGS.values()
        }
        check_erase(parameters, at)
    for where, holder in (
        (at, parameters),
        (f"{at}.EraseSubtitleConfig", parameters.get("EraseSubtitleConfig", {})),
    ):
        if (number := holder.get("SubtitleEmbedId", 0)) and embed(number) is None:
            raise ApiError(
                "InvalidParameterValue/template", definition=number, field=f"{where}.SubtitleEmbedId"
            )
    _check_embedding(parameters, at)
    return parameters


def _check_embedding(parameters: Json, at: str) -> None:
    """Burnt in is one translation; a template, unlike a request, may not name several and one to burn in."""
    number, targets = parameters.get("SubtitleEmbedId", 0), parameters.get("TranslateDstLanguage", "")
    if number and is_translated(parameters) and "/" in targets:
        one = Text("one TranslateDstLanguage", "单个 TranslateDstLanguage")
        raise ApiError(
            "InvalidParameter/combination", field=f"{at}.SubtitleEmbedId", value=number, needed=one
        )


def merged(old: Json, changes: Json) -> Json:
    """`old` with the fields that `changes` has, structures field by field: an absent list stays, an empty one clears."""
    result = dict(old)
    for name, value in changes.items():
        before = old.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            result[name] = merged(before, value)
        else:
            result[name] = value
    return result


def fan_out(definition: int, parameters: Json, extended: str) -> Json:
    """The `TaskTypes` that a custom analysis template asks for, together with a request's ExtendedParameter.

    One for each switch that is on, and one for the feature that the ExtendedParameter is about unless a switch stands
    for it: custom templates carry features that have no switch. Raises ApiError when that comes to nothing.
    """
    tasks = templates.switched_on(parameters)
    wanted = templates.tasks_of_key(_key(extended))
    if wanted and not set(wanted) & set(tasks):
        tasks.append(wanted[0])
    if not tasks:
        raise ApiError("InvalidParameter/no-analysis", definition=definition)
    return {"TaskTypes": tasks}


def _key(extended: str) -> str:
    """The feature that an ExtendedParameter is about; empty for none. Broken JSON fails the sub-task, not the call."""
    try:
        return next(iter(jsontext.parse_object(extended)), "")
    except ValueError:
        return ""


def presets(kind: str) -> list[Row]:
    """Every preset of a TemplateType by ascending number. They have no names but the alias, or what they do."""
    return [_preset(row) for row in templates.presets(kind)]


def _preset(row: Json) -> Row:
    tasks = row.get("TaskTypes", [])
    name = row.get("AliasName") or ", ".join(task.partition(".")[2] for task in tasks)
    parameters = {field: value for field, value in row.items() if field not in templates.ABOUT}
    if tasks:
        parameters = {field: {"Switch": "ON"} for field, task in templates.SWITCHES.items() if task in tasks}
    return Row(row["Definition"], name, "", True, row.get("AliasName", ""), parameters)


def info(kind: str, row: Row) -> Json:
    """The object that `MPSTemplateInfo` holds as text: a row of the media-processing API's listings."""
    shown = {
        **_DEFAULTS[kind],
        **{name: value for name, value in row.parameters.items() if name not in _hidden(row.parameters)},
        "Definition": row.definition,
        "Name": row.name,
        "Comment": row.comment,
        "Type": "Preset" if row.preset else "Custom",
        "CreateTime": row.created,
        "UpdateTime": row.updated,
    }
    if kind != "AIAnalysis":
        shown["AliasName"] = row.alias
    return spec.load().fill(f"{kind}TemplateItem", shown)


def _hidden(parameters: Json) -> set[str]:
    return {name for name in VOD_ONLY if parameters.get(name, {}).get("Switch") != "ON"}


_OFF = {"Switch": "OFF"}
_DEFAULTS: Mapping[str, Json] = {
    "AIAnalysis": {name: _OFF for name in templates.SWITCHES if name not in VOD_ONLY},
    "SmartSubtitle": {
        "AsrHotWordsConfigure": {"Switch": "OFF", "LibraryId": ""},
        "AsrHotWordsLibraryName": "",
        "SubtitleFormat": "",
        "TranslateSwitch": "OFF",
        "TranslateDstLanguage": "",
        "ProcessType": 0,
        "SelectingSubtitleAreasConfig": {},
        "SubtitleEmbedId": 0,
        "SpeakerMode": 0,
        "SpeakerLabel": 0,
    },
    "SmartErase": {},
    "EmbedSubtitle": {"SubtitleEmbedConfig": {}},
}
"""What a row shows of fields that the template does not set."""
