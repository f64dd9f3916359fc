"""Every kind of sub-task has its place in the MPS API's answer, and what is stored of it fits there."""

from typing import Any, cast

import pytest

from openvod.core import facts, spec
from openvod.core.pulls import PULL
from openvod.render import Renderer
from openvod.render.mps import ANALYSES, SUBTITLES, workflow_task
from openvod.store import Store
from openvod.store.tasks import SubTaskRecord, TaskRecord

VOD, MPS = spec.load(), spec.load("mps")
KINDS = [
    kind for kind in facts.read("enums")["MPSSubTaskResult.TaskType"] if kind != "MediaProcess.Transcode"
]
FAULT = {"code": "InvalidInput", "en": "why", "zh": "原因"}


def told(*kinds: str, fault: dict[str, Any] | None = None, number: str = "0") -> dict[str, Any]:
    """The WorkflowTask of a task with such parts; nothing of it is in a store."""
    status = "FAIL" if fault else "PROCESSING"
    rows = tuple(
        SubTaskRecord(n, kind, {"Definition": 5}, {}, status, 0.5, number, fault, None, [], "", [], None)  # type: ignore[arg-type]
        for n, kind in enumerate(kinds)
    )
    source = {"InputInfo": {"Type": "URL", "UrlInputInfo": {"Url": "http://media.example/"}}}
    values: dict[str, Any] = dict.fromkeys(TaskRecord._fields, "")
    values |= {"id": "1", "status": "PROCESSING", "err_code": 0, "message": None, "request": source}
    values |= {"began": 0, "sub_tasks": rows}
    # a Renderer that has no store: with no file and no output there is nothing to look up
    renderer = Renderer(cast(Store, None), "http://vod.example", 0.0)
    filled = MPS.fill("WorkflowTask", workflow_task(renderer, TaskRecord(**values)))
    MPS.check_output("WorkflowTask", filled)
    return filled


def result_of(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    if kind == "SmartErase":
        return cast(dict[str, Any], answer["SmartEraseTaskResult"])
    (row,) = answer["AiAnalysisResultSet"] + answer["SmartSubtitlesTaskResult"]
    type_, field = (ANALYSES | SUBTITLES)[kind]
    assert row["Type"] == type_
    assert [name for name, value in row.items() if value is not None] == ["Type", field]
    return cast(dict[str, Any], row[field])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_told_in_its_place(kind: str) -> None:
    result = result_of(told(kind), kind)
    assert (result["Status"], result["Input"]["Definition"], result["Message"]) == ("PROCESSING", 5, "")
    failed = result_of(told(kind, fault=FAULT, number="40000"), kind)
    assert failed.get("ErrCode", 40000) == 40000
    if "ErrCodeExt" in failed:
        assert (failed["ErrCodeExt"], failed["Message"]) == ("InvalidInput", "why")
    else:
        assert failed["Message"] == "InvalidInput: why"


def test_all_at_once_are_in_their_sets_and_a_download_is_not_told() -> None:
    answer = told(PULL, *KINDS)
    assert len(answer["AiAnalysisResultSet"]) == sum(kind.startswith("AiAnalysis.") for kind in KINDS)
    assert len(answer["SmartSubtitlesTaskResult"]) == 4
    assert answer["MediaProcessResultSet"] == []


def test_a_source_that_could_not_be_had_is_the_task_s_own_error() -> None:
    answer = told(PULL, fault=FAULT, number="60000")
    assert (answer["ErrCode"], answer["Message"]) == (60000, "InvalidInput: why")


@pytest.mark.parametrize(
    "name", ["RawSmartSubtitleParameter", "RawSmartEraseParameter", "OverrideEraseParameter"]
)
def test_what_the_other_api_was_asked_for_fits_into_the_answer(name: str) -> None:
    todo = [(f"MPS{name}", name)]
    while todo:
        theirs, ours = todo.pop()
        for field, about in VOD.fields(theirs).items():
            assert field in MPS.fields(ours), (theirs, field)
            if about.nested:
                todo.append((about.type, MPS.fields(ours)[field].type))
