"""Subtitles through the running server by the official SDK: translated by an endpoint, burnt in, corrected, done again."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from openvod.core.settings import Settings
from openvod.media import captions
from tests import clips
from tests.conftest import SUB_APP, Server
from tests.outbound.far_side import answer, far_side
from tests.stand_in import Script, StandIn, rows_asked, translated, translator
from tests.walk.conftest import Sdk

BURNT = 4
"""The preset for subtitles in the picture."""
HELLO = base64.b64encode(b"WEBVTT\n\n00:00.200 --> 00:01.800\nHello.\n").decode()


@pytest.fixture(scope="module")
def script() -> Script:
    return translator(1, [])


@pytest.fixture(scope="module")
def film(server: Server, talk: Any) -> str:
    return server.upload(talk)


def rows(sdk: Sdk, file_id: str, **task: Any) -> dict[str, dict[str, Any]]:
    """The sub-tasks of a request for subtitles, by type, when it has ended; OutputText read."""
    asked = sdk.call("ProcessMediaByMPS", FileId=file_id, SubAppId=SUB_APP, SmartSubtitlesTask=task)
    detail = sdk.wait(asked["TaskId"])
    for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"]:
        text = row["Output"]["OutputText"]
        row["Read"] = json.loads(text) if text else {}
    return {
        row["TaskType"].removeprefix("SmartSubtitle."): row
        for row in detail["ProcessMediaByMPSTask"]["SubTaskSet"]
    }


def cues(url: str) -> tuple[captions.Cue, ...]:
    answer = requests.get(url, timeout=20)
    assert answer.status_code == 200
    return captions.parse(answer.content).cues


def files(row: dict[str, Any]) -> dict[str, str]:
    return {file["FileType"].rpartition(".")[2]: file["Url"] for file in row["Output"]["OutputFiles"]}


def raw(**more: Any) -> dict[str, Any]:
    return {"RawParameter": {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt", **more}}


def test_a_preset_translates_every_cue(sdk: Sdk, film: str, endpoint: StandIn) -> None:
    found = rows(sdk, film, Definition=212)  # English speech, English and Chinese below
    heard, translation = found["AsrFullTextTask"], found["TransTextTask"]
    assert (heard["Status"], translation["Status"]) == ("SUCCESS", "SUCCESS")
    segments = translation["Read"]["SegmentSet"]
    assert [row["Text"] for row in segments] == [row["Text"] for row in heard["Read"]["SegmentSet"]]
    assert all(row["Trans"] == translated(row["Text"]) for row in segments)
    (result,) = translation["Read"]["SubtitleResults"]
    assert (result["Status"], result["TransSrc"], result["TransDst"]) == ("Success", "en", "zh")
    shown = cues(translation["Read"]["SubtitlePath"])
    assert " ".join(shown[0].lines).startswith(segments[0]["Text"])
    assert all("译" in "".join(cue.lines) for cue in shown)


def test_several_languages_are_several_files(sdk: Sdk, film: str) -> None:
    task = raw(SubtitleType=1, TranslateSwitch="ON", TranslateDstLanguage="zh/ja", SubtitleFormat="srt")
    found = rows(sdk, film, **task)
    assert "Path" not in files(found["AsrFullTextTask"])
    assert found["AsrFullTextTask"]["Read"]["SubtitlePath"] == ""  # only translations were asked for
    results = found["TransTextTask"]["Read"]["SubtitleResults"]
    assert [(each["TransDst"], each["Status"]) for each in results] == [("zh", "Success"), ("ja", "Success")]
    assert len({each["SubtitleFileId"] for each in results}) == 2


def test_what_was_done_is_not_done_again(sdk: Sdk, film: str, endpoint: StandIn) -> None:
    task = raw(SubtitleType=1, TranslateSwitch="ON", TranslateDstLanguage="fr")
    first = rows(sdk, film, **task)["TransTextTask"]
    asked = len(endpoint.calls)
    again = rows(sdk, film, **task)["TransTextTask"]
    assert len(endpoint.calls) == asked
    assert again["Read"]["SegmentSet"] == first["Read"]["SegmentSet"]


def test_corrected_cues_are_translated_where_they_changed(sdk: Sdk, film: str, endpoint: StandIn) -> None:
    made = rows(sdk, film, **raw())["AsrFullTextTask"]
    text = requests.get(made["Read"]["SubtitlePath"], timeout=20).text

    def put_back(words: str) -> dict[str, Any]:
        added = sdk.call(
            "ModifyMediaInfo",
            FileId=film,
            SubAppId=SUB_APP,
            ClearSubtitles=1,
        )
        assert not added.get("AddedSubtitleSet")
        given = {
            "Name": "mine",
            "Language": "en",
            "Format": "vtt",
            "Content": base64.b64encode(words.encode()).decode(),
        }
        sdk.call("ModifyMediaInfo", FileId=film, SubAppId=SUB_APP, AddSubtitles=[given])
        task = raw(SubtitleType=1, ProcessType=1, TranslateSwitch="ON", TranslateDstLanguage="de")
        return rows(sdk, film, **task)["PureSubtitleTransTask"]

    first = put_back(text)
    assert first["Status"] == "SUCCESS", first["Message"]
    asked = len(endpoint.calls)
    lines = text.splitlines()
    place = max(at for at, line in enumerate(lines) if line and "-->" not in line)
    lines[place] = "Everything else was different."
    second = put_back("\n".join(lines) + "\n")
    assert second["Status"] == "SUCCESS", second["Message"]
    new = [row["text"] for call in endpoint.calls[asked:] for row in rows_asked(call)]
    assert any("Everything else was different." in line for line in new)
    assert len(new) < len(captions.parse(text.encode()).cues)


def test_burnt_in_subtitles_are_a_new_video(sdk: Sdk, film: str) -> None:
    row = rows(sdk, film, **raw(SubtitleEmbedId=BURNT))["AsrFullTextTask"]
    assert row["Status"] == "SUCCESS", row["Message"]
    made = files(row)
    assert {"Subtitle", "Video", "Still", "Report"} <= made.keys()
    assert row["Read"]["SubtitleInfo"]["SubtitleEmbedPath"].startswith("/")
    assert requests.get(made["Still"], timeout=20).content[:2] == b"\xff\xd8"
    assert requests.get(made["Report"], timeout=20).json()["hard_rules_kept"] is True


def test_corrected_cues_are_burnt_in_as_they_are(sdk: Sdk, film: str) -> None:
    words = "WEBVTT\n\n00:01.000 --> 00:02.500\nNothing that anybody said.\n"
    content = base64.b64encode(words.encode()).decode()
    given = {"Id": "mine2", "Name": "mine", "Language": "en", "Format": "vtt", "Content": content}
    sdk.call("ModifyMediaInfo", FileId=film, SubAppId=SUB_APP, AddSubtitles=[given])
    task = raw(SubtitleEmbedId=BURNT, ExtInfo='{"subtitle": "mine2"}')
    row = rows(sdk, film, **task)["AsrFullTextTask"]
    assert row["Status"] == "SUCCESS", row["Message"]
    (segment,) = row["Read"]["SegmentSet"]
    assert (segment["Text"], segment["Confidence"]) == ("Nothing that anybody said.", 100.0)
    assert {"Video", "Still"} <= files(row).keys()
    task = raw(ExtInfo='{"subtitle": "theirs"}')
    missing = rows(sdk, film, **task)["AsrFullTextTask"]
    assert (missing["Status"], missing["ErrCode"]) == ("FAIL", "40000")
    assert "`theirs`" in missing["Message"]


def test_the_library_lists_what_was_made(sdk: Sdk, film: str) -> None:
    rows(sdk, film, Definition=212)
    (info,) = sdk.call("DescribeMediaInfos", FileIds=[film], SubAppId=SUB_APP)["MediaInfoSet"]
    listed = info["SubtitleInfo"]["SubtitleSet"]
    assert {"en", "zh"} <= {each["Language"] for each in listed}
    answer = requests.get(listed[0]["Url"], headers={"Origin": "https://player.example"}, timeout=20)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("text/vtt")
    kinds = {each["TaskType"] for each in info["MPSAiMediaInfo"]["AiMediaList"]}
    assert {"SmartSubtitle.AsrFullTextTask", "SmartSubtitle.TransTextTask"} <= kinds


def test_a_template_may_bring_its_font(sdk: Sdk, server: Server, tmp_path: Path) -> None:
    small = server.upload(clips.video(tmp_path / "film.mp4", seconds=2, fps=10, size=(320, 180)))
    given = {"Id": "mine", "Name": "mine", "Language": "en", "Format": "vtt", "Content": HELLO}
    sdk.call("ModifyMediaInfo", FileId=small, SubAppId=SUB_APP, AddSubtitles=[given])
    font = Settings.read().model_folder() / "source-sans" / "SourceSansPro-Bold.otf"
    with far_side(answer(font.read_bytes())) as side:
        config = {"FontPath": side.url("/own.otf"), "FontSize": 6, "FontSizeUnit": 1}
        template = {"Name": "own font", "Comment": "", "SubtitleEmbedConfig": config}
        made = sdk.call(
            "CreateMPSTemplate",
            SubAppId=SUB_APP,
            TemplateType="EmbedSubtitle",
            EmbedSubtitleTemplate=template,
        )
        asked = raw(SubtitleEmbedId=made["Definition"], ExtInfo=json.dumps({"subtitle": "mine"}))
        row = rows(sdk, small, **asked)["AsrFullTextTask"]
    assert (row["Status"], row["Message"]) == ("SUCCESS", "SUCCESS")
    assert any(b"/own.otf" in request for request in side.requests)
    row = rows(sdk, small, **asked)["AsrFullTextTask"]
    assert row["Status"] == "SUCCESS"  # the font is gone, and the message says so
    assert "FontPath" in row["Message"]


def test_hot_words_are_heeded_and_a_library_that_is_not_there_is_told(sdk: Sdk, film: str) -> None:
    params = {
        "SmartSubtitlesTask": raw(
            ExtInfo=json.dumps({"adapt_words": ["WISDOM", "Reykjavik"]}),
            AsrHotWordsConfigure={"Switch": "ON", "LibraryId": "hwl-1"},
        )
    }
    asked = sdk.call(
        "ProcessMediaByMPS", FileId=film, SubAppId=SUB_APP, MPSProcessMediaParams=json.dumps(params)
    )
    (row,) = sdk.wait(asked["TaskId"])["ProcessMediaByMPSTask"]["SubTaskSet"]
    assert row["Status"] == "SUCCESS"
    assert "hwl-1" in row["Message"]
    said = " ".join(row["Text"] for row in json.loads(row["Output"]["OutputText"])["SegmentSet"])
    assert "It was the age of WISDOM." in said
    assert "Reykjavik" not in said
