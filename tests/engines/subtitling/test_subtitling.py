"""What the kinds of subtitle sub-tasks share: what is asked for, what is remembered, what is written, what fails alone."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.core.models import Json, Utterance, Word
from openvod.engines.subtitling import files, hearing, request, rows, setting, translating
from openvod.engines.subtitling.files import Wish
from openvod.engines.video import Media
from openvod.media import captions, cues
from openvod.media.captions import Cue
from openvod.media.probe import probe
from openvod.tasks import Job
from tests import clips
from tests.stand_in import Caller, standing_in, translated, translator

OPTIONS = {"SubtitleType": 0, "VideoSrcLanguage": "en", "SubtitleFormat": "vtt"}
SETTINGS = {"word_times": True, "cue_profile": "netflix"}
NOWHERE = Path("no-such-folder")
UNTOUCHED = Job(NOWHERE, {}, {}, NOWHERE, NOWHERE, SETTINGS, lambda _: None)
SPAN = {"start": 0.2, "end": 1.8, "pauses": []}


def job_of(source: Path, ask: asking.Ask, **options: Any) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    return Job(
        source, facts, {**OPTIONS, **options}, source.parent, NOWHERE, SETTINGS, lambda _: None, ask, "abc"
    )


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return clips.audio(tmp_path / "sound.m4a")


def said(*sentences: str) -> tuple[Utterance, ...]:
    """One sentence every two seconds."""
    return tuple(
        Utterance(
            2.0 * at,
            2.0 * at + 1.5,
            text,
            90.0,
            tuple(
                Word(word, 2 * at + 1.5 * n / len(text.split()), 2 * at + 1.5 * (n + 1) / len(text.split()))
                for n, word in enumerate(text.split())
            ),
        )
        for at, text in enumerate(sentences)
    )


def remembered(*sentences: str) -> Json:
    """A recognition as a step keeps it."""
    return {
        "language": "en",
        "spans": [SPAN],
        "utterances": [hearing._packed(each) for each in said(*sentences)],
        "left_out": [],
        "prints": [],
        "aligned": True,
        "engine": "made",
        "hot_words": False,
    }


def test_what_was_heard_before_needs_no_model(sound: Path) -> None:
    ask = Caller()
    job = job_of(sound, ask)
    listened = hearing.sound_of(job)
    asking.keep(ask, hearing.STEP, listened.about, remembered("Good morning to all of you.", "How are you?"))
    plan = hearing.plan(listened)
    assert plan == [hearing.REMEMBERED]
    heard = hearing.heard(listened, [hearing.hear(listened, segment) for segment in plan])
    assert [each.text for each in heard.utterances] == ["Good morning to all of you.", "How are you?"]
    assert heard.utterances == said("Good morning to all of you.", "How are you?")


@pytest.mark.parametrize(
    "changed", [{"content": "abd"}, {"word_times": False}, {"hot_words": ("OpenVOD",)}, {"speakers": True}]
)
def test_another_file_or_another_wish_is_heard_anew(sound: Path, changed: dict[str, Any]) -> None:
    listened = hearing.sound_of(job_of(sound, Caller()))
    assert replace(listened, **changed).about != listened.about


def test_a_language_that_nobody_knows_names_what_to_install(sound: Path) -> None:
    with pytest.raises(TaskFault, match="models recipes") as caught:
        hearing.plan(hearing.sound_of(job_of(sound, Caller(), VideoSrcLanguage="zh")))
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"


def test_a_picture_without_sound_is_refused(tmp_path: Path) -> None:
    silent = clips.video(tmp_path / "v.mp4", seconds=1, sound=[])
    with pytest.raises(TaskFault, match="no audio"):
        hearing.plan(hearing.sound_of(job_of(silent, Caller())))


@pytest.mark.parametrize(
    ("options", "of_source", "of_translation"),
    [
        ({}, "vtt", None),
        ({"TranslateSwitch": "ON", "SubtitleType": 1}, "", "vtt"),
        ({"TranslateSwitch": "ON", "SubtitleType": 2}, "vtt", "vtt"),
        ({"SubtitleFormat": ""}, "", None),
    ],
)
def test_which_files_are_wanted(options: Json, of_source: str, of_translation: str | None) -> None:
    job = replace(UNTOUCHED, options={**OPTIONS, **options})
    assert request.wish(job).form == of_source
    if of_translation is not None:
        assert request.wish(job, translated=True).form == of_translation


def test_burning_in_belongs_to_the_last_language() -> None:
    job = replace(UNTOUCHED, options={**OPTIONS, "SubtitleEmbedConfig": {"FontSize": 5}}, font="own.ttf")
    assert request.wish(job) == Wish("vtt", template={"FontSize": 5}, font="own.ttf")
    job.options.update({"TranslateSwitch": "ON", "SubtitleType": 2})
    assert request.wish(job).template is None
    assert request.wish(job, translated=True).template == {"FontSize": 5}


@pytest.mark.parametrize("text", ["[", "[]", '"x"', "{'a': 1}"])
def test_an_ext_info_that_is_no_object(text: str) -> None:
    with pytest.raises(TaskFault, match="ExtInfo"):
        request.ext_info({"ExtInfo": text})


def media_of(job: Job) -> Media:
    return request.media(job)


def test_a_video_that_cannot_be_made_leaves_the_file(sound: Path) -> None:
    """The source has no picture."""
    media = media_of(job_of(sound, Caller()))
    shown = [Cue(0.0, 1.0, ("Hello.",))]
    told = cues.conformance(shown, said("Hello."), cues.PROFILES["netflix"])
    made = files.write(media, shown, told, "subtitle-en", Wish("vtt", template={}))
    assert [each.name for each in made.files] == ["subtitle-en.vtt", "subtitle-en-report.json"]
    assert "video track" in files.notice(made.left_out).en  # type: ignore[union-attr]
    with pytest.raises(TaskFault, match="video track"):
        files.write(media, shown, told, "subtitle-en", Wish("", template={}))


def test_a_file_says_who_speaks_only_if_asked(sound: Path) -> None:
    media = media_of(job_of(sound, Caller()))
    shown = [Cue(0.0, 1.0, ("Hello.",), "Speaker 1")]
    for labelled, expected in ((True, "<v Speaker 1>Hello."), (False, "\nHello.")):
        files.write(media, shown, None, "x", Wish("vtt", labelled=labelled))
        assert expected in (media.folder / "x.vtt").read_text()


def test_rows_share_the_words_out() -> None:
    utterances = said("Good morning to all of you.", "How are you?")
    laid_out = cues.lay_out(utterances)
    told = rows.segments(laid_out, utterances, with_words=True)
    assert [len(row["Wordlist"]) for row in told] == [6, 3]
    assert all(row["Confidence"] == 90.0 for row in told)
    assert "Trans" not in told[0]


def spoken(job: Job) -> setting.Spoken:
    heard = hearing.Heard(said("Good morning to all of you.", "How are you?"), "en", True, "made")
    return setting.as_cues(job, heard)


def test_one_language_that_fails_takes_no_other_with_it(sound: Path) -> None:
    with standing_in(translator(1, [])) as stand_in:
        ask = Caller(stand_in.url)
        options = {"TranslateSwitch": "ON", "SubtitleType": 2, "TranslateDstLanguage": "zh/fr"}
        info = json.dumps({"glossary": {"morning": {"fr": 7}}})
        job = job_of(sound, ask, **options, ExtInfo=info)
        done = translating.versions(job, spoken(job), "en")
    assert [(each.target, each.told["Status"]) for each in done] == [("zh", "Success"), ("fr", "Error")]
    assert done[1].left_out
    assert done[0].texts == tuple(
        translated(text) for text in ("Good morning to all of you.", "How are you?")
    )
    shown = captions.parse((sound.parent / "subtitle-en-zh.vtt").read_bytes()).cues
    assert shown[1].lines == ("How are you?", translated("How are you?"))


def test_without_any_engine_it_says_what_to_install(sound: Path) -> None:
    job = job_of(sound, Caller(), TranslateSwitch="ON", SubtitleType=1, TranslateDstLanguage="zh/fr")
    with pytest.raises(TaskFault, match="OPENVOD_CHAT_URL"):
        translating.versions(job, spoken(job), "en")
