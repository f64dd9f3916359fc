"""Subtitle files into other languages, through plan, run and join; between the stages goes JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openvod.core.asking import Ask, nobody
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.media import captions
from openvod.media.probe import probe
from openvod.tasks import Attached, Job, Outcome
from openvod.tasks.subtitle_translation import KIND
from tests import clips
from tests.stand_in import Answer, Call, Caller, rows_asked, says, standing_in, translated, translator

SRT = """1
00:00:01,000 --> 00:00:02,500
{\\an8}<i>Good morning,
everybody.</i>

2
00:00:03,000 --> 00:00:04,500
- Who is there?
- Nobody knows.

3
00:00:05,000 --> 00:00:06,000
♪ ♪
"""
ASS = """[Script Info]
Title: kept
PlayResX: 640

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Sign,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Sign,,0,0,0,,a note
Dialogue: 0,0:00:01.00,0:00:03.00,Sign,Bob,0,0,0,,{\\pos(10,20)}Closed, they say,\\Nuntil noon
Dialogue: 0,0:00:03.00,0:00:04.00,Sign,,0,0,0,,{\\p1}m 0 0 l 10 10{\\p0}
"""


def job_of(tmp_path: Path, text: str, ask: Ask = nobody, **options: Any) -> Job:
    source = tmp_path / "source"
    source.write_bytes(text.encode())
    facts = probe({"source": str(source)}, lambda done: None)
    known: Json = {
        "ProcessType": 1,
        "SubtitleType": 1,
        "VideoSrcLanguage": "en",
        "SubtitleFormat": "original",
        "TranslateDstLanguage": "zh",
    }
    settings = {"cue_profile": "netflix"}
    return Job(
        source, facts, known | options, tmp_path, tmp_path / "models", settings, lambda done: None, ask
    )


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    results = [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments]
    return KIND.join(job, results)


def text_of(job: Job, outcome: Outcome, at: int = 0) -> str:
    return (job.folder / outcome.files[at].name).read_bytes().decode()


def test_the_original_format_keeps_everything_but_the_words(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        job = job_of(tmp_path, ASS, Caller(endpoint.url))
        outcome = outcome_of(job)
    sentence = translated("Closed, they say, until noon")
    assert text_of(job, outcome) == ASS.replace("Closed, they say,\\Nuntil noon", sentence)
    assert outcome.output == {
        "SubtitleResults": [
            {
                "Status": "Success",
                "TransSrc": "en",
                "TransDst": "zh",
                "Path": {"$path": "subtitle-zh.ass"},
                "SubtitleEmbedPath": "",
                "SubtitleFileId": {"$file_id": "subtitle-zh.ass"},
            }
        ],
        "OutputStorage": {"$storage": "library"},
    }
    assert outcome.files[0].file_type == "SmartSubtitle.PureSubtitleTransTask.Subtitle"
    assert outcome.engine == "chat stand-in, prompt 1"
    assert outcome.notice is None


def test_two_speakers_of_a_cue_are_translated_apart(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url))
        outcome = outcome_of(job)
        assert [row["text"] for row in rows_asked(endpoint.calls[0])] == [
            "Good morning, everybody.",
            "Who is there?",
            "Nobody knows.",
        ]
    first = translated("Good morning, everybody.")
    below = f"- {translated('Who is there?')}\n- {translated('Nobody knows.')}"
    expected = SRT.replace("Good morning,\neverybody.", first)
    assert text_of(job, outcome) == expected.replace("- Who is there?\n- Nobody knows.", below)


def test_bilingual_subtitles_have_the_translation_below(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url), SubtitleType=2)
        outcome = outcome_of(job)
    cues = captions.parse(text_of(job, outcome).encode()).cues
    assert cues[0].lines == ("Good morning,", "everybody.", translated("Good morning, everybody."))
    assert cues[1].lines[2:] == ("- " + translated("Who is there?"), "- " + translated("Nobody knows."))
    assert cues[2].lines == ("♪ ♪",)
    assert "{\\an8}<i>Good morning,\neverybody.</i>\n<i>译" in text_of(job, outcome)
    assert outcome.files[0].title == "subtitle-en-zh.srt"


@pytest.mark.parametrize("kind", [1, 2])
def test_another_format_is_set_anew(tmp_path: Path, kind: int) -> None:
    long = "This is a very long sentence that somebody wrote on one line of two, and which no line can hold at all."
    with standing_in(translator(0, [])) as endpoint:
        text = SRT + f"\n4\n00:00:07,000 --> 00:00:13,000\n{long}\n"
        job = job_of(tmp_path, text, Caller(endpoint.url), SubtitleFormat="vtt", SubtitleType=kind)
        outcome = outcome_of(job)
    parsed = captions.parse(text_of(job, outcome).encode())
    assert parsed.format == "vtt"
    assert all(len(cue.lines) <= 2 * kind for cue in parsed.cues)
    said = "".join("".join(cue.lines) for cue in parsed.cues if cue.start >= 7)
    assert "nolinecanholdatall.文" in said.replace(" ", "").casefold()
    assert parsed.cues[0].lines[-1] == translated("Good morning, everybody.")
    assert (parsed.cues[0].start, parsed.cues[0].end, parsed.cues[-1].end) == (1.0, 2.5, 13.0)


def test_one_language_may_fail_alone(tmp_path: Path) -> None:
    def script(call: Call) -> Answer:
        if "Japanese" in call.json["messages"][0]["content"]:
            return Answer(b"no Japanese today", 402)
        return translator(0, [])(call)

    with standing_in(script) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url), TranslateDstLanguage="ja/zh/ja/de")
        outcome = outcome_of(job)
        rows = outcome.output["SubtitleResults"]
        assert [(row["TransDst"], row["Status"]) for row in rows] == [
            ("ja", "Error"),
            ("zh", "Success"),
            ("de", "Success"),
        ]
        assert rows[0]["Path"] == rows[0]["SubtitleFileId"] == ""
        assert [file.name for file in outcome.files] == ["subtitle-zh.srt", "subtitle-de.srt"]
        assert outcome.notice is not None
        assert "no Japanese today" in outcome.notice.en
        job = replace(job, options=job.options | {"TranslateDstLanguage": "ja"})
        with pytest.raises(TaskFault, match="no Japanese today"):
            outcome_of(job)


def test_all_languages_failing_fails_the_sub_task(tmp_path: Path) -> None:
    with standing_in(lambda call: Answer(b"no credit", 402)) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url), TranslateDstLanguage="ja/zh")
        with pytest.raises(TaskFault, match="no credit") as caught:
            outcome_of(job)
    assert caught.value.code == "InternalError"
    with pytest.raises(TaskFault, match="OPENVOD_CHAT_URL"):
        outcome_of(job_of(tmp_path, SRT))


def test_cues_that_nobody_could_translate_are_told(tmp_path: Path) -> None:
    def script(call: Call) -> Answer:
        rows = [row for row in rows_asked(call) if "id" in row and "Nobody" not in row["text"]]
        lines = (json.dumps({"id": r["id"], "of": r["text"], "text": translated(r["text"])}) for r in rows)
        return says("\n".join(lines))

    with standing_in(script) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url))
        outcome = outcome_of(job)
    assert "- Nobody knows." in text_of(job, outcome)
    assert outcome.warnings == ("zh: 1 cues keep their text: 2",)
    assert outcome.notice is not None
    assert outcome.notice.en == "zh: 1 cues are left as they were"


def test_after_an_edit_only_what_changed_is_asked_for(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        caller = Caller(endpoint.url)
        outcome_of(job_of(tmp_path, SRT, caller, TranslateDstLanguage="zh/ja"))
        outcome_of(job_of(tmp_path, SRT, caller, TranslateDstLanguage="ja", SubtitleType=2))
        assert len(endpoint.calls) == 2
        job = job_of(tmp_path, SRT.replace("Nobody", "Everybody"), caller)
        outcome = outcome_of(job)
        assert [row["text"] for row in rows_asked(endpoint.calls[2])] == ["Everybody knows."]
        assert len(endpoint.calls) == 3
    assert translated("Everybody knows.") in text_of(job, outcome)


def test_the_word_list_comes_from_the_request(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        given = {"glossary": {"Morning": {"zh": "清晨", "ja": "朝"}, "absent": "x"}}
        outcome_of(job_of(tmp_path, SRT, Caller(endpoint.url), ExtInfo=json.dumps(given)))
        said = endpoint.calls[0].json["messages"][0]["content"]
    assert '{"Morning": "清晨"}' in said
    for broken in (
        "[]",
        "{",
        '{"glossary": []}',
        '{"glossary": {"a": 1}}',
        json.dumps({"glossary": {"a": "b" * 101}}),
    ):
        with pytest.raises(TaskFault) as caught:
            outcome_of(job_of(tmp_path, SRT, ExtInfo=broken))
        assert caught.value.number == "40000"


def test_a_video_lends_the_subtitles_that_were_added_to_it(tmp_path: Path) -> None:
    added = tmp_path / "added"
    added.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHello there.\n")
    (tmp_path / "german").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nGuten Tag.\n")
    source = clips.video(tmp_path / "v.mp4", seconds=1)
    facts = probe({"source": str(source)}, lambda done: None)
    with standing_in(translator(0, [])) as endpoint:
        job = replace(job_of(tmp_path, SRT, Caller(endpoint.url)), source=source, facts=facts)
        with pytest.raises(TaskFault, match="no subtitles were added"):
            KIND.plan(job)
        attached = (
            Attached("1", "ours", "en-US", added, "hash"),
            Attached("2", "theirs", "de", tmp_path / "german", "hash"),
        )
        job = replace(job, subtitles=attached)
        outcome = outcome_of(job)
    assert translated("Hello there.") in text_of(job, outcome)
    assert outcome.files[0].name == "subtitle-zh.vtt"


def test_the_profile_sets_the_lines(tmp_path: Path) -> None:
    with standing_in(translator(0, [])) as endpoint:
        job = job_of(tmp_path, SRT, Caller(endpoint.url), ExtInfo='{"profile": "short-video"}')
        cues = captions.parse(text_of(job, outcome_of(job)).encode()).cues
    assert len(cues[0].lines) == 2  # 24 characters, and the file's cues stay as they are
    with pytest.raises(TaskFault):
        KIND.plan(replace(job, options=job.options | {"ExtInfo": '{"profile": "none such"}'}))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_and_marks_stay(tmp_path: Path, newline: str) -> None:
    with standing_in(translator(0, [])) as endpoint:
        text = "\ufeff" + SRT.replace("\n", newline)
        job = job_of(tmp_path, text, Caller(endpoint.url))
        written = text_of(job, outcome_of(job))
    assert written.startswith("\ufeff1" + newline)
    assert written.count("\r\n") == (written.count("\n") if newline == "\r\n" else 0)
