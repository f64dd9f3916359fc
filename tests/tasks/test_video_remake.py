"""A film remade through plan, run and join: different to machines, the same again, and as long as is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.asking import nobody
from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.media import audio
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome
from openvod.tasks.video_remake import KIND
from tests import clips

MODES = ["PicInPic", "BackgroundExtend", "VerticalExtend", "HorizontalExtend", "AB"]
KEYS = {mode: mode[0].lower() + mode[1:] for mode in MODES} | {"AB": "AB"}
SECONDS = 4.0


def sound(seconds: float) -> NDArray[np.float32]:
    """Notes with overtones, another one each third of a second."""
    time = np.arange(round(seconds * clips.RATE)) / clips.RATE
    notes = np.random.default_rng(2).uniform(200, 900, 64)[(time * 3).astype(int)]
    phase = np.cumsum(notes) * 2 * np.pi / clips.RATE
    wave = sum(np.sin(k * phase) / k for k in range(1, 6)) * 0.2
    return np.asarray(wave, np.float32)[None]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ground = np.random.default_rng(5).integers(40, 220, (2, 9, 16, 3), np.uint8).repeat(20, 1).repeat(20, 2)
    pictures = [np.roll(ground[int(index >= 50)], index // 4, 1) for index in range(round(SECONDS * 25))]
    target = tmp_path_factory.mktemp("remake") / "film.mp4"
    return clips.video(target, pictures=pictures, seconds=SECONDS, sound=[sound(SECONDS)])


def job_of(source: Path, folder: Path, mode: str = "PicInPic", **fields: Any) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    folder.mkdir(exist_ok=True)
    asked = {"vremake": {"mode": mode, KEYS.get(mode, mode): fields}}
    options = {"Definition": 29, "ExtendedParameter": json.dumps(asked)}
    return Job(source, facts, options, folder, Path("no-such-folder"), {}, lambda _: None, nobody, "abc")


def remade(job: Job) -> tuple[Outcome, dict[str, Any]]:
    outcome = KIND.join(job, [json.loads(json.dumps(KIND.run(job, segment))) for segment in KIND.plan(job)])
    return outcome, json.loads((job.folder / outcome.files[1].name).read_text("utf-8"))


def size_and_seconds(path: Path) -> tuple[tuple[int, int], float, float]:
    with av.open(str(path)) as container:
        shown = [frame.time or 0.0 for frame in container.decode(video=0)]
        size = container.streams.video[0].width, container.streams.video[0].height
    heard = sum(len(block) for block in audio.decode(path)) / audio.RATE
    return size, shown[-1] + 0.04, heard


def pictures(path: Path) -> Iterator[NDArray[np.int16]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray8").astype(np.int16)


@pytest.mark.parametrize("mode", MODES)
def test_machines_see_another_film(film: Path, tmp_path: Path, mode: str) -> None:
    job = job_of(film, tmp_path, mode)
    outcome, told = remade(job)
    size, shown, heard = size_and_seconds(job.folder / "remade.mp4")
    assert told["differences"]["picture"]["mean_bits_of_64"] >= 8
    assert told["differences"]["sound"]["share_of_bits_unlike"] >= 0.2
    assert (size[0] > 320, size[1] > 180) == (mode == "HorizontalExtend", mode == "VerticalExtend")
    assert shown == pytest.approx(SECONDS, abs=0.05)
    assert heard == pytest.approx(SECONDS, abs=0.15)
    assert [each.file_type for each in outcome.files] == [
        "AiAnalysis.VideoRemakeTaskk.Video",
        "AiAnalysis.VideoRemakeTaskk.Evidence",
    ]
    assert outcome.output["Path"] == {"$path": "remade.mp4"}


def test_the_differences_are_true(film: Path, tmp_path: Path) -> None:
    """Of a copy there are none."""
    from openvod.engines import features  # noqa: PLC0415
    from openvod.engines.reframe import likeness  # noqa: PLC0415

    job = job_of(film, tmp_path)
    found = features.features(features.Film(film, job.facts, "", job.models))
    told = likeness.measure(found, film, lambda time: time, sound=True)
    assert told["picture"]["mean_bits_of_64"] < 1
    assert told["sound"]["share_of_bits_unlike"] < 0.01
    later = likeness.measure(found, film, lambda time: time + 2.5, sound=True)
    assert later["picture"]["share_unlike"] > 0.8
    assert later["sound"]["share_of_bits_unlike"] > 0.35


def test_a_rerun_gives_the_same_and_another_request_does_not(film: Path, tmp_path: Path) -> None:
    one, two = job_of(film, tmp_path / "1", randomMove=True), job_of(film, tmp_path / "2", randomMove=True)
    first, again = remade(one)[1], remade(two)[1]
    same = ("seed", "size", "frames", "speed", "pitch", "left_out", "scenes")
    assert [first[name] for name in same] == [again[name] for name in same]
    pairs = zip(pictures(one.folder / "remade.mp4"), pictures(two.folder / "remade.mp4"), strict=True)
    assert max(float(np.abs(a - b).mean()) for a, b in pairs) < 1.0
    other = replace(two, content="another file")
    assert remade(other)[1]["seed"] != json.loads((one.folder / "remade-evidence.json").read_text())["seed"]


def test_time_is_cut_changed_and_appended(film: Path, tmp_path: Path) -> None:
    asked = {"randomCut": True, "randomSpeed": True, "randomFlip": True, "appendImage": True}
    job = job_of(film, tmp_path, "VerticalExtend", **asked)
    _, told = remade(job)
    gone = sum(end - begin for begin, end in told["left_out"])
    assert gone > 0.05
    assert abs(told["speed"] - 1) >= 0.02
    _, shown, _ = size_and_seconds(job.folder / "remade.mp4")
    assert shown == pytest.approx((SECONDS - gone) / told["speed"] + 3.0, abs=0.2)
    assert told["differences"]["sound"]["share_of_bits_unlike"] >= 0.2
    assert any("mirrored" in scene["act"] for scene in told["scenes"])


@pytest.mark.needs("models")
@pytest.mark.parametrize("asked, mirrored", [({}, [False, True]), ({"randomFlip": True}, None)])
def test_text_is_mirrored_only_where_that_is_asked_for(
    tmp_path: Path, asked: dict[str, bool], mirrored: list[bool] | None
) -> None:
    ground = np.random.default_rng(5).integers(40, 220, (2, 9, 16, 3), np.uint8).repeat(40, 1).repeat(40, 2)
    cv2.putText(ground[0], "EXIT 42", (120, 200), cv2.FONT_HERSHEY_DUPLEX, 3, (255, 255, 255), 8)
    shown = [ground[int(index >= 50)] for index in range(100)]
    film = clips.video(tmp_path / "film.mp4", pictures=shown, seconds=SECONDS)
    job = job_of(film, tmp_path / "job", "HorizontalExtend", **asked)
    job = replace(job, models=Settings.read().model_folder())
    acts = [scene["act"] for scene in remade(job)[1]["scenes"]]
    assert len(acts) == 2
    assert any("mirrored" in act for act in acts)
    assert mirrored is None or ["mirrored" in act for act in acts] == mirrored


def test_sound_stays_with_the_picture(tmp_path: Path) -> None:
    """A flash and a click at 3 s: still together when time was cut and changed before."""
    pictures = [
        np.full((90, 160, 3), 235 if index == 75 else 50 + 60 * (index >= 40), np.uint8)
        for index in range(100)
    ]
    click = np.zeros((1, round(SECONDS * clips.RATE)), np.float32)
    click[0, 3 * clips.RATE : 3 * clips.RATE + 900] = np.sin(np.arange(900) * 0.3) * 0.9
    source = clips.video(tmp_path / "a.mp4", pictures=pictures, seconds=SECONDS, sound=[click])
    job = job_of(source, tmp_path / "job", "AB", randomCut=True, randomSpeed=True)
    remade(job)
    made = job.folder / "remade.mp4"
    with av.open(str(made)) as container:
        light = [(frame.to_ndarray(format="gray8").mean(), frame.time) for frame in container.decode(video=0)]
    heard = np.concatenate([*audio.decode(made)])
    assert np.abs(heard).argmax() / audio.RATE == pytest.approx(max(light)[1], abs=0.08)


def test_a_silent_film_is_remade(tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "a.mp4", seconds=1, sound=[]), tmp_path / "job")
    _, told = remade(job)
    assert told["differences"]["sound"] is None


def test_other_peoples_faces_need_a_model(film: Path, tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as fault:
        KIND.plan(job_of(film, tmp_path, "SwapFace", srcFaces=["http://a/b.jpg"]))
    assert fault.value.code == "InvalidInput.ConfigurationUnsupported"
