"""What does every client do? The steps of the matrix; each raises AssertionError or Refusal when it goes wrong.

They are written once: a client differs from another only in how it is asked. What a step returns is a remark.
"""

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openvod.core import spec
from openvod.core.errors import TaskFault
from openvod.media.captions import parse
from tests.clients.asking import Ask, Call, Refusal
from tests.conftest import FILE_ID, SUB_APP, Server
from tests.walk.conftest import Sdk, cos
from tests.walk.texts import TWO_CITIES, spoken_words

PASS_THROUGH = {
    "FileId": FILE_ID,
    "SubAppId": SUB_APP,
    "MPSProcessMediaParams": '{"AiAnalysisTask":{"Definition": 21,"ExtendedParameter":""}}',
}
STRUCTURED = {
    "FileId": FILE_ID,
    "SubAppId": SUB_APP,
    "AiAnalysisTask": {"Definition": 21, "ExtendedParameter": ""},
}
"""The two examples of the API's documentation."""
PATIENCE = 300
"""Seconds until a task must have ended."""
PROBES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "probes.json").read_text())


@dataclass
class Walk:
    """One client on its way through the steps."""

    server: Server
    clip: Path
    """A second of picture and sound, to upload."""
    ask: Ask
    refuses_by: str
    sends_anything: bool
    key: dict[str, str] = field(init=False)
    own: dict[str, Any] = field(default_factory=dict)
    """What the first step made: the SubAppId of an application of its own and a FileId in it."""

    def __post_init__(self) -> None:
        self.key = {"secret_id": self.server.secret_id, "secret_key": self.server.secret_key}

    def call(self, action: str, service: spec.Service = "vod", **params: Any) -> dict[str, Any]:
        return self.ask(Call(service, action, params, **self.key))

    def events_left(self) -> int:
        """How many events wait in the client's application; asked apart, for the international SDK cannot."""
        sdk = Sdk(self.server.address, **self.key)
        answer = sdk.call("DescribeEventsState", SubAppId=self.own["SubAppId"])
        return int(answer["CountOfEventsToPull"])

    def ended(self, task_id: str, service: spec.Service = "vod") -> dict[str, Any]:
        """DescribeTaskDetail, again and again until the task has ended."""
        deadline = time.monotonic() + PATIENCE
        while True:
            detail = self.call("DescribeTaskDetail", service, TaskId=task_id)
            if detail["Status"] == "FINISH":
                return detail
            assert detail["Status"] in {"WAITING", "PROCESSING"}, detail["Status"]
            assert time.monotonic() < deadline, f"{task_id} has not ended after {PATIENCE} seconds"
            time.sleep(0.5)  # as every client does that has no waiter

    def sub_task(self, kind: str, **params: Any) -> dict[str, Any]:
        """ProcessMediaByMPS; the one row of that kind when it has ended."""
        detail = self.ended(self.call("ProcessMediaByMPS", **params)["TaskId"])
        rows = detail["ProcessMediaByMPSTask"]["SubTaskSet"]
        (row,) = [row for row in rows if row["TaskType"].startswith(kind)]
        return dict(row)


def upload(walk: Walk) -> None:
    """An application of its own, and a file in it. The bytes go by the COS SDK: these clients do not send any."""
    app = walk.call("CreateSubAppId", Name="matrix")["SubAppId"]
    applied = walk.call("ApplyUpload", SubAppId=app, MediaType="mp4", MediaName="a name – 名")
    path = applied["MediaStoragePath"].removeprefix("/")
    cos(walk.server, applied).put_object(
        Bucket=applied["StorageBucket"], Key=path, Body=walk.clip.read_bytes()
    )
    committed = walk.call("CommitUpload", SubAppId=app, VodSessionKey=applied["VodSessionKey"])
    assert _fetched(committed["MediaUrl"]) == walk.clip.read_bytes()
    walk.own.update(SubAppId=app, FileId=committed["FileId"])


def media(walk: Walk) -> None:
    found = walk.call("DescribeMediaInfos", SubAppId=walk.own["SubAppId"], FileIds=[walk.own["FileId"], "1"])
    (info,) = found["MediaInfoSet"]
    assert found["NotExistFileIdSet"] == ["1"]
    assert info["BasicInfo"]["Name"] == "a name – 名"
    assert info["MetaData"]["Size"] == walk.clip.stat().st_size
    assert (info["MetaData"]["Width"], info["MetaData"]["Height"]) == (160, 120)


def pass_through(walk: Walk) -> None:
    _check_tags(walk.sub_task("AiAnalysis.TagTask", **PASS_THROUGH))


def structured(walk: Walk) -> None:
    _check_tags(walk.sub_task("AiAnalysis.TagTask", **STRUCTURED))


def _check_tags(row: dict[str, Any]) -> None:
    assert (row["Status"], row["ErrCode"], row["Message"]) == ("SUCCESS", "0", "SUCCESS"), row["Message"]
    output = json.loads(row["Output"]["OutputText"])
    spec.load().check_output("AiAnalysisTaskTagOutput", output)
    assert any("speech" in tag["Tag"].lower() for tag in output["TagSet"]), output


def subtitles(walk: Walk) -> str:
    """From the documented preset to the file, which must hold the words that are spoken."""
    row = walk.sub_task(
        "SmartSubtitle.", FileId=FILE_ID, SubAppId=SUB_APP, SmartSubtitlesTask={"Definition": 200}
    )
    assert row["Status"] == "SUCCESS", row["Message"]
    captions = parse(_fetched(json.loads(row["Output"]["OutputText"])["SubtitlePath"]))
    heard = spoken_words(" ".join(line for cue in captions.cues for line in cue.lines)).split()
    known = [word for word in heard if word in spoken_words(TWO_CITIES).split()]
    assert len(heard) >= 10, heard
    assert len(known) / len(heard) >= 0.8, heard
    return f"{len(heard)} words"


def erase(walk: Walk) -> str:
    row = walk.sub_task("SmartErase", **walk.own, SmartEraseTask={"Definition": 101})
    return check_erased(row)


def check_erased(row: dict[str, Any]) -> str:
    """Done and the video can be fetched, or not done and said why: never silently, never by a fault of the server."""
    if row["Status"] == "SUCCESS":
        (file,) = [file for file in row["Output"]["OutputFiles"] if file["FileType"] == "SmartErase.Video"]
        assert _fetched(file["Url"])[4:8] == b"ftyp", "the erased video is no MP4"
        return "SUCCESS"
    code, _, reason = row["Message"].partition(": ")
    assert code in {key.partition("/")[0] for key in TaskFault.table}, row["Message"]
    assert (row["Status"], bool(reason)) == ("FAIL", True), row
    assert row["ErrCode"] in {"40000", "60000"}, f"{row['ErrCode']} {row['Message']}"
    return f"FAIL {code}"


def templates(walk: Walk) -> None:
    app, kind = walk.own["SubAppId"], "SmartSubtitle"
    template = {
        "Name": "字幕",
        "Comment": "",
        "SubtitleType": 0,
        "VideoSrcLanguage": "en",
        "SubtitleFormat": "srt",
        "TranslateSwitch": "OFF",
    }
    made = walk.call("CreateMPSTemplate", SubAppId=app, TemplateType=kind, SmartSubtitleTemplate=template)
    number = made["Definition"]

    def listed() -> list[dict[str, Any]]:
        wanted = json.dumps({"Definitions": [number]})
        found = walk.call(
            "DescribeMPSTemplates", SubAppId=app, TemplateType=kind, MPSDescribeTemplateParams=wanted
        )
        return [json.loads(row["MPSTemplateInfo"]) for row in found["MPSTemplateSet"]]

    (shown,) = listed()
    assert {name: shown[name] for name in template} == template
    template["SubtitleFormat"] = "vtt"
    change = {"Definition": number, **template}
    walk.call("ModifyMPSTemplate", SubAppId=app, TemplateType=kind, SmartSubtitleTemplate=change)
    (shown,) = listed()
    assert {name: shown[name] for name in template} == template
    walk.call("DeleteMPSTemplate", SubAppId=app, TemplateType=kind, Definition=number)
    assert listed() == []


def events(walk: Walk) -> None:
    """The client's own task is told of as DescribeTaskDetail tells of it; when all is confirmed, nothing is left."""
    app = walk.own["SubAppId"]
    task_id = walk.call("ProcessMediaByMPS", **walk.own, SmartEraseTask={"Definition": 101})["TaskId"]
    detail = walk.ended(task_id)
    found: dict[str, dict[str, Any]] = {}
    while task_id not in found:
        came = walk.call("PullEvents", SubAppId=app)["EventSet"]
        assert came, "an event is missing"
        assert {event["EventType"] for event in came} == {"ProcessMediaByMPSComplete"}
        found.update({event["ProcessMediaByMPSCompleteEvent"]["TaskId"]: event for event in came})
        walk.call("ConfirmEvents", SubAppId=app, EventHandles=[event["EventHandle"] for event in came])
    told, asked = found[task_id]["ProcessMediaByMPSCompleteEvent"], detail["ProcessMediaByMPSTask"]
    assert [_state(row) for row in told["SubTaskSet"]] == [_state(row) for row in asked["SubTaskSet"]]
    assert walk.events_left() == 0


def _state(row: dict[str, Any]) -> tuple[str, ...]:
    return row["TaskType"], row["Status"], row["ErrCode"], row["Message"]


def mps(walk: Walk) -> None:
    """The same file and work by the other API."""
    source = {"Type": "VOD", "VODInputInfo": {**walk.own, "VodBasic": 1}}
    task_id = walk.call("ProcessMedia", "mps", InputInfo=source, SmartEraseTask={"Definition": 101})["TaskId"]
    result = walk.ended(task_id, "mps")["WorkflowTask"]["SmartEraseTaskResult"]
    (row,) = walk.ended(task_id)["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert f"{result['Status']} {result['ErrCodeExt']}".strip() == check_erased(row)


def errors(walk: Walk) -> str:
    """Each probe must arrive as the client's own error with the documented code and the request's id."""
    wrong = []
    fit = [probe for probe in PROBES if walk.sends_anything or probe.get("typed", True)]
    for probe in fit:
        try:
            walk.ask(probe_call(probe, walk.key))
            came = "no error"
        except Refusal as refusal:
            came = (
                f"{refusal.how} {refusal.code}" if refusal.request_id else f"{refusal}, without a RequestId"
            )
        if came != f"{walk.refuses_by} {probe['code']}":
            wrong.append(f"{probe['name']}: {came} instead of {walk.refuses_by} {probe['code']}")
    assert not wrong, "; ".join(wrong)
    return f"{len(fit)} of {len(fit)}"


def probe_call(probe: dict[str, Any], key: dict[str, str]) -> Call:
    """The request of a row of probes.json, signed with the good key unless it says otherwise."""
    return Call(
        probe.get("service", "vod"),
        probe["action"],
        probe["params"],
        **{**key, **probe.get("key", {})},
        typed=probe.get("typed", True),
    )


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return bytes(answer.read())


STEPS: Mapping[str, Callable[[Walk], str | None]] = {
    "upload": upload,
    "media": media,
    "seed 1": pass_through,
    "seed 2": structured,
    "subtitles": subtitles,
    "erase": erase,
    "templates": templates,
    "events": events,
    "MPS": mps,
    "errors": errors,
}
