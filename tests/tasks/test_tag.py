"""Tags of real files, through plan, run and join; between the stages goes JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome
from openvod.tasks.tag import KIND
from tests import clips


def job_of(source: Path, extended: str = "", models: Path = Path("no-such-folder")) -> Job:
    facts = probe({"source": str(source)}, lambda done: None)
    options = {"Definition": 21, "ExtendedParameter": extended}
    return Job(source, facts, options, source.parent, models, {}, lambda done: None)


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    results = [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments]
    return KIND.join(job, results)


def tags(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {item["Tag"]: item for item in outcome.output["TagSet"]}


def places(seed: int, count: int, size: tuple[int, int] = (96, 64)) -> list[np.ndarray]:
    dice = np.random.default_rng(seed)
    ground = dice.integers(0, 255, (4, 6, 3)).repeat(size[1] // 4, 0).repeat(size[0] // 6, 1).astype(np.uint8)
    return [np.roll(ground, index, 1) for index in range(count)]


def test_items_have_the_shape_of_the_wire(tmp_path: Path) -> None:
    outcome = outcome_of(job_of(clips.video(tmp_path / "v", seconds=3, size=(120, 160), format="mp4")))
    assert outcome.output["TagSet"]
    for item in outcome.output["TagSet"]:
        assert set(item) == {"Tag", "Confidence", "SpecialInfo"}
        assert isinstance(item["Tag"], str)
        assert 50 <= item["Confidence"] <= 100
        assert isinstance(json.loads(item["SpecialInfo"]), dict)
    assert tags(outcome)["vertical video"]["Confidence"] == 100
    assert outcome.engine


def test_fast_cuts_come_with_their_times(tmp_path: Path) -> None:
    pictures = [picture for seed in range(10) for picture in places(seed, 20)]
    times = [index / 25 for index in range(len(pictures))]
    source = clips.video(tmp_path / "v.mp4", pictures=pictures, times=times, sound=[])
    found = tags(outcome_of(job_of(source)))
    evidence = json.loads(found["fast cuts"]["SpecialInfo"])
    assert evidence["times"] == pytest.approx([0.8 * shot for shot in range(1, 10)], abs=0.05)
    assert "single shot" not in found


def test_a_picture_has_look_tags_only(tmp_path: Path) -> None:
    pixels = np.full((160, 90, 3), 30, np.uint8)
    found = tags(outcome_of(job_of(clips.picture(tmp_path / "p", pixels, "png"))))
    assert set(found) == {"vertical picture", "dark"}


def test_a_letterboxed_grey_film(tmp_path: Path) -> None:
    pictures = [np.repeat(picture.mean(2, keepdims=True), 3, 2).astype(np.uint8) for picture in places(1, 75)]
    for picture in pictures:
        picture[:8], picture[-8:] = 0, 0
    times = [index / 25 for index in range(75)]
    found = tags(
        outcome_of(job_of(clips.video(tmp_path / "v.mp4", pictures=pictures, times=times, sound=[])))
    )
    assert {"letterboxed", "black and white"} <= set(found)
    assert "colourful" not in found


def test_a_still_picture_is_no_shot(tmp_path: Path) -> None:
    pictures = [clips.pattern(0)] * 75
    times = [index / 25 for index in range(75)]
    found = tags(
        outcome_of(job_of(clips.video(tmp_path / "v.mp4", pictures=pictures, times=times, sound=[])))
    )
    assert "still picture" in found
    assert not {"single shot", "slideshow", "low motion", "high motion"} & set(found)


def test_without_models_the_signals_still_speak(tmp_path: Path) -> None:
    quiet = np.zeros((1, 3 * clips.RATE), np.float32)
    outcome = outcome_of(job_of(clips.audio(tmp_path / "a.mp3", quiet)))
    assert set(tags(outcome)) == {"silence"}
    (warning,) = outcome.warnings
    assert "silero-vad" in warning
    assert "pull" in warning


def test_a_long_file_is_cut_into_parts_with_the_same_result(tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "v.mp4", seconds=3))
    long = replace(job, facts={**job.facts, "duration": 4000.0})
    assert [len(KIND.plan(each)) for each in (job, long)] == [1, 15]
    assert outcome_of(long).output == outcome_of(job).output


@pytest.mark.parametrize("size, count", [((16, 16), 50), ((96, 64), 1)])
def test_tiny_and_short_videos_are_no_trouble(tmp_path: Path, size: tuple[int, int], count: int) -> None:
    source = clips.video(tmp_path / "v.mp4", seconds=count / 25, size=size, sound=[])
    found = tags(outcome_of(job_of(source)))
    assert ("square video" in found) == (size == (16, 16))
    assert not {"single shot", "still picture"} & set(found)


def test_one_broken_track_leaves_the_other(tmp_path: Path) -> None:
    job = job_of(clips.audio(tmp_path / "a.mp3"))
    facts = {**job.facts, "kind": "video", "video": {"codec": "h264"}}  # as if its picture had been lost
    outcome = outcome_of(replace(job, facts=facts))
    assert any("no video track" in warning for warning in outcome.warnings)
    with pytest.raises(TaskFault) as caught:
        outcome_of(replace(job, facts={**facts, "audio": []}))
    assert caught.value.code.startswith("SourceFileError")


def test_subtitles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as caught:
        KIND.plan(job_of(clips.subtitles(tmp_path / "s")))
    assert caught.value.code == "SourceFileError.ContentUnsupported"


@pytest.mark.parametrize("text", ["{", "[]", "1", '"tag"', '{"tag": 1}', "[" * 100_000])
def test_a_malformed_parameter_is_an_input_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(TaskFault) as caught:
        KIND.plan(job_of(clips.picture(tmp_path / "p"), text))
    assert caught.value.number == "40000"


@pytest.mark.parametrize("kind", ['"1102"', "1102", '"77"'])
def test_recognition_of_songs_is_not_offered(tmp_path: Path, kind: str) -> None:
    with pytest.raises(TaskFault) as caught:
        KIND.plan(job_of(clips.picture(tmp_path / "p"), f'{{"tag": {{"process_type": {kind}}}}}'))
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"
    assert ("music" in caught.value.en) == ("1102" in kind)


def test_unknown_keys_are_told(tmp_path: Path) -> None:
    outcome = outcome_of(job_of(clips.picture(tmp_path / "p"), '{"tag": {"colour": 1}, "des": {}}'))
    told = [warning.split("`")[1] for warning in outcome.warnings]
    assert told[:2] == ["des", "tag.colour"]
    assert "pp-ocr-v6-small" in told[2]  # not installed here
    (left,) = outcome_of(job_of(clips.picture(tmp_path / "p"), " ")).warnings
    assert "pp-ocr-v6-small" in left
