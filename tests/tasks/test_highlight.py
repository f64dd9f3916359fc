"""Highlights through plan, run and join: a clip and a cover each, with times and reasons; none of a dull file."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.engines.analysis.text import said
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.analysis.text.said import Said
from openvod.media import frames, inner_process
from openvod.tasks import Job, Outcome
from openvod.tasks.highlight import KIND
from tests import clips
from tests.engines.features.test_features import places
from tests.media.test_excerpt import direct
from tests.stand_in import Caller, says, standing_in
from tests.tasks.test_description import job_of

FPS = 25
ACTION = (8.0, 12.0), (18.0, 21.0)
"""When it is loud and much moves, in a film of 30 seconds."""


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting processes takes long; the walk proves the real ones."""
    monkeypatch.setattr(inner_process, "call", direct)


def film(path: Path) -> Path:
    """Stills, but for two stretches of noise and movement; each stretch is a shot."""
    stills = [*places((1, 1, 1))]
    pictures = []
    for number in range(30 * FPS):
        time = number / FPS
        place = sum(time >= begin for begin, _ in ACTION)
        moves = any(begin <= time < end for begin, end in ACTION)
        picture = np.roll(stills[place], 5 * number if moves else 0, 1)
        pictures.append(255 - picture if moves else picture)
    clock = np.arange(30 * clips.RATE) / clips.RATE
    loud = np.any([(begin <= clock) & (clock < end) for begin, end in ACTION], axis=0)
    noise = np.random.default_rng(1).standard_normal(len(clock)) * np.where(loud, 0.2, 0.001)
    times = [number / FPS for number in range(len(pictures))]
    return clips.video(path, pictures=pictures, times=times, sound=[noise[None].astype(np.float32)], g="25")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture(scope="module")
def caller() -> Caller:
    """With one memory for all: the film is measured once."""
    return Caller()


def job(source: Path, folder: Path, ask: Any, **hht: Any) -> Job:
    options = {"Definition": 26, "ExtendedParameter": json.dumps({"hht": {"need_vad": 0, **hht}})}
    return replace(job_of(source, ask), options=options, folder=folder)


def outcome_of(one: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(one)))
    return KIND.join(one, [json.loads(json.dumps(KIND.run(one, segment))) for segment in segments])


def shown(path: Path) -> list[tuple[Fraction, Any]]:
    with av.open(str(path)) as container:
        return [
            (frame.pts * frame.time_base, frame.to_ndarray(format="gray"))
            for frame in container.decode(video=0)
        ]


def spans(outcome: Outcome) -> list[tuple[float, float]]:
    parts = [part for clip in outcome.output["HighlightSet"] for part in clip["SegmentSet"]]
    return sorted((part["StartTimeOffset"], part["EndTimeOffset"]) for part in parts)


def test_a_clip_and_a_cover_of_each(source: Path, tmp_path: Path, caller: Caller) -> None:
    outcome = outcome_of(job(source, tmp_path, caller))
    for (begin, end), wanted in zip(spans(outcome), ACTION, strict=True):
        assert abs(begin - wanted[0]) < 2.5
        assert abs(end - wanted[1]) < 2.5
    everything = shown(source)
    for clip in outcome.output["HighlightSet"]:
        (part,) = clip["SegmentSet"]
        begin, end = part["StartTimeOffset"], part["EndTimeOffset"]
        own = shown(tmp_path / clip["HighlightPath"]["$path"])
        first, last = round(begin * FPS), round(end * FPS)
        assert len(own) == last - first
        assert clip["Duration"] == pytest.approx(end - begin, abs=0.03)
        for (_, mine), (_, theirs) in zip(
            (own[0], own[-1]), (everything[first], everything[last - 1]), strict=True
        ):
            assert np.abs(mine.astype(int) - theirs).mean() < 4
        assert any("dB" in tag for tag in part["SegmentTags"])
        assert any("levels/s" in tag for tag in part["SegmentTags"])
        cover = cv2.imread(str(tmp_path / clip["CovImgPath"]["$path"]), cv2.IMREAD_GRAYSCALE)
        assert cover is not None
        apart = [np.abs(cover.astype(int) - picture).mean() for _, picture in own]
        assert min(apart) < 5, "a frame of its own clip"
        assert clip["HighlightUrl"] == {"$url": clip["HighlightPath"]["$path"]}
    kinds = [each.file_type.rpartition(".")[2] for each in outcome.files]
    assert kinds == ["Video", "Cover", "Video", "Cover", "Evidence"]
    assert not (tmp_path / "highlights-work").exists()


def test_other_parameters_decode_nothing_again(
    source: Path, tmp_path: Path, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome_of(job(source, tmp_path, caller))

    def decoded(*_: object) -> None:
        raise AssertionError("the whole film is decoded again")

    monkeypatch.setattr(frames, "stream", decoded)
    one = outcome_of(job(source, tmp_path, caller, top_clip=1, model_segment_limit=[2, 3]))
    (span,) = spans(one)
    assert 2 <= span[1] - span[0] <= 3.05


def test_all_in_one_clip(source: Path, tmp_path: Path, caller: Caller) -> None:
    outcome = outcome_of(job(source, tmp_path, caller, merge_type=1))
    (clip,) = outcome.output["HighlightSet"]
    parts = clip["SegmentSet"]
    assert len(parts) == 2
    assert parts[0]["EndTimeOffset"] < parts[1]["StartTimeOffset"]
    long = sum(each["EndTimeOffset"] - each["StartTimeOffset"] for each in parts)
    assert clip["Duration"] == pytest.approx(long, abs=0.05)


def test_a_dull_file_has_none_and_says_so(tmp_path: Path) -> None:
    still = [*places((1,))] * 100
    path = clips.video(tmp_path / "v.mp4", pictures=still, seconds=4)
    outcome = outcome_of(job(path, tmp_path, Caller()))
    assert outcome.output["HighlightSet"] == []
    assert outcome.notice is not None
    assert "stands out" in outcome.notice.en
    assert [each.file_type for each in outcome.files] == ["AiAnalysis.HighlightTask.Evidence"]


def test_the_model_chooses_by_the_words(
    source: Path, tmp_path: Path, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Said((Passage(24.0, 27.0, "And the winner is Anna!"),), "en", "made")
    monkeypatch.setattr(said, "plan_if_any", lambda job: [])
    monkeypatch.setattr(said, "join_if_any", lambda job, results: words)
    row: Json = {
        "first": 0, "last": 0, "line": 0, "score": 100, "title": "Anna wins", "reason": "She does.",
        "quote": "the winner is Anna",
    }  # fmt: skip
    with standing_in(lambda call: says(json.dumps({"highlights": [row]}))) as endpoint:
        asked = Caller(endpoint.url, memory=caller.memory)
        outcome = outcome_of(job(source, tmp_path, asked, need_vad=1, scenario="prizes"))
    titles = {part["Title"]: part for clip in outcome.output["HighlightSet"] for part in clip["SegmentSet"]}
    part = titles["Anna wins"]
    assert part["StartTimeOffset"] <= 24 < 27 <= part["EndTimeOffset"]
    assert part["Summary"] == "She does."
    assert outcome.engine.startswith("chat stand-in")
    assert outcome.notice is None


def test_wishes_that_need_a_model_are_told(source: Path, tmp_path: Path, caller: Caller) -> None:
    outcome = outcome_of(job(source, tmp_path, caller, scenario="prizes", use_panorama_direct=1))
    assert outcome.notice is not None
    assert "OPENVOD_CHAT_URL" in outcome.notice.en
    assert "panorama" in outcome.warnings[0]


def test_sound_alone_has_none(tmp_path: Path) -> None:
    for path in (clips.audio(tmp_path / "a.m4a"), clips.picture(tmp_path / "p.jpg")):
        with pytest.raises(TaskFault) as fault:
            KIND.plan(job(path, tmp_path, Caller()))
        assert fault.value.code == "SourceFileError.NoVideoMedia"
