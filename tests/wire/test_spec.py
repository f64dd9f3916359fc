"""The walker: what is refused, with which code, where, and in which order; and the shape of answers."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openvod.core import spec
from openvod.core.errors import ApiError
from tests.wire import made

SPEC = spec.load()
BASE = {"FileId": "1", "SubAppId": 2}
SUBTITLE = {"SubtitleType": 0, "VideoSrcLanguage": "zh"}
HUGE = 10**9


def refusal(action: str, params: dict[str, Any], *, flat: bool = False) -> tuple[str, str]:
    """Code and English text."""
    with pytest.raises(ApiError) as caught:
        SPEC.check_request(action, params, flat=flat)
    return caught.value.key, caught.value.en


def subtitle(**fields: Any) -> dict[str, Any]:
    return {**BASE, "SmartSubtitlesTask": {"RawParameter": {**SUBTITLE, **fields}}}


def area(**fields: Any) -> dict[str, Any]:
    box = {"LeftTopX": 0, "LeftTopY": 0, "RightBottomX": 1, "RightBottomY": 1, "Unit": 1, **fields}
    return subtitle(SelectingSubtitleAreasConfig={"AutoAreas": [box]})


@pytest.mark.parametrize(
    ("params", "key", "field"),
    [
        ({**BASE, "SessionId": "x"}, "UnknownParameter", "SessionId"),
        ({**BASE, "AiAnalysisTask": {"Definition": 21, "Foo": 1}}, "UnknownParameter", "AiAnalysisTask.Foo"),
        (area(Foo=1), "UnknownParameter", "SelectingSubtitleAreasConfig.AutoAreas.0.Foo"),
        ({"FileId": "1"}, "MissingParameter", "SubAppId"),
        ({"FileId": None, "SubAppId": 2}, "MissingParameter", "FileId"),
        ({**BASE, "AiAnalysisTask": {}}, "MissingParameter", "AiAnalysisTask.Definition"),
        ({"FileId": 1, "SubAppId": 2}, "InvalidParameter/type", "FileId"),
        ({"FileId": "1", "SubAppId": "2"}, "InvalidParameter/type", "SubAppId"),
        ({"FileId": "1", "SubAppId": True}, "InvalidParameter/type", "SubAppId"),
        ({"FileId": "1", "SubAppId": 2.0}, "InvalidParameter/type", "SubAppId"),
        ({**BASE, "AiAnalysisTask": []}, "InvalidParameter/type", "AiAnalysisTask"),
        ({**BASE, "AiAnalysisTask": '{"Definition": 21}'}, "InvalidParameter/type", "AiAnalysisTask"),
        (
            subtitle(SelectingSubtitleAreasConfig={"AutoAreas": {"0": {}}}),
            "InvalidParameter/type",
            "AutoAreas",
        ),
        (area(Unit=None), "MissingParameter", "AutoAreas.0.Unit"),
        (area(LeftTopX="0"), "InvalidParameter/type", "AutoAreas.0.LeftTopX"),
        (area(LeftTopX=True), "InvalidParameter/type", "AutoAreas.0.LeftTopX"),
        (area(LeftTopX=float("nan")), "InvalidParameterValue/range", "AutoAreas.0.LeftTopX"),
        (area(LeftTopX=float("inf")), "InvalidParameterValue/range", "AutoAreas.0.LeftTopX"),
        (area(LeftTopX=10**400), "InvalidParameterValue/range", "AutoAreas.0.LeftTopX"),
        (area(LeftTopX=-0.1), "InvalidParameterValue/range", "AutoAreas.0.LeftTopX"),
        (area(Unit=3), "InvalidParameterValue/range", "AutoAreas.0.Unit"),
        ({**BASE, "AiAnalysisTask": {"Definition": -1}}, "InvalidParameterValue/range", "Definition"),
        ({**BASE, "SmartEraseTask": {"Definition": 2**63}}, "InvalidParameterValue/range", "Definition"),
        ({"FileId": "1", "SubAppId": -1}, "InvalidParameterValue.SubAppId", "-1"),
        ({"FileId": "1", "SubAppId": 2**63}, "InvalidParameterValue.SubAppId", str(2**63)),
        ({"FileId": "1" * 65, "SubAppId": 1}, "InvalidParameterValue.FileId", "1" * 64 + "..."),
        (subtitle(SubtitleType=3), "InvalidParameterValue/range", "SubtitleType"),
        (subtitle(ProcessType=3), "InvalidParameterValue/range", "ProcessType"),
        (subtitle(TranslateSwitch="on"), "InvalidParameterValue/range", "TranslateSwitch"),
        (subtitle(VideoSrcLanguage="xx"), "InvalidParameterValue/range", "VideoSrcLanguage"),
        (subtitle(TranslateDstLanguage="en/xx"), "InvalidParameterValue/range", "TranslateDstLanguage"),
        (subtitle(TranslateDstLanguage="en/"), "InvalidParameterValue/range", "TranslateDstLanguage"),
        ({**BASE, "ExtInfo": "a\0b"}, "InvalidParameterValue/range", "ExtInfo"),
        ({**BASE, "ExtInfo": "\ud800"}, "InvalidParameterValue/range", "ExtInfo"),
    ],
)
def test_process_media_refusals(params: dict[str, Any], key: str, field: str) -> None:
    found, text = refusal("ProcessMediaByMPS", params)
    assert found == key
    assert f"{field}`" in text or f" {field} " in text


@pytest.mark.parametrize(
    ("action", "params", "key"),
    [
        ("DescribeMediaInfos", {"FileIds": []}, "InvalidParameterValue.FileIds"),
        ("DescribeMediaInfos", {"FileIds": ["1"] * 21}, "InvalidParameterValue.FileIdsTooMany"),
        ("DescribeMediaInfos", {"FileIds": ["1", None]}, "InvalidParameter/type"),
        ("DescribeMediaInfos", {"FileIds": ["1"], "Filters": ["x"]}, "InvalidParameterValue/range"),
        ("DescribeTasks", {"Limit": 0}, "InvalidParameterValue/range"),
        ("DescribeTasks", {"Limit": 101}, "InvalidParameterValue/range"),
        ("DescribeTasks", {"Status": "ABORTED"}, "InvalidParameterValue/range"),
        ("DescribeTasks", {"CreateTime": {"After": "yesterday"}}, "InvalidParameterValue/range"),
        ("DescribeTasks", {"CreateTime": {"After": "2026-02-30T00:00:00Z"}}, "InvalidParameterValue/range"),
        (
            "DescribeTasks",
            {"CreateTime": {"After": "9999-12-31T23:59:59-12:00"}},
            "InvalidParameterValue/range",
        ),
        ("DescribeTasks", {"Sort": {"Field": "CreateTime"}}, "MissingParameter"),
        ("DescribeTaskDetail", {"TaskId": "x" * 129}, "InvalidParameterValue.TaskId"),
        (
            "ManageTask",
            {"TaskId": "x", "OperationType": "Stop"},
            "InvalidParameterValue.InvalidOperationType",
        ),
        ("ApplyUpload", {"MediaType": "mp4", "ExpireTime": "soon"}, "InvalidParameterValue.ExpireTime"),
        ("ApplyUpload", {"MediaType": "mp4", "SourceContext": "x" * 251}, "InvalidParameterValue/range"),
        ("PullUpload", {"MediaUrl": "u", "SessionId": "x" * 51}, "InvalidParameterValue.SessionIdTooLong"),
        (
            "PullUpload",
            {"MediaUrl": "u", "SessionContext": "x" * 1001},
            "InvalidParameterValue.SessionContextTooLong",
        ),
        ("SearchMedia", {"Limit": 5001}, "InvalidParameterValue.LimitTooLarge"),
        ("SearchMedia", {"Offset": 5001}, "InvalidParameterValue.OffsetTooLarge"),
        ("ConfirmEvents", {"EventHandles": ["x"] * 17}, "InvalidParameterValue/range"),
        ("ModifyEventConfig", {"SignKey": "ключ"}, "InvalidParameterValue/range"),
        ("ModifyEventConfig", {"Mode": "BOTH"}, "InvalidParameterValue/range"),
        ("CreateSubAppId", {"Name": "x" * 41}, "InvalidParameterValue/range"),
        ("ApplyUpload", {"MediaType": "mp4", "MediaName": "x" * 257}, "InvalidParameterValue/range"),
        ("ApplyUpload", {"MediaType": "mp4", "ExtInfo": "x" * 4097}, "InvalidParameterValue/range"),
        ("SearchMedia", {"StreamDomains": ["x"] * 1001}, "InvalidParameterValue/range"),
    ],
)
def test_refusals_of_other_actions(action: str, params: dict[str, Any], key: str) -> None:
    assert refusal(action, params)[0] == key


def test_findings_come_in_the_documented_order_over_the_whole_request() -> None:
    """Each step repairs the first finding; it never matters where in the request the next one stands."""
    params: dict[str, Any] = {
        "AiAnalysisTask": {"Definition": -1, "ExtendedParameter": 5},
        "ExtInfo": "\0",
        "SmartEraseTask": {"RawParameter": {"Nope": 1}},
        "Zzz": 1,
        "FileId": "1",
    }
    keys = []
    for repair in (
        lambda: params.pop("Zzz"),
        lambda: params["SmartEraseTask"]["RawParameter"].update(Nope=None),
        lambda: params["SmartEraseTask"]["RawParameter"].update(EraseType="watermark"),
        lambda: params.update(SubAppId=1),
        lambda: params["AiAnalysisTask"].pop("ExtendedParameter"),
        lambda: params["AiAnalysisTask"].update(Definition=21),
        lambda: params.update(ExtInfo=""),
    ):
        keys.append(refusal("ProcessMediaByMPS", params)[0])
        repair()
    assert keys == [
        "UnknownParameter",
        "UnknownParameter",
        "MissingParameter",
        "MissingParameter",
        "InvalidParameter/type",
        "InvalidParameterValue/range",
        "InvalidParameterValue/range",
    ]
    SPEC.check_request("ProcessMediaByMPS", params)


def test_null_is_absent_at_every_depth_even_where_unknown() -> None:
    params = {
        **BASE,
        "ExtInfo": None,
        "Later": None,
        "AiAnalysisTask": {"Definition": 21, "ExtendedParameter": None},
    }
    assert SPEC.check_request("ProcessMediaByMPS", params) == {**BASE, "AiAnalysisTask": {"Definition": 21}}


def test_the_request_is_not_changed() -> None:
    params = {**BASE, "ExtInfo": None}
    assert SPEC.check_request("ProcessMediaByMPS", params) is not params
    assert params == {**BASE, "ExtInfo": None}


def test_inside_of_mps_process_media_params() -> None:
    def checked(value: Any) -> dict[str, Any]:
        return SPEC.check_struct("MPSProcessMediaParams", value, "MPSProcessMediaParams", unknown="ignore")

    given = {
        "InputInfo": {"Type": "COS"},
        "AiAnalysisTask": {"Definition": 21, "More": 1},
        "SmartSubtitlesTask": {"RawParameter": {**SUBTITLE, "AsrHotWordsConfigure": {"Switch": "ON"}}},
        "TasksPriority": 10,
        "SessionId": "s",
    }
    assert checked(given) == {
        "AiAnalysisTask": {"Definition": 21},
        "SmartSubtitlesTask": given["SmartSubtitlesTask"],
        "TasksPriority": 10,
        "SessionId": "s",
    }
    for value, key, field in (
        ([], "InvalidParameter/type", "MPSProcessMediaParams"),
        ({"AiAnalysisTask": {}}, "MissingParameter", "MPSProcessMediaParams.AiAnalysisTask.Definition"),
        ({"TasksPriority": 11}, "InvalidParameterValue/range", "MPSProcessMediaParams.TasksPriority"),
        ({"SessionId": "x" * 51}, "InvalidParameterValue.SessionIdTooLong", "SessionId is longer"),
        (
            {"SmartEraseTask": {"RawParameter": {"EraseType": "hair"}}},
            "InvalidParameterValue/range",
            "MPSProcessMediaParams.SmartEraseTask.RawParameter.EraseType",
        ),
    ):
        with pytest.raises(ApiError) as caught:
            checked(value)
        assert caught.value.key == key
        assert field in caught.value.en


@pytest.mark.parametrize(
    ("pairs", "key"),
    [
        ({"FileIds.1": "a"}, "InvalidParameter/flat"),
        ({"FileIds.0": "a", "FileIds.2": "b"}, "InvalidParameter/flat"),
        ({"FileIds.00": "a"}, "InvalidParameter/flat"),
        ({"FileIds.-1": "a"}, "InvalidParameter/flat"),
        ({f"FileIds.{HUGE}": "a"}, "InvalidParameter/flat"),
        ({"FileIds.0": "a", "FileIds": "b"}, "InvalidParameter/flat"),
        ({"FileIds": "b", "FileIds.0": "a"}, "InvalidParameter/flat"),
        ({"FileIds": "a"}, "InvalidParameter/type"),
        ({"FileIds": "[1]"}, "InvalidParameter/type"),
        ({"FileIds": "[" * 100_000}, "InvalidParameter/type"),
        ({"FileIds.0.A": "a"}, "InvalidParameter/type"),
        ({"FileIds.0": b"\xff"}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": "1.0"}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": "١"}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": " 1"}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": ""}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": "9" * 5000}, "InvalidParameter/type"),
        ({"FileIds.0": "a", "SubAppId": "-1"}, "InvalidParameterValue.SubAppId"),
        ({"FileIds.0": "a", "." * 1_000_000: "1"}, "UnknownParameter"),
        ({"FileIds.0": "a", "": "1"}, "UnknownParameter"),
    ],
)
def test_flat_refusals_are_cheap(pairs: dict[str, Any], key: str) -> None:
    began = time.process_time()
    assert refusal("DescribeMediaInfos", pairs, flat=True)[0] == key
    assert time.process_time() - began < 0.5


def test_flat_scalars_take_the_type_of_their_field() -> None:
    flat = {
        "FileId": "1",
        "SubAppId": "2",
        "SmartSubtitlesTask.RawParameter.SubtitleType": "0",
        "SmartSubtitlesTask.RawParameter.VideoSrcLanguage": "zh_en",
        "SmartSubtitlesTask.RawParameter.SelectingSubtitleAreasConfig": '{"AutoAreas": [{"LeftTopX": 0.5, "LeftTopY": 0,'
        ' "RightBottomX": 1, "RightBottomY": 1, "Unit": 1}]}',
    }
    checked = SPEC.check_request("ProcessMediaByMPS", flat, flat=True)
    assert checked["SubAppId"] == 2
    raw = checked["SmartSubtitlesTask"]["RawParameter"]
    assert raw["SelectingSubtitleAreasConfig"]["AutoAreas"][0]["LeftTopX"] == 0.5
    flat["SmartSubtitlesTask.RawParameter.SelectingSubtitleAreasConfig"] = '{"SampleWidth": "1"}'
    assert refusal("ProcessMediaByMPS", flat, flat=True)[0] == "InvalidParameter/type"


NAMES = st.sampled_from(
    [*SPEC.fields("ProcessMediaByMPSRequest"), *SPEC.fields("MPSRawSmartEraseParameter"), "0", "1"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.sampled_from(sorted(SPEC.offered)), st.dictionaries(NAMES | st.text(), VALUES, max_size=6))
def test_nothing_but_an_api_error_comes_of_any_json(action: str, params: dict[str, Any]) -> None:
    text = ""
    try:
        SPEC.check_request(action, params)
    except ApiError as error:
        text = error.en + error.zh
    assert len(text.encode()) < 3000


PATHS = st.lists(NAMES | st.text(max_size=3), min_size=1, max_size=5).map(".".join)


@given(
    st.sampled_from(sorted(SPEC.offered)),
    st.dictionaries(PATHS, st.text() | st.binary() | st.sampled_from(["{}", "[]", "1", "true"]), max_size=8),
)
def test_nothing_but_an_api_error_comes_of_any_pairs(action: str, pairs: dict[str, Any]) -> None:
    try:
        SPEC.check_request(action, pairs, flat=True)
    except ApiError as error:
        error.en.encode()


@given(st.data(), st.sampled_from(sorted(SPEC.offered)))
def test_valid_parameters_pass_unchanged(data: st.DataObject, action: str) -> None:
    params = data.draw(made.params(action))
    assert SPEC.check_request(action, params) == params


def test_fill_shows_every_kind_of_task_and_refuses_what_nobody_would_see() -> None:
    rows = [{"TaskType": "SmartErase", "Output": {"OutputFiles": [], "OutputText": ""}}]
    answer = SPEC.fill(
        "DescribeTaskDetailResponse", {"Status": "FINISH", "ProcessMediaByMPSTask": {"SubTaskSet": rows}}
    )
    nulls = {name for name, value in answer.items() if value is None}
    scalars = {"TaskType", "Status", "CreateTime", "BeginProcessTime", "FinishTime", "RequestId"}
    assert nulls == SPEC.fields("DescribeTaskDetailResponse").keys() - scalars - {"ProcessMediaByMPSTask"}
    assert answer["ProcessMediaByMPSTask"] == {"SubTaskSet": rows}
    assert "CreateTime" not in answer
    SPEC.check_response("DescribeTaskDetail", answer)
    with pytest.raises(ValueError, match="Statuss"):
        SPEC.fill("DescribeTaskDetailResponse", {"Statuss": "FINISH"})
    with pytest.raises(ValueError, match="ProcessMediaByMPS has no field Foo"):
        SPEC.fill("DescribeTaskDetailResponse", {"ProcessMediaByMPSTask": {"Foo": 1}})


def test_a_pulled_event_shows_every_other_event_as_null() -> None:
    events = SPEC.fill("PullEventsResponse", {"EventSet": [{"EventHandle": "h", "EventType": "FileDeleted"}]})
    event = events["EventSet"][0]
    others = [name for name in SPEC.fields("EventContent") if name not in {"EventHandle", "EventType"}]
    assert all(name in event and event[name] is None for name in others)
    SPEC.check_response("PullEvents", events)


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"Foo": 1}, "no field Foo"),
        ({"Status": None}, "must not be null"),
        ({"Status": 1}, "not of type string"),
        ({"ProcedureTask": {}}, "not of type null"),
        ({"ProcessMediaByMPSTask": []}, "not an object"),
        ({"ProcessMediaByMPSTask": {"SubTaskSet": {}}}, "not a list"),
        ({"ProcessMediaByMPSTask": {"ErrCode": True}}, "not of type int64"),
        ({"ProcessMediaByMPSTask": {"SubTaskSet": [{"ErrCode": 0}]}}, "SubTaskSet.0.ErrCode"),
        ({"PullUploadTask": {"MetaData": {"Duration": "1"}}}, "not of type float"),
        ([], "not an object"),
    ],
)
def test_a_wrong_answer_is_found(response: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SPEC.check_response("DescribeTaskDetail", response)


def test_outputs_are_checked_like_answers() -> None:
    SPEC.check_output(
        "AiAnalysisTaskTagOutput", {"TagSet": [{"Tag": "a", "Confidence": 99.5, "SpecialInfo": ""}]}
    )
    with pytest.raises(ValueError, match="Confidence"):
        SPEC.check_output("AiAnalysisTaskTagOutput", {"TagSet": [{"Tag": "a", "Confidence": "99"}]})
    assert all(SPEC.fields(name) for name in SPEC.outputs)


def test_checking_is_quick() -> None:
    """Well under 100 microseconds are wanted; the bound leaves room for a slow and busy machine."""
    params = area()
    SPEC.check_request("ProcessMediaByMPS", params)
    began = time.process_time()
    for _ in range(1000):
        SPEC.check_request("ProcessMediaByMPS", params)
    assert (time.process_time() - began) / 1000 < 300e-6
