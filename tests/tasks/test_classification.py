"""Classes through plan, run and join; between the stages goes JSON."""

import json
from dataclasses import replace
from pathlib import Path

from openvod.core.asking import Ask
from openvod.tasks import Attached, Job, Outcome
from openvod.tasks.classification import KIND
from tests import clips
from tests.engines.analysis.models import classifier
from tests.stand_in import Answer, Caller, standing_in
from tests.tasks.test_description import job_of, remember

KITCHEN = """Fry the onion and the garlic in butter. Then add the sauce and let it simmer. Season it with salt and pepper.
The recipe needs flour and dough. Bake it in the oven."""


def outcome_of(job: Job) -> Outcome:
    segments = json.loads(json.dumps(KIND.plan(job)))
    results = [json.loads(json.dumps(KIND.run(job, segment))) for segment in segments]
    return KIND.join(job, results)


def kitchen(folder: Path, ask: Ask) -> Job:
    job = job_of(clips.audio(folder / "talk.m4a"), ask)
    remember(job, KITCHEN)
    return job


def test_a_class_comes_with_its_evidence(tmp_path: Path) -> None:
    job = kitchen(tmp_path, Caller())
    outcome = outcome_of(job)
    best = outcome.output["ClassificationSet"][0]
    assert best["Classification"] == "Food"
    assert 50 < best["Confidence"] <= 100
    document = json.loads((job.folder / outcome.files[0].name).read_text("utf-8"))
    words = document["classes"][0]["evidence"]["words"]
    assert {"onion", "garlic", "oven"} <= words.keys()
    assert any(each["start"] in words["onion"] for each in document["sentences"])
    assert outcome.files[0].file_type == "AiAnalysis.ClassificationTask.Evidence"


def test_a_model_judges_where_one_is_set(tmp_path: Path) -> None:
    with standing_in(classifier("Travel")) as endpoint:
        outcome = outcome_of(kitchen(tmp_path, Caller(endpoint.url)))
    assert outcome.output["ClassificationSet"][0] == {"Classification": "Travel", "Confidence": 88}
    assert outcome.engine.startswith("chat stand-in")


def test_a_model_that_fails_leaves_the_words(tmp_path: Path) -> None:
    with standing_in(lambda call: Answer(b"no", 403)) as endpoint:
        outcome = outcome_of(kitchen(tmp_path, Caller(endpoint.url)))
    assert outcome.output["ClassificationSet"][0]["Classification"] == "Food"
    assert outcome.notice is not None
    assert "HTTP 403" in outcome.notice.en


def test_an_upright_film_without_words_is_told_by_its_shape(tmp_path: Path) -> None:
    path = clips.video(tmp_path / "v.mp4", seconds=1, size=(120, 160), sound=[])
    outcome = outcome_of(job_of(path, Caller()))
    assert [each["Classification"] for each in outcome.output["ClassificationSet"]] == ["Short video"]
    assert outcome.notice is not None
    assert "no audio track" in outcome.notice.en


def test_where_nothing_tells_there_is_no_class(tmp_path: Path) -> None:
    path = clips.video(tmp_path / "v.mp4", seconds=1, size=(160, 120), sound=[])
    outcome = outcome_of(job_of(path, Caller()))
    assert outcome.output == {"ClassificationSet": []}
    assert outcome.notice is not None
    assert "nothing tells" in outcome.notice.en


def test_the_owners_subtitles_tell_it(tmp_path: Path) -> None:
    (tmp_path / "own.vtt").write_text(f"WEBVTT\n\n00:00.000 --> 00:01.000\n{KITCHEN.replace(chr(10), ' ')}\n")
    own = Attached("1", "mine", "en", tmp_path / "own.vtt", "")
    job = replace(job_of(clips.video(tmp_path / "v.mp4", sound=[]), Caller()), subtitles=(own,))
    assert outcome_of(job).output["ClassificationSet"][0]["Classification"] == "Food"
