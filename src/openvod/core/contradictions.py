"""Which raw parameters contradict each other? The rules of subtitles and erasure that no single field shows.

They hold for a RawParameter and for a template, given or merged. A broken one is `InvalidParameter`, a field that
another one makes necessary `MissingParameter`, an impossible area or span of time `InvalidParameterValue`.
"""

from collections.abc import Mapping

from openvod.core import facts
from openvod.core.errors import ApiError
from openvod.core.models import Json

SPEECH, TRANSLATION_ONLY, ON_SCREEN = 0, 1, 2
"""MPSRawSmartSubtitleParameter.ProcessType; absent means SPEECH."""

FORMATS: Mapping[int, str] = {SPEECH: "asr", TRANSLATION_ONLY: "translate", ON_SCREEN: "ocr"}
"""The kind of SubtitleFormat, as `enums.json` calls it, by ProcessType."""
LANGUAGES: Mapping[int, str] = {SPEECH: "asr", TRANSLATION_ONLY: "asr", ON_SCREEN: "ocr"}
"""The same for VideoSrcLanguage."""
CONFIGS = {
    "subtitle": "EraseSubtitleConfig",
    "watermark": "EraseWatermarkConfig",
    "privacy": "ErasePrivacyConfig",
}
"""The configuration that each EraseType needs."""
FRACTION = 1
"""MPSEraseArea.Unit: shares of the frame; the other one is pixels."""


def check_subtitles(raw: Json, at: str) -> None:
    """An MPSRawSmartSubtitleParameter whose fields were checked one by one; `at` is its path. Raises ApiError."""
    process = raw.get("ProcessType", SPEECH)
    if "TranslateSwitch" in raw and raw["TranslateSwitch"] != "ON":
        _only_with(process != TRANSLATION_ONLY, raw, at, "TranslateSwitch", "ProcessType 0 / 2")
    translated = is_translated(raw)
    wanted = "TranslateSwitch OFF" if raw["SubtitleType"] == 0 else "TranslateSwitch ON"
    _only_with(translated == (raw["SubtitleType"] != 0), raw, at, "SubtitleType", wanted)
    if translated and not raw.get("TranslateDstLanguage"):
        raise _missing(at, "TranslateDstLanguage", "TranslateSwitch ON")
    _one_of_its_process_type(raw, at, "VideoSrcLanguage", LANGUAGES)
    if raw.get("SubtitleEmbedId"):
        _only_with(process != TRANSLATION_ONLY, raw, at, "SubtitleEmbedId", "ProcessType 0 / 2")
    _check_subtitle_format(raw, at, process, translated=translated)
    if raw.get("SpeakerLabel"):
        _only_with(bool(raw.get("SpeakerMode")), raw, at, "SpeakerLabel", "SpeakerMode 1")
        _only_with(raw.get("SubtitleFormat") == "vtt", raw, at, "SpeakerLabel", "SubtitleFormat vtt")
    _check_areas(raw, at, "SelectingSubtitleAreasConfig")


def is_translated(raw: Json) -> bool:
    """Whether the subtitles are translated: a task that does nothing else need not say so."""
    default = "ON" if raw.get("ProcessType", SPEECH) == TRANSLATION_ONLY else "OFF"
    return bool(raw.get("TranslateSwitch", default) == "ON")


def check_erase(raw: Json, at: str) -> None:
    """An MPSRawSmartEraseParameter whose fields were checked one by one; `at` is its path. Raises ApiError."""
    name = CONFIGS[raw["EraseType"]]
    if name not in raw:
        raise _missing(at, name, f"EraseType {raw['EraseType']}")
    config, where = raw[name], f"{at}.{name}"
    for field in ("SubtitleEraseMethod", "WatermarkEraseMethod"):
        if config.get(field) == "custom" and not config.get("CustomAreas"):
            raise _missing(where, "CustomAreas", f"{field} custom")
    if config.get("OcrSwitch") == "ON":
        _only_with(
            config["SubtitleEraseMethod"] == "auto", config, where, "OcrSwitch", "SubtitleEraseMethod auto"
        )
        if config.get("SubtitleFormat") == "":
            embedded = bool(config.get("SubtitleEmbedId") or raw.get("SubtitleEmbedId"))
            _only_with(embedded, config, where, "SubtitleFormat", "SubtitleEmbedId")
    if config.get("TransSwitch") == "ON":
        _only_with(config.get("OcrSwitch") == "ON", config, where, "TransSwitch", "OcrSwitch ON")
    if config.get("SubtitleEmbedId"):
        _only_with(config.get("TransSwitch") == "ON", config, where, "SubtitleEmbedId", "TransSwitch ON")
    for field in CONFIGS.values():
        _check_areas(raw, at, field)


def _check_subtitle_format(raw: Json, at: str, process: int, *, translated: bool) -> None:
    """Which formats there are, and whether there may be no file at all, depends on the kind of work."""
    if raw.get("SubtitleFormat"):
        _one_of_its_process_type(raw, at, "SubtitleFormat", FORMATS)
    elif process == TRANSLATION_ONLY or (process == ON_SCREEN and not raw.get("SubtitleEmbedId")):
        raise _missing(at, "SubtitleFormat", f"ProcessType {process}")
    elif translated and "/" in raw["TranslateDstLanguage"]:
        raise _missing(at, "SubtitleFormat", f"TranslateDstLanguage {raw['TranslateDstLanguage']}")


def _one_of_its_process_type(raw: Json, at: str, field: str, kinds: Mapping[int, str]) -> None:
    """Whether the field's value is one for the ProcessType; if not, the message names those it is for."""
    process = raw.get("ProcessType", SPEECH)
    fitting = [
        number for number, kind in kinds.items() if raw[field] in facts.read("enums")[f"{field}.{kind}"]
    ]
    _only_with(process in fitting, raw, at, field, f"ProcessType {' / '.join(map(str, fitting))}")


def _check_areas(holder: Json, at: str, field: str) -> None:
    config, where = holder.get(field, {}), f"{at}.{field}"
    for index, area in enumerate(config.get("AutoAreas", ())):
        _check_area(area, f"{where}.AutoAreas.{index}", whole=True)
    for index, span in enumerate(config.get("CustomAreas", ())):
        there = f"{where}.CustomAreas.{index}"
        if (span["BeginMs"], span["EndMs"]) != (0, 0) and span["EndMs"] <= span["BeginMs"]:
            raise ApiError("InvalidParameterValue/time-span", field=there)
        for number, area in enumerate(span["Areas"]):
            _check_area(area, f"{there}.Areas.{number}", whole=False)


def _check_area(area: Json, at: str, *, whole: bool) -> None:
    """An MPSEraseArea. A detected area may reach the far edge, 1, of the frame; a fixed one stays below, as the API
    has it.
    """
    if area["Unit"] == FRACTION:
        for field in ("LeftTopX", "LeftTopY", "RightBottomX", "RightBottomY"):
            if area[field] > 1 or (area[field] == 1 and not whole):
                expected = "0 - 1" if whole else "0 - 1 (< 1)"
                raise ApiError("InvalidParameterValue/range", field=f"{at}.{field}", expected=expected)
    if area["LeftTopX"] >= area["RightBottomX"] or area["LeftTopY"] >= area["RightBottomY"]:
        raise ApiError("InvalidParameterValue/area", field=at)


def _only_with(holds: bool, raw: Json, at: str, field: str, needed: str) -> None:
    if not holds:
        raise ApiError("InvalidParameter/combination", field=f"{at}.{field}", value=raw[field], needed=needed)


def _missing(at: str, field: str, because: str) -> ApiError:
    return ApiError("MissingParameter/needed", field=f"{at}.{field}", because=because)
