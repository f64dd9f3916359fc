"""What COVERAGE says of each field of a request is what the handlers do with it: their reads are watched."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from scripts import fields

from openvod import actions
from openvod.actions import Call, Soon
from openvod.actions.treatment import NO_EFFECT, REFUSED
from openvod.core import facts, spec
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.store import Store
from tests.store.conftest import new_media
from tests.wire.watched import Reads, WatchingSpec

APP, FILE = 1, "1"
NOW = 1_795_337_909.0
BOX = {"LeftTopX": 0, "LeftTopY": 0, "RightBottomX": 0.5, "RightBottomY": 0.5, "Unit": 1}
SPANS = [{"BeginMs": 0, "EndMs": 0, "Areas": [BOX]}]
AREAS = {"AutoAreas": [BOX], "SampleWidth": 640, "SampleHeight": 360}
SUBTITLES = {
    **{"SubtitleType": 1, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt", "TranslateSwitch": "ON"},
    **{
        "TranslateDstLanguage": "zh",
        "ProcessType": 0,
        "SubtitleEmbedId": 4,
        "SpeakerMode": 1,
        "SpeakerLabel": 1,
    },
    "SelectingSubtitleAreasConfig": AREAS,
}
HOT_WORDS = {"AsrHotWordsConfigure": {"Switch": "ON", "LibraryId": "x"}}
CONFIG = {
    **{
        "SubtitleEraseMethod": "auto",
        "SubtitleModel": "standard",
        "OcrSwitch": "ON",
        "SubtitleLang": "zh_en",
    },
    **{
        "SubtitleFormat": "vtt",
        "TransSwitch": "ON",
        "TransDstLang": "en",
        "AutoAreas": [BOX],
        "CustomAreas": SPANS,
    },
}
POSITION = {"SubtitleEmbedId": 4, "UseOriginalPos": 1, "UseOriginalSize": 1}
LOGO = {"WatermarkEraseMethod": "auto", "WatermarkModel": "basic", "AutoAreas": [BOX], "CustomAreas": SPANS}
FACES = {"PrivacyModel": "blur", "PrivacyTargets": ["face"]}
ERASE = {"EraseType": "subtitle", "EraseWatermarkConfig": LOGO, "ErasePrivacyConfig": FACES}
RAW_ERASE = {**ERASE, "EraseSubtitleConfig": {**CONFIG, **POSITION}, **POSITION}
OVERRIDE = {**ERASE, "EraseSubtitleConfig": CONFIG, "SubtitleEmbedId": 4}
ABOUT = {"Name": "n", "Comment": "c"}
SWITCH = {"Switch": "ON"}
SWITCHES = {
    f"{name}Configure": SWITCH
    for name in ("Classification", "Tag", "Cover", "FrameTag", "Split", "Highlight", "OpeningAndEnding")
}
STORAGE = {
    "Type": "COS",
    "CosOutputStorage": {"Bucket": "b", "Region": "r"},
    "S3OutputStorage": {"S3Bucket": "b", "S3Region": "r", "S3SecretId": "i", "S3SecretKey": "k"},
    "VODOutputStorage": {"Bucket": "b", "Region": "r", "SubAppId": 1, "VodBasic": 1},
}
OUTPUT = {"OutputStorage": STORAGE, "OutputObjectPath": "/o"}
DAY = {"After": "2026-11-01T00:00:00Z", "Before": "2026-11-30T00:00:00Z"}
LATER = "9999-01-01T00:00:00Z"


def _every(type_name: str) -> Json:
    """A value for every field of a structure, at any depth: its first enumeration value, or a plausible one."""
    made: Json = {}
    for name, field in SPEC.fields(type_name).items():
        row = SPEC.limits(type_name, name)
        if field.nested:
            value: Any = _every(field.type)
        elif "pattern" in row:
            value = "0xFFFFFF"
        else:
            value = row.get("enum", [{"string": "x", "float": 0.5, "bool": True}.get(field.type, 1)])[0]
        made[name] = [value] if field.many else value
    return made


SPEC = spec.load()
LOOK = {"SubtitleEmbedConfig": _every("MPSSubtitleEmbedConfig")}
TEMPLATES = {
    "AIAnalysis": {**ABOUT, **SWITCHES},
    "SmartSubtitle": {**ABOUT, **SUBTITLES},
    "SmartErase": {**ABOUT, **RAW_ERASE, "SampleWidth": 640, "SampleHeight": 360},
    "EmbedSubtitle": {**ABOUT, **LOOK},
}


@dataclass
class Served:
    """A store with a file, whose handlers are called with watched requests."""

    store: Store
    settings: Settings
    spec: WatchingSpec
    account: int

    def call(self, action: str, **params: Any) -> Json:
        """The handler's answer. Raises ApiError."""
        checked = self.spec.check_request(
            action, {name: value for name, value in params.items() if value is not None}
        )
        call = Call(
            params=checked,
            account_id=self.account,
            store=self.store,
            settings=self.settings,
            now=NOW,
            language="",
        )
        answer: Any = actions.load_all()[action].run(call)
        answer = answer.tell() if isinstance(answer, Soon) else answer
        return answer if isinstance(answer, dict) else {}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(data=tmp_path_factory.mktemp("watched") / "data", public_url="http://127.0.0.1:1")
    watching = WatchingSpec(facts.read("vod"), facts.read("mps_outputs"), facts.read("actions")["actions"])
    with Store.open(settings) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spec, "load", lambda: watching)
        account = store.accounts.ensure_first("AKIDwatched", "secret", APP).account_id
        for number in range(4):
            file_id = str(int(FILE) + number)
            store.library.add(new_media(store, file_id=file_id, sub_app_id=APP, facts={"metadata": {}}))
        watching.watch()
        yield Served(store, settings, watching, account)


def _templates(served: Served) -> None:
    for kind, template in TEMPLATES.items():
        given = _fitting(f"MPS{kind}Template", template)
        made = served.call("CreateMPSTemplate", SubAppId=APP, TemplateType=kind, **{f"{kind}Template": given})
        changes = {**_fitting(f"MPS{kind}TemplateForUpdate", template), **made}
        served.call("ModifyMPSTemplate", SubAppId=APP, TemplateType=kind, **{f"{kind}Template": changes})
        text = json.dumps({**template, **(HOT_WORDS if kind == "SmartSubtitle" else {})})
        served.call("CreateMPSTemplate", SubAppId=APP, TemplateType=kind, MPSCreateTemplateParams=text)
        changed = json.dumps({**json.loads(text), **made})
        served.call("ModifyMPSTemplate", SubAppId=APP, TemplateType=kind, MPSModifyTemplateParams=changed)
        wanted = json.dumps({"Definitions": [30001], "Type": "Custom", "Name": "n", "Offset": 0, "Limit": 1})
        served.call("DescribeMPSTemplates", SubAppId=APP, TemplateType=kind, MPSDescribeTemplateParams=wanted)
        served.call("DeleteMPSTemplate", SubAppId=APP, TemplateType=kind, **made)


def _fitting(type_name: str, value: Any) -> Any:
    """What of a structure another one has, too."""
    if isinstance(value, list):
        return [_fitting(type_name, each) for each in value]
    if not isinstance(value, dict):
        return value
    fields = SPEC.fields(type_name)
    return {
        name: _fitting(fields[name].type, each) if fields[name].nested else each
        for name, each in value.items()
        if name in fields
    }


def _tasks(served: Served) -> None:
    here = {"SubAppId": APP, "FileId": FILE}
    analysis = {"Definition": 21, "ExtendedParameter": "{}"}
    changes = {"Definition": 103, "OverrideParameter": OVERRIDE}
    served.call(
        **here,
        action="ProcessMediaByMPS",
        AiAnalysisTask=analysis,
        SmartSubtitlesTask={"Definition": 0, "RawParameter": {**SUBTITLES, "ExtInfo": "x"}},
        SmartEraseTask={"RawParameter": RAW_ERASE},
        ExtInfo="x",
    )
    task = served.call(**here, action="ProcessMediaByMPS", SmartEraseTask=changes)["TaskId"]
    subtitles = {"Definition": 0, "UserExtPara": "x", **OUTPUT}
    passed_on: Json = {
        **{"SessionId": "s", "SessionContext": "c", "TasksPriority": 1, "AiAnalysisTask": analysis},
        "SmartSubtitlesTask": {**subtitles, "RawParameter": {**SUBTITLES, **HOT_WORDS, "ExtInfo": "x"}},
        "SmartEraseTask": {"RawParameter": RAW_ERASE, **OUTPUT},
    }
    served.call(**here, action="ProcessMediaByMPS", MPSProcessMediaParams=json.dumps(passed_on))
    passed_on = {"SmartEraseTask": changes}
    served.call(**here, action="ProcessMediaByMPS", MPSProcessMediaParams=json.dumps(passed_on))
    served.call("DescribeTaskDetail", SubAppId=APP, TaskId=task)
    served.call("ManageTask", SubAppId=APP, TaskId=task, OperationType="Abort")
    filters = {"Status": "WAITING", "FileId": FILE, "CreateTime": DAY, "FinishTime": DAY, "Limit": 1}
    page = served.call("DescribeTasks", SubAppId=APP, Limit=1, Sort={"Field": "CreateTime", "Order": "Desc"})
    served.call("DescribeTasks", SubAppId=APP, **filters)
    more = {"Limit": 1, "Sort": {"Field": "CreateTime", "Order": "Desc"}, "ScrollToken": page["ScrollToken"]}
    served.call("DescribeTasks", SubAppId=APP, **more)


def _files(served: Served) -> None:
    upload = dict.fromkeys(("MediaName", "StorageRegion", "SourceContext", "SessionContext", "ExtInfo"), "x")
    upload |= {"MediaStoragePath": "/x", "ExpireTime": LATER}
    key = served.call("ApplyUpload", SubAppId=APP, MediaType="txt", CoverType="jpg", ClassId=1, **upload)
    stored = served.store.blobs.put(served.store.blobs.new_key(), [b"WEBVTT\n\n00:00.000 --> 00:01.000\nx\n"])
    served.store.uploads.put_object(key["MediaStoragePath"], stored)
    served.call("CommitUpload", SubAppId=APP, VodSessionKey=key["VodSessionKey"])
    served.call(
        "PullUpload", SubAppId=APP, MediaUrl="http://127.0.0.1:1/x.mp4", CoverUrl="http://127.0.0.1:1/x.jpg",
        MediaType="mp4", ClassId=1, TasksPriority=1, SessionId="p", **upload,
    )  # fmt: skip
    served.call("DescribeMediaInfos", SubAppId=APP, FileIds=[FILE], Filters=["basicInfo"])
    texts = dict.fromkeys(("Text", "SourceType", "StreamId", "Vid"), "x")
    texts |= {"StartTime": LATER, "EndTime": LATER}
    lists = (
        "Names",
        "NamePrefixes",
        "Descriptions",
        "Tags",
        "SourceTypes",
        "MediaTypes",
        "StreamIds",
        "TrtcRoomIds",
    )
    criteria: Json = {
        name: ["x"] for name in (*lists, "Vids", "StreamDomains", "StreamPaths", "KnowledgeBases")
    }
    criteria |= {
        "ClassIds": [1],
        "TrtcSdkAppIds": [1],
        "FileIds": [FILE],
        "Categories": ["Video"],
        "Filters": ["basicInfo"],
    }
    criteria |= {"Status": ["Normal"], "StorageClasses": ["STANDARD"], "ReviewResults": ["notModerated"]}
    criteria |= {
        "CreateTime": DAY,
        "ExpireTime": DAY,
        "StorageRegions": ["ap-guangzhou"],
        "Offset": 0,
        "Limit": 1,
    }
    for name, value in {**texts, **criteria}.items():
        served.call(
            "SearchMedia", SubAppId=APP, **{name: value}, Sort={"Field": "CreateTime", "Order": "Asc"}
        )
    vtt = base64.b64encode(b"WEBVTT\n\n00:00.000 --> 00:01.000\nx\n").decode()
    subtitle = {"Name": "n", "Language": "en", "Format": "vtt", "Content": vtt, "Id": "i"}
    served.call(
        "ModifyMediaInfo", SubAppId=APP, FileId=FILE, Name="n", Description="d", ClassId=2, ExpireTime=LATER,
        AddKeyFrameDescs=[{"TimeOffset": 1, "Content": "c"}], DeleteKeyFrameDescs=[2], AddTags=["t"], DeleteTags=["u"],
        AddSubtitles=[subtitle], DeleteSubtitleIds=["j"], DeleteKnowledgeBases=["k"], ClearKnowledgeBases=1,
    )  # fmt: skip
    served.call(
        "ModifyMediaInfo", SubAppId=APP, FileId=FILE, ClearKeyFrameDescs=1, ClearTags=1, ClearSubtitles=1
    )
    with pytest.raises(ApiError):
        served.call("ModifyMediaInfo", SubAppId=APP, FileId=FILE, CoverData="eA==")
    parts = [{"Type": "MpsAiMediaAiAnalysisFiles", "Definition": 21}]
    served.call("DeleteMedia", SubAppId=APP, FileId=FILE, DeleteParts=parts)


def _applications(served: Served) -> None:
    tags = [{"TagKey": "k", "TagValue": "v"}]
    about = {"Description": "d", "Type": "AllInOne", "Mode": "fileid", "StorageRegion": "r", "Tags": tags}
    made = served.call("CreateSubAppId", Name="n", **about)
    served.call("DescribeSubAppIds", Name="n", Tags=tags, Offset=0, Limit=1)
    served.call("ModifySubAppIdInfo", **made, Name="m", Description="e")
    served.call("ModifySubAppIdStatus", **made, Status="Off")
    switches = {f"{name}CompleteEventSwitch": "ON" for name in ("UploadMedia", "DeleteMedia", "Persistence")}
    config = {"Mode": "PULL", "NotificationUrl": "http://127.0.0.1:1/", "SignKey": "k", **switches}
    served.call("ModifyEventConfig", SubAppId=APP, **config)
    served.call("DescribeEventConfig", SubAppId=APP)
    served.call("DescribeEventsState", SubAppId=APP)
    served.call("DeleteMedia", SubAppId=APP, FileId="2")
    events = served.call("PullEvents", SubAppId=APP, ExtInfo="x")["EventSet"]
    served.call("ConfirmEvents", SubAppId=APP, EventHandles=[events[0]["EventHandle"]], ExtInfo="x")
    span = {"StartTime": "2026-11-01T00:00:00Z", "EndTime": "2026-11-02T00:00:00Z"}
    served.call("DescribeMediaProcessUsageData", SubAppId=APP, **span, Type="VideoTag")


@pytest.fixture(scope="module")
def looked_at(served: Served) -> tuple[Reads, Reads]:
    """What handlers have read by name, and what they have kept as a whole, while every field was sent."""
    _templates(served)
    _tasks(served)
    _files(served)
    _applications(served)
    return served.spec.read, served.spec.kept


def test_every_entry_is_of_a_field_and_there_is_one() -> None:
    known = {f"{name}.{field}" for name, field in fields.of_requests()}
    assert NO_EFFECT.keys() | REFUSED.keys() <= known
    assert not NO_EFFECT.keys() & REFUSED.keys()
    assert all(NO_EFFECT.values())


def test_what_is_honoured_is_read_and_nothing_else_is(looked_at: tuple[Reads, Reads]) -> None:
    read, kept = looked_at
    without = {tuple(name.split(".")) for name in NO_EFFECT} | set(_inside("TaskOutputStorage"))
    unread = set(fields.of_requests()) - read - kept - without - {tuple(name.split(".")) for name in REFUSED}
    unread = {
        row for row in unread if len(SPEC.limits(*row).get("enum", ())) != 1
    }  # one value: the check does it
    assert unread == set(), "sent, and neither read nor listed in actions/treatment.py"
    told = {("SmartSubtitlesTaskInput", "UserExtPara")}
    told |= {(f"{action}Request", "ExtInfo") for action in ("ProcessMediaByMPS", "PullUpload")}
    told |= {(f"Smart{kind}TaskInput", field) for kind in ("Erase", "Subtitles") for field in OUTPUT}
    assert without & read == told, (
        "listed as without effect, and read; some are only read to be kept or told of"
    )


def _inside(type_name: str) -> Iterator[tuple[str, str]]:
    for name, field in SPEC.fields(type_name).items():
        yield type_name, name
        if field.nested:
            yield from _inside(field.type)


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_what_is_refused_is_refused_by_its_code(served: Served, name: str, code: str) -> None:
    struct, _, field = name.partition(".")
    needed = {"ApplyUpload": {"MediaType": "mp4"}, "PullUpload": {"MediaUrl": "http://127.0.0.1:1/x.mp4"}}
    action = struct.removesuffix("Request")
    with pytest.raises(ApiError) as caught:
        served.call(action, SubAppId=APP, **needed[action], **{field: "x"})
    assert caught.value.code == code
    served.call(action, SubAppId=APP, **needed[action], **{field: ""})
