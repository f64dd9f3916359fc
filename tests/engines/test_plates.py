"""Plates are told by text and shape, or by a network of the user's own."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from openvod.core.errors import TaskFault
from openvod.engines import ocr, plate_network, plate_patterns, plates, plates_spots
from openvod.engines.onnx_graph import Graph
from openvod.engines.plates_seek import NetworkSeeker, PlateSeeker
from openvod.engines.tracks_view import view


@pytest.mark.parametrize(
    "text, least",
    [
        ("京A·12345", 1.0),
        ("沪AD12345", 1.0),
        ("粤B 6F8H2", 1.0),
        ("AB12 CDE", 0.7),
        ("5AU 5341", 0.7),
        ("AA-123-BB", 0.7),
        ("M KL 4823", 0.7),
        ("7XKR305", 0.4),
        ("K1X9Z2", 0.4),
    ],
)
def test_texts_of_plates(text: str, least: float) -> None:
    assert plate_patterns.score(text) >= least


@pytest.mark.parametrize(
    "text",
    [
        "HELLO",
        "12345678",
        "12:30",
        "1080P",
        "FULL HD 1080",
        "ab12 cde",
        "iPhone 15",
        "MP4",
        "",
        "BREAKING NEWS 24",
        "2024",
    ],
)
def test_texts_of_other_things(text: str) -> None:
    assert plate_patterns.score(text) == 0


def scene(text: str = "AB12 CDE", at: tuple[int, int] = (180, 200), framed: bool = True) -> np.ndarray:
    rng = np.random.default_rng(5)
    picture = cv2.resize(
        rng.integers(60, 130, (20, 36, 3)).astype(np.uint8), (640, 352), interpolation=cv2.INTER_CUBIC
    )
    x, y = at
    if framed:
        cv2.rectangle(picture, (x, y), (x + 156, y + 34), (235, 240, 240), -1)
    cv2.putText(picture, text, (x + 9, y + 26), cv2.FONT_HERSHEY_DUPLEX, 0.82, (20, 20, 20), 2, cv2.LINE_AA)
    return picture


class Reads:
    """A reader that is told what there is."""

    def __init__(self, line: ocr.Box, text: str) -> None:
        self.line, self.text = line, text

    def detect(self, picture: np.ndarray, size: tuple[int, int]) -> list[tuple[ocr.Box, float]]:
        return [(self.line, 0.9)]

    def read(self, line: np.ndarray) -> ocr.Read:
        return ocr.Read(self.text, 0.95)


LINE = ocr.Box(187, 206, 330, 229)


def test_a_plate_reaches_to_its_own_edge() -> None:
    found = plates.judge(Reads(LINE, "AB12 CDE"), scene(), LINE)
    assert found is not None
    assert found.box == pytest.approx((180, 200, 337, 235), abs=3)
    bare = plates.judge(Reads(LINE, "AB12 CDE"), scene(framed=False), LINE)
    assert bare is not None
    assert bare.score < found.score


def test_other_lines_are_no_plates() -> None:
    assert plates.judge(Reads(LINE, "EXIT ONLY"), scene("EXIT ONLY"), LINE) is None
    assert plates.judge(Reads(LINE, "AB12 CDE"), scene(), ocr.Box(0, 0, 600, 20)) is None
    assert plates.judge(Reads(LINE, "AB12 CDE"), scene(), ocr.Box(0, 0, 20, 5)) is None


def planes(picture: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    height, width = picture.shape[:2]
    flat = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, cb, cr = np.split(flat, (height * width, height * width * 5 // 4))
    half = (height // 2, width // 2)
    return luma.reshape(height, width), (cb.reshape(half), cr.reshape(half))


@pytest.mark.needs("models")
def test_a_plate_is_found_read_and_found_again(models: Path) -> None:
    seeker = PlateSeeker.load(models)
    (found,) = seeker.seek(view(0, *planes(scene())), thorough=True)
    assert found.box == pytest.approx((180, 200, 337, 235), abs=9)
    assert seeker.sure([found.score])
    again = seeker.near(view(1, *planes(scene(at=(190, 204)))), found.box)
    assert again is not None
    assert again.box == pytest.approx((190, 204, 347, 239), abs=9)
    assert seeker.seek(view(2, *planes(scene("EXIT ONLY"))), thorough=True) == []


def street(text: str = "5AU 5341", at: tuple[int, int] = (700, 300)) -> np.ndarray:
    """A large picture full of upright edges at its foot, with a plate 18 pixels high somewhere above."""
    rng = np.random.default_rng(7)
    picture = cv2.resize(rng.integers(60, 130, (20, 36, 3)).astype(np.uint8), (1280, 704))
    grass = cv2.resize(rng.integers(0, 255, (4, 300)).astype(np.uint8), (1280, 150))
    picture[554:] = cv2.merge([grass // 4, grass, grass // 2])
    plate = np.full((54, 258, 3), 235, np.uint8)
    cv2.putText(plate, text, (12, 42), cv2.FONT_HERSHEY_DUPLEX, 1.45, (20, 20, 20), 3, cv2.LINE_AA)
    x, y = at
    picture[y : y + 18, x : x + 86] = cv2.resize(plate, (86, 18), interpolation=cv2.INTER_AREA)
    return picture


@pytest.mark.parametrize("at", [(700, 300), (2, 40), (1190, 4), (600, 500)])
def test_a_small_plate_is_the_likeliest_spot(at: tuple[int, int]) -> None:
    luma, _ = planes(street(at=at))
    spots = plates_spots.spots(luma, 6)
    assert 1 < len(spots) <= 6
    assert at[0] <= spots[0].x <= at[0] + 86
    assert at[1] <= spots[0].y <= at[1] + 18
    assert spots == sorted(spots, key=lambda each: -each.score)


@pytest.mark.parametrize("shape", [(8, 8), (4, 400), (400, 4), (27, 48)])
def test_a_picture_too_small_for_plates_has_no_spot(shape: tuple[int, int]) -> None:
    assert plates_spots.spots(np.zeros(shape, np.uint8), 6) == []


def test_what_is_found_in_a_cutting_is_told_in_the_picture() -> None:
    picture = street(at=(2, 40))
    cutting = plates_spots.cutting(picture, plates_spots.Spot(45, 49, 10, 50))
    assert cutting.picture.shape == (*plates_spots.TILE[::-1], 3)
    middle = plates_spots.TILE[0] / 2, plates_spots.TILE[1] / 2
    box = cutting.back((middle[0] - 6, middle[1] - 6, middle[0] + 6, middle[1] + 6))
    assert box == pytest.approx((40, 44, 50, 54))


@pytest.mark.needs("models")
def test_a_plate_too_small_for_the_whole_picture_is_found_close_by(models: Path) -> None:
    seeker = PlateSeeker.load(models)
    picture = street()
    (found,) = seeker.seek(view(0, *planes(picture)), thorough=True)
    assert found.box == pytest.approx((700, 300, 786, 318), abs=12)
    again = seeker.near(view(1, *planes(street(at=(704, 303)))), found.box)
    assert again is not None
    assert again.box == pytest.approx((704, 303, 790, 321), abs=12)
    nothing = street(at=(700, 300), text="")
    assert seeker.seek(view(2, *planes(nothing)), thorough=True) == []


def network(folder: Path, answer: np.ndarray, shape: list[int | str]) -> Path:
    """A tiny graph that always answers the same, having looked at its input."""
    graph = Graph()
    x = graph.input("images", "float32", shape)
    (mean,) = graph.node("ReduceMean", [x], keepdims=0)
    (nothing,) = graph.node("Mul", [mean, graph.constant(np.array(0, np.float32))])
    graph.node("Add", [graph.constant(answer.astype(np.float32)), nothing], ["output0"])
    graph.output("output0", "float32", list(answer.shape))
    path = folder / plate_network.FOLDER / plate_network.FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(graph.model())
    return path


ROW = (160.0, 96.0, 64.0, 16.0)
"""Middle and size in a network's picture of 320 by 320, which is half as large as the scene."""


def v8() -> np.ndarray:
    rows = np.zeros((1, 5, 40))
    rows[0, :, 3] = [*ROW, 0.8]
    rows[0, :, 4] = [*ROW, 0.6]
    return rows


def v5() -> np.ndarray:
    rows = np.zeros((1, 1200, 7))
    rows[0, 3] = [*ROW, 0.9, 0.1, 0.88]
    return rows


def final() -> np.ndarray:
    rows = np.zeros((1, 300, 6))
    rows[0, 0] = [128, 88, 192, 104, 0.8, 0]
    return rows


@pytest.mark.parametrize("answer", [v8(), v5(), final()], ids=["v8", "v5", "v10"])
def test_a_network_from_the_model_folder_finds_plates(tmp_path: Path, answer: np.ndarray) -> None:
    network(tmp_path, answer, [1, 3, 320, 320])
    seeker = PlateSeeker.load(tmp_path)
    assert isinstance(seeker, NetworkSeeker)
    (found,) = seeker.seek(view(0, *planes(scene())), thorough=True)
    assert found.box == pytest.approx((256, 176, 384, 208))
    assert found.score == pytest.approx(0.8, abs=0.01)
    assert seeker.sure([found.score])


@pytest.mark.parametrize("shape", [[1, 1, 64, 64], [1, 3]])
def test_a_network_of_another_form_is_refused(tmp_path: Path, shape: list[int | str]) -> None:
    path = network(tmp_path, final(), shape)
    with pytest.raises(TaskFault) as caught:
        plate_network.PlateNetwork(path)
    assert caught.value.code == "InvalidInput.ConfigurationUnsupported"


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(TaskFault):
        plate_network.PlateNetwork(tmp_path / "model.onnx")


def test_an_answer_of_another_form_is_refused(tmp_path: Path) -> None:
    seen = plate_network.PlateNetwork(network(tmp_path, np.zeros((1, 3)), [1, 3, "h", "w"]))
    with pytest.raises(TaskFault):
        seen.find(scene(), 0.3)
    assert onnxruntime.__version__
