"""A film in another shape through plan, run and join: what is in it, and that all else is as it was."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.asking import nobody
from openvod.core.errors import TaskFault
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome
from openvod.tasks.horizontal_to_vertical import KIND
from tests import clips

NOWHERE = Path("no-such-folder")


def job_of(source: Path, **htv: Any) -> Job:
    facts = probe({"source": str(source)}, lambda _: None)
    folder = source.parent / "job"
    folder.mkdir(exist_ok=True)
    options = {"Definition": 28, "ExtendedParameter": json.dumps({"htv": htv})}
    return Job(source, facts, options, folder, NOWHERE, {}, lambda _: None, nobody, "abc")


def outcome_of(job: Job) -> Outcome:
    return KIND.join(job, [json.loads(json.dumps(KIND.run(job, segment))) for segment in KIND.plan(job)])


def account(job: Job, outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((job.folder / outcome.files[1].name).read_text("utf-8"))
    return found


def pictures(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray8")


def times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [frame.time or 0.0 for frame in container.decode(video=0)]


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


def two_places(seconds: float = 2.0) -> list[NDArray[np.uint8]]:
    """Two shots: in the first a bright patch jitters far left, in the second far right."""
    made = []
    count = round(seconds * 25)
    for index in range(count):
        picture = np.full((180, 320, 3), 60, np.uint8)
        if index >= count // 2:
            picture[...] = (20, 90, 110)
        x = (12 if index < count // 2 else 270) + 6 * (index % 3)
        picture[70:110, x : x + 30] = 230
        made.append(picture)
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.video(
        tmp_path_factory.mktemp("htv") / "film.mp4", pictures=two_places(), seconds=2, sound=[clips.sine(2)]
    )


def test_it_is_upright_and_jumps_with_the_cut(film: Path) -> None:
    job = job_of(film, Ratio="9:16")
    outcome = outcome_of(job)
    made = [*pictures(job.folder / "reframed.mp4")]
    assert {picture.shape for picture in made} == {(180, 100)}
    assert len(made) == 50
    # The patch is in every frame: the window is left before the cut and right from it on, and never on its way.
    assert all((picture > 200).sum() > 600 for picture in made)
    told = account(job, outcome)
    assert [shot["layout"] for shot in told["shots"]] == ["window", "window"]
    assert [len(shot["path"]) for shot in told["shots"]] == [1, 1]
    assert told["shots"][0]["path"][0][1] < 0.1
    assert told["shots"][1]["path"][0][1] > 0.5
    assert outcome.output["Confidence"] == told["confidence"] <= 50  # nobody's face was seen
    assert outcome.notice is not None
    assert "openvod models pull centerface" in outcome.notice.en
    assert outcome.files[0].title.startswith("htv-")
    assert outcome.files[0].file_type == "AiAnalysis.HorizontalToVerticalTask.Video"


def test_sound_is_copied(film: Path) -> None:
    job = job_of(film)
    outcome_of(job)
    assert packets(job.folder / "reframed.mp4") == packets(film)


def test_times_are_kept_as_they_are(tmp_path: Path) -> None:
    uneven = [index / 25 + (index % 3) / 90 for index in range(40)]
    source = clips.video(tmp_path / "a.mp4", times=uneven, size=(320, 180))
    job = job_of(source)
    outcome_of(job)
    assert times(job.folder / "reframed.mp4") == pytest.approx(times(source), abs=1e-4)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_is_applied(tmp_path: Path, rotation: int) -> None:
    """A bright corner is where a player shows it."""
    picture = np.full((180, 320, 3), 40, np.uint8)
    picture[:90, :160] = 220
    source = clips.video(tmp_path / "a.mp4", pictures=[picture] * 10, seconds=0.4, rotation=rotation)
    job = job_of(source, AlgorithmType=5, Ratio="1:1", BlurWeight=0)
    outcome_of(job)
    made = next(pictures(job.folder / "reframed.mp4"))
    bright = {90: (0.4, 0.6), 180: (0.6, 0.6), 270: (0.6, 0.4)}[rotation]
    assert made.shape == (180, 180)
    rows, columns = np.nonzero(made > 180)
    assert (rows.mean() / 180 > 0.5, columns.mean() / 180 > 0.5) == tuple(v > 0.5 for v in bright)


def test_an_upright_film_becomes_wide(tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "a.mp4", size=(180, 320), seconds=0.4))
    told = account(job, outcome_of(job))
    assert told["size"] == [180, 100]


def test_bars_are_taken_off_first(tmp_path: Path) -> None:
    barred = []
    for index in range(25):
        picture = np.zeros((240, 320, 3), np.uint8)
        picture[30:210] = clips.pattern(index, (320, 180)) // 2 + 90
        barred.append(picture)
    job = job_of(clips.video(tmp_path / "a.mp4", pictures=barred, seconds=1), Ratio="9:16")
    told = account(job, outcome_of(job))
    assert told["size"][1] == pytest.approx(180, abs=4)
    assert next(pictures(job.folder / "reframed.mp4"))[[0, -1]].min() > 60


@pytest.mark.parametrize(
    "more",
    [{"size": (161, 121), "pixels": "yuv444p"}, {"pixels": "yuv422p10le"}, {"sample_aspect": Fraction(16, 11)},
     {"size": (16, 16)}, {"color_range": "pc", "pixels": "yuvj420p"}, {"times": [0.0]}],
    ids=["odd", "10 bits", "not square", "tiny", "full range", "one frame"],
)  # fmt: skip
@pytest.mark.parametrize("kind", [2, 5])
def test_every_form_of_picture(tmp_path: Path, more: dict[str, Any], kind: int) -> None:
    source = clips.video(tmp_path / "a.mp4", **{"seconds": 0.4, **more})
    job = job_of(source, AlgorithmType=kind, Ratio="9:16")
    outcome_of(job)
    made = job.folder / "reframed.mp4"
    with av.open(str(made)) as container:
        track = container.streams.video[0]
        assert (track.codec_context.name, track.codec_context.pix_fmt.replace("yuvj", "yuv")) == (
            "h264",
            "yuv420p",
        )
        assert track.width % 2 == track.height % 2 == 0
    assert len([*pictures(made)]) == len([*pictures(source)])


def test_a_file_that_breaks_off_ends_there(tmp_path: Path) -> None:
    whole = clips.video(tmp_path / "a.ts", seconds=2, size=(320, 180), g="10")
    source = clips.damaged(tmp_path / "b.ts", whole)
    job = job_of(source)
    outcome_of(job)
    assert len([*pictures(job.folder / "reframed.mp4")]) > 20


def test_what_has_no_picture_fails(tmp_path: Path) -> None:
    with pytest.raises(TaskFault) as fault:
        KIND.plan(job_of(clips.audio(tmp_path / "a.m4a")))
    assert fault.value.code == "SourceFileError.NoVideoMedia"


def test_faces_alone_need_their_model(film: Path) -> None:
    with pytest.raises(TaskFault) as fault:
        KIND.plan(job_of(film, AlgorithmType=3))
    assert fault.value.key == "InvalidInput.ConfigurationUnsupported/model"


def test_progress_rises_to_the_end(film: Path) -> None:
    told: list[float] = []
    job = replace(job_of(film), progress=told.append)
    KIND.join(job, [KIND.run(job, segment) for segment in KIND.plan(job)])
    assert max(told) > 0.9
    assert all(0 <= each <= 1 for each in told)
