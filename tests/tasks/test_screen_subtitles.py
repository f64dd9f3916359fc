"""Subtitles on the picture of real films, through plan, run and join; between the stages goes JSON."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.engines.ocr import Ocr
from openvod.engines.screen_text import stretch
from openvod.engines.screen_text.subtitles import joined
from openvod.media import captions
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome
from openvod.tasks.screen_subtitles import KIND
from tests import clips
from tests.subtitled import Burned, film

OPTIONS = {"ProcessType": 2, "SubtitleType": 0, "VideoSrcLanguage": "zh_en", "SubtitleFormat": "vtt"}
TEXTS = (Burned("Hello again my friend", 8, 30), Burned("We counted 42 boats", 31, 60))

SETTINGS = {"word_times": True, "cue_profile": "netflix"}


def job_of(source: Path, models: Path = Path("no-such-folder"), **options: object) -> Job:
    facts = probe({"source": str(source)}, lambda done: None)
    return Job(source, facts, OPTIONS | options, source.parent, models, SETTINGS, lambda done: None)


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    results = [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments]
    return KIND.join(job, results)


def result(*rows: tuple[float, float, list[str]]) -> Json:
    """What a stretch told: lines one below the other."""
    subtitles = [
        {
            "start": start,
            "end": end,
            "lines": [
                [line, 0.9, 0.2, 0.8 + 0.08 * at, 0.8, 0.86 + 0.08 * at] for at, line in enumerate(lines)
            ],
        }
        for start, end, lines in rows
    ]
    return {"begin": 0.0, "end": None, "subtitles": subtitles}


@pytest.fixture
def models() -> Path:
    """The model folder of this machine."""
    return Settings.read().model_folder()


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    return clips.video(tmp_path / "v", seconds=1, size=(160, 120), format="mp4")


@pytest.mark.needs("models")
def test_what_is_on_the_screen_becomes_a_file_and_segments(tmp_path: Path, models: Path) -> None:
    outcome = outcome_of(job_of(film(tmp_path / "f.mp4", TEXTS, frames=70), models))
    rows = outcome.output["SegmentSet"]
    assert [row["Text"].replace(" ", "") for row in rows] == ["Helloagainmyfriend", "Wecounted42boats"]
    assert [(row["StartTimeOffset"], row["EndTimeOffset"]) for row in rows] == [(0.32, 1.24), (1.24, 2.44)]
    assert all(80 < row["Confidence"] <= 100 for row in rows)
    (found,) = outcome.output["RecognizeSubtitleResult"]
    assert (found["Language"], found["Status"]) == ("en", "Success")
    assert outcome.output["TransSubtitleResult"] == []
    (made,) = outcome.files
    cues = captions.parse((tmp_path / made.name).read_bytes()).cues
    assert [cue.start for cue in cues] == [0.32, 1.24]
    assert outcome.notice is None


@pytest.mark.needs("models")
def test_only_the_selected_area_is_looked_at(tmp_path: Path, models: Path) -> None:
    burned = [*TEXTS, Burned("Nobody answered", 10, 50, y=60)]
    source = film(tmp_path / "f.mp4", burned, frames=70)
    top = {"LeftTopX": 0, "LeftTopY": 0, "RightBottomX": 1280, "RightBottomY": 300, "Unit": 2}
    config = {"AutoAreas": [top], "SampleWidth": 1280, "SampleHeight": 720}
    rows = outcome_of(job_of(source, models, SelectingSubtitleAreasConfig=config)).output["SegmentSet"]
    assert [row["Text"].replace(" ", "") for row in rows] == ["Nobodyanswered"]


@pytest.mark.needs("models")
@pytest.mark.parametrize("seam", [1.24, 1.2, 1.8])
def test_a_seam_cuts_no_cue(tmp_path: Path, models: Path, seam: float) -> None:
    source = film(tmp_path / "f.mp4", TEXTS, frames=70)
    ocr = Ocr(models)
    spans = [(0.0, seam), (seam, float("inf"))]
    whole = stretch.read_stretch(source, ocr, (0.0, float("inf")))
    parts = [(*span, stretch.read_stretch(source, ocr, span)) for span in spans]
    assert joined(parts) == whole
    assert [(one.start, one.end) for one in whole] == [(0.32, 1.24), (1.24, 2.44)]


@pytest.mark.needs("models")
def test_what_was_read_is_remembered(tmp_path: Path, models: Path) -> None:
    kept: dict[str, Json] = {}

    def ask(question: Json) -> Json:
        if "recall" in question:
            keys = [json.dumps([question["recall"], about], sort_keys=True) for about in question["abouts"]]
            return {"values": [kept.get(key) for key in keys]}
        kept.update(
            {json.dumps([question["keep"], about], sort_keys=True): v for about, v in question["pairs"]}
        )
        return {}

    job = replace(job_of(film(tmp_path / "f.mp4", TEXTS, frames=70), models), ask=ask, content="f1")
    first = outcome_of(job)
    assert len(kept) == 1
    again = outcome_of(replace(job, models=Path("no-such-folder")))
    assert again.output == first.output
    area = {"LeftTopX": 0, "LeftTopY": 0.5, "RightBottomX": 1, "RightBottomY": 1, "Unit": 1}
    other = job.options | {"SelectingSubtitleAreasConfig": {"AutoAreas": [area]}}
    with pytest.raises(TaskFault):  # another area is another question
        outcome_of(replace(job, models=Path("no-such-folder"), options=other))


def test_without_the_model_it_says_what_to_install(silent: Path) -> None:
    with pytest.raises(TaskFault) as raised:
        outcome_of(job_of(silent))
    assert "pp-ocr-v6-small" in raised.value.en
    assert "pp-ocr-v6-small" in raised.value.zh


def test_a_long_film_is_shared_out(silent: Path) -> None:
    job = job_of(silent)
    segments = KIND.plan(replace(job, facts=job.facts | {"duration": 1000.0}))
    assert [(each["begin"], each["end"]) for each in segments] == [
        (0, 250),
        (250, 500),
        (500, 750),
        (750, None),
    ]


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "v", seconds=1, size=(160, 120), format="mp4"))
    with pytest.raises(TaskFault, match="NoVideoMedia"):
        KIND.plan(replace(job, facts=job.facts | {"kind": "audio", "video": None}))


def test_two_languages_on_one_screen_are_two_files(silent: Path) -> None:
    rows = result((0, 1, ["你好吗", "How are you?"]), (1, 2, ["很好", "Fine."]), (3, 4, ["2024"]))
    job = job_of(silent)
    outcome = KIND.join(job, [rows])
    assert [(row["Text"], row["Trans"]) for row in outcome.output["SegmentSet"]] == [
        ("你好吗", "How are you?"),
        ("很好", "Fine."),
        ("2024", ""),
    ]
    assert [each["Language"] for each in outcome.output["RecognizeSubtitleResult"]] == ["zh", "en"]
    texts = [
        [cue.lines for cue in captions.parse((job.folder / made.name).read_bytes()).cues]
        for made in outcome.files
    ]
    assert texts == [[("你好吗",), ("很好",), ("2024",)], [("How are you?",), ("Fine.",)]]


def test_a_translation_that_stands_on_the_screen_is_taken(silent: Path) -> None:
    rows = result((0, 1, ["你好吗", "How are you?"]), (1, 2, ["很好", "Fine."]))
    job = job_of(silent, TranslateSwitch="ON", TranslateDstLanguage="en", SubtitleType=1)
    outcome = KIND.join(job, [rows])
    (translated,) = outcome.output["TransSubtitleResult"]
    assert (translated["Language"], translated["Status"]) == ("en", "Success")
    assert [row["Trans"] for row in outcome.output["SegmentSet"]] == ["How are you?", "Fine."]
    assert outcome.notice is None


def test_without_a_translator_the_text_is_there_and_the_message_says_what_is_missing(silent: Path) -> None:
    job = job_of(silent, TranslateSwitch="ON", TranslateDstLanguage="fr", SubtitleType=2)
    outcome = KIND.join(job, [result((0, 1, ["你好吗"]))])
    assert [row["Status"] for row in outcome.output["TransSubtitleResult"]] == ["Error"]
    assert [row["Status"] for row in outcome.output["RecognizeSubtitleResult"]] == ["Success"]
    assert outcome.notice is not None
    assert "`fr`" in outcome.notice.en
    assert "`fr`" in outcome.notice.zh


def test_the_text_can_be_burnt_in(silent: Path) -> None:
    job = job_of(silent, SubtitleEmbedId=4, SubtitleEmbedConfig={})
    outcome = KIND.join(job, [result((0, 1, ["Good evening"]))])
    (row,) = outcome.output["RecognizeSubtitleResult"]
    assert row["SubtitleEmbedPath"] == {"$path": "subtitle-en.mp4"}
    assert {each.file_type.rpartition(".")[2] for each in outcome.files} >= {"Video", "Still"}


def test_a_film_without_subtitles_has_an_empty_valid_file(silent: Path) -> None:
    job = job_of(silent, SubtitleFormat="vtt")
    outcome = KIND.join(job, [result()])
    assert outcome.output["SegmentSet"] == []
    (made,) = outcome.files
    assert captions.parse((job.folder / made.name).read_bytes()).cues == ()


def test_twins_are_one_cue_and_clocks_are_none(silent: Path) -> None:
    twins = result(
        (0, 1, ["Hello there, John"]), (1.08, 2, ["Hello there, John"]), (4, 5, ["Hello there, John"])
    )
    rows = KIND.join(job_of(silent), [twins]).output["SegmentSet"]
    assert [(row["StartTimeOffset"], row["EndTimeOffset"]) for row in rows] == [(0, 2), (4, 5)]
    clock = result(*((second, second + 1, [f"14:07:0{second}"]) for second in range(5)))
    assert KIND.join(job_of(silent), [clock]).output["SegmentSet"] == []
