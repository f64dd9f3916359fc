"""Templates through the official SDK: made, listed, changed, used and deleted. No worker runs: tasks are only accepted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tencentcloud.common.exception import TencentCloudSDKException

from openvod.core import spec, templates
from openvod.core.settings import Settings
from openvod.store import Store
from tests import clips
from tests.conftest import SUB_APP, Server, serving
from tests.walk.conftest import Sdk

ON, OFF = {"Switch": "ON"}, {"Switch": "OFF"}
AREA = {"LeftTopX": 0.1, "LeftTopY": 0.1, "RightBottomX": 0.4, "RightBottomY": 0.2, "Unit": 1}
SUBTITLES = {"SubtitleEraseMethod": "auto", "SubtitleModel": "standard"}
GOOD: dict[str, dict[str, Any]] = {
    "AIAnalysis": {"Name": "a", "Comment": "c", "TagConfigure": ON, "OpeningAndEndingConfigure": ON},
    "SmartSubtitle": {
        "Name": "s",
        "Comment": "",
        "SubtitleType": 2,
        "VideoSrcLanguage": "en",
        "SubtitleFormat": "srt",
        "TranslateSwitch": "ON",
        "TranslateDstLanguage": "zh/ja",
    },
    "SmartErase": {
        "Name": "e",
        "EraseType": "subtitle",
        "EraseSubtitleConfig": {**SUBTITLES, "AutoAreas": [AREA]},
    },
    "EmbedSubtitle": {
        "Name": "b",
        "SubtitleEmbedConfig": {"FontType": "hei", "FontSize": 40, "FontSizeUnit": 0},
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("templates") / "data", "--workers", "0") as running:
        yield running


@pytest.fixture(scope="module")
def file_id(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    return server.upload(clips.video(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=1))


@pytest.fixture
def app(sdk: Sdk) -> int:
    """An application without templates."""
    return int(sdk.call("CreateSubAppId", Name="templates")["SubAppId"])


def create(sdk: Sdk, app: int, kind: str, **changes: Any) -> int:
    template = {**GOOD[kind], **changes}
    answer = sdk.call("CreateMPSTemplate", SubAppId=app, TemplateType=kind, **{f"{kind}Template": template})
    return int(answer["Definition"])


def rows(sdk: Sdk, app: int, kind: str, **wanted: Any) -> list[dict[str, Any]]:
    """The listed templates; each row is checked by the facts."""
    answer = sdk.call(
        "DescribeMPSTemplates", SubAppId=app, TemplateType=kind, MPSDescribeTemplateParams=json.dumps(wanted)
    )
    spec.load().check_response("DescribeMPSTemplates", answer)
    assert {row["TaskType"] for row in answer["MPSTemplateSet"]} <= {kind}
    found = [json.loads(row["MPSTemplateInfo"]) for row in answer["MPSTemplateSet"]]
    for row in found:
        spec.load().check_output(f"{kind}TemplateItem", row)
    return found


def row(sdk: Sdk, app: int, kind: str, definition: int) -> dict[str, Any]:
    (found,) = rows(sdk, app, kind, Definitions=[definition])
    return found


def refused(sdk: Sdk, action: str, **params: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.call(action, **params)
    return str(refusal.value.code)


def sub_tasks(server: Server, task_id: str) -> dict[str, dict[str, Any]]:
    """What a task was stored with: options by TaskType."""
    with Store.open(Settings(data=server.data)) as store:
        task = store.tasks.get(task_id)
    assert task is not None
    return {part.type: part.options for part in task.sub_tasks}


def test_numbers_begin_at_30001_in_every_application(sdk: Sdk, app: int) -> None:
    assert [create(sdk, app, kind) for kind in GOOD] == [30001, 30002, 30003, 30004]
    other = int(sdk.call("CreateSubAppId", Name="other")["SubAppId"])
    assert create(sdk, other, "AIAnalysis") == 30001
    assert rows(sdk, other, "SmartErase", Type="Custom") == []


@pytest.mark.parametrize("kind", GOOD)
def test_what_is_made_is_listed_and_goes_when_deleted(sdk: Sdk, app: int, kind: str) -> None:
    definition = create(sdk, app, kind)
    shown = row(sdk, app, kind, definition)
    assert (shown["Type"], shown["Definition"]) == ("Custom", definition)
    for name, value in GOOD[kind].items():
        assert shown[name] == value
    assert shown["CreateTime"] == shown["UpdateTime"]
    sdk.call("DeleteMPSTemplate", SubAppId=app, TemplateType=kind, Definition=definition)
    assert rows(sdk, app, kind, Definitions=[definition]) == []
    again = refused(sdk, "DeleteMPSTemplate", SubAppId=app, TemplateType=kind, Definition=definition)
    assert again == "ResourceNotFound.TemplateNotExist"


def test_a_subtitle_row_has_the_documented_fields_in_order(sdk: Sdk, app: int) -> None:
    assert list(row(sdk, app, "SmartSubtitle", 100).items()) == list(
        {
            "Definition": 100,
            "Name": "ASR_Generate_Chinese_Subtitle_For_Chinese_Video",
            "Comment": "",
            "Type": "Preset",
            "AsrHotWordsConfigure": {"Switch": "OFF", "LibraryId": ""},
            "AsrHotWordsLibraryName": "",
            "VideoSrcLanguage": "zh",
            "SubtitleFormat": "vtt",
            "SubtitleType": 0,
            "TranslateSwitch": "OFF",
            "TranslateDstLanguage": "",
            "CreateTime": "2025-01-01T00:00:00Z",
            "UpdateTime": "2025-01-01T00:00:00Z",
            "AliasName": "ASR_Generate_Chinese_Subtitle_For_Chinese_Video",
            "ProcessType": 0,
            "SelectingSubtitleAreasConfig": {},
            "SubtitleEmbedId": 0,
            "SpeakerMode": 0,
            "SpeakerLabel": 0,
        }.items()
    )


def test_unused_configurations_of_an_erasure_are_null(sdk: Sdk, app: int) -> None:
    shown = row(sdk, app, "SmartErase", 301)
    assert shown["EraseSubtitleConfig"] is None
    assert shown["EraseWatermarkConfig"] is None
    assert shown["ErasePrivacyConfig"] == {"PrivacyModel": "blur", "PrivacyTargets": ["face"]}


def test_an_analysis_row_shows_its_switches(sdk: Sdk, app: int) -> None:
    shown = row(sdk, app, "AIAnalysis", create(sdk, app, "AIAnalysis"))
    assert {name: value["Switch"] for name, value in shown.items() if name.endswith("Configure")} == {
        "ClassificationConfigure": "OFF",
        "TagConfigure": "ON",
        "CoverConfigure": "OFF",
        "FrameTagConfigure": "OFF",
        "OpeningAndEndingConfigure": "ON",
    }
    assert row(sdk, app, "AIAnalysis", 26)["HighlightConfigure"] == ON


@pytest.mark.parametrize("kind", GOOD)
def test_presets_are_listed_and_cannot_be_touched(sdk: Sdk, app: int, kind: str) -> None:
    ids = [preset["Definition"] for preset in templates.presets(kind)]
    listed = rows(sdk, app, kind, Type="Preset", Limit=100)
    assert [shown["Definition"] for shown in listed] == sorted(ids, reverse=True)
    assert {shown["Type"] for shown in listed} == {"Preset"}
    where = {"SubAppId": app, "TemplateType": kind}
    assert refused(sdk, "DeleteMPSTemplate", **where, Definition=ids[0]) == (
        "InvalidParameterValue.DeleteDefaultTemplate"
    )
    text = json.dumps({"Definition": ids[0], "Name": "mine"})
    assert refused(sdk, "ModifyMPSTemplate", **where, MPSModifyTemplateParams=text) == (
        "InvalidParameterValue.ModifyDefaultTemplate"
    )


def test_filters_and_pages(sdk: Sdk, app: int) -> None:
    made = [create(sdk, app, "AIAnalysis", Name=name) for name in ("x", "y", "x")]

    def found(**wanted: Any) -> list[int]:
        return [shown["Definition"] for shown in rows(sdk, app, "AIAnalysis", **wanted)]

    everything = found(Limit=100)
    assert everything == sorted(everything, reverse=True)
    assert everything[:3] == made[::-1]
    assert found() == everything[:10]
    assert found(Offset=1, Limit=2) == everything[1:3]
    assert found(Offset=len(everything)) == []
    assert found(Name="x") == [made[2], made[0]]
    assert found(Type="Custom", Name="y", Definitions=[made[1], 21]) == [made[1]]
    assert found(Definitions=[21, made[0], 99999]) == [made[0], 21]
    answer = sdk.call("DescribeMPSTemplates", SubAppId=app, TemplateType="AIAnalysis")
    assert answer["TotalCount"] == len(everything)
    where = {"SubAppId": app, "TemplateType": "AIAnalysis"}
    for bad in ('{"Limit": 101}', '{"Type": "Mine"}'):
        code = refused(sdk, "DescribeMPSTemplates", **where, MPSDescribeTemplateParams=bad)
        assert code == "InvalidParameterValue"
    for bad in ("[]", "{", '{"Limit": "1"}'):
        code = refused(sdk, "DescribeMPSTemplates", **where, MPSDescribeTemplateParams=bad)
        assert code == "InvalidParameter"
    assert found(Unknown=1, Name=None, Limit=1) == everything[:1]


def test_the_json_text_wins_over_the_structure_and_ignores_what_it_does_not_know(sdk: Sdk, app: int) -> None:
    text = {"Name": "text", "CoverConfigure": ON, "HighlightConfigure": ON, "Nonsense": {"A": 1}}
    answer = sdk.call(
        "CreateMPSTemplate",
        SubAppId=app,
        TemplateType="AIAnalysis",
        MPSCreateTemplateParams=json.dumps(text),
        AIAnalysisTemplate=GOOD["AIAnalysis"],
    )
    shown = row(sdk, app, "AIAnalysis", answer["Definition"])
    assert (shown["Name"], shown["Comment"], shown["CoverConfigure"], shown["TagConfigure"]) == (
        "text",
        "",
        ON,
        OFF,
    )
    assert "HighlightConfigure" not in shown  # the media-processing API's structure has no such switch
    hot_words = {"Switch": "ON", "LibraryId": "lib"}
    text = {"Name": "t", "SubtitleType": 0, "VideoSrcLanguage": "zh", "AsrHotWordsConfigure": hot_words}
    answer = sdk.call(
        "CreateMPSTemplate",
        SubAppId=app,
        TemplateType="SmartSubtitle",
        MPSCreateTemplateParams=json.dumps(text),
    )
    assert row(sdk, app, "SmartSubtitle", answer["Definition"])["AsrHotWordsConfigure"] == hot_words


@pytest.mark.parametrize(
    "kind, change, code",
    [
        ("AIAnalysis", {"TagConfigure": {"Switch": "MAYBE"}}, "InvalidParameterValue"),
        ("AIAnalysis", {"Name": "x" * 65}, "InvalidParameterValue"),
        ("AIAnalysis", {"Comment": "x" * 257}, "InvalidParameterValue"),
        ("SmartSubtitle", {"VideoSrcLanguage": None}, "MissingParameter"),
        ("SmartSubtitle", {"TranslateSwitch": "OFF"}, "InvalidParameter"),
        ("SmartSubtitle", {"TranslateDstLanguage": "klingon"}, "InvalidParameterValue"),
        ("SmartSubtitle", {"SubtitleEmbedId": 777}, "InvalidParameterValue"),
        ("SmartErase", {"EraseType": "watermark"}, "MissingParameter"),
        (
            "SmartErase",
            {"EraseSubtitleConfig": {**SUBTITLES, "SubtitleEraseMethod": "custom"}},
            "MissingParameter",
        ),
        ("SmartErase", {"EraseSubtitleConfig": {"SubtitleModel": "area"}}, "MissingParameter"),
        ("EmbedSubtitle", {"SubtitleEmbedConfig": {"FontColor": "red"}}, "InvalidParameterValue"),
    ],
)
def test_a_template_must_hold_together(
    sdk: Sdk, app: int, kind: str, change: dict[str, Any], code: str
) -> None:
    template = {f"{kind}Template": {**GOOD[kind], **change}}
    assert refused(sdk, "CreateMPSTemplate", SubAppId=app, TemplateType=kind, **template) == code


def test_requests_without_a_template_or_with_broken_json(sdk: Sdk, app: int) -> None:
    where = {"SubAppId": app, "TemplateType": "SmartErase"}
    assert (
        refused(sdk, "CreateMPSTemplate", **where, AIAnalysisTemplate=GOOD["AIAnalysis"])
        == "MissingParameter"
    )
    assert refused(sdk, "CreateMPSTemplate", **where, MPSCreateTemplateParams="{") == "InvalidParameter"
    assert refused(sdk, "CreateMPSTemplate", **where, MPSCreateTemplateParams="[1]") == "InvalidParameter"
    assert (
        refused(sdk, "CreateMPSTemplate", **where, MPSCreateTemplateParams='{"Name":"x"}')
        == "MissingParameter"
    )
    assert (
        refused(sdk, "ModifyMPSTemplate", **where, MPSModifyTemplateParams='{"Name":"x"}')
        == "MissingParameter"
    )
    missing = '{"Definition":30099,"Name":"x"}'
    assert refused(sdk, "ModifyMPSTemplate", **where, MPSModifyTemplateParams=missing) == (
        "ResourceNotFound.TemplateNotExist"
    )
    assert (
        refused(sdk, "CreateMPSTemplate", SubAppId=app, TemplateType="Transcode") == "InvalidParameterValue"
    )
    assert (
        refused(sdk, "CreateMPSTemplate", SubAppId=1, TemplateType="SmartErase")
        == "InvalidParameterValue.SubAppId"
    )


def test_a_change_keeps_what_is_absent_and_an_empty_list_clears(sdk: Sdk, app: int) -> None:
    definition = create(sdk, app, "SmartErase", Comment="stays")

    def modify(**changes: Any) -> dict[str, Any]:
        text = json.dumps({"Definition": definition, **changes})
        sdk.call("ModifyMPSTemplate", SubAppId=app, TemplateType="SmartErase", MPSModifyTemplateParams=text)
        return row(sdk, app, "SmartErase", definition)

    shown = modify(EraseSubtitleConfig={**SUBTITLES, "SubtitleModel": "area"})
    assert shown["EraseSubtitleConfig"] == {**SUBTITLES, "SubtitleModel": "area", "AutoAreas": [AREA]}
    assert (shown["Name"], shown["Comment"]) == ("e", "stays")
    assert (
        modify(EraseSubtitleConfig={**SUBTITLES, "AutoAreas": []})["EraseSubtitleConfig"]["AutoAreas"] == []
    )
    watermark = {"WatermarkEraseMethod": "auto", "WatermarkModel": "basic"}
    shown = modify(EraseType="watermark", EraseWatermarkConfig=watermark)
    assert (shown["EraseSubtitleConfig"], shown["EraseWatermarkConfig"]) == (None, watermark)
    text = json.dumps({"Definition": definition, "EraseType": "privacy"})
    where = {"SubAppId": app, "TemplateType": "SmartErase"}
    assert refused(sdk, "ModifyMPSTemplate", **where, MPSModifyTemplateParams=text) == "MissingParameter"
    assert row(sdk, app, "SmartErase", definition) == shown


def test_a_change_by_structure(sdk: Sdk, app: int) -> None:
    definition = create(sdk, app, "AIAnalysis")
    sdk.call(
        "ModifyMPSTemplate",
        SubAppId=app,
        TemplateType="AIAnalysis",
        AIAnalysisTemplate={"Definition": definition, "Name": "n", "Comment": "m", "TagConfigure": OFF},
    )
    shown = row(sdk, app, "AIAnalysis", definition)
    assert (shown["Name"], shown["TagConfigure"], shown["OpeningAndEndingConfigure"]) == ("n", OFF, ON)


def test_at_most_100_templates_of_a_type(server: Server, sdk: Sdk, app: int) -> None:
    with Store.open(Settings(data=server.data)) as store:
        for _ in range(100):
            store.templates.add(app, "AIAnalysis", "", "", {})
    where = {"SubAppId": app, "TemplateType": "AIAnalysis"}
    code = refused(sdk, "CreateMPSTemplate", **where, AIAnalysisTemplate=GOOD["AIAnalysis"])
    assert code == "LimitExceeded.TooMuchTemplate"
    assert create(sdk, app, "SmartErase") == 30101


def test_tasks_take_their_parameters_from_templates(server: Server, sdk: Sdk, file_id: str) -> None:
    subtitle = create(sdk, SUB_APP, "SmartSubtitle")
    erase = create(sdk, SUB_APP, "SmartErase", SampleWidth=1920, SampleHeight=1080)
    analysis = create(sdk, SUB_APP, "AIAnalysis")
    changes = {"EraseSubtitleConfig": {"SubtitleModel": "area"}}
    task = sdk.call(
        "ProcessMediaByMPS",
        FileId=file_id,
        SubAppId=SUB_APP,
        AiAnalysisTask={"Definition": analysis},
        SmartSubtitlesTask={"Definition": subtitle},
        SmartEraseTask={"Definition": erase, "OverrideParameter": changes},
    )
    found = sub_tasks(server, task["TaskId"])
    assert found.keys() == {
        "AiAnalysis.TagTask",
        "AiAnalysis.HeadTailTask",
        "SmartSubtitle.AsrFullTextTask",
        "SmartSubtitle.TransTextTask",
        "SmartErase",
    }
    assert found["SmartSubtitle.TransTextTask"]["TranslateDstLanguage"] == "zh/ja"
    assert found["SmartErase"]["EraseSubtitleConfig"]["AutoAreas"] == [AREA]
    assert found["SmartErase"]["EraseSubtitleConfig"]["SubtitleModel"] == "area"
    assert found["SmartErase"]["SampleWidth"] == 1920
    # what was accepted is as it was then
    sdk.call("DeleteMPSTemplate", SubAppId=SUB_APP, TemplateType="SmartErase", Definition=erase)
    detail = sdk.call("DescribeTaskDetail", TaskId=task["TaskId"])
    inputs = {
        row["TaskType"]: json.loads(row["Input"]) for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    }
    assert inputs["AiAnalysis.HeadTailTask"] == {"Definition": analysis}
    assert sub_tasks(server, task["TaskId"])["SmartErase"] == found["SmartErase"]
    gone = {"FileId": file_id, "SubAppId": SUB_APP, "SmartEraseTask": {"Definition": erase}}
    assert refused(sdk, "ProcessMediaByMPS", **gone) == "InvalidParameterValue"


@pytest.mark.parametrize(
    "switches, extended, tasks",
    [
        ({"TagConfigure": ON}, "", {"AiAnalysis.TagTask"}),
        ({"TagConfigure": ON}, {"tag": {"process_type": "1102"}}, {"AiAnalysis.TagTask"}),
        ({"SplitConfigure": ON}, {"des": {}}, {"AiAnalysis.SegmentTask"}),
        ({"TagConfigure": ON}, {"delogo": {}}, {"AiAnalysis.TagTask", "AiAnalysis.DeLogo"}),
        ({}, {"delogo": {"CustomerAppId": "facial_blur"}}, {"AiAnalysis.DeLogo"}),
        ({}, {"des": {}}, {"AiAnalysis.DescriptionTask"}),
        ({"CoverConfigure": ON}, "{broken", {"AiAnalysis.CoverTask"}),
        ({}, {"unheard-of": 1}, None),
        ({}, "", None),
    ],
)
def test_an_analysis_fans_out(
    server: Server, sdk: Sdk, file_id: str, switches: Any, extended: Any, tasks: set[str] | None
) -> None:
    where = {"SubAppId": SUB_APP, "TemplateType": "AIAnalysis"}
    made = sdk.call("CreateMPSTemplate", **where, AIAnalysisTemplate={"Name": "", "Comment": "", **switches})
    text = extended if isinstance(extended, str) else json.dumps(extended)
    wanted = {"Definition": made["Definition"], "ExtendedParameter": text}
    params = {"FileId": file_id, "SubAppId": SUB_APP, "AiAnalysisTask": wanted}
    if tasks is None:
        assert refused(sdk, "ProcessMediaByMPS", **params) == "InvalidParameter"
    else:
        assert sub_tasks(server, sdk.call("ProcessMediaByMPS", **params)["TaskId"]).keys() == tasks
    sdk.call("DeleteMPSTemplate", **where, Definition=made["Definition"])


def test_another_application_s_templates_are_unknown(sdk: Sdk, app: int, file_id: str) -> None:
    for _ in range(3):
        theirs = create(sdk, app, "EmbedSubtitle")
    assert create(sdk, app, "SmartSubtitle", SubtitleEmbedId=theirs, TranslateDstLanguage="zh")
    raw = {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt", "SubtitleEmbedId": 31234}
    task = {"SmartSubtitlesTask": {"RawParameter": raw}}
    assert (
        refused(sdk, "ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, **task) == "InvalidParameterValue"
    )
