"""Descriptions through plan, run and join, of speech that was recognised before; between the stages goes JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openvod.core import asking
from openvod.core.asking import Ask
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.analysis.text import said
from openvod.engines.subtitling import hearing
from openvod.media.probe import probe
from openvod.tasks import Attached, Job, Outcome
from openvod.tasks.description import KIND
from tests import clips
from tests.engines.analysis.made_up import BREAD, HOLES, OCEAN, PORK, sentences, talk
from tests.engines.analysis.models import describer
from tests.media.test_file_chapters import with_chapters
from tests.stand_in import Answer, Caller, standing_in, translated, translator

SETTINGS = {"word_times": True, "cue_profile": "netflix"}


def job_of(source: Path, ask: Ask, **des: Any) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    options = {"Definition": 22, "ExtendedParameter": json.dumps({"des": des}) if des else ""}
    nowhere = Path("no-such-folder")
    return Job(source, facts, options, source.parent, nowhere, SETTINGS, lambda _: None, ask, "abc")


def remember(job: Job, *texts: str) -> None:
    """As if the speech of the file had been recognised before."""
    utterances = [hearing._packed(each) for each in talk(*texts, with_words=True)]
    spans = [{"start": row["start"], "end": row["end"], "pauses": []} for row in utterances]
    found: Json = {"language": "en", "spans": spans, "utterances": utterances, "left_out": [], "prints": []}
    found |= {"aligned": True, "engine": "made", "hot_words": False}
    asking.keep(job.ask, hearing.STEP, said._sound(job).about, found)


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    results = [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments]
    return KIND.join(job, results)


def item(outcome: Outcome) -> Json:
    (found,) = outcome.output["DescriptionSet"]
    return dict(found)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return clips.audio(tmp_path / "talk.m4a")


@pytest.fixture
def job(sound: Path) -> Job:
    made = job_of(sound, Caller())
    remember(made, OCEAN, BREAD)
    return made


def test_it_has_the_shape_of_the_wire(job: Job) -> None:
    outcome = outcome_of(job)
    found = item(outcome)
    assert set(found) == {
        "Description", "Confidence", "Title", "Keywords", "Paragraphs", "MindMapUrl", "MindMapPath",
        "SubtitlePath", "OutputStorage",
    }  # fmt: skip
    assert [set(each) for each in found["Paragraphs"]] == [
        {"Summary", "Title", "Keywords", "StartTimeOffset", "EndTimeOffset"}
    ] * len(found["Paragraphs"])
    assert {each.file_type.rpartition(".")[2] for each in outcome.files} == {
        "Evidence",
        "MindMap",
        "Subtitle",
    }
    assert all((job.folder / each.name).stat().st_size for each in outcome.files)
    assert outcome.notice is None


def test_every_sentence_of_it_was_said(job: Job) -> None:
    found = item(outcome_of(job))
    said_in_it = [*sentences(OCEAN), *sentences(BREAD)]
    rest = found["Description"]
    for sentence in said_in_it:
        rest = rest.replace(sentence, "")
    assert not rest.strip()
    assert found["Confidence"] == 90.0
    assert [(each["StartTimeOffset"], each["EndTimeOffset"]) for each in found["Paragraphs"]] == [
        (0.0, pytest.approx(23.7)),
        (pytest.approx(23.7), pytest.approx(51.4)),
    ]


def test_the_evidence_leads_back_to_the_sentences(job: Job) -> None:
    outcome_of(job)
    document = json.loads((job.folder / "description-evidence.json").read_text("utf-8"))
    for each in document["summary"]:
        assert [document["sentences"][number]["text"] for number in each["evidence"]] == [each["text"]]
    assert document["chapters"][1]["begins_because"]
    assert document["engine"] == "openvod extracts 1"


def test_a_model_describes_where_an_endpoint_is_set(sound: Path) -> None:
    with standing_in(describer()) as endpoint:
        job = job_of(sound, Caller(endpoint.url), text_requirement="Be brief.")
        remember(job, OCEAN, BREAD)
        outcome = outcome_of(job)
        assert outcome.engine.startswith("chat stand-in / ")
        assert item(outcome)["Description"].startswith("It is told: Today we look")
        assert outcome.notice is None
        assert "Be brief." in endpoint.calls[0].json["messages"][0]["content"]
        asked = len(endpoint.calls)
        assert outcome_of(job).output == outcome.output
        assert len(endpoint.calls) == asked
        own = replace(job, options={"ExtendedParameter": '{"des": {"split": {"method": "nlp"}}}'})
        assert not item(outcome_of(own))["Description"].startswith("It is told")
        assert len(endpoint.calls) == asked


def test_where_the_endpoint_fails_the_message_says_so(sound: Path) -> None:
    with standing_in(lambda call: Answer(b"wrong key", 401)) as endpoint:
        job = job_of(sound, Caller(endpoint.url))
        remember(job, OCEAN)
        outcome = outcome_of(job)
    assert item(outcome)["Description"].startswith("The Gulf Stream")
    assert outcome.notice is not None
    assert "HTTP 401: wrong key" in outcome.notice.en
    assert "摘自原文" in outcome.notice.zh


def test_a_model_that_is_not_there_is_named_in_the_message(sound: Path) -> None:
    job = job_of(sound, Caller(), split={"method": "llm"}, text_requirement="Rhyme.")
    remember(job, OCEAN)
    notice = outcome_of(job).notice
    assert notice is not None
    assert "chat_url" in notice.en
    assert "text_requirement" in notice.en


def test_it_is_translated_as_subtitles_are(sound: Path) -> None:
    with standing_in(translator(1, [])) as endpoint:
        job = job_of(sound, Caller(endpoint.url), split={"method": "nlp"}, dstlang="zh")
        remember(job, OCEAN, BREAD)
        found = item(outcome_of(job))
        known = job_of(sound, job.ask, split={"method": "nlp"})
        original = item(outcome_of(known))
    assert found["Title"] == translated(original["Title"])
    assert found["Keywords"] == [translated(each) for each in original["Keywords"]]
    assert [each["Title"] for each in found["Paragraphs"]] == [
        translated(each["Title"]) for each in original["Paragraphs"]
    ]


def test_without_a_translator_it_stays_in_its_language(sound: Path) -> None:
    job = job_of(sound, Caller(), dstlang="zh")
    remember(job, OCEAN)
    outcome = outcome_of(job)
    assert "ocean" in item(outcome)["Description"].lower()
    assert outcome.notice is not None
    assert "not in `zh`" in outcome.notice.en


def test_only_chapters_are_without_summaries(sound: Path) -> None:
    job = job_of(sound, Caller(), only_segment=1)
    remember(job, OCEAN, BREAD)
    found = item(outcome_of(job))
    assert found["Description"] == ""
    assert [each["Summary"] for each in found["Paragraphs"]] == ["", ""]
    assert all(each["Title"] for each in found["Paragraphs"])


def test_a_subtitle_file_in_chinese_is_described(tmp_path: Path) -> None:
    rows = [
        f"00:{4 * n // 60:02}:{4 * n % 60:02}.000 --> 00:{4 * n // 60:02}:{4 * n % 60 + 3:02}.400\n{text}\n"
        for n, text in enumerate(sentences(HOLES + PORK))
    ]
    path = tmp_path / "s.vtt"
    path.write_text("WEBVTT\n\n" + "\n".join(rows), encoding="utf-8")
    outcome = outcome_of(job_of(path, Caller()))
    found = item(outcome)
    assert {"黑洞", "红烧肉"} <= set(found["Keywords"])
    assert len(found["Paragraphs"]) == 2
    assert outcome.notice is not None  # no font here has Chinese letters
    assert "noto-sans-cjk" in outcome.notice.en
    assert found["MindMapUrl"] == ""


def test_the_films_own_chapters_are_its_chapters(tmp_path: Path) -> None:
    path = with_chapters(tmp_path, "c.mp4", [(0, 2000, "Opening"), (2000, 4000, "Ending")])
    (tmp_path / "own.vtt").write_text("WEBVTT\n\n00:00.500 --> 00:01.500\nThe ship sails.\n", "utf-8")
    own = Attached("1", "mine", "en", tmp_path / "own.vtt", "")
    found = item(outcome_of(replace(job_of(path, Caller()), subtitles=(own,))))
    assert [(each["Title"], each["Summary"]) for each in found["Paragraphs"]] == [
        ("Opening", "The ship sails."),
        ("Ending", ""),
    ]


def test_where_nobody_speaks_nothing_is_described(job: Job) -> None:
    remember(job)
    outcome = outcome_of(job)
    assert outcome.output == {"DescriptionSet": []}
    assert outcome.notice is not None
    assert "no words" in outcome.notice.en


def test_wrong_parameters_fail_at_once(sound: Path) -> None:
    broken = replace(job_of(sound, Caller()), options={"ExtendedParameter": '{"des": []}'})
    with pytest.raises(TaskFault, match="must be a JSON object"):
        KIND.plan(broken)
