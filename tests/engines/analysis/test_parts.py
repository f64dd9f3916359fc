"""The smaller parts: what a request asks for, the mind map, the words of a file, what stands on the picture."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from openvod.core import asking
from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.engines.analysis import measured, pieces
from openvod.engines.analysis.descriptions import des_options, mind_map
from openvod.engines.analysis.descriptions.des_options import Wish
from openvod.engines.analysis.descriptions.description import Description, Part, Statement, extract
from openvod.engines.analysis.text import said, written
from openvod.engines.analysis.text.chapters import Chapter
from openvod.engines.analysis.text.passages import Passage, of_utterances
from openvod.engines.subtitling import hearing
from openvod.media.probe import probe
from openvod.tasks import Attached, Job
from tests import clips
from tests.engines.analysis.made_up import HOLES, OCEAN, sentences, talk
from tests.stand_in import Caller

NOWHERE = Path("no-such-folder")
SETTINGS = {"word_times": True, "cue_profile": "netflix"}
VTT = (
    "WEBVTT\n\n00:01.000 --> 00:03.000\n<b>黑洞</b>是宇宙中最\n\n00:03.000 --> 00:05.000\n神秘的天体之一。\n"
)


def wish_of(**des: Any) -> Wish:
    return des_options.read({"ExtendedParameter": json.dumps({"des": des})})


def test_nothing_asked_for_is_all_defaults() -> None:
    assert des_options.read({}) == des_options.read({"ExtendedParameter": "{}"}) == Wish()


def test_all_that_is_known_is_read() -> None:
    found = wish_of(
        split={"method": "llm", "max_split_time_sec": "600", "extend_prompt": "By scene."},
        need_ocr=True,
        only_segment=1,
        text_requirement="Short. ",
        dstlang="en",
    )
    assert found == Wish("llm", 600.0, "Short.\nBy scene.", True, True, "en")


@pytest.mark.parametrize(
    ("des", "named"),
    [
        ({"split": {"method": "magic"}}, "des.split.method"),
        ({"split": {"model": "DeepSeek-R1"}}, "des.split.model"),
        ({"ocr_type": "ppt"}, "des.ocr_type"),
        ({"dstlang": "to the moon"}, "des.dstlang"),
        ({"dstlang": 3}, "des.dstlang"),
    ],
)
def test_what_means_nothing_here_is_a_warning(des: dict[str, Any], named: str) -> None:
    found = wish_of(**des)
    assert named in found.warnings[0]
    assert replace(found, warnings=()) == Wish()


@pytest.mark.parametrize(
    "text",
    ['{"des": 3}', '{"des": {"split": []}}', "[]", "{", '{"des": {"split": {"max_split_time_sec": "soon"}}}',
     '{"des": {"split": {"max_split_time_sec": -5}}}', '{"des": {"split": {"max_split_time_sec": 1e999}}}'],
)  # fmt: skip
def test_what_is_no_parameter_is_refused(text: str) -> None:
    with pytest.raises(TaskFault) as caught:
        des_options.read({"ExtendedParameter": text})
    assert caught.value.code == "InvalidInput"


def pixels_of(folder: Path) -> NDArray[np.uint8]:
    with Image.open(folder / mind_map.FILE) as sheet:
        return np.asarray(sheet.convert("L"))


def test_a_mind_map_has_every_chapter_on_it(tmp_path: Path) -> None:
    passages = of_utterances(talk(OCEAN), "en")
    one = extract(passages, [Chapter(0, 12, "Alpha"), Chapter(12, 24, "Beta")], "en")
    assert mind_map.draw(replace(one, parts=one.parts[:1]), NOWHERE, tmp_path) == ()
    small = pixels_of(tmp_path)
    mind_map.draw(one, NOWHERE, tmp_path)
    assert pixels_of(tmp_path).shape[0] > small.shape[0]
    assert small.min() < 100
    many = replace(one, parts=one.parts * 30)
    (note,) = mind_map.draw(many, NOWHERE, tmp_path)
    assert "20 chapters" in note


def test_nothing_is_painted_outside_of_the_mind_map(tmp_path: Path) -> None:
    statement = Statement("word " * 300, (0,))
    part = Part(0, 4000, "A title " * 30, (statement, statement), ())
    mind_map.draw(Description("en", "Title " * 40, (), (), (part,), 90.0, ""), NOWHERE, tmp_path)
    pixels = pixels_of(tmp_path)
    edges = np.concatenate(
        [pixels[:8].ravel(), pixels[-8:].ravel(), pixels[:, -8:].ravel(), pixels[:, :8].ravel()]
    )
    assert edges.min() == 255
    assert pixels.min() < 100


def test_a_mind_map_without_letters_names_the_font(tmp_path: Path) -> None:
    one = extract(of_utterances(talk(HOLES), "zh"), [Chapter(0, 24)], "zh")
    with pytest.raises(TaskFault, match="noto-sans-cjk"):
        mind_map.draw(one, NOWHERE, tmp_path)


def job_of(source: Path, ask: asking.Ask, **changes: Any) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    job = Job(source, facts, {}, source.parent, NOWHERE, SETTINGS, lambda _: None, ask, "abc")
    return replace(job, **changes)


def remember(ask: asking.Ask, job: Job, *texts: str) -> None:
    """As if the speech of the file had been recognised before."""
    found = {
        "language": "en",
        "spans": [{"start": 0.0, "end": 40.0, "pauses": []}],
        "utterances": [hearing._packed(each) for each in talk(*texts, with_words=True)],
        "left_out": [],
        "prints": [],
        "aligned": True,
        "engine": "made",
        "hot_words": False,
    }
    asking.keep(ask, hearing.STEP, said._sound(job).about, found)


def words_of(job: Job, **wish: Any) -> said.Said:
    return said.join(job, [said.run(job, each) for each in said.plan(job, **wish)])


def test_what_was_recognised_for_english_subtitles_is_not_recognised_again(tmp_path: Path) -> None:
    ask = Caller()
    job = job_of(clips.audio(tmp_path / "sound.m4a"), ask)
    subtitles = replace(job, options={"VideoSrcLanguage": "en"})
    assert said._sound(job).about == hearing.sound_of(subtitles).about
    remember(ask, job, OCEAN)
    found = words_of(job)
    assert [each.text for each in found.passages] == sentences(OCEAN)
    assert (found.language, found.missing) == ("en", ())


def test_the_owners_subtitles_go_before_the_recogniser(tmp_path: Path) -> None:
    (tmp_path / "own.vtt").write_text(VTT, encoding="utf-8")
    own = Attached("1", "mine", "zh", tmp_path / "own.vtt", "")
    found = words_of(job_of(clips.video(tmp_path / "v.mp4", sound=[]), Caller(), subtitles=(own,)))
    assert found.passages == (Passage(1.0, 5.0, "黑洞是宇宙中最神秘的天体之一。", "subtitle"),)
    assert (found.language, found.engine) == ("zh", "subtitle `mine`")


def test_a_subtitle_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "s.vtt"
    path.write_text(VTT, encoding="utf-8")
    assert words_of(job_of(path, Caller())).language == "zh"


def test_a_file_without_words_to_be_had_is_refused(tmp_path: Path) -> None:
    silent = job_of(clips.video(tmp_path / "v.mp4", sound=[]), Caller())
    with pytest.raises(TaskFault, match="no audio"):
        said.plan(silent)
    assert said.plan(silent, need_ocr=True) == [{"written": {"begin": 0.0, "end": None}}]


def test_captions_of_what_is_said_are_not_told_twice() -> None:
    spoken = of_utterances(talk(OCEAN), "en")
    captions = [
        Passage(4.2, 7.0, "The Gulf Stream carries warm water", "written"),
        Passage(4.2, 7.0, "Professor Ada Harbour, Bergen", "written"),
        Passage(20.0, 23.0, "The Gulf Stream carries warm water", "written"),
    ]
    both = written.beside(spoken, captions)
    assert [each.text for each in both if each.source == "written"] == [captions[1].text, captions[2].text]
    assert [each.start for each in both] == sorted(each.start for each in both)


@pytest.mark.needs("models")
def test_what_stands_on_the_picture_is_read_once(tmp_path: Path) -> None:
    from tests.subtitled import Burned, film  # noqa: PLC0415 - needs no model to be imported, but time

    path = film(tmp_path / "f.mp4", [Burned("HARBOUR MUSEUM", 10, 60)])
    ask = Caller()
    job = replace(job_of(path, ask), models=Settings.read().model_folder())
    found = words_of(job, need_ocr=True)
    assert [(each.text, each.source) for each in found.passages] == [("HARBOUR MUSEUM", "written")]
    assert found.passages[0].start == pytest.approx(0.4, abs=0.05)
    again = replace(job, models=NOWHERE)
    assert words_of(again, need_ocr=True).passages == found.passages


def test_shots_are_measured_once(tmp_path: Path) -> None:
    dice = np.random.default_rng(3)
    scenes = [dice.integers(0, 255, (4, 6, 3)).repeat(24, 0).repeat(24, 1).astype(np.uint8) for _ in range(2)]
    pictures = [np.roll(scenes[number >= 40], number, 1) for number in range(80)]
    times = [number / 25 for number in range(80)]
    ask = Caller()
    job = job_of(clips.video(tmp_path / "v.mp4", pictures=pictures, times=times, sound=[]), ask)
    segments = measured.plan(job)
    found = measured.join(job, [measured.run(job, each) for each in segments])
    assert found.shots == pytest.approx((1.6,), abs=0.05)
    assert (found.speech, found.music) == ((), 0.0)
    job.source.unlink()
    assert measured.join(job, [measured.run(job, each) for each in measured.plan(job)]) == found


def test_a_short_file_is_one_segment(tmp_path: Path) -> None:
    job = job_of(clips.audio(tmp_path / "a.m4a"), Caller())
    rows: list[dict[str, Any]] = [{"said": 1}, {"measured": 2}]
    (whole,) = pieces.together(job, rows)
    assert pieces.apart([{"all": whole["all"]}]) == rows
    long = replace(job, facts={**job.facts, "duration": 500.0})
    assert pieces.apart(pieces.together(long, rows)) == rows == pieces.together(long, rows)


def test_a_subtitle_file_is_not_measured(tmp_path: Path) -> None:
    path = tmp_path / "s.vtt"
    path.write_text(VTT, encoding="utf-8")
    job = job_of(path, Caller())
    assert measured.plan(job) == []
    assert measured.join(job, []) == measured.Measured()
