"""Erasure of real files through both doors; what comes out is decoded and looked at again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from openvod.core.errors import TaskFault
from openvod.core.settings import Settings
from openvod.engines.erase import painter, result
from openvod.engines.faces import FaceFinder
from openvod.engines.ocr import Ocr
from openvod.engines.onnx_graph import Graph
from openvod.engines.screen_text import find
from openvod.media import captions
from openvod.media.frames import planes
from openvod.media.probe import probe
from openvod.tasks import Job, Outcome, kind_of
from openvod.tasks.smart_erase import wanted
from tests import clips
from tests.engines.test_marks_find import laid, logo, moving
from tests.engines.test_plates import network
from tests.subtitled import Burned, altered, draw, film, ground

SUBTITLE = {"SubtitleEraseMethod": "auto", "SubtitleModel": "standard", "OcrSwitch": "OFF"}
SMALL = (320, 180)
LINE = Burned("The river was wide", 12, 36, y=166)
FACES = {"PrivacyModel": "blur", "PrivacyTargets": ["face"]}
LUMA = np.array([0.299, 0.587, 0.114])


@pytest.fixture(scope="module")
def models() -> Path:
    return Settings.read().model_folder()


@pytest.fixture(scope="module")
def burned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film(tmp_path_factory.mktemp("film") / "burned.mp4", [LINE], 48, SMALL)


def job_of(source: Path, folder: Path, options: dict[str, Any], models: Path = Path("none")) -> Job:
    facts = probe({"source": str(source)}, lambda done: None)
    folder.mkdir(exist_ok=True)
    return Job(source, facts, options, folder, models, {}, lambda done: None)


def outcome_of(job: Job, kind: str = "SmartErase") -> Outcome:
    made = kind_of(kind)
    assert made is not None
    segments = json.loads(json.dumps(made.plan(job)))
    results = [json.loads(json.dumps(made.run(job, segment))) for segment in segments]
    return made.join(job, results)


def subtitle(**config: Any) -> dict[str, Any]:
    return {"EraseType": "subtitle", "EraseSubtitleConfig": {**SUBTITLE, **config}}


def watermark(**config: Any) -> dict[str, Any]:
    auto = {"WatermarkEraseMethod": "auto", "WatermarkModel": "advanced"}
    return {"EraseType": "watermark", "EraseWatermarkConfig": {**auto, **config}}


def area(*edges: float, unit: int = 1) -> dict[str, Any]:
    names = ("LeftTopX", "LeftTopY", "RightBottomX", "RightBottomY")
    return {**dict(zip(names, edges, strict=True)), "Unit": unit}


def lumas(path: Path) -> Iterator[NDArray[np.int16]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            turned = np.rot90(frame.to_ndarray(format="gray"), round(frame.rotation / 90) % 4)
            yield turned.astype(np.int16)


def colours(path: Path) -> Iterator[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24").astype(np.uint8)


def video_of(job: Job, outcome: Outcome) -> Path:
    name = next(file.name for file in outcome.files if file.file_type.endswith(".Video"))
    return job.folder / name


@pytest.mark.needs("models")
def test_subtitles_go_and_nothing_else_changes(burned: Path, models: Path, tmp_path: Path) -> None:
    job = job_of(
        burned, tmp_path / "job", subtitle(OcrSwitch="ON", TransSwitch="ON", TransDstLang="hi"), models
    )
    outcome = outcome_of(job)
    target = video_of(job, outcome)
    before, after = list(lumas(burned)), list(lumas(target))
    assert len(before) == len(after) == 48
    hidden = altered(LINE, 30, SMALL)
    clean = ground(30, SMALL) @ LUMA
    assert np.abs(after[30] - clean)[hidden].mean() < 0.25 * np.abs(before[30] - clean)[hidden].mean()
    far = np.abs(after[30] - before[30])[:120]
    assert far.mean() < 2
    ocr = Ocr(models)
    assert not [text for text in find(planes(target), ocr) if text.kind == "caption"]
    with av.open(str(job.folder / "still.jpg")) as still:
        assert next(still.decode(video=0)).width == 2 * 320
    kinds = {file.file_type for file in outcome.files}
    assert kinds == {f"SmartErase.{each}" for each in ("Video", "OriginSubtitle", "Still", "Account")}
    assert outcome.output["FileId"] == {"$file_id": target.name}
    assert outcome.output["SubtitlePos"]["CenterY"] == pytest.approx(161, abs=8)
    cues = captions.parse((job.folder / "origin.vtt").read_bytes()).cues
    assert [cue.lines for cue in cues] == [("The river was wide",)]
    assert cues[0].start == pytest.approx(12 / 25, abs=0.05)
    assert outcome.notice is not None
    assert "OPENVOD_CHAT_URL" in outcome.notice.en
    assert "擦除已完成" in outcome.notice.zh
    assert "0 of 1 erased texts can still be read" in " ".join(outcome.warnings)
    account = json.loads((job.folder / "account.json").read_text())
    (told,) = account["Erased"]
    assert (told["What"], told["Text"]) == ("caption", "The river was wide")
    assert told["BeginMs"] == pytest.approx(12 * 40, abs=40)
    assert told["EndMs"] == pytest.approx(37 * 40, abs=40)
    (place,) = told["Areas"]
    assert place["LeftTopY"] < 161 < place["RightBottomY"]
    quality = account["Quality"]
    assert (quality["Texts"], quality["TextsLeft"]) == (1, 0)
    assert quality["CheckPixels"] > 1000
    assert quality["CheckPsnr"] > 25
    assert 0 <= quality["Flicker"] < 5


@pytest.mark.needs("models")
def test_a_film_without_subtitles_stays_as_it_is(models: Path, tmp_path: Path) -> None:
    source = film(tmp_path / "clean.mp4", [], 24, SMALL)
    job = job_of(source, tmp_path / "job", subtitle(), models)
    outcome = outcome_of(job)
    assert video_of(job, outcome).read_bytes() == source.read_bytes()
    assert [file.file_type for file in outcome.files] == ["SmartErase.Video"]


@pytest.mark.parametrize("rotation, unit", [(0, 2), (90, 1)])
def test_custom_areas_are_of_the_picture_as_it_is_shown(rotation: int, unit: int, tmp_path: Path) -> None:
    source = clips.video(tmp_path / "v.mp4", seconds=1.2, size=(320, 240), rotation=rotation, crf="12")
    wide, high = (320, 240) if rotation == 0 else (240, 320)
    edges = (0.2, 0.2, 0.7, 0.45)
    scaled = edges if unit == 1 else (edges[0] * wide, edges[1] * high, edges[2] * wide, edges[3] * high)
    spans = [{"BeginMs": 400, "EndMs": 800, "Areas": [area(*scaled, unit=unit)]}]
    options = watermark(WatermarkEraseMethod="custom", WatermarkModel="basic", CustomAreas=spans)
    job = job_of(source, tmp_path / "job", options)
    after = list(lumas(video_of(job, outcome_of(job))))
    before = list(lumas(source))
    assert len(after) == len(before) == 30
    changed = np.zeros((high, wide), bool)
    for index in range(10, 20):
        changed |= np.abs(after[index] - before[index]) > 24
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert rows[0] >= 0.2 * high - 4
    assert rows[-1] <= 0.45 * high + 4
    assert columns[0] >= 0.2 * wide - 4
    assert columns[-1] <= 0.7 * wide + 4
    for index in (5, 25):
        assert np.abs(after[index] - before[index]).max() <= 24
    (told,) = json.loads((job.folder / "account.json").read_text())["Erased"]
    assert (told["What"], told["BeginMs"], told["EndMs"]) == ("area", 400, 800)


@pytest.mark.needs("models")
def test_of_a_text_in_a_custom_area_the_strokes_go(burned: Path, models: Path, tmp_path: Path) -> None:
    """And of an area without one all of it; what a text is outside of the areas stays."""
    spans = [
        {"BeginMs": 0, "EndMs": 1000, "Areas": [area(0.05, 0.8, 0.95, 0.98)]},
        {"BeginMs": 800, "EndMs": 1200, "Areas": [area(40, 40, 80, 64, unit=2)]},
    ]
    options = subtitle(SubtitleEraseMethod="custom", CustomAreas=spans)
    job = job_of(burned, tmp_path / "job", options, models)
    outcome_of(job)
    told = json.loads((job.folder / "account.json").read_text())["Erased"]
    found = [(each["What"], each.get("Text", ""), each["BeginMs"], each["EndMs"]) for each in told]
    assert found == [("caption", "The river was wide", 480, 1000), ("area", "", 800, 1200)]


def test_what_a_fancy_text_covers_goes_whole() -> None:
    """`area` needs no look at the text, and no model."""
    spans = [{"BeginMs": 0, "EndMs": 0, "Areas": [area(0.1, 0.8, 0.9, 0.95)]}]
    custom = {"SubtitleEraseMethod": "custom", "CustomAreas": spans}
    assert wanted(subtitle(SubtitleModel="standard", **custom)).reads
    assert not wanted(subtitle(SubtitleModel="area", **custom)).reads


def test_what_nothing_shows_is_painted_by_a_model_of_ones_own(tmp_path: Path) -> None:
    """One that paints in dark grey: nothing else could."""
    graph = Graph()
    picture = graph.input("image", "float32", [1, 3, "h", "w"])
    mask = graph.input("mask", "float32", [1, 1, "h", "w"])
    one, grey = (graph.constant(np.array([level], np.float32)) for level in (1, 0.1))
    (keep,) = graph.node("Sub", [one, mask])
    (kept,) = graph.node("Mul", [picture, keep])
    (new,) = graph.node("Mul", [mask, grey])
    graph.node("Add", [kept, new], ["painted"])
    graph.output("painted", "float32", [1, 3, "h", "w"])
    place = tmp_path / "models" / painter.FOLDER / painter.FILE
    place.parent.mkdir(parents=True)
    place.write_bytes(graph.model())
    bright = [np.full((96, 128, 3), 200, np.uint8)] * 12
    source = clips.video(
        tmp_path / "v.mp4", pictures=bright, times=[i / 25 for i in range(12)], sound=[], crf="12"
    )
    spans = [{"BeginMs": 0, "EndMs": 0, "Areas": [area(40, 30, 80, 60, unit=2)]}]
    options = watermark(WatermarkEraseMethod="custom", CustomAreas=spans)
    job = job_of(source, tmp_path / "job", options, tmp_path / "models")
    after = list(lumas(video_of(job, outcome_of(job))))[6]
    assert after[36:54, 48:72].mean() < 60
    assert abs(after[:20].mean() - 200) < 8
    place.write_bytes(b"no model")
    with pytest.raises(TaskFault) as fault:
        painter.load(painter.path(tmp_path / "models"))
    assert fault.value.key == "InvalidInput.ConfigurationUnsupported/model-form"


@pytest.mark.parametrize(
    "options, model",
    [
        (subtitle(), "pp-ocr-v6-small"),
        (watermark(), "pp-ocr-v6-small"),
        ({"EraseType": "privacy", "ErasePrivacyConfig": FACES}, "centerface"),
    ],
)
def test_a_missing_model_is_named(options: dict[str, Any], model: str, tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "v.mp4", seconds=0.2), tmp_path / "job", options)
    with pytest.raises(TaskFault) as fault:
        outcome_of(job)
    assert fault.value.code == "InvalidInput.ConfigurationUnsupported"
    assert f"openvod models pull {model}" in fault.value.en
    assert f"openvod models pull {model}" in fault.value.zh


def shown(index: int, mark: str) -> NDArray[np.uint8]:
    """A frame of a fast pan, ten a second, with a watermark."""
    picture = ground(index, SMALL, speed=23)
    if mark == "opaque":
        picture[12:36, 270:306] = (240, 240, 240)
        picture[18:30, 276:300] = (20, 20, 20)
    if mark == "tiled":
        for y in range(6, 180, 44):
            for x in range(8 + (y % 3) * 9, 300, 64):
                part = picture[y : y + 14, x : x + 30]
                stroke = np.zeros(part.shape[:2], bool)
                stroke[4:10, 4:26] = stroke[:14, 12:16] = True
                part[stroke[: len(part)]] = (0.55 * part[stroke[: len(part)]] + 0.45 * 255).astype(np.uint8)
    return picture


@pytest.mark.needs("models")
@pytest.mark.parametrize("mark, model", [("opaque", "advanced"), ("tiled", "basic")])
def test_watermarks_are_found_by_staying(mark: str, model: str, models: Path, tmp_path: Path) -> None:
    caption = Burned("No watermark", 8, 24, y=166)
    clean = ground(20, SMALL, speed=23) @ LUMA
    pictures = [draw(shown(index, mark), caption, index) for index in range(40)]
    source = clips.video(
        tmp_path / "v.mp4", pictures=pictures, times=[i / 10 for i in range(40)], sound=[], crf="16", fps=10
    )
    job = job_of(source, tmp_path / "job", watermark(WatermarkModel=model), models)
    after = list(lumas(video_of(job, outcome_of(job))))
    seen = shown(20, mark) @ LUMA
    marked = np.abs(seen - clean) > 4
    assert np.abs(after[20] - clean)[marked].mean() < 0.5 * np.abs(seen - clean)[marked].mean()
    near = cv2.dilate(marked.astype(np.uint8), np.ones((9, 9))) > 0
    written = altered(caption, 20, SMALL) & ~near
    assert np.abs(after[20] - pictures[20] @ LUMA)[written].mean() < 8


@pytest.mark.needs("models")
def test_a_watermark_that_jumps_goes_from_each_of_its_places(models: Path, tmp_path: Path) -> None:
    clean, turn = moving(120), 40
    pictures = clean.copy()
    for number, corner in enumerate(((8, 230), (140, 12), (8, 12))):
        part = slice(number * turn, (number + 1) * turn)
        pictures[part] = laid(clean[part], logo(*corner), 0.8)
    grey = [np.repeat(np.clip(each, 0, 255).astype(np.uint8)[..., None], 3, 2) for each in pictures]
    source = clips.video(
        tmp_path / "v.mp4", pictures=grey, times=[i / 10 for i in range(120)], sound=[], crf="14", fps=10
    )
    job = job_of(source, tmp_path / "job", watermark(), models)
    after = list(lumas(video_of(job, outcome_of(job))))
    for index in (2, 20, 37, 43, 60, 77, 83, 100, 117):
        marked = np.abs(pictures[index] - clean[index]) > 4
        assert np.abs(after[index] - clean[index])[marked].mean() < 8
    told = json.loads((job.folder / "account.json").read_text())["Erased"]
    assert [each["What"] for each in told] == ["mark"] * 3


@pytest.mark.needs("models")
def test_faces_and_plates_are_hidden(models: Path, tmp_path: Path) -> None:
    """A portrait that moves, and a plate that is seen by a network made here; what is around them stays."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "centerface").symlink_to(models / "centerface")
    seen = np.zeros((1, 5, 40))
    seen[0, :, 3] = [380 / 1.5, 220 / 1.5, 100 / 1.5, 40 / 1.5, 0.9]
    network(folder, seen, [1, 3, 320, 320])
    portrait = models / "pictures-scikit-image" / "astronaut.png"
    if not portrait.is_file():
        pytest.skip("pictures-scikit-image is not installed; run `openvod models pull --clips`")
    with av.open(str(portrait)) as container:
        face = next(container.decode(video=0)).to_ndarray(format="rgb24")
    face = cv2.resize(face[0:300, 80:380], (150, 150), interpolation=cv2.INTER_AREA)
    pictures = []
    for index in range(12):
        picture = ground(index, (480, 270))
        picture[40:190, 60 + 4 * index : 210 + 4 * index] = face
        picture[200:240, 330:430:6] = 0
        pictures.append(picture)
    source = clips.video(
        tmp_path / "v.mp4", pictures=pictures, times=[i / 25 for i in range(12)], sound=[], crf="14"
    )
    options = {
        "EraseType": "privacy",
        "ErasePrivacyConfig": {"PrivacyModel": "mosaic", "PrivacyTargets": ["plate", "face"]},
    }
    job = job_of(source, tmp_path / "job", options, folder)
    outcome = outcome_of(job)
    told = json.loads((job.folder / "account.json").read_text())["Erased"]
    assert {each["What"] for each in told} == {"face", "plate"}
    finder = FaceFinder(models)
    for index, after in enumerate(colours(video_of(job, outcome))):
        assert finder.find(np.ascontiguousarray(after[..., ::-1]), (480, 288), 0.3) == []
        plate, before = (p[205:235, 340:420].astype(np.float32) for p in (after, pictures[index]))
        assert plate.mean(2).std(1).mean() < 0.25 * before.mean(2).std(1).mean()
        assert np.abs(after[:30].astype(int) - pictures[index][:30]).mean() < 4
    assert {file.file_type for file in outcome.files} == {
        f"SmartErase.{e}" for e in ("Video", "Still", "Account")
    }


def test_sound_alone_has_no_picture_to_erase_from(tmp_path: Path) -> None:
    job = job_of(clips.audio(tmp_path / "a.wav"), tmp_path / "job", subtitle())
    with pytest.raises(TaskFault) as fault:
        outcome_of(job)
    assert fault.value.code == "SourceFileError.NoVideoMedia"


def delogo(**given: Any) -> dict[str, Any]:
    return {"Definition": 25, "ExtendedParameter": json.dumps({"delogo": given})}


@pytest.mark.parametrize(
    "given, code",
    [
        ({"CustomerAppId": "audio_clone_asr"}, "InvalidInput.ConfigurationUnsupported"),
        ({"custom_objs": []}, "InvalidInput"),
        ({"custom_objs": {"time_objs": [{"objs": [{"rect": {"lt_x": "a"}}]}]}}, "InvalidInput"),
        ({"subtitle_param": {"subtitle_fmt": "ass"}}, "InvalidInput.ConfigurationUnsupported"),
    ],
)
def test_what_the_older_door_does_not_understand_fails(given: Any, code: str, tmp_path: Path) -> None:
    job = job_of(clips.video(tmp_path / "v.mp4"), tmp_path / "job", delogo(**given))
    with pytest.raises(TaskFault) as fault:
        outcome_of(job, "AiAnalysis.DeLogo")
    assert fault.value.code == code


def test_the_older_door_takes_areas_and_a_name(tmp_path: Path) -> None:
    source = clips.video(tmp_path / "v.mp4", seconds=1, size=(320, 240), crf="12")
    rect = {"lt_x": 40, "lt_y": 60, "rb_x": 0.75, "rb_y": 0.5}
    given = {
        "output_patten": "{task_type}-own/../{session_id}",
        "custom_objs": {"type": 0, "time_objs": [{"objs": [{"type": 1, "score": 100, "rect": rect}]}]},
    }
    job = job_of(source, tmp_path / "job", delogo(**given))
    outcome = outcome_of(job, "AiAnalysis.DeLogo")
    video = next(file for file in outcome.files if file.file_type == "AiAnalysis.DeLogo.Video")
    assert video.title.startswith("delogo-own..")
    assert video.title.endswith(".mp4")
    before, after = list(lumas(source)), list(lumas(job.folder / video.name))
    moved = np.abs(after[20] - before[20])
    assert moved[60:120, 40:240].max() > 24
    assert moved[140:].max() <= 24


@pytest.mark.needs("models")
def test_the_older_door_reads_subtitles_only(burned: Path, models: Path, tmp_path: Path) -> None:
    given = {"CustomerAppId": "subtitle_extract_v1", "subtitle_param": {"subtitle_fmt": "srt"}}
    job = job_of(burned, tmp_path / "job", delogo(**given), models)
    outcome = outcome_of(job, "AiAnalysis.DeLogo")
    assert [file.file_type for file in outcome.files] == ["AiAnalysis.DeLogo.OriginSubtitle"]
    assert b"The river was wide" in (job.folder / "origin.srt").read_bytes()
    assert outcome.output["FileId"] == ""


@pytest.mark.needs("models")
def test_deep_colour_and_full_chroma_keep_their_form(models: Path, tmp_path: Path) -> None:
    line = Burned("Deep colours", 10, 34, y=166)
    pictures = [draw(ground(index, SMALL), line, index) for index in range(45)]
    times = [index / 25 for index in range(45)]
    source = clips.video(
        tmp_path / "v.mp4", pictures=pictures, times=times, sound=[], pixels="yuv422p10le", crf="16"
    )
    job = job_of(source, tmp_path / "job", subtitle(SubtitleModel="area"), models)
    target = video_of(job, outcome_of(job))
    with av.open(str(target)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv422p10le"
    before, after = list(lumas(source)), list(lumas(target))
    hidden, clean = altered(line, 20, SMALL), ground(20, SMALL) @ LUMA
    assert np.abs(after[20] - clean)[hidden].mean() < 0.3 * np.abs(before[20] - clean)[hidden].mean()


@pytest.mark.parametrize(
    "text, language, said",
    [
        ("他ロ渴了", True, "他口渴了"),
        ("他ロ渴了", False, "他ロ渴了"),
        ("エロが好きカ", True, "エロが好きカ"),
        ("Nobody knew", True, "Nobody knew"),
    ],
)
def test_signs_that_look_alike_are_read_in_the_language(
    text: str, language: bool, said: str, tmp_path: Path
) -> None:
    lines = [(0.0, 1.0, text, 0.9), (1.0, 1.2, "gone", 0.9)]
    name = result.subtitle_file(tmp_path, lines, result.Subtitles("srt", language, shortest=0.5))
    cues = captions.parse((tmp_path / name).read_bytes()).cues
    assert [cue.lines for cue in cues] == [(said,)]
