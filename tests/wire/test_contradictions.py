"""Which combinations of raw parameters are refused, with which code and naming what; and what a sub-task is made of."""

from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given, settings

from openvod.core import custom_templates, facts, spec, templates
from openvod.core.errors import ApiError
from openvod.core.models import Json, SubTask
from openvod.core.sub_tasks import Templates, asked_for
from tests.wire import made

PRESETS = Templates(templates.analysis, templates.subtitle, templates.erase, templates.embed)
SPEECH = {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt"}
TRANSLATED = {**SPEECH, "SubtitleType": 1, "TranslateSwitch": "ON", "TranslateDstLanguage": "zh"}
FILE_ONLY = {
    "SubtitleType": 1,
    "VideoSrcLanguage": "auto",
    "ProcessType": 1,
    "SubtitleFormat": "original",
    "TranslateDstLanguage": "en",
}
ON_SCREEN = {**SPEECH, "VideoSrcLanguage": "multi", "ProcessType": 2}
DETECTED = {"SubtitleEraseMethod": "auto", "SubtitleModel": "standard"}
READ = {**DETECTED, "OcrSwitch": "ON"}
BOX = {"LeftTopX": 0.1, "LeftTopY": 0.8, "RightBottomX": 0.9, "RightBottomY": 0.95, "Unit": 1}
PIXELS = {"LeftTopX": 10, "LeftTopY": 500, "RightBottomX": 1200, "RightBottomY": 700, "Unit": 2}
WHOLE = {"BeginMs": 0, "EndMs": 0}


def rows(params: Json) -> tuple[SubTask, ...]:
    """What a request with these task inputs comes to, all checks included."""
    checked = spec.load().check_request("ProcessMediaByMPS", {"FileId": "1", "SubAppId": 1, **params})
    return asked_for(checked, PRESETS)


def subtitles(raw: Json) -> SubTask:
    """The last row: translated speech has one for its recognition before it."""
    return rows({"SmartSubtitlesTask": {"RawParameter": raw}})[-1]


def erase(raw: Json) -> SubTask:
    (row,) = rows({"SmartEraseTask": {"RawParameter": raw}})
    return row


def override(definition: int, changes: Json) -> SubTask:
    (row,) = rows({"SmartEraseTask": {"Definition": definition, "OverrideParameter": changes}})
    return row


def burnt_in_after(parameters: Json) -> Json:
    """The template as the sub-task keeps it."""
    found = templates.embed(parameters.get("SubtitleEmbedId", 0))
    return {} if found is None else {"SubtitleEmbedConfig": found["SubtitleEmbedConfig"]}


def of_subtitles(**fields: Any) -> Json:
    return {"EraseType": "subtitle", "EraseSubtitleConfig": fields}


def refused(build: Any, *given: Any) -> tuple[str, str]:
    """The code and the English text, in which nothing is left open; the Chinese text names the same."""
    with pytest.raises(ApiError) as caught:
        build(*given)
    assert "{" not in caught.value.en + caught.value.zh
    return caught.value.code, caught.value.en


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (SPEECH, "AsrFullTextTask"),
        ({**SPEECH, "SubtitleFormat": ""}, "AsrFullTextTask"),
        ({"SubtitleType": 0, "VideoSrcLanguage": "zh-PY"}, "AsrFullTextTask"),
        ({**SPEECH, "TranslateSwitch": "", "TranslateDstLanguage": "zh"}, "AsrFullTextTask"),
        ({**SPEECH, "SpeakerMode": 1, "SpeakerLabel": 1}, "AsrFullTextTask"),
        ({**SPEECH, "SubtitleEmbedId": 4}, "AsrFullTextTask"),
        ({**SPEECH, "SubtitleEmbedId": 0}, "AsrFullTextTask"),
        (TRANSLATED, "TransTextTask"),
        ({**TRANSLATED, "SubtitleType": 2, "TranslateDstLanguage": "zh/ja"}, "TransTextTask"),
        ({**TRANSLATED, "SubtitleFormat": ""}, "TransTextTask"),
        (FILE_ONLY, "PureSubtitleTransTask"),
        ({**FILE_ONLY, "TranslateSwitch": "ON", "SubtitleFormat": "srt"}, "PureSubtitleTransTask"),
        (ON_SCREEN, "OcrFullTextTask"),
        ({**ON_SCREEN, "SubtitleFormat": "", "SubtitleEmbedId": 4}, "OcrFullTextTask"),
        ({**ON_SCREEN, "SelectingSubtitleAreasConfig": {"AutoAreas": [BOX]}}, "OcrFullTextTask"),
        ({**ON_SCREEN, "SelectingSubtitleAreasConfig": {"AutoAreas": [PIXELS]}}, "OcrFullTextTask"),
        (
            {**ON_SCREEN, "SelectingSubtitleAreasConfig": {"AutoAreas": [{**BOX, "RightBottomX": 1}]}},
            "OcrFullTextTask",
        ),
    ],
)
def test_subtitles_that_go_together(raw: Json, kind: str) -> None:
    row = subtitles(raw)
    assert row.type == f"SmartSubtitle.{kind}"
    assert row.input == {"Definition": 0, "RawParameter": raw}
    assert row.options == {"Definition": 0, **raw, **burnt_in_after(raw)}


def test_speech_that_is_translated_is_two_sub_tasks() -> None:
    recognised, translated = rows({"SmartSubtitlesTask": {"RawParameter": TRANSLATED}})
    assert (recognised.type, translated.type) == (
        "SmartSubtitle.AsrFullTextTask",
        "SmartSubtitle.TransTextTask",
    )
    assert (recognised.input, recognised.options) == (translated.input, translated.options)
    assert [row.type for row in rows({"SmartSubtitlesTask": {"Definition": 211}})] == [
        recognised.type,
        translated.type,
    ]


@pytest.mark.parametrize(
    ("raw", "code", "named"),
    [
        ({**TRANSLATED, "SubtitleType": 0}, "InvalidParameter", ("SubtitleType", "TranslateSwitch OFF")),
        ({**SPEECH, "SubtitleType": 1}, "InvalidParameter", ("SubtitleType", "TranslateSwitch ON")),
        ({**SPEECH, "SubtitleType": 2}, "InvalidParameter", ("SubtitleType", "TranslateSwitch ON")),
        ({**TRANSLATED, "TranslateSwitch": "OFF"}, "InvalidParameter", ("SubtitleType",)),
        ({**TRANSLATED, "TranslateDstLanguage": ""}, "MissingParameter", ("TranslateDstLanguage",)),
        ({**FILE_ONLY, "TranslateDstLanguage": None}, "MissingParameter", ("TranslateDstLanguage",)),
        (
            {**FILE_ONLY, "TranslateSwitch": "OFF"},
            "InvalidParameter",
            ("TranslateSwitch", "ProcessType 0 / 2"),
        ),
        ({**FILE_ONLY, "TranslateSwitch": ""}, "InvalidParameter", ("TranslateSwitch",)),
        ({**FILE_ONLY, "SubtitleType": 0}, "InvalidParameter", ("SubtitleType",)),
        ({**FILE_ONLY, "SubtitleFormat": ""}, "MissingParameter", ("SubtitleFormat", "ProcessType 1")),
        ({**FILE_ONLY, "SubtitleEmbedId": 4}, "InvalidParameter", ("SubtitleEmbedId", "ProcessType 0 / 2")),
        (
            {**FILE_ONLY, "VideoSrcLanguage": "multi"},
            "InvalidParameter",
            ("VideoSrcLanguage", "ProcessType 2"),
        ),
        ({**SPEECH, "VideoSrcLanguage": "multi"}, "InvalidParameter", ("VideoSrcLanguage", "`multi`")),
        (
            {**ON_SCREEN, "VideoSrcLanguage": "ja"},
            "InvalidParameter",
            ("VideoSrcLanguage", "ProcessType 0 / 1"),
        ),
        ({**SPEECH, "SubtitleFormat": "original"}, "InvalidParameter", ("SubtitleFormat", "ProcessType 1")),
        (
            {**ON_SCREEN, "SubtitleFormat": "original"},
            "InvalidParameter",
            ("SubtitleFormat", "ProcessType 1"),
        ),
        ({**ON_SCREEN, "SubtitleFormat": None}, "MissingParameter", ("SubtitleFormat", "ProcessType 2")),
        (
            {**TRANSLATED, "TranslateDstLanguage": "zh/ja", "SubtitleFormat": None},
            "MissingParameter",
            ("SubtitleFormat", "TranslateDstLanguage zh/ja"),
        ),
        ({**SPEECH, "SpeakerLabel": 1}, "InvalidParameter", ("SpeakerLabel", "SpeakerMode 1")),
        (
            {**SPEECH, "SpeakerMode": 1, "SpeakerLabel": 1, "SubtitleFormat": "srt"},
            "InvalidParameter",
            ("SpeakerLabel", "SubtitleFormat vtt"),
        ),
        ({**SPEECH, "SubtitleEmbedId": 5}, "InvalidParameterValue", ("SubtitleEmbedId", "5")),
        (
            {**ON_SCREEN, "SelectingSubtitleAreasConfig": {"AutoAreas": [{**BOX, "RightBottomX": 1.1}]}},
            "InvalidParameterValue",
            ("AutoAreas.0.RightBottomX",),
        ),
        (
            {**ON_SCREEN, "SelectingSubtitleAreasConfig": {"AutoAreas": [BOX, {**BOX, "RightBottomY": 0.8}]}},
            "InvalidParameterValue",
            ("AutoAreas.1`",),
        ),
    ],
)
def test_subtitles_that_contradict_themselves(raw: Json, code: str, named: tuple[str, ...]) -> None:
    found, text = refused(subtitles, raw)
    assert found == code
    assert "`SmartSubtitlesTask.RawParameter." in text
    for part in named:
        assert part in text


@pytest.mark.parametrize(
    "raw",
    [
        of_subtitles(**DETECTED),
        of_subtitles(**READ, SubtitleFormat="srt", TransSwitch="ON", TransDstLang="ja", SubtitleEmbedId=4),
        of_subtitles(**READ, TransSwitch="ON", SubtitleEmbedId=4, SubtitleFormat=""),
        of_subtitles(
            SubtitleEraseMethod="custom", SubtitleModel="area", CustomAreas=[{**WHOLE, "Areas": [BOX]}]
        ),
        {
            "EraseType": "watermark",
            "EraseWatermarkConfig": {"WatermarkEraseMethod": "auto", "WatermarkModel": "basic"},
        },
        {
            "EraseType": "privacy",
            "ErasePrivacyConfig": {"PrivacyModel": "blur", "PrivacyTargets": ["face", "plate"]},
        },
    ],
)
def test_erasures_that_go_together(raw: Json) -> None:
    row = erase(raw)
    shown, options = {"Definition": 0, "RawParameter": raw}, {"Definition": 0, **raw}
    config = raw.get("EraseSubtitleConfig", {})
    assert row == SubTask("SmartErase", shown, options | burnt_in_after(raw) | burnt_in_after(config))


def custom(*areas: Json, begin: int = 0, end: int = 0) -> Json:
    spans = [{"BeginMs": begin, "EndMs": end, "Areas": list(areas)}]
    return of_subtitles(SubtitleEraseMethod="custom", SubtitleModel="area", CustomAreas=spans)


@pytest.mark.parametrize(
    ("raw", "code", "named"),
    [
        ({"EraseType": "subtitle"}, "MissingParameter", "EraseSubtitleConfig"),
        (
            {"EraseType": "privacy", "EraseSubtitleConfig": DETECTED},
            "MissingParameter",
            "ErasePrivacyConfig` is required with EraseType privacy",
        ),
        (
            of_subtitles(SubtitleEraseMethod="custom", SubtitleModel="area"),
            "MissingParameter",
            "EraseSubtitleConfig.CustomAreas` is required with SubtitleEraseMethod custom",
        ),
        (
            {
                "EraseType": "watermark",
                "EraseWatermarkConfig": {
                    "WatermarkEraseMethod": "custom",
                    "WatermarkModel": "basic",
                    "CustomAreas": [],
                },
            },
            "MissingParameter",
            "EraseWatermarkConfig.CustomAreas",
        ),
        (
            of_subtitles(
                SubtitleEraseMethod="custom",
                SubtitleModel="area",
                OcrSwitch="ON",
                CustomAreas=[{**WHOLE, "Areas": [BOX]}],
            ),
            "InvalidParameter",
            "OcrSwitch` can only be `ON` together with SubtitleEraseMethod auto",
        ),
        (of_subtitles(**DETECTED, TransSwitch="ON"), "InvalidParameter", "TransSwitch"),
        (of_subtitles(**READ, SubtitleFormat=""), "InvalidParameter", "SubtitleFormat"),
        (of_subtitles(**READ, SubtitleEmbedId=4), "InvalidParameter", "SubtitleEmbedId"),
        (
            of_subtitles(**READ, TransSwitch="ON", SubtitleEmbedId=5),
            "InvalidParameterValue",
            "SubtitleEmbedId",
        ),
        ({**of_subtitles(**DETECTED), "SubtitleEmbedId": -1}, "InvalidParameterValue", "SubtitleEmbedId"),
        (custom({**BOX, "RightBottomX": 1}), "InvalidParameterValue", "CustomAreas.0.Areas.0.RightBottomX"),
        (custom(PIXELS, {**PIXELS, "Unit": 1}), "InvalidParameterValue", "CustomAreas.0.Areas.1.LeftTopX"),
        (custom({**PIXELS, "RightBottomX": 10}), "InvalidParameterValue", "CustomAreas.0.Areas.0`"),
        (custom(BOX, begin=2000, end=1000), "InvalidParameterValue", "CustomAreas.0`"),
        (custom(BOX, begin=2000), "InvalidParameterValue", "CustomAreas.0`"),
    ],
)
def test_erasures_that_contradict_themselves(raw: Json, code: str, named: str) -> None:
    found, text = refused(erase, raw)
    assert found == code
    assert named in text
    assert "`SmartEraseTask.RawParameter." in text


def test_an_override_replaces_single_fields_of_the_template() -> None:
    row = override(101, {"EraseSubtitleConfig": {"OcrSwitch": "ON", "AutoAreas": [BOX]}})
    assert row.options == {
        "Definition": 101,
        "EraseType": "subtitle",
        "EraseSubtitleConfig": {
            "SubtitleEraseMethod": "auto",
            "SubtitleModel": "standard",
            "OcrSwitch": "ON",
            "TransSwitch": "OFF",
            "AutoAreas": [BOX],
        },
    }
    assert row.input == {
        "Definition": 101,
        "OverrideParameter": {"EraseSubtitleConfig": {"OcrSwitch": "ON", "AutoAreas": [BOX]}},
    }
    assert override(101, {}).input == {"Definition": 101}


@pytest.mark.parametrize(
    ("definition", "changes", "code", "named"),
    [
        (102, {"EraseSubtitleConfig": {"SubtitleEraseMethod": "custom"}}, "MissingParameter", "CustomAreas"),
        (101, {"EraseSubtitleConfig": {"TransSwitch": "ON"}}, "InvalidParameter", "TransSwitch"),
        (101, {"EraseType": "watermark"}, "MissingParameter", "EraseWatermarkConfig"),
        (
            101,
            {"EraseWatermarkConfig": {"WatermarkModel": "basic"}},
            "MissingParameter",
            "WatermarkEraseMethod",
        ),
        (101, {"SubtitleEmbedId": 5}, "InvalidParameterValue", "SubtitleEmbedId"),
        (999, {}, "InvalidParameterValue", "999"),
    ],
)
def test_an_override_must_go_with_the_template(definition: int, changes: Json, code: str, named: str) -> None:
    found, text = refused(override, definition, changes)
    assert found == code
    assert named in text


def test_a_definition_wins_over_raw_parameters_and_0_is_none() -> None:
    raw = {**SPEECH, "SubtitleFormat": "srt"}
    (row,) = rows({"SmartSubtitlesTask": {"Definition": 200, "RawParameter": raw}})
    assert row.input == {"Definition": 200}
    assert row.options["SubtitleFormat"] == "vtt"
    (row,) = rows({"SmartSubtitlesTask": {"Definition": 0, "RawParameter": raw}})
    assert row.options["SubtitleFormat"] == "srt"
    for task in ("SmartSubtitlesTask", "SmartEraseTask"):
        assert refused(rows, {task: {"Definition": 0}}) == (
            "MissingParameter",
            f"The request is missing the required parameter `{task}.RawParameter`.",
        )


@pytest.mark.parametrize(
    ("switch", "targets", "refused"),
    [("ON", "zh", False), ("ON", "zh/ja", True), ("OFF", "zh/ja", False)],
)
def test_a_template_burns_in_one_translation(switch: str, targets: str, refused: bool) -> None:
    kind = 1 if switch == "ON" else 0
    template = {"VideoSrcLanguage": "en", "SubtitleType": kind, "SubtitleFormat": "vtt", "SubtitleEmbedId": 4}
    template |= {"TranslateSwitch": switch, "TranslateDstLanguage": targets}
    with pytest.raises(ApiError, match=r"T\.SubtitleEmbedId") if refused else nullcontext():
        custom_templates.checked("SmartSubtitle", template, "T", templates.embed)


def test_presets_do_not_contradict_themselves() -> None:
    for preset in templates.presets("SmartSubtitle"):
        subtitles(templates.subtitle(preset["Definition"]) or {})
    for preset in templates.presets("SmartErase"):
        erase(templates.erase(preset["Definition"]) or {})


@settings(max_examples=150)
@given(made.params("ProcessMediaByMPS"))
def test_whatever_is_asked_for_is_refused_or_made_of_known_task_types(params: Json) -> None:
    """No combination of values that pass one by one is an error of ours."""
    checked = spec.load().check_request("ProcessMediaByMPS", params)
    try:
        codes = {row.type for row in asked_for(checked, PRESETS)}
    except ApiError as error:
        codes = {error.code}
    refusals = {"InvalidParameter", "InvalidParameterValue", "MissingParameter"}
    types = {*facts.read("enums")["MPSSubTaskResult.TaskType"], "AiAnalysis.ReelTask"}
    assert codes
    assert codes <= refusals or codes <= types
