"""Covers through plan, run and join: files, evidence, and what is told of a file without good pictures."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from openvod.core.errors import TaskFault
from openvod.media import frames, inner_process
from openvod.tasks import Job, Outcome
from openvod.tasks.cover import KIND
from tests import clips
from tests.engines.features.test_features import places
from tests.media.test_excerpt import direct
from tests.stand_in import Caller
from tests.tasks.test_description import job_of


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting processes takes long; the walk proves the real ones."""
    monkeypatch.setattr(inner_process, "call", direct)


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    return KIND.join(job, [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments])


def film(path: Path) -> Path:
    """Black, then three places, each its own shot."""
    black = [np.zeros((72, 128, 3), np.uint8)] * 20
    pictures = [*black, *places((40, 40, 40))]
    for picture in pictures[20:]:
        picture[::6] //= 3  # fine lines: else it is blurred, which covers are not
    return clips.video(path, pictures=pictures, times=[n / 25 for n in range(len(pictures))], sound=[])


def test_ranked_covers_with_their_evidence(tmp_path: Path) -> None:
    outcome = outcome_of(job_of(film(tmp_path / "v.mp4"), Caller()))
    covers = outcome.output["CoverSet"]
    assert 2 <= len(covers) <= 5
    sure = [each["Confidence"] for each in covers]
    assert sure == sorted(sure, reverse=True)
    assert all(0 < each < 100 for each in sure)
    document = json.loads((tmp_path / "cover-evidence.json").read_text("utf-8"))
    shots = []
    for each, row in zip(covers, document["covers"], strict=True):
        name = each["CoverPath"]["$path"]
        assert name == row["file"]
        picture = cv2.imread(str(tmp_path / name))
        assert picture is not None
        assert picture.shape == (72, 128, 3)
        assert row["time"] >= 0.8, "not while it is black"
        shots.append(int((row["time"] - 0.8) / 1.6))
    assert set(shots) == {0, 1, 2}, "one of each place at least"
    assert [each.file_type for each in outcome.files] == [
        *["AiAnalysis.CoverTask.Cover"] * len(covers),
        "AiAnalysis.CoverTask.Evidence",
    ]
    assert outcome.notice is None


def test_again_nothing_is_decoded_but_the_stills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_of(film(tmp_path / "v.mp4"), Caller())
    first = outcome_of(job).output

    def decoded(*_: object) -> None:
        raise AssertionError("the whole film is decoded again")

    monkeypatch.setattr(frames, "stream", decoded)
    again = replace(job, options={"Definition": 1, "ExtendedParameter": '{"colour": 1}'})
    outcome = outcome_of(again)
    assert outcome.output == first
    assert "means nothing to covers" in outcome.warnings[0]


def test_a_black_video_has_no_cover_and_says_so(tmp_path: Path) -> None:
    pictures = [np.zeros((72, 128, 3), np.uint8)] * 30
    path = clips.video(tmp_path / "v.mp4", pictures=pictures, seconds=1.2)
    outcome = outcome_of(job_of(path, Caller()))
    assert outcome.output["CoverSet"] == []
    assert outcome.notice is not None
    assert "black" in outcome.notice.en


def test_one_frame(tmp_path: Path) -> None:
    path = clips.video(tmp_path / "v.mp4", pictures=[*places((1,))], times=[0.0], sound=[])
    outcome = outcome_of(job_of(path, Caller()))
    assert len(outcome.output["CoverSet"]) == 1


def test_sound_alone_has_none(tmp_path: Path) -> None:
    for path in (clips.audio(tmp_path / "a.m4a"), clips.picture(tmp_path / "p.jpg")):
        with pytest.raises(TaskFault) as fault:
            KIND.plan(job_of(path, Caller()))
        assert fault.value.code == "SourceFileError.NoVideoMedia"
