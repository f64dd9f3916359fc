"""VideoComprehensionTask: an answer that names what it was seen in, or honestly a list of shots and words."""

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from openvod.core import asking, spec
from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.engines.analysis.descriptions import comprehended, comprehension, mvc_options
from openvod.engines.analysis.descriptions.comprehended import Shown
from openvod.engines.analysis.descriptions.described import Asker
from openvod.engines.analysis.frames.views import View
from openvod.engines.analysis.text.passages import Passage
from openvod.engines.features import Shot
from openvod.media import probe
from openvod.tasks import Attached, Job, Outcome, video_comprehension
from tests import clips
from tests.stand_in import Answer, Call, Caller, says, standing_in

pytestmark = pytest.mark.needs("models")
VTT = "WEBVTT\n\n00:00.000 --> 00:00.900\nHere is a pattern of stripes.\n"


def job(folder: Path, source: Path, options: dict[str, Any], ask: asking.Ask = asking.nobody) -> Job:
    cues = folder / "own.vtt"
    cues.write_text(VTT)
    return Job(
        source=source,
        facts=probe.probe({"source": str(source)}, lambda _: None),
        options={"ExtendedParameter": json.dumps({"mvc": options})},
        folder=folder,
        models=Settings.read().model_folder(),
        settings={"word_times": True, "cue_profile": ""},
        progress=lambda _: None,
        ask=ask,
        content="film",
        subtitles=(Attached("1", "mine", "en", cues, "cues"),),
    )


def done(one: Job) -> Outcome:
    outcome = video_comprehension.join(
        one, [video_comprehension.KIND.run(one, segment) for segment in video_comprehension.plan(one)]
    )
    spec.load("mps").check_output("AiAnalysisTaskVideoComprehensionOutput", outcome.output)
    return outcome


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return clips.video(tmp_path / "film.mp4", sound=[])


def test_without_a_model_the_shots_and_words_are_listed(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = done(job(tmp_path, film, {"prompt": "Who is this?"}))
    assert outcome.notice is not None
    assert "chat_url" in outcome.notice.en
    (row,) = outcome.output["VideoComprehensionResultList"]
    assert (row["Title"], row["Description"]) == ("Shot 1", "Here is a pattern of stripes.")
    assert (row["StartTime"], row["EndTime"]) == (0, pytest.approx(1.0, abs=0.1))
    info = json.loads(outcome.output["VideoComprehensionExtInfo"])
    assert info["understood"] is False
    assert "chat_url" in info["message"]


def test_a_model_sees_frames_and_answers(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen: list[str] = []
    part = {
        "start": 0,
        "end": 0.9,
        "title": "Stripes",
        "description": "They move.",
        "frames": [0],
        "lines": [0],
    }

    def script(call: Call) -> Answer:
        assert "What colour?" in call.json["messages"][0]["content"]
        pieces = call.json["messages"][1]["content"]
        seen.extend(piece["name"] for piece in pieces if piece["type"] == "image_file")
        assert "pattern of stripes" in pieces[-1]["text"]
        return says(json.dumps({"answer": "All of them.", "parts": [part, {**part, "frames": [9]}]}))

    with standing_in(script) as endpoint:
        outcome = done(job(tmp_path, film, {"prompt": "What colour?"}, Caller(endpoint.url)))
    assert outcome.output["VideoComprehensionAnalysisResult"] == "All of them."
    (row,) = outcome.output["VideoComprehensionResultList"]
    assert (row["Title"], row["EndTime"]) == ("Stripes", 0.9)
    picture = cv2.imread(str(tmp_path / seen[0]))
    assert picture is not None
    assert picture.shape == (120, 160, 3)
    assert any("named nothing" in warning for warning in outcome.warnings)
    assert outcome.notice is None


def test_the_sound_alone_is_not_looked_at(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def script(call: Call) -> Answer:
        assert [piece["type"] for piece in call.json["messages"][1]["content"]] == ["text"]
        return says(json.dumps({"answer": "Stripes.", "parts": []}))

    extra = {"mode": "audio", "extendData": [{"url": "https://example.com/b.mp4"}]}
    with standing_in(script) as endpoint:
        outcome = done(job(tmp_path, film, extra, Caller(endpoint.url)))
    assert outcome.notice is not None
    assert "second file" in outcome.notice.en


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"frames": [], "lines": []}, "neither a frame nor a line"),
        ({"start": 9.0, "end": 9.5}, "frame 0 is not shown then"),
        ({"end": 30.0}, "end within 10.0 s"),
        ({"lines": [4]}, "line 4 is not heard then"),
    ],
)
def test_a_part_must_name_what_is_there(changes: dict[str, Any], fault: str) -> None:
    part = {"start": 0, "end": 2, "title": "t", "description": "d", "frames": [0], "lines": [0]}
    heard = []

    def script(call: Call) -> Answer:
        heard.append(call.json["messages"][-1]["content"])
        wrong = len(heard) == 1
        return says(json.dumps({"answer": "a", "parts": [part | changes if wrong else part]}))

    shown = Shown(10.0, [View(1.0, "view.jpg", "hash")], [Passage(0.5, 1.5, "Hello there.")])
    with standing_in(script) as endpoint:
        found = comprehended.understand(Asker(Caller(endpoint.url), lambda _: None), shown, "")
    assert fault in heard[1]
    assert (len(found.stretches), found.left_out) == (1, 0)


def test_each_shot_has_its_own_words() -> None:
    shots = [Shot(0, 49, 0.0, 2.0, "start"), Shot(50, 99, 2.0, 4.0, "cut")]
    passages = [Passage(0.5, 1.5, "One"), Passage(2.1, 3.0, "Two")]
    rows = comprehension.by_shots(shots, passages, "en", 4.0)
    assert [each.description for each in rows] == ["One.", "Two."]
    assert comprehension.told(rows).splitlines()[1] == "2.00 - 4.00 s, Shot 2: Two."
    assert comprehension.by_shots([], passages, "en", 4.0)[0].description == "One. Two."


def test_a_question_that_is_no_object_is_refused() -> None:
    with pytest.raises(TaskFault, match="mvc"):
        mvc_options.read({"ExtendedParameter": '{"mvc": 3}'})
    wish = mvc_options.read({"ExtendedParameter": '{"mvc": {"mode": "smell"}, "des": {}}'})
    assert wish.looks
    assert len(wish.warnings) == 2
